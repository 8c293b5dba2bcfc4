"""How the database came to its shape: named functions, each in one transaction with its record.

A database is opened by a program that knows all its migrations; one with a name this program does not know was
written by a newer version and is left untouched. Before the first pending migration of a non-empty database a
safety copy is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlcipher3.dbapi2 as driver

from sync import digests, outbox, restored, stopped
from tui_app.errors import VaultTooNew
from tui_app.store import first_schema, search
from tui_app.store.access_is_synced import m0002_access_is_synced
from tui_app.store.care_schema import m0007_care_at_home
from tui_app.store.chief_day_schema import m0009_a_chiefs_day
from tui_app.store.known_once_schema import m0008_everyone_known_once
from tui_app.store.rows import has_known, has_texts, take_known, take_texts

Migration = Callable[[Any], None]


def m0001_first_door(c: Any) -> None:
    """Records of households, persons and visits; outbox; search; drafts; imports; settings."""
    for statement in (*first_schema.DDL, *outbox.DDL, *search.DDL):
        c.execute(statement)


def m0003_settled_ops(c: Any) -> None:
    """How a person settled an op that the server did not take."""
    for statement in stopped.DDL:
        c.execute(statement)


def m0004_restored_servers(c: Any) -> None:
    """What is set aside while an area of a restored server is read anew."""
    for statement in restored.DDL:
        c.execute(statement)


def m0005_digests_and_first_loads(c: Any) -> None:
    """The digest of each area, kept up to date; whether its old rows are still to be loaded."""
    for statement in digests.DDL:
        c.execute(statement)


def m0006_less_is_written(c: Any) -> None:
    """What goes out is noted beside the outbox; one index of what waits instead of two."""
    for statement in outbox.HANDED_DDL:
        c.execute(statement)


def m0010_erased_for_good(c: Any) -> None:
    """Which records were erased, so that nothing of them comes back."""
    for statement in outbox.ERASED_DDL:
        c.execute(statement)


def m0011_erased_words(c: Any) -> None:
    """Which fields of records that stay lost their words, and how an erasure says so."""
    for statement in outbox.ERASED_TEXTS_DDL:
        c.execute(statement)
    c.execute("ALTER TABLE erasure ADD COLUMN texts TEXT")
    c.execute(  # what a newer program sent early
        "UPDATE erasure SET texts = extra ->> '$.texts', extra = nullif(json_remove(extra, '$.texts'), '{}')"
        " WHERE extra ->> '$.texts' IS NOT NULL"
    )


MIGRATIONS: tuple[Migration, ...] = (
    m0001_first_door,
    m0002_access_is_synced,
    m0003_settled_ops,
    m0004_restored_servers,
    m0005_digests_and_first_loads,
    m0006_less_is_written,
    m0007_care_at_home,
    m0008_everyone_known_once,
    m0009_a_chiefs_day,
    m0010_erased_for_good,
    m0011_erased_words,
)


def pending(c: Any) -> list[Migration]:
    """The migrations this database still needs. Raises VaultTooNew when it has one we do not know."""
    known = {step.__name__ for step in MIGRATIONS}
    done = applied(c)
    if unknown := sorted(set(done) - known):
        raise VaultTooNew("vault.database_too_new", migration=unknown[-1])
    return [step for step in MIGRATIONS if step.__name__ not in done]


def applied(c: Any) -> list[str]:
    """The names recorded in the database, oldest first."""
    has_table = c.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'"
    ).fetchone()
    return [name for (name,) in c.execute("SELECT name FROM migration ORDER BY rowid")] if has_table else []


def migrate(c: Any, at: str, safety_copy: Callable[[], object]) -> list[str]:
    """Bring the database up to date; returns the names of the steps taken. ``at``: wire moment, recorded with each.

    ``safety_copy`` is called once before the first step of a database that already holds something. Afterwards rows
    that an older version kept whole, because it did not know their type, go into the table of their type; and words
    go that an erasure named to it which it did not understand.
    """
    steps = pending(c)
    if steps and applied(c):
        safety_copy()
    for step in steps:
        with _transaction(c):
            c.execute("CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, at TEXT NOT NULL)")
            step(c)
            c.execute("INSERT INTO migration (name, at) VALUES (?, ?)", (step.__name__, at))
    early = m0011_erased_words in steps and has_texts(c)
    if early or has_known(c):
        factory, c.row_factory = c.row_factory, driver.Row  # the search index reads its entries by name
        try:
            with _transaction(c):
                take_known(c)
                if early:
                    take_texts(c)
        finally:
            c.row_factory = factory
    return [step.__name__ for step in steps]


@contextmanager
def _transaction(c: Any) -> Iterator[None]:
    c.execute("BEGIN IMMEDIATE")
    try:
        yield
        c.execute("COMMIT")
    except BaseException:
        c.execute("ROLLBACK")
        raise
