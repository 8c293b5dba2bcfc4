"""The units a server serves as they are called now, and where their rows live: codes and names change (rules §3.7), the
distribution column of a row never does."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec
import uuid_utils

from sync.server.database import Transaction
from sync.unit_names import place_code


def fresh_id() -> str:
    """A UUIDv7."""
    return str(uuid_utils.uuid7())


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit as the server has it. ``home``: the distribution column of its rows, named after the commune it was made
    in and never changed, however its commune is called now."""

    home: str
    area: str
    body: dict[str, Any]
    seq: int

    @property
    def code(self) -> str:
        """The code of the commune it belongs to now."""
        return str(self.body.get("commune_code", self.home))

    @property
    def place(self) -> str:
        """``27211/01``."""
        return f"{self.code}/{self.body.get('unit_code', self.area)}"


@dataclass(slots=True)
class Homes:
    """Where the units of a commune live. ``new``: where a new one of it is put; ``all``: every home with one of its
    units."""

    new: str
    all: set[str] = field(default_factory=set)


def all_units(tx: Transaction) -> list[KnownUnit]:
    """Every unit, by its home and id."""
    found = tx.all(
        "SELECT r.commune, r.area, r.body, r.seq FROM record AS r JOIN area_head AS h"
        " ON h.commune = r.commune AND h.area = r.area"
        " WHERE r.type = 'area' AND r.id = r.area AND r.deleted = 0 ORDER BY r.commune, r.area"
    )
    return [KnownUnit(home, area, msgspec.json.decode(body), int(seq)) for home, area, body, seq in found]


def homes_of_codes(units: Iterable[KnownUnit]) -> dict[str, Homes]:
    """Commune code -> its homes.

    A new unit must not live among those of another commune, whose teams would read it: where the home called like its
    code is taken by others, it gets one of its own.
    """
    units = list(units)
    codes: dict[str, set[str]] = {}
    for unit in units:
        codes.setdefault(unit.home, set()).add(unit.code)
    found: dict[str, Homes] = {}
    for unit in units:
        found.setdefault(unit.code, Homes("")).all.add(unit.home)
    for code, homes in found.items():
        own = sorted(home for home in homes.all if codes[home] == {code})
        homes.new = code if code in own or code not in codes else (own or [_unused(code, codes)])[0]
    for code in codes.keys() - found.keys():  # only its home is left, all its units are another's now
        found[code] = Homes(_unused(code, codes))
    return found


def formerly(units: Iterable[KnownUnit]) -> dict[tuple[str, str], str]:
    """(place, commune's name) as they were before -> the place of now: a code may have been given to another commune
    since, but never with the old name."""
    return {
        (place_code(one), str(one.get("commune_name"))): unit.place
        for unit in units
        for one in unit.body.get("former") or ()
        if one.get("commune_name") != unit.body.get("commune_name")
    }


def _unused(code: str, homes: Container[str]) -> str:
    return next(name for n in count(2) if (name := f"{code}.{n}") not in homes)
