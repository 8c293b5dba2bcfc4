"""The laptop's side of sync inside its own database: pending ops, the server rows beneath them, and the cursors.

Every function works on the caller's connection and transaction. No code path deletes an op without an answer:
`prune` removes only acknowledged ones, after 30 days.
"""

from __future__ import annotations

from sync.outbox._areas import (
    cursors,
    held_areas,
    hold_area,
    marks,
    release_area,
    rest_due,
    set_cursor,
    set_rest_due,
    standing,
)
from sync.outbox._arriving import answer, apply, apply_older, on_top, try_held_again
from sync.outbox._bases import drop_idle_bases, put_base
from sync.outbox._erased import (
    ERASED_DDL,
    NOTHING,
    any_erased,
    drop_beneath_apart,
    erase,
    erased_among,
    keep_beneath,
    stripped,
)
from sync.outbox._erased_texts import empty_answered_texts, erase_texts, without_texts
from sync.outbox._noted_texts import ERASED_TEXTS_DDL, TEXT_IN_FORCE, without_late
from sync.outbox._queue import (
    add,
    counts,
    mark_sent,
    prune,
    sendable_count,
    unanswered,
    waiting,
    waiting_by_type,
    waiting_count,
    waiting_ops,
    waits_after,
)
from sync.outbox._tables import AGAIN, DDL, HANDED_DDL, KEEP_DAYS, LOCAL, MISSING, PLACE, Change, RecordStore

__all__ = [
    "AGAIN",
    "DDL",
    "ERASED_DDL",
    "ERASED_TEXTS_DDL",
    "HANDED_DDL",
    "KEEP_DAYS",
    "LOCAL",
    "MISSING",
    "NOTHING",
    "PLACE",
    "TEXT_IN_FORCE",
    "Change",
    "RecordStore",
    "add",
    "answer",
    "any_erased",
    "apply",
    "apply_older",
    "counts",
    "cursors",
    "drop_beneath_apart",
    "drop_idle_bases",
    "empty_answered_texts",
    "erase",
    "erase_texts",
    "erased_among",
    "held_areas",
    "hold_area",
    "keep_beneath",
    "mark_sent",
    "marks",
    "on_top",
    "prune",
    "put_base",
    "release_area",
    "rest_due",
    "sendable_count",
    "set_cursor",
    "set_rest_due",
    "standing",
    "stripped",
    "try_held_again",
    "unanswered",
    "waiting",
    "waiting_by_type",
    "waiting_count",
    "waiting_ops",
    "waits_after",
    "without_late",
    "without_texts",
]
