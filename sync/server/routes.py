"""The routes that write, and pulls. Bodies are read and answered as raw bytes; the work happens in worker threads."""

from __future__ import annotations

import contextlib
from typing import Literal

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from sync.framing import encode_pieces, encode_text
from sync.protocol import (
    MAX_BYTES,
    MAX_OPS,
    MEDIA_TYPE,
    OLDEST_PULL_SCHEMA,
    OLDEST_PUSH_SCHEMA,
    PROTOCOL,
    SCHEMA,
    Enrolled,
    EnrolRequest,
    ForkRequest,
    Header,
    Hello,
    KeysRequest,
    PullRequest,
    Scope,
    Trailer,
    to_wire,
)
from sync.server import reads
from sync.server.copies import fork, register_keys
from sync.server.database import DatabaseBusy
from sync.server.erasing import erases
from sync.server.fleet import note_waiting, scope_and_laptops
from sync.server.intake import Arrived, read_push
from sync.server.problems import Refused, restored_meanwhile
from sync.server.pull import check_cursors, pieces
from sync.server.push import push
from sync.server.requests import (
    MAX_REQUEST,
    Meeting,
    accepted,
    authenticated,
    body_of,
    check_protocol,
    decoded,
    encoded,
    encoding_of,
    json_answer,
    meeting_of,
)
from sync.server.scope import Caller, enrol, history_of, scope_of, touch
from sync.server.scrubbing import AT_ONCE, scrub

__all__ = ["Meeting", "router"]

router = APIRouter()
router.include_router(reads.router)
_encoder = msgspec.json.Encoder()


@router.get("/v1/hello")
async def hello(request: Request) -> Response:
    """What this server speaks."""
    meeting = meeting_of(request)
    return json_answer(
        Hello(
            name=meeting.name,
            protocols=[PROTOCOL],
            schemas=(OLDEST_PUSH_SCHEMA, SCHEMA),
            oldest_pull=OLDEST_PULL_SCHEMA,
            max_ops=MAX_OPS,
            max_bytes=MAX_BYTES,
            now=to_wire(meeting.clock()),
        )
    )


@router.post("/v1/enrol")
async def enrol_device(request: Request) -> Response:
    """A one-time code becomes a device and its token."""
    meeting = meeting_of(request)
    check_protocol(request)
    wanted = decoded(b"".join(await body_of(request, MAX_REQUEST)), EnrolRequest)

    def work() -> Enrolled:
        with meeting.database.write() as tx:
            return enrol(tx, wanted, meeting.new_id(), to_wire(meeting.clock()))

    done = await run_in_threadpool(work)
    request.state.epoch = done.scope.epoch
    request.state.log["device"] = done.device
    return json_answer(done)


@router.post("/v1/fork")
async def fork_device(request: Request) -> Response:
    """A laptop whose disk was copied becomes a device of its own."""
    meeting, who = await authenticated(request)
    wanted = decoded(b"".join(await body_of(request, MAX_REQUEST)), ForkRequest)

    def work() -> Enrolled:
        with meeting.database.write() as tx:
            return fork(tx, who, wanted, meeting.new_id(), to_wire(meeting.clock()))

    return json_answer(await run_in_threadpool(work))


@router.post("/v1/keys")
async def tell_keys(request: Request) -> Response:
    """A laptop that was enrolled before it had keys tells them; the answer is its scope, with the server's."""
    meeting, who = await authenticated(request)
    wanted = decoded(b"".join(await body_of(request, MAX_REQUEST)), KeysRequest)

    def work() -> Scope:
        with meeting.database.write() as tx:
            register_keys(tx, who, wanted)
        with meeting.database.read() as tx:
            return scope_of(tx, who, to_wire(meeting.clock()))

    return json_answer(await run_in_threadpool(work))


@router.get("/v1/scope")
async def scope(request: Request) -> Response:
    """The areas this laptop may use, and to a chief the commune's laptops. ``waiting``: how many saves it has not
    sent."""
    meeting, who = await authenticated(request)
    now, waiting = to_wire(meeting.clock()), reads.number(request, "waiting", -1)

    def work() -> Scope:
        with meeting.database.write() as tx:
            touch(tx, who.device, now)
            note_waiting(tx, who.device, waiting, now)
        with meeting.database.read() as tx:
            return scope_and_laptops(tx, who, now)

    return json_answer(await run_in_threadpool(work))


@router.post("/v1/push")
async def push_ops(request: Request) -> Response:
    """Ops in, a result each."""
    meeting, who = await authenticated(request)
    encoding, chunks = encoding_of(request), await body_of(request, MAX_BYTES)
    received = meeting.clock()

    def clean_up() -> None:
        """Once an erasure is answered: nothing of it is left in the cache, nor, below a size, in free pages."""
        if any(erases(one.op, meeting.registry) for one in taken):
            meeting.snapshots.forget_erased()
            with contextlib.suppress(DatabaseBusy):  # stays due
                scrub(meeting.database, most=AT_ONCE)

    taken: list[Arrived] = []

    def work() -> bytes:
        body = read_push(chunks, encoding, who.device, received)
        if body.header.protocol != PROTOCOL or body.header.schema < OLDEST_PUSH_SCHEMA:
            raise Refused(426, "too-old", "this version of the program is too old for this server")
        if body.header.epoch not in (-1, who.epoch):
            raise Refused(409, "scope-changed", "the areas of this laptop have changed")
        if body.header.history:  # what an op had seen is counted in the history it was made for
            with meeting.database.read() as tx:
                if body.header.history != history_of(tx):
                    raise restored_meanwhile()
        now = to_wire(received)
        results, marks = push(meeting.database, meeting.registry, who, body.arrived, now, meeting.secret)
        taken.extend(body.arrived)
        if body.header.waiting == 0:  # the scope that a sync begins with has told of those that wait
            with meeting.database.write() as tx:
                note_waiting(tx, who.device, body.header.waiting, now)
        notes = request.state.log
        notes["ops"] = len(results)
        for result in results:
            notes[result.result] = notes.get(result.result, 0) + 1
        trailer = Trailer(count=len(results), clock_offset=round(body.offset, 3), clock=body.clock)
        lines = [_answer_header("pushed", who, now), *results, *marks, trailer]
        return encode_text(_encoder.encode_lines(lines), accepted(request))

    answer = await run_in_threadpool(work)
    done = BackgroundTask(clean_up) if taken else None
    return Response(answer, media_type=MEDIA_TYPE, headers=encoded(request), background=done)


@router.post("/v1/pull")
async def pull_rows(request: Request) -> Response:
    """Rows out, from the laptop's cursors."""
    meeting, who = await authenticated(request)
    wanted = decoded(b"".join(await body_of(request, MAX_REQUEST * 16)), PullRequest)
    if wanted.schema < OLDEST_PULL_SCHEMA:
        raise reads.too_old_to_read()
    now = to_wire(meeting.clock())

    def check() -> None:
        with meeting.database.read() as tx:
            check_cursors(tx, who, wanted, now)

    await run_in_threadpool(check)
    header = _answer_header("pulled", who, now)
    rows = pieces(meeting.database, who, wanted, header, request.state.log)
    packed = encode_pieces(rows, accepted(request))
    return StreamingResponse(iterate_in_threadpool(packed), media_type=MEDIA_TYPE, headers=encoded(request))


def _answer_header(kind: Literal["pushed", "pulled"], who: Caller, now: str) -> Header:
    return Header(kind=kind, protocol=PROTOCOL, schema=SCHEMA, epoch=who.epoch, now=now)
