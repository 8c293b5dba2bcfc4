"""The first load of a large area: usable after its first part, whole after the second, whatever the link does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from sync import outbox
from sync.client import NoLink, NotOurServer, first_load
from sync.protocol import to_wire
from sync.server import snapshot
from tests.sync.test_client import refusal
from tests.sync.ward import KEY, Laptop, Ward, agreed, calm
from tests.sync.wire import Arriving, Ask, _raw, cut, unreachable
from tui_app.errors import VaultError
from tui_app.store.engine import Store

FIRST, REST = "/v1/snapshot/", "/v1/snapshot/"


@pytest.fixture
def ward(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ward]:
    monkeypatch.setattr(first_load, "MANY", 20)
    made = Ward(tmp_path)
    yield made
    made.close()


@pytest.fixture
def lan(ward: Ward) -> Laptop:
    """A laptop whose first unit has doors, today's visits and those of a month ago."""
    laptop = ward.laptop("lan")
    laptop.sync()
    ward.clock.now -= timedelta(days=30)
    doors = [laptop.create("household", address=f"{n} Lê Lợi", note="x" * n) for n in range(15)]
    old = [visit(ward, laptop, door) for door in doors]
    laptop.sync()
    laptop.delete("household_visit", old[0])
    ward.clock.now += timedelta(days=30)
    for door in doors[:5]:
        visit(ward, laptop, door)
    laptop.create("household", unit="02", address="1 Hai Bà Trưng")
    laptop.sync()
    return laptop


def visit(ward: Ward, laptop: Laptop, door: str) -> str:
    return laptop.create("household_visit", household=door, at=to_wire(ward.clock()), outcome="absent")


def visits(laptop: Laptop) -> int:
    ((count,),) = laptop.all("SELECT count(*) FROM household_visit WHERE NOT deleted")
    return int(count)


def due(laptop: Laptop) -> set[str]:
    with laptop.store.read() as c:
        return outbox.rest_due(c)


def steps(laptop: Laptop) -> list[str]:
    return list(dict.fromkeys(step.step for step in laptop.steps))


def test_the_large_area_comes_in_two_parts_and_the_small_one_is_pulled(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    done = minh.sync()
    assert steps(minh) == ["scope", "push", "first", "usable", "rest", "pull", "check"]
    assert minh.wire.asked.count(f"/v1/snapshot/{lan.area().area}") == 2
    assert minh.wire.asked.count(f"/v1/snapshot/{lan.area('02').area}") == 0
    assert due(minh) == set()
    assert done.mismatched == done.repaired == ()
    agreed(ward, lan, minh)
    last = [step for step in minh.steps if step.step == "first"][-1]
    assert last.done == last.total


def test_it_is_usable_when_the_rest_does_not_come(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    minh.wire.then = [(FIRST, lambda ask: ask()), (REST, unreachable)]
    assert isinstance(minh.tried(), NoLink)
    assert visits(minh) == 5
    assert len(minh.all("SELECT id FROM household")) == 15
    assert due(minh) == {lan.area().area}
    door = minh.all("SELECT id FROM household LIMIT 1")[0][0]
    minh.change("household", door, note="chó dữ")  # people work, here and there
    visit(ward, lan, door)
    lan.delete(
        "household_visit", lan.all("SELECT id FROM household_visit WHERE NOT deleted ORDER BY at")[3][0]
    )
    lan.sync()
    minh.wire.asked.clear()
    minh.sync()
    assert "first" not in steps(minh)
    assert due(minh) == set()
    calm(lan, minh)
    agreed(ward, lan, minh)
    assert visits(minh) == 19


def test_a_cut_part_goes_on_from_its_last_byte(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    minh.tries = 4
    ranges: list[str] = []

    def seen(fault: Any) -> Any:
        def through(ask: Ask) -> httpx.Response:
            answer: httpx.Response = fault(ask)
            ranges.append(answer.headers.get("content-range", ""))
            return answer

        return through

    minh.wire.then = [
        (FIRST, seen(cut(300))), (FIRST, seen(cut(250, politely=True))), (FIRST, seen(lambda ask: ask())),
    ]  # fmt: skip
    done = minh.sync()
    assert done.retries == 2
    assert [text.partition("/")[0].partition("-")[0] for text in ranges] == ["", "bytes 300", "bytes 550"]
    agreed(ward, lan, minh)


def test_a_part_that_is_sent_while_it_is_packed_goes_on_after_a_cut(
    ward: Ward, lan: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "PAGE", 3)
    minh = ward.laptop("minh")
    minh.tries = 4
    minh.wire.then = [(FIRST, cut(300)), (FIRST, cut(250))]
    done = minh.sync()
    assert done.retries == 2
    last = [step for step in minh.steps if step.step == "first"][-1]
    assert last.done == last.total
    agreed(ward, lan, minh)


@pytest.mark.parametrize("position", [0, 1, 200, 500])
def test_a_part_cut_for_good_is_begun_again_by_the_next_sync(ward: Ward, lan: Laptop, position: int) -> None:
    minh = ward.laptop("minh")
    minh.wire.then = [(FIRST, cut(position))]
    assert isinstance(minh.tried(), NoLink)
    with minh.store.read() as c:
        assert {seq for _, seq in outbox.cursors(c).values()} == {0}
    assert minh.all("SELECT id FROM household") == []
    minh.sync()
    agreed(ward, lan, minh)


def test_a_part_that_was_made_anew_meanwhile_is_taken_from_its_beginning(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    minh.tries = 4

    def another(ask: Ask) -> httpx.Response:
        whole = ask()
        if whole.status_code == 206:
            headers = {k: v for k, v in whole.headers.items() if k not in ("content-range", "content-length")}
            return httpx.Response(200, headers=headers, stream=Arriving(_raw(whole)))
        return whole

    minh.wire.then = [(FIRST, cut(300)), (FIRST, another)]
    stopped = minh.tried()
    assert isinstance(stopped, NotOurServer), "half a file is no file"
    minh.sync()
    agreed(ward, lan, minh)


def test_a_server_without_such_files_is_pulled(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    minh.wire.then = [(FIRST, refusal(404, "not-found"))]
    minh.sync()
    assert due(minh) == set()
    assert minh.wire.asked.count("/v1/pull") > 0
    agreed(ward, lan, minh)
    tam = ward.laptop("tam")
    tam.wire.then = [(FIRST, lambda ask: ask()), (REST, refusal(404, "not-found"))]
    tam.sync()
    assert due(tam) == set()
    agreed(ward, lan, tam)


def test_an_own_change_that_waits_stays_on_top(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    door = lan.all("SELECT id FROM household WHERE address = '3 Lê Lợi'")[0][0]
    minh.wire.then = [(FIRST, lambda ask: ask()), (REST, unreachable)]
    minh.tried()
    minh.change("household", door, note="của tôi")
    minh.wire.then = [("/v1/push", unreachable)]
    minh.tried()
    row = minh.row("household", door)
    assert row is not None
    assert row.body["note"] == "của tôi"
    minh.sync()
    lan.sync()
    agreed(ward, lan, minh)


def test_a_stop_between_two_pieces_keeps_the_link_and_the_rows_apart(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    minh.cancelled = lambda: any(step.step == "rest" for step in minh.steps)
    assert minh.tried() is not None
    assert due(minh) == {lan.area().area}
    minh.cancelled = lambda: False
    minh.sync()
    agreed(ward, lan, minh)


def test_it_is_called_usable_once_the_first_part_is_on_disk(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    found: list[int] = []

    def looking() -> bool:
        if minh.steps and minh.steps[-1].step == "usable":
            other = Store(minh.store.path, KEY)  # as another process sees it
            with other.read() as c:
                found.append(c.execute("SELECT count(*) FROM household").fetchone()[0])
            other.close()
        return False

    minh.cancelled = looking
    minh.sync()
    assert found == [15]


@pytest.mark.parametrize("part", ["first", "rest"])
def test_rows_that_do_not_get_onto_the_disk_are_not_counted_and_come_again(
    ward: Ward, lan: Laptop, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    minh = ward.laptop("minh")
    write, wanted = minh.store.write, 5 if part == "first" else 6  # visits of this week, and those before

    @contextmanager
    def full() -> Iterator[Any]:
        with write() as c:
            yield c
            if c.execute("SELECT count(*) FROM household_visit").fetchone()[0] >= wanted:
                raise VaultError("vault.disk_full")

    with monkeypatch.context() as patch:
        patch.setattr(minh.store, "write", full)
        with pytest.raises(VaultError):
            minh.sync()
    assert visits(minh) == (0 if part == "first" else 5)
    assert ("usable" in steps(minh)) == (part == "rest")
    done = minh.sync()
    assert done.mismatched == done.repaired == ()
    agreed(ward, lan, minh)


def test_the_server_packs_the_old_rest_while_the_first_part_is_written(
    ward: Ward, lan: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    minh = ward.laptop("minh")
    apply, asked, in_time = outbox.apply, Event(), []

    def slowly(*given: Any, **more: Any) -> int:
        in_time.append(asked.wait(20))
        return apply(*given, **more)

    def seen(ask: Ask) -> httpx.Response:
        asked.set()
        return ask()

    minh.wire.then = [(FIRST, lambda ask: ask()), (REST, seen)]
    monkeypatch.setattr(outbox, "apply", slowly)
    minh.sync()
    assert in_time[0]
    agreed(ward, lan, minh)


def test_the_log_goes_into_the_file_while_rows_come(
    ward: Ward, lan: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_load, "COMMIT_ROWS", 5)
    minh = ward.laptop("minh")
    folded: list[int] = []

    def fold() -> None:
        Store.fold_log(minh.store)
        with minh.store.read() as c:
            folded.append(c.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()[2])

    monkeypatch.setattr(minh.store, "fold_log", fold)
    minh.sync()
    assert folded
    assert max(folded) > 0
    agreed(ward, lan, minh)


def test_the_log_is_short_again_after_a_load(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    minh.sync()
    with minh.store.write() as c:
        assert c.execute("PRAGMA wal_autocheckpoint").fetchone()[0] == first_load.USUAL_LOG_PAGES == 1000
    assert visits(minh) == 19
