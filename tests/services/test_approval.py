"""The day's work approved, returned, changed since; the day closed and opened again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from sync import outbox
from tests.services.care_ward import DAY, WELL, CareWard
from tests.services.laptop_alone import area_id
from tui_app.clock import day_bounds, to_wire
from tui_app.errors import InvalidFields, NotOpened
from tui_app.records.visits import VisitOutcome
from tui_app.services.cases import cases, observing
from tui_app.services.command import approval
from tui_app.services.command.approval import DayClosed, DayNotClosed, DayReview, Reviewed, State
from tui_app.services.command.days import day_at, reporting_day
from tui_app.services.command.numbers import overview
from tui_app.services.station import facts, station_values
from tui_app.services.visits import visits

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    yield made
    made.close()


def review(ward: CareWard, on: date = DAY) -> DayReview:
    with ward.store.read() as c:
        return approval.day_review(c, on)


def states(ward: CareWard, on: date = DAY) -> dict[str, State]:
    return {line.done.row.id: line.state for line in review(ward, on).lines}


def line(ward: CareWard, record: str, on: date = DAY) -> Reviewed:
    return next(one for one in review(ward, on).lines if one.done.row.id == record)


def approve_all(ward: CareWard, on: date = DAY) -> int:
    return approval.approve(ward.store, "chief", on, review(ward, on).undecided).count


def test_the_days_visits_readings_and_cases_wait_until_they_are_approved(ward: CareWard) -> None:
    case = ward.case()
    reading = ward.measure(case).observation
    visit = visits.record_outcome(ward.store, "minh", ward.door, VisitOutcome.ABSENT)
    assert states(ward) == dict.fromkeys((visit, reading, case), State.UNDECIDED)
    assert line(ward, visit).done.who == "minh"
    assert approve_all(ward) == 3
    assert set(states(ward).values()) == {State.APPROVED}
    assert states(ward, NEXT) == {}
    approval.close(ward.store, "chief", DAY)
    assert review(ward).closed


def test_a_day_with_something_undecided_is_not_closed(ward: CareWard) -> None:
    case = ward.case()
    with pytest.raises(DayNotClosed) as refused:
        approval.close(ward.store, "chief", DAY)
    assert refused.value.params == {"count": 1}
    approval.give_back(ward.store, "chief", DAY, line(ward, case), "thiếu ngày khởi phát")
    approval.close(ward.store, "chief", DAY)
    assert review(ward).closed


def test_a_day_to_come_is_not_closed(ward: CareWard) -> None:
    with pytest.raises(DayNotClosed):
        approval.close(ward.store, "chief", NEXT)


def test_a_returned_record_comes_back_to_its_author_until_it_is_corrected(ward: CareWard) -> None:
    case = ward.case()
    with ward.store.work("minh") as work:
        row = work.get("case", case)
        fields = {"case": case, "person": row.body["person"], "at": ward.now, "slot_on": DAY, "slot": "am"}
        reading = work.create("observation", fields | {"spo2": 98}, place=row)
    approval.give_back(ward.store, "chief", DAY, line(ward, reading), "SpO2 đọc nhầm?")
    with ward.store.read() as c:
        (back,) = approval.returned(c, "minh")
        assert approval.returned(c, "lan") == []
    assert back.done.row.id == reading
    assert back.last is not None
    assert (back.last.returned_to, back.last.reason, back.last.who) == ("minh", "SpO2 đọc nhầm?", "chief")
    corrected = observing.amend_vitals(
        ward.store, "minh", reading, replace(WELL, spo2=97), "reading"
    ).observation
    with ward.store.read() as c:
        assert approval.returned(c) == []
    assert states(ward) == {corrected: State.UNDECIDED, case: State.UNDECIDED}


def test_a_returned_record_that_is_approved_after_all_leaves_the_roster(ward: CareWard) -> None:
    case = ward.case()
    approval.give_back(ward.store, "chief", DAY, line(ward, case), "xem lại")
    ward.at(DAY, 9)
    approval.approve(ward.store, "chief", DAY, [line(ward, case)])
    with ward.store.read() as c:
        assert approval.returned(c) == []


def test_a_case_corrected_after_approval_is_undecided_again_and_closing_shows_it(ward: CareWard) -> None:
    case = ward.case(onset_on=DAY)
    approve_all(ward)
    approval.close(ward.store, "chief", DAY)
    ward.at(NEXT, 8)
    with ward.store.work("minh") as work:
        work.change("case", case, {"onset_on": DAY - timedelta(days=2)})
    assert states(ward) == {case: State.CHANGED}
    assert review(ward).closed
    assert len(review(ward).undecided) == 1
    assert approve_all(ward) == 1
    assert review(ward).closed
    assert review(ward).undecided == []


def test_what_happens_to_a_case_on_a_later_day_leaves_the_approved_day_alone(ward: CareWard) -> None:
    case = ward.case()
    approve_all(ward)
    ward.at(NEXT, 8)
    cases.set_place(ward.store, "lan", case, "hospital", NEXT)
    assert states(ward) == {case: State.APPROVED}
    assert states(ward, NEXT) == {case: State.UNDECIDED}
    ward.at(NEXT, 9)
    approve_all(ward, NEXT)
    cases.end_case(ward.store, "lan", case, "died", NEXT)
    assert states(ward, NEXT) == {case: State.CHANGED}
    assert states(ward) == {case: State.APPROVED}


def test_a_sync_that_only_numbers_the_record_changes_nothing(ward: CareWard) -> None:
    case = ward.case()
    approve_all(ward)
    with ward.store.write() as c:
        c.execute('UPDATE "case" SET seq = 41 WHERE id = ?', (case,))
    assert states(ward) == {case: State.APPROVED}


def test_a_question_about_an_approved_case_makes_it_undecided(ward: CareWard) -> None:
    case = ward.case()
    approve_all(ward)
    row, began = ward.row("case", case), day_bounds(DAY)[0]
    with ward.store.work("server") as work:
        values = [{"value": "home", "at": began}, {"value": "hospital", "at": began}]
        fields = {"record_type": "case", "record": case, "field": "place", "values": values, "state": "open"}
        work.create("conflict", fields, place=row)
    assert states(ward) == {case: State.CHANGED}


def test_an_approved_visit_that_is_taken_back_is_undecided_again(ward: CareWard) -> None:
    visit = visits.record_outcome(ward.store, "minh", ward.door, VisitOutcome.REFUSED)
    approve_all(ward)
    ward.at(NEXT, 8)
    visits.withdraw_visit(ward.store, "minh", visit)
    assert states(ward) == {visit: State.CHANGED}
    assert approve_all(ward) == 1
    assert states(ward) == {visit: State.APPROVED}


def test_what_changed_while_the_chief_looked_is_not_approved_unseen(ward: CareWard) -> None:
    case = ward.case()
    shown = review(ward).undecided
    cases.set_place(ward.store, "lan", case, "hospital", DAY)
    assert approval.approve(ward.store, "chief", DAY, shown) == approval.Approved(0, 1)
    assert states(ward) == {case: State.UNDECIDED}


def test_a_closed_day_is_opened_again_only_with_a_reason(ward: CareWard) -> None:
    case = ward.case()
    approve_all(ward)
    approval.close(ward.store, "chief", DAY)
    with pytest.raises(DayClosed):
        approval.give_back(ward.store, "chief", DAY, line(ward, case), "xem lại")
    with pytest.raises(InvalidFields):
        approval.reopen(ward.store, "chief", DAY, " ")
    ward.at(DAY, 18)
    approval.reopen(ward.store, "chief", DAY, "Tổ 3 nộp muộn")
    assert not review(ward).closed
    assert states(ward) == {case: State.APPROVED}
    with ward.store.read() as c:
        told = [(one.decision, one.reason) for one in approval.history(c, DAY)]
    assert told == [("approved", ""), ("closed", ""), ("reopened", "Tổ 3 nộp muộn")]
    with pytest.raises(DayNotClosed):
        approval.reopen(ward.store, "chief", DAY, "lần nữa")


def test_only_the_chief_decides(ward: CareWard) -> None:
    case = ward.case()
    seen = line(ward, case)
    ward.store.role = "member"
    for deed in (
        lambda: approval.approve(ward.store, "minh", DAY, [seen]),
        lambda: approval.give_back(ward.store, "minh", DAY, seen, "x"),
        lambda: approval.close(ward.store, "minh", DAY),
        lambda: approval.reopen(ward.store, "minh", DAY, "x"),
    ):
        with pytest.raises(NotOpened):
            deed()
    assert ward.rows("review") == []


def test_a_reporting_day_cut_off_at_16_begins_on_the_day_before(ward: CareWard) -> None:
    # rules §1.5: the national bulletin counted 16:00 to 16:00
    ward.at(DAY, 7)
    station_values.keep_value(ward.store, "lan", station_values.CUT_OFF, "16:00")
    with ward.store.read() as c:
        day = reporting_day(c, DAY)
        assert (day.begins, day.ends) == ("2022-02-19T09:00:00.000Z", "2022-02-20T09:00:00.000Z")
        assert day_at(c, ward.at(DAY, 15, 59)) == DAY
        assert day_at(c, ward.at(DAY, 16)) == NEXT
    ward.at(DAY, 15)
    before = visits.record_outcome(ward.store, "minh", ward.door, VisitOutcome.ABSENT)
    ward.at(DAY, 17)
    after = visits.record_outcome(ward.store, "minh", ward.door, VisitOutcome.REFUSED)
    assert list(states(ward)) == [before]
    assert list(states(ward, NEXT)) == [after]


def test_while_a_unit_is_locked_its_work_is_not_shown_and_the_day_not_closed(ward: CareWard) -> None:
    ward.case()
    approve_all(ward)
    with ward.store.write() as c:
        outbox.hold_area(c, area_id(1), "27211", "write", to_wire(ward.now - timedelta(days=15)))
        facts.put(c, facts.SERVER, "http://server")
    assert review(ward).lines == ()
    with ward.store.read() as c:
        seen = overview(c, ward.now)
    assert (seen.number("new").value, seen.number("followed").value) == (0, 0)
    with pytest.raises(NotOpened):
        approval.close(ward.store, "chief", DAY)
