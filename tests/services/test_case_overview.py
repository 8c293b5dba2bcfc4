"""A person's case as the card shows it: which case, which readings count in the chart, what is still missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.services.care_ward import DAY, WELL, CareWard
from tui_app.services.cases import cases, observing
from tui_app.services.cases.case_overview import HalfDays, Overview, half_days, last_said, overview
from tui_app.services.cases.observing import Vitals


@pytest.fixture
def ward(tmp_path: Path) -> CareWard:
    return CareWard(tmp_path)


def seen(ward: CareWard, person: str, case: str | None = None) -> Overview:
    with ward.store.read() as c:
        return overview(c, person, ward.now, case)


def chart(ward: CareWard, person: str, field: str = "spo2") -> HalfDays:
    found = seen(ward, person)
    assert found.card is not None
    return half_days(found, found.card, field)


def values(found: HalfDays) -> dict[int, float]:
    return {place: point.value for place, point in found.points.items()}


def test_somebody_without_a_case(ward: CareWard) -> None:
    found = seen(ward, ward.person())
    assert (found.heads, found.card, found.positive, found.is_open) == ((), None, False, False)


def test_the_open_case_is_shown_unless_another_one_is_chosen(ward: CareWard) -> None:
    person = ward.person()
    first = ward.case(person)
    cases.end_case(ward.store, ward.who, first, "recovered", DAY, "đủ")
    ward.at(DAY + timedelta(days=60), 8)
    second = ward.case(person)
    now, before = seen(ward, person), seen(ward, person, first)
    assert now.card is not None
    assert before.card is not None
    assert (now.card.id, now.is_open) == (second, True)
    assert (before.card.id, before.is_open) == (first, False)
    assert len(before.heads) == 2


def test_a_reading_stands_in_its_half_day_and_others_stay_empty(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    ward.measure(case)
    ward.at(DAY + timedelta(days=2), 16)
    ward.measure(case, replace(WELL, spo2=97))
    found = chart(ward, person)
    # the morning of day 0, and the afternoon of day 2: half-day 2 × 2 + 1
    assert (values(found), found.first, found.first_number) == ({0: 98, 5: 97}, DAY, 0)


def test_of_two_readings_in_a_half_day_the_worse_one_is_shown(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    ward.measure(case, replace(WELL, spo2=97, pulse=49, temperature_c=38.0))
    ward.at(DAY, 10)
    ward.measure(case, replace(WELL, spo2=99, pulse=90, temperature_c=37.0))
    assert values(chart(ward, person)) == {0: 97}
    assert values(chart(ward, person, "temperature_c")) == {0: 38.0}
    pulse = chart(ward, person, "pulse").points[0]
    assert (pulse.value, pulse.danger) == (49, True)  # < 50 is a sign of QĐ 261, 90 is none


def test_what_was_corrected_or_taken_back_is_not_shown(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    wrong = ward.measure(case, replace(WELL, spo2=89))
    observing.amend_vitals(ward.store, ward.who, wrong.observation, WELL, "gõ nhầm")
    ward.at(DAY, 16)
    none = ward.measure(case, replace(WELL, spo2=90))
    observing.withdraw_vitals(ward.store, ward.who, none.observation, "nhầm người")
    found = chart(ward, person)
    assert values(found) == {0: 98}
    assert not found.points[0].danger


def test_of_an_spo2_measured_twice_the_one_that_counted_is_shown(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    ward.measure(case, replace(WELL, spo2=95, spo2_repeat=98, spo2_repeat_after=45))
    (point,) = chart(ward, person).points.values()
    found = seen(ward, person).card
    assert found is not None
    (look,) = found.observations
    counts = next(one.field for one in look.findings if one.kind == "measurement")
    assert point.value == look.row.body[counts]


def test_after_fourteen_days_the_last_fourteen_are_shown(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    ward.measure(case)
    ward.at(DAY + timedelta(days=20), 8)
    ward.measure(case, replace(WELL, spo2=97))
    found = chart(ward, person)
    assert (found.first, found.first_number, values(found)) == (DAY + timedelta(days=7), 7, {26: 97})


def test_an_ended_case_shows_its_own_days(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    ward.measure(case)
    ward.at(DAY + timedelta(days=8), 8)
    cases.end_case(ward.store, ward.who, case, "recovered", DAY + timedelta(days=8), "đủ")
    ward.at(date(2022, 6, 1), 8)
    assert values(chart(ward, person)) == {0: 98}


def test_the_grade_of_the_last_reading_is_known_before_a_person_takes_it_over(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    ward.measure(case, replace(WELL, spo2=95))  # 94–96: moderate by QĐ 250
    card = seen(ward, person).card
    assert card is not None
    assert last_said(card, "severity") == "moderate"
    ward.at(DAY, 16)
    ward.measure(case, Vitals(temperature_c=36.6))
    card = seen(ward, person).card
    assert card is not None
    assert last_said(card, "severity") == ""  # nothing was measured that says so


def test_what_is_missing_is_named_for_each_question(ward: CareWard) -> None:
    person = ward.person()
    ward.case(person)
    found = seen(ward, person).missing
    assert "basic_doses" in found["risk_class"]
    assert "spo2" in found["severity"]
    assert "basic_doses" not in found["severity"]


def test_each_day_has_the_limits_of_its_own_rule_set(ward: CareWard) -> None:
    # QĐ 261/QĐ-BYT is in force from 31/01/2022 with SpO2 ≤ 96; QĐ 4038 before it prints ≤ 95 (domain/rules.md §2.5)
    ward.at(date(2022, 1, 28), 8)
    person = ward.person()
    ward.case(person)
    ward.at(date(2022, 2, 3), 8)
    found = chart(ward, person)
    said = {(one.limit.op, one.limit.value, one.since, one.until) for one in found.limits}
    assert found.first == date(2022, 1, 28)
    assert said == {("≤", 95, 0, 3), ("≤", 96, 3, 14)}


def test_two_sets_with_the_same_limit_are_one_line(ward: CareWard) -> None:
    # QĐ 604/QĐ-BYT replaces 261 from 14/03/2022; both are kept with ≤ 96 for adults (§2.5)
    ward.at(date(2022, 3, 10), 8)
    person = ward.person()
    ward.case(person)
    found = chart(ward, person)
    assert [(one.limit.op, one.limit.value, one.since, one.until) for one in found.limits] == [
        ("≤", 96, 0, 14)
    ]
