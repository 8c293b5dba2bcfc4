"""The laptop's part after its server was restored from a backup: nothing that was taken or received is lost.

The server went back to an earlier counter (``restored_seq``) and counts on from there in a new history. What this
laptop knew above that counter may exist nowhere else:

- its own answered ops are sent again, under the same ids, so that what the backup held is free;
- rows it holds from above that counter, whoever wrote them, are set aside (``lost_row``), the area is read anew, and
  what the server lacks or holds older is offered back as ops in the name of those who had written it.

`begin` and `sync.offers.offer` are each one step in the caller's transaction, so a cut between them loses nothing:
ops of an area wait while it is being read anew, and go out in the order in which things had happened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import msgspec

from sync import outbox
from sync.outbox import AGAIN
from sync.protocol import Row, Scope
from sync.record import same

DDL = (
    "ALTER TABLE cursor ADD COLUMN lost_after INTEGER",  # while the area is read anew: where its history began
    """CREATE TABLE lost_row (
        type TEXT NOT NULL, id TEXT NOT NULL, gen TEXT NOT NULL, area TEXT NOT NULL, row TEXT NOT NULL,
        offered INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (type, id, gen)) WITHOUT ROWID""",
    "CREATE INDEX lost_row_area ON lost_row (area)",
)
DOUBT = "doubt"  # as its result: what it met may be in a question that this laptop had not read

_AGAIN = f"state IN ('new', 'sent') AND reason LIKE '{AGAIN}%'"

_row = msgspec.json.Decoder(Row)
_set = msgspec.json.Decoder(dict[str, tuple[Any, Any]])
_to_json = msgspec.json.Encoder().encode


class RecordStore(outbox.RecordStore, Protocol):
    """What healing needs besides what every sync does."""

    def above(self, c: Any, area: str, seq: int) -> Iterator[Row]: ...
    def unsee(self, c: Any, area: str, seq: int) -> None: ...
    def append_only(self, type_name: str) -> bool: ...


def healing(c: Any) -> dict[str, int]:
    """area -> the counter its new history began with, of areas that are being read anew."""
    found = c.execute("SELECT area, lost_after FROM cursor WHERE lost_after IS NOT NULL")
    return dict(found.fetchall())


def notice(
    c: Any, store: RecordStore, scope: Scope, went_back: bool, since: str, doubted: Iterable[str] = ()
) -> tuple[list[str], int]:
    """Compare a scope with what this laptop knew, in the transaction that notes it, and begin anew where the history
    is another one. ``went_back``: the server had told something newer before; ``doubted``: areas whose cursor it
    refused. Returns the areas that begin anew, and how many ops will be sent again.
    """
    known = outbox.standing(c)
    changed, again = [], 0
    for area in scope.areas:
        gen, seq = known.get(area.area, ("", 0))
        if area.mode != "write" or not gen:
            continue
        if gen != area.gen or seq > area.seq or area.area in doubted:
            where = area.shared.get(gen, area.restored_seq) if area.gen != gen else 0
            again += begin(c, store, area.area, area.gen, where, since)
            changed.append(area.area)
    # Handed over while it was being read anew: it cannot be read to its end, so its ops go out as they are, and what
    # was set aside waits with it.
    keep_missing(c, healing(c).keys() - {area.area for area in scope.areas})
    if changed or went_back:
        keep_missing(c, outbox.held_areas(c).keys() - {area.area for area in scope.areas})
        again += send_mail_drops_again(c, since)
        _put_beneath(c, store)
    return changed, again


def begin(c: Any, store: RecordStore, area: str, gen: str, restored_seq: int, since: str) -> int:
    """An area has a new history: set aside what the server may have lost, and begin it anew.

    ``since``: wire moment; ops answered before it are known to be in every backup. Returns how many ops will be sent
    again.
    """
    old, read_to = c.execute("SELECT gen, seq FROM cursor WHERE area = ?", (area,)).fetchone()
    bases = {
        (row.type, row.id): row for row in (_row.decode(row) for (row,) in c.execute("SELECT row FROM base"))
    }
    known = [row for key, row in bases.items() if row.area == area and row.seq > restored_seq]
    # a signpost is no record to give back
    here = [_with_answered(c, row) for row in known if row.gone is None]
    aside = [*here, *(row for row in store.above(c, area, restored_seq) if (row.type, row.id) not in bases)]
    if outbox.any_erased(c):
        erased = outbox.erased_among(c, {(row.type, row.id) for row in aside})
        aside = [row for row in aside if (row.type, row.id) not in erased]
    c.executemany(
        "INSERT OR IGNORE INTO lost_row (type, id, gen, area, row) VALUES (?, ?, ?, ?, ?)",
        [(row.type, row.id, old, area, _to_json(row).decode()) for row in aside],
    )
    c.executemany("DELETE FROM base WHERE type = ? AND id = ?", [(row.type, row.id) for row in known])
    store.unsee(c, area, restored_seq)
    _unsee_elsewhere(c, store, known)
    # what moved a record was answered with the counter of the unit it went to
    again = _send_again(
        c, """area = ? AND (seq > ? OR "set" LIKE '%"area":%')""", (area, restored_seq), since
    )
    _doubt(c, [row.id for row in aside if row.seq > read_to])
    c.execute(
        "UPDATE outbox SET base_seq = min(base_seq, ?) WHERE area = ? AND state IN ('new', 'sent')",
        (restored_seq, area),
    )
    c.execute(
        # begun anew before that was done: what is still set aside from then knew no more than it did
        "UPDATE cursor SET gen = ?, seq = 0, lost_after = min(coalesce(lost_after, ?2), ?2), digest = NULL"
        " WHERE area = ?3",
        (gen, restored_seq, area),
    )
    return again


def _with_answered(c: Any, row: Row) -> Row:
    """A row with those ops on top that wait to be sent again since an earlier restore, as far as they change what it
    has: nobody had replaced what they say. Where it has something else, by somebody who may not have seen them, they
    are in doubt."""
    again = {n for (n,) in c.execute(f"SELECT n FROM outbox WHERE record = ? AND {_AGAIN}", (row.id,))}
    said: dict[str, tuple[Any, list[int]]] = {}  # field -> what the last of them says, and their numbers
    for op in outbox.waiting_ops(c, row.type, row.id):
        if op.n in again and op.area == row.area:
            values, changes = _values(row), _set.decode(op.set)
            fits = {name: change for name, change in changes.items() if same(values.get(name), change[0])}
            row = outbox.on_top(row, [msgspec.structs.replace(op, set=msgspec.Raw(_to_json(fits)))])
            for name, (_, new) in changes.items():
                said[name] = new, [*said.get(name, (None, []))[1], op.n]
    values = _values(row)
    doubted = {n for name, (new, ops) in said.items() if not same(values.get(name), new) for n in ops}
    c.executemany(f"UPDATE outbox SET result = '{DOUBT}' WHERE n = ?", [(n,) for n in doubted])
    return row


def _values(row: Row) -> dict[str, Any]:
    return {**row.body, "deleted": row.deleted, "area": row.area, "commune": row.commune}


def _doubt(c: Any, records: Iterable[str]) -> None:
    """Rows that came with an answer, ahead of what was read: a value of somebody who had not seen what an op said may
    stand there, and the question that listed both may be nowhere now but in this op."""
    c.execute(
        f"UPDATE outbox SET result = '{DOUBT}' WHERE {_AGAIN} AND record IN (SELECT value FROM json_each(?))",
        (_to_json(list(records)).decode(),),
    )


def _unsee_elsewhere(c: Any, store: RecordStore, known: Iterable[Row]) -> None:
    """Forget that the server has these records, also where an op that waits shows them in another area."""
    for row in known:
        shown = store.read(c, row.type, [row.id]).get(row.id)
        if shown is not None and shown.area != row.area:
            store.upsert(c, [msgspec.structs.replace(shown, seq=0)])


def send_mail_drops_again(c: Any, since: str) -> int:
    """The same for ops of units this laptop no longer holds; the server knows what to do with them. What was seen of
    their records is nowhere to be read: the counters they name are of the history that is lost."""
    elsewhere = "area NOT IN (SELECT area FROM cursor WHERE mode <> ?)"
    again = _send_again(c, elsewhere, (outbox.MISSING,), since)
    c.execute(
        f"UPDATE outbox SET base_seq = min(base_seq, 1) WHERE state IN ('new', 'sent') AND {elsewhere}",
        (outbox.MISSING,),
    )
    return again


def _put_beneath(c: Any, store: RecordStore) -> None:
    """The rows that are kept of areas this laptop may not use now are what their ops that are sent again made of them:
    they stay beneath whatever is typed until those have an answer."""
    apart = {area for (area,) in c.execute("SELECT area FROM cursor WHERE mode = ?", (outbox.MISSING,))}
    found = c.execute(
        f"SELECT DISTINCT o.type, o.record FROM outbox AS o WHERE {_AGAIN} AND NOT EXISTS"
        " (SELECT 1 FROM base AS b WHERE b.type = o.type AND b.id = o.record)"
        " AND o.area IN (SELECT value FROM json_each(?))",
        (_to_json(sorted(apart)).decode(),),
    )
    for type_name, ident in found.fetchall():
        row = store.read(c, type_name, [ident]).get(ident)
        if row is not None and row.seq and row.area in apart:
            outbox.put_base(c, row)


def keep_missing(c: Any, areas: Iterable[str]) -> None:
    """Areas that a restored server does not name may only have been forgotten by it: their rows stay here, no
    longer shared, until it names them again."""
    c.executemany("UPDATE cursor SET mode = ? WHERE area = ?", [(outbox.MISSING, area) for area in areas])


def release_missing(c: Any, store: outbox.RecordStore, before: str) -> None:
    """Let go of areas that a restored server has not named since the wire moment ``before``."""
    found = c.execute(
        "SELECT area FROM cursor WHERE mode = ? AND coalesce(refreshed_at, '') < ?", (outbox.MISSING, before)
    ).fetchall()
    for (area,) in found:
        outbox.release_area(c, store, area)


def _send_again(c: Any, where: str, values: tuple[Any, ...], since: str) -> int:
    changed = c.execute(
        f"UPDATE outbox SET state = 'new', reason = '{AGAIN}' || coalesce(reason, '')"
        # one that was emptied since says nothing that the server could lack
        f""" WHERE state = 'acked' AND answered_at >= ? AND "set" <> '{outbox.NOTHING}' AND {where}""",
        (since, *values),
    )
    return int(changed.rowcount)


def unsettled(c: Any) -> list[str]:
    """Areas with decided conflicts that wait for their row to come back."""
    return [area for (area,) in c.execute("SELECT DISTINCT area FROM lost_row WHERE offered = 1")]
