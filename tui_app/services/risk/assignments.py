"""Who is to be gone to today, given out from a list. Nobody is given out twice for the same task on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.clock import today
from tui_app.records.campaigns import Task, assignment_id
from tui_app.services.access import gate
from tui_app.store.engine import Store


@dataclass(frozen=True, slots=True)
class GivenOut:
    """What a giving out made. ``new``: ids of the assignments; ``already``: how many persons were on it before."""

    new: tuple[str, ...]
    already: int


@dataclass(frozen=True, slots=True)
class Given:
    """Something given out for a household. ``full_name``: empty when it is for the household itself."""

    household: str
    person: str
    full_name: str
    task: str
    reason: str
    assigned_to: str


def assign(
    store: Store,
    who: str,
    persons: Sequence[str],
    task: Task = Task.VISIT,
    *,
    on: date | None = None,
    reason: str = "",
    assigned_to: str = "",
) -> GivenOut:
    """Give these persons out for a day (today). Two laptops that give out the same write the same row; one taken back
    is given out again. Raises NotOpened, NotFound.
    """
    day = on or today(store.clock)
    with store.work(who) as work:
        closed = gate.closed(work.connection)
        new, already = [], 0
        for person in dict.fromkeys(persons):
            place = work.get("person", person)
            if place.area in closed:
                gate.check(work.connection, place.area, "person", person)
            ident = assignment_id(day, task, person)
            row = work.find("assignment", ident)
            if row is not None and not row.deleted and not row.body.get("withdrawn"):
                already += 1
                continue
            fields = {
                "on": day.isoformat(),
                "task": str(task),
                "household": place.body.get("household"),
                "person": person,
                "assigned_to": assigned_to or None,
                "reason": reason or None,
                "withdrawn": None if row is None else False,
            }
            work.ensure("assignment", ident, fields, place=place)
            new.append(ident)
        return GivenOut(tuple(new), already)


def withdraw(store: Store, who: str, assignments: Collection[str]) -> int:
    """Take what was given out back; how many were not taken back before. Raises NotFound."""
    with store.work(who) as work:
        return sum(work.change("assignment", ident, {"withdrawn": True}) for ident in sorted(assignments))


def given_to(c: Any, on: date, persons: Collection[str], task: Task = Task.VISIT) -> list[str]:
    """Ids of what is given out of these persons for a task on a day."""
    wanted = {assignment_id(on, task, person) for person in persons}
    return sorted(wanted & {ident for (ident,) in c.execute(f"SELECT id {_LIVE}", (on.isoformat(),))})


def given_out(c: Any, on: date) -> list[Given]:
    """All that is given out for a day and may be named now."""
    shut = gate.closed(c)
    return [
        Given(
            row["household"] or "",
            row["person"] or "",
            row["full_name"] or "",
            row["task"] or "",
            row["reason"] or "",
            row["assigned_to"] or "",
        )
        for row in c.execute(_GIVEN, (on.isoformat(),))
        if row["area"] not in shut
    ]


def by_household(c: Any, on: date) -> dict[str, list[Given]]:
    """The same by the household where one has to go."""
    found: defaultdict[str, list[Given]] = defaultdict(list)
    for one in given_out(c, on):
        found[one.household].append(one)
    return dict(found)


def persons_given(c: Any, on: date) -> frozenset[str]:
    """Persons of whom something is given out for a day."""
    return frozenset(person for (person,) in c.execute(f"SELECT person {_LIVE}", (on.isoformat(),)) if person)


_LIVE = 'FROM assignment WHERE "on" = ? AND NOT deleted AND withdrawn IS NOT 1'
_GIVEN = """
SELECT s.area, coalesce(p.household, s.household) AS household, s.person, p.full_name, s.task, s.reason, s.assigned_to
FROM assignment AS s LEFT JOIN person AS p ON p.id = s.person AND NOT p.deleted
WHERE s."on" = ? AND NOT s.deleted AND s.withdrawn IS NOT 1 ORDER BY p.full_name, s.id
"""
