"""Finding persons and households, and whether what was typed is somebody's identity number.

A search by identity number is noted with its kind, never with the number (house.md §3, §5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from tui_app.services.access import gate
from tui_app.services.people.doors import walking_order
from tui_app.services.station import unit_names
from tui_app.store import merged
from tui_app.store.rows import table
from tui_app.store.search import Hit, find
from tui_app.store.search_terms import insurance_digits, parse

DEEPER = 10
"""While units are locked, so many times more is looked through, so that their hits crowd out no others."""
IDENTITY = ("national_id", "citizen_id_old", "insurance_number")
_KIND_OF_LENGTH = {12: "national_id", 9: "citizen_id_old", 13: "insurance_number", 15: "insurance_number"}
_MOBILE = ("03", "05", "07", "08", "09", "02")


@dataclass(frozen=True, slots=True)
class Found:
    """What a query found. ``identity``: the kind of the complete identity number that was asked for, or empty;
    ``locked``: how many more lie in units that are locked."""

    hits: tuple[Hit, ...]
    identity: str = ""
    locked: int = 0


def search(c: Any, query: str, *, limit: int = 100) -> Found:
    """Persons and households for what was typed, pasted or scanned, of the units that may be opened now. Words that
    nothing else has are taken for a unit's: the name or code it has or had.

    Raises NotOpened for a viewer.
    """
    if not query.strip():
        return Found(())
    gate.check_role(c)
    shut, kind = gate.closed(c), identity_kind(query)
    if not shut:
        return Found(tuple(find(c, query, limit=limit) or _doors_of_units(c, query, limit)), kind)
    found = find(c, query, limit=limit * DEEPER)
    found = found or _doors_of_units(c, query, limit * DEEPER)
    hits = [hit for hit in found if hit.area not in shut]
    return Found(tuple(hits[:limit]), kind, len(found) - len(hits))


_DOORS = """
SELECT h.*, p.full_name AS head_name, a.unit_name FROM household AS h
LEFT JOIN person AS p ON p.id = h.head AND NOT p.deleted LEFT JOIN area AS a ON a.id = h.area
WHERE NOT h.deleted AND h.area IN (SELECT value FROM json_each(?))
"""


def _doors_of_units(c: Any, query: str, limit: int) -> list[Hit]:
    """Households of the units that are or were called as the query says, in walking order."""
    units = unit_names.meant(c, query)
    rows = c.execute(_DOORS, (msgspec.json.encode(units).decode(),)).fetchall() if units else []
    return [
        Hit(
            "household",
            row["id"],
            row["area"],
            row["id"],
            row["head_name"] or "",
            code=row["code"],
            address=row["address"],
            alley=row["alley"],
            phone=row["phone"],
        )
        for row in sorted(rows, key=walking_order)[:limit]
    ]


def identity_kind(query: str) -> str:
    """Which identity number a query is, complete: a field's name, or empty for anything else.

    Ten digits are an insurance number unless they begin as telephone numbers do (rules §3.2–§3.4).
    """
    asked = parse(query)
    if asked.number_words or not asked.numbers:
        return ""
    number = asked.numbers[0]
    if asked.whole:
        return "national_id" if len(number) == 12 else "insurance_number"
    if len(number) == 10 and not number.startswith(_MOBILE):
        return "insurance_number"
    return _KIND_OF_LENGTH.get(len(number), "")


def matched_identity(c: Any, person: str, query: str) -> str:
    """By which identity number, or beginning or end of one, the query found this person; empty for none.

    The numbers of records that were merged into this one count as well.
    """
    asked = parse(query).numbers
    for row in table("person").read(c, [person, *merged.members(c, person)]).values():
        for name in IDENTITY:
            digits = "".join(filter(str.isdecimal, str(row.body.get(name) or "")))
            if name == "insurance_number":
                digits = insurance_digits(str(row.body.get(name) or ""))
            if digits and any(digits.startswith(part) or digits.endswith(part) for part in asked):
                return name
    return ""
