"""Ops out: batches that grow while the link carries them and shrink when it does not."""

from __future__ import annotations

from sync import outbox
from sync.client.outcome import NoLink, NotOurServer, Refused
from sync.client.session import Session
from sync.protocol import MAX_BYTES, MAX_OPS, AreaMark, Result, Trailer, Unsent

FIRST_BATCH = 100


class Sending:
    """Sends everything that waits. ``batch``: how many ops the next request carries at most."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._batch = FIRST_BATCH

    def all(self, epoch: int) -> None:
        """Push until nothing waits. Raises a SyncError; what was answered until then is kept."""
        session = self._session
        with session.database.read() as c:
            total = session.done.pushed + outbox.sendable_count(c)
        while session.try_again(lambda: self._some(epoch, total)):
            pass

    def _some(self, epoch: int, total: int) -> bool:
        """One batch. Returns whether there was one."""
        session = self._session
        session.tell("push", session.done.pushed, total)
        with session.database.write() as c:
            ops = outbox.waiting(c, session.link.device, self._batch, MAX_BYTES)
            outbox.mark_sent(c, ops)
        if not ops:
            return False
        try:
            answered = self._push(ops, epoch)
        except Refused as refused:
            if refused.status != 413 or len(ops) == 1:
                raise
            self._batch = max(len(ops) // 2, 1)
            return True
        except NoLink:
            self._batch = max(min(self._batch, len(ops)) // 2, 1)  # less at once gets through sooner
            raise
        if answered < len(ops):
            raise NotOurServer("some ops were left without an answer")
        self._batch = min(self._batch * 2, MAX_OPS)
        return True

    def _push(self, ops: list[Unsent], epoch: int) -> int:
        """Send one batch and take its answers, all that came. Returns how many ops were answered."""
        session = self._session
        waiting = {op.id: op for op in ops}
        answered: list[tuple[Unsent, Result]] = []
        marks: list[AreaMark] = []
        try:
            with session.link.push(ops, epoch) as lines:
                for line in session.watched(lines):
                    if isinstance(line, Result) and line.op in waiting:
                        answered.append((waiting.pop(line.op), line))
                    elif isinstance(line, AreaMark):
                        marks.append(line)
                    elif isinstance(line, Trailer):
                        session.note(clock_offset=line.clock_offset, clock=line.clock)
        finally:
            self._take(answered, marks)
        return len(answered)

    def _take(self, answered: list[tuple[Unsent, Result]], marks: list[AreaMark]) -> None:
        if not answered:
            return
        session = self._session
        now = session.now()
        with session.database.write() as c:
            outbox.answer(c, session.store, answered, now)
            cursors = outbox.cursors(c)
            for mark in marks:
                gen, seq = cursors.get(mark.area, (None, 0))
                if gen == mark.gen and seq == mark.was_seq:
                    outbox.set_cursor(c, mark.area, mark.gen, mark.seq, now)
                elif gen == "":
                    # Nothing was pulled yet, but these ops were taken in this history and no other.
                    outbox.set_cursor(c, mark.area, mark.gen, 0, now)
        names = [result.reason if result.result == "duplicate" else result.result for _, result in answered]
        session.add(
            pushed=len(answered),
            applied=names.count("applied"),
            merged=names.count("merged"),
            conflicts=names.count("conflict"),
            held=names.count("held"),
            rejected=names.count("rejected"),
        )
