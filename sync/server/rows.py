"""Ops and records as rows of the server's tables, and what is known of an op that came before."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from sync.protocol import Op, Result, ResultName, Row
from sync.record import Outcome
from sync.server.database import Transaction, as_json
from sync.server.intake import Arrived

_encode = msgspec.json.Encoder().encode


class Known(msgspec.Struct, array_like=True):
    """An op that was delivered before."""

    id: str
    area: str
    type: str
    record: str
    device: str
    result: str
    seq: int
    receipt: str


class RecordRow(msgspec.Struct):
    """A row of table `record`."""

    commune: str
    area: str
    type: str
    id: str
    seq: int
    deleted: int
    gone: str | None
    body: str
    marks: str
    at: str
    who: str
    device: str
    updated: str


class OpRow(msgspec.Struct):
    """A row of table `op`."""

    commune: str
    id: str
    area: str
    device: str
    n: int
    type: str
    record: str
    changes: str
    base_seq: int
    at: str
    who: str
    corrected: str
    received: str
    result: ResultName
    reason: str
    field: str
    seq: int
    receipt: str
    knows: str = ""


def op_row(one: Arrived, outcome: Outcome, seq: int, receipt: str, now: str) -> OpRow:
    """The row that keeps an op and its answer."""
    op = one.op
    return OpRow(
        op.commune,
        op.id,
        op.area,
        op.device,
        op.n,
        op.type,
        op.record,
        str(one.raw or _encode(op.set), "utf-8", "backslashreplace"),  # bytes that are no text are kept too
        op.base_seq,
        op.at,
        op.who,
        one.corrected,
        now,
        outcome.result,
        outcome.reason,
        outcome.field,
        seq,
        receipt,
        str(_encode(op.knows), "utf-8") if op.knows else "",
    )


def last_of_each(rows: list[OpRow]) -> list[OpRow]:
    """One statement may write a row only once."""
    return list({row.id: row for row in rows}.values())


def known_ops(tx: Transaction, commune: str, ids: list[str]) -> dict[str, Known]:
    """Those of the op ids that were delivered before."""
    if not ids:
        return {}
    found = tx.all(
        "SELECT o.id, o.area, o.type, o.record, o.device, o.result, o.seq, o.receipt"
        " FROM each(:ids) AS k CROSS JOIN op AS o WHERE o.commune = :commune AND o.id = k.value->>0",
        ids=as_json([[ident] for ident in ids]),
        commune=commune,
    )
    return {row[0]: Known(*row) for row in found}


def op_copies(tx: Transaction, commune: str, ids: set[str]) -> list[OpRow]:
    """The ops as they are kept."""
    if not ids:
        return []
    found = tx.all(
        "SELECT o.commune, o.id, o.area, o.device, o.n, o.type, o.record, o.changes, o.base_seq, o.at, o.who,"
        " o.corrected, o.received, o.result, o.reason, o.field, o.seq, o.receipt, o.knows"
        " FROM each(:ids) AS k CROSS JOIN op AS o WHERE o.commune = :commune AND o.id = k.value->>0",
        ids=as_json([[ident] for ident in sorted(ids)]),
        commune=commune,
    )
    return [OpRow(*row) for row in found]


def same_op(before: Known, op: Op, *, anywhere: bool = False) -> bool:
    """Whether an op id names the same record as the first time; ``anywhere``: in whatever area."""
    same = (before.type, before.record) == (op.type, op.record)
    return same and (anywhere or before.area == op.area)


def again(op: Op, before: Known, row: Row | None = None) -> Result:
    """The answer to an op that was applied before: the same receipt, the first result as the reason."""
    return Result(
        op=op.id,
        n=op.n,
        result="duplicate",
        seq=int(before.seq),
        receipt=before.receipt,
        reason=before.result,
        row=row,
    )


def result_of(op: Op, outcome: Outcome, seq: int, receipt: str, row: Row | None = None) -> Result:
    """The answer to an op."""
    return Result(
        op=op.id,
        n=op.n,
        result=outcome.result,
        seq=seq,
        receipt=receipt,
        reason=outcome.reason,
        field=outcome.field,
        row=row,
    )


class Receipts:
    """Receipts of one history: 12 letters that only this server could have written for an op and its counter."""

    def __init__(self, secret: bytes, gen: str) -> None:
        self._keyed, self._gen = blake2b(digest_size=6, key=secret), gen

    def of(self, op: str, seq: int) -> str:
        """The receipt of an op."""
        proof = self._keyed.copy()
        proof.update(f"{op}|{seq}|{self._gen}".encode())
        return proof.hexdigest().upper()
