"""The one seam to a database: short transactions, named parameters, and lists passed as one JSON parameter.

Statements are written once. ``each(:keys)`` in a statement stands for the elements of a JSON array
(``k.value->>0`` is the first item of an element), and ``each(:keys) AS k CROSS JOIN table AS t WHERE ...`` looks
each of them up by the key of the table. A `Bulk` write takes structs whose fields are the columns
and is one statement; ``create`` takes rows that are new, as tuples that all begin with the values of ``same``, and
raises `AlreadyThere` when one is not.
Everything is synchronous; the routes call it from worker threads. The databases themselves are `sync.server.sqlite`
and `sync.server.postgres`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from sync.server.tables import MIGRATIONS, Bulk

_encode = msgspec.json.Encoder().encode


class DatabaseBusy(Exception):
    """The database cannot be used just now; nothing was written. Trying again later is safe.

    Only when the connection is lost in the middle of a commit nobody can know whether it happened; whatever
    laptops send may be sent again then as well.
    """


class AlreadyThere(Exception):
    """A row that was to be new is there; the transaction has to be given up, and nothing of it is written."""


class Transaction(Protocol):
    """Statements inside one transaction."""

    def all(self, statement: str, **values: Any) -> list[tuple[Any, ...]]: ...
    def one(self, statement: str, **values: Any) -> tuple[Any, ...] | None: ...
    def run(self, statement: str, **values: Any) -> int: ...
    def put(self, bulk: Bulk, rows: Sequence[msgspec.Struct]) -> None: ...
    def create(self, bulk: Bulk, same: tuple[Any, ...], rows: Sequence[tuple[Any, ...]]) -> None: ...
    def turn(self) -> None: ...


class Database(Protocol):
    """Where the server keeps everything. ``kind``: ``sqlite`` or ``postgresql``. ``size``: bytes on disk.
    ``scrub``: write records and ops anew, so that nothing which was deleted is left between them, alone for as long as
    that takes; False when somebody reads on meanwhile."""

    @property
    def kind(self) -> str: ...
    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...
    def size(self) -> int: ...
    def scrub(self) -> bool: ...
    def close(self) -> None: ...


def as_json(value: Any) -> str:
    """A list parameter for ``each(:name)``."""
    return str(_encode(value), "utf-8")


def migrate(database: Database, now: str) -> list[str]:
    """Run the migrations this database has not seen, each in one transaction with its record. Returns
    their names.

    Servers that start together take turns: ``turn`` waits, until its transaction ends, for every other
    process that is at it.
    """
    with database.write() as tx:
        tx.turn()
        tx.run("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, applied TEXT NOT NULL)")
    ran = []
    for name, statements in MIGRATIONS:
        with database.write() as tx:
            tx.turn()
            if tx.one("SELECT 1 FROM migration WHERE name = :name", name=name):
                continue
            for statement in statements:
                tx.run(statement)
            tx.run("INSERT INTO migration (name, applied) VALUES (:name, :now)", name=name, now=now)
        ran.append(name)
    return ran


def insert_statement(bulk: Bulk, source: str) -> str:
    """The insert of new rows of a `Bulk` from ``source``, which gives its columns in order."""
    return f"INSERT INTO {bulk.table} ({', '.join(name for name, _ in bulk.columns)}) {source}"


def put_statement(bulk: Bulk, source: str) -> str:
    """The upsert of a `Bulk` from ``source``, which gives its columns in order."""
    renewed = ", ".join(f"{name} = excluded.{name}" for name, _ in bulk.columns if name not in bulk.key)
    return f"{insert_statement(bulk, source)} ON CONFLICT ({', '.join(bulk.key)}) DO UPDATE SET {renewed}" + (
        f" WHERE {bulk.only_where}" if bulk.only_where else ""
    )
