"""Ops out: batches that grow while the link carries them and shrink when it does not.

While the server works on one batch, a thread of this laptop writes the answers to the one before and takes the next one
from the outbox. A sync with little to send stays in its own thread.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain

from sync import outbox
from sync.client.outcome import NoLink, NotOurServer, Refused
from sync.client.session import Session
from sync.protocol import MAX_BYTES, MAX_OPS, AreaMark, Result, Trailer, Unsent

FIRST_BATCH = 100

Answered = list[tuple[Unsent, Result]]


class Sending:
    """Sends everything that waits. ``batch``: how many ops the next request carries at most."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._batch = FIRST_BATCH
        self._desk: ThreadPoolExecutor
        self._ready: Future[tuple[list[Unsent], bool]] | None = None
        self._written: Future[None] | None = None
        self._counts: dict[str, int] = {}  # of what is being written
        self._left = 0  # saves of work that the server has not answered

    def all(self, epoch: int) -> None:
        """Push until nothing waits. Raises a SyncError; what was answered until then is kept."""
        session = self._session
        with session.database.read() as c:
            total = session.done.pushed + outbox.sendable_count(c)
            self._left = sum(
                count for kind, count in outbox.waiting_by_type(c).items() if self._is_work(kind)
            )
        with ThreadPoolExecutor(1, "outbox") as self._desk:
            try:
                while session.try_again(lambda: self._some(epoch, total)):
                    pass
            finally:
                self._forget_ready()
                self._finish_writing()

    def _some(self, epoch: int, total: int) -> bool:
        """One batch. Returns whether there was one."""
        session = self._session
        session.tell("push", session.done.pushed, total)
        ops, more = self._next()
        if not ops:
            return False
        if more:
            self._ready = self._desk.submit(self._take_out, ops[-1].n, min(self._batch * 2, MAX_OPS))
        try:
            answered = self._push(ops, epoch)
        except Refused as refused:
            self._forget_ready()
            if refused.status != 413 or len(ops) == 1:
                raise
            self._batch = max(len(ops) // 2, 1)
            return True
        except NoLink:
            self._forget_ready()
            self._batch = max(min(self._batch, len(ops)) // 2, 1)  # less at once gets through sooner
            raise
        if answered < len(ops):
            raise NotOurServer("some ops were left without an answer")
        self._batch = min(self._batch * 2, MAX_OPS)
        return True

    def _next(self) -> tuple[list[Unsent], bool]:
        """The next batch, and whether more waits behind it."""
        if self._ready is not None:
            ready, self._ready = self._ready, None
            return ready.result()
        self._finish_writing()
        return self._take_out(0, self._batch)

    def _take_out(self, after: int, limit: int) -> tuple[list[Unsent], bool]:
        session = self._session
        with session.lot() as c:
            ops = outbox.waiting(c, session.link.device, limit, MAX_BYTES, after)
            outbox.mark_sent(c, ops)
            return ops, bool(ops) and outbox.waits_after(c, ops[-1].n)

    def _forget_ready(self) -> None:
        """The batch made ready is not sent: it still waits in the outbox, in its order."""
        if self._ready is not None:
            self._ready.exception()
            self._ready = None

    def _push(self, ops: list[Unsent], epoch: int) -> int:
        """Send one batch and take its answers, all that came. Returns how many ops were answered."""
        session = self._session
        waiting = {op.id: op for op in ops}
        answered: Answered = []
        marks: list[AreaMark] = []
        try:
            session.link.waiting = max(self._left - sum(self._is_work(op.type) for op in ops), 0)
            with session.link.push(ops, epoch) as lots:
                for line in chain.from_iterable(session.watched(lots)):
                    if isinstance(line, Result) and line.op in waiting:
                        answered.append((waiting.pop(line.op), line))
                    elif isinstance(line, AreaMark):
                        marks.append(line)
                    elif isinstance(line, Trailer):
                        session.note(clock_offset=line.clock_offset, clock=line.clock)
        finally:
            self._take(answered, marks)
        return len(answered)

    def _take(self, answered: Answered, marks: list[AreaMark]) -> None:
        """Have the answers written: at once, or beside the next batch when one is ready to go."""
        self._finish_writing()
        if not answered:
            return
        self._left -= sum(self._is_work(op.type) for op, _ in answered)
        names = [result.reason if result.result == "duplicate" else result.result for _, result in answered]
        self._counts = {
            "pushed": len(answered),
            "applied": names.count("applied"),
            "merged": names.count("merged"),
            "conflicts": names.count("conflict"),
            "held": names.count("held"),
            "rejected": names.count("rejected"),
        }
        self._written = self._desk.submit(self._write, answered, marks, self._session.now())
        if self._ready is None:
            self._finish_writing()

    def _is_work(self, type_name: str) -> bool:
        return type_name not in self._session.identity.uncounted

    def _finish_writing(self) -> None:
        """Wait until the answers are on disk; only then they count. Raises what writing them raised."""
        if self._written is not None:
            written, self._written = self._written, None
            written.result()
            self._session.add(**self._counts)

    def _write(self, answered: Answered, marks: list[AreaMark], now: str) -> None:
        session = self._session
        with session.lot() as c:
            outbox.answer(c, session.store, answered, now)
            cursors = outbox.cursors(c)
            for mark in marks:
                gen, seq = cursors.get(mark.area, (None, 0))
                if gen == mark.gen and seq == mark.was_seq:
                    outbox.set_cursor(c, mark.area, mark.gen, mark.seq, now)
                elif gen == "":
                    # Nothing was pulled yet, but these ops were taken in this history and no other.
                    outbox.set_cursor(c, mark.area, mark.gen, 0, now)
