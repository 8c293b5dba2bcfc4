"""The cases behind an input, as lines to look at: who, where, since when, how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from tui_app.clock import show_date
from tui_app.services.access import gate
from tui_app.services.people.doors import walking_order
from tui_app.text import place_words


@dataclass(frozen=True, slots=True)
class CaseLine:
    """``first_on``: first positive day, or the day it was taken in; ``ended_on``, ``outcome``: empty while open."""

    case: str
    person: str
    full_name: str
    born: str
    address: str
    unit: str
    first_on: str
    place: str
    ended_on: str
    outcome: str


@dataclass(frozen=True, slots=True)
class CaseLines:
    """``left_out``: how many lie in locked units or are not on this laptop any more."""

    lines: tuple[CaseLine, ...]
    left_out: int


_CASES = """
SELECT k.id, k.area, k.person, k.place, k.ended_on, k.outcome,
    coalesce(k.first_positive_on, k.started_on) AS first_on, p.full_name, p.birth_date, p.birth_year,
    h.address, h.alley, h.walk_order, a.unit_name
FROM "case" AS k LEFT JOIN person AS p ON p.id = k.person LEFT JOIN household AS h ON h.id = p.household
LEFT JOIN area AS a ON a.id = k.area
WHERE k.id IN (SELECT value FROM json_each(?)) AND NOT k.deleted
"""


def case_lines(c: Any, ids: Iterable[str]) -> CaseLines:
    """These cases in walking order. Raises NotOpened for a viewer; locked units are left out."""
    gate.check_role(c)
    wanted, shut = list(ids), gate.closed(c)
    rows = c.execute(_CASES, (msgspec.json.encode(wanted).decode(),)).fetchall()
    shown = sorted((row for row in rows if row["area"] not in shut), key=walking_order)
    return CaseLines(tuple(map(_line, shown)), len(wanted) - len(shown))


def _line(row: Any) -> CaseLine:
    return CaseLine(
        case=row["id"],
        person=row["person"] or "",
        full_name=row["full_name"] or "",
        born=show_date(row["birth_date"]) if row["birth_date"] else str(row["birth_year"] or ""),
        address=place_words(row["address"], row["alley"]),
        unit=row["unit_name"] or "",
        first_on=row["first_on"] or "",
        place=row["place"] or "",
        ended_on=row["ended_on"] or "",
        outcome=row["outcome"] or "",
    )
