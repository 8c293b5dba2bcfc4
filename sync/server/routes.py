"""The routes. Bodies are read and answered as raw bytes; the work happens in worker threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from typing import Literal, TypeVar

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from sync.framing import ENCODINGS, encode_body, encode_pieces
from sync.protocol import (
    MAX_BYTES,
    MAX_OPS,
    MEDIA_TYPE,
    PROTOCOL,
    SCHEMA,
    Enrolled,
    EnrolRequest,
    Header,
    Hello,
    PullRequest,
    Scope,
    Trailer,
    to_wire,
)
from sync.registry import Registry
from sync.server.database import Database
from sync.server.intake import read_push
from sync.server.problems import Refused, bad_body
from sync.server.pull import check_cursors, pieces
from sync.server.push import push
from sync.server.scope import Caller, caller, enrol, scope_of, touch

OLDEST_SCHEMA = 1
MAX_REQUEST = 64 << 10  # of a small JSON request
Asked = TypeVar("Asked")
router = APIRouter()
_encode = msgspec.json.Encoder().encode


class Meeting:
    """What the routes share: the database, the registry, the clock, and the secret that keys receipts."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        name: str,
    ) -> None:
        self.database, self.registry = database, registry
        self.clock, self.new_id, self.name = clock, new_id, name
        with database.read() as tx:
            found = tx.one("SELECT value FROM server_state WHERE name = 'receipt_key'")
        if found is None:
            raise LookupError("the database was never prepared")
        self.secret = bytes.fromhex(found[0])

    def who(self, authorization: str) -> Caller:
        """The caller of a request. Raises Refused 401, 403."""
        with self.database.read() as tx:
            return caller(tx, authorization)


@router.get("/v1/hello")
async def hello(request: Request) -> Response:
    """What this server speaks."""
    meeting = _meeting(request)
    return _json(
        Hello(
            name=meeting.name,
            protocols=[PROTOCOL],
            schemas=(OLDEST_SCHEMA, SCHEMA),
            max_ops=MAX_OPS,
            max_bytes=MAX_BYTES,
            now=to_wire(meeting.clock()),
        )
    )


@router.get("/healthz")
async def healthz(request: Request) -> Response:
    """Whether the database answers."""
    meeting = _meeting(request)

    def ask() -> None:
        with meeting.database.read() as tx:
            tx.one("SELECT 1 FROM server_state")

    await run_in_threadpool(ask)
    return Response(b'{"ok":true}', media_type="application/json")


@router.post("/v1/enrol")
async def enrol_device(request: Request) -> Response:
    """A one-time code becomes a device and its token."""
    meeting = _meeting(request)
    _check_protocol(request)
    wanted = _decode(b"".join(await _body(request, MAX_REQUEST)), EnrolRequest)

    def work() -> Enrolled:
        with meeting.database.write() as tx:
            return enrol(tx, wanted, meeting.new_id(), to_wire(meeting.clock()))

    done = await run_in_threadpool(work)
    request.state.epoch = done.scope.epoch
    request.state.log["device"] = done.device
    return _json(done)


@router.get("/v1/scope")
async def scope(request: Request) -> Response:
    """The areas this laptop may use."""
    meeting, who = await _authenticated(request)
    now = to_wire(meeting.clock())

    def work() -> Scope:
        with meeting.database.write() as tx:
            touch(tx, who.device, now)
        with meeting.database.read() as tx:
            return scope_of(tx, who, now)

    return _json(await run_in_threadpool(work))


@router.post("/v1/push")
async def push_ops(request: Request) -> Response:
    """Ops in, a result each."""
    meeting, who = await _authenticated(request)
    encoding, chunks = _encoding(request), await _body(request, MAX_BYTES)
    received = meeting.clock()

    def work() -> bytes:
        body = read_push(chunks, encoding, who.device, received)
        if body.header.protocol != PROTOCOL or body.header.schema < OLDEST_SCHEMA:
            raise Refused(426, "too-old", "this version of the program is too old for this server")
        if body.header.epoch not in (-1, who.epoch):
            raise Refused(409, "scope-changed", "the areas of this laptop have changed")
        now = to_wire(received)
        results, marks = push(meeting.database, meeting.registry, who, body.arrived, now, meeting.secret)
        notes = request.state.log
        notes["ops"] = len(results)
        for result in results:
            notes[result.result] = notes.get(result.result, 0) + 1
        trailer = Trailer(count=len(results), clock_offset=round(body.offset, 3), clock=body.clock)
        lines = [_answer_header("pushed", who, now), *results, *marks, trailer]
        return encode_body(map(_encode, lines), _accepted(request))

    return Response(await run_in_threadpool(work), media_type=MEDIA_TYPE, headers=_encoded(request))


@router.post("/v1/pull")
async def pull_rows(request: Request) -> Response:
    """Rows out, from the laptop's cursors."""
    meeting, who = await _authenticated(request)
    wanted = _decode(b"".join(await _body(request, MAX_REQUEST * 16)), PullRequest)
    now = to_wire(meeting.clock())

    def check() -> None:
        with meeting.database.read() as tx:
            check_cursors(tx, who, wanted, now)

    await run_in_threadpool(check)
    rows = pieces(meeting.database, who, wanted, _answer_header("pulled", who, now))
    packed = encode_pieces(rows, _accepted(request))
    return StreamingResponse(_streamed(packed), media_type=MEDIA_TYPE, headers=_encoded(request))


async def _streamed(packed: Iterator[bytes]) -> AsyncIterator[bytes]:
    async for piece in iterate_in_threadpool(packed):
        yield piece


def _meeting(request: Request) -> Meeting:
    meeting = request.app.state.meeting
    assert isinstance(meeting, Meeting)
    return meeting


async def _authenticated(request: Request) -> tuple[Meeting, Caller]:
    meeting = _meeting(request)
    _check_protocol(request)
    who = await run_in_threadpool(meeting.who, request.headers.get("authorization", ""))
    request.state.epoch = who.epoch
    request.state.log["device"] = who.device
    return meeting, who


def _check_protocol(request: Request) -> None:
    spoken = request.headers.get("sync-protocol")
    if spoken is None:
        raise bad_body("the Sync-Protocol header is missing")
    if spoken != str(PROTOCOL):
        raise Refused(426, "too-old", "this server speaks another protocol")


def _encoding(request: Request) -> str:
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding not in ENCODINGS:
        raise Refused(415, "bad-encoding", "zstd, gzip or identity")
    return encoding


def _accepted(request: Request) -> str:
    wanted = request.headers.get("accept-encoding", "").split(",")
    accepted = {part.partition(";")[0].strip() for part in wanted}
    return next((encoding for encoding in ("zstd", "gzip") if encoding in accepted), "identity")


def _encoded(request: Request) -> dict[str, str]:
    encoding = _accepted(request)
    return {"Vary": "Accept-Encoding"} | ({} if encoding == "identity" else {"Content-Encoding": encoding})


async def _body(request: Request, limit: int) -> list[bytes]:
    too_large = Refused(413, "too-large", f"at most {limit} bytes")
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > limit:
        raise too_large
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large
        chunks.append(chunk)
    return chunks


def _decode(body: bytes, kind: type[Asked]) -> Asked:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as wrong:
        raise bad_body("the request cannot be read") from wrong


def _json(value: msgspec.Struct) -> Response:
    return Response(_encode(value), media_type="application/json")


def _answer_header(kind: Literal["pushed", "pulled"], who: Caller, now: str) -> Header:
    return Header(kind=kind, protocol=PROTOCOL, schema=SCHEMA, epoch=who.epoch, now=now)
