"""Stands before the routes: counts what is under way, refuses what is too much, gives up on bodies that dribble,
and turns newcomers away while the server stops.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.server.limits import Gate, Limits, network_of, retry_after
from sync.server.pages.refusing import is_page, slower
from sync.server.problems import Refused

ENROL = "/v1/enrol"
GOOD_CODE = 200
SAYS_NOTHING_OF_A_CODE = 500  # from here on, and 0 for no answer at all


class Guard:
    """The routes within ``limits``; without limits it only counts. ``under_way``: requests now; ``stopping``:
    set to answer everything new with 503.
    """

    def __init__(
        self, app: ASGIApp, limits: Limits | None, ticks: Callable[[], float] = time.monotonic
    ) -> None:
        self.app, self.ticks = app, ticks
        self.gate = Gate(limits, ticks) if limits else None
        self.under_way = 0
        self.stopping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or say why not."""
        if self.stopping:
            await _refuse(scope, send, 503, "stopping", "the server is stopping; nothing was changed", 5)
            return
        gate = self.gate
        if gate is None:
            await self._count(scope, receive, send)
            return
        if self.under_way >= gate.limits.max_requests:
            await _refuse(scope, send, 503, "too-many", "too many requests are under way", 2)
            return
        address = network_of((scope.get("client") or ("",))[0])
        token = _token_hash(scope)
        key = gate.key_of(token, address)
        why, wait = gate.enter(key)
        if why:
            await _refuse(scope, send, 429, why, "slower, please; nothing was changed", wait)
            return
        try:
            receive = _Patience(gate.limits, receive, self.ticks)
            if scope["path"] == ENROL:
                await self._try(gate, address, scope, receive, send)
            else:
                await self._count(scope, receive, send)
        finally:
            gate.leave(key)
            device = scope["state"]["log"].get("device")
            if device and token:
                gate.learn(token, device)

    async def _try(self, gate: Gate, address: str, scope: Scope, receive: Receive, send: Send) -> None:
        wait = gate.enrols.begin(address)
        if wait:
            await _refuse(scope, send, 429, "too-many-tries", "too many wrong codes; wait", wait)
            return
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._count(scope, receive, watched)
        finally:
            if status == GOOD_CODE:
                gate.enrols.good(address)
            elif not status or status >= SAYS_NOTHING_OF_A_CODE:
                gate.enrols.void(address)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.under_way += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.under_way -= 1


class _Patience:
    """``receive`` that waits for a body as long as it keeps coming. Raises Refused 408."""

    def __init__(self, limits: Limits, receive: Receive, ticks: Callable[[], float]) -> None:
        self._limits, self._receive, self._ticks = limits, receive, ticks
        self._began, self._size, self._whole = ticks(), 0, False

    async def __call__(self) -> Message:
        if self._whole:  # what comes now is the end of the link, whenever
            return await self._receive()
        limits = self._limits
        due = self._began + limits.body_seconds + self._size / limits.body_rate
        try:
            async with asyncio.timeout(max(0.0, min(limits.body_seconds, due - self._ticks()))):
                message = await self._receive()
        except TimeoutError:
            raise Refused(408, "too-slow", "the body came too slowly; nothing was changed") from None
        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        return message


def _token_hash(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"authorization":
            return hashlib.sha256(value).digest()
    return b""


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


async def _refuse(scope: Scope, send: Send, status: int, kind: str, title: str, wait: float) -> None:
    scope["state"]["log"]["refused"] = kind
    seconds = retry_after(wait)
    if is_page(scope["path"]):
        body, headers = slower(scope["query_string"], seconds)
    else:
        body = json.dumps({"type": kind, "title": title, "status": status}).encode()
        headers = {"content-type": "application/problem+json"}
    told = {**headers, "content-length": str(len(body)), "retry-after": str(seconds)}
    await send({"type": "http.response.start", "status": status, "headers": _raw(told)})
    await send({"type": "http.response.body", "body": body})
