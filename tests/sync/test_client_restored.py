"""The server comes back from yesterday's backup: what was typed or received since then is still there, once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sync import outbox
from sync.client import NoLink
from sync.protocol import Row
from sync.server import grants
from tests.sync.ward import COMMUNE, Laptop, Ward, agreed, calm
from tests.sync.wire import cut, lost, unreachable
from tui_app.store.rows import RecordRows


def body(laptop: Laptop, ident: str, kind: str = "household") -> dict[str, Any]:
    row = laptop.row(kind, ident)
    assert row is not None
    return row.body


def conflicts(laptop: Laptop) -> list[tuple[Any, ...]]:
    """(record, field, state, values) of all conflict rows."""
    found = laptop.all('SELECT record, field, state, "values" FROM conflict ORDER BY record, field')
    return [
        (record, field, state, sorted((v["value"] for v in json.loads(values)), key=str))
        for record, field, state, values in found
    ]


def quiet(*laptops: Laptop) -> None:
    """No question was raised."""
    for laptop in laptops:
        assert conflicts(laptop) == []
        assert laptop.counts()["held"] == laptop.counts()["rejected"] == 0


# -- who made it comes back, or does not ------------------------------------------------------------------------


def a_day_of_work(ward: Ward, lan: Laptop, minh: Laptop) -> tuple[Path, dict[str, str]]:
    """Yesterday's records, the backup, then a day of lan's work that minh has received."""
    old = lan.create("household", address="1 Lê Lợi", note="cũ", phone="+84903000001")
    gone = lan.create("household", address="2 Lê Lợi", note="nhập nhầm")
    calm(lan, minh)
    backup = ward.back_up()
    new = lan.create("household", address="3 Lê Lợi")
    who = lan.create("person", full_name="Lê Thị Hằng", household=new, birth_year=1955)
    visit = lan.create("household_visit", household=old, at="2026-11-22T02:00:00.000Z", outcome="absent")
    lan.sync()
    lan.change("household", old, note="mới", phone=None)
    lan.change("person", who, birth_year=1956, sex="female")
    lan.delete("household", gone)
    brief = lan.create("household", address="4 Lê Lợi")
    lan.delete("household", brief)
    calm(lan, minh)
    return backup, {"old": old, "gone": gone, "new": new, "who": who, "visit": visit, "brief": brief}


def whole(laptop: Laptop, made: dict[str, str]) -> None:
    """The day's work is there."""
    assert body(laptop, made["old"]) == {"address": "1 Lê Lợi", "note": "mới"}
    assert body(laptop, made["new"]) == {"address": "3 Lê Lợi"}
    assert body(laptop, made["who"], "person") == {
        "full_name": "Lê Thị Hằng", "household": made["new"], "birth_year": 1956, "sex": "female",
    }  # fmt: skip
    assert body(laptop, made["visit"], "household_visit")["outcome"] == "absent"
    for name in ("gone", "brief"):
        row = laptop.row("household", made[name])
        assert row is not None
        assert (row.deleted, row.body["deleted_reason"]) == (True, "nhập nhầm")


def test_the_laptop_that_made_it_gives_it_back(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    backup, made = a_day_of_work(ward, lan, minh)
    ward.restore(backup)
    assert ("household", made["new"]) not in ward.server_rows()
    done = lan.sync()
    assert set(done.healed) == set(ward.areas)
    assert (done.resent, done.offered, done.pending, done.mismatched) == (8, 0, 0, ())
    minh.sync()
    agreed(ward, lan, minh)
    whole(lan, made)
    whole(minh, made)
    quiet(lan, minh)
    assert lan.sync().healed == ()


def test_a_laptop_that_only_received_it_gives_it_back(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    backup, made = a_day_of_work(ward, lan, minh)
    ward.restore(backup)
    done = minh.sync()
    assert (done.resent, done.pending, done.mismatched) == (0, 0, ())
    assert done.offered == 6  # three edited or deleted, two of them new; the visit; the brief one
    agreed(ward, minh)
    whole(minh, made)
    quiet(minh)
    with ward.database.read() as tx:
        names = {who for (who,) in tx.all("SELECT who FROM op WHERE record = :r", r=made["new"])}
    assert names == {"lan"}, "who typed it is still named"
    later = ward.laptop("tâm")
    later.sync()
    agreed(ward, minh, later)


@pytest.mark.parametrize("first", ["lan", "minh"])
def test_both_give_it_back_in_either_order(ward: Ward, lan: Laptop, minh: Laptop, first: str) -> None:
    backup, made = a_day_of_work(ward, lan, minh)
    ward.restore(backup)
    for laptop in (lan, minh) if first == "lan" else (minh, lan):
        assert laptop.sync().pending == 0
    calm(lan, minh)
    agreed(ward, lan, minh)
    whole(lan, made)
    quiet(lan, minh)


@pytest.mark.parametrize("first", ["lan", "minh"])
def test_edits_made_on_both_sides_meanwhile_stay_too(
    ward: Ward, lan: Laptop, minh: Laptop, first: str
) -> None:
    backup, made = a_day_of_work(ward, lan, minh)
    ward.restore(backup)
    lan.change("household", made["new"], phone="+84903000005")
    lan.change("household", made["old"], note="mới hơn")
    minh.change("person", made["who"], birth_year=1957)
    minh.change("household", made["new"], note="chó dữ")
    tam = ward.laptop("tâm")  # works on the restored server and never saw the lost day
    tam.sync()
    tam.change("household", made["old"], code="H1")
    extra = tam.create("household", address="9 Lê Lợi")
    tam.sync()
    for laptop in (lan, minh) if first == "lan" else (minh, lan):
        laptop.sync()
    calm(lan, minh, tam)
    agreed(ward, lan, minh, tam)
    assert body(tam, made["new"]) == {"address": "3 Lê Lợi", "phone": "+84903000005", "note": "chó dữ"}
    assert body(tam, extra) == {"address": "9 Lê Lợi"}
    old = body(tam, made["old"])
    assert (old["code"], old["note"]) == ("H1", "mới hơn")
    assert body(tam, made["who"], "person")["full_name"] == "Lê Thị Hằng"
    years = [values for record, field, _, values in conflicts(tam) if field == "birth_year"]
    assert body(tam, made["who"], "person")["birth_year"] == 1957 or 1957 in years[0]
    assert tam.counts()["held"] == lan.counts()["held"] == minh.counts()["held"] == 0


def test_an_edit_that_waits_on_a_lost_row_of_somebody_else_comes_after_it(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    backup = ward.back_up()
    door = lan.create("household", address="1 Lê Lợi", note="một")
    calm(lan, minh)
    minh.change("household", door, note="hai")
    minh.sync()
    minh.change("household", door, note="ba")
    ward.restore(backup)
    done = minh.sync()
    assert (done.resent, done.offered, done.held, done.pending) == (1, 1, 0, 0)
    assert body(minh, door) == {"address": "1 Lê Lợi", "note": "ba"}
    agreed(ward, minh)
    quiet(minh)
    calm(lan, minh)
    agreed(ward, lan, minh)
    listed = {value for *_, values in conflicts(lan) for value in values}
    assert body(lan, door)["note"] == "ba"
    assert listed <= {"một", "hai", "ba"}


# -- cut in the middle -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/pull", "/v1/push"])
def test_giving_back_can_be_cut_anywhere(ward: Ward, lan: Laptop, minh: Laptop, path: str) -> None:
    backup, made = a_day_of_work(ward, lan, minh)
    ward.restore(backup)
    minh.wire.encoding = "identity"
    cuts = 0
    for position in range(0, 4000, 260):
        minh.wire.then = [(path, cut(position))]
        stopped = minh.tried()
        cuts += stopped is not None
        assert stopped is None or isinstance(stopped, NoLink)
        whole_or_waiting(minh, made)
        if stopped is None:
            break
    minh.wire.then = [("/v1/push", lost)]
    minh.tried()
    minh.wire.then = []
    minh.sync()
    agreed(ward, minh)
    whole(minh, made)
    quiet(minh)
    assert cuts > 2
    calm(lan, minh)
    agreed(ward, lan, minh)
    whole(lan, made)


def whole_or_waiting(laptop: Laptop, made: dict[str, str]) -> None:
    """What is not shown now is set aside or waits to be sent."""
    aside = {ident for (ident,) in laptop.all("SELECT id FROM lost_row")}
    for name in ("old", "new"):
        row = laptop.row("household", made[name])
        assert row is not None
        assert row.body["address"] in ("1 Lê Lợi", "3 Lê Lợi")
        assert name == "new" or row.body["note"] == "mới" or made[name] in aside


# -- conflicts ----------------------------------------------------------------------------------------------------


def a_question(lan: Laptop, minh: Laptop, who: str, door: str) -> None:
    for laptop, phone, year in ((lan, "+84903000002", 1956), (minh, "+84903000003", 1957)):
        laptop.change("person", who, birth_year=year)
        laptop.change("household", door, phone=phone)
    calm(lan, minh)


@pytest.mark.parametrize("back", ["both", "lan", "minh"])
def test_lost_questions_are_asked_again(ward: Ward, lan: Laptop, minh: Laptop, back: str) -> None:
    door = lan.create("household", address="1 Lê Lợi", phone="+84903000001")
    who = lan.create("person", full_name="Lê Thị Hằng", household=door, birth_year=1955)
    calm(lan, minh)
    backup = ward.back_up()
    a_question(lan, minh, who, door)
    before = conflicts(lan)
    assert len(before) == 2
    ward.restore(backup)
    returning = {"both": [lan, minh], "lan": [lan], "minh": [minh]}[back]
    calm(*returning)
    agreed(ward, *returning)
    found = {(record, field): (state, values) for record, field, state, values in conflicts(returning[0])}
    state, years = found[who, "birth_year"]
    assert state == "open"
    assert {1956, 1957} <= set(years)
    phones = {body(returning[0], door)["phone"], *found[door, "phone"][1]}
    assert {"+84903000002", "+84903000003"} <= phones


def test_a_lost_decision_is_told_again_by_who_received_it(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    door = lan.create("household", address="1 Lê Lợi", phone="+84903000001")
    who = lan.create("person", full_name="Lê Thị Hằng", household=door, birth_year=1955)
    calm(lan, minh)
    backup = ward.back_up()
    a_question(lan, minh, who, door)
    ((ident, was),) = lan.all("SELECT id, chosen FROM conflict WHERE field = 'birth_year'")
    assert was is None
    lan.change("conflict", ident, state="resolved", chosen=1957)
    current = body(lan, who, "person")["birth_year"]
    if current != 1957:
        lan.change("person", who, birth_year=1957)
    calm(lan, minh)
    assert [state for _, field, state, _ in conflicts(minh) if field == "birth_year"] == ["resolved"]
    ward.restore(backup)
    calm(minh)
    agreed(ward, minh)
    assert body(minh, who, "person")["birth_year"] == 1957
    states = {field: state for _, field, state, _ in conflicts(minh)}
    assert states["birth_year"] == "resolved"
    assert minh.all("SELECT count(*) FROM lost_row") == [(0,)]
    assert minh.counts()["held"] == minh.counts()["rejected"] == 0


def test_a_word_that_only_an_unread_question_listed_is_told_again(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """A colleague's value comes with an answer, the question that lists both does not come before the disk dies."""
    door = lan.create("household", address="1 Lê Lợi")
    calm(lan, minh)
    backup = ward.back_up()
    minh.change("household", door, phone="+84903000001")
    minh.sync()
    lan.change("household", door, phone="+84903000002")
    lan.wire.then = [("/v1/push", lost)]
    with pytest.raises(NoLink):
        lan.sync()
    minh.change("household", door, note="chó dữ")
    minh.wire.then = [("/v1/pull", unreachable)]
    with pytest.raises(NoLink):
        minh.sync()
    assert body(minh, door)["phone"] == "+84903000002"
    assert conflicts(minh) == []
    ward.restore(backup)
    calm(lan, minh)
    agreed(ward, lan, minh)
    ((_, field, state, values),) = conflicts(minh)
    assert (field, state) == ("phone", "settled")
    assert values == ["+84903000001", "+84903000002"]


def test_a_word_that_only_a_read_question_lists_is_told_again(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    """Its op is not sent again, because a colleague's value took its place; the question that lists both is gone."""
    door = lan.create("household", address="1 Lê Lợi")
    calm(lan, minh)
    backup = ward.back_up()
    minh.change("household", door, phone="+84903000001")
    minh.sync()
    lan.change("household", door, phone="+84903000002")
    lan.wire.then = [("/v1/push", lost)]
    with pytest.raises(NoLink):
        lan.sync()
    minh.sync()
    assert len(conflicts(minh)) == 1
    ward.restore(backup)
    lan.sync()
    calm(minh, lan)
    agreed(ward, lan, minh)
    ((_, field, state, values),) = conflicts(minh)
    assert (field, state) == ("phone", "settled")
    assert values == ["+84903000001", "+84903000002"]


# -- units, unknown types, odd servers ------------------------------------------------------------------------------


def test_a_unit_the_restored_server_does_not_name_stays_here(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    backup = ward.back_up()
    door = lan.create("household", unit="02", address="2 Lê Lợi")
    calm(lan, minh)
    ward.restore(backup)
    second = lan.area("02").id
    hide(ward, lan, second)
    done = lan.sync()
    assert lan.row("household", door) is not None
    assert done.pending == 0
    assert second not in lan.digests()
    show(ward, second)
    calm(lan, minh)
    agreed(ward, lan, minh)
    assert body(minh, door) == {"address": "2 Lê Lợi"}


def test_a_laptop_whose_only_unit_was_handed_over_sends_again_what_was_lost(ward: Ward) -> None:
    hoa = ward.laptop("hoa", f"{COMMUNE}/01")
    hoa.sync()
    backup = ward.back_up()
    door = hoa.create("household", address="1 Lê Lợi")
    assert hoa.sync().applied == 1
    ward.restore(backup)
    grants.withdraw(ward.database, hoa.device, f"{COMMUNE}/01", now=ward.clock())
    done = hoa.sync()
    assert (done.resent, done.applied, done.pending) == (1, 1, 0)
    assert ward.server_body("household", door) == {"address": "1 Lê Lợi"}
    assert hoa.sync().resent == 0


def hide(ward: Ward, laptop: Laptop, area: str) -> None:
    ward.do(
        "INSERT INTO area_grant (commune, device, area, mode, since, until)"
        " VALUES (:c, :d, :a, 'write', '', '2020')",
        c=COMMUNE,
        d=laptop.device,
        a=area,
    )


def show(ward: Ward, area: str) -> None:
    ward.do("DELETE FROM area_grant WHERE area = :a", a=area)


def test_rows_of_a_type_this_version_does_not_know_are_offered_too(ward: Ward, lan: Laptop) -> None:
    backup = ward.back_up()
    lan.create("household", address="1 Lê Lợi")
    lan.sync()
    place = lan.area()
    with lan.store.write() as c:
        (seq,) = c.execute("SELECT seq FROM cursor WHERE area = ?", (place.area,)).fetchone()
        row = Row(type="spaceship", id="s1", commune=COMMUNE, area=place.area, seq=seq, body={"name": "Sao"})
        RecordRows().upsert(c, [row])
    ward.restore(backup)
    done = lan.sync()
    assert (done.offered, done.rejected) == (1, 1), "this server does not know it either, and says so"
    with lan.store.read() as c:
        kept = RecordRows().read(c, "spaceship", ["s1"])["s1"]
    assert kept.body == {"name": "Sao"}


def test_a_database_that_was_copied_back_by_hand_is_noticed(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    gens = ward.all("SELECT area, gen FROM area_head")
    backup, made = a_day_of_work(ward, lan, minh)
    ward.restore(backup)
    for area, gen in gens:
        ward.do("UPDATE area_head SET gen = :g, restored_seq = 0 WHERE area = :a", g=gen, a=area)
    assert minh.sync().healed
    calm(minh, lan)
    agreed(ward, lan, minh)
    assert body(lan, made["new"]) == {"address": "3 Lê Lợi"}
    assert body(lan, made["old"])["note"] == "mới"


def test_a_restore_in_the_middle_of_a_sync_is_noticed_by_it(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    from tests.sync.wire import meanwhile

    backup, made = a_day_of_work(ward, lan, minh)
    minh.create("household", address="8 Lê Lợi")
    minh.wire.then = [("/v1/push", meanwhile(lambda: ward.restore(backup)))]
    done = minh.sync()
    assert done.healed
    agreed(ward, minh)
    whole(minh, made)


def test_an_op_held_for_want_of_its_record_is_tried_again_when_the_record_arrives(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    door = lan.create("household", address="1 Lê Lợi")
    calm(lan, minh)
    row = ward.all("SELECT * FROM record WHERE id = :d", d=door)
    assert row
    ward.do("UPDATE record SET id = 'elsewhere' WHERE id = :d", d=door)
    minh.change("household", door, note="chó dữ")
    assert minh.sync().held == 1
    ward.do(
        "UPDATE record SET id = :d, seq = (SELECT max(seq) + 1 FROM record) WHERE id = 'elsewhere'", d=door
    )
    ward.do("UPDATE area_head SET seq = seq + 1")
    ward.recount()
    done = minh.sync()
    assert done.applied == 1
    assert minh.counts()["held"] == 0
    assert ward.server_body("household", door) == {"address": "1 Lê Lợi", "note": "chó dữ"}


def test_what_was_taken_before_the_backup_is_not_sent_again(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    for n in range(30):
        lan.create("household", address=f"{n} Lê Lợi")
    calm(lan, minh)
    backup = ward.back_up()
    ward.restore(backup)
    done = lan.sync()
    assert (done.resent, done.offered, done.pushed) == (0, 0, 0)
    assert done.healed
    minh.sync()
    agreed(ward, lan, minh)


def test_ops_answered_more_than_thirty_days_ago_rest(ward: Ward, lan: Laptop) -> None:
    backup = ward.back_up()
    lan.create("household", address="1 Lê Lợi")
    lan.sync()
    with lan.store.write() as c:
        c.execute("UPDATE outbox SET answered_at = '2026-10-01T00:00:00.000Z'")
    ward.restore(backup)
    done = lan.sync()
    assert (done.resent, done.offered) == (0, 1), "the row is offered all the same"
    agreed(ward, lan)
    assert outbox.KEEP_DAYS == 30
