"""Serving on a socket until told to stop."""

from __future__ import annotations

import gc
import ipaddress
import logging
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from sync import collector
from sync.registry import Registry
from sync.server.app import create_app
from sync.server.connections import within
from sync.server.database import Database
from sync.server.guard import Guard
from sync.server.limits import Limits
from sync.server.problems import AdminError
from sync.server.watch import MetricsAccess

_LIMITS = Limits()
# A batch makes some twenty containers an op, all of them needed until it is answered. Looked through at each 700th,
# with everything that was imported beside, they cost a push 63 us of processor time an op instead of 36.
COLLECTED_AT = 50_000
STOP_SECONDS = 20.0  # what requests under way get to finish
LOOPBACK = ("127.0.0.1", "::1")


class _Server(uvicorn.Server):
    """Stops at the first SIGINT or SIGTERM and returns, so that the caller can close the database.

    Until the requests under way are finished it goes on taking connections and answers them 503; a second
    signal, or ``stop_seconds``, ends that.
    """

    def __init__(self, config: uvicorn.Config, guard: Guard, stop_seconds: float) -> None:
        super().__init__(config)
        self.guard, self._stop_seconds = guard, stop_seconds
        self._stop_by: float | None = None

    def stop(self) -> None:
        """Begin to stop; safe from any thread."""
        self._stop_by = time.monotonic() + self._stop_seconds
        self.guard.stopping = True

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second."""
        if self._stop_by is not None and (not self.guard.under_way or time.monotonic() >= self._stop_by):
            self.should_exit = True
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals while serving, if this is the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(number: int, frame: FrameType | None) -> None:
            if self.guard.stopping:
                self.handle_exit(number, frame)
            else:
                self.stop()

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def run(
    database: Database,
    registry: Registry,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    certificate: Path | None = None,
    key: Path | None = None,
    behind_proxy: Sequence[str] | None = None,
    limits: Limits | None = _LIMITS,
    metrics_access: MetricsAccess | None = None,
    stop_seconds: float = STOP_SECONDS,
    on_ready: Callable[[str, Callable[[], None]], None] | None = None,
) -> None:
    """Serve a prepared database until SIGINT, SIGTERM or ``stop()``; requests under way are finished first.

    ``port``: 0 takes a free one. ``certificate``, ``key``: PEM files for TLS. ``behind_proxy``: addresses or
    networks of proxies whose X-Forwarded-For and -Proto are believed. ``limits``: None for none.
    ``on_ready(url, stop)`` is called once connections are taken. Raises AdminError when the address or the
    certificate cannot be used. Logs one JSON line a request to the logger ``gonha.server``.
    """
    app = create_app(database, registry, limits=limits, metrics_access=metrics_access)
    config = uvicorn.Config(
        app,
        http=within(limits) if limits else H11Protocol,
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        proxy_headers=behind_proxy is not None,
        forwarded_allow_ips=list(behind_proxy or ()),
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    if certificate:
        _check_certificate(certificate, key)
    try:
        listening = socket.create_server((host, port), family=_family(host), backlog=2048)
    except (OSError, OverflowError) as error:
        raise AdminError("address_unusable", host=host, port=port) from error
    # What connections inherit. An answer goes out as head and body; without this the body waits 40 ms for the laptop to
    # say that it got the head. (asyncio only does it for sockets that were made with the protocol's number.)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    server = _Server(config, app.guard, stop_seconds)
    connections = server.server_state.connections
    app.metrics.gauges["gonha_connections"] = ("Connections open now.", lambda: len(connections))
    with listening, _seldom_collected():
        if on_ready is not None:
            scheme = "https" if certificate else "http"
            shown = f"[{host}]" if ":" in host else host
            on_ready(f"{scheme}://{shown}:{listening.getsockname()[1]}", server.stop)
        try:
            server.run(sockets=[listening])
        finally:
            app.close()


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for garbage in cycles only when much was made, and never in what is there to stay."""
    collector.only_new()
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED_AT, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def proxies(text: str) -> list[str]:
    """Addresses and networks from ``10.0.0.1,192.168.0.0/16``. Raises AdminError for anything else."""
    found = [word.strip() for word in text.split(",") if word.strip()]
    for word in found:
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError as error:
            raise AdminError("proxy_unknown", address=word) from error
    return found or list(LOOPBACK)


def _check_certificate(certificate: Path, key: Path | None) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except OSError as error:  # an SSLError is one, too
        raise AdminError(
            "certificate_unusable", file=str(certificate), reason=type(error).__name__
        ) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
