"""Serving on a socket until told to stop."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from sync.registry import Registry
from sync.server.app import create_app
from sync.server.database import Database
from sync.server.problems import AdminError

STOP_SECONDS = 10  # what a request under way gets to finish


class _Server(uvicorn.Server):
    """Stops at the first SIGINT or SIGTERM and returns, so that the caller can close the database."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals while serving, if this is the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(number: int, frame: FrameType | None) -> None:
            self.handle_exit(number, frame)

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
    on_ready: Callable[[str, Callable[[], None]], None] | None = None,
) -> None:
    """Serve a prepared database until SIGINT, SIGTERM or ``stop()``; requests under way are finished first.

    ``port``: 0 takes a free one. ``certificate``, ``key``: PEM files for TLS. ``on_ready(url, stop)`` is
    called once connections are taken. Raises AdminError when the address cannot be used. Logs one JSON
    line a request to the logger ``gonha.server``.
    """
    app = create_app(database, registry)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=STOP_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    try:
        listening = socket.create_server((host, port), family=_family(host), backlog=2048)
    except (OSError, OverflowError) as error:
        raise AdminError("address_unusable", host=host, port=port) from error
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    server = _Server(config)

    def stop() -> None:
        server.should_exit = True

    with listening:
        if on_ready is not None:
            scheme = "https" if certificate else "http"
            shown = f"[{host}]" if ":" in host else host
            on_ready(f"{scheme}://{shown}:{listening.getsockname()[1]}", stop)
        server.run(sockets=[listening])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
