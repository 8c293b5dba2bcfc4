"""The queue of ops: what people did, in its order, until it is answered and for a while afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from sync.outbox._bases import is_waiting, put_base
from sync.outbox._noted_texts import known_to, without_late
from sync.outbox._tables import SENDABLE, WAITING, Change, to_json
from sync.protocol import Row, Unsent


def add(c: Any, changes: Iterable[Change], before: Iterable[Row]) -> None:
    """Append ops. ``before``: the rows they change as they stood; those that came from the server become base."""
    for row in before:
        if row.seq and not is_waiting(c, row.type, row.id):
            put_base(c, row)
    ops = list(changes)
    known = known_to(c, ops)
    c.executemany(
        'INSERT INTO outbox (id, commune, area, type, record, at, who, base_seq, "set", knows)'
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(o.id, o.commune, o.area, o.type, o.record, o.at, o.who, o.base_seq),
                to_json(o.set).decode(),
                known.get((o.type, o.record)),
            )
            for o in ops
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
    return int(c.execute(f"SELECT count(*) FROM outbox WHERE {WAITING}").fetchone()[0])


def sendable_count(c: Any) -> int:
    """Ops that have no answer yet and may go to the server."""
    return int(c.execute(f"SELECT count(*) FROM outbox WHERE {SENDABLE}").fetchone()[0])


def waiting_by_type(c: Any) -> dict[str, int]:
    """Ops that have no answer yet, by record type."""
    return dict(c.execute(f"SELECT type, count(*) FROM outbox WHERE {WAITING} GROUP BY type").fetchall())


def waiting(c: Any, device: str, limit: int, max_bytes: int, after: int = 0) -> list[Unsent]:
    """The oldest unanswered ops, at most ``limit`` of them and about ``max_bytes`` of JSON, but at least one.

    ``after``: only those with a greater ``n``.
    """
    ops: list[Unsent] = []
    size = 0
    found = c.execute(
        f"SELECT {_OP_COLUMNS} FROM outbox WHERE {SENDABLE} AND n > ? ORDER BY n LIMIT ?",
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
    return c.execute(f"SELECT 1 FROM outbox WHERE {SENDABLE} AND n > ? LIMIT 1", (n,)).fetchone() is not None


def unanswered(c: Any, device: str, ids: Iterable[str]) -> dict[str, Unsent]:
    """Those of the op ids that still wait for an answer."""
    found = c.execute(
        f"SELECT {_OP_COLUMNS} FROM outbox WHERE {WAITING} AND id IN (SELECT value FROM json_each(?))",
        (to_json(list(ids)).decode(),),
    )
    return {op.id: op for op in (_unsent(row, device) for row in found.fetchall())}


def mark_sent(c: Any, ops: Iterable[Unsent]) -> None:
    """Note that ops were handed to the link; they stay unanswered."""
    c.execute(
        "INSERT OR IGNORE INTO handed (n) SELECT value FROM json_each(?)",
        (to_json([op.n for op in ops]).decode(),),
    )


def waiting_ops(c: Any, type_name: str, ident: str) -> list[Unsent]:
    """A record's ops that have no answer yet, oldest first, without words that were erased since."""
    found = c.execute(
        f"SELECT {_OP_COLUMNS} FROM outbox WHERE type = ? AND record = ? AND {WAITING} ORDER BY n",
        (type_name, ident),
    )
    return without_late(c, [_unsent(row, "") for row in found.fetchall()])


def prune(c: Any, before: str) -> int:
    """Delete acknowledged ops answered before the wire moment ``before``. Returns how many."""
    c.execute(f"DELETE FROM handed WHERE n NOT IN (SELECT n FROM outbox WHERE {WAITING})")
    return int(c.execute("DELETE FROM outbox WHERE state = 'acked' AND answered_at < ?", (before,)).rowcount)


_OP_COLUMNS = 'n, id, commune, area, type, record, at, who, base_seq, CAST("set" AS BLOB), knows'
_knows = msgspec.json.Decoder(tuple[str, ...])


def _unsent(row: Any, device: str) -> Unsent:
    n, ident, commune, area, type_name, record, at, who, base_seq, changes, knows = row
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
        knows=_knows.decode(knows) if knows else (),
    )
