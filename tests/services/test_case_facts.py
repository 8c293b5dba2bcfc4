"""What is asked at entry and answered later: kept, judged again, nothing that a person decided is undone."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.services.care_ward import DAY, CareWard
from tui_app.errors import InvalidFields
from tui_app.services import cases
from tui_app.services.care.refusals import CaseClosed
from tui_app.services.case_facts import answer_entry

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
