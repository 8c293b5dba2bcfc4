"""What tests of records on their way from area to area share."""

from __future__ import annotations

from typing import Any

from sync.protocol import Op, Row, row_hash
from tests.sync.meeting import Answer, Laptop, Meeting, names

UNIT, OTHER_UNIT, FAR = "27211/01", "27211/02", "27300/01"
AN, BO = "01930000-0000-7000-9000-0000000000aa", "01930000-0000-7000-9000-0000000000bb"


def move(laptop: Laptop, record: str, old: str, new: str, seq: int, **changes: Any) -> Op:
    """The op by which ``laptop`` moves a record it has at counter ``seq``."""
    areas = laptop.meeting.areas
    given: dict[str, Any] = {"area": (areas[old], areas[new])}
    if old[:5] != new[:5]:
        given["commune"] = (old[:5], new[:5])
    return laptop.op(old, record, given | changes, base_seq=seq)


def results(answer: Answer) -> list[tuple[str, str]]:
    """(result, reason) of each op."""
    return [(r.result, r.reason) for r in answer.results]


async def settled(meeting: Meeting) -> dict[str, list[Row]]:
    """record -> its live rows, after checking that digests and counters of all areas are right and nothing is
    under way."""
    with meeting.database.read() as tx:
        assert tx.all("SELECT * FROM moving") == []
        heads = tx.all("SELECT commune, area, seq, digest FROM area_head")
    watcher = await meeting.laptop("27211,27300")
    rows = (await watcher.pull()).rows
    for _commune, area, seq, announced in heads:
        mine = [row for row in rows if row.area == area]
        live = [row for row in mine if not row.deleted and row.gone is None]
        assert str(sum(row_hash(row.type, row.id, row.seq) for row in live) % 2**64) == announced
        assert len({row.seq for row in mine}) == len(mine)
        assert max(row.seq for row in mine) == seq
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.gone is None and row.type != "area":
            found.setdefault(row.id, []).append(row)
        elif row.gone:
            assert row.gone == "moved"
            assert row.body.keys() == {"moved_to"}
    return found


async def two_with_an(meeting: Meeting) -> tuple[Laptop, Laptop]:
    """Two laptops of the whole of both communes; An lives in the first unit (counter 2)."""
    one, two = await meeting.laptop("27211,27300"), await meeting.laptop("27211,27300", user="hoa")
    await one.push(one.op(UNIT, AN, names({"full_name": "An", "phone": "+84901", "sex": "male"})))
    return one, two
