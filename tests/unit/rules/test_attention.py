"""Who is worse between two readings, and when an alert is late: our own rules, marked as such."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tui_app.rules.attention import Seen, grade_of, late_after, worse
from tui_app.rules.findings import Finding
from tui_app.services.judging.rule_sets import rule_sets

DAY = date(2022, 2, 20)
SETS = rule_sets()


def sign(rule: str) -> Finding:
    return Finding(
        kind="danger_sign", rule=rule, rule_set="qd-261", field="spo2", value=96, limit="≤ 96", verified=True
    )


def grade(outcome: str) -> Finding:
    return Finding(
        kind="severity", rule=outcome, rule_set="qd-250", field="spo2", value=95, limit="94–96", verified=True,
        outcome=outcome,
    )  # fmt: skip


def rules(*seen: Seen) -> list[str]:
    return [one.rule for one in worse(SETS, DAY, seen)]


def test_an_alert_is_late_after_thirty_minutes() -> None:
    assert late_after(SETS, DAY) == timedelta(minutes=30)


def test_nothing_seen_is_not_worse() -> None:
    assert rules() == []
    assert rules(Seen((), 98)) == []


def test_a_sign_the_reading_before_did_not_have() -> None:
    assert rules(Seen((sign("spo2"),))) == ["spo2"], "a first reading has nothing before it"
    assert rules(Seen(()), Seen((sign("spo2"),))) == ["spo2"]
    assert rules(Seen((sign("spo2"),)), Seen((sign("spo2"),))) == []
    assert rules(Seen((sign("spo2"),)), Seen((sign("spo2"), sign("pulse_fast")))) == ["pulse_fast"]
    assert rules(Seen((sign("spo2"),)), Seen(()), Seen((sign("spo2"),))) == ["spo2"], "it had gone"


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [("mild", "moderate", ["moderate"]), ("moderate", "moderate", []), ("severe", "mild", [])],
)
def test_a_graver_grade(before: str, after: str, found: list[str]) -> None:
    assert rules(Seen((grade(before),)), Seen((grade(after),))) == found
    assert rules(Seen((grade(before),)), Seen(()), Seen((grade(after),))) == found, (
        "against the last graded one"
    )


def test_a_first_grade_is_graver_than_nothing() -> None:
    assert rules(Seen(()), Seen((grade("severe"),))) == []


@pytest.mark.parametrize(("last", "found"), [(98, []), (97, ["spo2_fall"]), (90, ["spo2_fall"])])
def test_an_spo2_lower_by_three(last: int, found: list[str]) -> None:
    assert rules(Seen((), 100), Seen((), last)) == found
    assert rules(Seen((), 100), Seen((), None), Seen((), last)) == found, "against the last one measured"


def test_an_spo2_that_was_not_measured_has_not_fallen() -> None:
    assert rules(Seen((), 100), Seen((), None)) == []
    assert rules(Seen((), None), Seen((), 90)) == []


def test_the_fall_names_its_set_and_that_nobody_has_verified_it() -> None:
    (found,) = worse(SETS, DAY, (Seen((), 99), Seen((), 95)))
    assert (found.rule_set, found.field, found.value, found.limit) == (
        "house-attention",
        "spo2",
        95,
        "≤ 99 − 3",
    )
    assert not found.verified


def test_of_two_grades_the_graver_counts() -> None:
    found = grade_of((grade("mild"), sign("spo2"), grade("severe")))
    assert found is not None
    assert found.outcome == "severe"
    assert grade_of((sign("spo2"),)) is None
