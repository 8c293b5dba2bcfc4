"""Whose records the law keeps, whose time is over, whom no rule keeps (rules §4, duty 9)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from door_to_door import TODAY, WHO, household, later, person

from tui_app.clock import today
from tui_app.errors import NotOpened
from tui_app.services.access import access
from tui_app.services.people import people
from tui_app.services.requests import erasing
from tui_app.services.requests.kept_overview import KeptOverview, kept_overview
from tui_app.store.engine import Store


def overview(store: Store) -> KeptOverview:
    with store.read() as c:
        return kept_overview(c, today(store.clock))


def note(store: Store, type_name: str, one: str, **fields: Any) -> None:
    with store.work(WHO) as work:
        work.create(type_name, {"person": one, **fields}, place=work.get("person", one))


def test_each_rule_says_whom_it_keeps_and_to_when(store: Store) -> None:
    """TT 33/2025: ten years from the newest record, twenty for psychiatric care, thirty from the day of death."""
    door = household(store, "12 Lê Lợi")
    tested, ill, dead, old, free = (
        person(store, door, f"Lê Văn {name}") for name in ("A", "B", "C", "D", "E")
    )
    # 20:00 UTC is the next day in Viet Nam
    note(store, "test_result", tested, at="2026-10-30T20:00:00Z", result="negative")
    note(store, "vaccination_dose", tested, given_on="2021-08-31")
    note(store, "vaccination_dose", ill, given_on="2020-02-29")
    note(store, "person_condition", ill, condition="psychiatric")
    note(store, "vaccination_dose", dead, given_on="2014-05-01")
    note(store, "vaccination_dose", old, given_on="2014-05-01")
    people.mark_died(store, WHO, dead, date(2015, 3, 1))
    found = overview(store)
    assert {one.rule: (one.persons, one.first, one.last) for one in found.rules} == {
        "ordinary": ((ill, tested), date(2030, 2, 28), date(2036, 10, 31)),
        "psychiatric": ((ill,), date(2040, 2, 29), date(2040, 2, 29)),
        "death": ((dead,), date(2045, 3, 1), date(2045, 3, 1)),
    }
    assert (found.over, found.free) == ((old,), (free,))
    for one in (tested, ill, dead):
        assert erasing.plan(store, one).kept_by, "an erasure is refused for the same persons"
    assert not erasing.plan(store, old).kept_by


def test_the_journal_is_counted_and_what_is_older_than_six_months(store: Store) -> None:
    one = person(store, household(store, "12 Lê Lợi"), "Lê Thị Hằng")
    access.note_opened(store, WHO, "person", one)
    assert (overview(store).journal, overview(store).journal_over) == (1, 0)
    later(store, days=(date(2027, 6, 1) - TODAY).days)
    access.note_opened(store, WHO, "person", one)
    assert (overview(store).journal, overview(store).journal_over) == (2, 1)


def test_only_a_chief_may_ask(store: Store) -> None:
    store.role = "member"
    with pytest.raises(NotOpened):
        overview(store)
