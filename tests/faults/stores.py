"""Databases for many short runs: the real statements, without waiting for a disk.

Those in memory stay inside one transaction that is never committed, and what their users call a transaction is a
savepoint of it: so going back to the beginning is one ROLLBACK, and statements stay prepared from run to run. Loading a
copy instead would parse the schema and 240 statements anew for each run, a quarter of its time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sync.server.admin import init
from sync.server.database import Transaction
from sync.server.sqlite import SqliteDatabase, _SqliteTransaction
from tui_app.clock import Clock, NewId, to_wire
from tui_app.store import cipher
from tui_app.store.engine import CHIEF, Store
from tui_app.store.migrations import migrate
from tui_app.store.work import Work


class Saves:
    """Transactions on a connection in memory, all of which `forget` undoes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._under_way = False
        connection.execute("BEGIN IMMEDIATE")

    @contextmanager
    def one(self) -> Iterator[sqlite3.Connection]:
        """What is written here stays, or nothing of it when this raises."""
        assert not self._under_way, "a transaction within a transaction"
        self._under_way = True
        self.connection.execute("SAVEPOINT one")
        try:
            yield self.connection
        except BaseException:
            self.connection.execute("ROLLBACK TO one")
            raise
        finally:
            self._under_way = False
            self.connection.execute("RELEASE one")

    def look(self) -> sqlite3.Connection:
        """To read what was written by transactions that are over."""
        assert not self._under_way, "another connection would not see what is being written"
        return self.connection

    def forget(self) -> None:
        """As it was when this was made."""
        self.connection.execute("ROLLBACK")
        self.connection.execute("BEGIN IMMEDIATE")


def _in_memory(content: bytes | None = None) -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, cached_statements=500)
    if content is not None:
        # not deserialized in place: such a database is serialized without what its transaction has written
        with closing(sqlite3.connect(":memory:")) as copy:
            copy.deserialize(content)
            copy.backup(made)
    return made


class LightStore:
    """A laptop's database in memory, unencrypted: the same tables and statements as `Store`."""

    def __init__(self, clock: Clock, ids: NewId, content: bytes | None = None) -> None:
        self.clock, self.ids = clock, ids
        self._c = _in_memory(content)
        self._c.row_factory = sqlite3.Row
        self._c.create_function("gonha_role", 0, lambda: CHIEF)
        migrate(self._c, to_wire(clock()), lambda: None)
        self._saves = Saves(self._c)

    def forget(self, ids: NewId) -> None:
        """As it was when this was made. ``ids``: of what is made from now on."""
        self.ids = ids
        self._saves.forget()

    @contextmanager
    def read(self) -> Iterator[Any]:
        """As `Store.read`."""
        yield self._saves.look()

    @contextmanager
    def write(self) -> Iterator[Any]:
        """As `Store.write`."""
        with self._saves.one() as c:
            yield c

    def fold_log(self) -> None:
        """In memory there is no log."""

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


class LightDatabase(SqliteDatabase):
    """The server's database in memory, on one connection."""

    def __init__(self, content: bytes) -> None:
        self.path = Path(":memory:")
        self._writer = _in_memory(content)
        self._saves = Saves(self._writer)

    def forget(self) -> None:
        """As it was when this was made."""
        self._saves.forget()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """As `SqliteDatabase.read`."""
        yield _SqliteTransaction(self._saves.look())

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """As `SqliteDatabase.write`."""
        with self._saves.one() as c:
            yield _SqliteTransaction(c)

    def size(self) -> int:
        """There is no file."""
        return 0

    def scrub(self) -> bool:
        """Nothing of it outlives the run."""
        return True

    def close(self) -> None:
        """Forget it."""
        self._writer.close()


class Server:
    """The server's database, whose whole content can be put back: a file of a folder in memory, or when ``light``
    without the file."""

    def __init__(self, folder: Any, now: Any) -> None:
        self.database: Any = init(folder, now)
        self._beginning = b""
        self.do("PRAGMA synchronous = OFF")

    def do(self, sql: str, **values: Any) -> None:
        """Change the database behind the server's back."""
        self.database._writer.execute(sql, values)

    def keep_beginning(self, *, light: bool) -> None:
        """What `begin` goes back to; ``light``: from now on without a file."""
        self._beginning = self._content()
        if light:
            self.database.close()
            self.database = LightDatabase(self._beginning)

    def begin(self) -> None:
        """As it was when its beginning was kept."""
        if isinstance(self.database, LightDatabase):
            self.database.forget()
            return
        with closing(sqlite3.connect(":memory:")) as copy:
            copy.deserialize(self._beginning)
            copy.backup(self.database._writer)

    def _content(self) -> bytes:
        with closing(sqlite3.connect(":memory:")) as copy:
            self.database._writer.backup(copy)
            content = copy.serialize()
        # in memory there is no write-ahead log: the header's two version bytes must not ask for one
        return content[:18] + b"\x01\x01" + content[20:]
