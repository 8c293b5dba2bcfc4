"""Removing the content of records for good: an op on a type that erases (`RecordType.erases`) names them.

What it names keeps its row, empty, ``gone = erased``, so that every laptop takes its content away; the ops on it keep
their place in the history and say nothing; questions about it go with it. Table `erased` remembers it for the commune:
a late op on such a record is answered (rejected, ``erased``) and kept without what it says. A record that has moved is
followed to where it lives, if whoever erases may write there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from sync.conflicts import CONFLICT
from sync.protocol import ERASED, Op
from sync.record import Mark, Record
from sync.registry import Registry
from sync.server.area_rows import AreaRows, Key
from sync.server.database import Transaction, as_json
from sync.server.intake import Arrived, Place
from sync.server.moves import claims_of, conflicts_of, fetch_conflicts, moved_to
from sync.server.tables import ERASED_RECORDS

ONLY_A_CHIEF = "chief-only"
SCRUB_DUE = "scrub_due"  # in server_state: pages of the database may still hold what was erased
NOTHING = "{}"  # what an op says that was emptied


class Erasing(msgspec.Struct, frozen=True):
    """One erasure. ``ident``: its record; ``op``, ``who``, ``device``, ``at``: of the op that made it."""

    ident: str
    op: str
    who: str
    device: str
    at: str
    corrected: str

    @staticmethod
    def of(one: Arrived) -> Erasing:
        """The one that an op makes."""
        op = one.op
        return Erasing(op.record, op.id, op.who, op.device, op.at, one.corrected)


class _ErasedRow(msgspec.Struct):
    commune: str
    type: str
    record: str
    erasure: str
    area: str
    seq: int
    at: str


def erases(op: Op, registry: Registry) -> bool:
    """Whether an op's type is one that erases."""
    kind = registry.get(op.type)
    return kind is not None and kind.erases


def named(op: Op, registry: Registry) -> set[Key]:
    """The records an op erases; what only the server writes, and other erasures, stay."""
    _, listed = op.set.get("records", (None, None))
    found = {
        (one["type"], one["id"])
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict) and isinstance(one.get("type"), str) and isinstance(one.get("id"), str)
    }
    return {key for key in found if _may_go(key[0], registry)}


def erased_among(tx: Transaction, commune: str, keys: Iterable[Key]) -> set[Key]:
    """Those of a commune's records that were erased."""
    if not tx.one("SELECT 1 FROM erased WHERE commune = :commune LIMIT 1", commune=commune):
        return set()
    found = tx.all(
        "SELECT e.type, e.record FROM each(:keys) AS k CROSS JOIN erased AS e WHERE e.commune = :commune"
        " AND e.type = k.value->>0 AND e.record = k.value->>1",
        keys=as_json(sorted(set(keys))),
        commune=commune,
    )
    return {(type_name, record) for type_name, record in found}


def emptied(one: Arrived) -> Arrived:
    """An op on an erased record as it is kept."""
    return msgspec.structs.replace(one, op=msgspec.structs.replace(one.op, set={}), raw=b"")


def erase(rows: AreaRows, keys: Iterable[Key], by: Erasing) -> dict[Place, set[Key]]:
    """Erase records of an area, in the transaction that holds its head; again is harmless. The caller writes ``rows``.

    Returns the records that have moved or are on their way, by where to.
    """
    keys = set(keys)
    away: dict[Place, set[Key]] = defaultdict(set)
    leaving = {claim.key: claim.to for claim in claims_of(rows.tx, rows.commune, rows.area)}
    rows.fetch(keys)
    fetch_conflicts(rows)
    here: set[Key] = set()
    for key in keys:
        stored = rows.stored.get(key)
        to = leaving.get(key) or (moved_to(stored.record) if stored is not None else None)
        if to is not None:
            away[to].add(key)
        else:
            here |= {key, *conflicts_of(rows, *key)}
    for key, place in _in_other_areas(rows, here):
        away[place].add(key)
    for key in sorted(here):
        stored = rows.stored.get(key)
        if stored is None or stored.record.gone != ERASED:
            mark = Mark(by.corrected, by.who, by.device, by.op, rows.seq + 1)
            record = Record(type=key[0], id=key[1], body={}, marks={"": mark}, deleted=True, gone=ERASED)
            rows.put(record, by.at, by.who, by.device)
            rows.others = True
    if here:
        _empty_ops(rows.tx, rows.commune, rows.area, here)
        _forget_filed(rows.tx, rows.commune, here)
        _remember(rows, here, by)
    return away


def _in_other_areas(rows: AreaRows, keys: Iterable[Key]) -> list[tuple[Key, Place]]:
    """Records that live in another area of the commune, without a signpost from here: a restored server may have
    forgotten that they came here."""
    areas = rows.tx.all("SELECT area FROM area_head WHERE commune = :commune", commune=rows.commune)
    wanted = [(area, *key) for (area,) in areas if area != rows.area for key in sorted(keys)]
    found = rows.tx.all(
        "SELECT r.type, r.id, r.area FROM each(:keys) AS k CROSS JOIN record AS r WHERE r.commune = :commune"
        " AND r.area = k.value->>0 AND r.type = k.value->>1 AND r.id = k.value->>2 AND r.gone IS NULL",
        keys=as_json(wanted),
        commune=rows.commune,
    )
    return [((type_name, ident), (rows.commune, area)) for type_name, ident, area in found]


def last_erased(tx: Transaction, commune: str, area: str) -> int:
    """The counter an area had when something in it was last erased, 0 when nothing ever was."""
    found = tx.one(
        "SELECT MAX(seq) FROM erased WHERE commune = :commune AND area = :area", commune=commune, area=area
    )
    return int(found[0] or 0) if found else 0


def _may_go(type_name: str, registry: Registry) -> bool:
    kind = registry.get(type_name)
    return type_name == CONFLICT or (kind is not None and not kind.erases and not kind.server_written)


def _empty_ops(tx: Transaction, commune: str, area: str, keys: Iterable[Key]) -> None:
    """Take what ops on these records say, in each commune that a record came through on its way here."""
    for type_name, ident in sorted(keys):
        for place in {commune, *_came_through(tx, type_name, ident, (commune, area))}:
            tx.run(
                f"UPDATE op SET changes = '{NOTHING}',"
                f" reason = CASE WHEN result IN ('held', 'rejected') THEN '{ERASED}' ELSE reason END,"
                " result = CASE WHEN result = 'held' THEN 'rejected' ELSE result END"
                " WHERE commune = :commune AND record = :record AND type = :type",
                commune=place,
                record=ident,
                type=type_name,
            )


def _forget_filed(tx: Transaction, commune: str, keys: Iterable[Key]) -> None:
    """Take away what the pages copied of a report."""
    for type_name, ident in keys:
        if type_name == "report":
            tx.run(
                "DELETE FROM filed_report WHERE commune = :commune AND id = :id", commune=commune, id=ident
            )


def _came_through(tx: Transaction, type_name: str, ident: str, here: Place) -> set[str]:
    """The communes with a signpost that leads, over others, to where a record lives."""
    found = tx.all(
        "SELECT commune, area, body FROM record WHERE type = :type AND id = :id AND gone = 'moved'",
        type=type_name,
        id=ident,
    )
    posts: Mapping[Place, Place] = {
        (commune, area): tuple(msgspec.json.decode(body)["moved_to"]) for commune, area, body in found
    }
    reached = {here}
    while more := {place for place, to in posts.items() if to in reached} - reached:
        reached |= more
    return {commune for commune, _ in reached}


def _remember(rows: AreaRows, keys: Iterable[Key], by: Erasing) -> None:
    rows.tx.put(
        ERASED_RECORDS,
        [
            _ErasedRow(rows.commune, type_name, ident, by.ident, rows.area, rows.seq, by.corrected)
            for type_name, ident in sorted(keys)
        ],
    )
    rows.tx.run(
        "INSERT INTO server_state (name, value) VALUES (:name, :at)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name=SCRUB_DUE,
        at=rows.now,
    )
