"""What every answer carries, and the one line about it in the log."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.protocol import PROTOCOL, to_wire
from sync.server.guard import Guard
from sync.server.metrics import Metrics

log = logging.getLogger("gonha.server")


class Envelope:
    """Puts Server-Time, Scope-Epoch and Sync-Protocol on every answer, one line about it into the log and its
    figures into ``metrics``. An answer that failed tells the id of its line. ``close``: ends what goes on beside the
    requests, before the database is closed.

    The log names the request, the device, the route's pattern, sizes and counts; never a body, a token, a
    code, a query, an address or a record.
    """

    def __init__(
        self, guard: Guard, metrics: Metrics, clock: Callable[[], datetime], close: Callable[[], object]
    ) -> None:
        self.guard, self.metrics, self.clock, self.close = guard, metrics, clock, close

    @property
    def app(self) -> ASGIApp:
        """The routes themselves."""
        return self.guard.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        notes: dict[str, Any] = scope.setdefault("state", {})
        notes["log"] = {}
        ident = secrets.token_hex(6)
        started, status, sent, received, whole = time.perf_counter(), 500, 0, 0, False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        async def wrapped(message: Message) -> None:
            nonlocal status, sent, whole
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["Server-Time"] = to_wire(self.clock())
                headers["Scope-Epoch"] = str(notes.get("epoch", 0))
                headers["Sync-Protocol"] = str(PROTOCOL)
                if status >= 500:
                    headers["Request-Id"] = ident  # to be found in the log
                headers["Cache-Control"] = "no-store"
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
                whole = not message.get("more_body", False)
            await send(message)

        try:
            await self.guard(scope, counted, wrapped)
        except ClientDisconnect:
            notes["log"]["refused"] = "link-cut"
        except Exception as error:  # noqa: BLE001 - it was answered; its text may quote a record, so only
            notes["log"] |= _kind_and_place(error)  # what it was and where goes into the log
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "-")  # the pattern, not the path as asked
            entry = {
                "at": to_wire(self.clock()),
                "id": ident,
                "method": _method(scope),
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
                "received": received,
                "sent": sent,
                "whole": whole,
                **notes["log"],
            }
            log.log(logging.ERROR if "failed" in entry else logging.INFO, json.dumps(entry))
            self.metrics.served(
                entry["method"],
                route,
                status,
                seconds=seconds,
                sent=sent,
                received=received,
                notes=notes["log"],
            )


def _method(scope: Scope) -> str:
    """The method if it is one; a stranger's word would get into the log and make a count of its own."""
    known = ("GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS")
    return scope["method"] if scope["method"] in known else "other"


def _kind_and_place(error: BaseException) -> dict[str, str]:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else "?"
    return {"failed": type(error).__name__, "where": where}
