"""Giving a unit other names, counting what units hold, and making units out of one that is split."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sync.protocol import Op
from sync.registry import Registry
from sync.server.area import AreaPush
from sync.server.area_table import folded
from sync.server.areas import SERVER
from sync.server.database import Transaction
from sync.server.intake import Arrived
from sync.server.problems import AdminError
from sync.server.units import KnownUnit
from sync.unit_names import NAMES, day_before, place_code, until

Taken = Mapping[str, tuple[set[str], list[str]]]
"""Commune code -> unit codes that are taken there, and the folded names of all its units."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a server holds. ``by_unit``: area -> households and persons, live ones."""

    communes: int
    units: int
    households: int
    persons: int
    by_unit: dict[str, tuple[int, int]]

    def words(self) -> str:
        """For a message."""
        return f"{self.communes}/{self.units}/{self.households}/{self.persons}"


def totals(tx: Transaction, units: Iterable[KnownUnit]) -> Totals:
    """Count what these units hold."""
    units = list(units)
    found = {unit.area: [0, 0] for unit in units}
    for area, kind, number in tx.all(
        "SELECT area, type, count(*) FROM record WHERE type IN ('household', 'person') AND deleted = 0"
        " AND gone IS NULL GROUP BY area, type"
    ):
        if area in found:
            found[area][kind == "person"] = int(number)
    by_unit = {area: (households, persons) for area, (households, persons) in found.items()}
    return Totals(
        communes=len({unit.code for unit in units}),
        units=len(units),
        households=sum(households for households, _ in by_unit.values()),
        persons=sum(persons for _, persons in by_unit.values()),
        by_unit=by_unit,
    )


def lock_heads(tx: Transaction, units: Iterable[KnownUnit]) -> None:
    """Take the heads of units, in the order in which a push takes them: nothing of theirs changes meanwhile."""
    for unit in sorted(units, key=lambda unit: (unit.home, unit.area)):
        tx.run(
            "UPDATE area_head SET updated = updated WHERE commune = :commune AND area = :area",
            commune=unit.home,
            area=unit.area,
        )


def renamed(
    unit: KnownUnit, code: str, name: str, effective: str, document: str, taken: Taken
) -> dict[str, Any]:
    """The unit's record as of ``effective``: the new commune, the old names kept, the old code as an alias.

    Where its code is another unit's in the new commune, the old commune's goes before it; where two units there have
    one name, the old commune's name goes behind it: nobody can take one for the other. A unit that was given other
    names on that day already is only corrected.
    """
    body = dict(unit.body)
    before = until(body, effective)
    old = {field: (before or body).get(field) for field in NAMES}
    if before is None:
        ended = {
            **old,
            "valid_from": body.get("valid_from"),
            "valid_to": day_before(effective),
            "document": document,
        }
        body["former"] = [*(body.get("former") or ()), {k: v for k, v in ended.items() if v}]
    codes, names = taken.get(code, (set(), []))
    body |= old | {"commune_code": code, "commune_name": name, "valid_from": effective}
    if old["commune_code"] != code and old["unit_code"] in codes:
        body["unit_code"] = f"{old['commune_code']}-{old['unit_code']}"
    if names.count(folded(str(old["unit_name"]))) > 1:
        body["unit_name"] = f"{old['unit_name']} ({old['commune_name']})"
    if place_code(old) != place_code(body):
        body["aliases"] = list(dict.fromkeys([*(body.get("aliases") or ()), place_code(old)]))
    return body


def change_unit(
    tx: Transaction,
    registry: Registry,
    unit: KnownUnit,
    body: Mapping[str, Any],
    moment: str,
    new_id: Callable[[], str],
) -> None:
    """Write a unit's record, as the server's own change. Raises AdminError when it is refused."""
    changes = {
        name: (unit.body.get(name), body.get(name))
        for name in sorted(unit.body.keys() | body.keys())
        if unit.body.get(name) != body.get(name)
    }
    if not changes:
        return
    op = Op(
        id=new_id(),
        device=SERVER,
        n=0,
        commune=unit.home,
        area=unit.area,
        type="area",
        record=unit.area,
        at=moment,
        who=SERVER,
        set=changes,
        base_seq=unit.seq,
    )
    push = AreaPush(tx, registry, unit.home, unit.area, moment, b"")
    (result,) = push.take([Arrived(0, op, moment)], trusted=True).values()
    if result.result != "applied":
        raise AdminError("area_refused", line=unit.place, reason=result.reason or result.result)
