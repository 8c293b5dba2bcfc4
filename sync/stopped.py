"""Ops that the server held or rejected: they stay in the outbox until a person has settled them, and afterwards too.

``settled`` says how, when and by whom; an op that is settled is never sent again and never deleted. Every function
works on the caller's connection and transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import msgspec

from sync import digests
from sync.outbox import PLACE, RecordStore, on_top, without_late
from sync.protocol import Row, Unsent
from sync.record import same

DDL = (
    "ALTER TABLE outbox ADD COLUMN settled TEXT",
    "CREATE INDEX outbox_unsettled ON outbox (record) WHERE state IN ('held', 'rejected') AND settled IS NULL",
)

_STOPPED = "state IN ('held', 'rejected')"
_UNSETTLED = f"{_STOPPED} AND settled IS NULL"
_COLUMNS = (
    'n, id, commune, area, type, record, at, who, base_seq, "set", state, reason, field, answered_at, settled'
)


class Settled(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a person settled a stopped op. ``how``: withdrawn, resent (by the op ``op``) or handed (to ``to``, in a
    file)."""

    how: str
    who: str
    at: str
    reason: str = ""
    op: str = ""
    to: str = ""


class StoppedOp(msgspec.Struct, frozen=True):
    """An op the server did not take. ``set``: field -> (was, new)."""

    n: int
    id: str
    commune: str
    area: str
    type: str
    record: str
    at: str
    who: str
    base_seq: int
    set: dict[str, tuple[Any, Any]]
    state: str
    reason: str
    field: str
    answered_at: str
    settled: Settled | None = None

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """What it would change: ``set`` without a value that it only names."""
        return {field: pair for field, pair in self.set.items() if not same(*pair)}

    @property
    def moves(self) -> bool:
        """Whether it takes the record to another area."""
        return "area" in self.set

    @property
    def creates(self) -> bool:
        """Whether it would have made the record."""
        return self.base_seq == 0 and all(was is None for was, _ in self.set.values())


_set = msgspec.json.Decoder(dict[str, tuple[Any, Any]])
_settled = msgspec.json.Decoder(Settled)


def stopped_ops(c: Any, *, settled: bool = False, without: Iterable[str] = ()) -> list[StoppedOp]:
    """Those that wait for a person, newest first; with ``settled`` those that a person has settled. ``without``:
    types to leave out."""
    condition = f"{_STOPPED} AND settled IS NOT NULL" if settled else _UNSETTLED
    found = c.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE {condition}"
        " AND type NOT IN (SELECT value FROM json_each(?)) ORDER BY n DESC",
        (_names(without),),
    )
    return [_op(row) for row in found]


def stopped_op(c: Any, n: int) -> StoppedOp | None:
    """The stopped op with this number, settled or not."""
    row = c.execute(f"SELECT {_COLUMNS} FROM outbox WHERE n = ? AND {_STOPPED}", (n,)).fetchone()
    return None if row is None else _op(row)


def stopped_of(c: Any, type_name: str, record: str) -> list[StoppedOp]:
    """Those of one record that wait for a person, oldest first."""
    found = c.execute(
        f"SELECT {_COLUMNS} FROM outbox WHERE record = ? AND type = ? AND {_UNSETTLED} ORDER BY n",
        (record, type_name),
    )
    return [_op(row) for row in found]


def count_stopped(c: Any, without: Iterable[str] = ()) -> dict[str, int]:
    """How many wait for a person, by state. ``without``: types to leave out."""
    found = dict(
        c.execute(
            f"SELECT state, count(*) FROM outbox WHERE {_UNSETTLED}"
            " AND type NOT IN (SELECT value FROM json_each(?)) GROUP BY state",
            (_names(without),),
        ).fetchall()
    )
    return {state: found.get(state, 0) for state in ("held", "rejected")}


def settle(c: Any, n: int, how: Settled) -> None:
    """Note how a person settled an op. It stays in the outbox."""
    c.execute(
        f"UPDATE outbox SET settled = ? WHERE n = ? AND {_UNSETTLED}", (msgspec.json.encode(how).decode(), n)
    )


def take_back(c: Any, store: RecordStore, op: StoppedOp) -> None:
    """Bring the record to what it is without ``op``.

    A record that the server never had goes with the op that would have made it. Of others the next pull reads the
    server's row once more, because a newer one may have come while the op stood on top of it.
    """
    row = store.read(c, op.type, [op.record]).get(op.record)
    if row is None:
        return
    if row.seq == 0 and op.creates:
        store.upsert(c, [msgspec.structs.replace(row, gone="moved", body={})])
        return
    if row.seq and op.state == "rejected":
        return  # its answer brought the server's row back already
    before = digests.marks_of(c, store, [(op.type, op.record)])
    under, others = _unwound(c, row, op)
    store.upsert(c, [on_top(under, others)])
    if row.seq:
        c.execute("UPDATE cursor SET seq = min(seq, ?) WHERE area = ?", (row.seq - 1, row.area))
    digests.adjust(c, before, digests.marks_of(c, store, [(op.type, op.record)]))


def send_again(c: Any, store: RecordStore, op: StoppedOp) -> None:
    """Let the same op go out with the next push: the server knows it by its id and judges it anew."""
    row = store.read(c, op.type, [op.record]).get(op.record)
    if row is not None:
        before = digests.marks_of(c, store, [(op.type, op.record)])
        if op.state == "held" or not row.seq:
            under, others = _unwound(c, row, op)
        else:
            under, others = row, _others(c, op)
        if row.seq and not _is_waiting(c, op):
            c.execute(
                "INSERT OR REPLACE INTO base (type, id, row) VALUES (?, ?, ?)",
                (row.type, row.id, msgspec.json.encode(under).decode()),
            )
        store.upsert(c, [on_top(under, sorted([*others, _unsent(op)], key=attrgetter("n")))])
        digests.adjust(c, before, digests.marks_of(c, store, [(op.type, op.record)]))
    c.execute(
        "UPDATE outbox SET state = 'new', result = NULL, reason = NULL, field = NULL, answered_at = NULL"
        f" WHERE n = ? AND {_UNSETTLED}",
        (op.n,),
    )


def _names(types: Iterable[str]) -> str:
    return msgspec.json.encode(sorted(types)).decode()


def _unwound(c: Any, row: Row, op: StoppedOp) -> tuple[Row, list[Unsent]]:
    """The row beneath all ops that stand on it, and those other than ``op``, oldest first.

    Later ops may name as their former value what an op gave that was withdrawn since: those count on the way down.
    """
    others = _others(c, op)
    gone = _layers(c, op, f"{_STOPPED} AND settled IS NOT NULL")
    body, deleted, place = dict(row.body), row.deleted, {name: getattr(row, name) for name in PLACE}
    for layer in sorted([*others, *gone, _unsent(op)], key=attrgetter("n"), reverse=True):
        for field, (was, new) in _set.decode(layer.set).items():
            if field == "deleted":
                deleted = bool(was) if deleted == bool(new) else deleted
            elif field in PLACE:
                place[field] = was if place[field] == new else place[field]
            elif same(body.get(field), new):
                body.pop(field, None)
                if was is not None:
                    body[field] = was
    return msgspec.structs.replace(row, body=body, deleted=deleted, **place), others


def _others(c: Any, op: StoppedOp) -> list[Unsent]:
    return _layers(c, op, "state IN ('new', 'sent') OR (state = 'held' AND settled IS NULL)")


def _layers(c: Any, op: StoppedOp, condition: str) -> list[Unsent]:
    """The other ops of the record that meet a condition, oldest first, without words that were erased since."""
    found = c.execute(
        'SELECT n, id, commune, area, at, who, base_seq, "set", knows, state FROM outbox'
        f" WHERE record = ? AND type = ? AND n <> ? AND ({condition}) ORDER BY n",
        (op.record, op.type, op.n),
    )
    ops = [
        Unsent(
            id=ident,
            device="",
            n=n,
            commune=commune,
            area=area,
            type=op.type,
            record=op.record,
            at=at,
            who=who,
            base_seq=base,
            set=_staying(changes) if state == "held" else msgspec.Raw(changes),
            knows=msgspec.json.decode(knows, type=tuple[str, ...]) if knows else (),
        )
        for n, ident, commune, area, at, who, base, changes, knows, state in found
    ]
    return without_late(c, ops)


def _staying(changes: str) -> msgspec.Raw:
    """What a held op says of its record, which is shown where the server has it."""
    kept = {field: change for field, change in _set.decode(changes).items() if field not in PLACE}
    return msgspec.Raw(msgspec.json.encode(kept))


def _unsent(op: StoppedOp) -> Unsent:
    known = {
        name: getattr(op, name) for name in ("id", "n", "commune", "area", "type", "record", "at", "who")
    }
    return Unsent(**known, device="", base_seq=op.base_seq, set=msgspec.Raw(msgspec.json.encode(op.set)))


def _is_waiting(c: Any, op: StoppedOp) -> bool:
    found = c.execute(
        "SELECT 1 FROM outbox WHERE record = ? AND type = ? AND state IN ('new', 'sent') LIMIT 1",
        (op.record, op.type),
    )
    return found.fetchone() is not None


def _op(row: Any) -> StoppedOp:
    n, ident, commune, area, kind, record, at, who, base, changes, state, why, field, answered, settled = row
    return StoppedOp(
        n,
        ident,
        commune,
        area,
        kind,
        record,
        at,
        who,
        base,
        _set.decode(changes),
        state,
        why or "",
        field or "",
        answered or "",
        _settled.decode(settled) if settled else None,
    )
