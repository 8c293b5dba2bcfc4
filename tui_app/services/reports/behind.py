"""The records behind a figure, with the person each is about: nothing is counted that cannot be listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tui_app.services.access import gate
from tui_app.text import name_key, place_words


@dataclass(frozen=True, slots=True)
class Behind:
    """A record. ``person``: empty for somebody who is not on this laptop; ``on``: its day or wire moment."""

    id: str
    person: str
    full_name: str
    address: str
    unit: str
    on: str


def behind(c: Any, kind: str, ids: Sequence[str]) -> tuple[list[Behind], int]:
    """The records of a type with these ids, by name, and how many may not be opened or are no longer here.

    Raises NotOpened for a viewer, KeyError for a type whose records are about no person (see `LISTED`).
    """
    gate.check_role(c, kind)
    shut = gate.closed(c)
    rows = c.execute(_LINES.format(source=LISTED[kind]), (msgspec.json.encode(list(ids)).decode(),))
    found = [
        Behind(
            row["id"],
            row["person"] or "",
            row["full_name"] or row["called"] or "",
            place_words(row["address"], row["alley"]),
            row["unit_name"] or "",
            row["day"] or "",
        )
        for row in rows
        if row["area"] not in shut
    ]
    return sorted(found, key=lambda one: (name_key(one.full_name), one.id)), len(ids) - len(found)


LISTED = {
    "person": "SELECT id, id AS person, area, NULL AS called, birth_date AS day FROM person",
    "case": """SELECT id, person, area, NULL AS called, coalesce(first_positive_on, started_on) AS day
        FROM "case" """,
    "contact": "SELECT id, person, area, full_name AS called, last_met_on AS day FROM contact",
    "screening": """SELECT s.id, s.person, s.area, NULL AS called, v.at AS day
        FROM screening AS s LEFT JOIN household_visit AS v ON v.id = s.visit""",
    "test_result": "SELECT id, person, area, NULL AS called, at AS day FROM test_result",
    "alert": "SELECT id, person, area, NULL AS called, at AS day FROM alert",
}
"""Types whose records can be listed, and what is read of them."""
_LINES = """
SELECT r.*, p.full_name, h.address, h.alley, a.unit_name
FROM json_each(?) AS wanted JOIN ({source}) AS r ON r.id = wanted.value
LEFT JOIN person AS p ON p.id = r.person LEFT JOIN household AS h ON h.id = p.household
LEFT JOIN area AS a ON a.id = r.area
"""
