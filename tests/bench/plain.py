"""The comparison of reading and saving: the same tables in a plain SQLite file, with what our connections know."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path
from typing import Any

from tui_app.clock import system_clock, to_wire
from tui_app.store.engine import CHIEF


def copy(c: Any, file: Path, filled: Collection[str] | None = None) -> None:
    """Write all tables and indexes into a new file, with the rows of those in ``filled`` (of all when None); without
    the search index."""
    with closing(sqlite3.connect(file)) as made:
        names = "sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%search%'"
        found = c.execute(f"SELECT name, type, sql FROM sqlite_master WHERE {names} ORDER BY type DESC")
        for name, kind, sql in found.fetchall():
            if kind not in ("table", "index") or "VIRTUAL" in sql:
                continue
            made.execute(sql)
            if kind == "table" and (filled is None or name in filled):
                rows = [tuple(row) for row in c.execute(f'SELECT * FROM "{name}"')]
                if rows:
                    made.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
        made.commit()


def opened(file: Path) -> sqlite3.Connection:
    """A connection to such a file that is flushed at each commit, as ours are."""
    plain = sqlite3.connect(file, isolation_level=None)
    plain.row_factory = sqlite3.Row
    plain.create_function("gonha_now", 0, lambda: to_wire(system_clock()))
    plain.create_function("gonha_role", 0, lambda: CHIEF)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    return plain
