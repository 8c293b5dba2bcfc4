"""The server rows beneath records with ops that wait."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync import digests
from sync.outbox._tables import WAITING, RecordStore, row_decoder, to_json
from sync.protocol import Row


def put_base(c: Any, row: Row) -> None:
    """Keep the server's row beneath what waits of its record."""
    c.execute(
        "INSERT OR REPLACE INTO base (type, id, row) VALUES (?, ?, ?)",
        (row.type, row.id, to_json(row).decode()),
    )


def is_waiting(c: Any, type_name: str, ident: str) -> bool:
    found = c.execute(
        f"SELECT 1 FROM outbox WHERE type = ? AND record = ? AND {WAITING} LIMIT 1", (type_name, ident)
    )
    return found.fetchone() is not None


def waiting_among(c: Any, ids: Iterable[str]) -> set[tuple[str, str]]:
    found = c.execute(
        "SELECT DISTINCT o.type, o.record FROM json_each(?) AS j JOIN outbox AS o ON o.record = j.value"
        f" WHERE o.{WAITING}",
        (to_json(list(ids)).decode(),),
    )
    return {(type_name, record) for type_name, record in found}


def based(c: Any, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of ``keys`` that need care: they have a base row, or ops that still wait."""
    wanted = set(keys)
    ids = [ident for _, ident in wanted]
    bases = c.execute(
        "SELECT b.type, b.id FROM base AS b WHERE b.id IN (SELECT value FROM json_each(?))",
        (to_json(ids).decode(),),
    )
    return ({(t, i) for t, i in bases} | waiting_among(c, ids)) & wanted


def drop_idle_bases(c: Any, store: RecordStore) -> None:
    """Show the server's row of records that keep one beneath although none of their ops waits any more."""
    found = c.execute(
        "SELECT b.row FROM base AS b WHERE NOT EXISTS (SELECT 1 FROM outbox AS o"
        f" WHERE o.type = b.type AND o.record = b.id AND o.{WAITING})"
        " AND NOT EXISTS (SELECT 1 FROM erased AS e WHERE e.type = b.type AND e.id = b.id)"
    )
    rows = [row_decoder.decode(row) for (row,) in found.fetchall()]
    if not rows:
        return
    keys = [(row.type, row.id) for row in rows]
    before = digests.marks_of(c, store, keys)
    store.upsert(c, rows)
    c.executemany("DELETE FROM base WHERE type = ? AND id = ?", keys)
    digests.adjust(c, before, digests.marks_of(c, store, keys))
