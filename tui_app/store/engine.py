"""The open database: a pool of reading connections and one writer at a time.

SQLAlchemy owns the connections (and with sqlmodel the table definitions); hot paths speak to the driver directly.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as driver
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool

from tui_app.clock import Clock, NewId, new_id, system_clock, to_wire
from tui_app.errors import NotOpened, VaultError
from tui_app.store import cipher, erasing
from tui_app.store.migrations import migrate
from tui_app.store.work import Work

CHIEF = "chief"
VIEWER = "viewer"  # the role that sees counts and no named record


class Store:
    """One encrypted database file, migrated and ready.

    ``role``: of who unlocked it. Its connections know it as ``gonha_role()`` and the clock as ``gonha_now()``, so
    that whatever reads names can be refused where it reads.
    ``key``: 32 bytes from the vault. ``safety_copy``: called with an open connection before migrations change a
    database that holds something. ``renew_copies``: called likewise once what was erased has left the file, to let the
    copies go that still hold it. Raises VaultBroken, VaultMissing or VaultTooNew.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        clock: Clock = system_clock,
        ids: NewId = new_id,
        create: bool = False,
        role: str = CHIEF,
        safety_copy: Callable[[Any], object] = lambda c: None,
        renew_copies: Callable[[Any], object] = lambda c: None,
    ) -> None:
        self.path = path
        self.clock = clock
        self.ids = ids
        self.role = role
        self._writing = threading.RLock()
        self._renew_copies = renew_copies
        first = cipher.open_database(path, key, create=create)
        try:
            migrate(first, to_wire(clock()), lambda: safety_copy(first))
        finally:
            first.close()
        self._open = lambda: self._connect(key)
        self.engine = create_engine(
            "sqlite+pysqlite://",
            module=driver,
            creator=self._open,
            poolclass=QueuePool,
            pool_size=4,
            pool_use_lifo=True,
            pool_reset_on_return=None,
        )
        self.scrub()

    def _connect(self, key: bytes) -> Any:
        connection = cipher.open_database(self.path, key)
        connection.row_factory = driver.Row
        connection.create_function("gonha_now", 0, lambda: to_wire(self.clock()))
        connection.create_function("gonha_role", 0, lambda: self.role)
        # measured by tests.bench: with 16 MB the pages of 100 000 persons stay for a search, but not those of a roster
        # of 40 000, which then takes a third longer
        connection.execute("PRAGMA cache_size = -24000")
        return connection

    @contextmanager
    def read(self) -> Iterator[Any]:
        """A connection that sees one moment of the database. Never used for writing."""
        pooled = self.engine.raw_connection()
        try:
            c: Any = pooled.driver_connection
            with _told():
                c.execute("BEGIN")
                try:
                    yield c
                finally:
                    c.execute("ROLLBACK")
        finally:
            pooled.close()

    @contextmanager
    def write(self) -> Iterator[Any]:
        """A connection inside one transaction: all of it is on disk when this ends, or none of it.

        Raises VaultError when the disk is full or fails, VaultBroken when the file is damaged, VaultBusy.
        """
        with self._writing:
            pooled = self.engine.raw_connection()
            try:
                c: Any = pooled.driver_connection
                with _told():
                    c.execute("BEGIN IMMEDIATE")
                    try:
                        yield c
                        c.execute("COMMIT")
                    finally:
                        if c.in_transaction:  # a full disk may have rolled it back already
                            c.execute("ROLLBACK")
            finally:
                pooled.close()

    def fold_log(self) -> None:
        """Put what the log holds into the file while others read and write.

        What cannot be put there now stays in the log, as safe as before; the next save that finds it long tries again.
        On a connection of its own: the pool would lend the writer's, which has at hand what it wrote just now.
        """
        with suppress(driver.DatabaseError, VaultError), closing(self._open()) as c:
            c.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    @contextmanager
    def work(self, who: str) -> Iterator[Work]:
        """A unit of work by ``who``: what it creates and changes is saved at the end, with its ops, at once.

        Raises NotOpened for a viewer, who changes nothing.
        """
        if self.role == VIEWER:
            raise NotOpened("gate.counts_only", "role")
        with self.write() as c:
            work = Work(c, who=who, clock=self.clock, ids=self.ids)
            yield work
            work.flush()

    def scrub(self) -> bool:
        """Let what was erased leave the file, its log and the safety copies too, if any of it may still be there.

        Returns False when that could not be done now: another program has the workspace open, or the disk is full. It
        stays due then, and is tried again when the workspace is closed or opened.
        """
        try:
            with self._writing, closing(self.engine.raw_connection()) as pooled, _told():
                c: Any = pooled.driver_connection
                if not erasing.scrub_due(c):
                    return True
                if not erasing.scrub(c):
                    return False
                self._renew_copies(c)
                erasing.scrubbed(c)
                return True
        except VaultError:
            return False

    def close(self) -> None:
        """Let go of the file. Waits for a save that is under way."""
        with self._writing:
            self.scrub()
            self.engine.dispose()


@contextmanager
def _told() -> Iterator[None]:
    """Trouble with the disk or the file in our words; what a statement itself did wrong stays as it is."""
    try:
        yield
    except driver.DatabaseError as error:
        told = cipher.trouble(error)
        if told is None:
            raise
        raise told from error
