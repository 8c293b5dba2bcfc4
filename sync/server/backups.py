"""A server's backup: every table as lines of one file, the same from every kind of database, and back.

A backup of SQLite can be restored into PostgreSQL and the other way round. It is made in one read
transaction, so it holds one moment of a server that goes on serving.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from sync.protocol import to_wire
from sync.server.backup_file import (
    FORMAT,
    FileHeader,
    decoded,
    new_sealing,
    read_header,
    read_lines,
    write_file,
)
from sync.server.database import Database, Transaction
from sync.server.problems import AdminError
from sync.server.tables import MIGRATIONS, Bulk

PAGE = 2000  # rows read or written at once
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class BackupInfo:
    """What a sound backup holds. ``rows``: by table; ``made_at``: wire moment."""

    file: str
    made_at: str
    rows: dict[str, int]
    size: int
    sealed: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of one table, in the order of ``columns``."""

    table: str
    columns: tuple[str, ...]
    rows: list[list[Any]]


@cache
def tables() -> dict[str, Bulk]:
    """Every table of the newest schema with its columns and its key, found by making them in memory."""
    found = {}
    with closing(sqlite3.connect(":memory:")) as c:
        for _name, statements in MIGRATIONS:
            for statement in statements:
                c.execute(statement)
        for (table,) in c.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall():
            about = c.execute(f"PRAGMA table_info({table})").fetchall()
            columns = tuple((name, "text" if kind == "TEXT" else "bigint") for _, name, kind, *_ in about)
            key = sorted((place, name) for _, name, _, _, _, place in about if place)
            found[table] = Bulk(table, columns, tuple(name for _, name in key))
    return found


def backup(
    database: Database, file: Path, *, password: str | None = None, now: datetime | None = None, **cost: int
) -> BackupInfo:
    """Write everything to ``file`` while the server goes on; it is read back before this returns.

    ``password``: seals it; without one it holds personal data in plain text, as the database does. ``cost``:
    Argon2id's ``passes``, ``memory_kib``, ``lanes``. Raises AdminError when the file exists or cannot be
    written.
    """
    with database.read() as tx:
        migrations = [name for (name,) in tx.all("SELECT name FROM migration ORDER BY name")]
        header = FileHeader(
            FORMAT, to_wire(now or datetime.now(UTC)), migrations, new_sealing(**cost) if password else None
        )
        write_file(file, header, _lines(tx), password)
    return check_backup(file, password)


def check_backup(file: Path, password: str | None = None) -> BackupInfo:
    """Read a backup to its end. Raises AdminError for a file that is missing, foreign, cut, altered or too
    new, and for a password that is missing or wrong.
    """
    header = read_header(file)
    rows = dict.fromkeys(tables(), 0)
    for page in pages(file, password):
        rows[page.table] = rows.get(page.table, 0) + len(page.rows)
    return BackupInfo(str(file), header.made_at, rows, file.stat().st_size, header.sealing is not None)


def pages(file: Path, password: str | None) -> Iterator[Page]:
    """The rows of a backup, checked against the tables of this program and counted at the end."""
    if set(read_header(file).migrations) - {name for name, _ in MIGRATIONS}:
        raise AdminError("backup_too_new", file=str(file))
    known, counts, ended = tables(), dict[str, int](), False
    for line in read_lines(file, password):
        value = decoded(line, file)
        try:
            if "end" in value:
                ended = value["end"] == counts
                break
            page = Page(value["table"], tuple(value["columns"]), value["rows"])
            names = {name for name, _ in known[page.table].columns}
            sound = set(page.columns) <= names and all(len(row) == len(page.columns) for row in page.rows)
        except (KeyError, TypeError) as error:
            raise AdminError("backup_altered", file=str(file)) from error
        if not sound:
            raise AdminError("backup_altered", file=str(file))
        counts[page.table] = counts.get(page.table, 0) + len(page.rows)
        yield page
    if not ended:
        raise AdminError("backup_altered", file=str(file))


def _lines(tx: Transaction) -> Iterator[bytes]:
    counts = {}
    for bulk in tables().values():
        names = [name for name, _ in bulk.columns]
        counts[bulk.table] = 0
        for rows in _pages_of(tx, bulk, names):
            counts[bulk.table] += len(rows)
            yield _encode({"table": bulk.table, "columns": names, "rows": rows})
    yield _encode({"end": counts})


def _pages_of(tx: Transaction, bulk: Bulk, names: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    """A table from its first key to its last; at least one page, so that an empty table is named too."""
    key = ", ".join(bulk.key)
    places = [names.index(name) for name in bulk.key]
    after: dict[str, Any] = {}
    while True:
        beyond = f"WHERE ({key}) > ({', '.join(f':{name}' for name in after)})" if after else ""
        rows = tx.all(
            f"SELECT {', '.join(names)} FROM {bulk.table} {beyond} ORDER BY {key} LIMIT {PAGE}", **after
        )
        yield rows
        if len(rows) < PAGE:
            return
        after = {f"k{place}": rows[-1][place] for place in places}
