"""Lines on the wire: NDJSON, zstd, a header first and a trailer last. Without its trailer a body was cut.

Every line is an object whose first key, ``line``, says what it is, so that one typed decoder reads a body:
`PushLine` what a laptop sends, `PushAnswerLine` and `PullLine` what comes back. Shapes follow the table in
the design of sync; `msgspec` decodes and checks them, and an unknown field of a newer version is ignored,
never an error.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Literal

import msgspec

PROTOCOL = 1
SCHEMA = 1
OLDEST_PUSH_SCHEMA = (
    1  # taken for two years after it was left behind, so that what people typed gets out first
)
OLDEST_PULL_SCHEMA = 1
MAX_OPS = 2000
MAX_BYTES = 1 << 20
LEASE_DAYS = 14
MEDIA_TYPE = "application/x-ndjson"
ERASED_TEXT = (
    "erased-text"  # as the reason of an answer: the words that the op gives to ``field`` are not kept
)
ERASED = "erased"  # as ``gone`` of a row, and as the reason an op is rejected for: its content was removed for good

ResultName = Literal["applied", "duplicate", "merged", "conflict", "held", "rejected"]
FINAL = ("applied", "duplicate", "merged", "conflict")  # results of ops that were taken


class Line(msgspec.Struct, omit_defaults=True, tag_field="line"):
    """Something that stands on a line of its own. ``gc=False`` where there are many of a kind: none refers to itself,
    and the search for garbage need not look through a ward."""


class Header(Line, kw_only=True, omit_defaults=False, tag="head"):
    """The first line of every body. ``kind`` ``snapshot``: a part of an area's first load.

    ``now``: the sender's clock, UTC, ISO 8601. ``schema``: of the sender. ``epoch``: the scope the laptop
    believes in, -1 when it does not say (a file); in an answer, the one in force. ``history``: the server's
    (`Scope.history`) as the laptop knows it, "" when it does not say. ``waiting``: how many saves the laptop will not
    have sent after this body, -1 when it does not say.
    """

    kind: Literal["push", "pushed", "pulled", "snapshot"]
    protocol: int = PROTOCOL
    schema: int = SCHEMA
    device: str = ""
    epoch: int = -1
    now: str = ""
    history: str = ""
    waiting: int = -1


class Op(Line, kw_only=True, tag="op"):
    """One save of one record, made on a laptop, immutable.

    ``n``: the laptop's own counter, orders its ops even when its clock jumped. ``at``: UTC, ISO 8601.
    ``set``: field -> [was, new]; a create has ``was = None`` throughout. ``who``: the user who saved.
    ``base_seq``: the server's counter of the row as the laptop had it, 0 for none. ``knows``: erasures that took words
    out of this record, of which the laptop had heard when the save was made.
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
    set: dict[str, tuple[Any, Any]]
    base_seq: int = 0
    knows: tuple[str, ...] = ()


class Unsent(Line, kw_only=True, gc=False, tag="op"):
    """An `Op` on its way out: the same line, with ``set`` as the JSON text it is kept in."""

    id: str
    device: str
    n: int
    commune: str
    area: str
    type: str
    record: str
    at: str
    who: str
    set: msgspec.Raw
    base_seq: int = 0
    knows: tuple[str, ...] = ()


class Row(Line, kw_only=True, gc=False, tag="row"):
    """A record as the server holds it. ``body``: field -> value, nulls left out, unknown fields included.

    ``gone``: ``deleted``, ``moved`` (the record now lives in another area) or ``erased`` (for good); a gone row's body
    may be empty.
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


class Result(Line, kw_only=True, gc=False, tag="result"):
    """The server's answer to one op. ``reason`` and ``field`` say why it was held or rejected.

    ``seq``: the counter the record has after the op (of the `conflict` row where the record itself stayed);
    ``receipt``: what proves the server has it; ``row``: the record as it stands when that may differ from
    what the laptop has after its own op. A ``duplicate`` carries its first result in ``reason``. ``erased``: fields of
    which the op's words were not taken, each with the erasure that had taken them out.
    """

    op: str
    n: int
    result: ResultName
    seq: int = 0
    receipt: str = ""
    reason: str = ""
    field: str = ""
    row: Row | None = None
    erased: tuple[tuple[str, str], ...] = ()


class AreaMark(Line, kw_only=True, tag="area"):
    """Where an area stands. ``was_seq``: the counter just before this push, so that a laptop whose cursor
    stood there may move straight to ``seq`` without reading its own rows back; -1 when the push made other
    rows as well (conflicts), which have to be pulled. ``digest``: of the live rows at ``seq``, as text."""

    area: str
    gen: str
    seq: int
    was_seq: int = -1
    digest: str = ""


class Cursor(Line, kw_only=True, tag="cursor"):
    """All rows of ``area`` up to ``seq`` have been sent: rows and cursor may be committed together."""

    area: str
    gen: str
    seq: int


class Trailer(Line, kw_only=True, tag="end"):
    """The last line: without it the body was cut.

    ``count``: op, result or row lines before it. ``more``: the limit was reached, pull again. ``areas``:
    in a pull, where each area stood when its last rows were read; compare the digest when the cursor
    stands at its ``seq``.
    ``clock_offset``: seconds the laptop's clock is behind the server's (negative: ahead); ``clock``:
    ``warn`` above five minutes, ``wrong`` above a day.
    """

    count: int
    more: bool = False
    areas: list[AreaMark] = []
    clock_offset: float = 0.0
    clock: Literal["ok", "warn", "wrong"] = "ok"


PushLine = Header | Op | Trailer
PushAnswerLine = Header | Result | AreaMark | Trailer
PullLine = Header | Row | Cursor | Trailer


class Hello(msgspec.Struct, kw_only=True):
    """What a server speaks. ``schemas``: oldest and newest whose pushes it takes; ``oldest_pull``: the oldest
    that still gets rows. ``max_bytes``: of a packed body."""

    name: str
    protocols: list[int]
    schemas: tuple[int, int]
    oldest_pull: int = 1
    max_ops: int
    max_bytes: int
    now: str


class ScopeArea(msgspec.Struct, kw_only=True):
    """One area a device may use. ``mode``: ``write`` (read and push) or ``counts`` (no rows either way).
    ``seq``: the area's head now. ``restored_seq``: the counter that history ``gen`` began with when the
    server was restored from a backup, 0 when it never was; ``shared``: earlier histories of the last 30 days, each
    with the counter up to which this one is the same."""

    area: str
    commune: str
    mode: Literal["write", "counts"]
    gen: str
    seq: int
    restored_seq: int = 0
    shared: dict[str, int] = {}


class Laptop(msgspec.Struct, kw_only=True):
    """A laptop of the commune. ``seen``: wire moment it was last here; ``waiting``: how many saves it had not sent when
    it told so last, at the wire moment ``told``, None where it never did; ``areas``: its units among the reader's."""

    device: str
    user: str
    role: str
    seen: str
    waiting: int | None = None
    told: str = ""
    areas: list[str] = []


class Scope(msgspec.Struct, kw_only=True):
    """What a device may use. ``lease_days``: how long its screens stay open without asking again.

    ``sealing_key``, ``signing_key``: the server's public keys (X25519, Ed25519; base64) for sealed files,
    "" when it has none. ``now``: when it was said, by the server's clock, so that a scope that comes late in a
    file is known to be older. ``history``: another one after each restore from a backup, whatever areas the
    laptop has; "" from a server that does not tell. ``laptops``: of the commune, told to its chief only; None to
    anybody else, and from an older server. ``erased``: records (type, id) of areas it may not read that were
    erased and that it has ops on or could read before; ``erased_texts``: likewise fields (type, id, field, and
    the erasure) of records that stay.
    """

    device: str
    user: str
    role: str
    epoch: int
    lease_days: int
    areas: list[ScopeArea]
    now: str = ""
    sealing_key: str = ""
    signing_key: str = ""
    history: str = ""
    laptops: list[Laptop] | None = None
    erased: list[tuple[str, str]] = []
    erased_texts: list[tuple[str, str, str, str]] = []

    def granted(self) -> set[str]:
        """The areas that this device reads and writes."""
        return {area.area for area in self.areas if area.mode == "write"}


# msgspec learns a type at its first use, and crashes where another thread asks for that type meanwhile (0.22: SIGSEGV).
# A module is imported by one thread: what screens and a sync read at once is learnt here.
msgspec.json.Decoder(Row)
msgspec.json.Decoder(Scope)


class EnrolRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``code``: the one-time code, spaces, dashes and case do not matter. ``device``: a name for the list
    of laptops.
    ``public_key``, ``signing_key``: of the laptop, for sealed files (X25519, Ed25519; base64)."""

    code: str
    device: str = ""
    public_key: str = ""
    signing_key: str = ""


class ForkRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A laptop whose disk was copied asks to become a device of its own. ``device``: a name for the list of
    laptops; the keys as in `EnrolRequest`, made anew."""

    device: str = ""
    public_key: str = ""
    signing_key: str = ""


class KeysRequest(msgspec.Struct, kw_only=True):
    """A laptop that was enrolled before it had keys tells them: X25519 and Ed25519, base64."""

    public_key: str
    signing_key: str


class Enrolled(msgspec.Struct, kw_only=True):
    """``device``: the id the server gave; ``token``: sent as bearer from now on, shown only this once.
    ``sealing_key``, ``signing_key``: the server's public keys, as in `Scope`."""

    device: str
    token: str
    scope: Scope
    sealing_key: str = ""
    signing_key: str = ""


class HistoryEntry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One op on a record, as the server keeps it.

    ``at``: when it was made by the laptop's clock; ``corrected``: by the server's; ``received``: when it
    arrived. ``set``: field -> [was, new]. ``seq``: the area's counter after it, 0 where it changed nothing;
    ``receipt``: as it was given, "" where it was held or rejected, and from an older server.
    """

    op: str
    at: str
    corrected: str
    received: str
    who: str
    device: str
    set: dict[str, tuple[Any, Any]]
    result: ResultName
    reason: str = ""
    seq: int = 0
    receipt: str = ""


class PullRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """``cursors``: area -> (gen, seq); ("", 0) for an area not held yet. ``limit``: most rows in the
    answer. ``schema``: of the laptop, said even when it is the default of its version."""

    cursors: dict[str, tuple[str, int]]
    limit: int = 10_000
    schema: int = 1


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A refusal as application/problem+json. ``type`` is the word a client acts on."""

    type: str
    title: str = ""
    status: int = 0
    area: str = ""


def row_hash(type_name: str, record: str, seq: int) -> int:
    """One row's part of an area's digest, which is the sum of these over its live rows, mod 2**64."""
    text = f"{type_name}|{record}|{seq}".encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big")


def to_wire(moment: datetime) -> str:
    """``2026-11-22T09:05:00.123Z``: UTC, milliseconds, sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


def from_wire(text: str) -> datetime:
    """The aware UTC moment of an ISO 8601 text. Raises ValueError when it is none or has no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset")
    return moment.astimezone(UTC)
