"""The server's application: what every answer carries, how refusals look, and the log."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uuid_utils
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.protocol import PROTOCOL, to_wire
from sync.registry import Registry
from sync.server.database import Database, DatabaseBusy
from sync.server.problems import Refused
from sync.server.routes import Meeting, router

log = logging.getLogger("gonha.server")
Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


def create_app(
    database: Database,
    registry: Registry,
    *,
    clock: Clock = _now,
    new_id: Callable[[], str] = lambda: str(uuid_utils.uuid7()),
    name: str = "gonha",
    cache: Path | None = None,
) -> ASGIApp:
    """The server over a prepared database (`admin.init`). ``clock``: aware moments; ``name``: shown to
    laptops; ``cache``: a folder for packed first loads, beside an SQLite file when not given.

    Raises LookupError when the database was never prepared.
    """
    app = FastAPI(title="Gõ Nhà sync", version=str(PROTOCOL), docs_url=None, redoc_url=None)
    app.state.meeting = Meeting(database, registry, clock, new_id, name, cache)
    app.include_router(router)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(DatabaseBusy, _busy)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)
    return Envelope(app, clock)


class Envelope:
    """Puts Server-Time, Scope-Epoch and Sync-Protocol on every answer, and one line about it into the log.

    The log names the device, the route, sizes and counts; never a body, a token or a record.
    """

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self.app, self.clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        notes: dict[str, Any] = scope.setdefault("state", {})
        notes["log"] = {}
        started, status, sent, whole = time.perf_counter(), 500, 0, False

        async def wrapped(message: Message) -> None:
            nonlocal status, sent, whole
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["Server-Time"] = to_wire(self.clock())
                headers["Scope-Epoch"] = str(notes.get("epoch", 0))
                headers["Sync-Protocol"] = str(PROTOCOL)
                headers["Cache-Control"] = "no-store"
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
                whole = not message.get("more_body", False)
            await send(message)

        try:
            await self.app(scope, receive, wrapped)
        except ClientDisconnect:
            notes["log"]["refused"] = "link-cut"
        except Exception as error:  # noqa: BLE001 - `_failed` has answered; its text may quote a record, so only
            notes["log"] |= _kind_and_place(error)  # what it was and where goes into the log
        finally:
            route = scope.get("route")
            entry = {
                "at": to_wire(self.clock()),
                "method": scope["method"],
                "route": getattr(route, "path", "-"),  # the pattern, not the path as asked
                "status": status,
                "ms": round((time.perf_counter() - started) * 1000, 1),
                "sent": sent,
                "whole": whole,
                **notes["log"],
            }
            log.log(logging.ERROR if "failed" in entry else logging.INFO, json.dumps(entry))


def _problem(status: int, kind: str, title: str, **more: Any) -> Response:
    body = {"type": kind, "title": title, "status": status, **{k: v for k, v in more.items() if v}}
    return Response(json.dumps(body), status, media_type="application/problem+json")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    await _note(request, error)
    answer = _problem(error.status, error.kind, error.title, area=error.area)
    if error.retry_after:
        answer.headers["Retry-After"] = str(error.retry_after)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


async def _note(request: Request, error: Refused) -> None:
    """Log a refusal and keep it for the operator; an answer never fails because that could not be done."""
    notes = request.state.log
    notes["refused"] = error.kind
    meeting = request.app.state.meeting
    assert isinstance(meeting, Meeting)
    route = getattr(request.scope.get("route"), "path", "-")
    commune = getattr(request.state, "commune", "")

    def keep() -> None:
        at, device = to_wire(meeting.clock()), notes.get("device", "")
        meeting.refusals.note(at, device, route, error.kind, commune=commune, area=error.asked)

    try:
        await run_in_threadpool(keep)
    except Exception as failed:  # noqa: BLE001 - a full disk or a database that is away must not hide the refusal
        notes["unkept"] = type(failed).__name__


async def _busy(request: Request, error: Exception) -> Response:
    request.state.log["refused"] = "busy"
    answer = _problem(503, "busy", "the database is busy; nothing was changed")
    answer.headers["Retry-After"] = "5"
    return answer


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = _problem(error.status_code, "http", str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _invalid(request: Request, error: Exception) -> Response:
    return _problem(400, "bad-body", "the request cannot be read")


async def _failed(request: Request, error: Exception) -> Response:
    return _problem(500, "failed", "the server failed; what was answered before is kept")


def _kind_and_place(error: BaseException) -> dict[str, str]:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
    return {"failed": type(error).__name__, "where": where}
