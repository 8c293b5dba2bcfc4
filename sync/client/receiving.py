"""Rows in: committed together with the cursor as they arrive, so that whatever came before a cut stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain
from typing import Any

from sync import outbox
from sync.client.outcome import Progress
from sync.client.session import Session
from sync.protocol import Cursor, Row, Trailer

COMMIT_ROWS = 4000  # received rows are committed at a cursor line, after so many rows
COMMIT_SECONDS = 1.0  # or so long, whichever comes first


class Receiving:
    """Pulls until nothing more is new."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> None:
        """Pull every area this laptop shares. Raises a SyncError; rows up to a cursor line are kept."""
        while self._session.try_again(self._some):
            pass

    def _some(self) -> bool:
        """One request. Returns whether there is more."""
        session = self._session
        session.tell("pull", session.done.pulled)
        with session.database.read() as c:
            cursors = outbox.cursors(c)
        if not cursors:
            return False
        with session.link.pull(cursors) as lots:
            return self._take(session.watched(lots))

    def _take(self, lots: Iterator[list[Any]]) -> bool:
        page: list[Row] = []
        rows: list[Row] = []
        cursors: dict[str, Cursor] = {}
        due = time.monotonic() + COMMIT_SECONDS
        try:
            for line in chain.from_iterable(lots):
                if line.__class__ is Row:
                    page.append(line)
                elif isinstance(line, Cursor):
                    rows += page
                    cursors[line.area] = line
                    page = []
                    if len(rows) >= COMMIT_ROWS or time.monotonic() >= due:
                        ready, rows, upto, cursors = rows, [], cursors, {}
                        self._commit(ready, upto)
                        due = time.monotonic() + COMMIT_SECONDS
                elif isinstance(line, Trailer):
                    self._session.marks |= {mark.area: mark for mark in line.areas}
                    return line.more
            return False
        finally:
            if cursors:  # also when the link was cut: all rows up to a cursor line are kept
                self._commit(rows, cursors)

    def _commit(self, rows: list[Row], upto: dict[str, Cursor]) -> None:
        session = self._session
        now = session.now()
        with session.lot() as c:
            outbox.apply(c, session.store, rows)
            for cursor in upto.values():
                outbox.set_cursor(c, cursor.area, cursor.gen, cursor.seq, now)
        session.add(pulled=len(rows))
        session.progress(Progress("pull", session.done.pulled))
