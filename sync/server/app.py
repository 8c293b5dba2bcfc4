"""The server's application: its parts put together, and how refusals look."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uuid_utils
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from sync.protocol import PROTOCOL
from sync.registry import Registry
from sync.server.database import Database, DatabaseBusy
from sync.server.envelope import Envelope
from sync.server.guard import Guard
from sync.server.limits import Limits
from sync.server.metrics import Metrics
from sync.server.noting import note
from sync.server.openapi import documented
from sync.server.pages.refusing import is_page, refused_page
from sync.server.pages.routes import router as pages
from sync.server.problems import Refused
from sync.server.routes import Meeting, router
from sync.server.watch import MetricsAccess
from sync.server.watch import router as watch

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
    limits: Limits | None = None,
    metrics_access: MetricsAccess | None = None,
) -> Envelope:
    """The server over a prepared database (`admin.init`). ``clock``: aware moments; ``name``: shown to
    laptops; ``cache``: a folder for packed first loads, beside an SQLite file when not given; ``limits``:
    None for none; ``metrics_access``: who may read ``/metrics``, this machine when not given.

    Raises LookupError when the database was never prepared.
    """
    app = FastAPI(title="Gõ Nhà sync", version=str(PROTOCOL), docs_url=None, redoc_url=None)
    meeting = app.state.meeting = Meeting(database, registry, clock, new_id, name, cache)
    app.state.metrics, app.state.metrics_access = Metrics(), metrics_access or MetricsAccess()
    app.include_router(router)
    app.include_router(watch)
    app.include_router(pages)
    app.openapi = lambda: documented(app)  # type: ignore[method-assign]
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(DatabaseBusy, _busy)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failed)
    guard = app.state.guard = Guard(app, limits)
    app.state.metrics.gauges["gonha_requests_under_way"] = ("Requests now.", lambda: guard.under_way)
    return Envelope(guard, app.state.metrics, clock, meeting.snapshots.close)


def _told(request: Request, status: int, kind: str, title: str, **more: Any) -> Response:
    """A refusal as a program reads it, or on the district's pages as a person does."""
    if is_page(request.url.path):
        return refused_page(request, status)
    body = {"type": kind, "title": title, "status": status, **{k: v for k, v in more.items() if v}}
    return Response(json.dumps(body), status, media_type="application/problem+json")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    await note(request, error)
    answer = _told(request, error.status, error.kind, error.title, area=error.area)
    if error.retry_after:
        answer.headers["Retry-After"] = str(error.retry_after)
    if error.status == 408:
        answer.headers["Connection"] = "close"  # the rest of the body is not waited for
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


async def _busy(request: Request, error: Exception) -> Response:
    request.state.log["refused"] = "busy"
    answer = _told(request, 503, "busy", "the database is busy; nothing was changed")
    answer.headers["Retry-After"] = "5"
    return answer


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    answer = _told(request, error.status_code, "http", str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _invalid(request: Request, error: Exception) -> Response:
    return _told(request, 400, "bad-body", "the request cannot be read")


async def _failed(request: Request, error: Exception) -> Response:
    return _told(request, 500, "failed", "the server failed; what was answered before is kept")
