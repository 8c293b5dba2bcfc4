"""Severity (domain/rules.md §2.6) and risk class (§2.1, §2.2): each limit on both sides."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.rules.by_day import UNDER_261, born, found, judged, outcomes
from tui_app.records.cases import CaseRiskClass, SeverityGrade
from tui_app.rules.set_checks import RISK_CLASS, SEVERITY

UNDER_4689, UNDER_250, UNDER_2671 = date(2021, 12, 1), UNDER_261, date(2023, 6, 26)
UNDER_3646, UNDER_5525 = date(2021, 8, 5), date(2022, 2, 10)


def test_the_grades_of_rules_and_of_records_are_the_same() -> None:
    assert set(SEVERITY) == {grade.value for grade in SeverityGrade}
    assert set(RISK_CLASS) == {level.value for level in CaseRiskClass}


@pytest.mark.parametrize("day", [UNDER_4689, UNDER_250, date(2022, 1, 28), date(2023, 6, 25)])
@pytest.mark.parametrize(
    ("rate", "spo2", "ticked", "grade"),
    [
        # 4689 [V] = 250 [M-high]: RR < 20 and SpO2 > 96; 20–25 or 94–96; > 25 or < 94
        (19, 97, [], "asymptomatic"),
        (19, 97, ["cough"], "mild"),
        (20, 97, [], "moderate"),
        (19, 96, ["cough"], "moderate"),
        (25, 97, [], "moderate"),
        (19, 94, [], "moderate"),
        (26, 97, [], "severe"),
        (19, 93, [], "severe"),
        (19, 97, ["respiratory_distress"], "severe"),
        (19, 97, ["shock"], "critical"),
        (30, 90, ["ventilated"], "critical"),
    ],
)
def test_severity_of_an_adult_under_4689_and_250(
    day: date, rate: int, spo2: int, ticked: list[str], grade: str
) -> None:
    assert outcomes("severity", day, respiratory_rate=rate, spo2=spo2, symptoms=ticked) == {grade}


@pytest.mark.parametrize(
    ("rate", "spo2", "ticked", "grade"),
    [
        # 2671: RR < 22, SpO2 > 96; RR 22–30, SpO2 ≥ 94; RR > 30, SpO2 < 94
        (21, 97, [], "asymptomatic"),
        (21, 97, ["cough"], "mild"),
        (22, 97, [], "moderate"),
        (30, 97, [], "moderate"),
        (21, 96, [], "moderate"),
        (21, 94, [], "moderate"),
        (31, 97, [], "severe"),
        (21, 93, [], "severe"),
    ],
)
def test_severity_of_an_adult_under_2671(rate: int, spo2: int, ticked: list[str], grade: str) -> None:
    said = {"respiratory_rate": rate, "spo2": spo2, "symptoms": ticked}
    assert outcomes("severity", UNDER_2671, **said) == {grade}


@pytest.mark.parametrize(
    ("months", "rate", "spo2", "ticked", "grade"),
    [
        # 5155: fast breathing by age [V], SpO2 94–95 [V]; ≥ 96, 90–<94 and < 90 [M-med]
        (1, 59, 96, ["cough"], "mild"),
        (1, 60, 96, [], "moderate"),
        (2, 49, 96, ["cough"], "mild"),
        (11, 50, 96, [], "moderate"),
        (12, 39, 96, ["cough"], "mild"),
        (59, 40, 96, [], "moderate"),
        (60, 40, 96, ["cough"], "mild"),  # no limit from five years on
        (60, 20, 95, [], "moderate"),
        (60, 20, 94, [], "moderate"),
        (60, 20, 93, [], "severe"),
        (60, 20, 90, [], "severe"),
        (60, 20, 89, [], "critical"),
        (60, 20, 96, ["severe_pneumonia"], "severe"),
        (60, 20, 97, [], "asymptomatic"),
    ],
)
def test_severity_of_a_child(months: int, rate: int, spo2: int, ticked: list[str], grade: str) -> None:
    said = {"respiratory_rate": rate, "spo2": spo2, "symptoms": ticked}
    assert outcomes("severity", UNDER_250, birth_date=born(UNDER_250, months=months), **said) == {grade}


def test_children_are_graded_by_their_own_document_beside_that_of_adults() -> None:
    sets = [
        found(judged(UNDER_250, birth_date=born(UNDER_250, years=age), spo2=93), "severity")[0].rule_set
        for age in (16, 17)
    ]
    assert sets == ["qd-5155", "qd-250"]


def test_a_mild_grade_is_not_said_while_a_worse_one_is_not_ruled_out() -> None:
    assert outcomes("severity", UNDER_250, respiratory_rate=18, spo2=None, symptoms=["cough"]) == set()
    half = judged(UNDER_250, respiratory_rate=22, spo2=None, symptoms=["cough"])
    assert {one.outcome for one in found(half, "severity")} == {"moderate"}  # at least that
    assert "spo2" in half.missing


DOSES = {"basic_doses": 2, "first_positive_on": UNDER_5525}
FULLY = DOSES | {"last_dose_on": UNDER_5525 - timedelta(14)}
NOT_YET = DOSES | {"last_dose_on": UNDER_5525 - timedelta(13)}
WELL: dict[str, Any] = {"respiratory_rate": 18, "spo2": 97, "pulse": 80, "sex": "male"}


@pytest.mark.parametrize(
    ("said", "level"),
    [
        # QĐ 5525 [M-med]: age, condition and vaccine
        ({"years": 65} | NOT_YET, "very_high"),
        ({"years": 65} | FULLY, "high"),
        ({"years": 64} | FULLY, "medium"),
        ({"years": 64} | NOT_YET, "high"),
        ({"years": 64} | FULLY | {"basic_doses": 1}, "high"),
        ({"years": 50} | NOT_YET, "high"),
        ({"years": 50} | FULLY, "medium"),
        ({"years": 49} | NOT_YET, "medium"),
        ({"years": 49} | FULLY, "low"),
        ({"years": 30, "conditions": ["asthma"]} | NOT_YET, "very_high"),
        ({"years": 30, "conditions": ["asthma"]} | FULLY, "high"),
        # emergency: RR > 25, SpO2 < 94 and ≤ 93, HR > 120, SBP < 90, DBP < 60; SpO2 94–96
        ({"years": 30, "respiratory_rate": 25} | FULLY, "low"),
        ({"years": 30, "respiratory_rate": 26} | FULLY, "very_high"),
        ({"years": 30, "spo2": 93} | FULLY, "very_high"),
        ({"years": 30, "spo2": 94} | FULLY, "high"),
        ({"years": 30, "spo2": 96} | FULLY, "high"),
        ({"years": 30, "pulse": 120} | FULLY, "low"),
        ({"years": 30, "pulse": 121} | FULLY, "very_high"),
        ({"years": 30, "systolic_bp": 90, "diastolic_bp": 60} | FULLY, "low"),
        ({"years": 30, "systolic_bp": 89} | FULLY, "very_high"),
        ({"years": 30, "diastolic_bp": 59} | FULLY, "very_high"),
        ({"years": 30, "signs": ["dyspnoea"]} | FULLY, "very_high"),
        ({"years": 30, "signs": ["tracheostomy"]} | FULLY, "very_high"),
        ({"years": 30, "symptoms": ["cough"]} | FULLY, "medium"),
        # pregnant, 42 days after birth, child up to three months
        ({"years": 30, "sex": "female", "pregnant": True} | FULLY, "high"),
        ({"years": 30, "sex": "female", "pregnant": False} | FULLY, "low"),
        (
            {"years": 30, "sex": "female", "pregnant": False, "delivered_on": UNDER_5525 - timedelta(42)}
            | FULLY,
            "high",
        ),
        (
            {"years": 30, "sex": "female", "pregnant": False, "delivered_on": UNDER_5525 - timedelta(43)}
            | FULLY,
            "low",
        ),
        ({"months": 3, "basic_doses": 0}, "high"),
        ({"months": 4, "basic_doses": 0}, "medium"),
        ({"months": 3} | FULLY, "high"),
        ({"months": 4} | FULLY, "low"),  # nobody is, at that age; the line is tried on both sides
    ],
)
def test_the_worst_class_of_5525_with_a_true_line(said: dict[str, Any], level: str) -> None:
    age = {name: said[name] for name in ("years", "months") if name in said}
    rest = {name: value for name, value in said.items() if name not in age}
    assert outcomes("risk_class", UNDER_5525, birth_date=born(UNDER_5525, **age), **WELL | rest) == {level}


@pytest.mark.parametrize(
    ("said", "level"),
    [
        # QĐ 3646: very high and low lines [V], the others [M-low]
        ({"years": 65, "conditions": ["diabetes"]}, "very_high"),
        ({"years": 65}, "high"),
        ({"years": 64}, "medium"),
        ({"years": 46}, "medium"),
        ({"years": 45}, "low"),
        ({"years": 30, "spo2": 92}, "very_high"),
        ({"years": 30, "spo2": 93}, "very_high"),  # the line "SpO2 < 94" against its own "93–94"
        ({"years": 30, "spo2": 94}, "high"),
        ({"years": 30, "spo2": 95}, "medium"),
        ({"years": 30, "spo2": 97}, "low"),
        ({"years": 4}, "high"),
        ({"years": 5}, "low"),
        (
            {
                "years": 50,
                "conditions": ["asthma"],
                "basic_doses": 2,
                "last_dose_on": UNDER_3646 - timedelta(12),
                "first_positive_on": UNDER_3646,
            },
            "low",
        ),
    ],
)
def test_the_worst_class_of_3646_with_a_true_line(said: dict[str, Any], level: str) -> None:
    rest = {name: value for name, value in said.items() if name != "years"}
    birth = born(UNDER_3646, years=said["years"])
    assert outcomes("risk_class", UNDER_3646, birth_date=birth, **WELL | rest) == {level}


@pytest.mark.parametrize(
    ("rule", "held", "not_held"),
    [
        # QĐ 3646, each line by itself: emergency [V] RR > 25, SpO2 < 94, HR > 120, SBP < 90, DBP < 60; SpO2 ≤ 92
        ("emergency_breathing_rate", {"respiratory_rate": 26}, {"respiratory_rate": 25}),
        ("emergency_spo2", {"spo2": 93}, {"spo2": 94}),
        ("emergency_pulse", {"pulse": 121}, {"pulse": 120}),
        ("emergency_systolic", {"systolic_bp": 89}, {"systolic_bp": 90}),
        ("emergency_diastolic", {"diastolic_bp": 59}, {"diastolic_bp": 60}),
        ("spo2_very_low", {"spo2": 92}, {"spo2": 93}),
        ("spo2_95_96", {"spo2": 95}, {"spo2": 97}),
        ("spo2_95_96", {"spo2": 96}, {"spo2": 94}),
        (
            "elderly_with_condition",
            {"years": 65, "conditions": ["diabetes"]},
            {"years": 64, "conditions": ["diabetes"]},
        ),
        ("age_46_64", {"years": 64}, {"years": 65}),
        ("young_healthy", {"years": 45}, {"years": 46}),
        ("nothing_abnormal", {"spo2": 97}, {"spo2": 96}),
    ],
)
def test_both_sides_of_each_line_of_3646(rule: str, held: dict[str, Any], not_held: dict[str, Any]) -> None:
    def rules(said: dict[str, Any]) -> set[str]:
        birth = born(UNDER_3646, years=said.get("years", 40))
        rest = {name: value for name, value in said.items() if name != "years"}
        return {one.rule for one in found(judged(UNDER_3646, birth_date=birth, **WELL | rest), "risk_class")}

    assert rule in rules(held)
    assert rule not in rules(not_held)


@pytest.mark.parametrize("rule", ["emergency_spo2", "spo2_very_low"])
@pytest.mark.parametrize(("spo2", "holds"), [(93, True), (94, False)])
def test_two_lines_of_5525_meet_at_94_percent(rule: str, spo2: int, holds: bool) -> None:
    """An emergency below 94 %, and very high to 93 % (rules §2.1, [M-med])."""
    rules = {one.rule for one in found(judged(UNDER_5525, **WELL | {"spo2": spo2}), "risk_class")}
    assert (rule in rules) is holds


@pytest.mark.parametrize(
    ("doses", "before", "holds"), [(2, 12, True), (2, 11, False), (1, 12, False), (3, 13, True)]
)
def test_two_doses_twelve_days_before_the_positive_test_under_3646(
    doses: int, before: int, holds: bool
) -> None:
    vaccine = {"basic_doses": doses, "last_dose_on": UNDER_3646 - timedelta(before)}
    judgement = judged(UNDER_3646, first_positive_on=UNDER_3646, **vaccine, **WELL)
    assert ("two_doses" in {one.rule for one in found(judgement, "risk_class")}) is holds


@pytest.mark.parametrize(
    ("day", "document"),
    [
        (date(2021, 7, 31), "qd-3646"),
        (date(2021, 11, 30), "qd-3646"),
        (date(2021, 12, 1), "qd-5525"),
        (date(2026, 11, 22), "qd-5525"),
    ],
)
def test_the_document_of_the_day_classes_the_risk(day: date, document: str) -> None:
    assert {one.rule_set for one in found(judged(day, spo2=90), "risk_class")} == {document}


@pytest.mark.parametrize(
    ("day", "document"),
    [
        (date(2021, 10, 6), "qd-4689"),
        (date(2022, 1, 27), "qd-4689"),
        (date(2022, 1, 28), "qd-250"),
        (date(2023, 6, 25), "qd-250"),
        (date(2023, 6, 26), "qd-2671"),
    ],
)
def test_the_document_of_the_day_grades_an_adult(day: date, document: str) -> None:
    assert {one.rule_set for one in found(judged(day, spo2=90), "severity")} == {document}


def test_every_line_of_5525_says_that_it_was_not_read() -> None:
    assert not any(one.verified for one in found(judged(UNDER_5525, spo2=90), "risk_class"))


def test_without_vaccine_or_conditions_no_mild_class_is_said() -> None:
    unknown = judged(UNDER_5525, birth_date=born(UNDER_5525, years=30), **WELL | {"conditions": None})
    assert found(unknown, "risk_class") == []
    assert {"conditions", "basic_doses"} <= set(unknown.missing)
