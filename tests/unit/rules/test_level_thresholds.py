"""Epidemic and warning thresholds of TT 15/2026 (Đ16.1b, c; Đ22.1b, c), means and deviations worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.rules.by_day import SETS
from tui_app.rules.level_thresholds import YearCount, epidemic_threshold, spread
from tui_app.rules.levels import Answer

TT_15 = SETS.get("thresholds-tt-15")
YEARS = {"month": 2026, "week": 2026}


def counts(*cases: int, epidemic: int | None = None) -> list[YearCount]:
    return [
        YearCount(year, number, year == epidemic)
        for year, number in zip(range(2021, 2026), cases, strict=False)
    ]


MONTH = counts(4, 6, 8, 10, 12)
"""Mean 8; squares 16 + 4 + 0 + 4 + 16 = 40: sample SD √10 = 3,1623, population SD √8 = 2,8284."""
WEEK = counts(1, 2, 3, 2, 2)
"""Mean 2; squares 1 + 0 + 1 + 0 + 0 = 2: sample SD √0,5 = 0,7071."""


def judged(deviation: str = "sample", months: Any = MONTH, weeks: Any = WEEK, **values: Any) -> Answer:
    given = {"endemic": True, "month_cases": 0, "week_cases": 0, **values}
    return epidemic_threshold(TT_15, given, {"month": months, "week": weeks}, YEARS, deviation)


@pytest.mark.parametrize(
    ("deviation", "cases", "level"),
    [
        ("sample", 14, "below"),  # 8 + 2 × 3,1623 = 14,32
        ("sample", 15, "epidemic"),
        ("population", 13, "below"),  # 8 + 2 × 2,8284 = 13,66
        ("population", 14, "epidemic"),
    ],
)
def test_a_month_above_mean_and_two_deviations_is_an_epidemic(deviation: str, cases: int, level: str) -> None:
    assert judged(deviation, month_cases=cases).level == level


def test_a_month_exactly_on_the_limit_does_not_exceed_it() -> None:
    """Three years left: 3, 6, 9, mean 6, sample SD 3, limit 12."""
    months = [*counts(3, 6, 9), YearCount(2024, 80, True), YearCount(2025, 90, True)]
    assert judged(months=months, month_cases=12).level == "below"
    assert judged(months=months, month_cases=13).level == "epidemic"


def test_a_year_with_an_epidemic_is_left_out() -> None:
    """Without 2025: 4, 6, 8, 10, mean 7, squares 9 + 1 + 1 + 9 = 20, sample SD √(20/3) = 2,582, limit 12,16."""
    months = counts(4, 6, 8, 10, 90, epidemic=2025)
    assert judged(months=months, month_cases=12).level == "below"
    found = judged(months=months, month_cases=13)
    assert found.level == "epidemic"
    assert found.findings[0].limit == "> 12.16"
    assert found.findings[0].value == {"month_cases": 13, "mean": "7.00", "years": "2021, 2022, 2023, 2024"}


@pytest.mark.parametrize(
    ("cases", "level"),
    [
        (2, "below"),
        (3, "warning"),
        (4, "warning"),
    ],  # 2 + 0,7071 = 2,71; 2 + 1,4142 = 3,41, and more is no less
)
def test_a_week_above_mean_and_one_deviation_is_warned_of(cases: int, level: str) -> None:
    assert judged(week_cases=cases).level == level


def test_no_case_is_nothing_to_warn_of() -> None:
    assert judged(weeks=counts(0, 0, 0, 0, 0)).level == "below"


@pytest.mark.parametrize(
    ("values", "level"),
    [
        (
            {"month_cases": 4, "week_cases": 2},
            "below",
        ),  # fewer cases than 5 and 3 cannot be 5 and 3 linked ones
        ({"month_cases": 9, "linked_month": 4, "week_cases": 2}, "below"),
        ({"month_cases": 9, "linked_month": 5, "week_cases": 2}, "epidemic"),
        ({"month_cases": 4, "week_cases": 4, "linked_week": 3}, "warning"),
        ({"month_cases": 4, "week_cases": 4, "linked_week": 2}, "below"),
    ],
)
def test_of_a_disease_not_usual_here_linked_cases_count(values: dict[str, Any], level: str) -> None:
    assert judged(endemic=False, **values).level == level


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"endemic": None}, ("endemic",)),
        ({"month_cases": None}, ("month_cases",)),
        ({"months": counts(4, 6, 8, 10)}, ("baseline_month",)),  # 2025 is missing
        ({"weeks": []}, ("baseline_week",)),
        ({"endemic": False, "month_cases": 5}, ("linked_month",)),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_said(
    given: dict[str, Any], missing: tuple[str, ...]
) -> None:
    found = judged(**given)
    assert (found.level, found.missing) == (None, missing)


def test_an_epidemic_is_one_though_the_week_is_not_known() -> None:
    found = judged(month_cases=15, weeks=[])
    assert (found.level, found.missing) == ("epidemic", ())


def test_one_year_alone_has_no_deviation() -> None:
    assert spread([YearCount(2025, 4)], "sample") is None
    assert spread([YearCount(2025, 4), YearCount(2024, 8, True)], "sample") is None
