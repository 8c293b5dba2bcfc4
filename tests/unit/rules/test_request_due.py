"""Deadlines of data subjects' requests (rules §4, duty 5: first answer 2 working days; access and correction 10 days;
deletion 20, with third parties 30; restriction and withdrawal 15). Days counted on a calendar of 2026."""

from __future__ import annotations

from datetime import date

import pytest

from tests.unit.rules.by_day import SETS
from tui_app.rules.request_due import due, working_day
from tui_app.rules.rule_set import RuleSets, load
from tui_app.services.judging.rule_sets import own_sets

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("kind", "third_parties", "day", "rule"),
    [
        ("access", False, date(2026, 11, 30), "access_correction"),
        ("correction", False, date(2026, 11, 30), "access_correction"),
        ("deletion", False, date(2026, 12, 10), "deletion"),
        ("deletion", True, date(2026, 12, 20), "deletion_third_parties"),
        ("restriction", False, date(2026, 12, 5), "restriction_withdrawal"),
        ("withdrawal", True, date(2026, 12, 5), "restriction_withdrawal"),
    ],
)
def test_the_end_is_so_many_days_after_it_came_in(
    kind: str, third_parties: bool, day: date, rule: str
) -> None:
    found = due(SETS, "end", kind, FRIDAY, third_parties=third_parties)
    assert found is not None
    assert (found[0], found[1].rule, found[1].verified) == (day, rule, False)
    assert "356/2025" in SETS.get(found[1].rule_set).document


@pytest.mark.parametrize(
    ("received", "day"),
    [
        (date(2026, 11, 18), date(2026, 11, 20)),  # Wednesday: Thursday, Friday
        (FRIDAY, date(2026, 11, 24)),  # over a weekend: Monday, Tuesday
        (date(2026, 11, 21), date(2026, 11, 24)),  # on a Saturday
        (date(2026, 4, 29), date(2026, 5, 5)),  # 30/4 and 1/5 are holidays, then a weekend
        (date(2026, 12, 31), date(2027, 1, 5)),  # New Year's Day is a Friday
    ],
)
def test_the_first_answer_is_two_working_days_later(received: date, day: date) -> None:
    found = due(SETS, "first_answer", "deletion", received)
    assert found is not None
    assert found[0] == day


def test_before_the_decree_no_document_says_when() -> None:
    assert due(SETS, "end", "access", date(2025, 12, 31)) is None


def test_a_station_adds_a_day_off_of_its_own() -> None:
    assert working_day(SETS, date(2026, 11, 24))
    text = """id = "days-off-2026"
document = "Thông báo của Chính phủ"
vi = "Nghỉ bù"
en = "Substitute days"
effective_from = 2026-01-01
profile = ["2026"]
verified = true
mark = "V"
source = ["notice"]
covers = [{ subject = "holiday" }]

[[holiday]]
id = "substitute"
vi = "Nghỉ bù"
en = "Substitute day"
on = 2026-11-24
"""
    sets = RuleSets.of([*own_sets(), load(text, "days-off.toml")])
    assert not working_day(sets, date(2026, 11, 24))
    found = due(sets, "first_answer", "access", FRIDAY)
    assert found is not None
    assert found[0] == date(2026, 11, 25)
