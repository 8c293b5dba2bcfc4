"""Removing the content of records for good: an op on a type that erases (`RecordType.erases`) names them.

What it names keeps its row, empty, ``gone = erased``, so that every laptop takes its content away; the ops on it keep
their place in the history and say nothing; questions about it go with it. Table `erased` remembers it for the commune:
a late op on such a record is answered (rejected, ``erased``) and kept without what it says. A record that has moved is
followed to where it lives, if whoever erases may write there. Of records that stay it may name fields instead:
`sync.server.erased_texts`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sync.conflicts import CONFLICT
from sync.protocol import ERASED, Op
from sync.record import Mark, Record
from sync.registry import Registry
from sync.server.area_rows import AreaRows, Key
from sync.server.database import Database, Transaction
from sync.server.erased_texts import erase_texts, texts_of
from sync.server.forgetting import forget
from sync.server.intake import Arrived, Place
from sync.server.moves import claims_of, conflicts_of, fetch_conflicts, moved_to
from sync.server.scope import Caller
from sync.server.whereabouts import came_through, whereabouts
from sync.texts import Text

ONLY_A_CHIEF = "chief-only"
Target = Key | Text  # a record, or a field of one


class Erasing(msgspec.Struct, frozen=True):
    """One erasure. ``ident``: its record; ``op``, ``who``, ``device``, ``at``, ``n``: of the op that made it."""

    ident: str
    op: str
    who: str
    device: str
    at: str
    corrected: str
    n: int = 0

    @staticmethod
    def of(one: Arrived) -> Erasing:
        """The one that an op makes."""
        op = one.op
        return Erasing(op.record, op.id, op.who, op.device, op.at, one.corrected, op.n)


def erases(op: Op, registry: Registry) -> bool:
    """Whether an op's type is one that erases."""
    kind = registry.get(op.type)
    return kind is not None and kind.erases


def named(op: Op, registry: Registry) -> set[Target]:
    """The records an op erases, and the fields it empties of others; what only the server writes, and other erasures,
    stay."""
    _, listed = op.set.get("records", (None, None))
    found = _keys(listed) if isinstance(listed, list) else ()
    return {*(key for key in found if _may_go(key[0], registry)), *texts_of(op, registry)}


def _keys(listed: Iterable[Any]) -> set[Key]:
    return {
        (one["type"], one["id"])
        for one in listed
        if isinstance(one, dict) and isinstance(one.get("type"), str) and isinstance(one.get("id"), str)
    }


def names_others(database: Database, registry: Registry, caller: Caller, op: Op, now: str) -> bool:
    """Whether an erasure names what lives where its laptop may not write. Taken in, it would have any laptop that holds
    such a record take its content away by itself."""
    with database.read() as tx:
        found = whereabouts(tx, {one[:2] for one in named(op, registry)}, op.commune)
    own = (op.commune, op.area)
    return any(one.to is None and one.place != own and not caller.may_write(one.place, now) for one in found)


def emptied(one: Arrived) -> Arrived:
    """An op on an erased record as it is kept."""
    return msgspec.structs.replace(one, op=msgspec.structs.replace(one.op, set={}), raw=b"")


def erase(rows: AreaRows, targets: Iterable[Target], by: Erasing) -> dict[Place, set[Target]]:
    """Erase records of an area, and empty fields of others, in the transaction that holds its head; again is harmless.
    The caller writes ``rows``.

    Returns what has moved or is on its way, by where to.
    """
    away: dict[Place, set[Target]] = defaultdict(set)
    keys: set[Key] = set()
    texts: set[Text] = set()
    for one in targets:
        if len(one) == 2:
            keys.add(one)
        else:
            texts.add(one)
    leaving = {claim.key: claim.to for claim in claims_of(rows.tx, rows.commune, rows.area)}
    if keys:
        _erase_records(rows, keys, by, leaving, away)
    if texts:
        for to, further in erase_texts(rows, texts, by, leaving).items():
            away[to] |= further
    return away


def _erase_records(
    rows: AreaRows,
    keys: set[Key],
    by: Erasing,
    leaving: Mapping[Key, Place],
    away: dict[Place, set[Target]],
) -> None:
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
    lying = whereabouts(rows.tx, here, rows.commune)
    for one in lying:  # without a signpost from here: a restored server may have forgotten that it came here
        if one.to is None and one.place != (rows.commune, rows.area):
            away[one.place].add(one.key)
    for key in sorted(here):
        stored = rows.stored.get(key)
        if stored is None or stored.record.gone != ERASED:
            mark = Mark(by.corrected, by.who, by.device, by.op, rows.seq + 1)
            record = Record(type=key[0], id=key[1], body={}, marks={"": mark}, deleted=True, gone=ERASED)
            rows.put(record, by.at, by.who, by.device)
            rows.others = True
    if here:
        place = (rows.commune, rows.area)
        erasures = dict.fromkeys(here, by.ident)
        forget(rows.tx, place, erasures, came_through(lying, place), rows.seq, by.corrected, rows.now)


def last_erased(tx: Transaction, commune: str, area: str) -> int:
    """The counter an area had when something in it was last erased, 0 when nothing ever was. Never above the one it has
    now: words that went of a record that is not there took none."""
    newest = [
        tx.one(
            f"SELECT MAX(seq) FROM {table} WHERE commune = :commune AND area = :area",
            commune=commune,
            area=area,
        )
        for table in ("erased", "erased_text")
    ]
    head = tx.one(
        "SELECT seq FROM area_head WHERE commune = :commune AND area = :area", commune=commune, area=area
    )
    last = max(int(found[0] or 0) if found else 0 for found in newest)
    return min(last, int(head[0])) if head else last


def _may_go(type_name: str, registry: Registry) -> bool:
    kind = registry.get(type_name)
    return type_name == CONFLICT or (kind is not None and not kind.erases and not kind.server_written)
