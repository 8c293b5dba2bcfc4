"""The tests of many persons that stand, and the contacts for whom the rule asks for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from tui_app.clock import VIETNAM, from_wire
from tui_app.rules.release import TestFact
from tui_app.rules.watch import watch
from tui_app.services.cases.board import Standing
from tui_app.services.people.cards import LEFT_BEHIND
from tui_app.services.roster.lines import Reason, RosterLine
from tui_app.services.roster.view import View
from tui_app.services.visits.standing import standing


@dataclass(frozen=True, slots=True)
class Tested:
    """A test that stands. ``on``: its day in Viet Nam."""

    on: date
    fact: TestFact


_TESTS = f"""
WITH wanted AS MATERIALIZED (SELECT value AS person FROM json_each(?1)),
{
    standing('''(SELECT * FROM household_visit WHERE household IN (SELECT v.household FROM wanted AS w
    JOIN test_result AS t ON t.person = w.person JOIN household_visit AS v ON v.id = t.visit))''')
}
SELECT t.person, t.at, t.method, t.result, t.supervised_by, t.ct_value
FROM wanted AS w CROSS JOIN test_result AS t ON t.person = w.person
WHERE NOT t.deleted AND t.at <= ?2
    AND (t.visit IS NULL OR t.visit IN (SELECT id FROM standing) OR {
    LEFT_BEHIND.format(row="t", table="test_result")
})
ORDER BY t.at, t.id
"""


def facts_of_tests(c: Any, persons: Sequence[str], until: str) -> dict[str, list[Tested]]:
    """Person -> their tests up to a wire moment, oldest first."""
    found: dict[str, list[Tested]] = defaultdict(list)
    for row in c.execute(_TESTS, (msgspec.json.encode(persons).decode(), until)):
        on = from_wire(row["at"]).astimezone(VIETNAM).date()
        supervised = True if row["supervised_by"] else None  # nobody named is not nobody there
        fact = TestFact(on, row["method"], row["result"], supervised, row["ct_value"])
        found[row["person"]].append(Tested(on, fact))
    return dict(found)


_CONTACTS = """
SELECT id, area, "case", person, full_name, last_met_on, protected, findings FROM contact
WHERE NOT deleted AND ended_on IS NULL AND watch_until >= ? AND person IS NOT NULL AND last_met_on IS NOT NULL
"""


def contacts(c: Any, view: View) -> Iterator[RosterLine]:
    """Contacts for whom the rule of the day they met the case asks for a test that nobody made yet, or made today."""
    rows = c.execute(_CONTACTS, (view.day.isoformat(),)).fetchall()
    tests = facts_of_tests(c, [row["person"] for row in rows], view.last) if rows else {}
    for row in rows:
        met = date.fromisoformat(row["last_met_on"])
        asked = watch(view.sets, met, None if row["protected"] is None else bool(row["protected"]))
        days = [met + timedelta(days=number) for number in asked.test_days]
        come = [day for day in days if day <= view.day]
        if not come or asked.finding is None:
            continue
        known = [test.on for test in tests.get(row["person"], ()) if test.on >= come[-1]]
        if any(on < view.day for on in known):
            continue
        late = Standing.OVERDUE if come[-1] < view.day else Standing.DUE
        yield RosterLine(
            "test",
            row["person"],
            Standing.DONE if known else late,
            [Reason("contact_test", come[-1].isoformat(), (asked.finding,))],
            person=row["person"],
            record=row["id"],
        )
