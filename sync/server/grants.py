"""Which laptop may use which units: given, handed to another team, listed.

Places are written as operators write them: ``27211`` is a whole commune with every unit it has or will have,
``27211/01`` one unit by its code. A word about a unit is stronger than one about its commune. Codes are those of now;
a unit is also found by the code it had before a conversion. Grants name homes (`sync.server.units`): a commune that was
put together from several is given home by home, and unit by unit where others live in a home as well.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from sync.protocol import to_wire
from sync.server.database import Database, Transaction
from sync.server.problems import AdminError
from sync.server.tables import WHOLE_COMMUNE
from sync.server.units import all_units
from sync.unit_names import former_places


@dataclass(frozen=True, slots=True)
class Granted:
    """``place``: ``27211`` or ``27211/01``; ``until``: wire moment of its handing over, or None."""

    place: str
    until: str | None


def grant(database: Database, device: str, areas: str, *, now: datetime | None = None) -> list[str]:
    """Give a laptop units to work in; its next sync fetches them. Returns the places.

    A place that was withdrawn is given back. Raises AdminError for an unknown or revoked laptop or an
    unknown place.
    """
    places, moment = place_list(areas), _wire(now)
    with database.write() as tx:
        role = _role_in_service(tx, device)
        for place in places:
            for commune, area in map(_split, resolved(tx, place)):
                if area == WHOLE_COMMUNE:  # what was said about single units is overtaken by this
                    tx.run(
                        "UPDATE area_grant SET until = NULL WHERE commune = :commune AND device = :device",
                        commune=commune,
                        device=device,
                    )
                _put(tx, commune, device, area, "counts" if role == "viewer" else "write", moment, None)
        _new_epoch(tx, device)
    return places


def withdraw(
    database: Database,
    device: str,
    areas: str,
    *,
    until: datetime | None = None,
    now: datetime | None = None,
) -> list[str]:
    """Hand units to another team: from ``until`` (now, when not given) nothing of them reaches this laptop.

    What it made before that moment still applies whenever it arrives; later work is held for the new team.
    Returns the places. Raises AdminError for an unknown laptop or place, or one it was never given.
    """
    places, moment, end = place_list(areas), _wire(now), _wire(until or now)
    with database.write() as tx:
        role = _role(tx, device)
        for place in places:
            targets = [_split(one) for one in resolved(tx, place)]
            mode = "counts" if role == "viewer" else "write"
            given = [target for target in targets if _has(tx, device, *target)]
            for target in given:
                _end(tx, device, *target, mode, moment, end)
            if not given:
                raise AdminError("not_granted", place=place, device=device)
        _new_epoch(tx, device)
    return places


def _held(tx: Transaction, device: str, commune: str) -> dict[str, tuple[str, str | None]]:
    """area -> since and until of what a laptop was given in a home."""
    return {
        given: (since, ended)
        for given, since, ended in tx.all(
            "SELECT area, since, until FROM area_grant WHERE commune = :commune AND device = :device",
            commune=commune,
            device=device,
        )
    }


def _has(tx: Transaction, device: str, commune: str, area: str) -> bool:
    held = _held(tx, device, commune)
    return bool(held) and (area in held or WHOLE_COMMUNE in held or area == WHOLE_COMMUNE)


def _end(tx: Transaction, device: str, commune: str, area: str, mode: str, moment: str, end: str) -> None:
    held = _held(tx, device, commune)
    ending = [area]
    if area == WHOLE_COMMUNE:  # a unit that ended earlier is not given back for the time between
        ending = sorted(one for one, (_, ended) in held.items() if ended is None or end < ended)
    for one in ending:
        since = held.get(one, held.get(WHOLE_COMMUNE, (moment, None)))[0]
        _put(tx, commune, device, one, mode, since, end)


def place_list(areas: str) -> list[str]:
    """The places of ``27211/01, 27211/02``. Raises AdminError when there is none."""
    places = [place.strip() for place in areas.split(",") if place.strip()]
    if not places:
        raise AdminError("no_areas")
    return places


def resolved(tx: Transaction, place: str) -> list[str]:
    """``home`` or ``home/area id`` of everything a place stands for. Raises AdminError when the server has none, or
    when it is a commune that was merged into others."""
    code, _, unit = place.partition("/")
    units = all_units(tx)
    here = [one for one in units if one.code == code]
    if unit:
        found = [one for one in here if one.body.get("unit_code") == unit]
        found = found or [one for one in units if place in former_places(one.body)]
        if len(found) != 1:
            raise AdminError("unknown_place", place=place)
        return [f"{found[0].home}/{found[0].area}"]
    if not here:
        now = sorted(
            {one.code for one in units for former in former_places(one.body) if former.startswith(f"{code}/")}
        )
        if now:
            raise AdminError("former_commune", place=place, now=", ".join(now))
        raise AdminError("unknown_place", place=place)
    others = {one.home for one in units if one.code != code}
    whole = {one.home for one in here} - others
    return sorted({one.home if one.home in whole else f"{one.home}/{one.area}" for one in here})


def place_names(tx: Transaction) -> dict[str, str]:
    """area id -> ``27211/01``."""
    return {unit.area: unit.place for unit in all_units(tx)}


def granted_places(tx: Transaction) -> dict[str, list[Granted]]:
    """device -> its places, in order. A commune is named where all homes of its units were given whole, else what was
    given of it unit by unit."""
    units = all_units(tx)
    names = {unit.area: unit.place for unit in units}
    here, homes_of = defaultdict(list), defaultdict(set)
    for unit in units:
        here[unit.home].append(unit)
        homes_of[unit.code].add(unit.home)
    found: dict[str, set[Granted]] = defaultdict(set)
    whole: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for home, device, area, until in tx.all("SELECT commune, device, area, until FROM area_grant"):
        if area == WHOLE_COMMUNE:
            whole[device, until].add(home)
        else:
            found[device].add(Granted(names.get(area, f"{home}/{area}"), until))
    for (device, until), homes in whole.items():
        for home in homes:
            named = [unit.code if homes >= homes_of[unit.code] else unit.place for unit in here[home]]
            found[device] |= {Granted(place, until) for place in named or [home]}
    return {device: sorted(places, key=lambda one: one.place) for device, places in found.items()}


def usable_areas(tx: Transaction, now: str) -> dict[str, set[str]]:
    """device -> the areas it may use at ``now`` (wire moment)."""
    given: dict[str, dict[str, tuple[bool, str | None]]] = defaultdict(dict)
    for device, area, granted, until in tx.all(
        "SELECT g.device, h.area, g.area, g.until FROM area_grant AS g JOIN area_head AS h"
        " ON h.commune = g.commune AND (g.area = h.area OR g.area = :whole)",
        whole=WHOLE_COMMUNE,
    ):
        exact = granted != WHOLE_COMMUNE
        if exact or area not in given[device]:
            given[device][area] = (exact, until)
    return {
        device: {area for area, (_exact, until) in areas.items() if until is None or now < until}
        for device, areas in given.items()
    }


def descendants(tx: Transaction, device: str) -> list[str]:
    """The laptops enrolled from copies of this one's disk, and from copies of those."""
    children: dict[str, list[str]] = defaultdict(list)
    for ident, parent in tx.all("SELECT id, parent FROM device WHERE parent IS NOT NULL ORDER BY id"):
        children[parent].append(ident)
    found: list[str] = []
    waiting = list(children[device])
    while waiting:
        one = waiting.pop(0)
        if one not in found and one != device:
            found.append(one)
            waiting += children[one]
    return found


def _split(place: str) -> tuple[str, str]:
    commune, _, area = place.partition("/")
    return commune, area or WHOLE_COMMUNE


def _put(
    tx: Transaction, commune: str, device: str, area: str, mode: str, since: str, until: str | None
) -> None:
    tx.run(
        "INSERT INTO area_grant (commune, device, area, mode, since, until)"
        " VALUES (:commune, :device, :area, :mode, :since, :until)"
        # `since` stays at the first time: whoever has to say what a lost laptop held must not count too few
        " ON CONFLICT (commune, device, area) DO UPDATE SET mode = excluded.mode, until = excluded.until",
        commune=commune,
        device=device,
        area=area,
        mode=mode,
        since=since,
        until=until,
    )


def _role(tx: Transaction, device: str) -> str:
    found = tx.one("SELECT role FROM device WHERE id = :device", device=device)
    if found is None:
        raise AdminError("unknown_device", device=device)
    return str(found[0])


def _role_in_service(tx: Transaction, device: str) -> str:
    role = _role(tx, device)
    if tx.one("SELECT 1 FROM device WHERE id = :device AND revoked IS NOT NULL", device=device):
        raise AdminError("device_is_revoked", device=device)
    return role


def _new_epoch(tx: Transaction, device: str) -> None:
    tx.run("UPDATE device SET scope_epoch = scope_epoch + 1 WHERE id = :device", device=device)


def _wire(now: datetime | None) -> str:
    return to_wire(now or datetime.now(UTC))
