"""Households not placed yet ("hộ chưa xếp"): their unit was split on the server and ended, and the chief says for each
door which of the parts it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.clock import today
from tui_app.services.access import gate
from tui_app.services.people.doors import walking_order
from tui_app.services.people.moving import carry_household
from tui_app.services.people.people import AreaChoice, areas
from tui_app.services.station.unit_names import former_places, place_code
from tui_app.services.sweeps import sweeps
from tui_app.store.engine import Store
from tui_app.store.rows import table


@dataclass(frozen=True, slots=True)
class UnplacedDoor:
    """A household of a unit that ended. ``targets``: the parts of its unit, else every unit that goes on."""

    household: str
    code: str
    address: str
    alley: str
    head_name: str
    unit: str
    persons: int
    targets: tuple[AreaChoice, ...]


_DOORS = """
SELECT h.id, h.area, h.code, h.address, h.alley, h.walk_order, p.full_name AS head_name, a.unit_name,
    (SELECT count(*) FROM person AS m WHERE m.household = h.id AND NOT m.deleted) AS persons
FROM household AS h JOIN area AS a ON a.id = h.area LEFT JOIN person AS p ON p.id = h.head AND NOT p.deleted
WHERE NOT h.deleted AND a.valid_to < ?
"""


def unplaced(c: Any, day: date) -> list[UnplacedDoor]:
    """Every household that waits, in walking order. Raises NotOpened for a viewer."""
    gate.check_role(c)
    shut = gate.closed(c)
    found = [row for row in c.execute(_DOORS, (day.isoformat(),)) if row["area"] not in shut]
    targets = {area: _targets(c, area, day) for area in {row["area"] for row in found}}
    found.sort(key=walking_order)
    return [
        UnplacedDoor(
            household=row["id"],
            code=row["code"] or "",
            address=row["address"] or "",
            alley=row["alley"] or "",
            head_name=row["head_name"] or "",
            unit=row["unit_name"] or "",
            persons=row["persons"],
            targets=targets[row["area"]],
        )
        for row in found
    ]


def place(store: Store, who: str, households: Sequence[str], area: str) -> int:
    """Put households into a part of their unit, all or none; sweeps that run go along. Returns how many persons went.
    Raises NotOpened for anybody but the chief, NotFound, InvalidFields."""
    with store.work(who) as work:
        gate.check_chief(work.connection)
        part = work.get("area", area)
        left = [work.get("household", household).area for household in households]
        sweeps.go_along(work, left, part, today(store.clock))
        return sum(carry_household(work, household, part) for household in households)


def waiting(c: Any, day: date) -> int:
    """How many households wait. Counts only."""
    found = c.execute(
        "SELECT count(*) FROM household AS h JOIN area AS a ON a.id = h.area WHERE NOT h.deleted AND a.valid_to < ?",
        (day.isoformat(),),
    )
    return int(found.fetchone()[0])


def _targets(c: Any, area: str, day: date) -> tuple[AreaChoice, ...]:
    """The units that name this one as what they were before, else all that go on."""
    rows = {row.id: row for row in table("area").where(c)}
    old = rows[area].body
    ways = [unit for unit in areas(c) if unit.id != area and not _ended(rows[unit.id].body, day)]
    parts = [unit for unit in ways if place_code(old) in former_places(rows[unit.id].body)]
    return tuple(parts or ways)


def _ended(body: Mapping[str, Any], day: date) -> bool:
    return bool(body.get("valid_to")) and str(body["valid_to"]) < day.isoformat()
