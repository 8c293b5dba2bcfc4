"""A damaged database made whole again: the newest sound safety copy, and over it every row that can still be read.

Nothing is repaired in place. The new database is built beside the old one, checked, and put in its place the way a
backup is restored; the damaged one is kept aside. What only the server has now comes with the next sync, because
the cursors of areas that lost rows stand at their beginning; ops that can be read go on waiting in the outbox.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.outbox import LOCAL
from tui_app.clock import Clock, system_clock, to_wire
from tui_app.errors import GonhaError, VaultBroken
from tui_app.records import BY_NAME
from tui_app.settings import Places
from tui_app.store import cipher, merged, restore, safety, search
from tui_app.store.migrations import migrate
from tui_app.store.vault import Opened

PROBES = 2000  # reads that may fail in one table before the rest of it is given up
_WITHOUT_ROWID = {"base": "type, id", "cursor": "area"}


@dataclass
class Healed:
    """What a repair came to. ``rows``: read from the damaged file, by table; ``gaps``: tables with a part that could
    not be read; ``waiting``: ops without an answer that were saved; ``copy``: the safety copy beneath, if there was
    one; ``kept``: the folder that keeps the damaged database."""

    rows: dict[str, int] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    waiting: int = 0
    copy: str = ""
    kept: str = ""


def heal(places: Places, opened: Opened, clock: Clock = system_clock) -> Healed:
    """Build a sound database from what there is and work with it from now on. Nobody has the workspace open.

    Raises VaultBroken when nothing can be read and there is no safety copy, VaultBusy while another process uses the
    workspace, VaultError when the folder cannot be written. The damaged database is as it was then.
    """
    healed = Healed()
    places.backups.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=places.home, prefix=".gonha-") as name:
        folder = Path(name)
        target = _beneath(places, opened, folder, healed, clock)
        try:
            damaged = _damaged_copy(places, opened, folder, healed)
            if damaged is not None:
                _take_over(damaged, target, healed)
            healed.waiting = target.execute(
                "SELECT count(*) FROM outbox WHERE state IN ('new', 'sent')"
            ).fetchone()[0]
            if cipher.damage(target):
                raise VaultBroken("vault.database_damaged", file=places.database.name)
            made = safety.safety_copy(places, target, "healed", clock)
        finally:
            target.close()
    kept = restore.restore(made, places, clock)
    healed.kept = kept.name if kept else ""
    return healed


def _beneath(places: Places, opened: Opened, folder: Path, healed: Healed, clock: Clock) -> cipher.Connection:
    """The database to start from: the newest safety copy that opens, or an empty one."""
    path = folder / places.database.name
    for copy in safety.safety_copies(places):
        try:
            safety.check_backup(copy)
            with (
                safety.open_backup(copy) as archive,
                archive.open(safety.DATABASE_NAME) as content,
                path.open("wb") as file,
            ):
                safety.copy_hashing(content, file)
            connection = cipher.open_database(path, opened.data_key)
        except GonhaError:
            path.unlink(missing_ok=True)
            continue
        healed.copy = copy.name
        break
    else:
        connection = cipher.open_database(path, opened.data_key, create=True)
    try:
        migrate(connection, to_wire(clock()), lambda: None)
    except BaseException:
        connection.close()
        raise
    return connection


def _damaged_copy(places: Places, opened: Opened, folder: Path, healed: Healed) -> Damaged | None:
    """The damaged database, copied so that looking at it changes nothing; None when it cannot even be opened."""
    path = folder / "damaged.db"
    for end in ("", "-wal"):
        beside = places.database.with_name(places.database.name + end)
        if beside.exists():
            shutil.copyfile(beside, path.with_name(path.name + end))
    damaged = Damaged(path, opened.data_key)
    try:
        damaged.ask("SELECT count(*) FROM sqlite_master")
    except GonhaError:
        if not healed.copy:
            raise
        healed.gaps.append("*")
        return None
    return damaged


class Damaged:
    """A database some pages of which cannot be read. A connection that met one of them reads nothing any more, so each
    such meeting costs a new one."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of an answer. Raises VaultBroken when they cannot all be read."""
        found: list[tuple[Any, ...]] = []
        if not self.read(statement, values, found.append):
            raise VaultBroken("vault.database_damaged", file=self._path.name)
        return found

    def read(self, statement: str, values: Any, take: Callable[[tuple[Any, ...]], object]) -> bool:
        """Hand the rows of an answer to ``take`` as they come; False when they stop at a damage."""
        import sqlcipher3

        connection = cipher.open_database(self._path, self._key)
        try:
            for row in connection.execute(statement, values):
                take(row)
        except sqlcipher3.DatabaseError:
            return False
        finally:
            connection.close()
        return True


def _take_over(source: Damaged, target: cipher.Connection, healed: Healed) -> None:
    import sqlcipher3

    target.row_factory = sqlcipher3.Row
    target.execute("BEGIN IMMEDIATE")
    try:
        for name in _tables(target):
            columns = _shared_columns(source, target, name)
            if not columns:
                continue
            rows, whole = readable(source, name, columns)
            marks = ", ".join("?" * len(columns))
            named = ", ".join(f'"{column}"' for column in columns)
            target.executemany(f'INSERT OR REPLACE INTO "{name}" ({named}) VALUES ({marks})', rows)
            healed.rows[name] = len(rows)
            if not whole:
                healed.gaps.append(name)
        if healed.copy or any(
            name in BY_NAME or name in ("later_row", "base", "cursor") for name in healed.gaps
        ):
            target.execute("UPDATE cursor SET gen = '', seq = 0 WHERE mode <> ?", (LOCAL,))
        target.execute("UPDATE cursor SET digest = NULL")  # counted anew
        merged.rebuild(target)
        search.rebuild(target)
        target.execute("COMMIT")
    finally:
        if target.in_transaction:
            target.execute("ROLLBACK")


def _tables(c: cipher.Connection) -> list[str]:
    """Every table but those of the search index, which is built anew, and the record of migrations."""
    found = re.findall(r"CREATE (?:VIRTUAL )?TABLE (\w+)", "\n".join(search.DDL))
    names = [
        name for (name,) in c.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    ]
    return [
        name
        for name in names
        if name != "migration" and not name.startswith(("sqlite_", *found)) and not name.startswith("search")
    ]


def _shared_columns(source: Damaged, target: cipher.Connection, name: str) -> list[str]:
    there = [row[1] for row in source.ask(f'PRAGMA table_info("{name}")')]
    here = {row[1] for row in target.execute(f'PRAGMA table_info("{name}")')}
    return [column for column in there if column in here]


def readable(source: Damaged, name: str, columns: list[str]) -> tuple[list[tuple[Any, ...]], bool]:
    """The rows of a table that can still be read, and whether those are all.

    From the front up to the first damage, from the back down to the last, and what lies between in halves.
    """
    named = ", ".join(f'"{column}"' for column in columns)
    key = _WITHOUT_ROWID.get(name)
    rows: dict[Any, tuple[Any, ...]] = {}
    if key is not None:
        whole = source.read(
            f'SELECT {named} FROM "{name}" ORDER BY {key}', (), lambda r: rows.setdefault(r, r)
        )
        if not whole:
            back = ", ".join(f"{column} DESC" for column in key.split(", "))
            source.read(f'SELECT {named} FROM "{name}" ORDER BY {back}', (), lambda r: rows.setdefault(r, r))
        return list(rows.values()), whole

    def take(row: tuple[Any, ...]) -> None:
        rows[row[0]] = row[1:]

    statement = f'SELECT rowid, {named} FROM "{name}"'
    if source.read(f"{statement} ORDER BY rowid", (), take):
        return list(rows.values()), True
    low = max(rows, default=None)
    source.read(f"{statement} ORDER BY rowid DESC", (), take)
    high = min((rowid for rowid in rows if low is None or rowid > low), default=None)
    if low is not None and high is not None:
        probes = 0
        ranges = [(low + 1, high - 1)]
        while ranges and probes < PROBES:
            first, last = ranges.pop()
            if first > last:
                continue
            if not source.read(f"{statement} WHERE rowid BETWEEN ? AND ?", (first, last), take):
                probes += 1
                middle = (first + last) // 2
                if first < last:
                    ranges += [(middle + 1, last), (first, middle)]
    return [rows[rowid] for rowid in sorted(rows)], False
