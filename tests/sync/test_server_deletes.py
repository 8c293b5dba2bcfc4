"""Deletions that meet edits, other deletions and revivals: a record with something unseen is never just gone."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from sync.conflicts import conflict_id
from sync.protocol import Op, Row
from tests.sync.meeting import Laptop, Meeting, names

UNIT, OTHER_UNIT = "27211/01", "27211/02"
AN = "01930000-0000-7000-9000-0000000000aa"
GONE = {"deleted": (False, True), "deleted_reason": (None, "nhập nhầm")}


async def three_with_an(meeting: Meeting) -> tuple[Laptop, Laptop, Laptop]:
    """Three laptops that hold An at counter 2."""
    one, two, three = [await meeting.laptop("27211", user=name) for name in ("lan", "hoa", "minh")]
    await one.push(one.op(UNIT, AN, names({"full_name": "An", "phone": "+84901", "sex": "male"})))
    return one, two, three


async def outcome(laptop: Laptop, op: Op) -> tuple[str, str]:
    (result,) = (await laptop.push(op)).results
    return result.result, result.field or result.reason


async def asked(laptop: Laptop, field: str = "deleted") -> Row | None:
    return (await laptop.rows()).get(conflict_id("person", AN, field))


def choices(row: Row | None) -> set[Any]:
    assert row is not None
    return {value["value"] for value in row.body["values"]}


async def test_an_edit_that_only_waits_in_a_question_stops_a_deletion_too(meeting: Meeting) -> None:
    one, two, _ = await three_with_an(meeting)
    assert await outcome(one, one.op(UNIT, AN, {"sex": ("x", "female")}, base_seq=2)) == ("conflict", "sex")
    # The row still stands at counter 2, as the one who deletes has it.
    assert await outcome(two, two.op(UNIT, AN, GONE, base_seq=2)) == ("conflict", "deleted")
    rows = await two.rows()
    assert not rows[AN].deleted
    assert choices(await asked(two)) == {True, False}


async def test_a_question_that_is_decided_or_was_ones_own_stops_nothing(meeting: Meeting) -> None:
    one, two, _ = await three_with_an(meeting)
    await one.push(one.op(UNIT, AN, {"phone": ("y", "+84902")}, base_seq=2))  # plain: settled by itself
    row = (await two.rows())[AN]
    assert await outcome(two, two.op(UNIT, AN, GONE, base_seq=row.seq)) == ("applied", "")


@pytest.mark.parametrize("unknown_field", ["sex", "birth_year", "from_a_newer_version"])
async def test_whatever_field_the_question_is_about(meeting: Meeting, unknown_field: str) -> None:
    one, two, three = await three_with_an(meeting)
    await three.push(
        three.op(UNIT, AN, {unknown_field: (None, "1")} if unknown_field != "sex" else {"sex": ("male", "1")})
    )
    row = (await two.rows())[AN]
    assert (await outcome(one, one.op(UNIT, AN, {unknown_field: ("x", "2")}, base_seq=2)))[0] == "conflict"
    assert await outcome(two, two.op(UNIT, AN, GONE, base_seq=row.seq)) == ("conflict", "deleted")


async def test_an_edit_after_a_deletion_that_was_not_seen_asks_and_both_answers_work(
    meeting: Meeting,
) -> None:
    one, two, three = await three_with_an(meeting)
    assert await outcome(one, one.op(UNIT, AN, GONE, base_seq=2)) == ("applied", "")
    assert await outcome(two, two.op(UNIT, AN, {"phone": ("+84901", "+84902")}, base_seq=2)) == (
        "conflict",
        "deleted",
    )
    row, question = (await three.rows())[AN], await asked(three)
    assert question is not None
    assert (row.deleted, row.body["phone"]) == (True, "+84902")
    keep = [
        three.op(
            UNIT,
            question.id,
            {"state": ("open", "resolved"), "chosen": (None, False)},
            "conflict",
            base_seq=question.seq,
        ),
        three.op(UNIT, AN, {"deleted": (True, False)}, base_seq=row.seq),
    ]
    assert [r.result for r in (await three.push(*keep)).results] == ["applied", "applied"]
    row, question = (await three.rows())[AN], await asked(three)
    assert question is not None
    assert (row.deleted, row.body["phone"], question.body["state"]) == (False, "+84902", "resolved")


async def test_deleting_and_reviving_at_once_ends_with_a_person_or_as_both_saw_it(meeting: Meeting) -> None:
    one, two, _ = await three_with_an(meeting)
    await one.push(one.op(UNIT, AN, GONE, base_seq=2))  # counter 3, both have seen it
    revive = one.op(UNIT, AN, {"deleted": (True, False), "phone": ("+84901", "+84905")}, base_seq=3)
    again = two.op(UNIT, AN, {"deleted_reason": ("nhập nhầm", "trùng")}, base_seq=3)
    assert await outcome(one, revive) == ("applied", "")
    assert (await outcome(two, again))[0] == "applied"
    row = (await two.rows())[AN]
    assert (row.deleted, row.body["deleted_reason"], row.body["phone"]) == (False, "trùng", "+84905")
    # A deletion by somebody who knew of neither is a question.
    assert await outcome(two, two.op(UNIT, AN, GONE, base_seq=3)) == ("conflict", "deleted")


async def test_two_deletions_agree_and_both_reasons_stay_listed(meeting: Meeting) -> None:
    one, two, _ = await three_with_an(meeting)
    assert await outcome(one, one.op(UNIT, AN, GONE, base_seq=2)) == ("applied", "")
    other = GONE | {"deleted_reason": (None, "đã chuyển đi")}
    assert await outcome(two, two.op(UNIT, AN, other, base_seq=2)) == ("merged", "deleted_reason")
    assert (await two.rows())[AN].deleted
    assert choices(await asked(two, "deleted_reason")) == {"nhập nhầm", "đã chuyển đi"}


async def test_delete_edit_and_revive_in_every_order_keep_the_edit_and_never_hide_the_question(
    meeting: Meeting,
) -> None:
    one, two, three = await three_with_an(meeting)
    for number, order in enumerate(permutations(range(3))):
        ident = f"p{number}"
        (made,) = (await one.push(one.op(UNIT, ident, names({"full_name": "An", "phone": "1"})))).results
        ops = [
            (one, one.op(UNIT, ident, GONE, base_seq=made.seq)),
            (two, two.op(UNIT, ident, {"phone": ("1", "2")}, base_seq=made.seq)),
            (
                three,
                three.op(UNIT, ident, {"deleted": (True, False)}, base_seq=made.seq),
            ),  # saw an older deletion
        ]
        for place in order:
            await ops[place][0].push(ops[place][1])
        rows = await one.rows()
        assert rows[ident].body["phone"] == "2"
        question = rows.get(conflict_id("person", ident, "deleted"))
        # Only when the revival came after the deletion, and the edit after both, did everybody agree.
        if question is None:
            assert not rows[ident].deleted
        else:
            assert choices(question) == {True, False}
            assert question.body["state"] == "open"


async def test_a_deleted_record_is_in_no_digest_and_in_every_pull(meeting: Meeting) -> None:
    one, two, _ = await three_with_an(meeting)
    before = (await two.pull()).trailer.areas
    await one.push(
        one.op(UNIT, AN, GONE, base_seq=2), one.op(UNIT, AN, {"deleted": (True, False)}, base_seq=2)
    )
    await one.push(one.op(UNIT, AN, GONE | {"deleted_reason": ("nhập nhầm", "x")}, base_seq=4))
    seen = (await two.pull({mark.area: (mark.gen, mark.seq) for mark in before})).rows
    assert [(row.id, row.deleted, row.body["full_name"]) for row in seen] == [(AN, True, "An")]


# ---- observations of a laptop whose clock is wrong


async def test_an_observation_made_while_the_clock_was_wrong_says_so(meeting: Meeting) -> None:
    one, two, _ = await three_with_an(meeting)
    fields = names({"person": AN, "at": "2026-10-01T02:00:00.000Z", "result": "positive"})
    op = one.op(UNIT, "t1", fields, "test_result", at="2026-10-01T02:00:00.000Z")
    note = one.op(UNIT, AN, {"note": (None, "x")}, base_seq=2)
    answer = await one.push(op, note, now="2026-10-01T02:00:00.000Z")
    assert answer.trailer.clock == "wrong"
    told, plain = answer.results
    assert told.row is not None
    assert told.row.body["clock_wrong"] is True
    assert plain.row is None
    rows = await two.rows()
    assert rows["t1"].body == {
        "person": AN,
        "at": "2026-10-01T02:00:00.000Z",
        "result": "positive",
        "clock_wrong": True,
    }
    assert "clock_wrong" not in rows[AN].body
    assert "clock_wrong" not in fields


async def test_it_says_so_also_when_the_first_answer_was_lost_and_the_clock_is_right_again(
    meeting: Meeting,
) -> None:
    one, _, _ = await three_with_an(meeting)
    fields = names({"person": AN, "at": "2026-10-01T02:00:00.000Z", "result": "positive"})
    op = one.op(UNIT, "t1", fields, "test_result", at="2026-10-01T02:00:00.000Z")
    await one.push(op, now="2026-10-01T02:00:00.000Z")
    (again,) = (await one.push(op)).results
    assert again.result == "duplicate"
    assert again.row is not None
    assert again.row.body["clock_wrong"] is True


async def test_the_flag_is_no_other_content(meeting: Meeting) -> None:
    one, two, _ = await three_with_an(meeting)
    fields = names({"person": AN, "result": "positive"})
    await one.push(one.op(UNIT, "t1", fields, "test_result"), now="2026-10-01T02:00:00.000Z")
    assert await outcome(two, two.op(UNIT, "t1", fields, "test_result")) == ("duplicate", "")
    flagged = fields | names({"clock_wrong": True})
    assert await outcome(two, two.op(UNIT, "t1", flagged, "test_result")) == ("duplicate", "")
    await two.push(two.op(UNIT, "t2", fields, "test_result"))
    assert await outcome(one, one.op(UNIT, "t2", flagged, "test_result")) == ("duplicate", "")
    rows = await one.rows()
    assert (rows["t1"].body["clock_wrong"], rows["t2"].body["clock_wrong"]) == (True, True)
    assert not [row for row in rows.values() if row.type == "conflict"]


async def test_the_flag_alone_asks_nothing_about_the_rest(meeting: Meeting) -> None:
    """A laptop gives it back to a restored server that was sent the record itself by a clock that is right again."""
    one, two, _ = await three_with_an(meeting)
    await one.push(one.op(UNIT, "t1", names({"person": AN, "result": "positive"}), "test_result"))
    assert await outcome(two, two.op(UNIT, "t1", names({"clock_wrong": True}), "test_result")) == (
        "duplicate",
        "",
    )
    rows = await one.rows()
    assert rows["t1"].body == {"person": AN, "result": "positive", "clock_wrong": True}
    assert not [row for row in rows.values() if row.type == "conflict"]


async def test_five_minutes_or_an_hour_off_is_corrected_and_not_flagged(meeting: Meeting) -> None:
    one, _, _ = await three_with_an(meeting)
    op = one.op(UNIT, "t1", names({"person": AN, "result": "positive"}), "test_result")
    answer = await one.push(op, now="2026-11-22T01:00:00.000Z")
    assert answer.trailer.clock == "warn"
    assert "clock_wrong" not in (await one.rows())["t1"].body
