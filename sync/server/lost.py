"""Whose data a lost laptop held: what the notice of a breach has to say, and what the server can prove.

The server knows which units a laptop could read, when it was last here, and when each record came. So a
person counts when

- the record lies in a unit the laptop was given before it was last here, and that was not handed over before;
- the record came to the server before the laptop was last here (`GRACE` later at most: a sync goes on after
  it has been noted), or the laptop itself sent it;
- the record had not left the unit by then: a laptop drops what has moved away.

That errs towards too many: a laptop that broke off its sync holds less. What it had typed and never sent is
unknown to every server and to be asked of its user.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from sync.protocol import from_wire, to_wire
from sync.server.database import Database, Transaction, as_json
from sync.server.grants import descendants, place_names
from sync.server.problems import AdminError
from sync.server.tables import WHOLE_COMMUNE

PERSON = "person"
GRACE = timedelta(hours=1)
_PAGE = 2000


@dataclass(frozen=True, slots=True)
class HeldPerson:
    """``name`` is empty unless asked for. ``place``: ``27211/01``."""

    id: str
    place: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class HeldBy:
    """What a laptop held. ``seen``, ``revoked``: wire moments; ``places``: units it could read when it was
    last here; ``later``: persons of those units that came afterwards and are not counted; ``forks``: laptops
    enrolled from copies of its disk, which hold the same or more.
    """

    device: str
    user: str
    label: str
    seen: str
    revoked: str | None
    places: list[str]
    persons: list[HeldPerson]
    later: int
    forks: list[str]


def held_by(database: Database, device: str, *, names: bool = False) -> HeldBy:
    """The persons a laptop held when it was last here. Raises AdminError for an unknown laptop."""
    with database.read() as tx:
        found = tx.one("SELECT user_name, label, seen, revoked FROM device WHERE id = :device", device=device)
        if found is None:
            raise AdminError("unknown_device", device=device)
        user, label, seen, revoked = found
        areas = _readable(tx, device, seen)
        places = place_names(tx)
        persons: dict[str, HeldPerson] = {}
        later = 0
        for commune, area in areas:
            inside, outside = _persons(tx, commune, area, device, seen)
            later += outside
            for ident, body in inside:
                name = _name(tx, ident, body) if names else ""
                persons[ident] = HeldPerson(ident, places.get(area, area), name)
        forks = descendants(tx, device)
    ordered = sorted(persons.values(), key=lambda person: (person.place, person.id))
    shown = sorted(places.get(area, area) for _commune, area in areas)
    return HeldBy(device, user, label, seen, revoked, shown, ordered, later, forks)


def _readable(tx: Transaction, device: str, seen: str) -> list[tuple[str, str]]:
    """(commune, area) of what the laptop could read when it was last here."""
    given: dict[tuple[str, str], tuple[bool, bool]] = {}
    for commune, area, granted, mode, since, until in tx.all(
        "SELECT h.commune, h.area, g.area, g.mode, g.since, g.until FROM area_grant AS g"
        " JOIN area_head AS h ON h.commune = g.commune AND (g.area = h.area OR g.area = :whole)"
        " WHERE g.device = :device",
        device=device,
        whole=WHOLE_COMMUNE,
    ):
        exact = granted != WHOLE_COMMUNE
        if exact or not given.get((commune, area), (False, False))[0]:
            given[commune, area] = (
                exact,
                mode == "write" and since <= seen and (until is None or seen < until),
            )
    return sorted(place for place, (_exact, readable) in given.items() if readable)


def _persons(
    tx: Transaction, commune: str, area: str, device: str, seen: str
) -> tuple[list[tuple[str, dict[str, Any]]], int]:
    """Persons of an area that the laptop held, and how many came too late for it."""
    limit = to_wire(from_wire(seen) + GRACE)
    held, later, after = [], 0, ""
    while True:
        rows = tx.all(
            "SELECT id, gone, body, updated FROM record WHERE commune = :commune AND area = :area"
            f" AND type = :type AND id > :after ORDER BY id LIMIT {_PAGE}",
            commune=commune,
            area=area,
            type=PERSON,
            after=after,
        )
        # What was changed since may still have come before: its first op tells.
        unclear = [ident for ident, _gone, _body, updated in rows if updated > limit]
        first = _first_came(tx, commune, unclear, device)
        for ident, gone, body, updated in rows:
            if gone is not None and updated <= seen:
                continue
            if updated <= limit or first.get(ident, updated) <= limit:
                held.append((ident, msgspec.json.decode(body)))
            else:
                later += 1
        if len(rows) < _PAGE:
            return held, later
        after = rows[-1][0]


def _first_came(tx: Transaction, commune: str, records: Iterable[str], device: str) -> dict[str, str]:
    """record -> when its first op came; the beginning of time where the laptop itself sent one."""
    found: dict[str, str] = {}
    for record, by, received in tx.all(
        "SELECT o.record, o.device, min(o.received) FROM each(:ids) AS k CROSS JOIN op AS o"
        " WHERE o.commune = :commune AND o.type = :type AND o.record = k.value->>0 GROUP BY o.record, o.device",
        ids=as_json([[ident] for ident in records]),
        commune=commune,
        type=PERSON,
    ):
        came = "" if by == device else str(received)
        found[record] = min(came, found.get(record, came))
    return found


def _name(tx: Transaction, ident: str, body: dict[str, Any]) -> str:
    """The name of a person, from where the record lives now if it has moved."""
    if "moved_to" in body and "full_name" not in body:
        rows = tx.all(
            "SELECT body FROM record WHERE type = :type AND id = :id AND gone IS NULL", type=PERSON, id=ident
        )
        body = msgspec.json.decode(rows[0][0]) if rows else {}
    return str(body.get("full_name") or "")
