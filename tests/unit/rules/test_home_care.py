"""Who may be cared for at home: domain/rules.md §2.3, both sides of each limit."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.rules.by_day import UNDER_261, UNDER_604, UNDER_4038, born, found, judged, outcomes

FIT: dict[date, dict[str, Any]] = {
    UNDER_4038: {"respiratory_rate": 20, "spo2": 96, "pregnant": False},
    UNDER_261: {"respiratory_rate": 19, "spo2": 97},
    UNDER_604: {"respiratory_rate": 19, "spo2": 97, "self_care": True, "can_report": True},
}


@pytest.mark.parametrize(
    ("day", "said", "fit"),
    [
        # QĐ 4038 [V]: RR ≤ 20, SpO2 ≥ 96, no abnormal breathing
        (UNDER_4038, {}, True),
        (UNDER_4038, {"respiratory_rate": 21}, False),
        (UNDER_4038, {"spo2": 95}, False),
        (UNDER_4038, {"signs": ["wheeze"]}, False),
        # and two doses, or one 14 days ago, or all of: > 1 and < 50 years, no condition, not pregnant, not obese
        (UNDER_4038, {"birth_date": born(UNDER_4038, years=49)}, True),
        (UNDER_4038, {"birth_date": born(UNDER_4038, years=50), "basic_doses": 0}, False),
        (UNDER_4038, {"birth_date": born(UNDER_4038, years=50), "basic_doses": 2}, True),
        (
            UNDER_4038,
            {
                "birth_date": born(UNDER_4038, years=50),
                "basic_doses": 1,
                "last_dose_on": UNDER_4038 - timedelta(14),
            },
            True,
        ),
        (
            UNDER_4038,
            {
                "birth_date": born(UNDER_4038, years=50),
                "basic_doses": 1,
                "last_dose_on": UNDER_4038 - timedelta(13),
            },
            False,
        ),
        (UNDER_4038, {"birth_date": born(UNDER_4038, months=13), "basic_doses": 0}, True),
        (UNDER_4038, {"birth_date": born(UNDER_4038, months=12), "basic_doses": 0}, False),
        (UNDER_4038, {"conditions": ["diabetes"], "basic_doses": 0}, False),
        (UNDER_4038, {"conditions": ["obesity"], "basic_doses": 0}, False),
        (UNDER_4038, {"conditions": ["diabetes"], "basic_doses": 2}, True),
        (UNDER_4038, {"pregnant": True, "sex": "female", "basic_doses": 0}, False),
        # all three: no symptom or mild ones; what is not mild is the sheet's block of severe symptoms (§2.4)
        *[
            (day, {"signs": [sign]}, False)
            for day in (UNDER_4038, UNDER_261, UNDER_604)
            for sign in ("haemoptysis", "dyspnoea", "chest_pain", "drowsy", "confusion", "convulsion")
        ],
        *[
            (day, {"symptoms": [sign]}, True)
            for day in (UNDER_4038, UNDER_261, UNDER_604)
            for sign in ("fever", "cough", "sore_throat", "diarrhoea", "loss_of_taste")
        ],
        # QĐ 261 [V]: RR < 20, SpO2 > 96, no abnormal breathing, no condition or treated and stable
        (UNDER_261, {}, True),
        (UNDER_261, {"respiratory_rate": 20}, False),
        (UNDER_261, {"spo2": 96}, False),
        *[
            (UNDER_261, {"signs": [sign]}, False)
            for sign in ("grunting", "chest_indrawing", "nasal_flaring", "wheeze", "stridor")
        ],
        (UNDER_261, {"conditions": ["hypertension"], "conditions_stable": True}, True),
        (UNDER_261, {"conditions": ["hypertension"], "conditions_stable": False}, False),
        # QĐ 604 [V]: as 261, and can care for themselves and report, or has a carer who can
        (UNDER_604, {}, True),
        (UNDER_604, {"self_care": False, "carer_able": False}, False),
        (UNDER_604, {"self_care": False, "carer_able": True}, True),
        (UNDER_604, {"can_report": False, "carer_able": False}, False),
        (UNDER_604, {"spo2": 96}, False),
        (UNDER_604, {"respiratory_rate": 20}, False),
        (UNDER_604, {"conditions": ["hypertension"], "conditions_stable": False}, False),
        (UNDER_604, {"signs": ["wheeze"]}, False),
        # "as 261": its SpO2 > 96 has no age, so a child with 96 is not eligible though it is no danger sign there
        (UNDER_604, {"birth_date": born(UNDER_604, years=8), "respiratory_rate": 29, "spo2": 96}, False),
        (UNDER_604, {"birth_date": born(UNDER_604, years=8), "respiratory_rate": 29, "spo2": 97}, True),
    ],
)
def test_a_criterion_on_both_sides(day: date, said: dict[str, Any], fit: bool) -> None:
    assert outcomes("eligibility", day, **FIT[day] | said) == {"eligible" if fit else "not_eligible"}


@pytest.mark.parametrize("day", [UNDER_4038, UNDER_261, UNDER_604])
@pytest.mark.parametrize(
    ("months", "fit", "not_fit"),
    [
        # the printed rate is an adult's; a child stays below the danger limit of the age (our own reading)
        (1, 59, 60),
        (2, 49, 50),
        (11, 49, 50),
        (12, 39, 40),
        (59, 39, 40),
        (60, 29, 30),
        (143, 29, 30),
    ],
)
def test_a_child_is_eligible_below_the_danger_limit_of_the_age(
    day: date, months: int, fit: int, not_fit: int
) -> None:
    said = FIT[day] | {"birth_date": born(day, months=months), "basic_doses": 2}
    assert outcomes("eligibility", day, **said | {"respiratory_rate": fit}) == {"eligible"}
    refused = found(judged(day, **said | {"respiratory_rate": not_fit}), "eligibility")
    assert [(one.field, one.verified) for one in refused] == [("respiratory_rate", False)]


@pytest.mark.parametrize("day", [UNDER_4038, UNDER_261, UNDER_604])
def test_every_age_has_one_limit_for_breathing(day: date) -> None:
    for months in range(0, 40 * 12):
        said = FIT[day] | {"birth_date": born(day, months=months), "respiratory_rate": 100, "basic_doses": 2}
        refused = found(judged(day, **said), "eligibility")
        assert len([one for one in refused if one.field == "respiratory_rate"]) == 1, months


def test_all_criteria_of_261_were_read_and_those_of_604_were_not() -> None:
    for day, verified in ((UNDER_261, True), (UNDER_604, False)):
        (one,) = found(judged(day, **FIT[day]), "eligibility")
        assert (one.outcome, one.verified) == ("eligible", verified)


def test_rr_20_and_spo2_96_are_eligible_under_4038_and_not_under_261() -> None:
    at_edge = {"respiratory_rate": 20, "spo2": 96, "pregnant": False}
    assert outcomes("eligibility", UNDER_4038, **at_edge) == {"eligible"}
    refused = found(judged(UNDER_261, **at_edge), "eligibility")
    assert {(one.rule, one.value, one.limit) for one in refused} == {
        ("home_breathing_rate", 20, "< 20"),
        ("home_spo2", 96, "> 96"),
    }


@pytest.mark.parametrize("lacking", ["respiratory_rate", "spo2", "signs", "conditions"])
def test_who_lacks_a_criterion_is_neither_eligible_nor_refused(lacking: str) -> None:
    judgement = judged(UNDER_261, **FIT[UNDER_261] | {lacking: None})
    assert found(judgement, "eligibility") == []
    assert lacking in judgement.missing


def test_the_care_criterion_of_604_is_asked_for() -> None:
    judgement = judged(UNDER_604, respiratory_rate=19, spo2=97)
    assert found(judgement, "eligibility") == []
    assert {"self_care", "can_report", "carer_able"} <= set(judgement.missing)


@pytest.mark.parametrize(
    ("said", "fit"),
    [
        # HCMC 8728 [V]: 1–50 years, no condition, not pregnant; or stable and vaccinated; nobody at risk there
        ({"birth_date": born(UNDER_261, years=50)}, True),
        (
            {"birth_date": born(UNDER_261, years=51), "basic_doses": 1, "last_dose_on": date(2022, 1, 28)},
            False,
        ),
        (
            {"birth_date": born(UNDER_261, years=51), "basic_doses": 1, "last_dose_on": date(2022, 1, 27)},
            True,
        ),
        ({"birth_date": born(UNDER_261, years=51), "basic_doses": 2}, True),
        ({"birth_date": born(UNDER_261, years=51), "basic_doses": 1, "last_dose_on": UNDER_261}, False),
        (
            {"birth_date": born(UNDER_261, years=51), "basic_doses": 0, "last_dose_on": date(2022, 1, 1)},
            False,
        ),
        ({"birth_date": born(UNDER_261, years=51), "conditions": ["asthma"], "basic_doses": 2}, None),
        ({"birth_date": born(UNDER_261, months=11), "basic_doses": 0}, False),
        ({"birth_date": born(UNDER_261, months=12), "basic_doses": 0}, True),
        ({"household_at_risk": True}, False),
    ],
)
def test_the_local_rule_of_tphcm_judges_only_when_it_is_asked_for(
    said: dict[str, Any], fit: bool | None
) -> None:
    said = {"pregnant": False, "household_at_risk": False} | said
    asked = found(judged(UNDER_261, only="hcmc-8728", **said), "eligibility")
    wanted = {None: set(), True: {"eligible"}, False: {"not_eligible"}}[fit]
    assert {one.outcome for one in asked} == wanted
    assert {one.rule_set for one in found(judged(UNDER_261, **said), "eligibility")} <= {"qd-261"}
