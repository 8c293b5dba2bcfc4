"""The server is restored more than once before a laptop hears of it, or between two requests of one sync."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.client import Link
from sync.protocol import ScopeArea
from sync.server import admin, routes
from sync.server.restoring import restore
from tests.sync.ward import Laptop, Ward, agreed, calm
from tests.sync.wire import Ask, meanwhile, unreachable


def doors(laptop: Laptop, *addresses: str) -> list[str]:
    """New households, sent at once."""
    made = [laptop.create("household", address=address) for address in addresses]
    laptop.sync()
    return made


def addresses(ward: Ward) -> list[str]:
    """Every household the server has."""
    found = ward.all("SELECT body FROM record WHERE type = 'household' AND deleted = 0")
    return sorted(json.loads(body)["address"] for (body,) in found)


def told(laptop: Laptop) -> list[ScopeArea]:
    """The units as the laptop is told of them now."""
    return Link("http://server", laptop.device, laptop.token, transport=laptop.wire).scope().areas


def test_work_between_the_counters_of_two_restores_is_sent_again(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    early = ward.back_up("early")
    doors(lan, "1 Lê Lợi", "2 Lê Lợi", "3 Lê Lợi")
    ward.restore(early)
    doors(minh, "4 Lê Lợi", "5 Lê Lợi", "6 Lê Lợi", "7 Lê Lợi")  # lan does not sync here
    late = ward.back_up("late")
    ward.restore(late)
    done = lan.sync()
    assert (done.resent, done.applied, done.pending) == (3, 3, 0)
    calm(lan, minh)
    assert addresses(ward) == [f"{n} Lê Lợi" for n in range(1, 8)]
    agreed(ward, lan, minh)


def test_a_newer_backup_after_an_older_one_gives_back_what_was_made_between(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """The second restore goes back to a history in which the first had never happened."""
    early = ward.back_up("early")
    doors(lan, "1 Lê Lợi", "2 Lê Lợi", "3 Lê Lợi")
    late = ward.back_up("late")
    ward.restore(early)
    doors(minh, "4 Lê Lợi")
    ward.restore(late)
    done = minh.sync()
    assert (done.resent, done.applied) == (1, 1)
    calm(lan, minh)
    assert addresses(ward) == [f"{n} Lê Lợi" for n in range(1, 5)]
    agreed(ward, lan, minh)


def test_who_synced_between_two_restores_offers_no_more_than_the_second_lost(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """To minh the histories differ from the second restore on: what lan changed since the first is no question."""
    (door,) = doors(lan, "1 Lê Lợi")
    calm(minh)
    early = ward.back_up("early")
    doors(lan, "2 Lê Lợi")
    ward.restore(early)
    minh.change("household", door, note="một")
    calm(lan, minh)
    late = ward.back_up("late")
    minh.change("household", door, note="hai")
    calm(minh, lan)
    ward.restore(late)
    (counters,) = [set(area.shared.values()) for area in told(lan) if area.area == lan.area().area]
    assert len(counters) == 2, "both earlier histories are told, each with its own counter"
    calm(lan, minh)
    assert ward.server_body("household", door)["note"] == "hai"
    assert lan.all("SELECT count(*) FROM conflict") == [(0,)]
    agreed(ward, lan, minh)


def test_a_second_restore_while_an_area_is_read_anew_forgets_nothing_of_the_first(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    (door,) = doors(lan, "1 Lê Lợi")
    calm(minh)
    early = ward.back_up("early")
    minh.change("household", door, note="của Minh")
    calm(minh, lan)  # lan has it now; minh's disk will be lost with it
    ward.restore(early)
    hoa = ward.laptop("hoa")
    hoa.sync()
    hoa.change("household", door, note="của Hoa")
    hoa.sync()
    late = ward.back_up("late")

    def restored_first(ask: Ask) -> httpx.Response:
        ward.restore(late)
        return ask()

    lan.wire.then = [("/v1/pull", restored_first)]
    lan.sync()
    calm(lan, hoa)
    ((values,),) = lan.all('SELECT "values" FROM conflict')
    assert {value["value"] for value in json.loads(values)} == {"của Minh", "của Hoa"}


def test_histories_of_more_than_thirty_days_ago_are_told_no_more(ward: Ward, lan: Laptop) -> None:
    early = ward.back_up("early")
    doors(lan, "1 Lê Lợi")
    ward.restore(early)
    lan.sync()
    ward.clock.now += timedelta(days=31)
    ward.restore(ward.back_up("late"))
    assert [len(area.shared) for area in told(lan)] == [1, 1]


def test_another_server_s_histories_are_not_taken_over(ward: Ward, lan: Laptop, tmp_path: Path) -> None:
    file = ward.back_up("early")
    other = admin.init(tmp_path / "other", ward.clock())
    restore(other, file, now=ward.clock())
    with other.read() as tx:
        gens = {gen for (gen,) in tx.all("SELECT gen FROM area_head")}
    other.close()
    ward.restore(file)
    assert not gens & {gen for area in told(lan) for gen in area.shared}


def test_a_restore_between_scope_and_push_is_noticed_before_the_ops_are_judged(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """Minh's edit says that it had seen counter n. After the restore n is hoa's edit, which minh has not seen."""
    (door,) = doors(lan, "1 Lê Lợi")
    early = ward.back_up("early")
    calm(minh)
    lan.change("household", door, note="một")
    calm(lan, minh)
    hoa = ward.laptop("hoa")

    def restored() -> None:
        ward.restore(early)
        hoa.sync()
        hoa.change("household", door, phone="+84903000001")
        hoa.sync()

    with minh.store.work("minh") as work:
        work.delete("household", door, "nhập nhầm")
    minh.wire.then = [("/v1/scope", meanwhile(restored))]
    done = minh.sync()
    assert done.healed
    assert done.conflicts == 1, "hoa's edit met a deletion by somebody who could not know of it"
    assert ward.all("SELECT deleted FROM record WHERE id = :d", d=door) == [(0,)]
    calm(lan, minh, hoa)
    agreed(ward, lan, minh, hoa)


def test_a_push_under_way_while_the_server_is_restored_writes_nothing(
    ward: Ward, lan: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last moment: the history was looked at, the area's head not yet taken."""
    early = ward.back_up("early")
    real = routes.push

    def late(*given: Any) -> Any:
        monkeypatch.setattr(routes, "push", real)
        ward.restore(early)
        return real(*given)

    monkeypatch.setattr(routes, "push", late)
    lan.create("household", address="1 Lê Lợi")
    done = lan.sync()
    assert (done.applied, bool(done.healed)) == (1, True)
    assert addresses(ward) == ["1 Lê Lợi"]
    agreed(ward, lan)


def test_work_on_a_record_that_a_colleague_gave_back_in_its_new_unit_is_not_sent_to_the_old_one(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """Lan made it, edited it and moved it; minh, whose laptop knows it only in the new unit, is the first to sync."""
    early = ward.back_up("early")
    (door,) = doors(lan, "1 Lê Lợi")
    lan.change("household", door, address="1A Lê Lợi")
    with lan.store.work("lan") as work:
        work.move("household", door, lan.area("02"))
    lan.change("household", door, note="chó dữ")
    calm(lan, minh)
    ward.restore(early)
    minh.sync()
    done = lan.sync()
    assert (done.held, done.pending) == (0, 0), "the server has no trace of it in the old unit"
    assert lan.sync().pushed == 0, "nothing goes round and round"
    calm(minh, lan)
    assert ward.server_body("household", door) == {"address": "1A Lê Lợi", "note": "chó dữ"}
    agreed(ward, lan, minh)


def test_an_op_held_for_want_of_its_record_does_not_go_out_again_for_a_record_elsewhere(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    (door,) = doors(lan, "1 Lê Lợi")
    calm(minh)
    second = lan.area("02").area
    ward.do("UPDATE record SET area = :a, seq = 7 WHERE id = :d", a=second, d=door)  # no signpost is left
    ward.do("UPDATE area_head SET seq = 7 WHERE area = :a", a=second)
    ward.recount()
    minh.change("household", door, note="chó dữ")
    assert minh.sync().held == 1
    row = minh.row("household", door)
    assert row is not None
    assert row.area == second
    assert minh.sync().pushed == 0


@pytest.mark.parametrize("deletes", [False, True])
def test_a_value_that_met_another_is_not_replaced_by_it_when_both_are_given_back(
    ward: Ward, lan: Laptop, minh: Laptop, deletes: bool
) -> None:
    """Lan's change met minh's, but the row that lists both had not reached her when the server was restored."""
    place = lan.area()
    with lan.store.work("lan") as work:
        who = work.create("person", {"full_name": "Lê Thị Hằng", "household": "h1"}, place=place)
    calm(lan, minh)
    early = ward.back_up("early")
    minh.change("person", who, full_name="Lê Thị Hằng Nga")
    minh.sync()
    if deletes:
        lan.delete("person", who)
    else:
        lan.change("person", who, full_name="Lê Thị Hạnh")
    lan.wire.then = [("/v1/pull", unreachable)]
    assert lan.tried() is not None
    ward.restore(early)
    lan.sync()
    calm(lan, minh)
    ((field, state, values),) = lan.all('SELECT field, state, "values" FROM conflict')
    assert (field, state) == ("deleted" if deletes else "full_name", "open")
    both = {True, False} if deletes else {"Lê Thị Hạnh", "Lê Thị Hằng Nga"}
    assert {value["value"] for value in json.loads(values)} == both
    agreed(ward, lan, minh)


def test_work_still_to_be_sent_again_is_not_undone_by_a_row_that_came_before_it(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """Lan had read the record as it was without her change, which waits on top, when the server is restored again."""
    (door,) = doors(lan, "1 Lê Lợi")
    calm(minh)
    early = ward.back_up("early")
    lan.change("household", door, phone="+84903000001")
    lan.sync()
    ward.restore(early)
    minh.change("household", door, note="chó dữ")
    minh.sync()
    lan.wire.then = [("/v1/push", unreachable)]
    assert lan.tried() is not None
    ward.restore(early)
    lan.sync()
    body = {"address": "1 Lê Lợi", "phone": "+84903000001", "note": "chó dữ"}
    assert ward.server_body("household", door) == body
    calm(minh, lan)
    assert ward.server_body("household", door) == body
    agreed(ward, lan, minh)


def test_work_still_to_be_sent_again_is_not_replaced_by_what_somebody_wrote_who_had_not_seen_it(
    ward: Ward, lan: Laptop, minh: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same field: nobody has decided between the two, and lan alone gives both back (seed 8120814)."""
    (door,) = doors(lan, "1 Lê Lợi")
    calm(minh)
    early = ward.back_up("early")
    lan.change("household", door, address="12 Lê Lợi")
    lan.sync()
    ward.restore(early)
    minh.change("household", door, address="1/2 Lê Lợi")
    minh.sync()

    def killed(*_: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:  # when the new history was read, and before anything was given back
        patch.setattr("sync.client.healing.offers.offer", killed)
        with pytest.raises(KeyboardInterrupt):
            lan.sync()
    ward.restore(early)
    lan.sync()
    ((field, values),) = lan.all('SELECT field, "values" FROM conflict')
    assert field == "address"
    assert {value["value"] for value in json.loads(values)} == {"12 Lê Lợi", "1/2 Lê Lợi"}
    calm(minh, lan)
    agreed(ward, lan, minh)
