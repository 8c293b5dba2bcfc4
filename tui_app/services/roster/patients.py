"""Who is ill at home, as the roster has them: readings of the half-day with alerts, and the test that may end it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from tui_app.clock import to_wire
from tui_app.rules import slots
from tui_app.rules.release import ReleaseFacts, test_due
from tui_app.rules.slots import SlotAt
from tui_app.services.cases.board import BoardLine, Standing, board
from tui_app.services.roster.lines import Reason, RosterLine
from tui_app.services.roster.tests_due import facts_of_tests
from tui_app.services.roster.view import View

_IN_THE_ROUND = frozenset({Standing.OVERDUE, Standing.MISSING, Standing.DUE, Standing.DONE})


def patients(c: Any, view: View) -> list[RosterLine]:
    """A line for each reading that is due or done in the half-day and each unanswered alert, and for each test."""
    as_of = None if view.until is None else view.moment
    ill = board(c, view.moment, as_of=as_of)
    return [*_readings(view, ill), *_tests(c, view, ill)]


def _readings(view: View, ill: Iterable[BoardLine]) -> Iterator[RosterLine]:
    before = slots.previous_slot(view.sets, view.here)
    opens = {at: to_wire(slots.bounds(view.sets, at.day, at.slot)[0]) for at in (view.here, before)}
    for one in ill:
        if one.standing in (Standing.AWAY, Standing.ENDED):
            continue
        reasons = []
        if one.standing is Standing.DANGER:
            reasons.append(Reason("alert", one.alert_at or "", one.why))
        elif one.standing is Standing.WORSE:
            reasons.append(Reason("worse", one.last_at or "", one.why))
        if one.round in _IN_THE_ROUND:
            at = before if one.round is Standing.MISSING else view.here
            last = SlotAt(*one.last_slot) if one.last_slot else None
            reasons.append(Reason("half_day", opens[at], (slots.due_finding(view.sets, at, last),)))
        yield RosterLine(
            "measure",
            one.person,
            one.standing,
            reasons,
            person=one.person,
            household=one.household,
            record=one.case,
            followed_by=one.followed_by,
            late=one.alert_late,
        )


_CASES = """
SELECT k.id, k.person, k.first_positive_on, k.basic_doses, k.last_dose_on, k.followed_by FROM "case" AS k
WHERE NOT k.deleted AND k.ended_on IS NULL AND k.first_positive_on IS NOT NULL
"""


def _tests(c: Any, view: View, ill: Iterable[BoardLine]) -> Iterator[RosterLine]:
    """Who is at home and needs a test for the isolation to end, or had it today."""
    at_home = {one.case for one in ill if one.place == "home"}
    cases = [row for row in c.execute(_CASES) if row["id"] in at_home]
    tests = facts_of_tests(c, [row["person"] for row in cases], view.last)
    for row in cases:
        positive = date.fromisoformat(row["first_positive_on"])
        known = [test for test in tests.get(row["person"], ()) if test.on >= positive]
        facts = ReleaseFacts(
            positive, row["basic_doses"], _day(row["last_dose_on"]), tuple(test.fact for test in known)
        )
        due, state = test_due(view.sets, facts, view.day), None
        if due is None and any(test.on == view.day for test in known):
            before = ReleaseFacts(
                positive,
                facts.basic_doses,
                facts.last_dose_on,
                tuple(test.fact for test in known if test.on < view.day),
            )
            due, state = test_due(view.sets, before, view.day), Standing.DONE
        if due is None:
            continue
        due_on, finding = due
        late = Standing.OVERDUE if due_on < view.day else Standing.DUE
        yield RosterLine(
            "test",
            row["person"],
            state or late,
            [Reason("release_test", due_on.isoformat(), (finding,))],
            person=row["person"],
            record=row["id"],
            followed_by=row["followed_by"] or "",
        )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
