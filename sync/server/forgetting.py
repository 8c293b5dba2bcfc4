"""What an erasure leaves nothing of besides the record itself: the ops on it, and what the pages copied of a report, in
every commune it came through. Each of these remembers it, so that a late op there is answered, whoever has worked on it
hears of it, and no backup brings it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from sync.protocol import ERASED
from sync.server.area_rows import Key
from sync.server.database import Transaction, as_json
from sync.server.intake import Place
from sync.server.tables import ERASED_RECORDS
from sync.server.whereabouts import came_through, whereabouts

SCRUB_DUE = "scrub_due"  # in server_state: pages of the database may still hold what was erased
NOTHING = "{}"  # what an op says that was emptied


class _ErasedRow(msgspec.Struct):
    commune: str
    type: str
    record: str
    erasure: str
    area: str
    seq: int
    at: str


def erased_among(tx: Transaction, commune: str, keys: Iterable[Key]) -> set[Key]:
    """Those of a commune's records that were erased."""
    wanted = set(keys)
    most = len(wanted) // 4 + 1
    # Looking up each record of a push cost 0,7 µs of its 39; what was erased is few, and read in one go.
    few = tx.all(
        "SELECT type, record FROM erased WHERE commune = :commune LIMIT :most", commune=commune, most=most
    )
    if len(few) < most:
        return wanted.intersection(few)
    found = tx.all(
        "SELECT e.type, e.record FROM each(:keys) AS k CROSS JOIN erased AS e WHERE e.commune = :commune"
        " AND e.type = k.value->>0 AND e.record = k.value->>1",
        keys=as_json(list(wanted)),
        commune=commune,
    )
    return {(type_name, record) for type_name, record in found}


def forget(
    tx: Transaction,
    here: Place,
    erasures: Mapping[Key, str],
    ways: Mapping[Key, set[str]],
    seq: int,
    at: str,
    now: str,
) -> None:
    """Empty the ops on records that were erased ``here``, and remember it. ``erasures``: record -> the erasure that
    names it; ``ways``: the communes it came through; ``seq``: the area's counter; ``at``: when it was decided."""
    rows = []
    for (type_name, ident), erasure in sorted(erasures.items()):
        for commune in sorted({here[0], *ways.get((type_name, ident), ())}):
            empty_ops(tx, commune, type_name, ident)
            if type_name == "report":  # what the pages copied of it
                tx.run(
                    "DELETE FROM filed_report WHERE commune = :commune AND id = :id",
                    commune=commune,
                    id=ident,
                )
            counter = seq if commune == here[0] else 0
            rows.append(_ErasedRow(commune, type_name, ident, erasure, here[1], counter, at))
    tx.put(ERASED_RECORDS, rows)
    scrub_later(tx, now)


def scrub_later(tx: Transaction, now: str) -> None:
    """Note that pages of the database may hold what was erased."""
    tx.run(
        "INSERT INTO server_state (name, value) VALUES (:name, :at)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name=SCRUB_DUE,
        at=now,
    )


def forget_on_the_way(tx: Transaction, to: Place, keys: Iterable[Key], now: str) -> None:
    """Records went to an area where they had been erased: a restored server did not know then which way they came."""
    found = tx.all(
        "SELECT e.type, e.record, e.erasure, e.seq, e.at FROM each(:keys) AS k CROSS JOIN erased AS e"
        " WHERE e.commune = :commune AND e.type = k.value->>0 AND e.record = k.value->>1",
        keys=as_json(sorted(set(keys))),
        commune=to[0],
    )
    ways = came_through(whereabouts(tx, keys, to[0]), to)
    for type_name, ident, erasure, seq, at in found:
        forget(tx, to, {(type_name, ident): erasure}, ways, int(seq), at, now)


def empty_ops(tx: Transaction, commune: str, type_name: str, ident: str) -> None:
    """Let the ops on a record say nothing any more."""
    tx.run(
        f"UPDATE op SET changes = '{NOTHING}',"
        f" reason = CASE WHEN result IN ('held', 'rejected') THEN '{ERASED}' ELSE reason END,"
        " result = CASE WHEN result = 'held' THEN 'rejected' ELSE result END"
        " WHERE commune = :commune AND record = :record AND type = :type",
        commune=commune,
        record=ident,
        type=type_name,
    )
