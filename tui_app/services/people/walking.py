"""The order in which the doors of an alley are walked: a door put elsewhere, all of them numbered anew in one save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tui_app.errors import FieldProblem, InvalidFields
from tui_app.services.access import gate
from tui_app.services.people.cards import live_row
from tui_app.services.people.doors import walking_order
from tui_app.store.engine import Store
from tui_app.text import clean

Before = dict[str, dict[str, Any]]
"""household -> the fields of its place as they were."""


@dataclass(frozen=True, slots=True)
class Step:
    """A door on the way. ``walk_order``: its number as it is kept, None for one without."""

    household: str
    code: str
    address: str
    head_name: str
    walk_order: int | None


@dataclass(frozen=True, slots=True)
class Walk:
    """An alley of a unit with its doors in order."""

    area: str
    unit: str
    alley: str
    steps: tuple[Step, ...]

    def moved(self, household: str, place: int) -> Walk:
        """The walk with a door put at a place, from 1; beyond the ends it is the end."""
        step = next(step for step in self.steps if step.household == household)
        others = [step for step in self.steps if step.household != household]
        at = min(max(place, 1), len(self.steps)) - 1
        return replace(self, steps=(*others[:at], step, *others[at:]))

    def place_of(self, household: str) -> int:
        """Where a door stands now, from 1."""
        return next(place for place, step in enumerate(self.steps, 1) if step.household == household)


_DOORS = """
SELECT h.id, h.code, h.address, h.alley, h.walk_order, p.full_name AS head_name, a.unit_name FROM household AS h
LEFT JOIN person AS p ON p.id = h.head AND NOT p.deleted LEFT JOIN area AS a ON a.id = h.area
WHERE NOT h.deleted AND h.area = ? AND coalesce(h.alley, '') = ?
"""


def walk(c: Any, household: str) -> Walk:
    """The alley a household is in. Raises NotFound, NotOpened."""
    row = live_row(c, "household", household)
    gate.check(c, row.area, "household", household)
    alley = str(row.body.get("alley") or "")
    found = sorted(c.execute(_DOORS, (row.area, alley)).fetchall(), key=walking_order)
    steps = tuple(
        Step(one["id"], one["code"] or "", one["address"] or "", one["head_name"] or "", one["walk_order"])
        for one in found
    )
    return Walk(row.area, (found[0]["unit_name"] or "") if found else "", alley, steps)


def set_order(store: Store, who: str, households: Sequence[str]) -> Before:
    """Number these doors from 1 as they stand, in one save; returns what those that changed were, for `put_back`.
    Raises NotFound, InvalidFields when one is named twice."""
    if len(set(households)) != len(households):
        raise InvalidFields([FieldProblem("walk_order", "walking.twice")])
    return put_back(store, who, {door: {"walk_order": place} for place, door in enumerate(households, 1)})


def put_in_alley(store: Store, who: str, household: str, alley: str) -> Before:
    """Let a door be walked in another alley of its unit, after the last one that has a number there, else by its house
    number; returns what it was, for `put_back`. Raises NotFound, NotOpened."""
    name = clean(alley)
    with store.read() as c:
        row = live_row(c, "household", household)
        last = c.execute(
            "SELECT max(walk_order) FROM household WHERE NOT deleted AND area = ? AND coalesce(alley, '') = ?"
            " AND id <> ?",
            (row.area, name, household),
        ).fetchone()[0]
    return put_back(
        store, who, {household: {"alley": name or None, "walk_order": last + 1 if last else None}}
    )


def put_back(store: Store, who: str, fields: Before) -> Before:
    """Give doors the places they had, in one save; returns what those that changed were. Raises NotFound."""
    before: Before = {}
    with store.work(who) as work:
        for door, now in fields.items():
            body = work.get("household", door).body
            was = {name: body.get(name) for name in now}
            if work.change("household", door, now):
                before[door] = was
    return before
