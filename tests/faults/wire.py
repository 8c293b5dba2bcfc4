"""A wire between the real client and the real server in one process that cuts, loses, doubles and delays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx


class Trouble(StrEnum):
    """What can happen to one request."""

    UNREACHABLE = "unreachable"  # nobody there
    REQUEST_CUT = "request-cut"  # the server gets only the beginning of it
    ANSWER_LOST = "answer-lost"  # the server did its work, its answer never came
    ANSWER_CUT = "answer-cut"  # a reset within the answer
    ANSWER_SHORT = "answer-short"  # the answer ends early, politely
    TWICE = "twice"  # the request arrives twice, the second answer is read
    PORTAL = "portal"  # a login page of a network answers
    BUSY = "busy"  # a proxy in between has no time


@dataclass(frozen=True, slots=True)
class Fault:
    """``trouble`` with the next request whose path starts with ``path``. ``after``: bytes until a cut."""

    trouble: Trouble
    path: str
    after: int = 0


class BadWire(httpx.BaseTransport):
    """Carries requests to an ASGI application. ``faults``: each used once; ``app``: asked anew for each request, so
    that a server can be another one after its restart; ``quick``: answers instead where it can, and ``told``
    makes the answers (`tests.faults.quick`). ``met``: how many faults have happened."""

    def __init__(
        self,
        app: Callable[[], Any],
        loop: asyncio.AbstractEventLoop,
        quick: Callable[..., Any] | None = None,
        told: Callable[..., Any] = httpx.Response,
    ) -> None:
        self._app, self._loop, self._quick, self._told = app, loop, quick, told
        self.faults: list[Fault] = []
        self.late: list[httpx.Request] = []  # pushes that may arrive once more, whenever `again` says
        self.met = 0
        self.encoding = ""
        self.meanwhile: Callable[[], object] | None = None  # happens once, after the next scope was answered

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the server does, or as the next fault for this path says."""
        path = request.url.path
        request.read()
        if path.startswith("/v1/push"):
            self.late = [*self.late[-7:], request]
        for place, fault in enumerate(self.faults):
            if path.startswith(fault.path):
                del self.faults[place]
                self.met += 1
                return self._troubled(fault, request)
        answer = self._asked(request)
        if path == "/v1/scope" and self.meanwhile is not None:
            deed, self.meanwhile = self.meanwhile, None
            deed()
        return answer

    def again(self, place: int) -> None:
        """An old push arrives once more; nobody reads its answer."""
        if self.late:
            self._serve(self.late[place % len(self.late)], None)

    def close(self) -> None:
        """Nothing: a laptop opens a link of its own for each sync over the same wire."""

    def _troubled(self, fault: Fault, request: httpx.Request) -> httpx.Response:
        match fault.trouble:
            case Trouble.UNREACHABLE:
                raise httpx.ConnectError("no route")
            case Trouble.REQUEST_CUT:
                part = fault.after % max(len(request.content), 1)
                self._serve(request, part)
                raise httpx.WriteError("reset")
            case Trouble.ANSWER_LOST:
                self._asked(request)
                raise httpx.ReadTimeout("no answer")
            case Trouble.ANSWER_CUT:
                return self._short(self._asked(request), fault.after, httpx.ReadError("reset"))
            case Trouble.ANSWER_SHORT:
                return self._short(self._asked(request), fault.after, None)
            case Trouble.TWICE:
                self._asked(request)
                return self._asked(request)
            case Trouble.PORTAL:
                page = "<html><title>Đăng nhập Wi-Fi</title></html>".encode()
                return self._told(200, headers={"content-type": "text/html"}, stream=Arriving(page))
            case Trouble.BUSY:
                return self._told(503, headers={"retry-after": "1"}, stream=Arriving(b"busy"))

    def _short(self, whole: httpx.Response, after: int, broken: Exception | None) -> httpx.Response:
        assert isinstance(whole.stream, Arriving)
        body = whole.stream.body[: after % (len(whole.stream.body) + 1)]
        if broken is None and "content-length" in whole.headers and len(body) < len(whole.stream.body):
            # a real connection knows that a body of a declared length is not whole
            broken = httpx.RemoteProtocolError("the peer closed early")
        return self._told(whole.status_code, headers=whole.headers, stream=Arriving(body, broken))

    def _asked(self, request: httpx.Request) -> httpx.Response:
        status, headers, body = self._serve(request, None)
        return self._told(status, headers=headers, stream=Arriving(body))

    def _serve(self, request: httpx.Request, part: int | None) -> tuple[int, Any, bytes]:
        app, scope = self._app(), self._scope(request)
        content = request.content
        if part is None:
            asked = [{"type": "http.request", "body": content, "more_body": False}]
        else:
            asked = [
                {"type": "http.disconnect"},
                {"type": "http.request", "body": content[:part], "more_body": True},
            ]

        async def receive() -> Any:
            if asked:
                return asked.pop()
            await asyncio.Event().wait()  # the laptop stays on the line

        told = self._quick(app, scope, receive) if self._quick is not None else None
        if told is not None:
            return told  # type: ignore[no-any-return]
        return self._loop.run_until_complete(_whole(app, scope, receive))

    def _scope(self, request: httpx.Request) -> dict[str, Any]:
        url = request.url
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        if self.encoding:
            headers = [(n, v) for n, v in headers if n != b"accept-encoding"]
            headers.append((b"accept-encoding", self.encoding.encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": url.path,
            "raw_path": url.raw_path,
            "query_string": url.query,
            "root_path": "",
            "headers": headers,
            "server": ("server", 80),
            "client": ("laptop", 1),
        }


async def _whole(app: Any, scope: dict[str, Any], receive: Any) -> tuple[int, Any, bytes]:
    """The answer of the whole application; status 0 when it gave none."""
    answered: list[Any] = []

    async def send(message: Any) -> None:
        answered.append(message)

    await app(scope, receive, send)
    if not answered:
        return 0, [], b""
    body = b"".join(message.get("body", b"") for message in answered[1:])
    return answered[0]["status"], answered[0]["headers"], body


class Arriving(httpx.SyncByteStream):
    """A body that arrives in chunks of 200 bytes; ``broken``: what happens at its end, None for a clean one."""

    def __init__(self, body: bytes, broken: Exception | None = None) -> None:
        self.body, self.broken = body, broken

    def __iter__(self) -> Iterator[bytes]:
        yield from (self.body[at : at + 200] for at in range(0, len(self.body), 200))
        if self.broken is not None:
            raise self.broken
