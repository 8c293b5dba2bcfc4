"""Sync with one thing missing: what the tests of this folder must catch, or they prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from sync.client.run import OneSync
from sync.merge import merge
from sync.protocol import Op
from sync.record import Outcome, Record
from sync.server import pull


def last_write_wins(patch: pytest.MonkeyPatch) -> None:
    """Whoever comes last takes the field; the other value is gone."""

    def blind(op: Op, record: Record | None, conflicts: Any, kind: Any, **more: Any) -> Outcome:
        cur = {} if record is None else {name: record.body.get(name) for name in op.set}
        seen = {name: (cur.get(name, was), new) for name, (was, new) in op.set.items()}
        return merge(msgspec.structs.replace(op, set=seen), record, {}, kind, **more)

    patch.setattr("sync.server.area.merge", blind)


def bare_sequence(patch: pytest.MonkeyPatch, *, repair: bool = False) -> None:
    """Counters without the lock on the head: a row becomes visible after a higher one was read, so the cursor has
    passed it. ``repair``: the digests are still compared, which finds and heals it."""
    real = pull.rows_after
    late: set[tuple[str, int]] = set()

    def rows(tx: Any, commune: str, area: str, seq: int, *more: Any) -> list[Any]:
        found = real(tx, commune, area, seq, *more)
        if seq and found and (area, found[-1].seq) not in late:
            late.add((area, found[-1].seq))
            return found[:-1]
        return found

    patch.setattr(pull, "rows_after", rows)
    if not repair:
        patch.setattr(OneSync, "_compare", lambda self: None)


def no_op_ids(patch: pytest.MonkeyPatch) -> None:
    """The server does not know an op again that it had before."""
    patch.setattr("sync.server.area.known_ops", lambda tx, commune, ids: {})


def late_words(patch: pytest.MonkeyPatch) -> None:
    """What somebody says who has not heard of an erasure is taken with the words that it took out."""
    patch.setattr("sync.server.area.without_late", lambda one, known: one)


BROKEN: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "last write wins": last_write_wins,
    "bare sequence": bare_sequence,
    "no op ids": no_op_ids,
    "erased words": late_words,
}
