"""The communes and units a reader sees, as they are called now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from sync.server.database import Transaction, as_json
from sync.server.pages.accounts import PageUser
from sync.server.units import KnownUnit, all_units

Body = TypeVar("Body")


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


def bodies(
    tx: Transaction, seen: Iterable[Commune], kind: str, decoder: msgspec.json.Decoder[Body]
) -> Iterator[tuple[str, str, Body]]:
    """Area, id and body of the live records of a type in the units that are seen; those that cannot be read are passed
    over, for a laptop may have sent anything."""
    rows = tx.all(
        "SELECT r.area, r.id, r.body FROM each(:units) AS k CROSS JOIN record AS r WHERE r.commune = k.value->>0"
        " AND r.area = k.value->>1 AND r.type = :kind AND r.deleted = 0 AND r.gone IS NULL",
        units=as_json([(unit.home, unit.area) for commune in seen for unit in commune.units]),
        kind=kind,
    )
    for area, ident, raw in rows:
        with suppress(msgspec.ValidationError):
            yield area, ident, decoder.decode(raw)
