"""The laptop's side of sync inside its own database: pending ops, the server rows beneath them, and the cursors.

Every function works on the caller's connection and transaction. No code path deletes an op without an answer:
`prune` removes only acknowledged ones, after 30 days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from sync import digests
from sync.protocol import Result, Row, Unsent

KEEP_DAYS = 30
PLACE = ("area", "commune")  # fields of an op that moves its record; they are no part of a body
LOCAL = "local"  # mode of an area no server knows yet: its ops wait until it is adopted
MISSING = "missing"  # mode of an area that a server restored from a backup does not know now

DDL = (
    """CREATE TABLE outbox (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        commune TEXT NOT NULL,
        area TEXT NOT NULL,
        type TEXT NOT NULL,
        record TEXT NOT NULL,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        base_seq INTEGER NOT NULL,
        "set" TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'sent', 'acked', 'held', 'rejected')),
        result TEXT,
        reason TEXT,
        field TEXT,
        receipt TEXT,
        seq INTEGER,
        answered_at TEXT)""",
    "CREATE INDEX outbox_waiting ON outbox (type, record) WHERE state IN ('new', 'sent')",
    "CREATE INDEX outbox_unsent ON outbox (n) WHERE state IN ('new', 'sent')",
    "CREATE INDEX outbox_record ON outbox (record)",
    "CREATE INDEX outbox_state ON outbox (state) WHERE state IN ('held', 'rejected')",
    "CREATE TABLE base (type TEXT NOT NULL, id TEXT NOT NULL, row TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID",
    """CREATE TABLE cursor (
        area TEXT PRIMARY KEY,
        commune TEXT NOT NULL,
        mode TEXT NOT NULL DEFAULT 'write',
        gen TEXT NOT NULL DEFAULT '',
        seq INTEGER NOT NULL DEFAULT 0,
        refreshed_at TEXT) WITHOUT ROWID""",
)

# An op that goes out is noted beside the outbox, and one small index finds all that wait: rewriting the op itself, with
# all it says, to call it sent cost more than sending it (7 of 37 µs an op).
HANDED_DDL = (
    "CREATE TABLE handed (n INTEGER PRIMARY KEY)",
    "DROP INDEX outbox_waiting",
    "DROP INDEX outbox_unsent",
    "CREATE INDEX outbox_pending ON outbox (n, area, type, state) WHERE state IN ('new', 'sent')",
)

_WAITING = "state IN ('new', 'sent')"
_SENDABLE = (
    f"{_WAITING} AND area NOT IN (SELECT area FROM cursor WHERE mode = '{LOCAL}'"
    f" OR (lost_after IS NOT NULL AND mode <> '{MISSING}'))"
)
_AS_TYPED = ("applied", "duplicate")  # results that leave a record as this laptop has it
_SHARED = f"mode NOT IN ('{LOCAL}', '{MISSING}')"
_to_json = msgspec.json.Encoder().encode
_set_decoder = msgspec.json.Decoder(dict[str, tuple[Any, Any]])
_row_decoder = msgspec.json.Decoder(Row)


class RecordStore(digests.Marks, Protocol):
    """What sync needs of the place where the laptop keeps its records."""

    def read(self, c: Any, type_name: str, ids: Iterable[str]) -> dict[str, Row]: ...
    def upsert(self, c: Any, rows: Iterable[Row]) -> None: ...
    def set_seq(
        self, c: Any, type_name: str, seqs: Mapping[str, int]
    ) -> tuple[dict[str, digests.Mark], dict[str, digests.Mark]]: ...
    def seqs(self, c: Any, type_name: str, ids: Iterable[str]) -> dict[str, tuple[str, int]]: ...
    def forget_area(self, c: Any, area: str) -> None: ...


class Change(msgspec.Struct, frozen=True):
    """One save of one record, before it has a number. ``base_seq``: the server's counter of the changed row."""

    id: str
    commune: str
    area: str
    type: str
    record: str
    at: str
    who: str
    base_seq: int
    set: dict[str, tuple[Any, Any]]


def add(c: Any, changes: Iterable[Change], before: Iterable[Row]) -> None:
    """Append ops. ``before``: the rows they change as they stood; those that came from the server become base."""
    for row in before:
        if row.seq and not _is_waiting(c, row.type, row.id):
            _put_base(c, row)
    c.executemany(
        'INSERT INTO outbox (id, commune, area, type, record, at, who, base_seq, "set")'
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (o.id, o.commune, o.area, o.type, o.record, o.at, o.who, o.base_seq, _to_json(o.set).decode())
            for o in changes
        ],
    )


def counts(c: Any) -> dict[str, int]:
    """How many ops stand in each state: new, sent, acked, held, rejected; of the last two those nobody has settled."""
    found = dict(
        c.execute("SELECT state, count(*) FROM outbox WHERE settled IS NULL GROUP BY state").fetchall()
    )
    handed = c.execute("SELECT count(*) FROM handed JOIN outbox USING (n) WHERE state = 'new'").fetchone()[0]
    found["new"] = found.get("new", 0) - handed
    found["sent"] = found.get("sent", 0) + handed
    return {state: found.get(state, 0) for state in ("new", "sent", "acked", "held", "rejected")}


def waiting_count(c: Any) -> int:
    """Ops that have no answer yet."""
    return int(c.execute(f"SELECT count(*) FROM outbox WHERE {_WAITING}").fetchone()[0])


def sendable_count(c: Any) -> int:
    """Ops that have no answer yet and may go to the server."""
    return int(c.execute(f"SELECT count(*) FROM outbox WHERE {_SENDABLE}").fetchone()[0])


def waiting_by_type(c: Any) -> dict[str, int]:
    """Ops that have no answer yet, by record type."""
    return dict(c.execute(f"SELECT type, count(*) FROM outbox WHERE {_WAITING} GROUP BY type").fetchall())


def waiting(c: Any, device: str, limit: int, max_bytes: int, after: int = 0) -> list[Unsent]:
    """The oldest unanswered ops, at most ``limit`` of them and about ``max_bytes`` of JSON, but at least one.

    ``after``: only those with a greater ``n``.
    """
    ops: list[Unsent] = []
    size = 0
    found = c.execute(
        f"SELECT {_OP_COLUMNS} FROM outbox WHERE {_SENDABLE} AND n > ? ORDER BY n LIMIT ?",
        (after, limit),
    )
    for row in found:
        size += len(row[9]) + 300
        if ops and size > max_bytes:
            break
        ops.append(_unsent(row, device))
    return ops


def waits_after(c: Any, n: int) -> bool:
    """Whether an op behind the one numbered ``n`` may go to the server."""
    return c.execute(f"SELECT 1 FROM outbox WHERE {_SENDABLE} AND n > ? LIMIT 1", (n,)).fetchone() is not None


def unanswered(c: Any, device: str, ids: Iterable[str]) -> dict[str, Unsent]:
    """Those of the op ids that still wait for an answer."""
    found = c.execute(
        f"SELECT {_OP_COLUMNS} FROM outbox WHERE {_WAITING} AND id IN (SELECT value FROM json_each(?))",
        (_to_json(list(ids)).decode(),),
    )
    return {op.id: op for op in (_unsent(row, device) for row in found.fetchall())}


def mark_sent(c: Any, ops: Iterable[Unsent]) -> None:
    """Note that ops were handed to the link; they stay unanswered."""
    c.execute(
        "INSERT OR IGNORE INTO handed (n) SELECT value FROM json_each(?)",
        (_to_json([op.n for op in ops]).decode(),),
    )


def answer(
    c: Any, store: RecordStore, results: Iterable[tuple[Unsent, Result]], now: str, *, late: bool = False
) -> None:
    """Take the server's answers: mark each op, and bring its record to what the server now has plus what still waits.

    ``now``: wire moment of the answer. ``late``: they travelled in a file, so that newer rows may be here already.
    """
    pairs = list(results)
    c.executemany(
        "UPDATE outbox SET state = ?, result = ?, reason = ?, field = ?, receipt = ?, seq = ?, answered_at = ?"
        " WHERE n = ?",
        [(_state(r), r.result, r.reason, r.field, r.receipt, r.seq, now, op.n) for op, r in pairs],
    )
    c.execute(
        "DELETE FROM handed WHERE n IN (SELECT value FROM json_each(?))",
        (_to_json([op.n for op, _ in pairs]).decode(),),
    )
    care = _based(c, [(op.type, op.record) for op, _ in pairs])
    care |= {(op.type, op.record) for op, r in pairs if r.row is not None or r.result not in _AS_TYPED}
    plain: dict[str, dict[str, int]] = defaultdict(dict)
    settled: dict[digests.Key, list[tuple[Unsent, Result]]] = {key: [] for key in care}
    for op, result in pairs:
        key = op.type, op.record
        if key in care:
            settled[key].append((op, result))
        else:
            plain[op.type][op.record] = result.seq
    before = digests.marks_of(c, store, care)
    for (type_name, ident), answered in settled.items():
        _settle(c, store, type_name, ident, answered, late)
    now_known = digests.marks_of(c, store, care)
    for type_name, seqs in plain.items():
        was, became = store.set_seq(c, type_name, seqs)
        before |= {(type_name, ident): mark for ident, mark in was.items()}
        now_known |= {(type_name, ident): mark for ident, mark in became.items()}
    digests.adjust(c, before, now_known)


def apply(c: Any, store: RecordStore, rows: list[Row]) -> int:
    """Take rows from the server. A record with waiting ops gets the row as its base and the ops on top.

    Returns how many rows were new to this laptop or differed in their counter.
    """
    before = digests.marks_of(c, store, {(row.type, row.id) for row in rows})
    busy = _waiting_among(c, [row.id for row in rows])
    ready: list[Row] = []
    for row in rows:
        if (row.type, row.id) in busy:
            if row.gone == "moved" and _lives_elsewhere(c, store, row):
                continue  # a signpost in an area that this laptop knows it has left
            _put_base(c, row)
            ready.append(on_top(row, waiting_ops(c, row.type, row.id)))
        else:
            ready.append(row)
    store.upsert(c, ready)
    digests.adjust(c, before, digests.after(c, store, rows))
    return len(ready)


def apply_older(c: Any, store: RecordStore, rows: list[Row]) -> int:
    """The same for rows that may be older than what is here: those change nothing. Returns how many were taken."""
    here: dict[tuple[str, str], int] = {}
    by_type: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_type[row.type].append(row.id)
    for type_name, ids in by_type.items():
        here |= {(type_name, ident): seq for ident, (_, seq) in store.seqs(c, type_name, ids).items()}
    return apply(c, store, [row for row in rows if row.seq > here.get((row.type, row.id), 0)])


def rest_due(c: Any) -> set[str]:
    """Areas whose old rows are still to be loaded: usable, but no digest fits yet."""
    return {area for (area,) in c.execute("SELECT area FROM cursor WHERE rest_due")}


def set_rest_due(c: Any, area: str, due: bool) -> None:
    """Note that an area's old rows are still to be loaded, or have come."""
    c.execute("UPDATE cursor SET rest_due = ? WHERE area = ?", (int(due), area))


def cursors(c: Any) -> dict[str, tuple[str, int]]:
    """area -> (gen, seq) of every area this laptop shares with the server."""
    found = c.execute(f"SELECT area, gen, seq FROM cursor WHERE {_SHARED} ORDER BY area")
    return {area: (gen, seq) for area, gen, seq in found}


def standing(c: Any) -> dict[str, tuple[str, int]]:
    """area -> (gen, seq) of every area that ever met the server, also one it does not know now."""
    found = c.execute("SELECT area, gen, seq FROM cursor WHERE mode <> ?", (LOCAL,))
    return {area: (gen, seq) for area, gen, seq in found}


def set_cursor(c: Any, area: str, gen: str, seq: int, now: str) -> None:
    """Move an area's cursor, in the transaction that wrote the rows up to it."""
    c.execute("UPDATE cursor SET gen = ?, seq = ?, refreshed_at = ? WHERE area = ?", (gen, seq, now, area))


def marks(c: Any, store: RecordStore, area: str) -> Iterator[tuple[str, str, int]]:
    """(type, id, seq) of an area's live rows as the server knows them: what still waits does not count."""
    return digests.all_marks(c, store, area)


def hold_area(c: Any, area: str, commune: str, mode: str, now: str | None = None) -> None:
    """Begin to hold an area (or note its new mode): the cursor starts at 0. ``now``: wire moment at which the
    server said that this laptop may use it."""
    c.execute(
        "INSERT INTO cursor (area, commune, mode, refreshed_at, digest) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (area) DO UPDATE SET mode = excluded.mode,"
        " refreshed_at = coalesce(excluded.refreshed_at, refreshed_at)",
        (area, commune, mode, now, digests.EMPTY),
    )


def held_areas(c: Any) -> dict[str, str]:
    """area -> mode of every area this laptop shares with the server."""
    return dict(c.execute(f"SELECT area, mode FROM cursor WHERE {_SHARED}").fetchall())


def release_area(c: Any, store: RecordStore, area: str) -> bool:
    """Let an area go once each of its ops has an answer. Returns False, and does nothing, while one waits."""
    if c.execute(f"SELECT 1 FROM outbox WHERE area = ? AND {_WAITING} LIMIT 1", (area,)).fetchone():
        return False
    store.forget_area(c, area)
    # also beneath ops that wait in another unit, to which a record was moved
    c.execute("DELETE FROM base WHERE row ->> '$.area' = ?", (area,))
    c.execute("DELETE FROM cursor WHERE area = ?", (area,))
    return True


def try_held_again(c: Any, store: RecordStore) -> int:
    """Ops that were held because the server did not have their record, and now it has: they wait once more.
    Returns how many."""
    found = c.execute(
        "SELECT n, area, type, record, base_seq FROM outbox WHERE state IN ('held', 'rejected') AND state = 'held'"
        " AND reason = 'unknown-record' AND settled IS NULL"  # the first term lets the small index be used
    ).fetchall()
    ready = 0
    for n, area, type_name, ident, base_seq in found:
        row = store.read(c, type_name, [ident]).get(ident)
        if (
            row is not None and row.area == area and row.seq > base_seq
        ):  # in another area it is as unknown as before
            if not _is_waiting(c, type_name, ident):
                _put_base(c, row)
            c.execute("UPDATE outbox SET state = 'new', reason = NULL, result = NULL WHERE n = ?", (n,))
            store.upsert(c, [on_top(row, waiting_ops(c, type_name, ident))])
            ready += 1
    return ready


def drop_idle_bases(c: Any, store: RecordStore) -> None:
    """Show the server's row of records that keep one beneath although none of their ops waits any more."""
    found = c.execute(
        "SELECT b.row FROM base AS b WHERE NOT EXISTS (SELECT 1 FROM outbox AS o"
        f" WHERE o.type = b.type AND o.record = b.id AND o.{_WAITING})"
    )
    rows = [_row_decoder.decode(row) for (row,) in found.fetchall()]
    if not rows:
        return
    keys = [(row.type, row.id) for row in rows]
    before = digests.marks_of(c, store, keys)
    store.upsert(c, rows)
    c.executemany("DELETE FROM base WHERE type = ? AND id = ?", keys)
    digests.adjust(c, before, digests.marks_of(c, store, keys))


def prune(c: Any, before: str) -> int:
    """Delete acknowledged ops answered before the wire moment ``before``. Returns how many."""
    c.execute(f"DELETE FROM handed WHERE n NOT IN (SELECT n FROM outbox WHERE {_WAITING})")
    return int(c.execute("DELETE FROM outbox WHERE state = 'acked' AND answered_at < ?", (before,)).rowcount)


_OP_COLUMNS = 'n, id, commune, area, type, record, at, who, base_seq, CAST("set" AS BLOB)'


def _unsent(row: Any, device: str) -> Unsent:
    n, ident, commune, area, type_name, record, at, who, base_seq, changes = row
    return Unsent(
        id=ident,
        device=device,
        n=n,
        commune=commune,
        area=area,
        type=type_name,
        record=record,
        at=at,
        who=who,
        base_seq=base_seq,
        set=msgspec.Raw(changes),
    )


def _state(result: Result) -> str:
    return result.result if result.result in ("held", "rejected") else "acked"


def _is_waiting(c: Any, type_name: str, ident: str) -> bool:
    found = c.execute(
        f"SELECT 1 FROM outbox WHERE type = ? AND record = ? AND {_WAITING} LIMIT 1", (type_name, ident)
    )
    return found.fetchone() is not None


def _waiting_among(c: Any, ids: Iterable[str]) -> set[tuple[str, str]]:
    found = c.execute(
        "SELECT DISTINCT o.type, o.record FROM json_each(?) AS j JOIN outbox AS o ON o.record = j.value"
        f" WHERE o.{_WAITING}",
        (_to_json(list(ids)).decode(),),
    )
    return {(type_name, record) for type_name, record in found}


def waiting_ops(c: Any, type_name: str, ident: str) -> list[Unsent]:
    """A record's ops that have no answer yet, oldest first."""
    found = c.execute(
        f"SELECT {_OP_COLUMNS} FROM outbox WHERE type = ? AND record = ? AND {_WAITING} ORDER BY n",
        (type_name, ident),
    )
    return [_unsent(row, "") for row in found.fetchall()]


def _put_base(c: Any, row: Row) -> None:
    c.execute(
        "INSERT OR REPLACE INTO base (type, id, row) VALUES (?, ?, ?)",
        (row.type, row.id, _to_json(row).decode()),
    )


def _based(c: Any, keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of ``keys`` that need care: they have a base row, or ops that still wait."""
    wanted = set(keys)
    ids = [ident for _, ident in wanted]
    bases = c.execute(
        "SELECT b.type, b.id FROM base AS b WHERE b.id IN (SELECT value FROM json_each(?))",
        (_to_json(ids).decode(),),
    )
    return ({(t, i) for t, i in bases} | _waiting_among(c, ids)) & wanted


def _settle(
    c: Any,
    store: RecordStore,
    type_name: str,
    ident: str,
    answered: list[tuple[Unsent, Result]],
    late: bool = False,
) -> None:
    found = c.execute("SELECT row FROM base WHERE type = ? AND id = ?", (type_name, ident)).fetchone()
    held = store.read(c, type_name, [ident]).get(ident)
    server = _row_decoder.decode(found[0]) if found else None
    for op, result in answered:
        if late and server is not None and _has_seen(server, op, result):
            continue
        if result.row is not None:
            server = result.row
        elif result.result in _AS_TYPED and (server or held):  # else it had left with its area
            start = server or Row(type=type_name, id=ident, commune=op.commune, area=op.area, seq=0)
            after = on_top(start, [op])
            seq = result.seq if after.area != start.area else max(start.seq, result.seq)
            server = msgspec.structs.replace(after, seq=seq, at=op.at, who=op.who)
    still = waiting_ops(c, type_name, ident)
    if (
        server is None
    ):  # never reached the server: what a person typed stays, marked by its held or rejected op
        return
    if still:
        _put_base(c, server)
    else:
        c.execute("DELETE FROM base WHERE type = ? AND id = ?", (type_name, ident))
    unanswered = [_staying(op) for op, result in answered if result.result == "held"]
    shown = on_top(server, [*unanswered, *still])
    if held != shown:
        store.upsert(c, [shown])


def _lives_elsewhere(c: Any, store: RecordStore, signpost: Row) -> bool:
    """Whether the server's last word on a record that a signpost speaks of is a row of another area."""
    found = c.execute(
        "SELECT row FROM base WHERE type = ? AND id = ?", (signpost.type, signpost.id)
    ).fetchone()
    known = (
        _row_decoder.decode(found[0])
        if found
        else store.read(c, signpost.type, [signpost.id]).get(signpost.id)
    )
    return known is not None and known.area != signpost.area


def _staying(op: Unsent) -> Unsent:
    """A held op as it is shown: what it says of the record, but not elsewhere, where the server does not have it."""
    changes = _set_decoder.decode(op.set)
    if "area" not in changes:
        return op
    kept = {field: change for field, change in changes.items() if field not in PLACE}
    return msgspec.structs.replace(op, set=msgspec.Raw(_to_json(kept)))


def _has_seen(server: Row, op: Unsent, result: Result) -> bool:
    """Whether the row that is here is as new as what an answer tells, or newer."""
    area, seq = (result.row.area, result.row.seq) if result.row else (op.area, result.seq)
    return server.area == area and server.seq >= seq > 0


def on_top(row: Row, ops: list[Unsent]) -> Row:
    """``row`` as it looks with ``ops`` on top."""
    if not ops:
        return row
    body = dict(row.body)
    deleted = row.deleted
    place: dict[str, str] = {}
    for op in ops:
        for field, (_, new) in _set_decoder.decode(op.set).items():
            if field == "deleted":
                deleted = bool(new)
            elif field in PLACE:
                place[field] = new
            elif new is None:
                body.pop(field, None)
            else:
                body[field] = new
    return msgspec.structs.replace(row, body=body, deleted=deleted, at=ops[-1].at, who=ops[-1].who, **place)
