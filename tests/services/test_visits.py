"""A household visit as it is written, saved, corrected and taken back."""

from __future__ import annotations

from dataclasses import replace as altered

import pytest
from door_to_door import TODAY, WHO, family, household, later, person, rows, sheet_of

from sync import outbox
from tui_app.errors import NotFound
from tui_app.records.visits import Asked, Symptom, TestOutcome, VisitOutcome, Wellbeing
from tui_app.services.people import people
from tui_app.services.station import drafts
from tui_app.services.visits import visits
from tui_app.store.engine import Store

FIVE = ["Nguyễn Văn Đức", "Trần Thị Thủy", "Nguyễn Thị Hoa", "Nguyễn Văn Minh", "Nguyễn Thị Bé"]


def waiting(store: Store) -> dict[str, int]:
    with store.read() as c:
        return outbox.waiting_by_type(c)


def kept_drafts(store: Store) -> int:
    with store.read() as c:
        return drafts.count(c)


def test_the_sheet_has_a_line_for_everybody_who_lives_there_head_first(store: Store) -> None:
    door, _ = family(store, code="0712")
    person(store, door, "Lê Văn Cũ", died_on="2026-01-02")
    sheet = sheet_of(store, door)
    assert [line.full_name for line in sheet.lines] == FIVE
    assert (sheet.code, sheet.address, sheet.head_name) == ("0712", "12 Lê Lợi", "Nguyễn Văn Đức")
    assert sheet.lines[0].age is not None
    assert sheet.lines[0].age.low == 65
    assert sheet.answered == 0


def test_nothing_is_answered_until_somebody_answers(store: Store) -> None:
    door, _ = family(store)
    assert {line.wellbeing for line in sheet_of(store, door).lines} == {None}


def test_what_the_door_should_know_leaves_restricted_conditions_out(store: Store) -> None:
    door, people_ids = family(store, count=1)
    people.save_person(
        store,
        WHO,
        {},
        person=people_ids[0],
        risk_groups=frozenset({"elderly"}),
        conditions=frozenset({"hiv", "diabetes"}),
        restricted=True,
    )
    assert sheet_of(store, door).lines[0].alerts == ("diabetes", "elderly")


def test_taking_the_last_sign_away_is_unanswered_not_well(store: Store) -> None:
    door, _ = family(store, count=1)
    line = sheet_of(store, door).lines[0].toggle(Symptom.COUGH)
    assert (line.wellbeing, line.symptoms) == (Wellbeing.UNWELL, (Symptom.COUGH,))
    assert line.toggle(Symptom.COUGH).wellbeing is None


def test_the_rest_are_well_and_marked_as_asked_together(store: Store) -> None:
    door, _ = family(store)
    sheet = sheet_of(store, door)
    sheet = sheet.with_line(sheet.lines[1].toggle(Symptom.FEVER)).rest_well()
    assert [line.wellbeing for line in sheet.lines] == [
        Wellbeing.WELL,
        Wellbeing.UNWELL,
        Wellbeing.WELL,
        Wellbeing.WELL,
        Wellbeing.WELL,
    ]
    assert [line.asked for line in sheet.lines] == [Asked.ALL, Asked.EACH, Asked.ALL, Asked.ALL, Asked.ALL]


def test_a_saved_household_is_a_visit_a_line_a_person_and_the_tests(store: Store) -> None:
    door, members = family(store)
    sheet = sheet_of(store, door)
    sick = sheet.lines[1].toggle(Symptom.COUGH).toggle(Symptom.FEVER)
    sick = altered(sick, test=TestOutcome.POSITIVE, exposure=True, note="tự làm")
    visit = visits.record_visit(store, WHO, sheet.with_line(sick).rest_well())

    (saved,) = rows(store, "SELECT * FROM household_visit")
    assert (saved["id"], saved["household"], saved["outcome"], saved["asked"]) == (visit, door, "met", "all")
    assert (saved["area"], saved["commune"], saved["at"]) == (
        "0190-area-1",
        "27211",
        "2026-11-22T02:05:00.000Z",
    )
    lines = {row["person"]: row for row in rows(store, "SELECT * FROM screening")}
    assert set(lines) == set(members)
    line = lines[members[1]]
    assert (line["wellbeing"], line["symptoms"], line["asked"]) == ("unwell", '["fever","cough"]', "each")
    assert (line["exposure"], line["travel"], line["note"]) == (1, None, "tự làm")
    assert lines[members[0]]["symptoms"] == "[]"
    (test,) = rows(store, "SELECT * FROM test_result")
    assert (test["person"], test["result"], test["method"], test["visit"]) == (
        members[1],
        "positive",
        "antigen",
        visit,
    )
    assert waiting(store)["screening"] == 5


def test_who_was_not_asked_is_said_and_has_no_signs(store: Store) -> None:
    door, _ = family(store, count=2)
    sheet = sheet_of(store, door)
    visits.record_visit(store, WHO, sheet.with_line(sheet.lines[0].well()))
    found = rows(store, "SELECT wellbeing, symptoms, asked FROM screening ORDER BY wellbeing")
    assert found == [
        {"wellbeing": "not_asked", "symptoms": None, "asked": None},
        {"wellbeing": "well", "symptoms": "[]", "asked": "each"},
    ]


def test_a_draft_is_on_top_of_the_sheet_and_survives_a_new_store(store: Store) -> None:
    door, _ = family(store)
    sheet = sheet_of(store, door)
    line = altered(sheet.lines[2].toggle(Symptom.DYSPNOEA), note="thở mệt", travel=False)
    visits.keep_draft(store, WHO, sheet.with_line(line))
    key = bytes(range(32))
    again = Store(store.path, key, clock=store.clock)
    try:
        restored = sheet_of(again, door)
    finally:
        again.close()
    assert restored.lines[2] == line
    assert restored.answered == 1
    assert restored.drafted_at == "2026-11-22T02:05:00.000Z"


def test_saving_takes_the_draft_away_in_the_same_step(store: Store) -> None:
    door, _ = family(store)
    sheet = sheet_of(store, door).rest_well()
    visits.keep_draft(store, WHO, sheet)
    assert kept_drafts(store) == 1
    visits.record_visit(store, WHO, sheet)
    assert kept_drafts(store) == 0


def test_a_household_met_today_opens_with_its_answers_and_is_corrected_by_new_rows(store: Store) -> None:
    door, members = family(store, count=2)
    sheet = sheet_of(store, door)
    positive = altered(sheet.lines[0].toggle(Symptom.FEVER), test=TestOutcome.POSITIVE)
    first = visits.record_visit(store, WHO, sheet.with_line(positive))
    later(store, minutes=30)
    again = sheet_of(store, door)
    assert (again.amends, again.answered, again.lines[0].symptoms) == (first, 1, (Symptom.FEVER,))
    visits.record_visit(store, WHO, again.rest_well())

    amending = rows(store, "SELECT amends FROM household_visit WHERE amends IS NOT NULL")
    assert amending == [{"amends": first}]
    tests = rows(store, "SELECT id, at, amends FROM test_result ORDER BY id")
    assert [test["at"] for test in tests] == ["2026-11-22T02:05:00.000Z", "2026-11-22T02:05:00.000Z"]
    assert tests[1]["amends"] == tests[0]["id"]
    old = {row["person"]: row["id"] for row in rows(store, "SELECT * FROM screening WHERE visit = ?", first)}
    new = rows(store, "SELECT person, amends FROM screening WHERE visit <> ?", first)
    assert {row["person"]: row["amends"] for row in new} == old
    assert set(old) == set(members)


def test_another_result_is_a_test_made_now(store: Store) -> None:
    door, _ = family(store, count=1)
    sheet = sheet_of(store, door)
    visits.record_visit(store, WHO, sheet.with_line(altered(sheet.lines[0].well(), test=TestOutcome.INVALID)))
    later(store, minutes=20)
    again = sheet_of(store, door)
    visits.record_visit(store, WHO, again.with_line(altered(again.lines[0], test=TestOutcome.NEGATIVE)))
    tests = rows(store, "SELECT at, result FROM test_result ORDER BY at")
    assert tests == [
        {"at": "2026-11-22T02:05:00.000Z", "result": "invalid"},
        {"at": "2026-11-22T02:25:00.000Z", "result": "negative"},
    ]


def test_answers_that_came_from_elsewhere_fill_a_draft_but_do_not_overwrite_it(store: Store) -> None:
    door, _ = family(store, count=3)
    fresh = sheet_of(store, door)
    mine = fresh.with_line(fresh.lines[0].toggle(Symptom.COUGH))
    other = visits.record_visit(
        store, "minh", fresh.with_line(fresh.lines[0].well()).with_line(fresh.lines[1].well())
    )
    visits.keep_draft(store, WHO, mine)  # begun before the other visit arrived
    merged = sheet_of(store, door)
    assert merged.amends == other
    assert [line.wellbeing for line in merged.lines] == [Wellbeing.UNWELL, Wellbeing.WELL, None]


def test_taking_a_visit_back_keeps_the_first_row_and_gives_the_sheet_back(store: Store) -> None:
    door, _ = family(store)
    sheet = sheet_of(store, door)
    written = sheet.with_line(altered(sheet.lines[1].toggle(Symptom.FEVER), note="chờ con về"))
    visit = visits.record_visit(store, WHO, written)
    visits.withdraw_visit(store, WHO, visit)
    found = rows(store, "SELECT outcome, amends FROM household_visit ORDER BY id")
    assert found == [{"outcome": "met", "amends": None}, {"outcome": "withdrawn", "amends": visit}]
    restored = sheet_of(store, door)
    assert restored.lines == written.lines
    assert restored.amends is None


def test_undo_does_not_overwrite_what_was_typed_since(store: Store) -> None:
    door, _ = family(store, count=2)
    sheet = sheet_of(store, door)
    visit = visits.record_visit(store, WHO, sheet.rest_well())
    again = sheet_of(store, door)
    visits.keep_draft(store, WHO, again.with_line(again.lines[1].toggle(Symptom.HEADACHE)))
    visits.withdraw_visit(store, WHO, visit)
    restored = sheet_of(store, door)
    assert [line.wellbeing for line in restored.lines] == [Wellbeing.WELL, Wellbeing.UNWELL]


def test_an_absence_taken_back_leaves_no_draft(store: Store) -> None:
    door = household(store, "1 Lê Lợi")
    visit = visits.record_outcome(store, WHO, door, VisitOutcome.ABSENT)
    visits.withdraw_visit(store, WHO, visit)
    assert kept_drafts(store) == 0


def test_the_sheet_remembers_the_last_answer_of_an_earlier_visit(store: Store) -> None:
    door, _ = family(store, count=2)
    now = store.clock()
    later(store, days=-3)
    sheet = sheet_of(store, door)
    visits.record_visit(store, WHO, sheet.with_line(sheet.lines[0].toggle(Symptom.COUGH)))
    later(store, seconds=(now - store.clock()).total_seconds())
    first, second = sheet_of(store, door).lines
    assert first.before is not None
    assert (first.before.at, first.before.wellbeing, first.before.symptoms) == (
        "2026-11-19T02:05:00.000Z",
        Wellbeing.UNWELL,
        (Symptom.COUGH,),
    )
    assert second.before is None
    assert not first.answered


def test_a_household_that_is_gone_is_refused_by_name(store: Store) -> None:
    with pytest.raises(NotFound) as refused, store.read() as c:
        visits.visit_sheet(c, "no-such-door", TODAY)
    assert refused.value.key == "errors.record_not_found"
