"""A link without the HTTP library and the web framework: the client's code meets the server's routes directly.

Two thirds of a short run are spent in those two. Requests that a route takes with more than the request itself go
through the whole application, so that nothing is left out.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request

from sync.client import Link
from sync.protocol import PROTOCOL, to_wire
from sync.server.problems import Refused
from sync.server.routes import router


class QuickLink(Link):
    """`Link` over a `tests.faults.wire.BadWire`, which is its ``transport``."""

    def __post_init__(self) -> None:
        headers = {"sync-protocol": str(PROTOCOL), "accept-encoding": "zstd, gzip"}
        self._http: Any = _Http(self.transport, headers)
        self.become(self.device, self.token)


class Asked:
    """A request as the wire knows it."""

    def __init__(self, method: str, path: str, headers: dict[str, str], content: bytes) -> None:
        self.method, self.url = method, httpx.URL(f"http://server{path}") if "?" in path else _url(path)
        self.headers = _Headers(headers)
        self.content = content

    def read(self) -> bytes:
        """The body."""
        return self.content


@cache
def _url(path: str) -> httpx.URL:
    return httpx.URL(f"http://server{path}")


class _Headers(dict[str, str]):
    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        return [(name.encode(), value.encode()) for name, value in self.items()]


class Told:
    """An answer, as much of it as `Link` looks at."""

    def __init__(self, status: int, *, headers: Any, stream: Any) -> None:
        self.status_code, self.stream, self.content = status, stream, b""
        if isinstance(headers, list):  # of the whole application
            headers = {name.decode().lower(): value.decode() for name, value in headers}
        self.headers: dict[str, str] = headers

    def read(self) -> bytes:
        """The whole body."""
        self.content = b"".join(self.stream)
        return self.content

    def iter_raw(self) -> Iterator[bytes]:
        """The body as it arrives."""
        yield from self.stream


class _Http:
    def __init__(self, wire: Any, headers: dict[str, str]) -> None:
        self._wire, self.headers = wire, headers

    def request(
        self, method: str, path: str, *, content: bytes | None = None, headers: Any = None, **more: Any
    ) -> Told:
        told: Told = self._wire.handle_request(self._asked(method, path, content, headers))
        told.read()
        return told

    @contextmanager
    def stream(
        self, method: str, path: str, *, content: bytes | None = None, headers: Any = None, **more: Any
    ) -> Iterator[Told]:
        yield self._wire.handle_request(self._asked(method, path, content, headers))

    def _asked(self, method: str, path: str, content: bytes | None, headers: Any) -> Asked:
        given = {name.lower(): value for name, value in (headers or {}).items()}
        given = {name.lower(): value for name, value in self.headers.items()} | given
        given["content-length"] = str(len(content or b""))
        return Asked(method, path, given, content or b"")

    def close(self) -> None:
        """Nothing is open."""


@cache
def _plain_routes() -> dict[tuple[str, str], Any]:
    return {
        (method, route.path): route.endpoint
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods
        if list(inspect.signature(route.endpoint).parameters) == ["request"]
    }


def serve(app: Any, scope: dict[str, Any], receive: Any) -> tuple[int, Any, bytes] | None:
    """Answer by the route's own function; None when the request needs the whole application."""
    endpoint = _plain_routes().get((scope["method"], scope["path"]))
    if endpoint is None:
        return None
    try:
        # nothing in it waits (`world.work_at_once`), so it needs no event loop
        _answer(endpoint, app, scope, receive).send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError(f"{scope['path']} waits for something")


async def _answer(endpoint: Any, app: Any, scope: dict[str, Any], receive: Any) -> tuple[int, Any, bytes]:
    notes: dict[str, Any] = {"log": {}}
    scope |= {"app": app.app, "state": notes, "path_params": {}}
    try:
        answer = await endpoint(Request(scope, receive))
        body = getattr(answer, "body", None)
        if body is None:
            body = b"".join([piece async for piece in answer.body_iterator])
        status, headers = answer.status_code, dict(answer.headers)
    except Refused as refused:
        problem = httpx.Response(
            refused.status, json={"type": refused.kind, "title": refused.title, "status": refused.status}
        )
        status, headers, body = refused.status, {"content-type": "application/problem+json"}, problem.content
    except ClientDisconnect:
        return 0, [], b""
    headers |= {
        "sync-protocol": str(PROTOCOL),
        "server-time": to_wire(app.clock()),
        "scope-epoch": str(notes.get("epoch", 0)),
    }
    return status, headers, body
