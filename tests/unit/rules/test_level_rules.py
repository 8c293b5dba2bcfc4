"""Scenario, epidemic level and commune colour at the documents' edges (domain/rules.md §1.4, §2.10)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.rules.by_day import SETS
from tui_app.records.levels import CommuneColour, LevelColour, PersonColour
from tui_app.rules import levels
from tui_app.rules.levels import Answer

S2, KH_207 = SETS.get("scenario-kh-152"), SETS.get("targets-kh-207")
QD_4800, QD_218, QD_2686 = SETS.get("level-4800"), SETS.get("level-218"), SETS.get("colours-2686")
OCTOBER, NOVEMBER = date(2021, 10, 20), date(2021, 11, 1)
ALL_MET = {
    "adults_one_dose": (7, 10),
    "from_65_full": (8, 10),
    "from_50_full": (8, 10),
    "treatment_capacity": True,
}


def level_4800(cases: int, day: date = NOVEMBER, before: str | None = None, **values: Any) -> Answer:
    """Of 100 000 people, so that the cases of two weeks are twice the rate."""
    given = {"new_cases": cases, "population": 100_000, **ALL_MET, **values}
    return levels.epidemic_level(QD_4800, day, given, before)


@pytest.mark.parametrize(
    ("cases", "scenario"),
    [
        (0, "scenario_1"),
        (99, "scenario_1"),  # "dưới 100"
        (100, "scenario_2"),
        (500, "scenario_2"),
        (501, "scenario_3"),  # "trên 500"
    ],
)
def test_the_scenario_of_s2_ends_where_the_plan_says(cases: int, scenario: str) -> None:
    found = levels.scenario(S2, {"active_cases": cases})
    assert found.level == scenario
    assert (found.findings[0].rule_set, found.findings[0].value, found.findings[0].verified) == (
        S2.id,
        cases,
        True,
    )


def test_nobody_counted_is_no_scenario_1() -> None:
    assert levels.scenario(S2, {"active_cases": None}) == Answer(level=None, missing=("active_cases",))


@pytest.mark.parametrize(
    ("cases", "met", "not_met"),
    [  # cases of two weeks in 100 000: rates 0, 19,5, 20, 49,5, 50, 149,5, 150 a week
        (0, "1", "1"),
        (39, "1", "1"),
        (40, "1", "2"),
        (99, "1", "2"),
        (100, "2", "3"),
        (299, "2", "3"),
        (300, "3", "4"),
    ],
)
def test_the_matrix_of_4800_for_seventy_percent_or_fewer(cases: int, met: str, not_met: str) -> None:
    assert level_4800(cases).level == met
    assert level_4800(cases, adults_one_dose=(69_999, 100_000)).level == not_met


def test_a_rate_is_compared_unrounded() -> None:
    """496 cases in two weeks of 1 240 001 people are 19,99998 a week: shown as 20,00, and still level 1."""
    found = level_4800(496, population=1_240_001, adults_one_dose=(0, 10))
    assert found.level == "1"
    assert found.findings[0].value == {"new_cases": 496, "population": 1_240_001, "rate": 20.0}


@pytest.mark.parametrize(
    ("day", "old", "level"),
    [
        (OCTOBER, {"from_65_full": (79, 100)}, "2"),  # ≥ 80 % of ≥ 65 in October 2021
        (OCTOBER, {"from_50_full": (79, 100)}, "1"),  # ≥ 50 is not asked before November
        (date(2021, 10, 31), {"from_65_full": (79, 100)}, "2"),
        (NOVEMBER, {"from_65_full": (79, 100)}, "1"),
        (NOVEMBER, {"from_50_full": (79, 100)}, "2"),
        (NOVEMBER, {"from_50_full": (80, 100)}, "1"),
    ],
)
def test_too_few_old_people_vaccinated_raise_one_level(day: date, old: dict[str, Any], level: str) -> None:
    assert level_4800(0, day, **old).level == level


def test_level_4_is_raised_no_further() -> None:
    found = level_4800(300, adults_one_dose=(0, 10), from_50_full=(0, 10))
    assert found.level == "4"
    assert found.findings[-1].rule == "raise_one"


@pytest.mark.parametrize(
    ("capacity", "before", "level"),
    [(True, "3", "1"), (False, "3", "3"), (False, "1", "1"), (False, None, "1")],
)
def test_without_treatment_capacity_a_level_is_not_lowered(
    capacity: bool, before: str | None, level: str
) -> None:
    assert level_4800(0, before=before, treatment_capacity=capacity).level == level


@pytest.mark.parametrize(
    "name", ["new_cases", "population", "adults_one_dose", "from_50_full", "treatment_capacity"]
)
def test_each_missing_input_leaves_no_level_and_is_named(name: str) -> None:
    found = level_4800(0, **{name: None})
    assert (found.level, found.missing) == (None, (name,))


RESPONSE_218 = {
    "population_full": (3, 4),
    "risk_group_full": (9, 10),
    "ward_care": True,
    "empty_beds": True,
    "icu_beds": True,
}


def level_218(cases: int, **values: Any) -> Answer:
    given = {
        "new_cases": cases,
        "population": 100_000,
        "oxygen_cases": 0,
        "deaths": 0,
        **RESPONSE_218,
        **values,
    }
    return levels.epidemic_level(QD_218, date(2022, 3, 1), given)


def test_218_without_the_cut_points_of_1b_and_1c_is_not_worked_out() -> None:
    found = level_218(89)
    assert found.level is None
    assert found.missing == ("limits_oxygen_cases", "limits_deaths")


@pytest.mark.parametrize(("cases", "known"), [(600, False), (601, True)])  # "> 600" is very high
def test_218_above_600_is_the_worst_step_whatever_1b_and_1c_say(cases: int, known: bool) -> None:
    found = level_218(cases)
    assert (found.level is not None) is known
    assert not known or (found.level == "3" and found.findings[0].verified)


@pytest.mark.parametrize(
    ("values", "grade"),
    [
        ({}, "high"),
        ({"icu_beds": False}, "medium"),
        ({"population_full": (749, 1000)}, "low"),  # ≥ 75 %
        ({"risk_group_full": (899, 1000)}, "low"),  # ≥ 90 %
    ],
)
def test_the_response_of_218_and_that_nobody_checked_it(values: dict[str, Any], grade: str) -> None:
    finding = level_218(601, **values).findings[-1]
    assert (finding.value, finding.verified) == (grade, False)


@pytest.mark.parametrize(
    ("published", "border", "by", "colour"),
    [
        ("new_normal", False, None, "new_normal"),
        ("new_normal", True, 1, "risk"),
        ("new_normal", True, 2, "high_risk"),
        ("high_risk", True, 2, "very_high_risk"),  # nothing is redder than red
        ("risk", True, 0, "risk"),  # "may be raised"
        ("risk", False, 2, "risk"),  # only at the border
    ],
)
def test_a_border_commune_is_raised_by_one_or_two(
    published: str, border: bool, by: int | None, colour: str
) -> None:
    values = {"published": published, "border": border, "border_raise": by}
    assert levels.commune_colour(QD_2686, values).level == colour


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"border": False}, "published"),
        ({"published": "risk"}, "border"),
        ({"published": "risk", "border": True, "border_raise": 3}, "border_raise"),
    ],
)
def test_no_colour_without_what_it_needs(values: dict[str, Any], missing: str) -> None:
    found = levels.commune_colour(QD_2686, values)
    assert (found.level, found.missing) == (None, (missing,))


@pytest.mark.parametrize(
    ("households", "required"),
    [(10_000, 500), (3_100, 155), (3_101, 156), (1, 1), (0, 0)],  # × 5 %, rounded up
)
def test_care_for_five_hundred_of_ten_thousand_households(households: int, required: int) -> None:
    assert levels.required_households(KH_207.care_capacity[0], households) == required
    if required:
        given = {"households": households, "care_capacity": required - 1}
        assert levels.care_capacity(KH_207, given).level == "not_met"
    assert levels.care_capacity(KH_207, {"households": households, "care_capacity": required}).level == "met"


def test_how_much_is_needed_is_said_though_nobody_said_what_there_is() -> None:
    found = levels.care_capacity(KH_207, {"households": 3_101})
    assert (found.level, found.missing, found.findings[0].limit) == (None, ("care_capacity",), "≥ 156")


def test_one_death_breaks_the_target_of_a_ward() -> None:
    """12 400 people, 1 death: 8,06/100 000 (domain/rules.md §1.4)."""
    found = levels.death_target(KH_207, {"deaths": 1, "population": 12_400})
    assert found.level == "not_met"
    assert found.findings[0].value == {"deaths": 1, "population": 12_400, "rate": 8.06}


@pytest.mark.parametrize(
    ("deaths", "population", "level"),
    [(0, 12_400, "met"), (1, 100_000, "not_met"), (1, 100_001, "met"), (None, 12_400, None), (0, None, None)],
)
def test_fewer_than_one_death_of_a_hundred_thousand(deaths: int, population: int, level: str | None) -> None:
    assert levels.death_target(KH_207, {"deaths": deaths, "population": population}).level == level


def test_no_colour_of_one_scale_passes_for_one_of_another() -> None:
    scales = [{colour.value for colour in scale} for scale in (CommuneColour, LevelColour, PersonColour)]
    assert [len(one) for one in scales] == [4, 4, 4]
    assert not any(one & other for one in scales for other in scales if one is not other)


@pytest.mark.parametrize(
    ("subject", "day", "ident"),
    [
        ("epidemic_level", date(2021, 10, 11), None),
        ("epidemic_level", date(2021, 10, 12), "level-4800"),
        ("epidemic_level", date(2022, 1, 26), "level-4800"),
        ("epidemic_level", date(2022, 1, 27), "level-218"),
        ("commune_risk_colour", date(2021, 5, 31), "colours-2686"),
        ("commune_risk_colour", date(2021, 10, 12), None),
        ("epidemic_threshold", date(2026, 6, 30), None),
        ("epidemic_threshold", date(2026, 7, 1), "thresholds-tt-15"),
    ],
)
def test_which_document_rules_on_which_day(subject: str, day: date, ident: str | None) -> None:
    found = SETS.part(subject, day)
    assert (found.id if found else None) == ident
