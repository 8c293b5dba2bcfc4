"""A server on a real socket, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sync.server.database import Database
from sync.server.run import run
from tests.sync.meeting import REGISTRY


@contextmanager
def serving(database: Database, **options: Any) -> Iterator[str]:
    """The address of a server that ends with the block; ``options`` as of `run`."""
    ready, told = threading.Event(), list[Any]()

    def on_ready(url: str, stop: Any) -> None:
        told.extend([url, stop])
        ready.set()

    options = {"port": 0, "on_ready": on_ready, **options}
    thread = threading.Thread(target=run, args=(database, REGISTRY), kwargs=options)
    thread.start()
    assert ready.wait(10)
    try:
        yield told[0]
    finally:
        told[1]()
        thread.join(20)
        assert not thread.is_alive()


def dial(url: str) -> socket.socket:
    """A bare connection to a server."""
    host, _, port = url.rpartition("/")[2].partition(":")
    return socket.create_connection((host, int(port)), timeout=15)


def rest(wire: socket.socket) -> bytes:
    """Everything until the other side ends."""
    found = b""
    try:
        while piece := wire.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found
