"""One area's rows inside a transaction: its head is taken first, rows are read and written in one statement each.

The row lock on the head makes commit order equal counter order, so whoever has seen counter n has seen all
below it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from sync.protocol import AreaMark, Row, row_hash
from sync.record import Mark, Record
from sync.server.database import Transaction, as_json
from sync.server.rows import RecordRow
from sync.server.tables import RECORDS

_encode = msgspec.json.Encoder().encode
_body = msgspec.json.Decoder(dict)
_marks = msgspec.json.Decoder(dict[str, Mark])
_MOD = 1 << 64

Key = tuple[str, str]


class Stored(msgspec.Struct):
    """A record as it stands in this transaction, with who changed it last."""

    record: Record
    at: str
    who: str
    device: str


class AreaRows:
    """The rows of an area that this transaction has read or changed, its counter and its digest."""

    def __init__(self, tx: Transaction, commune: str, area: str, now: str) -> None:
        self.tx, self.now = tx, now
        self.commune, self.area = commune, area
        head = tx.one(
            "UPDATE area_head SET updated = :now WHERE commune = :commune AND area = :area"
            " RETURNING seq, gen, digest",
            now=now,
            commune=commune,
            area=area,
        )
        if head is None:
            raise LookupError("the area has no head")
        self.was_seq, self.gen, self.digest = int(head[0]), str(head[1]), int(head[2])
        self.seq = self.was_seq
        self.stored: dict[Key, Stored] = {}
        self.others = False  # whether rows were made that no result tells the laptop
        self._before: dict[Key, tuple[int, bool]] = {}
        self._dirty: dict[Key, None] = {}

    def mark(self) -> AreaMark:
        """Where the area stands now."""
        was = -1 if self.others else self.was_seq
        return AreaMark(area=self.area, gen=self.gen, seq=self.seq, was_seq=was, digest=str(self.digest))

    def fetch(self, keys: Iterable[Key]) -> None:
        """Read the records of these (type, id) that were not read yet."""
        wanted = [key for key in keys if key not in self.stored]
        for stored in fetched(self.tx, self.commune, self.area, wanted):
            record = stored.record
            self.stored[record.type, record.id] = stored
            self._before[record.type, record.id] = (record.seq, _lives(record))

    def put(self, record: Record, at: str, who: str, device: str) -> None:
        """Give a record the next counter and keep it for `write`."""
        self.seq += 1
        record.seq = self.seq
        key = (record.type, record.id)
        self.stored[key] = Stored(record, at, who, device)
        self._dirty[key] = None

    def row(self, stored: Stored) -> Row:
        """A record as laptops get it."""
        return row_of(stored, self.commune, self.area)

    def write(self) -> None:
        """Write what was put, the counter and the digest."""
        rows = [self._row(key) for key in self._dirty]
        self._dirty = {}
        self.digest %= _MOD
        self.tx.put(RECORDS, rows)
        if self.seq != self.was_seq:
            self.tx.run(
                "UPDATE area_head SET seq = :seq, digest = :digest WHERE commune = :commune AND area = :area",
                seq=self.seq,
                digest=str(self.digest),
                commune=self.commune,
                area=self.area,
            )

    def _row(self, key: Key) -> RecordRow:
        stored = self.stored[key]
        record = stored.record
        was = self._before.get(key)
        if was and was[1]:
            self.digest -= row_hash(*key, was[0])
        if _lives(record):
            self.digest += row_hash(*key, record.seq)
        self._before[key] = (record.seq, _lives(record))
        return RecordRow(
            self.commune,
            self.area,
            *key,
            record.seq,
            int(record.deleted),
            record.gone,
            str(_encode(record.body), "utf-8"),
            str(_encode(record.marks), "utf-8"),
            stored.at,
            stored.who,
            stored.device,
            self.now,
        )


def fetched(tx: Transaction, commune: str, area: str, keys: Iterable[Key]) -> list[Stored]:
    """The records of an area that have these (type, id)."""
    wanted = list(keys)
    if not wanted:
        return []
    found = tx.all(
        "SELECT r.type, r.id, r.seq, r.deleted, r.gone, r.body, r.marks, r.at, r.who, r.device"
        " FROM each(:keys) AS k CROSS JOIN record AS r WHERE r.commune = :commune AND r.area = :area"
        " AND r.type = k.value->>0 AND r.id = k.value->>1",
        keys=as_json(wanted),
        commune=commune,
        area=area,
    )
    return [
        Stored(
            Record(
                type=type_name,
                id=ident,
                body=_body.decode(body),
                marks=_marks.decode(marks),
                seq=int(seq),
                deleted=bool(deleted),
                gone=gone,
            ),
            at,
            who,
            device,
        )
        for type_name, ident, seq, deleted, gone, body, marks, at, who, device in found
    ]


def row_of(stored: Stored, commune: str, area: str) -> Row:
    """A record as laptops get it."""
    record = stored.record
    return Row(
        type=record.type,
        id=record.id,
        commune=commune,
        area=area,
        seq=record.seq,
        deleted=record.deleted,
        gone=record.gone,
        body=record.body,
        at=stored.at,
        who=stored.who,
        device=stored.device,
    )


def _lives(record: Record) -> bool:
    return not record.deleted and record.gone is None
