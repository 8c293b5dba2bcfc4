"""Who changed a record, when: told to those who may read it, and to nobody else."""

from __future__ import annotations

from typing import Any

from tests.sync.meeting import Laptop, Meeting, names

UNIT, OTHER_UNIT, FAR = "27211/01", "27211/02", "27300/01"
AN = "01930000-0000-7000-9000-0000000000aa"


async def ask(laptop: Laptop, record: str = AN, type: str = "person") -> tuple[int, Any]:
    answer = await laptop.meeting.http.get(f"/v1/history/{type}/{record}", headers=laptop.headers)
    return answer.status_code, answer.json()


async def test_each_op_is_told_with_who_when_and_what_came_of_it_newest_first(meeting: Meeting) -> None:
    lan, hoa = await meeting.laptop(UNIT, user="lan"), await meeting.laptop(UNIT, user="hoa")
    made = lan.op(UNIT, AN, names({"full_name": "An", "sex": "male"}))
    await lan.push(made)
    meeting.clock.forward(minutes=5)
    other = hoa.op(UNIT, AN, {"sex": ("female", "unknown")}, base_seq=2)
    await hoa.push(other)
    meeting.clock.forward(minutes=5)
    bad = lan.op(UNIT, AN, {"seq": (None, 5)})
    await lan.push(bad)
    status, told = await ask(hoa)
    assert status == 200
    assert [(e["op"], e["who"], e["device"], e["result"]) for e in told] == [
        (bad.id, "lan", lan.device, "rejected"),
        (other.id, "hoa", hoa.device, "conflict"),
        (made.id, "lan", lan.device, "applied"),
    ]
    assert told[0]["reason"] == "reserved-field"
    assert told[1]["set"] == {"sex": ["female", "unknown"]}
    assert "receipt" not in told[0], "what was rejected has none"
    assert told[2] == {
        "receipt": (await lan.push(made)).results[0].receipt,
        "op": made.id,
        "at": "2026-11-22T02:00:00.000Z",
        "corrected": "2026-11-22T02:00:00.000Z",
        "received": "2026-11-22T02:00:00.000Z",
        "who": "lan",
        "device": lan.device,
        "set": {"full_name": [None, "An"], "sex": [None, "male"]},
        "result": "applied",
        "seq": 2,
    }
    assert told[1]["received"] == "2026-11-22T02:05:00.000Z"


async def test_a_clock_that_was_wrong_shows_beside_the_corrected_time(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    late = one.op(UNIT, AN, names({"full_name": "An"}), at="2026-11-22T01:00:00.000Z")
    await one.push(late, now="2026-11-22T01:30:00.000Z")  # half an hour behind
    (entry,) = (await ask(one))[1]
    assert (entry["at"], entry["corrected"]) == ("2026-11-22T01:00:00.000Z", "2026-11-22T01:30:00.000Z")


async def test_unknown_and_forbidden_records_get_one_answer(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(OTHER_UNIT)
    viewer, far = await meeting.laptop(UNIT, "viewer"), await meeting.laptop(FAR)
    await one.push(one.op(UNIT, AN, names({"full_name": "An"})))
    nothing = await ask(one, "no-such-record")
    assert nothing[0] == 404
    for laptop in (two, viewer, far):
        assert await ask(laptop) == nothing
    assert await ask(one, AN, "household") == nothing


async def test_what_another_unit_tried_with_the_record_is_not_told(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(OTHER_UNIT)
    await one.push(one.op(UNIT, AN, names({"full_name": "An"})))
    await two.push(two.op(OTHER_UNIT, AN, {"note": ("a", "bí mật")}, base_seq=7))
    assert [e["result"] for e in (await ask(one))[1]] == ["applied"]


async def test_an_op_that_could_not_be_read_is_told_without_its_words(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    deep: Any = 1
    for _ in range(60):
        deep = [deep]
    await one.push(one.op(UNIT, AN, names({"full_name": "An"})), one.op(UNIT, AN, {"note": (None, deep)}))
    told = (await ask(one))[1]
    assert sorted((e.get("reason", ""), e["set"] == {}) for e in told) == [
        ("", False),
        ("too-deep", True),
    ]


async def test_a_conflict_row_has_a_history_too(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT)
    await one.push(one.op(UNIT, AN, names({"sex": "male"})))
    await two.push(two.op(UNIT, AN, {"sex": ("x", "female")}))
    (row,) = [row for row in (await one.rows()).values() if row.type == "conflict"]
    solved = one.op(
        UNIT, row.id, {"state": ("open", "resolved"), "chosen": (None, "male")}, "conflict", base_seq=row.seq
    )
    await one.push(solved)
    assert [e["op"] for e in (await ask(two, row.id, "conflict"))[1]] == [solved.id]
