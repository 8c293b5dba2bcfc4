"""The tables of the outbox, and what its parts share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import msgspec

from sync import digests
from sync.protocol import Row
from sync.texts import ErasedText

KEEP_DAYS = 30
PLACE = ("area", "commune")  # fields of an op that moves its record; they are no part of a body
LOCAL = "local"  # mode of an area no server knows yet: its ops wait until it is adopted
MISSING = "missing"  # mode of an area that a server restored from a backup does not know now

DDL = (
    """CREATE TABLE outbox (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        commune TEXT NOT NULL,
        area TEXT NOT NULL,
        type TEXT NOT NULL,
        record TEXT NOT NULL,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        base_seq INTEGER NOT NULL,
        "set" TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'sent', 'acked', 'held', 'rejected')),
        result TEXT,
        reason TEXT,
        field TEXT,
        receipt TEXT,
        seq INTEGER,
        answered_at TEXT)""",
    "CREATE INDEX outbox_waiting ON outbox (type, record) WHERE state IN ('new', 'sent')",
    "CREATE INDEX outbox_unsent ON outbox (n) WHERE state IN ('new', 'sent')",
    "CREATE INDEX outbox_record ON outbox (record)",
    "CREATE INDEX outbox_state ON outbox (state) WHERE state IN ('held', 'rejected')",
    "CREATE TABLE base (type TEXT NOT NULL, id TEXT NOT NULL, row TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID",
    """CREATE TABLE cursor (
        area TEXT PRIMARY KEY,
        commune TEXT NOT NULL,
        mode TEXT NOT NULL DEFAULT 'write',
        gen TEXT NOT NULL DEFAULT '',
        seq INTEGER NOT NULL DEFAULT 0,
        refreshed_at TEXT) WITHOUT ROWID""",
)
# An op that goes out is noted beside the outbox, and one small index finds all that wait: rewriting the op itself, with
# all it says, to call it sent cost more than sending it (7 of 37 µs an op).
HANDED_DDL = (
    "CREATE TABLE handed (n INTEGER PRIMARY KEY)",
    "DROP INDEX outbox_waiting",
    "DROP INDEX outbox_unsent",
    "CREATE INDEX outbox_pending ON outbox (n, area, type, state) WHERE state IN ('new', 'sent')",
)
AGAIN = "again "  # before the reason of an op that had been answered in a history that was lost
WAITING = "state IN ('new', 'sent')"
SENDABLE = (
    f"{WAITING} AND area NOT IN (SELECT area FROM cursor WHERE mode = '{LOCAL}'"
    f" OR (lost_after IS NOT NULL AND mode <> '{MISSING}'))"
)
SHARED = f"mode NOT IN ('{LOCAL}', '{MISSING}')"
to_json = msgspec.json.Encoder().encode
row_decoder = msgspec.json.Decoder(Row)


class RecordStore(digests.Marks, Protocol):
    """What sync needs of the place where the laptop keeps its records."""

    def read(self, c: Any, type_name: str, ids: Iterable[str]) -> dict[str, Row]: ...
    def upsert(self, c: Any, rows: Iterable[Row]) -> None: ...
    def set_seq(
        self, c: Any, type_name: str, seqs: Mapping[str, int]
    ) -> tuple[dict[str, digests.Mark], dict[str, digests.Mark]]: ...
    def seqs(self, c: Any, type_name: str, ids: Iterable[str]) -> dict[str, tuple[str, int]]: ...
    def forget_area(self, c: Any, area: str) -> None: ...
    def erase(self, c: Any, keys: Iterable[digests.Key]) -> None: ...
    def erase_texts(self, c: Any, texts: Iterable[ErasedText]) -> None: ...
    def scrub_later(self, c: Any) -> None: ...
    def without_texts(
        self, c: Any, rows: list[Row], answered: Mapping[str, digests.Mark] = ...
    ) -> list[Row]: ...


class Change(msgspec.Struct, frozen=True):
    """One save of one record, before it has a number. ``base_seq``: the server's counter of the changed row."""

    id: str
    commune: str
    area: str
    type: str
    record: str
    at: str
    who: str
    base_seq: int
    set: dict[str, tuple[Any, Any]]
