"""Doors given out for days, and which of them were gone to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from tui_app.clock import VIETNAM, day_bounds, from_wire
from tui_app.records.campaigns import Task
from tui_app.records.visits import VisitOutcome
from tui_app.services.visits.standing import standing

AT_THE_DOOR = (Task.VISIT, Task.TEST, Task.DOSE, Task.SUPPORT)
"""Tasks that take somebody to a door; readings and checks of those who recovered are made by telephone as well."""


@dataclass(frozen=True, slots=True)
class GivenDoors:
    """Of one calendar day. ``given``: household -> to whom, empty for whoever goes there; ``done``: those of them where
    a knock found somebody, a refusal or an empty house; an absence has to be tried again."""

    given: dict[str, frozenset[str]]
    done: frozenset[str]


def given_doors(c: Any, first: date, last: date, shut: Collection[str]) -> dict[date, GivenDoors]:
    """A line a day on which something was given out."""
    given: dict[date, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    tasks = msgspec.json.encode(AT_THE_DOOR).decode()
    for on, household, area, to in c.execute(_GIVEN, (first.isoformat(), last.isoformat(), tasks)):
        if household and area not in shut:
            given[date.fromisoformat(on)][household].add(to or "")
    doors = {door for of in given.values() for door in of}
    gone: dict[date, set[str]] = defaultdict(set)
    if doors:
        bounds = (day_bounds(first)[0], day_bounds(last)[1])
        for household, at in c.execute(_GONE, (msgspec.json.encode(sorted(doors)).decode(), *bounds)):
            gone[_day(from_wire(at))].add(household)
    return {
        day: GivenDoors({door: frozenset(who) for door, who in of.items()}, frozenset(of.keys() & gone[day]))
        for day, of in given.items()
    }


def _day(moment: datetime) -> date:
    return moment.astimezone(VIETNAM).date()


_GIVEN = """
SELECT s."on", coalesce(p.household, s.household), s.area, s.assigned_to
FROM assignment AS s LEFT JOIN person AS p ON p.id = s.person AND NOT p.deleted
WHERE s."on" BETWEEN ? AND ? AND NOT s.deleted AND s.withdrawn IS NOT 1
    AND s.task IN (SELECT value FROM json_each(?))
"""
_GONE = f"""
WITH {standing("(SELECT * FROM household_visit WHERE household IN (SELECT value FROM json_each(?)))")}
SELECT household, at FROM standing WHERE outcome <> '{VisitOutcome.ABSENT}' AND at >= ? AND at < ?
"""
