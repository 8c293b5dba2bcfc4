"""Pushes over the real application: what is answered, what is kept, what other laptops then see."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from sync.conflicts import conflict_id
from sync.framing import encode_body
from sync.protocol import AreaMark, Op, Row, Trailer, row_hash
from tests.sync.meeting import Laptop, Meeting

AN = "01930000-0000-7000-9000-0000000000aa"
BINH = "01930000-0000-7000-9000-0000000000bb"
NEW = {"full_name": (None, "Nguyễn Văn An"), "birth_year": (None, 1950), "phone": (None, "+84903000111")}
UNIT, OTHER_UNIT, FAR = "27211/01", "27211/02", "27300/01"


def kept(meeting: Meeting, op: str) -> dict[str, Any]:
    """An op as the server keeps it."""
    with meeting.database.read() as tx:
        row = tx.one(
            "SELECT result, reason, commune, area, record, changes, seq, corrected FROM op WHERE id = :op",
            op=op,
        )
    assert row is not None
    return dict(
        zip(
            ["result", "reason", "commune", "area", "record", "changes", "seq", "corrected"], row, strict=True
        )
    )


async def raw_push(laptop: Laptop, *lines: bytes, count: int | None = None, **header: Any) -> Any:
    """A push of lines as they are."""
    trailer = Trailer(count=len(lines) if count is None else count)
    whole = [msgspec.json.encode(laptop.header(**header)), *lines, msgspec.json.encode(trailer)]
    return await laptop.post("/v1/push", encode_body(whole, laptop.encoding))


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


async def test_the_same_op_again_is_a_duplicate_with_the_same_receipt_and_changes_nothing(
    meeting: Meeting,
) -> None:
    one = await meeting.laptop(UNIT)
    op = one.op(UNIT, AN, NEW)
    (first,) = (await one.push(op)).results
    again = await one.push(op, op)
    assert [r.result for r in again.results] == ["duplicate", "duplicate"]
    assert {(r.seq, r.receipt, r.reason) for r in again.results} == {(first.seq, first.receipt, "applied")}
    assert len(first.receipt) == 12
    assert (await one.pull()).trailer.areas[0].seq == 2


async def test_an_op_twice_in_one_body_is_applied_once(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    op = one.op(UNIT, AN, NEW)
    assert [r.result for r in (await one.push(op, op)).results] == ["applied", "duplicate"]


async def test_a_late_duplicate_brings_the_row_as_it_has_become(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT)
    op = one.op(UNIT, AN, NEW)
    await one.push(op)
    await two.push(two.op(UNIT, AN, {"phone": ("+84903000111", "+84903000222")}, base_seq=2))
    (late,) = (await one.push(op)).results
    assert late.result == "duplicate"
    assert late.row is not None
    assert (late.row.seq, late.row.body["phone"]) == (3, "+84903000222")


async def test_where_an_area_stands_lets_the_pushing_laptop_skip_its_own_rows(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    answer = await one.push(one.op(UNIT, AN, NEW), one.op(UNIT, BINH, NEW))
    (mark,) = [line for line in answer.lines if isinstance(line, AreaMark)]
    area = meeting.areas[UNIT]
    assert (mark.area, mark.was_seq, mark.seq) == (area, 1, 3)
    hashes = row_hash("area", area, 1) + row_hash("person", AN, 2) + row_hash("person", BINH, 3)
    assert mark.digest == str(hashes % 2**64)


async def test_a_push_that_made_conflict_rows_does_not_let_anyone_skip_them(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT)
    await one.push(one.op(UNIT, AN, NEW))
    await one.push(one.op(UNIT, AN, {"birth_year": (1950, 1951)}, base_seq=2))
    answer = await two.push(two.op(UNIT, AN, {"birth_year": (1950, 1952)}, base_seq=2))
    (mark,) = [line for line in answer.lines if isinstance(line, AreaMark)]
    assert (mark.was_seq, mark.seq) == (-1, 4)


async def test_a_clinical_conflict_answers_the_row_and_everybody_pulls_the_question(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT, user="minh")
    await one.push(one.op(UNIT, AN, NEW))
    await one.push(one.op(UNIT, AN, {"birth_year": (1950, 1951)}, base_seq=2))
    (result,) = (await two.push(two.op(UNIT, AN, {"birth_year": (1950, 1952)}, base_seq=2))).results
    assert (result.result, result.field, result.seq) == ("conflict", "birth_year", 4)
    assert result.row is not None
    assert (result.row.body["birth_year"], result.row.seq) == (1951, 3)
    question = (await one.rows())[conflict_id("person", AN, "birth_year")]
    assert (question.type, question.seq, question.area) == ("conflict", 4, meeting.areas[UNIT])
    assert question.body["state"] == "open"
    assert [(v["value"], v["who"]) for v in question.body["values"]] == [(1951, "lan"), (1952, "minh")]


async def test_a_plain_meeting_shows_the_later_value_on_both(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT, user="minh")
    await one.push(one.op(UNIT, AN, NEW))
    early = one.op(UNIT, AN, {"phone": ("+84903000111", "+84903000222")}, base_seq=2)
    meeting.clock.forward(minutes=1)
    late = two.op(UNIT, AN, {"phone": ("+84903000111", "+84903000333")}, base_seq=2)
    meeting.clock.forward(minutes=1)
    await two.push(late)
    (result,) = (await one.push(early)).results
    assert result.result == "merged"
    assert result.row is not None
    assert result.row.body["phone"] == "+84903000333"
    assert (await one.rows())[conflict_id("person", AN, "phone")].body["state"] == "settled"


async def test_a_decision_travels_like_any_op(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT)
    await one.push(one.op(UNIT, AN, NEW))
    await one.push(one.op(UNIT, AN, {"birth_year": (1950, 1951)}, base_seq=2))
    await two.push(two.op(UNIT, AN, {"birth_year": (1950, 1952)}, base_seq=2))
    ident = conflict_id("person", AN, "birth_year")
    decision = {"state": ("open", "resolved"), "chosen": (None, 1952)}
    answer = await one.push(
        one.op(UNIT, ident, decision, type="conflict", base_seq=4),
        one.op(UNIT, AN, {"birth_year": (1951, 1952)}, base_seq=3),
    )
    assert [r.result for r in answer.results] == ["applied", "applied"]
    rows = await two.rows()
    assert rows[AN].body["birth_year"] == 1952
    assert (rows[ident].body["state"], rows[ident].body["chosen"]) == ("resolved", 1952)
    assert [v["value"] for v in rows[ident].body["values"]] == [1951, 1952]


async def test_other_fields_changed_meanwhile_come_back_with_the_answer(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT)
    await one.push(one.op(UNIT, AN, NEW))
    await two.push(two.op(UNIT, AN, {"note": (None, "điếc")}, base_seq=2))
    (result,) = (await one.push(one.op(UNIT, AN, {"birth_year": (1950, 1951)}, base_seq=2))).results
    assert result.result == "applied"
    assert result.row is not None
    assert result.row.body["note"] == "điếc"


async def test_unknown_fields_are_kept_and_sent_back_untouched(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    strange = {"care_plan": (None, {"goals": [1, 2.5, None, "đi lại"], "deep": {"ok": True}})}
    await one.push(one.op(UNIT, AN, {**NEW, **strange}))
    assert (await one.rows())[AN].body["care_plan"] == strange["care_plan"][1]


# ---- held and rejected: kept, never dropped, and the batch goes on


async def test_an_op_for_an_area_out_of_scope_is_held_and_kept(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    foreign, unknown = one.op(OTHER_UNIT, AN, NEW), one.op("27999/zz", BINH, NEW)
    good = one.op(UNIT, BINH, NEW)
    answer = await one.push(foreign, unknown, good)
    assert [(r.result, r.reason) for r in answer.results] == [
        ("held", "out-of-scope"),
        ("held", "out-of-scope"),
        ("applied", ""),
    ]
    assert kept(meeting, foreign.id)["result"] == "held"
    assert json.loads(kept(meeting, unknown.id)["changes"])["full_name"] == [None, "Nguyễn Văn An"]
    assert [line.area for line in answer.lines if isinstance(line, AreaMark)] == [meeting.areas[UNIT]]


async def test_a_commune_that_is_not_the_areas_is_out_of_scope(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    (result,) = (await one.push(one.op(UNIT, AN, NEW, commune="27300"))).results
    assert (result.result, result.reason) == ("held", "out-of-scope")


async def test_a_held_op_is_applied_when_it_comes_again_inside_the_scope(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    op = one.op(OTHER_UNIT, AN, NEW)
    await one.push(op)
    with meeting.database.write() as tx:
        tx.run(
            "INSERT INTO area_grant (commune, device, area, mode, since, until)"
            " VALUES ('27211', :device, :area, 'write', '', NULL)",
            device=one.device,
            area=meeting.areas[OTHER_UNIT],
        )
    (result,) = (await one.push(op)).results
    assert result.result == "applied"
    assert kept(meeting, op.id)["result"] == "applied"


async def test_an_edit_is_held_until_its_create_has_come(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    create = one.op(UNIT, AN, NEW)
    edit = one.op(UNIT, AN, {"birth_year": (1950, 1951)})
    (early,) = (await one.push(edit)).results
    assert (early.result, early.reason) == ("held", "unknown-record")
    assert [r.result for r in (await one.push(create, edit)).results] == ["applied", "applied"]
    assert (await one.rows())[AN].body["birth_year"] == 1951


async def test_rejected_ops_are_kept_with_their_reason_and_the_rest_goes_in(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    ops = [
        one.op(UNIT, AN, NEW, type="spaceship"),
        one.op(UNIT, meeting.areas[UNIT], {"unit_name": ("Tổ dân phố 1", "Của tôi")}, type="area"),
        one.op(UNIT, AN, NEW, at="yesterday"),
        one.op(UNIT, AN, NEW, at="2026-11-22T02:00:00"),
        one.op(UNIT, AN, NEW, device="another"),
        one.op(UNIT, AN, {"note": (None, "a\0b")}),
        one.op(UNIT, BINH, NEW),
    ]
    answer = await one.push(*ops)
    reasons = ["unknown-type", "server-written", "bad-time", "bad-time", "wrong-device", "bad-text", ""]
    assert [r.reason for r in answer.results] == reasons
    assert [r.result for r in answer.results] == ["rejected"] * 6 + ["applied"]
    assert [kept(meeting, op.id)["reason"] for op in ops] == reasons
    assert "\\u0000" in kept(meeting, ops[5].id)["changes"]


async def test_a_line_that_is_no_op_but_has_an_id_is_rejected_alone_and_kept_as_it_came(
    meeting: Meeting,
) -> None:
    one = await meeting.laptop(UNIT)
    good = one.op(UNIT, AN, NEW)
    broken = b'{"line":"op","id":"x1","n":7,"commune":"27211","set":{"phone":"no pair"}}'
    answer = await raw_push(one, broken, msgspec.json.encode(good))
    assert [(r.op, r.n, r.result, r.reason) for r in answer.results] == [
        ("x1", 7, "rejected", "bad-op"),
        (good.id, 1, "applied", ""),
    ]
    assert kept(meeting, "x1")["changes"] == broken.decode()


async def test_bytes_that_are_no_text_are_rejected_alone_and_kept(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    good = one.op(UNIT, AN, NEW)
    broken = b'{"line":"op","id":"x1","n":7,"commune":"27211","set":{"note":[null,"\xff"]}}'
    answer = await raw_push(one, broken, msgspec.json.encode(good))
    assert [(r.op, r.result, r.reason) for r in answer.results] == [
        ("x1", "rejected", "bad-op"),
        (good.id, "applied", ""),
    ]
    assert "\\xff" in kept(meeting, "x1")["changes"]
    assert (await raw_push(one, b'{"line":"op","id":"\xff"}')).problem == "bad-body"


async def test_numbers_and_nesting_no_laptop_makes_are_rejected_alone(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    ops = [
        one.op(UNIT, AN, NEW, n=2**70),
        one.op(UNIT, AN, NEW, base_seq=-1),
        one.op(UNIT, AN, {"note": (None, deep)}),
        one.op(UNIT, AN, {"note": (None, deep[0][0][0][0][0][0][0][0][0][0][0])}),
    ]
    bottomless = b'{"line":"op","id":"x2","set":{"note":[null,' + b"[" * 5000 + b"]" * 5000 + b"]}}"
    assert [r.reason for r in (await one.push(*ops)).results] == ["bad-number", "bad-number", "too-deep", ""]
    assert (await raw_push(one, bottomless)).problem == "bad-body"
    assert (await one.rows())[AN].body["note"] == deep[0][0][0][0][0][0][0][0][0][0][0]


async def test_an_op_id_is_not_used_for_another_record(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    op = one.op(UNIT, AN, NEW)
    await one.push(op)
    (result,) = (await one.push(msgspec.structs.replace(op, record=BINH))).results
    assert (result.result, result.reason) == ("rejected", "op-id-reused")
    assert BINH not in await one.rows()


async def test_a_viewer_neither_writes_nor_reads_rows(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT, role="viewer")
    assert [area.mode for area in one.scope.areas] == ["counts"]
    (result,) = (await one.push(one.op(UNIT, AN, NEW))).results
    assert (result.result, result.reason) == ("held", "read-only")
    refused = await one.pull()
    assert (refused.status, refused.problem) == (404, "not-in-scope")


# ---- scope that ends


async def test_ops_made_before_an_area_was_taken_away_apply_and_nothing_comes_back(meeting: Meeting) -> None:
    one, chief = await meeting.laptop(UNIT), await meeting.laptop("27211", role="chief")
    before = one.op(UNIT, AN, NEW)
    meeting.clock.forward(hours=1)
    with meeting.database.write() as tx:
        tx.run(
            "UPDATE area_grant SET until = :now WHERE device = :d",
            now="2026-11-22T02:30:00.000Z",
            d=one.device,
        )
        tx.run("UPDATE device SET scope_epoch = scope_epoch + 1 WHERE id = :d", d=one.device)
    after = one.op(UNIT, BINH, NEW)
    refused = await one.push(before, after)
    assert (refused.status, refused.problem) == (409, "scope-changed")
    assert (await one.ask_scope()).areas == []
    answer = await one.push(before, after)
    assert [(r.result, r.reason, r.row) for r in answer.results] == [
        ("applied", "", None),
        ("held", "out-of-scope", None),
    ]
    assert [line for line in answer.lines if isinstance(line, AreaMark)] == []
    assert AN in await chief.rows()
    gone = await one.pull({meeting.areas[UNIT]: ("", 0)})
    assert (gone.status, gone.problem) == (404, "not-in-scope")


async def test_an_applied_op_sent_again_after_the_area_was_lost_is_a_duplicate_not_held(
    meeting: Meeting,
) -> None:
    one = await meeting.laptop(UNIT)
    op = one.op(UNIT, AN, NEW)
    (first,) = (await one.push(op)).results
    with meeting.database.write() as tx:
        tx.run("DELETE FROM area_grant WHERE device = :device", device=one.device)
    (again,) = (await one.push(op)).results
    assert (again.result, again.receipt, again.row) == ("duplicate", first.receipt, None)


# ---- clocks


async def test_a_laptops_clock_is_corrected_by_what_it_says_now(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    op = one.op(UNIT, AN, NEW, at="2026-11-22T01:30:00.000Z")  # half an hour before its own now
    answer = await one.push(op, now="2026-11-22T01:50:00.000Z")  # which is ten minutes slow
    assert kept(meeting, op.id)["corrected"] == "2026-11-22T01:40:00.000Z"
    assert (answer.trailer.clock_offset, answer.trailer.clock) == (600.0, "warn")
    (row,) = [row for row in (await one.pull()).rows if row.id == AN]
    assert row.at == "2026-11-22T01:30:00.000Z"  # what people see is what the laptop said


async def test_a_corrected_time_is_never_later_than_the_arrival(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    op = one.op(UNIT, AN, NEW, at="2027-01-01T00:00:00.000Z")
    answer = await one.push(op)
    assert kept(meeting, op.id)["corrected"] == "2026-11-22T02:00:00.000Z"
    assert answer.trailer.clock == "ok"


async def test_a_clock_that_is_a_day_wrong_counts_by_arrival(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT)
    await one.push(one.op(UNIT, AN, NEW))
    meeting.clock.forward(minutes=5)
    await two.push(two.op(UNIT, AN, {"phone": ("+84903000111", "2")}, base_seq=2))
    meeting.clock.forward(minutes=5)
    wrong = one.op(UNIT, AN, {"phone": ("+84903000111", "3")}, base_seq=2, at="2020-01-01T00:00:00.000Z")
    answer = await one.push(wrong, now="2020-01-01T00:01:00.000Z")
    assert answer.trailer.clock == "wrong"
    assert (await one.rows())[AN].body["phone"] == "3"


# ---- bodies and headers


async def test_a_cloned_laptop_is_told_to_enrol_again_and_nothing_is_written(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    await one.push(one.op(UNIT, AN, NEW, n=7))
    refused = await one.push(one.op(UNIT, BINH, NEW, n=7))
    assert (refused.status, refused.problem) == (409, "device-forked")
    twice = await one.push(one.op(UNIT, BINH, NEW, n=8), one.op(UNIT, BINH, NEW, n=8))
    assert twice.problem == "device-forked"
    assert BINH not in await one.rows()


async def test_an_old_epoch_is_refused_and_a_file_without_one_is_not(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    refused = await one.push(one.op(UNIT, AN, NEW), epoch=0)
    assert (refused.status, refused.problem) == (409, "scope-changed")
    assert (await one.push(one.op(UNIT, AN, NEW), epoch=-1)).results[0].result == "applied"


@pytest.mark.parametrize("encoding", ["zstd", "gzip", "identity"])
async def test_every_encoding_works_both_ways(meeting: Meeting, encoding: str) -> None:
    one = await meeting.laptop(UNIT)
    one.encoding = encoding
    answer = await one.push(one.op(UNIT, AN, NEW))
    assert answer.results[0].result == "applied"
    assert answer.response.headers.get("content-encoding", "identity") == encoding
    assert AN in await one.rows()


async def test_broken_bodies_are_refused_whole(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    op = one.op(UNIT, AN, NEW)
    line = msgspec.json.encode(op)
    body = one.body([op])
    cases = [
        (await one.post("/v1/push", body[:-6]), 400, "cut-body"),
        (await raw_push(one, line, count=2), 400, "cut-body"),
        (await raw_push(one, b"not json"), 400, "bad-body"),
        (await raw_push(one, line, kind="pulled"), 400, "bad-body"),
        (await raw_push(one, line, device="another"), 400, "bad-body"),
        (await raw_push(one, line, now="tomorrow"), 400, "bad-body"),
        (await raw_push(one, line, protocol=9), 426, "too-old"),
        (await raw_push(one, line, schema=0), 426, "too-old"),
        (await one.post("/v1/push", b"<html>"), 400, "bad-body"),
        (await one.post("/v1/push", body, **{"Content-Encoding": "br"}), 415, "bad-encoding"),
        (await one.post("/v1/push", body, **{"Sync-Protocol": "9"}), 426, "too-old"),
    ]
    assert [(answer.status, answer.problem) for answer, _, _ in cases] == [(s, p) for _, s, p in cases]
    assert AN not in await one.rows()


async def test_too_many_ops_or_bytes_are_413(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    template = one.op(UNIT, AN, {"note": (None, "x")})
    ops: list[Op] = [msgspec.structs.replace(template, id=f"i{i}", n=i, record=f"r{i}") for i in range(2001)]
    many = await one.push(*ops)
    assert (many.status, many.problem) == (413, "too-many-ops")
    assert len((await one.push(*ops[:2000])).results) == 2000
    fat = await one.post("/v1/push", b"x" * (1024 * 1024 + 1))
    assert (fat.status, fat.problem) == (413, "too-large")
    one.encoding = "zstd"
    bomb = encode_body([msgspec.json.encode(one.header()), b" " * (40 << 20)])
    assert (await one.post("/v1/push", bomb)).status == 413


async def test_an_empty_push_is_fine(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    answer = await one.push()
    assert (answer.status, answer.results, answer.trailer.count) == (200, [], 0)


async def test_ops_for_several_areas_are_answered_in_their_order(meeting: Meeting) -> None:
    chief = await meeting.laptop("27211,27300/01", role="chief")
    ops = [chief.op(place, f"r{i}", NEW) for i, place in enumerate([FAR, UNIT, OTHER_UNIT, UNIT, FAR])]
    answer = await chief.push(*ops)
    assert [r.op for r in answer.results] == [op.id for op in ops]
    assert [r.seq for r in answer.results] == [2, 2, 2, 3, 3]
    assert len([line for line in answer.lines if isinstance(line, AreaMark)]) == 3
