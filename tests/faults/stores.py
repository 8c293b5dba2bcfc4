"""Databases for many short runs: the real statements, without waiting for a disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sync.server.admin import init
from tui_app.clock import Clock, NewId, to_wire
from tui_app.store import cipher
from tui_app.store.engine import Store
from tui_app.store.migrations import migrate
from tui_app.store.work import Work


class LightStore:
    """A laptop's database in memory, unencrypted: the same tables, statements and transactions as `Store`."""

    def __init__(self, clock: Clock, ids: NewId, content: bytes | None = None) -> None:
        self.clock, self.ids = clock, ids
        self._c = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        if content is not None:
            self._c.deserialize(content)
        self._c.row_factory = sqlite3.Row
        migrate(self._c, to_wire(clock()), lambda: None)

    @contextmanager
    def read(self) -> Iterator[Any]:
        """As `Store.read`."""
        yield self._c

    @contextmanager
    def write(self) -> Iterator[Any]:
        """As `Store.write`."""
        self._c.execute("BEGIN IMMEDIATE")
        try:
            yield self._c
            self._c.execute("COMMIT")
        finally:
            if self._c.in_transaction:
                self._c.execute("ROLLBACK")

    @contextmanager
    def work(self, who: str) -> Iterator[Work]:
        """As `Store.work`."""
        with self.write() as c:
            work = Work(c, who=who, clock=self.clock, ids=self.ids)
            yield work
            work.flush()

    def content(self) -> bytes:
        """The whole database, for a copy."""
        return self._c.serialize()

    def close(self) -> None:
        """Forget it."""
        self._c.close()


class QuickStore(Store):
    """The encrypted store as it ships, which does not wait for the disk: what is cut here is the wire."""

    _key = b""

    def __init__(self, path: Any, key: bytes, **more: Any) -> None:
        self._key = key
        super().__init__(path, key, **more)

    def _connect(self, key: bytes) -> Any:
        connection = super()._connect(key)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    def content(self) -> bytes:
        """The whole database, still encrypted."""
        connection = cipher.open_database(self.path, self._key)
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
        return self.path.read_bytes()


class Server:
    """The server's database in a file of a folder in memory, whose whole content can be put back."""

    def __init__(self, folder: Any, now: Any) -> None:
        self.database: Any = init(folder, now)
        self.do("PRAGMA synchronous = OFF")

    def do(self, sql: str, **values: Any) -> None:
        """Change the database behind the server's back."""
        self.database._writer.execute(sql, values)

    def content(self) -> bytes:
        """The whole database, as a backup has it."""
        copy = sqlite3.connect(":memory:")
        try:
            self.database._writer.backup(copy)
            content = copy.serialize()
        finally:
            copy.close()
        # in memory there is no write-ahead log: the header's two version bytes must not ask for one
        return content[:18] + b"\x01\x01" + content[20:]

    def put_back(self, content: bytes) -> None:
        """Continue from a backup."""
        copy = sqlite3.connect(":memory:")
        try:
            copy.deserialize(content)
            copy.backup(self.database._writer)
        finally:
            copy.close()
