"""A wire between the real client and the real server in one process, and everything that can happen to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx

Ask = Callable[[], httpx.Response]
Fault = Callable[[Ask], httpx.Response]


class Wire(httpx.BaseTransport):
    """Carries requests to an ASGI application. ``then``: faults for the next requests to a path, each used once."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.then: list[tuple[str, Fault]] = []
        self.asked: list[str] = []
        self.sent: list[bytes] = []
        self.encoding = ""  # what answers are packed with, when a test wants to see their lines
        self._loop = asyncio.new_event_loop()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as the server does, or as the next fault for this path says."""
        path = request.url.path
        self.asked.append(path)
        self.sent.append(request.read())

        def ask() -> httpx.Response:
            status, headers, body = self._loop.run_until_complete(self._ask(request))
            return httpx.Response(status, headers=headers, stream=Arriving(body))

        for place, (wanted, fault) in enumerate(self.then):
            if path.startswith(wanted):
                del self.then[place]
                return fault(ask)
        return ask()

    def close(self) -> None:
        """Nothing: a laptop opens a link of its own for each sync over the same wire."""

    def end(self) -> None:
        """Close for good."""
        self._loop.close()

    def _headers(self, request: httpx.Request) -> httpx.Headers:
        return httpx.Headers(
            {**request.headers, **({"accept-encoding": self.encoding} if self.encoding else {})}
        )

    async def _ask(self, request: httpx.Request) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        url = request.url
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": url.path,
            "raw_path": url.raw_path,
            "query_string": url.query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in self._headers(request).raw],
            "server": ("server", 80),
            "client": ("laptop", 1),
        }
        asked = [{"type": "http.request", "body": request.read(), "more_body": False}]
        answered: list[Any] = []

        async def receive() -> Any:
            if asked:
                return asked.pop()
            await asyncio.Event().wait()  # the laptop stays on the line

        async def send(message: Any) -> None:
            answered.append(message)

        await self.app(scope, receive, send)
        start = answered[0]
        body = b"".join(message.get("body", b"") for message in answered[1:])
        return start["status"], start["headers"], body


class Arriving(httpx.SyncByteStream):
    """A body that arrives in chunks of 100 bytes; ``broken``: what happens at its end, None for a clean one."""

    def __init__(self, body: bytes, broken: Exception | None = None) -> None:
        self.body, self.broken = body, broken

    def __iter__(self) -> Iterator[bytes]:
        yield from (self.body[at : at + 100] for at in range(0, len(self.body), 100))
        if self.broken is not None:
            raise self.broken


def cut(after: int, *, politely: bool = False) -> Fault:
    """The answer stops after so many bytes of its body: by a reset, or ``politely`` by the end of the connection."""

    def fault(ask: Ask) -> httpx.Response:
        whole = ask()
        broken = None if politely else httpx.ReadError("reset")
        return httpx.Response(
            whole.status_code, headers=whole.headers, stream=Arriving(_raw(whole)[:after], broken)
        )

    return fault


def lost(ask: Ask) -> httpx.Response:
    """The server did its work, its answer never came."""
    ask()
    raise httpx.ReadTimeout("no answer")


def unreachable(ask: Ask) -> httpx.Response:
    """Nobody there."""
    raise httpx.ConnectError("no route")


def page(status: int, text: str = "<html>Đăng nhập Wi-Fi</html>", **headers: str) -> Fault:
    """Something else answers, and the request never reaches the server."""

    def fault(ask: Ask) -> httpx.Response:
        named = {"content-type": "text/html"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return httpx.Response(status, headers=named, stream=Arriving(text.encode()))

    return fault


def meanwhile(work: Callable[[], object]) -> Fault:
    """``work`` happens on the laptop after the server did its part and before the answer is read."""

    def fault(ask: Ask) -> httpx.Response:
        answer = ask()
        work()
        return answer

    return fault


def _raw(answer: httpx.Response) -> bytes:
    assert isinstance(answer.stream, Arriving)
    return answer.stream.body
