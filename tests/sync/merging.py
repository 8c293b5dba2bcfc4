"""One record and its conflict rows for tests of the merge rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sync.conflicts import CONFLICT, CONFLICT_TYPE
from sync.merge import merge
from sync.protocol import Op
from sync.record import Outcome, Record
from sync.registry import FieldClass, RecordType

P, C = FieldClass.PLAIN, FieldClass.CLINICAL
PERSON = RecordType("person", {"phone": P, "sex": C, "note": P})
TEST = RecordType("test_result", {"result": C}, append_only=True)
AREA = RecordType("area", {"unit_name": P}, server_written=True)


class Table:
    """One record and its conflict rows, as a server would keep them."""

    def __init__(self, kind: RecordType = PERSON, rule: Callable[..., Outcome] = merge) -> None:
        self.kind, self.rule = kind, rule
        self.seq = 0
        self.record: Record | None = None
        self.conflicts: dict[str, Record] = {}

    def do(self, device: str, at: str, base_seq: int | None = None, **changes: Any) -> Outcome:
        """An op of ``device`` made at ``at``; ``base_seq``: all it has seen when not given."""
        return self.take(self.op(device, at, base_seq, changes, self.kind.name, "r1"))

    def take(self, op: Op) -> Outcome:
        """Merge an op; its ``at`` counts as corrected."""
        out = self.rule(op, self.record, self.conflicts, self.kind, at=op.at, seq=self.seq + 1)
        for record in [out.record, *out.conflicts.values()]:
            if record:
                self.seq += 1
                record.seq = self.seq
        self.record = out.record or self.record
        self.conflicts |= out.conflicts
        return out

    def decide(
        self, field: str, device: str, at: str, base_seq: int | None = None, **changes: Any
    ) -> Outcome:
        conflict = self.conflicts[field]
        op = self.op(device, at, base_seq, changes, CONFLICT, conflict.id)
        out = merge(op, conflict, {}, CONFLICT_TYPE, at=at, seq=self.seq + 1)
        if out.record:
            self.seq += 1
            self.conflicts[field] = out.record
            out.record.seq = self.seq
        return out

    def op(
        self, device: str, at: str, base_seq: int | None, changes: dict[str, Any], type: str, record: str
    ) -> Op:
        return Op(
            id=f"{device}-{at.replace(':', '')}",
            device=device,
            n=1,
            commune="27211",
            area="a",
            type=type,
            record=record,
            at=at,
            who=f"user of {device}",
            set=changes,
            base_seq=self.seq if base_seq is None else base_seq,
        )

    @property
    def body(self) -> dict[str, Any]:
        assert self.record is not None
        return self.record.body

    def listed(self, field: str) -> list[Any]:
        return [value["value"] for value in self.conflicts[field].body["values"]]

    def state(self, field: str) -> str:
        return str(self.conflicts[field].body["state"])
