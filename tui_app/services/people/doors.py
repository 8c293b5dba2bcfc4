"""Hôm nay: the doors to knock on, in walking order, with what became of each today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from tui_app.clock import day_bounds
from tui_app.services.access import gate
from tui_app.services.people.severity import UNWELL
from tui_app.services.station.unit_names import called
from tui_app.services.visits.standing import standing
from tui_app.store.rows import table
from tui_app.text import alphabet_key, each_begins, fold, natural_key


class DoorState(StrEnum):
    """What became of a door on a day. ``left``: nobody has knocked yet."""

    LEFT = "left"
    DRAFT = "draft"
    PARTLY = "partly"
    MET = "met"
    ABSENT = "absent"
    REFUSED = "refused"
    MOVED = "moved"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Door:
    """One household of the day's walk.

    ``state`` and ``visit``: of the day's visit; a meeting outranks a knock that found nobody, then the later
    one.
    ``persons``: living there now; ``asked``: of those, how many have a screening in today's visit;
    ``unwell``: of those, how many are unwell; ``last_visit``: wire moment of the last visit on any day;
    ``words``: what a filter looks at, folded.
    """

    household: str
    code: str
    address: str
    alley: str
    head_name: str
    unit: str
    persons: int
    asked: int
    unwell: int
    state: DoorState
    visit: str | None
    last_visit: str | None
    words: tuple[str, ...] = ()

    def matches(self, folded_words: list[str]) -> bool:
        """Whether every word begins a word of the address, head or code (folded)."""
        return each_begins(folded_words, self.words)


_DOORS = f"""
WITH living AS (
    SELECT household, count(*) AS n FROM person
    WHERE NOT deleted AND died_on IS NULL AND moved_on IS NULL GROUP BY household),
{standing()},
latest AS (SELECT household, max(at) AS at FROM standing GROUP BY household),
ranked AS (
    SELECT household, id, outcome,
        row_number() OVER (PARTITION BY household ORDER BY outcome = 'met' DESC, at DESC, id DESC) AS place
    FROM standing WHERE at >= ? AND at < ?),
todays AS (SELECT household, id, outcome FROM ranked WHERE place = 1),
lines AS (
    SELECT s.visit, sum(s.wellbeing <> 'not_asked') AS asked, sum({UNWELL}) AS unwell
    FROM todays AS t CROSS JOIN screening AS s ON s.visit = t.id WHERE NOT s.deleted GROUP BY s.visit)
SELECT h.id, h.area, h.code, h.address, h.alley, h.walk_order, p.full_name AS head_name, a.unit_name,
    coalesce(living.n, 0) AS persons, coalesce(lines.asked, 0) AS asked, coalesce(lines.unwell, 0) AS unwell,
    todays.id AS visit, todays.outcome, latest.at AS last_visit, draft.key AS draft
FROM household AS h
LEFT JOIN person AS p ON p.id = h.head AND NOT p.deleted
LEFT JOIN area AS a ON a.id = h.area
LEFT JOIN living ON living.household = h.id
LEFT JOIN todays ON todays.household = h.id
LEFT JOIN latest ON latest.household = h.id
LEFT JOIN lines ON lines.visit = todays.id
LEFT JOIN draft ON draft.key = 'visit:' || h.id
WHERE NOT h.deleted
"""


_FILTERED = ("code", "address", "alley", "head_name", "unit_name")


def doors(c: Any, day: date) -> list[Door]:
    """All households this laptop may open now, in walking order: unit, alley, place along it, house number."""
    shut = gate.closed(c)
    found = [row for row in c.execute(_DOORS, day_bounds(day)) if row["area"] not in shut]
    found.sort(key=walking_order)
    also = {row.id: " ".join(called(row.body)) for row in table("area").where(c)}
    return [_door(row, also.get(row["area"], "")) for row in found]


def summary(lines: Iterable[Door]) -> Counter[DoorState]:
    """How many doors stand in each state."""
    return Counter(door.state for door in lines)


def next_door(lines: list[Door], household: str) -> Door | None:
    """The door to go to after ``household``: the next one still open, then again from the start."""
    here = next((i for i, door in enumerate(lines) if door.household == household), -1)
    ahead = lines[here + 1 :] + lines[: max(here, 0)]
    return next((door for door in ahead if door.state in (DoorState.LEFT, DoorState.DRAFT)), None)


def _door(row: Any, also: str) -> Door:
    """``also``: what the unit is called besides its name."""
    return Door(
        household=row["id"],
        code=row["code"] or "",
        address=row["address"] or "",
        alley=row["alley"] or "",
        head_name=row["head_name"] or "",
        unit=row["unit_name"] or "",
        persons=row["persons"],
        asked=row["asked"],
        unwell=row["unwell"],
        state=_state(row),
        visit=row["visit"],
        last_visit=row["last_visit"],
        words=tuple(fold(" ".join(filter(None, (*(row[name] for name in _FILTERED), also)))).split()),
    )


def _state(row: Any) -> DoorState:
    if row["draft"]:
        return DoorState.DRAFT
    if row["outcome"] is None:
        return DoorState.LEFT
    if row["outcome"] == "met" and row["asked"] < row["persons"]:
        return DoorState.PARTLY
    return DoorState(row["outcome"])


def walking_order(row: Any) -> tuple[str, str, int, str, str]:
    """Sort key of a row with unit_name, alley, walk_order, address and id: unit, alley, place along it, number."""
    return walking_place(row["unit_name"], row["alley"], row["walk_order"], row["address"], row["id"])


@lru_cache(65536)  # the order of letters costs ten times what reading a household does
def walking_place(
    unit: str | None, alley: str | None, order: int | None, address: str | None, ident: str
) -> tuple[str, str, int, str, str]:
    """The same of a household's values."""
    return (
        _sorted_as(unit or ""),
        _sorted_as(alley or ""),
        order if order is not None else 1 << 30,
        natural_key(address or ""),
        ident,
    )


@cache
def _sorted_as(text: str) -> str:
    return natural_key(text) if any(map(str.isdigit, text)) else alphabet_key(text)
