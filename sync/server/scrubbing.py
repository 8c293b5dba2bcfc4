"""After an erasure: what the database still holds of it in free pages and dead rows."""

from __future__ import annotations

import contextlib

from sync.registry import Registry
from sync.server.database import Database, DatabaseBusy
from sync.server.forgetting import SCRUB_DUE
from sync.server.snapshot import Snapshots, beside

AT_ONCE = (
    256 << 20
)  # bytes of a database that is written anew in the seconds after a push (SQLite: about 3 s)


def scrub_due(database: Database) -> bool:
    """Whether the database may still hold what was erased."""
    with database.read() as tx:
        return tx.one("SELECT 1 FROM server_state WHERE name = :name", name=SCRUB_DUE) is not None


def scrub(database: Database, *, most: int | None = None) -> bool:
    """Write the database anew if anything was erased since that was last done. Returns whether nothing is left to do.

    ``most``: not above so many bytes: a large one is scrubbed when its operator says so. Raises DatabaseBusy.
    """
    if not scrub_due(database):
        return True
    if most is not None and database.size() > most:
        return False
    with database.read() as tx:
        due = tx.one("SELECT value FROM server_state WHERE name = :name", name=SCRUB_DUE)
    if due is None or not database.scrub():
        return False
    with database.write() as tx:  # unless something was erased meanwhile
        tx.run("DELETE FROM server_state WHERE name = :name AND value = :value", name=SCRUB_DUE, value=due[0])
    return not scrub_due(database)


def clean_up(database: Database, registry: Registry) -> None:
    """After a command that may have erased something, beside a server that runs or not: packed first loads from before
    go, and a small database is scrubbed; one that is busy or large stays due."""
    folder = beside(database)
    if folder is not None:
        Snapshots(database, registry, folder).forget_erased()
    with contextlib.suppress(DatabaseBusy):
        scrub(database, most=AT_ONCE)
