"""What was found at doors and by tests, as a report counts it: who coughed or had a fever, who came from an epidemic
area, and each test with why it was made.

Only visits and tests that stand count: what was corrected or taken back by then does not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from tui_app.clock import to_wire
from tui_app.records.visits import Symptom, VisitOutcome
from tui_app.services.reports.contacts import CountedContact
from tui_app.services.reports.kinds import Choices, Period
from tui_app.services.reports.knowing import Knowing, knowing
from tui_app.services.reports.periods import reporting_days
from tui_app.services.visits.standing import standing
from tui_app.text import fold

F1, F2, COUGH_FEVER, OTHER = "f1", "f2", "cough_fever", "other"
REASONS = (F1, F2, COUGH_FEVER, OTHER)
"""Why a test was made (form 5.9, block 7), the first that holds."""


@dataclass(frozen=True, slots=True)
class Look:
    """A line of a visit. ``at``: wire moment; ``ill``: cough or fever; ``came_from``: where from, folded."""

    id: str
    person: str
    at: str
    ill: bool
    came_from: str


@dataclass(frozen=True, slots=True)
class CountedTest:
    """``at``: wire moment it was made; ``reason``: one of `REASONS`."""

    id: str
    person: str
    at: str
    result: str
    reason: str


def looks(c: Any, period: Period, as_of: datetime) -> list[Look]:
    """Lines that say cough, fever or a journey, of visits that stand, up to the end of a period, oldest first."""
    known = knowing(c, as_of)
    values = known.values | {"ends": to_wire(period.ends)}
    rows = c.execute(_LOOKS.format(known=known.was_known("s")), values).fetchall()
    stands = _standing(c, {row["household"] for row in rows}, known)
    found = [
        Look(
            row["id"],
            row["person"],
            row["at"],
            not _ILL.isdisjoint(msgspec.json.decode(row["symptoms"] or "[]")),
            fold(row["travel_from"] or ""),
        )
        for row in rows
        if row["visit"] in stands
    ]
    return sorted(found, key=lambda one: (one.at, one.id))


def epidemic_areas(c: Any) -> tuple[str, ...]:
    """The areas that sweeps asked about, folded; without any nobody can be said to come from one."""
    rows = c.execute(
        "SELECT epidemic_areas FROM sweep_campaign WHERE NOT deleted AND NOT coalesce(cancelled, 0)"
    )
    named = {fold(place) for (text,) in rows for place in msgspec.json.decode(text or "[]")}
    return tuple(sorted(filter(None, named)))


def tests(
    c: Any,
    period: Period,
    as_of: datetime,
    contacts: Iterable[CountedContact],
    ill: Mapping[str, list[str]],
    choices: Choices,
) -> list[CountedTest]:
    """Tests made by the end of a period, oldest first. ``ill``: person -> wire moments of cough or fever, in order."""
    near: dict[str, list[CountedContact]] = defaultdict(list)
    for one in contacts:
        if one.person:
            near[one.person].append(one)
    day_of = reporting_days(choices)
    known = knowing(c, as_of)
    query = _TESTS.format(known=known.was_known("t"), amended=known.came("later"))
    rows = c.execute(query, known.values | {"ends": to_wire(period.ends)}).fetchall()
    stands = _standing(c, {row["household"] for row in rows if row["household"]}, known)
    return [
        CountedTest(
            row["id"],
            row["person"],
            row["at"],
            row["result"],
            _reason(row, near.get(row["person"], ()), ill.get(row["person"], []), day_of),
        )
        for row in rows
        if row["household"] is None or row["visit"] in stands
    ]


def _reason(
    row: Any, contacts: Sequence[CountedContact], ill: list[str], day_of: Callable[[str], str]
) -> str:
    if not contacts and not ill:
        return OTHER
    day = day_of(row["at"])
    levels = [one.level for one in contacts if one.on <= day and (not one.until or day <= one.until)]
    if levels:
        return F1 if min(levels) == 1 else F2
    place = bisect_right(ill, row["at"])
    if place and date.fromisoformat(day) - date.fromisoformat(day_of(ill[place - 1])) <= _THE_DAY_BEFORE:
        return COUGH_FEVER
    return OTHER


def _standing(c: Any, households: Iterable[str], known: Knowing) -> frozenset[str]:
    """The visits of these households at which somebody was met, that stood by what was known."""
    source = (
        "(SELECT v.* FROM household_visit AS v WHERE v.household IN (SELECT value FROM json_each(:doors))"
        f" AND v.changed_at <= :until AND {known.came('v')})"
    )
    rows = c.execute(
        f"WITH {standing(source)} SELECT id FROM standing WHERE outcome = '{VisitOutcome.MET}'",
        known.values | {"doors": msgspec.json.encode(sorted(households)).decode()},
    )
    return frozenset(ident for (ident,) in rows)


_THE_DAY_BEFORE = timedelta(days=1)
_ILL = frozenset({Symptom.COUGH, Symptom.FEVER})
_LOOKS = """
SELECT s.id, s.person, s.visit, s.symptoms, s.travel_from, v.at, v.household
FROM screening AS s JOIN household_visit AS v ON v.id = s.visit
WHERE NOT s.deleted AND v.at < :ends AND {known}
    AND (s.travel_from IS NOT NULL OR instr(s.symptoms, '"cough"') OR instr(s.symptoms, '"fever"'))
"""
_TESTS = """
SELECT t.id, t.person, t.visit, t.at, t.result, v.household
FROM test_result AS t LEFT JOIN household_visit AS v ON v.id = t.visit
WHERE NOT t.deleted AND t.at < :ends AND {known} AND t.id NOT IN (
    SELECT later.amends FROM test_result AS later
    WHERE later.amends IS NOT NULL AND NOT later.deleted AND later.changed_at <= :until AND {amended})
ORDER BY t.at, t.id
"""
