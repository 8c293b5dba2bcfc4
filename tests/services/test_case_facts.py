"""What is asked at entry and answered later: kept, judged again, nothing that a person decided is undone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.services.care_ward import DAY, CareWard
from tui_app.errors import InvalidFields
from tui_app.i18n import set_language
from tui_app.services.care.event_words import reason_words, taken_back
from tui_app.services.care.refusals import CannotUndo, CaseClosed
from tui_app.services.cases import cases
from tui_app.services.cases.case_facts import answer_entry, correct_days

VACCINATED = {"basic_doses": 2, "last_dose_on": date(2021, 12, 1), "conditions_asked": True}


@pytest.fixture
def ward(tmp_path: Path) -> CareWard:
    return CareWard(tmp_path)


def test_the_entry_is_judged_again_and_the_event_says_why(ward: CareWard) -> None:
    """QĐ 604 (from 14/03/2022): who neither cares for themselves nor has a carer is not cared for at home."""
    ward.at(date(2022, 3, 20), 8)
    case = ward.case(ward.person())
    (unsure,) = [became for kind, _, became in ward.events(case) if kind == "eligibility"]
    assert unsure == "unsure"
    ward.at(date(2022, 3, 20), 9)
    assert answer_entry(ward.store, ward.who, case, {"self_care": False, "carer_able": False}) == (
        "self_care",
        "carer_able",
    )
    assert ward.row("case", case).body["self_care"] is False
    assert ward.events(case)[-1] == ("eligibility", "unsure", "not_eligible")
    (row,) = ward.rows("case_event", '"case" = ? AND amends IS NOT NULL', case)
    assert row.body["reason"] == "self_care"


def test_what_was_judged_again_is_not_taken_back_whatever_it_comes_to(ward: CareWard) -> None:
    set_language("vi")
    ward.at(date(2022, 3, 20), 8)
    case = ward.case(ward.person())
    ward.at(date(2022, 3, 20), 9)
    answer_entry(ward.store, ward.who, case, {"self_care": False, "carer_able": False})
    ward.at(date(2022, 3, 20), 10)
    answer_entry(ward.store, ward.who, case, {"carer_able": True})
    events = ward.rows("case_event", '"case" = ? ORDER BY at', case)
    assert ward.events(case)[-2:] == [
        ("eligibility", "unsure", "not_eligible"),
        ("eligibility", "not_eligible", "unsure"),
    ]
    assert taken_back(events) == {}
    assert reason_words(events[-1]) == "xét lại vì sửa: Có người chăm sóc"
    place = cases.set_place(ward.store, ward.who, case, "hospital", date(2022, 3, 20))
    back = cases.undo(ward.store, ward.who, place, "nhầm")
    assert taken_back(ward.rows("case_event", '"case" = ?', case)) == {back: place}


def test_a_class_a_person_took_over_stays(ward: CareWard) -> None:
    case = ward.case(ward.person())
    ward.at(DAY, 9)
    cases.take_risk(ward.store, ward.who, case, "very_high", "bác sĩ")
    answer_entry(ward.store, ward.who, case, VACCINATED)
    assert ward.row("case", case).body["risk_class"] == "very_high"


def test_the_same_answers_again_are_no_change(ward: CareWard) -> None:
    case = ward.case(ward.person())
    answer_entry(ward.store, ward.who, case, VACCINATED)
    with pytest.raises(InvalidFields):
        answer_entry(ward.store, ward.who, case, VACCINATED)


def test_days_to_come_and_ended_cases_are_refused(ward: CareWard) -> None:
    case = ward.case(ward.person())
    with pytest.raises(InvalidFields):
        answer_entry(ward.store, ward.who, case, {"last_dose_on": DAY + timedelta(days=1)})
    cases.end_case(ward.store, ward.who, case, "hospital", DAY)
    with pytest.raises(CaseClosed):
        answer_entry(ward.store, ward.who, case, VACCINATED)


# ---- the days everything is counted from


def test_a_corrected_positive_day_moves_the_day_number_and_the_end(ward: CareWard) -> None:
    """QĐ 250: full 7 days from the first positive day (rules §2.7): 17/02 + 7 is 24/02."""
    case = ward.case()
    assert ward.line(case).day == 0
    ward.at(DAY, 9)
    (event,) = correct_days(
        ward.store, ward.who, case, {"first_positive_on": date(2022, 2, 17)}, "xem lại phiếu"
    )
    assert ward.row("case", case).body["first_positive_on"] == "2022-02-17"
    kept = ward.row("case_event", event)
    assert (kept.body["event"], kept.body["was"], kept.body["became"], kept.body["reason"]) == (
        "first_positive_on",
        "2022-02-20",
        "2022-02-17",
        "xem lại phiếu",
    )
    assert kept.who == ward.who
    assert ward.line(case).day == 3
    with ward.store.read() as c:
        card = cases.case_card(c, case, ward.now)
    assert (card.day, card.release.day_number, card.release.earliest) == (3, 3, date(2022, 2, 24))


def test_the_board_of_before_counts_from_the_day_that_was_known_then(ward: CareWard) -> None:
    case = ward.case()
    then = ward.at(DAY, 9)
    ward.at(DAY, 10)
    correct_days(ward.store, ward.who, case, {"first_positive_on": date(2022, 2, 17)}, "nhầm")
    assert ward.line(case, as_of=then).day == 0
    assert ward.line(case).day == 3


def test_a_corrected_positive_day_judges_the_risk_again(ward: CareWard) -> None:
    """QĐ 5525: fully vaccinated is two doses, the last 14 days before the positive test (rules §2.1, recalled)."""
    person = ward.person(birth_year=1950)
    facts = {"basic_doses": 2, "last_dose_on": date(2022, 2, 8), "conditions_asked": True}
    case = ward.case(person, facts=facts)
    assert ward.row("case", case).body["risk_class"] == "very_high", "12 days: not fully vaccinated"
    ward.at(DAY + timedelta(days=4), 9)
    correct_days(ward.store, ward.who, case, {"first_positive_on": date(2022, 2, 22)}, "nhầm")
    assert ("risk_class", "very_high", "high") in ward.events(case)
    (row,) = ward.rows("case_event", "event = 'risk_class' AND amends IS NOT NULL")
    assert row.body["reason"] == "first_positive_on"


def test_onset_can_be_corrected_and_left_empty(ward: CareWard) -> None:
    case = ward.case(onset_on=date(2022, 2, 18))
    correct_days(ward.store, ward.who, case, {"onset_on": date(2022, 2, 16)}, "hỏi lại")
    correct_days(ward.store, ward.who, case, {"onset_on": None}, "không triệu chứng")
    assert ward.row("case", case).body.get("onset_on") is None
    assert ward.events(case)[-2:] == [
        ("onset_on", "2022-02-18", "2022-02-16"),
        ("onset_on", "2022-02-16", None),
    ]


def test_a_correction_is_taken_back_and_the_case_judged_again(ward: CareWard) -> None:
    case = ward.case()
    (event,) = correct_days(ward.store, ward.who, case, {"first_positive_on": date(2022, 2, 17)}, "nhầm")
    cases.undo(ward.store, ward.who, event, "nhầm người")
    assert ward.line(case).day == 0
    with pytest.raises(CannotUndo):
        cases.undo(ward.store, ward.who, event)


def test_an_ended_case_can_have_its_days_corrected_but_not_after_its_end(ward: CareWard) -> None:
    case = ward.case()
    cases.end_case(ward.store, ward.who, case, "recovered", DAY, "giấy ra viện")
    ward.at(DAY + timedelta(days=2), 8)
    with pytest.raises(InvalidFields) as refused:
        correct_days(ward.store, ward.who, case, {"first_positive_on": DAY + timedelta(days=1)}, "nhầm")
    assert [problem.key for problem in refused.value.problems] == ["care.after_end"]
    (event,) = correct_days(ward.store, ward.who, case, {"first_positive_on": date(2022, 2, 10)}, "nhầm")
    cases.undo(ward.store, ward.who, event)
    assert ward.row("case", case).body["first_positive_on"] == "2022-02-20"


@pytest.mark.parametrize(
    ("days", "reason", "problem"),
    [
        ({"first_positive_on": DAY + timedelta(days=1)}, "nhầm", "problems.day_to_come"),
        ({"first_positive_on": DAY}, "nhầm", "care.no_change"),
        ({"first_positive_on": date(2022, 2, 1)}, " ", "problems.missing"),
        ({}, "nhầm", "care.no_change"),
    ],
)
def test_a_day_that_cannot_be_or_says_nothing_is_refused(
    ward: CareWard, days: dict[str, date | None], reason: str, problem: str
) -> None:
    case = ward.case()
    with pytest.raises(InvalidFields) as refused:
        correct_days(ward.store, ward.who, case, days, reason)
    assert [one.key for one in refused.value.problems] == [problem]
    assert ward.row("case", case).body["first_positive_on"] == "2022-02-20"
