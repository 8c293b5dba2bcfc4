"""The one door to named records: what this user may open on this laptop now. Every reader of persons asks here.

Two things close it: the role (a viewer gets counts only) and a unit's lease. Drafts, saves that wait and sync itself
never ask.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tui_app.errors import NotOpened
from tui_app.i18n import t
from tui_app.services.access import lease
from tui_app.store.engine import CHIEF, VIEWER


@dataclass(frozen=True, slots=True)
class LockedUnit:
    """A unit that is locked, with how many households and living persons lie behind the lock."""

    area: str
    name: str
    households: int
    persons: int


@dataclass(frozen=True, slots=True)
class Shut:
    """What a list does not show: locked units, or for a ``viewer`` everything but these counts."""

    units: tuple[LockedUnit, ...] = ()
    viewer: bool = False
    households: int = 0
    persons: int = 0


def is_viewer(c: Any) -> bool:
    """Whether who unlocked this workspace may see counts only."""
    return bool(c.execute("SELECT gonha_role()").fetchone()[0] == VIEWER)


def is_chief(c: Any) -> bool:
    """Whether who unlocked this workspace leads the station, whose laptop holds all its units."""
    return bool(c.execute("SELECT gonha_role()").fetchone()[0] == CHIEF)


def closed(c: Any) -> frozenset[str]:
    """The units whose named records may not be shown now: all of them to a viewer, else those without a lease."""
    if is_viewer(c):
        return frozenset(area for (area,) in c.execute("SELECT area FROM cursor UNION SELECT id FROM area"))
    return lease.ended(c)


def check(c: Any, area: str, type_name: str = "", record: str = "") -> None:
    """Let a reader through to a record of ``area``. Raises NotOpened, which says what to do."""
    check_role(c, type_name, record)
    for one in lease.leases(c):
        if one.area == area and one.state is lease.LeaseState.ENDED:
            raise NotOpened("gate.lease_ended", "lease", type_name, record, area=area, unit=one.name)


def check_role(c: Any, type_name: str = "", record: str = "") -> None:
    """Let through whoever may see named records at all. Raises NotOpened."""
    if is_viewer(c):
        raise NotOpened("gate.counts_only", "role", type_name, record)


def check_chief(c: Any, key: str = "gate.chief_only", type_name: str = "access_entry") -> None:
    """Let through the station chief. ``key``: what is said to others. Raises NotOpened."""
    if not is_chief(c):
        raise NotOpened(key, "role", type_name)


def open_only(c: Any, areas: Iterable[str]) -> list[str]:
    """Those of the units whose records may be shown. Raises NotOpened when none of them may."""
    check_role(c)
    areas, shut = list(areas), lease.ended(c)
    kept = [area for area in areas if area not in shut]
    if areas and not kept:
        units = ", ".join(one.name for one in lease.leases(c) if one.area in shut)
        raise NotOpened("gate.lease_ended", "lease", area=areas[0], unit=units)
    return kept


def locked(c: Any) -> list[LockedUnit]:
    """The units whose lease ended, by name, with what lies behind each lock."""
    return [
        LockedUnit(
            one.area,
            one.name,
            _count(c, f"{_HOUSEHOLDS} AND area = ?", one.area),
            _count(c, f"{_PERSONS} AND area = ?", one.area),
        )
        for one in lease.leases(c)
        if one.state is lease.LeaseState.ENDED
    ]


def left_out(c: Any) -> str:
    """That counts of named records leave locked units out, and what to do; empty while none is locked."""
    names = [one.name for one in lease.leases(c) if one.state is lease.LeaseState.ENDED]
    return t("gate.left_out", units=", ".join(names)) if names else ""


def shut(c: Any) -> Shut:
    """What lists leave out now, with its counts."""
    if is_viewer(c):
        return Shut(viewer=True, households=_count(c, _HOUSEHOLDS), persons=_count(c, _PERSONS))
    return Shut(tuple(locked(c)))


_HOUSEHOLDS = "household WHERE NOT deleted"
_PERSONS = "person WHERE NOT deleted AND died_on IS NULL AND moved_on IS NULL"


def _count(c: Any, what: str, *values: str) -> int:
    return int(c.execute(f"SELECT count(*) FROM {what}", values).fetchone()[0])
