"""The lines a chart draws: limits that make a danger sign by themselves, by day and age (domain/rules.md §2.5)."""

from __future__ import annotations

from datetime import date

import pytest

from tui_app.rules.age import Age
from tui_app.rules.limits import danger_limits
from tui_app.services.judging.rule_sets import rule_sets

UNDER_261 = date(2022, 2, 20)  # QĐ 261/QĐ-BYT, 31/01/2022–13/03/2022


def years(low: int, high: int | None = None) -> Age:
    return Age(low * 12, (low if high is None else high) * 12)


def limits(field: str, day: date, age: Age | None) -> set[tuple[str, float]]:
    return {(one.op, one.value) for one in danger_limits(rule_sets(), field, day, age)}


@pytest.mark.parametrize(
    ("field", "expected"),
    [("spo2", {("≤", 96)}), ("respiratory_rate", {("≥", 20)}), ("pulse", {(">", 120), ("<", 50)})],
)
def test_an_adult_under_qd_261(field: str, expected: set[tuple[str, float]]) -> None:
    assert limits(field, UNDER_261, years(50)) == expected


def test_a_child_of_three_has_the_limit_of_its_age() -> None:
    assert limits("respiratory_rate", UNDER_261, years(3)) == {("≥", 40)}


def test_an_age_that_crosses_an_edge_shows_both() -> None:
    assert limits("respiratory_rate", UNDER_261, years(4, 5)) >= {("≥", 40), ("≥", 30)}


def test_a_limit_nobody_read_in_the_document_says_so() -> None:
    (one,) = danger_limits(rule_sets(), "respiratory_rate", UNDER_261, Age(1, 1))
    assert (one.op, one.value, one.verified) == ("≥", 60, False)


def test_no_document_no_line() -> None:
    assert limits("spo2", date(2019, 1, 1), years(50)) == set()
