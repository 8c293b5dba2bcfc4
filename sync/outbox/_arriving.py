"""What comes from the server: answers to ops, and rows, with what still waits on top of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from sync import digests
from sync.conflicts import CONFLICT
from sync.outbox._areas import is_here, read_again
from sync.outbox._bases import based, is_waiting, put_base, waiting_among
from sync.outbox._erased import any_erased, empty_answered, erased_among, let_back, stripped
from sync.outbox._erased_texts import empty_answered_texts, let_back_texts
from sync.outbox._noted_texts import as_answered, without_late
from sync.outbox._queue import waiting_ops
from sync.outbox._tables import AGAIN, MISSING, PLACE, WAITING, RecordStore, row_decoder, to_json
from sync.protocol import ERASED, Result, Row, Unsent

_AS_TYPED = ("applied", "duplicate")  # results that leave a record as this laptop has it
_set_decoder = msgspec.json.Decoder(dict[str, tuple[Any, Any]])


def answer(
    c: Any, store: RecordStore, results: Iterable[tuple[Unsent, Result]], now: str, *, late: bool = False
) -> None:
    """Take the server's answers: mark each op, and bring its record to what the server now has plus what still waits.

    ``now``: wire moment of the answer. ``late``: they travelled in a file, so that newer rows may be here already.
    """
    pairs = list(results)
    seen = _seen_before(c)
    c.executemany(
        "UPDATE outbox SET state = ?, result = ?, reason = ?, field = ?, receipt = ?, seq = ?, answered_at = ?"
        " WHERE n = ?",
        [(_state(r), r.result, r.reason, r.field, r.receipt, r.seq, now, op.n) for op, r in pairs],
    )
    c.execute(
        "DELETE FROM handed WHERE n IN (SELECT value FROM json_each(?))",
        (to_json([op.n for op, _ in pairs]).decode(),),
    )
    erased = {(op.type, op.record) for op, r in pairs if r.result == "rejected" and r.reason == ERASED}
    if erased:
        store.erase(c, erased)
    lost = {
        (op.type, op.record, field, erasure)
        for op, r in pairs
        if op.type != CONFLICT
        for field, erasure in r.erased
    }
    if lost:
        store.erase_texts(c, lost)
    unsure: list[Unsent] = []
    if any_erased(c):
        sent = [op for op, _ in pairs]
        shown = without_late(c, sent) if late else as_answered(c, store, pairs)
        if late:  # the server may have taken what is left out here
            unsure = [op for op, less in zip(sent, shown, strict=True) if less is not op]
        told = [r.row for _, r in pairs if r.row is not None]
        marks = {op.record: (op.area, r.seq) for op, r in pairs if r.seq}
        rows = iter(store.without_texts(c, told, marks))
        pairs = [
            (op, r if r.row is None else msgspec.structs.replace(r, row=next(rows)))
            for op, (_, r) in zip(shown, pairs, strict=True)
        ]
    care = based(c, [(op.type, op.record) for op, _ in pairs])
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
        _settle(c, store, type_name, ident, answered, seen, late)
    for op in unsure:
        for row in store.read(c, op.type, [op.record]).values():
            read_again(c, row)
    now_known = digests.marks_of(c, store, care)
    for type_name, seqs in plain.items():
        was, became = store.set_seq(c, type_name, seqs)
        before |= {(type_name, ident): mark for ident, mark in was.items()}
        now_known |= {(type_name, ident): mark for ident, mark in became.items()}
    digests.adjust(c, before, now_known)
    if any_erased(c):
        empty_answered(c, erased_among(c, {(op.type, op.record) for op, _ in pairs}))
        if empty_answered_texts(c, {(op.type, op.record) for op, _ in pairs}):
            store.scrub_later(c)
        refused = [op.record for op, r in pairs if r.result in ("held", "rejected")]
        let_back(c, store, refused)
        let_back_texts(c, store, refused)


def apply(c: Any, store: RecordStore, rows: list[Row], *, new: bool = False) -> int:
    """Take rows from the server. A record with waiting ops gets the row as its base and the ops on top.

    ``new``: none of these records is here. Returns how many rows were new to this laptop or differed in their counter.
    """
    before = {} if new else digests.marks_of(c, store, {(row.type, row.id) for row in rows})
    busy = waiting_among(c, [row.id for row in rows])
    if busy or any_erased(c):
        rows = store.without_texts(c, rows)
    ready = list(_under_ops(c, store, rows, busy)) if busy else rows
    store.upsert(c, ready)
    digests.adjust(c, before, digests.after(c, store, rows))
    return len(ready)


def _under_ops(c: Any, store: RecordStore, rows: list[Row], busy: set[tuple[str, str]]) -> Iterator[Row]:
    """The rows as they are shown; those of ``busy`` records become base, with the ops on top."""
    erased = erased_among(c, busy)
    for row in rows:
        if (row.type, row.id) not in busy or (row.type, row.id) in erased:
            yield row
        elif row.gone != "moved" or not _lives_elsewhere(c, store, row):
            put_base(c, row)
            yield on_top(row, waiting_ops(c, row.type, row.id))
        # else a signpost in an area that this laptop knows it has left


def apply_older(c: Any, store: RecordStore, rows: list[Row]) -> int:
    """The same for rows that may be older than what is here: those change nothing. Returns how many were taken."""
    here: dict[tuple[str, str], int] = {}
    by_type: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_type[row.type].append(row.id)
    for type_name, ids in by_type.items():
        here |= {(type_name, ident): seq for ident, (_, seq) in store.seqs(c, type_name, ids).items()}
    new = not here and not digests.any_base(c)
    return apply(c, store, [row for row in rows if row.seq >= here.get((row.type, row.id), 0)], new=new)


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
            if not is_waiting(c, type_name, ident):
                put_base(c, row)
            c.execute("UPDATE outbox SET state = 'new', reason = NULL, result = NULL WHERE n = ?", (n,))
            store.upsert(c, [on_top(row, waiting_ops(c, type_name, ident))])
            ready += 1
    return ready


def _seen_before(c: Any) -> set[int]:
    """The ops that are sent again for areas a restored server does not name to this laptop: the rows that are kept
    here from the lost history have seen them, and what came after them may be nowhere else."""
    apart = [area for (area,) in c.execute("SELECT area FROM cursor WHERE mode = ?", (MISSING,))]
    if not apart:
        return set()
    found = c.execute(
        f"SELECT n FROM outbox WHERE {WAITING} AND reason LIKE '{AGAIN}%'"
        " AND area IN (SELECT value FROM json_each(?))",
        (to_json(apart).decode(),),
    )
    return {n for (n,) in found}


def _state(result: Result) -> str:
    return result.result if result.result in ("held", "rejected") else "acked"


def _settle(
    c: Any,
    store: RecordStore,
    type_name: str,
    ident: str,
    answered: list[tuple[Unsent, Result]],
    seen: set[int],
    late: bool,
) -> None:
    found = c.execute("SELECT row FROM base WHERE type = ? AND id = ?", (type_name, ident)).fetchone()
    held = store.read(c, type_name, [ident]).get(ident)
    server = row_decoder.decode(found[0]) if found else None
    told: Row | None = None
    for op, result in answered:
        if op.n in seen or (late and server is not None and _has_seen(server, op, result)):
            continue
        if result.row is not None:
            # a server that followed a record into another unit took what was sent there before: it told that row first
            if told is None or told.area != result.row.area or told.seq <= result.row.seq:
                server = told = result.row
        elif result.result == "rejected" and result.reason == ERASED:
            known = server or held or Row(type=type_name, id=ident, commune=op.commune, area=op.area, seq=0)
            server = stripped(known)
        elif result.result in _AS_TYPED and (server or held):  # else it had left with its area
            start = server or Row(type=type_name, id=ident, commune=op.commune, area=op.area, seq=0)
            after = on_top(start, [op])
            seq = result.seq if after.area != start.area else max(start.seq, result.seq)
            server = msgspec.structs.replace(after, seq=seq, at=op.at, who=op.who)
    if server is not None and erased_among(c, [(type_name, ident)]):
        server = stripped(server)
    still = waiting_ops(c, type_name, ident)
    if (
        server is None
    ):  # never reached the server: what a person typed stays, marked by its held or rejected op
        return
    if still:
        put_base(c, server)
    else:
        c.execute("DELETE FROM base WHERE type = ? AND id = ?", (type_name, ident))
        if not is_here(c, server.area):
            # a move that was sent again took it into a unit that had left this laptop
            if held is not None:
                store.upsert(c, [msgspec.structs.replace(held, gone="moved", body={})])
            return
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
        row_decoder.decode(found[0])
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
    return msgspec.structs.replace(op, set=msgspec.Raw(to_json(kept)))


def _has_seen(server: Row, op: Unsent, result: Result) -> bool:
    """Whether the row that is here is as new as what an answer tells, or newer. A move without a row is answered with
    the counter from which the record left: only a greater one has seen it leave."""
    if result.row is not None:
        return server.area == result.row.area and server.seq >= result.row.seq > 0
    newer = server.seq > result.seq if "area" in _set_decoder.decode(op.set) else server.seq >= result.seq
    return server.area == op.area and newer and result.seq > 0


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
