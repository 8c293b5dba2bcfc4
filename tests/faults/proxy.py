"""A TCP proxy between real processes that does to a connection what a bad link, a hotel or a proxy does.

Every connection gets the next `Plan`, or the usual one. Works on bytes, so it knows nothing of what it carries; only
``answer`` (something else answers) and ``twice`` (the request goes to the server twice) look for the end of a request.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

PIECE = 1400  # bytes: about what a packet carries


@dataclass(frozen=True)
class Plan:
    """What happens to one connection. ``cut_up``, ``cut_down``: bytes until it is reset, each way; ``stall_after``:
    bytes of the answer after which nothing comes any more; ``half_close``: the server's side ends politely after so
    many bytes of the answer; ``answer``: said instead of the server; ``twice``: the request reaches the server two
    times.
    """

    cut_up: int | None = None
    cut_down: int | None = None
    stall_after: int | None = None
    half_close: int | None = None
    answer: bytes = b""
    twice: bool = False


PLAIN = Plan()


def said(status: str, body: bytes = b"", **headers: str) -> Plan:
    """An answer of somebody else: ``said("429 Too Many", retry_after="1")``."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    return Plan(answer="\r\n".join(lines).encode() + b"\r\n\r\n" + body)


PORTAL = said("200 OK", "<html>Đăng nhập Wi-Fi</html>".encode(), content_type="text/html")
TOO_MANY = said("429 Too Many Requests", retry_after="1")
TOO_LARGE = said("413 Content Too Large")


@dataclass(frozen=True)
class Shape:
    """How slow the link is. ``rate``: bytes a second each way, 0 for no limit; ``delay``: seconds one way; ``loss``:
    part of the packets that have to be sent again, each of which holds up everything behind it for one round trip.
    """

    rate: float = 0.0
    delay: float = 0.0
    loss: float = 0.0


class Proxy:
    """Listens on loopback and passes everything to ``port``. ``plans``: for the next connections; ``usual``: for the
    others. ``connections``: how many there were."""

    def __init__(self, port: int, *, shape: Shape = Shape(), seed: int = 1) -> None:
        self._target, self.shape, self._random = port, shape, Random(seed)
        self.plans: list[Plan] = []
        self.usual: Callable[[], Plan] = lambda: PLAIN
        self.connections = self.up = self.down = 0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listening.getsockname()[1])
        self._open: set[socket.socket] = set()
        self._ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def drop_all(self) -> None:
        """The link fails: every connection there is now is reset."""
        for one in list(self._open):
            _reset(one)

    def close(self) -> None:
        """Stop listening and drop everything."""
        self._ended = True
        self._listening.close()
        self.drop_all()

    def _accept(self) -> None:
        while not self._ended:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            plan = self.plans.pop(0) if self.plans else self.usual()
            threading.Thread(target=self._carry, args=(client, plan), daemon=True).start()

    def _carry(self, client: socket.socket, plan: Plan) -> None:
        self._open.add(client)
        try:
            time.sleep(2 * self.shape.delay)  # a connection begins with a round trip
            if plan.answer:
                _request(client)
                client.sendall(plan.answer)
                client.shutdown(socket.SHUT_WR)
                return
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                self._open.add(server)
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if plan.twice:
                    request = _request(client)
                    self._deliver_unheard(request)
                    server.sendall(request)
                _Carrying(self, client, server, plan).run()
                self._open.discard(server)
        except OSError:
            _reset(client)
        finally:
            self._open.discard(client)
            client.close()

    def _deliver_unheard(self, request: bytes) -> None:
        with socket.create_connection(("127.0.0.1", self._target)) as other:
            other.sendall(request)
            other.settimeout(5.0)
            other.recv(1)

    def lost(self) -> bool:
        """Whether this packet has to be sent again."""
        return self._random.random() < self.shape.loss


@dataclass
class _Way:
    """One direction: what is on its way, with the moment at which it arrives."""

    to: socket.socket
    moving: list[tuple[float, bytes]] = field(default_factory=list)
    free_at: float = 0.0  # when the line has sent what was put into it
    passed: int = 0
    ended: bool = False


class _Carrying:
    """The two directions of one connection, in one thread."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket, plan: Plan) -> None:
        self._proxy, self._client, self._server, self._plan = proxy, client, server, plan
        self._ways = {client: _Way(server), server: _Way(client)}

    def run(self) -> None:
        """Carry until both sides have ended, or the plan says otherwise. Raises OSError when it is cut."""
        while not all(way.ended and not way.moving for way in self._ways.values()):
            now = time.monotonic()
            due = min((way.moving[0][0] for way in self._ways.values() if way.moving), default=now + 0.5)
            reading = [one for one, way in self._ways.items() if not way.ended and len(way.moving) < 64]
            readable, _, _ = select.select(reading, [], [], max(0.0, due - now))
            for one in readable:
                self._take(one)
            for one, way in self._ways.items():
                self._pass_on(one, way)

    def _take(self, one: socket.socket) -> None:
        way, content = self._ways[one], one.recv(PIECE)
        shape, now = self._proxy.shape, time.monotonic()
        if not content:
            way.ended = True
            if not way.moving:
                way.to.shutdown(socket.SHUT_WR)
            return
        if not (shape.rate or shape.delay):
            way.moving.append((now, content))
            return
        way.free_at = max(way.free_at, now) + (len(content) / shape.rate if shape.rate else 0.0)
        if self._proxy.lost():
            way.free_at += 2 * shape.delay
        way.moving.append((way.free_at + shape.delay, content))

    def _pass_on(self, one: socket.socket, way: _Way) -> None:
        now = time.monotonic()
        while way.moving and way.moving[0][0] <= now:
            _, content = way.moving.pop(0)
            allowed = self._allowed(one, way, len(content))
            way.to.sendall(content[:allowed])
            way.passed += allowed
            if one is self._client:
                self._proxy.up += allowed
            else:
                self._proxy.down += allowed
            if allowed < len(content):
                self._stop(one)
        if way.ended and not way.moving:
            try:
                way.to.shutdown(socket.SHUT_WR)
            except OSError:
                return

    def _allowed(self, one: socket.socket, way: _Way, size: int) -> int:
        plan = self._plan
        limits = (plan.cut_up,) if one is self._client else (plan.cut_down, plan.stall_after, plan.half_close)
        left = [limit - way.passed for limit in limits if limit is not None]
        return max(0, min([size, *left]))

    def _stop(self, one: socket.socket) -> None:
        if one is self._server and self._plan.half_close is not None:
            self._client.shutdown(socket.SHUT_WR)
            time.sleep(0.05)
        elif one is self._server and self._plan.stall_after is not None:
            select.select([self._client], [], [], 120.0)  # until the laptop has had enough
        raise ConnectionResetError("cut")


def _request(client: socket.socket) -> bytes:
    """One whole request: its head, and as much body as it announces."""
    content = b""
    while b"\r\n\r\n" not in content:
        part = client.recv(65536)
        if not part:
            return content
        content += part
    head, _, body = content.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        part = client.recv(65536)
        if not part:
            break
        body += part
    return head + b"\r\n\r\n" + body


def _reset(one: socket.socket) -> None:
    """End a connection the hard way."""
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
