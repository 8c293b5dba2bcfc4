"""Ops that make records nobody has, the usual case: their rows are written without a look at what is there.

What comes of such an op follows from the op alone: the record, its mark and the answer are those that `sync.merge`
gives where the server has none. Whether somebody has the record after all, or sent the op before, is seen when the rows
are written: a key that is taken undoes the transaction, and the push goes through again with a look at everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from sync.merge import makes_record
from sync.protocol import Result, row_hash
from sync.registry import Registry
from sync.server.area_rows import AreaRows
from sync.server.intake import Arrived
from sync.server.rows import Receipts
from sync.server.tables import OPS, RECORDS

_encode = msgspec.json.Encoder().encode


def new_ones(arrived: Sequence[Arrived], registry: Registry) -> list[Arrived]:
    """Those of an area's ops that make a record and have nothing to do with another op of the push."""
    records = Counter([(one.op.type, one.op.record) for one in arrived])
    ids = Counter([one.op.id for one in arrived])
    numbers = Counter([one.op.n for one in arrived])
    apart = len(records) == len(ids) == len(numbers) == len(arrived)
    device = arrived[0].op.device
    return [
        one
        for one in arrived
        if makes_record(op := one.op, registry.get(op.type))
        and op.device == device
        and not (one.clock_wrong or one.to is not None or one.carried)
        and (apart or records[op.type, op.record] == ids[op.id] == numbers[op.n] == 1)
    ]


class Fresh:
    """The rows of ops that make records, until they are written."""

    def __init__(self, rows: AreaRows, receipts: Receipts) -> None:
        self._rows, self._receipts = rows, receipts
        self._records: list[tuple[Any, ...]] = []
        self._ops: list[tuple[Any, ...]] = []

    def take(self, one: Arrived) -> Result:
        """Give the record its counter and keep the rows for `write`."""
        op, rows = one.op, self._rows
        commune, area, now = rows.commune, rows.area, rows.now
        seq = rows.seq = rows.seq + 1
        rows.digest += row_hash(op.type, op.record, seq)
        receipt = self._receipts.of(op.id, seq)
        body = {field: new for field, (_, new) in op.set.items() if new is not None}
        mark = _encode((one.corrected, op.who, op.device, op.id, seq))
        self._records.append(
            (
                commune,
                area,
                op.type,
                op.record,
                seq,
                0,
                None,
                str(_encode(body), "utf-8"),
                f'{{"":{str(mark, "utf-8")}}}',
                op.at,
                op.who,
                op.device,
                now,
            )
        )
        self._ops.append(
            (
                commune,
                op.id,
                area,
                op.device,
                op.n,
                op.type,
                op.record,
                str(_encode(op.set), "utf-8"),
                0,
                op.at,
                op.who,
                one.corrected,
                now,
                "applied",
                "",
                "",
                seq,
                receipt,
            )
        )
        return Result(op=op.id, n=op.n, result="applied", seq=seq, receipt=receipt)

    def write(self) -> None:
        """Write the rows. Raises AlreadyThere when a record or an op is not new; the transaction is void then."""
        if self._ops:
            self._rows.tx.create(RECORDS, self._records)
            self._rows.tx.create(OPS, self._ops)
