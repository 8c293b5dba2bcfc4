"""A record as the merge rule sees it: values, and who gave each of them."""

from __future__ import annotations

from typing import Any

import msgspec

from sync.protocol import ResultName


class Mark(msgspec.Struct, array_like=True, frozen=True):
    """Who gave a value. ``at``: corrected wire moment; ``seq``: the area's counter of the op."""

    at: str
    who: str
    device: str
    op: str
    seq: int


class Record(msgspec.Struct, kw_only=True):
    """A record with its marks: ``marks[""]`` of the op that made it, ``marks[field]`` of later changes;
    ``marks["area"]`` of the op that brought it to the area it lives in, if one did."""

    type: str
    id: str
    body: dict[str, Any]
    marks: dict[str, Mark]
    seq: int = 0
    deleted: bool = False
    gone: str | None = None

    def mark(self, field: str) -> Mark:
        """Who gave the value that ``field`` has now."""
        return self.marks.get(field) or self.marks[""]

    def changed_since(self, seq: int, device: str) -> bool:
        """Whether another device changed anything after the area's counter stood at ``seq``. That the
        record went to another area changes nothing of it."""
        return any(
            mark.seq > seq and mark.device != device and field != "area" for field, mark in self.marks.items()
        )


class Outcome(msgspec.Struct, kw_only=True):
    """What came of an op. ``record``: the new state, None where nothing of it changed; ``conflicts``: the
    conflict rows that changed, by field. ``reason`` says why it was held or rejected, ``field`` where."""

    result: ResultName
    reason: str = ""
    field: str = ""
    record: Record | None = None
    conflicts: dict[str, Record] = {}


def same(a: Any, b: Any) -> bool:
    """Whether two values are the same JSON value: 1 is 1.0, but true is not 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)
