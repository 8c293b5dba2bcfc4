"""The kept digest of an area follows every change; where it does not fit, rows are counted before they are blamed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sync import digests, outbox
from sync.protocol import Result, Row, row_hash
from tests.conftest import AREA
from tests.sync.ward import COMMUNE, Laptop, Ward, agreed, calm
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows

ROWS = RecordRows()


@pytest.fixture
def lan(ward: Ward) -> Laptop:
    laptop = ward.laptop("lan")
    laptop.sync()
    laptop.create("household", address="12 Lê Lợi")
    laptop.sync()
    return laptop


def test_the_sum_is_that_of_the_hashes() -> None:
    marks = [("household", "a", 1), ("person", "b", 7)]
    assert digests.digest(iter(marks)) == str(
        (row_hash("household", "a", 1) + row_hash("person", "b", 7)) % 2**64
    )
    assert digests.digest(iter([])) == digests.EMPTY
    many = [("person", f"{n:04x}", n) for n in range(1000)]
    assert digests.hash_sum(many) == sum(row_hash(*mark) for mark in many)


def test_every_way_a_row_can_change_is_followed(store: Store) -> None:
    here, there = AREA.area, "other"

    def check() -> None:
        with store.read() as c:
            for area in (here, there):
                assert digests.of(c, ROWS, area) == digests.counted(c, ROWS, area)

    def arrive(*rows: Row) -> None:
        with store.write() as c:
            outbox.apply(c, ROWS, list(rows))
        check()

    with store.write() as c:
        for area in (here, there):
            outbox.hold_area(c, area, COMMUNE, "write")
        digests.recount(c, ROWS)
    one = Row(type="household", id="h1", commune=COMMUNE, area=here, seq=5, body={"address": "1 Lê Lợi"})
    odd = Row(type="spaceship", id="s1", commune=COMMUNE, area=here, seq=6, body={"name": "Sao"})
    arrive(one, odd)
    with store.read() as c:
        assert digests.of(c, ROWS, here) != digests.EMPTY
    arrive(*(Row(**{**_fields(one), "seq": seq}) for seq in (7, 8)))  # twice in one page
    with store.work("lan") as work:
        work.change("household", "h1", {"note": "mới"})
    check()
    arrive(Row(**{**_fields(one), "seq": 9}))  # beneath what waits
    with store.work("lan") as work:
        work.delete("household", "h1", "nhập nhầm")
    check()
    arrive(Row(**{**_fields(one), "seq": 10, "deleted": True}))
    arrive(Row(**{**_fields(one), "seq": 11, "deleted": False}))
    moved = Row(type="household", id="h2", commune=COMMUNE, area=here, seq=12, body={"address": "2 Lê Lợi"})
    arrive(moved)
    for order in (1, -1):
        signpost = Row(**{**_fields(moved), "seq": 13, "gone": "moved", "body": {}})
        arrived = Row(**{**_fields(moved), "area": there, "seq": 3})
        arrive(*[signpost, arrived][::order])
        arrive(moved)
    arrive(Row(**{**_fields(odd), "seq": 14, "gone": "moved"}))


def test_every_answer_is_followed(store: Store) -> None:
    def answer(*results: dict[str, Any]) -> None:
        with store.write() as c:
            ops = outbox.waiting(c, "d", 100, 1 << 20)
            pairs = [(op, Result(op=op.id, n=op.n, **one)) for op, one in zip(ops, results, strict=True)]
            outbox.answer(c, ROWS, pairs, "2026-11-22T03:00:00.000Z")
            assert digests.of(c, ROWS, AREA.area) == digests.counted(c, ROWS, AREA.area)

    def seqs() -> list[tuple[str, int]]:
        with store.read() as c:
            return [tuple(row) for row in c.execute("SELECT id, seq FROM household ORDER BY id")]

    with store.write() as c:
        outbox.hold_area(c, AREA.area, COMMUNE, "write")
        digests.recount(c, ROWS)
    with store.work("lan") as work:
        for ident in ("h1", "h2", "h3", "h4"):
            work.create("household", {"address": "1 Lê Lợi"}, place=AREA, ident=ident)
        work.change("household", "h4", {"note": "hai lần"})
    answer(
        {"result": "applied", "seq": 5},
        {"result": "rejected", "reason": "x"},
        {"result": "duplicate", "reason": "applied", "seq": 6},
        {"result": "applied", "seq": 7},
        {"result": "applied", "seq": 8},
    )
    assert seqs() == [("h1", 5), ("h2", 0), ("h3", 6), ("h4", 8)]
    with store.work("lan") as work:
        work.change("household", "h1", {"note": "mới"})
        work.delete("household", "h3", "nhập nhầm")
    answer({"result": "applied", "seq": 9}, {"result": "applied", "seq": 10})
    with store.write() as c:
        was, now = ROWS.set_seq(c, "household", {"h1": 12, "h2": 11, "h3": 13, "h4": 4, "h9": 1})
        assert was == {"h1": (AREA.area, 9), "h4": (AREA.area, 8)}
        assert now == {"h1": (AREA.area, 12), "h2": (AREA.area, 11), "h4": (AREA.area, 8)}
    assert seqs() == [("h1", 12), ("h2", 11), ("h3", 13), ("h4", 8)], "no counter goes back"


def _fields(row: Row) -> dict[str, object]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


def test_a_sum_that_went_wrong_costs_a_count_and_no_download(ward: Ward, lan: Laptop) -> None:
    with lan.store.write() as c:
        digests.put(c, lan.area().area, "12345")
    done = lan.sync()
    assert (done.repaired, done.mismatched, done.pulled) == ((), (), 0)
    agreed(ward, lan)


def test_a_row_that_went_wrong_is_fetched_with_its_area_only(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    calm(lan, minh)
    with lan.store.write() as c:
        c.execute("UPDATE household SET seq = 1, note = 'hỏng'")
        digests.put(c, lan.area().area, None)
    lan.wire.asked.clear()
    done = lan.sync()
    assert (done.repaired, done.mismatched) == ((lan.area().area,), ())
    agreed(ward, lan, minh)


def test_a_row_that_a_broken_disk_lost_is_noticed_within_a_day(ward: Ward, lan: Laptop) -> None:
    with lan.store.write() as c:
        c.execute("DELETE FROM household")
    assert lan.sync().repaired == (), "the kept sum knows nothing of it"
    ward.clock.now += timedelta(hours=25)
    assert lan.sync().repaired == (lan.area().area,)
    agreed(ward, lan)
    assert len(lan.all("SELECT id FROM household")) == 1


def test_a_count_names_the_areas_that_were_wrong(ward: Ward, lan: Laptop) -> None:
    with lan.store.write() as c:
        digests.put(c, lan.area().area, "7")
        assert digests.recount(c, ROWS) == [lan.area().area]
        assert digests.recount(c, ROWS) == []
