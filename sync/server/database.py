"""The one seam to a database: short transactions, named parameters, and lists passed as one JSON parameter.

Statements are written once. ``each(:keys)`` in a statement stands for the elements of a JSON array
(``k.value->>0`` is the first item of an element). A `Bulk` write takes structs whose fields are the columns
and is one statement; a database behind a network would get them as one JSON parameter. Everything is
synchronous; the routes call it from worker threads.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import msgspec

from sync.server.tables import MIGRATIONS, Bulk

_encode = msgspec.json.Encoder().encode


class DatabaseBusy(Exception):
    """The database cannot be used just now; nothing was written. Trying again later is safe."""


class Transaction(Protocol):
    """Statements inside one transaction."""

    def all(self, statement: str, **values: Any) -> list[tuple[Any, ...]]: ...
    def one(self, statement: str, **values: Any) -> tuple[Any, ...] | None: ...
    def run(self, statement: str, **values: Any) -> int: ...
    def put(self, bulk: Bulk, rows: Sequence[msgspec.Struct]) -> None: ...


class Database(Protocol):
    """Where the server keeps everything."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...
    def close(self) -> None: ...


def as_json(value: Any) -> str:
    """A list parameter for ``each(:name)``."""
    return str(_encode(value), "utf-8")


def migrate(database: Database, now: str) -> list[str]:
    """Run the migrations this database has not seen, each in one transaction with its record. Returns
    their names.
    """
    with database.write() as tx:
        tx.run("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied TEXT NOT NULL)")
    ran = []
    for name, statements in MIGRATIONS:
        with database.write() as tx:
            if tx.one("SELECT 1 FROM migration WHERE name = :name", name=name):
                continue
            for statement in statements:
                tx.run(statement)
            tx.run("INSERT INTO migration (name, applied) VALUES (:name, :now)", name=name, now=now)
        ran.append(name)
    return ran


class SqliteDatabase:
    """A file: one writer at a time, readers beside it (WAL), every commit on disk before it is answered.

    ``path``: the file; made when missing. ``readers``: read connections kept open.
    """

    def __init__(self, path: Path | str, readers: int = 4) -> None:
        self.path = Path(path)
        self._turn = threading.Lock()
        self._writer = self._connect()
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._readers: queue.LifoQueue[sqlite3.Connection | None] = queue.LifoQueue()
        for _ in range(readers):
            self._readers.put(None)
        self._count = readers

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A snapshot: what is committed now, unchanged until the end."""
        connection = self._readers.get() or self._connect()
        try:
            with _translated():
                connection.execute("BEGIN")
                yield _SqliteTransaction(connection)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._readers.put(connection)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Alone among writers; commits at the end, or nothing of it happened. Raises DatabaseBusy."""
        with self._turn, _translated():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield _SqliteTransaction(self._writer)
                self._writer.execute("COMMIT")
            finally:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    def close(self) -> None:
        """Close every connection; those in use are waited for."""
        with self._turn:
            for _ in range(self._count):
                reader = self._readers.get()
                if reader is not None:
                    reader.close()
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -32768")
        return connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise DatabaseBusy(str(error)) from error
        raise


class _SqliteTransaction:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._c = connection

    def all(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._c.execute(_for_sqlite(statement), values).fetchall()

    def one(self, statement: str, **values: Any) -> tuple[Any, ...] | None:
        rows = self.all(statement, **values)
        return rows[0] if rows else None

    def run(self, statement: str, **values: Any) -> int:
        return self._c.execute(_for_sqlite(statement), values).rowcount

    def put(self, bulk: Bulk, rows: Sequence[msgspec.Struct]) -> None:
        # In-process there is no round trip to save: one prepared statement takes 77 000 rows/s of table `op`, the
        # same rows as one json_each parameter 25 000 (2 cores, batches of 1000, fsync on).
        if rows:
            self._c.executemany(_sqlite_put(bulk), map(msgspec.structs.astuple, rows))


@cache
def _for_sqlite(statement: str) -> str:
    return statement.replace("each(:", "json_each(:")


@cache
def _sqlite_put(bulk: Bulk) -> str:
    return put_statement(bulk, f"VALUES ({', '.join('?' for _ in bulk.columns)})")


def put_statement(bulk: Bulk, source: str) -> str:
    """The upsert of a `Bulk` from ``source``, which gives its columns in order."""
    renewed = ", ".join(f"{name} = excluded.{name}" for name, _ in bulk.columns if name not in bulk.key)
    return (
        f"INSERT INTO {bulk.table} ({', '.join(name for name, _ in bulk.columns)}) {source}"
        f" ON CONFLICT ({', '.join(bulk.key)}) DO UPDATE SET {renewed}"
        + (f" WHERE {bulk.only_where}" if bulk.only_where else "")
    )
