"""What is kept about one person: their row, those merged into it, and every record that speaks of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sync import outbox
from tui_app.errors import NotFound
from tui_app.records import BY_NAME
from tui_app.records.base import own_columns
from tui_app.store import merged

_STAYS = frozenset({"area", "report", "access_entry", "erasure", "rule_set", "station_value"})
"""Types that name nobody, or of which only ids are left once a person is gone; the law keeps the journal of access."""
_THROUGH: Mapping[str, tuple[str, ...]] = {
    "person": ("person", "merged", "kept"),
    "household": ("household",),
    "household_visit": ("visit",),
    "case": ("case",),
    "observation": ("observation",),
    "contact": ("contact",),
}
"""type -> the fields by which other records belong to one of it."""

Key = tuple[str, str]  # type, id


@dataclass(frozen=True, slots=True)
class Belongings:
    """``person``: the record shown; ``members``: with those merged into it; ``areas``: area -> the records that lie
    there; ``alone``: whether nobody else lives in the household, which then goes too."""

    person: str
    members: tuple[str, ...]
    areas: Mapping[str, tuple[Key, ...]]
    alone: bool

    @property
    def keys(self) -> tuple[Key, ...]:
        """All of them."""
        return tuple(key for keys in self.areas.values() for key in keys)

    def ids(self, type_name: str) -> list[str]:
        """Those of a type."""
        return [ident for kind, ident in self.keys if kind == type_name]

    def counts(self) -> dict[str, int]:
        """How many there are of each type."""
        found: dict[str, int] = defaultdict(int)
        for kind, _ in self.keys:
            found[kind] += 1
        return dict(sorted(found.items()))


def belongings(c: Any, person: str) -> Belongings:
    """All that is kept here about a person, deleted records too. Raises NotFound, also for one who is erased; for one
    merged into another record all that is kept about both."""
    shown = merged.shown_for(c, person)
    members = (shown, *merged.members(c, shown))
    found: dict[Key, str] = _with_ids(c, "person", members)
    if ("person", shown) not in found or outbox.erased_among(c, [("person", shown)]):
        raise NotFound("errors.record_not_found", kind="person")
    doors = _left_alone(c, members)
    found |= _with_ids(c, "household", doors)
    fresh = set(found)
    while fresh:
        fresh = _belonging(c, found, fresh)
    found |= _reviews(c, found)
    areas: dict[str, list[Key]] = defaultdict(list)
    for key, area in sorted(found.items()):
        areas[area].append(key)
    return Belongings(shown, members, {area: tuple(keys) for area, keys in areas.items()}, bool(doors))


def _belonging(c: Any, found: dict[Key, str], fresh: set[Key]) -> set[Key]:
    """Add what belongs to the records found last. Returns what is new."""
    new: dict[Key, str] = {}
    for owner, fields in _THROUGH.items():
        ids = json.dumps([ident for kind, ident in fresh if kind == owner])
        if ids != "[]":
            for type_name, field in _naming(fields):
                rows = c.execute(
                    f'SELECT id, area FROM "{type_name}" WHERE "{field}" IN (SELECT value FROM json_each(?))',
                    (ids,),
                )
                new |= {(type_name, ident): area for ident, area in rows}
                if field in ("person", "household"):  # said of a record that was merged into another
                    new |= _said(c, type_name, field, ids)
    added = {key: area for key, area in new.items() if key not in found}
    found |= added
    return set(added)


@cache
def _naming(fields: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(type, field) of every type that has one of the fields."""
    return tuple(
        (name, field)
        for name, record in BY_NAME.items()
        for field in fields
        if name not in _STAYS
        and field in own_columns(record)
        and not (name == "person" and field == "household")
    )


def _said(c: Any, type_name: str, field: str, ids: str) -> dict[Key, str]:
    rows = c.execute(
        f'SELECT t.id, t.area FROM said_of AS s JOIN "{type_name}" AS t ON t.id = s.record'
        " WHERE s.type = ? AND s.field = ? AND s.said IN (SELECT value FROM json_each(?))",
        (type_name, field, ids),
    )
    return {(type_name, ident): area for ident, area in rows}


def _reviews(c: Any, found: Mapping[Key, str]) -> dict[Key, str]:
    """What the chief said of one of the records, and the questions about its fields."""
    ids = json.dumps([ident for _, ident in found])
    new: dict[Key, str] = {}
    for type_name in ("review", "conflict"):
        rows = c.execute(
            f"SELECT id, area FROM {type_name} WHERE record IN (SELECT value FROM json_each(?))", (ids,)
        )
        new |= {(type_name, ident): area for ident, area in rows}
    return new


def _with_ids(c: Any, type_name: str, ids: Iterable[str]) -> dict[Key, str]:
    rows = c.execute(
        f'SELECT id, area FROM "{type_name}" WHERE id IN (SELECT value FROM json_each(?))',
        (json.dumps(list(ids)),),
    )
    return {(type_name, ident): area for ident, area in rows}


def _left_alone(c: Any, members: Iterable[str]) -> list[str]:
    """The households in which nobody but these persons ever lived."""
    ids = json.dumps(list(members))
    rows = c.execute(
        "SELECT DISTINCT p.household FROM person AS p WHERE p.id IN (SELECT value FROM json_each(?1))"
        " AND p.household IS NOT NULL AND NOT EXISTS (SELECT 1 FROM person AS o WHERE o.household = p.household"
        " AND o.id NOT IN (SELECT value FROM json_each(?1)) AND o.full_name IS NOT NULL)",
        (ids,),
    )
    return [household for (household,) in rows]
