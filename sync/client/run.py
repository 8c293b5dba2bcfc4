"""One sync of one laptop: scope, push until nothing waits, pull until nothing more, compare digests.

It reports only what happened. Whatever was answered before a cut is kept: answers and rows are committed together
with the cursor as they arrive. Runs in a thread; ``cancelled`` is asked between requests and batches of lines.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import islice
from typing import Any, Protocol

from sync import outbox
from sync.client.link import Link
from sync.client.outcome import AreaState, Cancelled, NotOurServer, Progress, Refused, Summary, SyncError
from sync.protocol import (
    MAX_BYTES,
    MAX_OPS,
    AreaMark,
    Cursor,
    Result,
    Row,
    Scope,
    Trailer,
    Unsent,
    row_hash,
    to_wire,
)

FIRST_BATCH = 100
COMMIT_ROWS = 2000  # received rows are committed at a cursor line, after so many rows
COMMIT_SECONDS = 1.0  # or so long, whichever comes first


class LaptopDatabase(Protocol):
    """The laptop's database: `tui_app.store.engine.Store` fits."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...


class OneSync:
    """One run over a `Link`. ``store``: where the laptop keeps its records. See `run`."""

    def __init__(
        self,
        link: Link,
        database: LaptopDatabase,
        store: outbox.RecordStore,
        *,
        progress: Callable[[Progress], None] = lambda p: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._link = link
        self._database = database
        self._store = store
        self._progress = progress
        self._cancelled = cancelled
        self._done = Summary()
        self._marks: dict[str, AreaMark] = {}
        self._digests: dict[str, str] = {}  # of areas that have not changed since

    def run(self) -> Summary:
        """Do it all. Raises a SyncError whose ``summary`` says how far it came."""
        try:
            scope = self._take_scope()
            self._push_all(scope.epoch)
            self._release_lost(scope)
            self._pull_all()
            self._compare()
        except SyncError as error:
            error.summary = self._finished()
            raise
        return replace(self._finished(), refreshed=True)

    def _take_scope(self) -> Scope:
        self._tell(Progress("scope"))
        scope = self._link.scope()
        with self._database.write() as c:
            for area in scope.areas:
                if area.mode == "write":
                    outbox.hold_area(c, area.area, area.commune, area.mode)
        return scope

    def _push_all(self, epoch: int) -> None:
        batch = FIRST_BATCH
        with self._database.read() as c:
            total = outbox.waiting_count(c)
        while True:
            self._tell(Progress("push", self._done.pushed, total))
            with self._database.write() as c:
                ops = outbox.waiting(c, self._link.device, batch, MAX_BYTES)
                outbox.mark_sent(c, ops)
            if not ops:
                return
            try:
                answered = self._push(ops, epoch)
            except Refused as refused:
                if refused.status != 413 or len(ops) == 1:
                    raise
                batch = max(len(ops) // 2, 1)
                continue
            if answered < len(ops):
                raise NotOurServer("some ops were left without an answer")
            batch = min(batch * 2, MAX_OPS)

    def _push(self, ops: list[Unsent], epoch: int) -> int:
        """Send one batch and take its answers, all that came. Returns how many ops were answered."""
        waiting = {op.id: op for op in ops}
        answered: list[tuple[Unsent, Result]] = []
        marks: list[AreaMark] = []
        try:
            with self._link.push(ops, epoch) as lines:
                for line in lines:
                    if isinstance(line, Result) and line.op in waiting:
                        answered.append((waiting.pop(line.op), line))
                    elif isinstance(line, AreaMark):
                        marks.append(line)
                    elif isinstance(line, Trailer):
                        self._done = replace(self._done, clock_offset=line.clock_offset)
        finally:
            self._take_answers(answered, marks)
        return len(answered)

    def _take_answers(self, answered: list[tuple[Unsent, Result]], marks: list[AreaMark]) -> None:
        if not answered:
            return
        now = to_wire(self._link.now())
        with self._database.write() as c:
            outbox.answer(c, self._store, answered, now)
            cursors = outbox.cursors(c)
            for mark in marks:
                if cursors.get(mark.area) == (mark.gen, mark.was_seq):
                    outbox.set_cursor(c, mark.area, mark.gen, mark.seq, now)
        names = [result.reason if result.result == "duplicate" else result.result for _, result in answered]
        self._done = replace(
            self._done,
            pushed=self._done.pushed + len(answered),
            applied=self._done.applied + names.count("applied"),
            merged=self._done.merged + names.count("merged"),
            conflicts=self._done.conflicts + names.count("conflict"),
            held=self._done.held + names.count("held"),
            rejected=self._done.rejected + names.count("rejected"),
        )

    def _release_lost(self, scope: Scope) -> None:
        granted = {area.area for area in scope.areas if area.mode == "write"}
        with self._database.write() as c:
            for area in outbox.held_areas(c).keys() - granted:
                outbox.release_area(c, self._store, area)

    def _pull_all(self) -> None:
        more = True
        while more:
            self._tell(Progress("pull", self._done.pulled))
            with self._database.read() as c:
                cursors = outbox.cursors(c)
            if not cursors:
                return
            with self._link.pull(cursors) as lines:
                more = self._take_rows(lines)

    def _take_rows(self, lines: Iterator[Any]) -> bool:
        page: list[Row] = []
        rows: list[Row] = []
        cursors: dict[str, Cursor] = {}
        due = time.monotonic() + COMMIT_SECONDS
        try:
            for line in lines:
                if isinstance(line, Row):
                    page.append(line)
                elif isinstance(line, Cursor):
                    rows += page
                    cursors[line.area] = line
                    page = []
                    if len(rows) >= COMMIT_ROWS or time.monotonic() >= due:
                        ready, rows, upto, cursors = rows, [], cursors, {}
                        self._commit_rows(ready, upto)
                        due = time.monotonic() + COMMIT_SECONDS
                elif isinstance(line, Trailer):
                    self._marks |= {mark.area: mark for mark in line.areas}
                    return line.more
            return False
        finally:
            if cursors:  # also when the link was cut: all rows up to a cursor line are kept
                self._commit_rows(rows, cursors)

    def _commit_rows(self, rows: list[Row], upto: dict[str, Cursor]) -> None:
        now = to_wire(self._link.now())
        self._digests.clear()
        with self._database.write() as c:
            outbox.apply(c, self._store, rows)
            for cursor in upto.values():
                outbox.set_cursor(c, cursor.area, cursor.gen, cursor.seq, now)
        self._done = replace(self._done, pulled=self._done.pulled + len(rows))
        self._tell(Progress("pull", self._done.pulled))

    def _compare(self) -> None:
        """Compare each area's digest with the server's; fetch an area that differs once more from its beginning."""
        self._tell(Progress("check"))
        wrong = self._differing()
        if wrong:
            with self._database.write() as c:
                for area in wrong:
                    outbox.set_cursor(c, area, self._marks[area].gen, 0, to_wire(self._link.now()))
            self._pull_all()
            wrong = self._differing()
        self._done = replace(self._done, mismatched=tuple(sorted(wrong)))

    def _differing(self) -> list[str]:
        with self._database.read() as c:
            cursors = outbox.cursors(c)
            return [
                area
                for area, mark in self._marks.items()
                if cursors.get(area) == (mark.gen, mark.seq) and mark.digest != self._digest(c, area)
            ]

    def _digest(self, c: Any, area: str) -> str:
        if area not in self._digests:
            self._digests[area] = digest(outbox.marks(c, self._store, area))
        return self._digests[area]

    def _finished(self) -> Summary:
        with self._database.read() as c:
            cursors = outbox.cursors(c)
            states = tuple(
                AreaState(area, seq, self._digest(c, area)) for area, (_, seq) in sorted(cursors.items())
            )
            pending = outbox.waiting_count(c)
        return replace(
            self._done,
            pending=pending,
            areas=states,
            bytes_up=self._link.bytes_up,
            bytes_down=self._link.bytes_down,
        )

    def _tell(self, progress: Progress) -> None:
        if self._cancelled():
            raise Cancelled
        self._progress(progress)


def digest(marks: Iterator[tuple[str, str, int]]) -> str:
    """The digest of an area's live rows, as the server writes it."""
    total = 0
    while part := list(islice(marks, 10_000)):
        total += sum(row_hash(*mark) for mark in part)
    return str(total % (1 << 64))
