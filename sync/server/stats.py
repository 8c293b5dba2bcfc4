"""What a server holds, in numbers only: for the operator, and for a page that may be shown to anybody."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from sync.conflicts import CONFLICT
from sync.protocol import to_wire
from sync.server.database import Database, Transaction
from sync.server.grants import place_names

_state = msgspec.json.Decoder(dict)


@dataclass(slots=True)
class AreaStats:
    """One unit. ``place``: ``27211/01``; ``seq``: its counter; ``updated``: wire moment of its last push;
    ``records``: live ones by type; ``ended``: deleted or moved away.
    """

    place: str
    area: str
    seq: int
    updated: str
    records: dict[str, int] = field(default_factory=dict)
    ended: int = 0
    open_conflicts: int = 0
    held: int = 0


@dataclass(slots=True)
class Stats:
    """Everything, without a name. ``ops``: by result; ``held_elsewhere``: held for a unit the server does not
    have; ``devices``: in service by when they were last here, and revoked; ``bytes``: on disk.
    """

    at: str
    areas: list[AreaStats]
    ops: dict[str, int]
    held_elsewhere: int
    devices: dict[str, int]
    open_invites: int
    bytes: int


def stats(database: Database, *, now: datetime | None = None) -> Stats:
    """Count everything, in one moment of the database. Reads every row: minutes apart, not seconds."""
    moment = now or datetime.now(UTC)
    with database.read() as tx:
        areas = _areas(tx)
        elsewhere = 0
        for area, count in tx.all("SELECT area, count(*) FROM op WHERE result = 'held' GROUP BY area"):
            if area in areas:
                areas[area].held += int(count)
            else:
                elsewhere += int(count)
        ops = {
            result: int(count)
            for result, count in tx.all("SELECT result, count(*) FROM op GROUP BY result ORDER BY result")
        }
        (invites,) = tx.all(
            "SELECT count(*) FROM invite WHERE used IS NULL AND expires > :now", now=to_wire(moment)
        )
        devices = _devices(tx, moment)
        size = _size(tx, database)
    ordered = sorted(areas.values(), key=lambda area: area.place)
    return Stats(to_wire(moment), ordered, ops, elsewhere, devices, int(invites[0]), size)


def _areas(tx: Transaction) -> dict[str, AreaStats]:
    places = place_names(tx)
    found = {
        area: AreaStats(places.get(area, area), area, int(seq), updated)
        for area, seq, updated in tx.all("SELECT area, seq, updated FROM area_head")
    }
    for area, type_name, ended, count in tx.all(
        "SELECT area, type, CASE WHEN deleted = 0 AND gone IS NULL THEN 0 ELSE 1 END AS ended, count(*)"
        " FROM record GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    ):
        if area in found and ended:
            found[area].ended += int(count)
        elif area in found:
            found[area].records[type_name] = int(count)
    for area, body in tx.all(
        "SELECT area, body FROM record WHERE type = :conflict AND deleted = 0 AND gone IS NULL",
        conflict=CONFLICT,
    ):
        if area in found and _state.decode(body).get("state") == "open":
            found[area].open_conflicts += 1
    return found


def _devices(tx: Transaction, now: datetime) -> dict[str, int]:
    counts = defaultdict(int, dict.fromkeys(("day", "week", "month", "longer", "revoked"), 0))
    since = [
        (word, to_wire(now - timedelta(days=days))) for word, days in (("day", 1), ("week", 7), ("month", 30))
    ]
    for seen, revoked in tx.all("SELECT seen, revoked FROM device"):
        if revoked:
            counts["revoked"] += 1
        else:
            counts[next((word for word, start in since if seen >= start), "longer")] += 1
    return dict(counts)


def _size(tx: Transaction, database: Database) -> int:
    if database.kind == "postgresql":
        found = tx.one("SELECT pg_database_size(current_database())")
        return int(found[0]) if found else 0
    pages, size = tx.one("PRAGMA page_count"), tx.one("PRAGMA page_size")
    return int(pages[0]) * int(size[0]) if pages and size else 0
