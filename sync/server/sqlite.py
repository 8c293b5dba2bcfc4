"""SQLite: the embedded default of a station or a district."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from sync.server.database import AlreadyThere, DatabaseBusy, Transaction, insert_statement, put_statement
from sync.server.tables import Bulk

# Someone else holds the file, or the disk is full or failing: the transaction was rolled back.
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


class SqliteDatabase:
    """A file: one writer at a time, readers beside it (WAL), every commit on disk before it is answered.

    ``path``: the file; made when missing. ``readers``: read connections kept open.
    """

    kind = "sqlite"

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

    def size(self) -> int:
        """Bytes of the file."""
        return self.path.stat().st_size

    def scrub(self) -> bool:
        """Write the file anew and empty its log, so that nothing is left of what was deleted. Raises DatabaseBusy."""
        with self._turn, _translated():
            self._writer.execute("VACUUM")
            busy, *_ = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def close(self) -> None:
        """Close every connection; those in use are waited for."""
        with self._turn:
            for _ in range(self._count):
                reader = self._readers.get()
                if reader is not None:
                    reader.close()
            self._count = 0
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
        if error.sqlite_errorcode & 0xFF in _BUSY:
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

    def create(self, bulk: Bulk, same: tuple[Any, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows that are new. Raises AlreadyThere."""
        try:
            self._c.executemany(_sqlite_create(bulk), [same + row for row in rows])
        except sqlite3.IntegrityError as error:
            raise AlreadyThere(bulk.table) from error

    def turn(self) -> None:
        """Nothing to wait for: whoever writes is alone."""


@cache
def _for_sqlite(statement: str) -> str:
    return statement.replace("each(:", "json_each(:")


@cache
def _sqlite_put(bulk: Bulk) -> str:
    return put_statement(bulk, _places(bulk))


@cache
def _sqlite_create(bulk: Bulk) -> str:
    return insert_statement(bulk, _places(bulk))


def _places(bulk: Bulk) -> str:
    return f"VALUES ({', '.join('?' for _ in bulk.columns)})"
