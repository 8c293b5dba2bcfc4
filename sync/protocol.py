"""Lines on the wire: NDJSON, zstd, a header first and a trailer last. A body without its trailer is a cut body.

Shapes follow the table in the design of sync; `msgspec` decodes and checks them, and an unknown field of a newer
version is ignored, never an error.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

PROTOCOL = 1
SCHEMA = 1
MAX_OPS = 2000
MAX_BYTES = 1 << 20
MEDIA_TYPE = "application/x-ndjson"

ResultName = Literal["applied", "duplicate", "merged", "conflict", "held", "rejected"]


class Op(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One save of one record, made on a laptop, immutable.

    ``n``: the laptop's own counter, orders its ops even when its clock jumped. ``at``: UTC, ISO 8601.
    ``set``: field -> [was, new]; a create has ``was = None`` throughout. ``who``: the user who saved.
    ``base_seq``: the server's counter of the row as the laptop had it, 0 for none.
    """

    id: str
    device: str
    n: int
    commune: str
    area: str
    type: str
    record: str
    at: str
    who: str
    base_seq: int = 0
    set: dict[str, tuple[Any, Any]]


class Row(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A record as the server holds it. ``body``: field -> value, nulls left out, unknown fields included.

    ``gone``: ``deleted`` or ``moved`` (the record now lives in another area); a gone row's body may be empty.
    ``at``, ``who``, ``device``: of the last change.
    """

    type: str
    id: str
    commune: str
    area: str
    seq: int
    deleted: bool = False
    gone: str | None = None
    body: dict[str, Any] = {}
    at: str = ""
    who: str = ""
    device: str = ""


class Result(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The server's answer to one op. ``reason`` and ``field`` say why it was held or rejected.

    ``seq``: the area's counter after the op; ``receipt``: what proves the server has it; ``row``: the record as
    it stands when that differs from what the laptop has after its own op.
    """

    op: str
    n: int
    result: ResultName
    seq: int = 0
    receipt: str = ""
    reason: str = ""
    field: str = ""
    row: Row | None = None


class AreaMark(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where an area stands. ``was_seq``: the counter just before this push, so that a laptop whose cursor stood
    there may move straight to ``seq`` without reading its own rows back. ``digest``: of the live rows, as text."""

    area: str
    gen: str
    seq: int
    was_seq: int = -1
    digest: str = ""
