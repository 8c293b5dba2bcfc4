"""One area's share of a push: the head first, then reads, merges, writes - each one statement.

The row lock on the head makes commit order equal counter order, so whoever has seen counter n has seen all
below it.
"""

from __future__ import annotations

import msgspec

from sync.conflicts import CONFLICT, CONFLICT_TYPE, conflict_id
from sync.merge import merge
from sync.protocol import AreaMark, Op, Result, Row, row_hash
from sync.record import Mark, Outcome, Record
from sync.registry import Registry
from sync.server.database import Transaction, as_json
from sync.server.intake import Arrived
from sync.server.problems import Refused
from sync.server.rows import (
    FINAL,
    Known,
    OpRow,
    RecordRow,
    again,
    known_ops,
    last_of_each,
    op_row,
    receipt_of,
    result_of,
    same_op,
)
from sync.server.tables import OPS, RECORDS

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


class AreaPush:
    """One area's share of a push, inside the caller's transaction."""

    def __init__(
        self, tx: Transaction, registry: Registry, commune: str, area: str, now: str, secret: bytes
    ) -> None:
        self.tx, self.registry, self.now, self.secret = tx, registry, now, secret
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
        self.before: dict[Key, tuple[int, bool]] = {}
        self.dirty: dict[Key, None] = {}
        self.others = False  # whether rows were made that no result tells the laptop

    def mark(self) -> AreaMark:
        """Where the area stands now."""
        was = -1 if self.others else self.was_seq
        return AreaMark(area=self.area, gen=self.gen, seq=self.seq, was_seq=was, digest=str(self.digest))

    def take(
        self, arrived: list[Arrived], *, quiet: bool = False, trusted: bool = False
    ) -> dict[int, Result]:
        """Merge and write the ops. ``quiet``: tell no rows; ``trusted``: the server's own ops."""
        known = known_ops(self.tx, self.commune, [one.op.id for one in arrived])
        self._refuse_forks(arrived, trusted)
        self._load(arrived)
        results: dict[int, Result] = {}
        rows = []
        for one in arrived:
            before = known.get(one.op.id)
            if before and not same_op(before, one.op):
                results[one.place] = result_of(
                    one.op, Outcome(result="rejected", reason="op-id-reused"), 0, ""
                )
            elif before and before.result in FINAL:
                results[one.place] = self._duplicate(one.op, before, quiet)
            else:
                outcome, seq, row = self._merge(one, trusted)
                receipt = receipt_of(self.secret, one.op.id, seq, self.gen) if outcome.result in FINAL else ""
                rows.append(op_row(one, outcome, seq, receipt, self.now))
                op = one.op
                known[op.id] = Known(
                    op.id, op.area, op.type, op.record, op.device, outcome.result, seq, receipt
                )
                results[one.place] = result_of(op, outcome, seq, receipt, None if quiet else row)
        self._write(last_of_each(rows))
        return results

    def _merge(self, one: Arrived, trusted: bool) -> tuple[Outcome, int, Row | None]:
        op = one.op
        kind = CONFLICT_TYPE if op.type == CONFLICT else self.registry.get(op.type)
        held = self.stored.get((op.type, op.record))
        conflicts = {} if held is None else self._conflicts(op, held.record)
        outcome = merge(
            op,
            held.record if held else None,
            conflicts,
            kind,
            at=one.corrected,
            seq=self.seq + 1,
            trusted=trusted,
        )
        if outcome.record is not None:
            self._put(outcome.record, op)
        for conflict in outcome.conflicts.values():
            self._put(conflict, op)
            self.others = True
        stands = self.stored.get((op.type, op.record))
        if stands is None or outcome.result not in FINAL:
            return outcome, 0, None
        unseen = held is not None and held.record.changed_since(op.base_seq, op.device)
        tell = unseen or outcome.result in ("merged", "conflict")
        told_by = [conflict.seq for conflict in outcome.conflicts.values()] if not outcome.record else []
        return outcome, max([stands.record.seq, *told_by]), self._row(stands) if tell else None

    def _conflicts(self, op: Op, record: Record) -> dict[str, Record]:
        found = {}
        for field in _conflict_fields(op, record):
            stored = self.stored.get((CONFLICT, conflict_id(op.type, op.record, field)))
            if stored:
                found[field] = stored.record
        return found

    def _put(self, record: Record, op: Op) -> None:
        self.seq += 1
        record.seq = self.seq
        key = (record.type, record.id)
        self.stored[key] = Stored(record, op.at, op.who, op.device)
        self.dirty[key] = None

    def _duplicate(self, op: Op, before: Known, quiet: bool) -> Result:
        stored = self.stored.get((op.type, op.record))
        moved_on = stored is not None and (stored.record.seq != before.seq or before.result != "applied")
        row = self._row(stored) if stored and moved_on and not quiet else None
        return again(op, before, row)

    def _row(self, stored: Stored) -> Row:
        record = stored.record
        return Row(
            type=record.type,
            id=record.id,
            commune=self.commune,
            area=self.area,
            seq=record.seq,
            deleted=record.deleted,
            gone=record.gone,
            body=record.body,
            at=stored.at,
            who=stored.who,
            device=stored.device,
        )

    def _refuse_forks(self, arrived: list[Arrived], trusted: bool) -> None:
        """Two different ops with the same number from the same laptop: its disk was copied."""
        if trusted:
            return
        mine = {(one.op.device, one.op.n): one.op.id for one in arrived}
        forked = any(mine[one.op.device, one.op.n] != one.op.id for one in arrived)
        found = self.tx.all(
            "SELECT o.device, o.n, o.id FROM each(:keys) AS k CROSS JOIN op AS o WHERE o.commune = :commune"
            " AND o.device = k.value->>0 AND o.n = CAST(k.value->>1 AS BIGINT)",
            keys=as_json(list(mine)),
            commune=self.commune,
        )
        if forked or any(mine[device, int(n)] != ident for device, n, ident in found):
            raise Refused(409, "device-forked", "another laptop has this name; enrol as new")

    def _load(self, arrived: list[Arrived]) -> None:
        self._fetch({(one.op.type, one.op.record) for one in arrived})
        wanted = set()
        for one in arrived:
            held = self.stored.get((one.op.type, one.op.record))
            if held is not None and one.op.type != CONFLICT:
                for field in _conflict_fields(one.op, held.record):
                    wanted.add((CONFLICT, conflict_id(one.op.type, one.op.record, field)))
        self._fetch(wanted - self.stored.keys())

    def _fetch(self, keys: set[Key]) -> None:
        if not keys:
            return
        found = self.tx.all(
            "SELECT r.type, r.id, r.seq, r.deleted, r.gone, r.body, r.marks, r.at, r.who, r.device"
            " FROM each(:keys) AS k CROSS JOIN record AS r WHERE r.commune = :commune AND r.area = :area"
            " AND r.type = k.value->>0 AND r.id = k.value->>1",
            keys=as_json(list(keys)),
            commune=self.commune,
            area=self.area,
        )
        for type_name, ident, seq, deleted, gone, body, marks, at, who, device in found:
            record = Record(
                type=type_name,
                id=ident,
                body=_body.decode(body),
                marks=_marks.decode(marks),
                seq=int(seq),
                deleted=bool(deleted),
                gone=gone,
            )
            self.stored[type_name, ident] = Stored(record, at, who, device)
            self.before[type_name, ident] = (record.seq, _lives(record))

    def _write(self, op_rows: list[OpRow]) -> None:
        rows = []
        for type_name, ident in self.dirty:
            stored = self.stored[type_name, ident]
            record = stored.record
            was = self.before.get((type_name, ident))
            if was and was[1]:
                self.digest -= row_hash(type_name, ident, was[0])
            if _lives(record):
                self.digest += row_hash(type_name, ident, record.seq)
            rows.append(
                RecordRow(
                    self.commune,
                    self.area,
                    type_name,
                    ident,
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
            )
        self.digest %= _MOD
        self.tx.put(OPS, op_rows)
        self.tx.put(RECORDS, rows)
        if rows:
            self.tx.run(
                "UPDATE area_head SET seq = :seq, digest = :digest WHERE commune = :commune AND area = :area",
                seq=self.seq,
                digest=str(self.digest),
                commune=self.commune,
                area=self.area,
            )


def _conflict_fields(op: Op, record: Record) -> set[str]:
    """The fields that may get or have a conflict row through this op."""
    fields = {*op.set, "deleted"}
    if all(was is None for was, _ in op.set.values()):
        fields |= record.body.keys()
    return fields


def _lives(record: Record) -> bool:
    return not record.deleted and record.gone is None
