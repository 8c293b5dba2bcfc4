"""The communes and units a reader sees, as they were called on the day that is read about."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar

import msgspec

from sync.protocol import from_wire
from sync.server.database import Transaction, as_json
from sync.server.pages.accounts import PageUser
from sync.server.units import KnownUnit, all_units
from sync.unit_names import day_after, named_on

Body = TypeVar("Body")


@dataclass
class Commune:
    """A commune with those of its units that are shown. ``whole``: that is all of them, so that the report of the
    commune, which lives in one of its units, cannot be one that is not shown; ``since``: when this server came to know
    it, None for always."""

    code: str
    name: str
    units: list[KnownUnit] = field(default_factory=list)
    whole: bool = True
    since: datetime | None = None

    @cached_property
    def areas(self) -> set[str]:
        """The ids of its units."""
        return {unit.area for unit in self.units}


class Places:
    """The units that one reader may see, by commune, as they were called on a day; nothing of any other unit leaves it.

    Communes are merged and split (rules §3.7), and a report is about the commune of its day.
    """

    def __init__(self, units: Iterable[KnownUnit], user: PageUser, since: Mapping[str, str]) -> None:
        """``since``: area -> when this server came to know it, wire moment."""
        self._since = since
        self._seen: list[KnownUnit] = []
        self._hidden: list[KnownUnit] = []
        edges: set[str] = set()
        for unit in units:
            (self._seen if user.may_see(unit) else self._hidden).append(unit)
            edges |= _edges(unit)
        self._edges = sorted(edges)
        self._on: dict[int, dict[str, Commune]] = {}

    @property
    def home(self) -> str:
        """Where the first of the units lives, empty for none."""
        return self._seen[0].home if self._seen else ""

    def on(self, day: date) -> list[Commune]:
        """The communes of a day, by code."""
        return list(self._by_code(day).values())

    def named(self, code: str, day: date) -> Commune | None:
        """The commune that had a code on a day."""
        return self._by_code(day).get(code)

    def then(self, commune: Commune, day: date) -> list[Commune]:
        """The communes that the units of a commune belonged to on another day."""
        areas = commune.areas
        return [one for one in self.on(day) if not areas.isdisjoint(one.areas)]

    def _by_code(self, day: date) -> dict[str, Commune]:
        since = bisect_right(self._edges, day.isoformat())
        if since not in self._on:
            self._on[since] = self._communes(day)
        return self._on[since]

    def _communes(self, day: date) -> dict[str, Commune]:
        found: dict[str, Commune] = {}
        for unit in filter(None, (_named_on(unit, day) for unit in self._seen)):
            name = str(unit.body.get("commune_name", unit.code))
            found.setdefault(unit.code, Commune(unit.code, name)).units.append(unit)
        for unit in filter(None, (_named_on(unit, day) for unit in self._hidden)):
            if unit.code in found:
                found[unit.code].whole = False
        for commune in found.values():
            commune.units.sort(key=lambda unit: unit.place)
            known = [self._since[area] for area in commune.areas & self._since.keys()]
            commune.since = from_wire(min(known)) if known else None
        return dict(sorted(found.items()))


def places(tx: Transaction, user: PageUser) -> Places:
    """What a reader may see."""
    units = all_units(tx)
    found = tx.all(
        "SELECT o.record, min(o.received) FROM each(:units) AS k CROSS JOIN op AS o WHERE o.commune = k.value->>0"
        " AND o.record = k.value->>1 AND o.type = 'area' GROUP BY o.record",
        units=as_json([(unit.home, unit.area) for unit in units if user.may_see(unit)]),
    )
    return Places(units, user, dict(found))


def _edges(unit: KnownUnit) -> set[str]:
    """The days on which a unit began to be called otherwise, or to be there, or no longer."""
    names = [unit.body, *(unit.body.get("former") or ())]
    begins = {str(one["valid_from"]) for one in names if one.get("valid_from")}
    return begins | {day_after(str(one["valid_to"])) for one in names if one.get("valid_to")}


def _named_on(unit: KnownUnit, day: date) -> KnownUnit | None:
    """A unit as it was called on a day; None when it had not begun, or had ended."""
    body, on = unit.body, day.isoformat()
    if body.get("former"):
        unit = KnownUnit(unit.home, unit.area, named_on(body, day), unit.seq)
    elif on < (body.get("valid_from") or ""):
        return None
    return None if on > (body.get("valid_to") or "9999") else unit


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
