"""The routes that only read: first loads as files, and the history of a record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from sync.framing import encode_pieces, read_lines
from sync.protocol import MEDIA_TYPE, OLDEST_PULL_SCHEMA, HistoryEntry, to_wire
from sync.server.history import history
from sync.server.problems import Refused, bad_body, not_in_scope
from sync.server.requests import accepted, authenticated, json_answer
from sync.server.snapshot import PARTS, Opened, Part

router = APIRouter()
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})").fullmatch


@router.get("/v1/snapshot/{area}")
async def snapshot(request: Request, area: str) -> Response:
    """A part of an area's first load (``part``: first or rest) as a file: ETag, If-None-Match, Range, If-Range.

    ``seq``: what the laptop has pulled already; ``schema``: its own, 1 when not said.
    """
    meeting, who = await authenticated(request)
    now = meeting.clock()
    grant = who.areas.get(area)
    if grant is None or not grant.may_read(to_wire(now)):
        raise not_in_scope(area)
    part, schema = _part(request), number(request, "schema", 1)
    if schema < OLDEST_PULL_SCHEMA:
        raise too_old_to_read()
    known, at_least = request.headers.get("if-range", ""), number(request, "seq", -1)
    whole = "range" in request.headers  # where a piece ends is known when all of it is packed

    def work() -> Opened:
        return meeting.snapshots.open(
            grant.commune, area, part, now, known=known, at_least=at_least, whole=whole
        )

    return _answer(request, await run_in_threadpool(work), known)


@router.get("/v1/history/{type_name}/{record}")
async def record_history(request: Request, type_name: str, record: str) -> Response:
    """Who changed a record, newest first."""
    meeting, who = await authenticated(request)
    now = to_wire(meeting.clock())

    def work() -> list[HistoryEntry]:
        with meeting.database.read() as tx:
            return history(tx, who, type_name, record, now)

    return json_answer(await run_in_threadpool(work))


def too_old_to_read() -> Refused:
    """426: this version can no longer read what the server holds; what it made may still be sent."""
    return Refused(426, "too-old", "this version of the program is too old to read from this server")


def _part(request: Request) -> Part:
    wanted = request.query_params.get("part", "first")
    for part in PARTS:
        if part == wanted:
            return part
    raise bad_body("the part is first or rest")


def number(request: Request, name: str, missing: int) -> int:
    """A whole number of the query, ``missing`` without one. Raises Refused 400."""
    text = request.query_params.get(name)
    if text is None:
        return missing
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise bad_body(f"{name} is a number")
    return int(text)


def _answer(request: Request, opened: Opened, known: str) -> Response:
    size = opened.size
    encoding = accepted(request)
    headers = {"Vary": "Accept-Encoding", "ETag": opened.etag}
    if encoding != "zstd":
        # Made anew from the file, so its bytes cannot be counted on: no parts of it, and a weak tag.
        headers["ETag"] = f"W/{opened.etag}"
        headers |= {"Accept-Ranges": "none"} | ({"Content-Encoding": "gzip"} if encoding == "gzip" else {})
    if _unchanged(request.headers.get("if-none-match", ""), opened.etag):
        opened.close()
        return Response(status_code=304, headers=headers)
    if encoding != "zstd":
        lines = encode_pieces(_unpacked(opened.pieces()), encoding)
        return StreamingResponse(iterate_in_threadpool(lines), media_type=MEDIA_TYPE, headers=headers)
    headers |= {"Accept-Ranges": "bytes", "Content-Encoding": "zstd"}
    if size is None:
        return StreamingResponse(
            iterate_in_threadpool(opened.pieces()), media_type=MEDIA_TYPE, headers=headers
        )
    asked = _RANGE(request.headers.get("range", "").strip())
    start, end, status = 0, size, 200
    if asked and _sensible(*asked.groups()) and known in ("", opened.etag):
        start, end = _bounds(asked[1], asked[2], size)
        status = 206
        if start >= end:
            opened.close()
            return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    sent = iterate_in_threadpool(opened.pieces(start, end))
    return StreamingResponse(sent, status, media_type=MEDIA_TYPE, headers=headers)


def _sensible(first: str, last: str) -> bool:
    """Whether a range says something; one that does not is not there at all (RFC 9110, 14.2)."""
    return bool(first or last) and not (first and last and int(last) < int(first))


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """Start and end (excluded) of a range; an empty one when none of it is there."""
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(int(last) + 1, size) if last else size


def _unchanged(header: str, etag: str) -> bool:
    names = [name.strip().removeprefix("W/") for name in header.split(",")]
    return etag in names or "*" in names


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    for line in read_lines(pieces, "zstd", 1 << 62):
        waiting.append(line + b"\n")
        if len(waiting) == 500:
            yield b"".join(waiting)
            waiting = []
    yield b"".join(waiting)
