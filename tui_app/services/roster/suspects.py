"""Who was found unwell at a door lately, is a suspected case by the definition in force, and was not tested since."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from tui_app.clock import VIETNAM, day_bounds, from_wire
from tui_app.rules.definition import CaseFacts, definition
from tui_app.services.cases.board import Standing
from tui_app.services.people.severity import UNWELL
from tui_app.services.roster.lines import Reason, RosterLine
from tui_app.services.roster.tests_due import facts_of_tests
from tui_app.services.roster.view import View
from tui_app.services.visits.standing import standing

_UNWELL = f"""
WITH {standing("(SELECT * FROM household_visit WHERE at >= ?1 AND at <= ?2)")}
SELECT s.person, v.at, s.symptoms, s.exposure, s.travel, s.travel_from
FROM standing AS v CROSS JOIN screening AS s ON s.visit = v.id
WHERE v.outcome = 'met' AND NOT s.deleted AND {UNWELL} AND NOT EXISTS (
    SELECT 1 FROM "case" AS k WHERE k.person = s.person AND NOT k.deleted AND k.ended_on IS NULL)
ORDER BY v.at
"""


def suspects(c: Any, view: View) -> Iterator[RosterLine]:
    """A line a person, by the last answers of the days the house looks back."""
    rules = view.sets.part("case_definition", view.day)
    if rules is None:
        return
    since = day_bounds(view.day - view.rules.look_back("suspect"))[0]
    last = {row["person"]: row for row in c.execute(_UNWELL, (since, view.last))}
    tests = facts_of_tests(c, list(last), view.last) if last else {}
    for person, row in last.items():
        symptoms = msgspec.json.decode(row["symptoms"]) if row["symptoms"] is not None else None
        facts = CaseFacts(
            symptoms=None if symptoms is None else frozenset(symptoms), epidemiological_factor=_factor(row)
        )
        found = definition(rules, facts)
        on = from_wire(row["at"]).astimezone(VIETNAM).date()
        tested = [test.on for test in tests.get(person, ()) if test.on >= on]
        if not found or any(day < view.day for day in tested):
            continue
        late = Standing.OVERDUE if on < view.day else Standing.DUE
        yield RosterLine(
            "test",
            person,
            Standing.DONE if tested else late,
            [Reason("suspect", row["at"], found)],
            person=person,
        )


def _factor(row: Any) -> bool | None:
    """Contact with a case, or coming from nobody said where: of a place that was said the sweep's own list decides."""
    if row["exposure"] or (row["travel"] and not row["travel_from"]):
        return True
    return None if row["exposure"] is None else False
