"""Records that go to another area: one home, nothing lost on the way, and whoever is late follows them."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from sync.protocol import AreaMark
from sync.server import moves
from tests.sync.meeting import Laptop, Meeting, names
from tests.sync.moving import AN, BO, FAR, OTHER_UNIT, UNIT, move, results, settled, two_with_an


@pytest.mark.parametrize("target", [OTHER_UNIT, FAR])
async def test_a_moved_record_is_in_its_new_area_and_a_signpost_in_the_old(
    meeting: Meeting, target: str
) -> None:
    one, two = await two_with_an(meeting)
    place = [target[:5], meeting.areas[target]]
    answer = await one.push(move(one, AN, UNIT, target, 2))
    assert results(answer) == [("applied", "")]
    told = answer.results[0].row
    assert told is not None
    assert (told.commune, told.area, told.seq) == (*place, 3)
    assert told.body == {"full_name": "An", "phone": "+84901", "sex": "male"}
    rows = (await two.pull()).rows
    here = {row.area: row for row in rows if row.id == AN}
    assert here[meeting.areas[UNIT]].gone == "moved"
    assert here[meeting.areas[UNIT]].body == {"moved_to": place}
    assert here[meeting.areas[target]] == told
    assert (await settled(meeting))[AN] == [told]


async def test_a_laptop_of_one_unit_sees_the_record_go_or_come_and_no_byte_more(meeting: Meeting) -> None:
    both, old, new = (
        await meeting.laptop("27211"),
        await meeting.laptop(UNIT),
        await meeting.laptop(OTHER_UNIT),
    )
    await both.push(both.op(UNIT, AN, names({"full_name": "An"})))
    await both.push(move(both, AN, UNIT, OTHER_UNIT, 2, phone=(None, "+84999")))
    gone, come = (await old.rows())[AN], (await new.rows())[AN]
    assert (gone.gone, gone.body) == ("moved", {"moved_to": ["27211", meeting.areas[OTHER_UNIT]]})
    assert (come.gone, come.body) == (None, {"full_name": "An", "phone": "+84999"})


async def test_the_counter_of_the_new_area_jumps_so_that_unseen_edits_stay_unseen(meeting: Meeting) -> None:
    one, two = await two_with_an(meeting)
    for i in range(8):
        await two.push(two.op(UNIT, f"x{i}", names({"note": "x"})))
    await two.push(two.op(UNIT, AN, {"phone": ("+84901", "+84902")}, base_seq=2))  # counter 11, unseen by one
    moved = await one.push(move(one, AN, UNIT, OTHER_UNIT, 2))
    assert moved.results[0].seq == 12
    # The deletion was made at counter 2, before the new telephone number was seen: a question, not a deletion.
    answer = await one.push(one.op(OTHER_UNIT, AN, {"deleted": (False, True)}, base_seq=2))
    assert results(answer) == [("conflict", "")]
    assert (await settled(meeting))[AN][0].body["phone"] == "+84902"


async def test_that_a_record_moved_is_no_edit_for_who_deletes_it(meeting: Meeting) -> None:
    one, two = await two_with_an(meeting)
    await one.push(move(one, AN, UNIT, OTHER_UNIT, 2))
    answer = await two.push(two.op(UNIT, AN, {"deleted": (False, True)}, base_seq=2))
    assert results(answer) == [("applied", "")]
    (row,) = (await settled(meeting))[AN]
    assert (row.deleted, row.area) == (True, meeting.areas[OTHER_UNIT])


async def test_within_one_push_ops_before_and_after_a_move_find_the_record(meeting: Meeting) -> None:
    one, _ = await two_with_an(meeting)
    answer = await one.push(
        one.op(UNIT, AN, {"note": (None, "trước")}, base_seq=2),
        move(one, AN, UNIT, OTHER_UNIT, 2),
        one.op(OTHER_UNIT, AN, {"note": ("trước", "sau")}, base_seq=2),
        move(one, AN, OTHER_UNIT, FAR, 2),
        one.op(FAR, AN, {"birth_year": (None, 1950)}, base_seq=2),
        move(one, AN, FAR, UNIT, 2),
        one.op(UNIT, AN, {"phone": ("+84901", "+84905")}, base_seq=2),
    )
    assert results(answer) == [("applied", "")] * 7
    (row,) = (await settled(meeting))[AN]
    assert row.area == meeting.areas[UNIT]
    assert row.body == {
        "full_name": "An",
        "sex": "male",
        "note": "sau",
        "birth_year": 1950,
        "phone": "+84905",
    }


async def test_a_record_that_was_made_and_moved_before_the_first_sync(meeting: Meeting) -> None:
    one = await meeting.laptop("27211")
    answer = await one.push(one.op(UNIT, AN, names({"full_name": "An"})), move(one, AN, UNIT, OTHER_UNIT, 0))
    assert results(answer) == [("applied", "")] * 2
    assert [row.area for row in (await settled(meeting))[AN]] == [meeting.areas[OTHER_UNIT]]


async def test_an_edit_made_elsewhere_before_the_move_was_known_follows_the_record(meeting: Meeting) -> None:
    one, two = await two_with_an(meeting)
    await one.push(move(one, AN, UNIT, OTHER_UNIT, 2))
    await one.push(move(one, AN, OTHER_UNIT, FAR, 3))
    late = two.op(UNIT, AN, {"phone": ("+84901", "+84907"), "sex": ("male", "female")}, base_seq=2)
    for expected in ("applied", "duplicate", "duplicate"):
        (result,) = (await two.push(late)).results
        assert result.result == expected
        assert result.row is not None
        assert (result.row.area, result.row.body["phone"]) == (meeting.areas[FAR], "+84907")
    (row,) = (await settled(meeting))[AN]
    assert (row.area, row.body["sex"]) == (meeting.areas[FAR], "female")


async def test_an_edit_that_may_not_follow_is_held_and_applied_once_it_may(meeting: Meeting) -> None:
    one, _ = await two_with_an(meeting)
    old = await meeting.laptop(UNIT)
    await one.push(move(one, AN, UNIT, OTHER_UNIT, 2))
    late = old.op(UNIT, AN, {"phone": ("+84901", "+84907")}, base_seq=2)
    for _ in range(2):
        (result,) = (await old.push(late)).results
        assert (result.result, result.reason, result.row) == ("held", "moved", None)
    with meeting.database.write() as tx:
        tx.run("UPDATE area_grant SET area = '*' WHERE device = :d", d=old.device)
    assert results(await old.push(late)) == [("applied", "")]
    assert (await settled(meeting))[AN][0].body["phone"] == "+84907"


@pytest.mark.parametrize("target", [OTHER_UNIT, FAR])
async def test_an_edit_applied_before_the_move_is_not_applied_again_after_it(
    meeting: Meeting, target: str
) -> None:
    one, two = await two_with_an(meeting)
    edit = two.op(UNIT, AN, {"phone": ("+84901", "+84907")}, base_seq=2)
    await two.push(edit)
    await one.push(move(one, AN, UNIT, target, 3))
    await one.push(one.op(target, AN, {"phone": ("+84907", "+84908")}, base_seq=4))
    (again,) = (await two.push(edit)).results
    assert (again.result, again.reason) == ("duplicate", "applied")
    assert again.row is not None
    assert again.row.body["phone"] == "+84908"
    assert {row.type for rows in (await settled(meeting)).values() for row in rows} == {"person"}


async def test_two_who_move_one_record_to_different_areas_the_second_is_asked(meeting: Meeting) -> None:
    one, two = await two_with_an(meeting)
    assert results(await one.push(move(one, AN, UNIT, OTHER_UNIT, 2))) == [("applied", "")]
    mine = move(two, AN, UNIT, FAR, 2, phone=("+84901", "+84909"))
    assert results(await two.push(mine)) == [("held", "moved")]
    assert results(await two.push(mine)) == [("held", "moved")]
    (row,) = (await settled(meeting))[AN]
    assert (row.area, row.body["phone"]) == (meeting.areas[OTHER_UNIT], "+84901")


async def test_two_who_move_one_record_to_the_same_area_agree_and_their_edits_meet(meeting: Meeting) -> None:
    one, two = await two_with_an(meeting)
    await one.push(move(one, AN, UNIT, OTHER_UNIT, 2, sex=("male", "female")))
    same = await two.push(move(two, AN, UNIT, OTHER_UNIT, 2))
    assert results(same) == [("applied", "")]
    assert same.results[0].row is not None
    other = await two.push(move(two, AN, UNIT, OTHER_UNIT, 2, sex=("male", "unknown")))
    assert results(other) == [("conflict", "")]
    found = await settled(meeting)
    assert len(found) == 2
    assert {row.area for rows in found.values() for row in rows} == {meeting.areas[OTHER_UNIT]}


async def test_a_move_needs_both_areas_and_a_real_one(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    await one.push(one.op(UNIT, AN, names({"full_name": "An"})))
    areas = meeting.areas
    nowhere = one.op(UNIT, AN, {"area": (areas[UNIT], "nowhere")}, base_seq=2)
    wrong_commune = one.op(UNIT, AN, {"area": (areas[UNIT], areas[FAR])}, base_seq=2)
    for op in (move(one, AN, UNIT, OTHER_UNIT, 2), move(one, AN, UNIT, FAR, 2), nowhere, wrong_commune):
        assert results(await one.push(op)) == [("held", "out-of-scope")]
    viewer = await meeting.laptop("27211", "viewer")
    assert results(await viewer.push(move(viewer, AN, UNIT, OTHER_UNIT, 2))) == [("held", "read-only")]
    assert [row.area for row in (await settled(meeting))[AN]] == [areas[UNIT]]


async def test_moves_that_make_no_sense_are_refused(meeting: Meeting) -> None:
    one, _ = await two_with_an(meeting)
    areas = meeting.areas
    conflict = await one.push(one.op(UNIT, AN, {"sex": ("x", "female")}))
    assert results(conflict) == [("conflict", "")]
    (row,) = [row for row in (await one.rows()).values() if row.type == "conflict"]
    cases = [
        (one.op(UNIT, AN, {"area": (areas[OTHER_UNIT], areas[FAR])}), ("rejected", "bad-value")),
        (one.op(UNIT, AN, {"area": (areas[UNIT], 5)}), ("rejected", "bad-value")),
        (
            one.op(UNIT, AN, {"area": (areas[UNIT], areas[FAR]), "commune": ("1", "27300")}),
            ("rejected", "bad-value"),
        ),
        (one.op(UNIT, AN, {"area": (None, areas[FAR])}), ("rejected", "reserved-field")),
        (one.op(UNIT, AN, {"commune": ("27211", "27300")}), ("rejected", "reserved-field")),
        (
            one.op(UNIT, row.id, {"area": (areas[UNIT], areas[OTHER_UNIT])}, "conflict"),
            ("rejected", "reserved-field"),
        ),
        (move(one, BO, UNIT, OTHER_UNIT, 0), ("held", "unknown-record")),
        (move(one, BO, UNIT, OTHER_UNIT, 0, note=(None, "x")), ("held", "unknown-record")),
        (move(one, AN, UNIT, OTHER_UNIT, 2, gone=(None, "moved")), ("rejected", "reserved-field")),
        (move(one, areas[UNIT], UNIT, OTHER_UNIT, 1), ("held", "unknown-record")),
    ]
    for op, expected in cases:
        assert results(await one.push(op)) == [expected], op.set
    unit = one.op(UNIT, areas[UNIT], {"area": (areas[UNIT], areas[OTHER_UNIT])}, "area")
    assert results(await one.push(unit)) == [("rejected", "server-written")]
    assert results(await one.push(move(one, AN, UNIT, UNIT, 2, note=(None, "ở yên")))) == [("applied", "")]
    assert (await settled(meeting))[AN][0].body["note"] == "ở yên"


async def test_open_and_settled_questions_go_with_the_record_and_can_be_answered_there(
    meeting: Meeting,
) -> None:
    one, two = await two_with_an(meeting)
    await one.push(one.op(UNIT, BO, names({"full_name": "Bo", "sex": "male"})))
    for ident in (AN, BO):
        await two.push(two.op(UNIT, ident, {"sex": ("x", "female")}))
    await two.push(two.op(UNIT, AN, {"phone": ("y", "+84777")}))
    before = {row.id: row for row in (await one.rows()).values() if row.type == "conflict"}
    await one.push(move(one, AN, UNIT, FAR, 2))
    found = await settled(meeting)
    asked = [rows[0] for rows in found.values() if rows[0].type == "conflict"]
    of_an = [row for row in asked if row.body["record"] == AN]
    assert {row.body["state"] for row in of_an} == {"open", "settled"}
    assert {row.area for row in of_an} == {meeting.areas[FAR]}
    assert [row.area for row in asked if row.body["record"] == BO] == [meeting.areas[UNIT]]
    (sex,) = [row for row in of_an if row.body["field"] == "sex"]
    # Decided by a laptop that has not heard of the move.
    decision = {"state": ("open", "resolved"), "chosen": (None, "female")}
    late = two.op(UNIT, sex.id, decision, "conflict", base_seq=before[sex.id].seq)
    assert results(await two.push(late)) == [("applied", "")]
    (row,) = (await settled(meeting))[sex.id]
    assert (row.area, row.body["state"], row.body["chosen"]) == (meeting.areas[FAR], "resolved", "female")


async def test_there_and_back_again(meeting: Meeting) -> None:
    one, _ = await two_with_an(meeting)
    await one.push(one.op(UNIT, AN, {"sex": ("x", "female")}))
    areas, seq = itertools.cycle([UNIT, OTHER_UNIT, FAR]), 2
    here = next(areas)
    for _ in range(7):
        there = next(areas)
        (result,) = (await one.push(move(one, AN, here, there, seq))).results
        assert result.result == "applied"
        here, seq = there, result.seq
        found = await settled(meeting)
        assert {row.area for rows in found.values() for row in rows} == {meeting.areas[here]}
        assert len(found) == 2


async def test_a_deterministic_record_made_in_both_areas_meets_itself(meeting: Meeting) -> None:
    one, two = await two_with_an(meeting)
    await two.push(two.op(OTHER_UNIT, AN, names({"full_name": "An", "phone": "+84911", "sex": "female"})))
    await one.push(one.op(UNIT, AN, {"sex": ("x", "unknown")}))
    await two.push(two.op(OTHER_UNIT, AN, {"sex": ("x", "male")}))
    assert results(await one.push(move(one, AN, UNIT, OTHER_UNIT, 2))) == [("applied", "")]
    found = await settled(meeting)
    asked = {rows[0].body["field"]: rows[0].body for rows in found.values() if rows[0].type == "conflict"}
    assert all(len(rows) == 1 for rows in found.values())
    assert {value["value"] for value in asked["sex"]["values"]} == {"male", "female", "unknown"}
    assert asked["sex"]["state"] == "open"
    assert {value["value"] for value in asked["phone"]["values"]} == {"+84901", "+84911"}
    assert {value["who"] for value in asked["phone"]["values"]} == {"lan", "hoa"}


@pytest.mark.parametrize("type_name", ["person", "test_result"])
async def test_a_deletion_that_arrives_where_the_record_was_made_again_is_a_question(
    meeting: Meeting, type_name: str
) -> None:
    one = await meeting.laptop("27211")
    two = await meeting.laptop("27211")
    fields = names({"person": "p", "note": "x"} if type_name == "test_result" else {"full_name": "An"})
    for place in (UNIT, OTHER_UNIT):
        await one.push(one.op(place, AN, fields, type_name))
    gone = {"deleted": (False, True), "deleted_reason": (None, "nhầm")}
    assert results(await two.push(two.op(UNIT, AN, gone, type_name, base_seq=2))) == [("applied", "")]
    areas = meeting.areas
    moved = one.op(UNIT, AN, {"area": (areas[UNIT], areas[OTHER_UNIT])}, type_name, base_seq=2)
    assert results(await one.push(moved)) == [("applied", "")]
    found = [row for rows in (await settled(meeting)).values() for row in rows]
    (row,) = [row for row in found if row.type == type_name]
    (asked,) = [row.body for row in found if row.type == "conflict"]
    assert (row.area, row.deleted) == (areas[OTHER_UNIT], False)
    assert "deleted_reason" not in row.body
    assert (asked["field"], asked["state"]) == ("deleted", "open")
    assert {value["value"]: value.get("reason") for value in asked["values"]} == {False: None, True: "nhầm"}


async def test_a_move_out_of_an_area_that_lacks_the_record_is_done_where_it_goes_to(meeting: Meeting) -> None:
    """A restored server was given the record in its new area first; who still knows it in the old one follows."""
    one = await meeting.laptop("27211")
    two = await meeting.laptop("27211")
    await two.push(two.op(OTHER_UNIT, AN, names({"full_name": "An"})))
    moved = move(one, AN, UNIT, OTHER_UNIT, 2, note=(None, "x"))
    assert [results(await one.push(moved)) for _ in range(2)] == [
        [("applied", "")],
        [("duplicate", "applied")],
    ]
    assert results(await two.push(two.op(UNIT, AN, names({"full_name": "An", "phone": "+84901"})))) == [
        ("applied", "")
    ]
    (row,) = (await settled(meeting))[AN]
    assert row.area == meeting.areas[OTHER_UNIT]
    assert row.body == {"full_name": "An", "note": "x", "phone": "+84901"}
    nowhere = await one.push(move(one, BO, UNIT, OTHER_UNIT, 2))
    assert results(nowhere) == [("held", "unknown-record")]


async def test_observations_move_too_and_the_same_content_is_no_question(meeting: Meeting) -> None:
    one = await meeting.laptop("27211")
    fields = names({"person": AN, "at": "2026-11-22T01:00:00.000Z", "result": "negative"})
    for place in (UNIT, OTHER_UNIT):
        await one.push(one.op(place, "t1", fields, "test_result"))
    areas = meeting.areas
    op = one.op(UNIT, "t1", {"area": (areas[UNIT], areas[OTHER_UNIT])}, "test_result", base_seq=2)
    assert results(await one.push(op)) == [("applied", "")]
    found = await settled(meeting)
    assert [row.area for row in found["t1"]] == [areas[OTHER_UNIT]]
    assert len(found) == 1


async def test_a_deleted_record_stays_deleted_where_it_goes(meeting: Meeting) -> None:
    one, two = await two_with_an(meeting)
    await two.push(two.op(UNIT, AN, {"deleted": (False, True), "deleted_reason": (None, "nhầm")}, base_seq=2))
    assert results(await one.push(move(one, AN, UNIT, OTHER_UNIT, 2))) == [("applied", "")]
    (row,) = (await settled(meeting))[AN]
    assert (row.deleted, row.body["deleted_reason"]) == (True, "nhầm")


async def test_a_laptop_alone_with_its_areas_need_not_read_its_own_moves_back(meeting: Meeting) -> None:
    one, two = await two_with_an(meeting)
    cursors = {row.area: row for row in (await one.pull()).trailer.areas}
    answer = await one.push(move(one, AN, UNIT, OTHER_UNIT, 2), one.op(OTHER_UNIT, AN, {"note": (None, "x")}))
    marks = {mark.area: mark for mark in answer.lines if isinstance(mark, AreaMark)}
    for place in (UNIT, OTHER_UNIT):
        area = meeting.areas[place]
        assert marks[area].was_seq == cursors[area].seq
        assert marks[area].digest == {m.area: m.digest for m in (await two.pull()).trailer.areas}[area]


async def test_questions_that_moved_have_to_be_pulled(meeting: Meeting) -> None:
    one, _ = await two_with_an(meeting)
    await one.push(one.op(UNIT, AN, {"sex": ("x", "female")}))
    answer = await one.push(move(one, AN, UNIT, OTHER_UNIT, 2))
    assert {mark.was_seq for mark in answer.lines if isinstance(mark, AreaMark)} == {-1}


async def test_the_history_of_a_moved_record_goes_along_and_is_no_longer_told_where_it_left(
    meeting: Meeting,
) -> None:
    both, old, new = (
        await meeting.laptop("27211,27300"),
        await meeting.laptop(UNIT),
        await meeting.laptop(FAR),
    )
    made = both.op(UNIT, AN, names({"full_name": "An"}))
    moved = move(both, AN, UNIT, FAR, 2)
    await both.push(made, moved)

    async def told(laptop: Laptop) -> Any:
        answer = await meeting.http.get(f"/v1/history/person/{AN}", headers=laptop.headers)
        return [e["op"] for e in answer.json()] if answer.status_code == 200 else answer.status_code

    assert await told(old) == 404
    assert await told(new) == [moved.id]  # what another commune did with it is that commune's
    assert set(await told(both)) == {made.id, moved.id}


async def test_a_whole_team_moves_in_one_push(meeting: Meeting) -> None:
    one = await meeting.laptop("27211")
    ids = [f"r{i}" for i in range(300)]
    await one.push(*[one.op(UNIT, ident, names({"full_name": ident})) for ident in ids])
    answer = await one.push(*[move(one, ident, UNIT, OTHER_UNIT, n + 2) for n, ident in enumerate(ids)])
    assert set(results(answer)) == {("applied", "")}
    assert {row.area for row in [r.row for r in answer.results] if row} == {meeting.areas[OTHER_UNIT]}
    found = await settled(meeting)
    assert [found[ident][0].body for ident in ids] == [{"full_name": ident} for ident in ids]


def test_rows_of_the_table_of_moves_are_what_the_claim_says() -> None:
    claim = moves.Claim("c", "a", "person", "r", "op", "c2", "a2", "at", "corrected", "who", "device")
    assert (claim.key, claim.to) == (("person", "r"), ("c2", "a2"))
    assert len(msgspec.structs.astuple(claim)) == 11
