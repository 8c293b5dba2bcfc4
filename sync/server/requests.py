"""What the routes share: the server's parts, who is asking, and bodies read within their limits."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from sync.framing import ENCODINGS
from sync.protocol import PROTOCOL, to_wire
from sync.registry import Registry
from sync.server.database import Database, DatabaseBusy
from sync.server.moves import carry_on, waiting_areas
from sync.server.problems import Refused, bad_body
from sync.server.refusals import Refusals
from sync.server.scope import Caller, caller
from sync.server.scrubbing import AT_ONCE, scrub
from sync.server.snapshot import Snapshots, beside

MAX_REQUEST = 64 << 10  # of a small JSON request
Asked = TypeVar("Asked")
_encode = msgspec.json.Encoder().encode


class Meeting:
    """What the routes share: the database, the registry, the clock, the secret that keys receipts, packed
    first loads and the list of refusals.

    ``cache``: a folder for packed first loads, which hold personal data; beside an SQLite file when not
    given, else among the system's temporary files, for this process only.
    """

    def __init__(
        self,
        database: Database,
        registry: Registry,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        name: str,
        cache: Path | None = None,
    ) -> None:
        self.database, self.registry = database, registry
        self.clock, self.new_id, self.name = clock, new_id, name
        with database.read() as tx:
            found = tx.one("SELECT value FROM server_state WHERE name = 'receipt_key'")
        if found is None:
            raise LookupError("the database was never prepared")
        self.secret = bytes.fromhex(found[0])
        self.snapshots = Snapshots(database, registry, cache or beside(database))
        self.refusals = Refusals(database)
        self.snapshots.forget_erased()
        with contextlib.suppress(DatabaseBusy):  # of an erasure whose push did not come to its end
            scrub(database, most=AT_ONCE)
        self._finish_moves()

    def _finish_moves(self) -> None:
        """Carry on what a crash left between two areas."""
        with contextlib.suppress(DatabaseBusy):  # whoever meets it next does
            for place in waiting_areas(self.database):
                carry_on(self.database, self.registry, place, to_wire(self.clock()))

    def who(self, authorization: str) -> Caller:
        """The caller of a request. Raises Refused 401, 403."""
        with self.database.read() as tx:
            return caller(tx, authorization)


def meeting_of(request: Request) -> Meeting:
    """What `create_app` put there."""
    meeting = request.app.state.meeting
    assert isinstance(meeting, Meeting)
    return meeting


async def authenticated(request: Request) -> tuple[Meeting, Caller]:
    """Who asks. Raises Refused 400, 401, 403, 426."""
    meeting = meeting_of(request)
    check_protocol(request)
    who = await run_in_threadpool(meeting.who, request.headers.get("authorization", ""))
    request.state.epoch = who.epoch
    request.state.log["device"] = who.device
    request.state.commune = min((grant.commune for grant in who.areas.values()), default="")
    return meeting, who


def check_protocol(request: Request) -> None:
    """Raises Refused 400 and 426."""
    spoken = request.headers.get("sync-protocol")
    if spoken is None:
        raise bad_body("the Sync-Protocol header is missing")
    if spoken != str(PROTOCOL):
        raise Refused(426, "too-old", "this server speaks another protocol")


def encoding_of(request: Request) -> str:
    """How the request's body is packed. Raises Refused 415."""
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding not in ENCODINGS:
        raise Refused(415, "bad-encoding", "zstd, gzip or identity")
    return encoding


def accepted(request: Request) -> str:
    """How the answer is to be packed."""
    wanted = request.headers.get("accept-encoding", "").split(",")
    names = {part.partition(";")[0].strip() for part in wanted}
    return next((encoding for encoding in ("zstd", "gzip") if encoding in names), "identity")


def encoded(request: Request) -> dict[str, str]:
    """The headers that say how the answer is packed."""
    encoding = accepted(request)
    return {"Vary": "Accept-Encoding"} | ({} if encoding == "identity" else {"Content-Encoding": encoding})


async def body_of(request: Request, limit: int) -> list[bytes]:
    """The body as it came. Raises Refused 413 above ``limit`` bytes."""
    too_large = Refused(413, "too-large", f"at most {limit} bytes")
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > limit:
        raise too_large
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large
        chunks.append(chunk)
    return chunks


def decoded(body: bytes, kind: type[Asked]) -> Asked:
    """A small JSON request. Raises Refused 400."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as wrong:
        raise bad_body("the request cannot be read") from wrong


def json_answer(value: msgspec.Struct | Sequence[msgspec.Struct]) -> Response:
    """An answer as JSON."""
    return Response(_encode(value), media_type="application/json")
