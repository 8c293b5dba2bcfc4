"""Ages as ranges (domain/rules.md §1.2: completed years; a year alone is a range, never a guess)."""

from __future__ import annotations

from datetime import date

import pytest

from tui_app.rules.age import Age, age_on, in_band

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("born", "years"),
    [
        (date(1961, 11, 22), 65),  # on the birthday
        (date(1961, 11, 23), 64),  # the day before it
        (date(1961, 3, 4), 65),
        (date(2026, 11, 22), 0),
    ],
)
def test_a_known_date_gives_one_age(born: date, years: int) -> None:
    age = age_on(DAY, born, None)
    assert age is not None
    assert (age.low, age.high) == (years, years)


def test_months_count_only_when_completed() -> None:
    assert age_on(DAY, date(2026, 1, 23), None) == Age(9, 9)
    assert age_on(DAY, date(2026, 1, 22), None) == Age(10, 10)


def test_a_year_alone_is_a_range_from_the_youngest_to_the_oldest() -> None:
    age = age_on(DAY, None, 1961)
    assert age is not None
    assert (age.low, age.high) == (64, 65)


def test_a_birth_this_year_is_not_younger_than_nothing() -> None:
    assert age_on(DAY, None, 2026) == Age(0, 10)


def test_what_is_not_known_or_lies_ahead_has_no_age() -> None:
    assert age_on(DAY, None, None) is None
    assert age_on(DAY, date(2026, 11, 23), None) is None
    assert age_on(DAY, None, 2027) is None


def test_a_date_outweighs_a_year() -> None:
    assert age_on(DAY, date(2000, 1, 1), 1950) == Age(322, 322)  # 26 years and 10 months


@pytest.mark.parametrize(
    ("year", "inside"),
    [
        (2013, True),  # 12 or 13: in 12–<18
        (2014, None),  # 11 or 12: crosses the lower edge
        (2008, None),  # 17 or 18: crosses the upper edge
        (2007, False),  # 18 or 19
        (2016, False),  # 9 or 10
    ],
)
def test_a_range_that_crosses_an_edge_is_unclear(year: int, inside: bool | None) -> None:
    assert in_band(age_on(DAY, None, year), 12, 18) is inside


def test_an_open_band_has_one_edge() -> None:
    assert in_band(age_on(DAY, date(1961, 11, 22), None), 65, None) is True
    assert in_band(age_on(DAY, date(1961, 11, 23), None), 65, None) is False
    assert in_band(age_on(DAY, None, 1961), 65, None) is None


def test_a_range_wider_than_the_band_is_unclear() -> None:
    assert in_band(Age(10 * 12, 20 * 12), 12, 18) is None


def test_nothing_known_is_unclear() -> None:
    assert in_band(None, 12, 18) is None
