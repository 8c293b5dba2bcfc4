"""Records whose content was removed for good: their ids stay, so that nothing of them comes back.

An erasure is a record like any other; what it names is noted here, wherever it arrives. Ops on such a record that were
answered keep their place in the queue and say nothing any more. One that waits is somebody's work: it goes out as it
is, and is emptied once the server has answered it. An erasure that the server refuses erases nothing: its records are
read from the server once more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import msgspec

from sync import digests
from sync.outbox._bases import put_base, waiting_among
from sync.outbox._noted_texts import IN_FORCE
from sync.outbox._tables import LOCAL, PLACE, SHARED, WAITING, RecordStore, row_decoder, to_json
from sync.protocol import ERASED, Row

ERASED_DDL = (
    """CREATE TABLE erased (type TEXT NOT NULL, id TEXT NOT NULL, erasure TEXT NOT NULL,
    PRIMARY KEY (type, id)) WITHOUT ROWID""",
)
NOTHING = "{}"  # what an op says that was emptied
# Where a record went is no word of anybody's. A server restored from before the move has to hear of it once more: only
# whoever moved the record can end its life in the old unit.
_PLACES = "('" + "', '".join(PLACE) + "')"

Key = digests.Key


def any_erased(c: Any) -> bool:
    """Whether anything was ever erased here, a record or words."""
    found = c.execute("SELECT EXISTS (SELECT 1 FROM erased) OR EXISTS (SELECT 1 FROM erased_text)")
    return bool(found.fetchone()[0])


def erased_among(c: Any, keys: Iterable[Key]) -> set[Key]:
    """Those of the records (type, id) that are erased."""
    wanted = set(keys)
    # Looking up each record of a pull cost 0,9 µs of its 25; what was erased is few, and read in one go.
    if not c.execute("SELECT 1 FROM erased LIMIT 1 OFFSET ?", (len(wanted) // 4,)).fetchone():
        found = c.execute(f"SELECT e.type, e.id FROM erased AS e WHERE {IN_FORCE}")
        return wanted.intersection(map(tuple, found))
    found = c.execute(
        "SELECT e.type, e.id FROM json_each(?) AS j JOIN erased AS e"
        f" ON e.type = j.value ->> 0 AND e.id = j.value ->> 1 WHERE {IN_FORCE}",
        (_json(wanted),),
    )
    return {(type_name, ident) for type_name, ident in found}


def erase(c: Any, store: RecordStore, keys: Collection[Key], erasure: str) -> set[Key]:
    """Take the content of records off this laptop, within the caller's transaction. Returns those that were not
    erased before.

    ``erasure``: the id of the record that says so, "" when the server's row does.
    """
    fresh = set(keys) - erased_among(c, keys)
    c.executemany(
        "INSERT OR REPLACE INTO erased (type, id, erasure) VALUES (?, ?, ?)",
        [(type_name, ident, erasure) for type_name, ident in sorted(fresh)],
    )
    _end_unsendable(c, fresh)
    empty_answered(c, fresh)
    for type_name in {type_name for type_name, _ in fresh}:
        ids = [ident for kind, ident in fresh if kind == type_name]
        known = {row.id: row for row in _bases(c, type_name, ids)}
        for row in store.read(c, type_name, ids).values():
            store.upsert(c, [stripped(row)])
            keep_beneath(c, [known.get(row.id, row)])
    c.executemany("DELETE FROM lost_row WHERE type = ? AND id = ?", sorted(fresh))
    return fresh


def keep_beneath(c: Any, rows: Iterable[Row]) -> None:
    """Note what the server has of erased records: those it still counts lie beneath, without content, until it says
    that they are gone."""
    rows = list(rows)
    waiting = waiting_among(c, [row.id for row in rows])
    for row in rows:
        lives = row.seq > 0 and not (row.deleted or row.gone)
        if lives or (row.type, row.id) in waiting:
            put_base(c, msgspec.structs.replace(row, body={}) if lives else stripped(row))
        else:
            c.execute("DELETE FROM base WHERE type = ? AND id = ?", (row.type, row.id))


def drop_beneath_apart(c: Any, store: RecordStore) -> None:
    """In areas that the server does not share with this laptop now, no row will come to say that an erased record is
    gone: once its erasure is answered, none is kept beneath."""
    found = c.execute(
        "SELECT e.type, e.id FROM erased AS e JOIN base AS b ON b.type = e.type AND b.id = e.id"
        f" WHERE b.row ->> '$.area' NOT IN (SELECT area FROM cursor WHERE {SHARED})"
        " AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.record = e.erasure AND o.state <> 'acked')"
        f" AND NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.record = e.id AND o.type = e.type AND o.{WAITING})"
    )
    keys = [(type_name, ident) for type_name, ident in found.fetchall()]
    if keys:
        before = digests.marks_of(c, store, keys)
        c.executemany("DELETE FROM base WHERE type = ? AND id = ?", keys)
        digests.adjust(c, before, digests.marks_of(c, store, keys))


def let_back(c: Any, store: RecordStore, erasures: Iterable[str]) -> None:
    """These erasures were refused: what the server has of their records is read once more."""
    found = c.execute(
        "SELECT type, id FROM erased WHERE erasure IN (SELECT value FROM json_each(?))",
        (to_json(list(erasures)).decode(),),
    )
    keys = {(type_name, ident) for type_name, ident in found.fetchall()}
    before = digests.marks_of(c, store, keys)
    idle = keys - waiting_among(c, [ident for _, ident in keys])
    c.executemany("DELETE FROM base WHERE type = ? AND id = ?", sorted(idle))
    digests.adjust(c, before, digests.marks_of(c, store, keys))


def empty_answered(c: Any, keys: Iterable[Key]) -> None:
    """Take what answered ops on these records say, but for where they took them, and why somebody withdrew one; one
    that the server had not taken is told to be erased."""
    c.execute(
        f"""UPDATE outbox SET "set" = CASE WHEN state = 'acked' THEN (SELECT json_group_object(key, json(value))
            FROM json_each("set") WHERE key IN {_PLACES}) ELSE '{NOTHING}' END,
        settled = json_remove(settled, '$.reason'),
        reason = CASE WHEN state = 'acked' THEN reason ELSE '{ERASED}' END,
        field = CASE WHEN state = 'acked' THEN field ELSE '' END,
        state = CASE WHEN state = 'held' THEN 'rejected' ELSE state END
        WHERE n IN (SELECT o.n FROM json_each(?) AS j JOIN outbox AS o
            ON o.record = j.value ->> 1 AND o.type = j.value ->> 0
            WHERE o.state NOT IN ('new', 'sent')
                AND (EXISTS (SELECT 1 FROM json_each(o."set")
                        WHERE key NOT IN {_PLACES} OR o.state <> 'acked')
                    OR json_extract(o.settled, '$.reason') IS NOT NULL))""",
        (_json(set(keys)),),
    )


def stripped(row: Row) -> Row:
    """A row without content, as an erased record is kept."""
    return msgspec.structs.replace(row, body={}, deleted=True, gone=ERASED)


def _bases(c: Any, type_name: str, ids: Iterable[str]) -> list[Row]:
    found = c.execute(
        "SELECT row FROM base WHERE type = ? AND id IN (SELECT value FROM json_each(?))",
        (type_name, to_json(list(ids)).decode()),
    )
    return [row_decoder.decode(text) for (text,) in found.fetchall()]


def _end_unsendable(c: Any, keys: Iterable[Key]) -> None:
    """Ops of a workspace that no server knows: nobody else will ever answer them, so the erasure does."""
    c.execute(
        f"""UPDATE outbox SET state = 'rejected', result = 'rejected', reason = '{ERASED}', settled = '{_SETTLED}'
        WHERE n IN (SELECT o.n FROM json_each(?) AS j JOIN outbox AS o
            ON o.record = j.value ->> 1 AND o.type = j.value ->> 0
            JOIN cursor AS a ON a.area = o.area AND a.mode = '{LOCAL}' WHERE o.{WAITING})""",
        (_json(set(keys)),),
    )


def _json(keys: Iterable[Key]) -> str:
    return to_json(sorted(keys)).decode()


_SETTLED = '{"how":"erased","who":"","at":""}'
