"""One sync of one laptop: scope, push until nothing waits, pull until nothing more, compare digests.

It reports only what happened. Whatever was answered before a cut is kept: answers and rows are committed together
with the cursor as they arrive. Runs in a thread; ``cancelled`` is asked between lines and while it waits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sync import collector, digests, outbox, restored
from sync.client.first_load import FirstLoad
from sync.client.healing import Healing
from sync.client.link import Link
from sync.client.outcome import AreaState, Progress, Refused, Summary, SyncError
from sync.client.patience import Patience
from sync.client.receiving import Receiving
from sync.client.sending import Sending
from sync.client.session import Identity, LaptopDatabase, Session
from sync.protocol import Scope, to_wire

ROUNDS = 4  # how often one sync begins again because the server's idea of this laptop changed under it


class OneSync:
    """One run over a `Link`. ``store``: where the laptop keeps its records; ``identity``: where it keeps who it is
    to the server; ``patience``: how often and how long it tries again. See `run`."""

    def __init__(
        self,
        link: Link,
        database: LaptopDatabase,
        store: restored.RecordStore,
        *,
        progress: Callable[[Progress], None] = lambda p: None,
        cancelled: Callable[[], bool] = lambda: False,
        identity: Identity | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._session = Session(
            link, database, store, identity or Identity(), patience or Patience(), progress, cancelled
        )
        self._sending, self._receiving = Sending(self._session), Receiving(self._session)
        self._healing, self._first_load = Healing(self._session), FirstLoad(self._session)
        self._asked_again = False  # whether an unknown area was answered by a look at the scope

    def run(self) -> Summary:
        """Do it all. Raises a SyncError whose ``summary`` says how far it came."""
        collector.only_new()
        try:
            self._rounds()
        except SyncError as error:
            error.summary = self._finished()
            raise
        return replace(self._finished(), refreshed=True)

    def _rounds(self) -> None:
        """Once, and again from the scope when the server says that what was believed is no longer so."""
        for left in reversed(range(ROUNDS)):
            try:
                self._round()
                return
            except Refused as refused:
                if not left or not self._mended(refused):
                    raise

    def _round(self) -> None:
        scope = self._take_scope()
        self._sending.all(scope.epoch)
        self._release_lost(scope)
        self._first_load.all(scope)
        self._receiving.all()
        if self._healing.give_back():
            self._sending.all(scope.epoch)
            self._receiving.all()
            if self._healing.give_back():
                self._sending.all(scope.epoch)
                self._receiving.all()
        self._compare()

    def _mended(self, refused: Refused) -> bool:
        """Do what a refusal asks for. Returns whether it is worth beginning again."""
        if refused.problem == "device-forked":
            return self._fork()
        if refused.status == 404 and not self._asked_again:
            self._asked_again = True
            return True
        if refused.problem == "generation-changed":
            self._healing.doubt(refused.area)
            return True
        return refused.problem == "scope-changed"

    def _fork(self) -> bool:
        """Become a device of its own: the disk of this laptop, or of the other one, was copied. Returns False at
        a server that is too old to know how, True when done."""
        session = self._session
        wanted = session.identity.fork_request()
        try:
            enrolled = session.try_again(lambda: session.link.fork(wanted))
        except Refused as refused:
            if refused.status != 404:
                raise
            return False
        with session.database.write() as c:
            session.identity.became(c, enrolled)
        session.link.become(enrolled.device, enrolled.token)
        session.note(forked=True)
        return True

    def _take_scope(self) -> Scope:
        session = self._session
        session.tell("scope")
        with session.database.read() as c:
            kinds = outbox.waiting_by_type(c)
        uncounted = session.identity.uncounted
        session.link.waiting = sum(count for kind, count in kinds.items() if kind not in uncounted)
        scope = session.try_again(session.link.scope)
        session.link.history = scope.history
        with session.database.write() as c:
            self._healing.notice(c, scope, session.identity.met(c, scope))
            if scope.erased:
                session.store.erase(c, scope.erased)
            if scope.erased_texts:
                session.store.erase_texts(c, scope.erased_texts)
            for area in scope.areas:
                if area.mode == "write":
                    outbox.hold_area(c, area.area, area.commune, area.mode, session.now())
        return scope

    def _release_lost(self, scope: Scope) -> None:
        with self._session.database.write() as c:
            for area in outbox.held_areas(c).keys() - scope.granted():
                outbox.release_area(c, self._session.store, area)
            restored.release_missing(c, self._session.store, self._healing.since())
            outbox.drop_beneath_apart(c, self._session.store)

    def _compare(self) -> None:
        """Compare each area's digest with the server's; fetch an area that differs once more from its beginning."""
        session = self._session
        session.tell("check")
        wrong = self._differing()
        if wrong:
            with session.database.write() as c:
                for area in wrong:
                    outbox.set_cursor(c, area, session.marks[area].gen, 0, session.now())
            self._receiving.all()
            session.note(repaired=tuple(sorted(wrong)))
            wrong = self._differing()
        session.note(mismatched=tuple(sorted(wrong)))

    def _differing(self) -> list[str]:
        """Areas whose rows do not add up to what the server says. A sum that was kept and does not fit is counted
        once more before the rows are blamed."""
        session = self._session
        with session.database.read() as c:
            cursors, partly = outbox.cursors(c), outbox.rest_due(c)
            ready = [
                mark
                for area, mark in session.marks.items()
                if cursors.get(area) == (mark.gen, mark.seq) and area not in partly
            ]
        with session.database.write() as c:
            yesterday = to_wire(session.link.now() - timedelta(days=1))
            areas = [mark.area for mark in ready]
            digests.count_stale(c, session.store, areas, session.now(), yesterday)
            wrong = [mark for mark in ready if not digests.fits(c, mark.area, mark.digest)]
        if not wrong:
            return []
        with session.database.write() as c:
            cursors = outbox.cursors(c)
            for mark in wrong:
                digests.put(c, mark.area, digests.counted(c, session.store, mark.area))
            return [
                mark.area
                for mark in wrong
                if cursors.get(mark.area) == (mark.gen, mark.seq)
                and not digests.fits(c, mark.area, mark.digest)
            ]

    def _finished(self) -> Summary:
        session = self._session
        with session.database.read() as c:
            cursors = outbox.cursors(c)
            states = tuple(
                AreaState(area, seq, digests.of(c, session.store, area))
                for area, (_, seq) in sorted(cursors.items())
            )
            pending = outbox.waiting_count(c)
        return replace(
            session.done,
            pending=pending,
            areas=states,
            bytes_up=session.link.bytes_up,
            bytes_down=session.link.bytes_down,
            retries=session.patience.retries,
        )
