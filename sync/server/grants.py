"""Which laptop may use which units: given, handed to another team, listed.

Places are written as operators write them: ``27211`` is a whole commune with every unit it has or will have,
``27211/01`` one unit by its code. A word about a unit is stronger than one about its commune.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime

from sync.protocol import to_wire
from sync.server.areas import area_records
from sync.server.database import Database, Transaction
from sync.server.problems import AdminError
from sync.server.tables import WHOLE_COMMUNE


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
            commune, area = _split(resolved(tx, place))
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
            commune, area = _split(resolved(tx, place))
            held = {
                given: (since, ended)
                for given, since, ended in tx.all(
                    "SELECT area, since, until FROM area_grant WHERE commune = :commune AND device = :device",
                    commune=commune,
                    device=device,
                )
            }
            if not held or (area not in held and WHOLE_COMMUNE not in held and area != WHOLE_COMMUNE):
                raise AdminError("not_granted", place=place, device=device)
            ending = [area]
            if area == WHOLE_COMMUNE:  # a unit that ended earlier is not given back for the time between
                ending = sorted(one for one, (_, ended) in held.items() if ended is None or end < ended)
            for one in ending:
                since = held.get(one, held.get(WHOLE_COMMUNE, (moment, None)))[0]
                _put(tx, commune, device, one, "counts" if role == "viewer" else "write", since, end)
        _new_epoch(tx, device)
    return places


def place_list(areas: str) -> list[str]:
    """The places of ``27211/01, 27211/02``. Raises AdminError when there is none."""
    places = [place.strip() for place in areas.split(",") if place.strip()]
    if not places:
        raise AdminError("no_areas")
    return places


def resolved(tx: Transaction, place: str) -> str:
    """``commune`` or ``commune/area id`` of a place. Raises AdminError when the server has none."""
    commune, _, unit = place.partition("/")
    records = area_records(tx, commune)
    if not records:
        raise AdminError("unknown_place", place=place)
    if not unit:
        return commune
    for area, body, _seq in records:
        if body.get("unit_code") == unit:
            return f"{commune}/{area}"
    raise AdminError("unknown_place", place=place)


def place_names(tx: Transaction) -> dict[str, str]:
    """area id -> ``27211/01``."""
    return {
        area: f"{commune}/{body.get('unit_code', area)}"
        for (commune,) in tx.all("SELECT DISTINCT commune FROM area_head")
        for area, body, _seq in area_records(tx, commune)
    }


def granted_places(tx: Transaction) -> dict[str, list[Granted]]:
    """device -> its places, in order."""
    names, found = place_names(tx), defaultdict(list)
    for commune, device, area, until in tx.all("SELECT commune, device, area, until FROM area_grant"):
        place = commune if area == WHOLE_COMMUNE else names.get(area, f"{commune}/{area}")
        found[device].append(Granted(place, until))
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
