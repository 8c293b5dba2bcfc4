"""Keeping what was refused, for the log and for the operator."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from sync.protocol import to_wire
from sync.server.problems import Refused
from sync.server.requests import Meeting


async def note(request: Request, error: Refused) -> None:
    """Log a refusal and keep it for the operator; an answer never fails because that could not be done."""
    notes = request.state.log
    notes["refused"] = error.kind
    meeting = request.app.state.meeting
    assert isinstance(meeting, Meeting)
    route = getattr(request.scope.get("route"), "path", "-")
    commune = getattr(request.state, "commune", "")

    def keep() -> None:
        at, who = to_wire(meeting.clock()), notes.get("device") or notes.get("page_user", "")
        meeting.refusals.note(at, who, route, error.kind, commune=commune, area=error.asked)

    try:
        await run_in_threadpool(keep)
    except Exception as failed:  # noqa: BLE001 - a full disk or a database that is away must not hide the refusal
        notes["unkept"] = type(failed).__name__
