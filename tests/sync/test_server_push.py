"""Push and pull over the real application: what is answered, and what other laptops then see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.protocol import Row
from tests.sync.meeting import Meeting

AN = "01930000-0000-7000-9000-0000000000aa"
BINH = "01930000-0000-7000-9000-0000000000bb"
NEW = {"full_name": (None, "Nguyễn Văn An"), "birth_year": (None, 1950), "phone": (None, "+84903000111")}
UNIT = "27211/01"


@pytest.fixture
async def meeting(tmp_path: Path) -> AsyncIterator[Meeting]:
    server = Meeting(tmp_path)
    yield server
    await server.close()


async def test_a_pushed_record_is_pulled_by_another_laptop(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT, user="minh")
    answer = await one.push(one.op(UNIT, AN, NEW))
    assert [(r.result, r.seq) for r in answer.results] == [("applied", 2)]  # 1 is the area's own record
    rows = await two.rows()
    assert rows[AN] == Row(
        type="person",
        id=AN,
        commune="27211",
        area=meeting.areas[UNIT],
        seq=2,
        body={"full_name": "Nguyễn Văn An", "birth_year": 1950, "phone": "+84903000111"},
        at="2026-11-22T02:00:00.000Z",
        who="lan",
        device=one.device,
    )
    assert rows[meeting.areas[UNIT]].body["unit_name"] == "Tổ dân phố 1"


async def test_the_same_op_again_answers_duplicate_with_the_same_receipt_and_changes_nothing(
    meeting: Meeting,
) -> None:
    one = await meeting.laptop(UNIT)
    op = one.op(UNIT, AN, NEW)
    (first,) = (await one.push(op)).results
    again = await one.push(op, op)
    assert [r.result for r in again.results] == ["duplicate", "duplicate"]
    assert {(r.seq, r.receipt, r.reason) for r in again.results} == {(first.seq, first.receipt, "applied")}
    assert len(first.receipt) == 13
    assert (await one.pull()).trailer.areas[0].seq == 2
