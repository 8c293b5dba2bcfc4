"""Targets on whole numbers and the percentages papers print (rules §1.3; S4 footnote 5)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.by_day import SETS
from tui_app.rules.age import age_on, in_band
from tui_app.rules.coverage import AgeEdges, goals, met, percent_words
from tui_app.rules.vaccine_parts import Target


@pytest.mark.parametrize(
    ("op", "percent", "numerator", "denominator", "is_met", "words"),
    [
        (">", 95, 949, 1000, False, "94,9 %"),  # S1 §II.2.1 "trên 95%"
        (">", 95, 950, 1000, False, "95,0 %"),
        ("≥", 95, 950, 1000, True, "95,0 %"),  # S2 §II.1.1 "từ 95 %"
        (">", 95, 951, 1000, True, "95,1 %"),
        ("≥", 90, 8996, 10000, False, "90,0 %"),  # "ít nhất 90%": 89,96 % is not 90 %
        ("≥", 90, 9000, 10000, True, "90,0 %"),
        ("≥", 75, 3, 4, True, "75,0 %"),
        ("≥", 100, 9999, 10000, False, "100,0 %"),
        ("≥", 75, 0, 0, None, "–"),
        (None, None, 1, 3, None, "33,3 %"),
        ("≥", 75, 2, 3, False, "66,7 %"),
    ],
)
def test_over_and_at_least_beside_the_rounded_percentage(
    op: str | None, percent: int | None, numerator: int, denominator: int, is_met: bool | None, words: str
) -> None:
    assert met(op, percent, numerator, denominator) is is_met
    assert percent_words(numerator, denominator) == words


@pytest.mark.parametrize(
    ("numerator", "denominator", "words"),
    [
        # S4 footnote 5, 22/09/2022, for wards of these sizes
        (3970, 10000, "39,7 %"),  # dose 3 ≥ 18, Bảo Lâm
        (186, 1000, "18,6 %"),  # dose 3 12–17, Bảo Lâm
        (262, 1000, "26,2 %"),  # Hà Quảng
        (273, 1000, "27,3 %"),  # Trùng Khánh
        (277, 1000, "27,7 %"),  # Bảo Lạc
        (464, 1000, "46,4 %"),  # dose 2 5–11, Bảo Lâm
        (477, 1000, "47,7 %"),  # Hà Quảng
        (486, 1000, "48,6 %"),  # Trùng Khánh
    ],
)
def test_the_percentages_of_cao_bang(numerator: int, denominator: int, words: str) -> None:
    assert percent_words(numerator, denominator) == words


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 100))
def test_met_agrees_with_exact_fractions(numerator: int, denominator: int, percent: int) -> None:
    exact = Fraction(numerator, denominator)
    assert met(">", percent, numerator, denominator) is (exact > Fraction(percent, 100))
    assert met("≥", percent, numerator, denominator) is (exact >= Fraction(percent, 100))
    shown = Fraction(percent_words(numerator, denominator).removesuffix(" %").replace(",", "."))
    assert abs(shown - exact * 100) <= Fraction(1, 20)


DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))


@given(DAYS, st.dates(date(1900, 1, 1), date(2031, 12, 31)), st.none() | st.integers(1900, 2031))
def test_the_edges_agree_with_the_age_itself(day: date, born: date, year: int | None) -> None:
    bands = ((60, 144), (144, 216), (216, 600), (600, None))
    edges = AgeEdges([month for band in bands for month in band if month], day)
    birth = None if year else born
    passed = edges.passed(birth.isoformat() if birth else None, year)
    age = age_on(day, birth, year)
    for low, high in bands:
        target = Target(id="x", vi="x", en="x", dose="any", from_months=low, below_months=high)
        expected = None if age is None else in_band(age, low // 12, high and high // 12)
        assert edges.inside(passed, target) is expected


def test_the_plans_of_a_day_stand_side_by_side() -> None:
    def plans(day: date) -> set[str]:
        return {goal.rule_set.id for goal in goals(SETS, day)}

    assert plans(date(2021, 8, 16)) == set()
    assert plans(date(2021, 8, 17)) == {"coverage-kh-152"}
    assert plans(date(2022, 1, 11)) == {"coverage-kh-152", "coverage-tb-492"}
    assert len(plans(date(2022, 9, 27))) == 5


def test_each_target_says_how_sure_it_is() -> None:
    known = {goal.key: goal for goal in goals(SETS, date(2022, 9, 27))}
    assert known["coverage-kh-207/managed"].verified
    assert not known["coverage-tb-492/dose_3_from_18"].verified  # "cơ bản hoàn thành" names no percentage
