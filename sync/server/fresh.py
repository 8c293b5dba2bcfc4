"""Ops that make records nobody has, the usual case: their rows are written without a look at what is there.

What comes of such an op follows from the op alone: the record, its mark and the answer are those that `sync.merge`
gives where the server has none. Whether somebody has the record after all, or sent the op before, is seen when the rows
are written: a key that is taken undoes the transaction, and the push goes through again with a look at everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from sync.merge import makes_record
from sync.protocol import Result, row_hash
from sync.registry import Registry
from sync.server.area_rows import AreaRows
from sync.server.erasing import erases
from sync.server.intake import Arrived
from sync.server.rows import Receipts
from sync.server.tables import NEW_OPS, NEW_RECORDS

_encode = msgspec.json.Encoder().encode


def new_ones(arrived: Sequence[Arrived], registry: Registry) -> list[Arrived]:
    """Those of an area's ops that make a record and have nothing to do with another op of the push."""
    device = arrived[0].op.device
    found = [
        one
        for one in arrived
        if makes_record(op := one.op, registry.get(op.type))
        and not erases(op, registry)
        and op.device == device
        and not (one.clock_wrong or one.to is not None or one.carried or one.lost)
    ]
    records = [(one.op.type, one.op.record) for one in arrived]
    ids, numbers = [one.op.id for one in arrived], [one.op.n for one in arrived]
    if len(set(records)) == len(set(ids)) == len(set(numbers)) == len(arrived):
        return found
    of_record, of_id, of_number = Counter(records), Counter(ids), Counter(numbers)
    return [
        one
        for one in found
        if of_record[one.op.type, one.op.record] == of_id[one.op.id] == of_number[one.op.n] == 1
    ]


class Fresh:
    """The rows of ops of one laptop that make records, until they are written."""

    def __init__(self, rows: AreaRows, receipts: Receipts, device: str) -> None:
        self._rows, self._receipts, self._device = rows, receipts, device
        self._records: list[tuple[Any, ...]] = []
        self._ops: list[tuple[Any, ...]] = []

    def take(self, ones: Iterable[Arrived]) -> dict[int, Result]:
        """Give the records their counters and keep the rows for `write`. Returns an answer each by place."""
        rows, device, receipt_of = self._rows, self._device, self._receipts.of
        seq, digest = rows.seq, rows.digest
        keep_record, keep_op = self._records.append, self._ops.append
        results = {}
        for one in ones:
            op, corrected = one.op, one.corrected
            ident, n, type_name, record, at, who = op.id, op.n, op.type, op.record, op.at, op.who
            seq += 1
            digest += row_hash(type_name, record, seq)
            receipt = receipt_of(ident, seq)
            body = str(_encode({name: new for name, (_, new) in op.set.items() if new is not None}), "utf-8")
            marks = f'{{"":{str(_encode((corrected, who, device, ident, seq)), "utf-8")}}}'
            changes = str(_encode(op.set), "utf-8")
            keep_record((type_name, record, seq, body, marks, at, who))
            keep_op((ident, n, type_name, record, changes, at, who, corrected, seq, receipt))
            results[one.place] = Result(op=ident, n=n, result="applied", seq=seq, receipt=receipt)
        rows.seq, rows.digest = seq, digest
        return results

    def write(self) -> None:
        """Write the rows. Raises AlreadyThere when a record or an op is not new; the transaction is void then."""
        if self._ops:
            rows = self._rows
            commune, area, device, now = rows.commune, rows.area, self._device, rows.now
            rows.tx.create(NEW_RECORDS, (commune, area, 0, device, now), self._records)
            rows.tx.create(NEW_OPS, (commune, area, device, 0, now, "applied", "", ""), self._ops)
