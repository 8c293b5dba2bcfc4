"""The communes and units a reader sees, as they are called now."""

from __future__ import annotations

from dataclasses import dataclass, field

from sync.server.database import Transaction
from sync.server.pages.accounts import PageUser
from sync.server.units import KnownUnit, all_units


@dataclass(slots=True)
class Commune:
    """A commune with those of its units that are shown. ``whole``: that is all of them, so that the report of the
    commune, which lives in one of its units, cannot be one that is not shown."""

    code: str
    name: str
    units: list[KnownUnit] = field(default_factory=list)
    whole: bool = True


def communes(tx: Transaction, user: PageUser) -> list[Commune]:
    """What a reader may see, by code; nothing of any other commune leaves this function."""
    found: dict[str, Commune] = {}
    hidden: set[str] = set()
    for unit in all_units(tx):
        if not user.may_see(unit):
            hidden.add(unit.code)
            continue
        commune = found.setdefault(unit.code, Commune(unit.code, ""))
        commune.name = commune.name or str(unit.body.get("commune_name", unit.code))
        commune.units.append(unit)
    for code in hidden & found.keys():
        found[code].whole = False
    for commune in found.values():
        commune.units.sort(key=lambda unit: unit.place)
    return [found[code] for code in sorted(found)]


def unit_name(unit: KnownUnit) -> str:
    """What a unit is called."""
    return str(unit.body.get("unit_name", unit.place))
