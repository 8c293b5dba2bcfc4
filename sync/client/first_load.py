"""The first load of a large area: its people and today's work as one packed file, usable at once, then the old rest.

A part that is cut goes on from its last byte; what has arrived is kept in memory only. Small areas, and those of a
server that has no such files, are simply pulled.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from sync import outbox, restored
from sync.client.lots import LotReader
from sync.client.outcome import NoLink, NotOurServer, Refused
from sync.client.receiving import COMMIT_ROWS
from sync.client.session import Session
from sync.protocol import PROTOCOL, SCHEMA, Cursor, Header, PullLine, Row, Scope, Trailer

MANY = 2000  # from this counter on a file is worth it
# Pages of the log (32 MiB) after which it is put into the database while rows come in; SQLite's own 1000 wrote the
# pages that all rows share again and again: 50 000 rows in 1,40 s with it, 1,29 s with these (2 cores, load 1).
LOG_PAGES, USUAL_LOG_PAGES = 8000, 1000
_MAX_UNPACKED = 1 << 30
_KILO = 1000
_pulled = msgspec.json.Decoder(PullLine)


class FirstLoad:
    """Loads areas this laptop has nothing of yet, and what is still missing of those it began with.

    Rows are committed in a thread of their own while the next ones are unpacked. Only the commit, a single call that
    enciphers and waits for the disk: two threads that both run Python would only wait for each other (measured: 50 000
    rows took a tenth longer when all of a lot was written while the next was unpacked). A first part is written while
    the server is asked for what comes next, which is waiting. The log goes into the file in a third thread meanwhile.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._desk: ThreadPoolExecutor
        self._log_desk: ThreadPoolExecutor
        self._written: Future[int] | None = None
        self._folded: Future[None] | None = None
        self._loaded = False  # whether a first part came that nobody was told of

    def all(self, scope: Scope) -> None:
        """Load what is due. Raises a SyncError; a part that came whole is kept."""
        with self._session.database.read() as c:
            cursors, healing, due = outbox.cursors(c), restored.healing(c), outbox.rest_due(c)
        stands = {area: cursors[area][1] for area in due & cursors.keys()}
        with ThreadPoolExecutor(1, "log") as self._log_desk, ThreadPoolExecutor(1, "rows") as self._desk:
            try:
                for area in scope.areas:
                    _, seq = cursors.get(area.area, ("", -1))
                    if seq == 0 and area.seq >= MANY and area.area not in healing:
                        cursor = self._first(area.area)
                        stands |= {area.area: cursor.seq} if cursor else {}
                for area_id in sorted(stands):
                    self._rest(area_id, stands[area_id])
            finally:
                self._usable()

    def _first(self, area: str) -> Cursor | None:
        """People and today's work, in one transaction with the cursor. Returns it, None without such a file."""
        session = self._session
        rows: list[Row] = []
        part = _Part(session, area, "first", rows.extend, rows.clear, begun=self._finish_writing)
        if not self._came(part):
            return None
        stands = part.cursor

        def write(c: Any) -> int:
            outbox.apply(c, session.store, rows)
            outbox.set_cursor(c, area, stands.gen, stands.seq, session.now())
            outbox.set_rest_due(c, area, True)
            return len(rows)

        self._write(write, wait=False)
        self._loaded = True
        return stands

    def _rest(self, area: str, seq: int) -> None:
        """The old rows, committed as they come: what is here already and as new stays."""
        session = self._session
        waiting: list[Row] = []

        def write(c: Any) -> int:
            return outbox.apply_older(c, session.store, waiting)

        def take(some: list[Row]) -> None:
            waiting.extend(some)
            if len(waiting) >= COMMIT_ROWS:
                self._write(write)
                waiting.clear()

        came = self._came(_Part(session, area, "rest", take, waiting.clear, f"&seq={seq}", self._usable))

        def write_last(c: Any) -> int:
            outbox.set_rest_due(c, area, False)
            if came:
                return write(c)
            # a server that has no such files: everything comes with the pull
            gen, _ = outbox.cursors(c)[area]
            outbox.set_cursor(c, area, gen, 0, session.now())
            return 0

        self._write(write_last, last=True)

    def _write(self, work: Callable[[Any], int], *, wait: bool = True, last: bool = False) -> None:
        """Do ``work`` in a transaction once the one before is on disk; returns while this one is committed, without
        ``wait`` before it is begun. ``work``: returns how many rows it wrote; ``last``: the log goes into the database
        now. Raises what went wrong before."""
        self._finish_writing()
        done = Event()

        def write() -> int:
            try:
                with self._session.lot() as c:
                    c.execute(f"PRAGMA wal_autocheckpoint = {USUAL_LOG_PAGES if last else LOG_PAGES}")
                    count = work(c)
                    done.set()
                    if last and self._folded is not None:
                        self._folded.result()  # beside it this commit could not shorten the log
            finally:
                done.set()
            if not last and (self._folded is None or self._folded.done()):
                self._folded = self._log_desk.submit(self._session.database.fold_log)
            return count

        self._written = self._desk.submit(write)
        if wait:
            done.wait()

    def _finish_writing(self) -> None:
        """Wait until the rows are on disk; only then they count. Raises what writing them raised."""
        if self._written is not None:
            written, self._written = self._written, None
            self._session.add(pulled=written.result())

    def _usable(self) -> None:
        """Say so once the first parts are on disk."""
        loaded, self._loaded = self._loaded, False
        self._finish_writing()
        if loaded:
            self._session.tell("usable")

    def _came(self, part: _Part) -> bool:
        try:
            self._session.try_again(part.go_on)
        except Refused as refused:
            if refused.status != 404:
                raise
            return False
        return True


class _Part:
    """One part on its way. ``take``: gets the rows; ``forget``: the rows taken so far are void, it begins again;
    ``begun``: called at each try, once the answer has begun or failed."""

    def __init__(
        self,
        session: Session,
        area: str,
        name: str,
        take: Callable[[list[Row]], object],
        forget: Callable[[], object],
        query: str = "",
        begun: Callable[[], object] = lambda: None,
    ) -> None:
        self._session, self._name, self._area = session, name, area
        self._path = f"/v1/snapshot/{quote(area, safe='')}?part={name}&schema={SCHEMA}{query}"
        self._take_rows, self._forget, self._begun = take, forget, begun
        self._begin("zstd", "")

    def _begin(self, encoding: str, etag: str) -> None:
        self._reader = LotReader(_pulled, encoding, _MAX_UNPACKED)
        self._etag, self._got, self._count = etag, 0, 0
        self._cursor: Cursor | None = None
        self._ended = False

    @property
    def cursor(self) -> Cursor:
        """Where the area stood when the part was made."""
        assert self._cursor is not None
        return self._cursor

    def go_on(self) -> None:
        """Read to the end, from where the last try stopped. Raises NoLink, NotOurServer, Refused."""
        try:
            self._go_on()
        finally:
            self._begun()

    def _go_on(self) -> None:
        link = self._session.link
        headers = {"Accept-Encoding": "zstd"}
        if self._got and self._etag.startswith('"'):
            headers |= {"Range": f"bytes={self._got}-", "If-Range": self._etag}
        with link.get(self._path, headers) as response:
            if response.status_code != 206 or self._elsewhere(response):
                if response.status_code == 206:
                    raise NotOurServer("another piece than the one asked for")
                self._forget()
                self._begin(
                    response.headers.get("content-encoding", "identity"), response.headers.get("etag", "")
                )
            self._begun()
            total = self._got + int(response.headers.get("content-length") or 0)
            self._tell(total)
            for chunk in link.arriving(response):
                self._got += len(chunk)
                for lot in self._reader.lots(chunk):
                    self._take(lot)
                self._tell(total)
            self._reader.close()
        if not self._ended or self._cursor is None:
            raise NotOurServer("a part without an end")

    def _elsewhere(self, response: httpx.Response) -> bool:
        """Whether a piece does not begin where ours ended."""
        return not str(response.headers.get("content-range", "")).startswith(f"bytes {self._got}-")

    def _tell(self, total: int) -> None:
        self._session.tell(self._name, self._got // _KILO, max(total, self._got) // _KILO)

    def _take(self, lot: list[Any]) -> None:
        rows = [line for line in lot if line.__class__ is Row]
        self._count += len(rows)
        self._take_rows(rows)
        for line in lot if len(rows) < len(lot) else ():
            if isinstance(line, Cursor):
                if line.area != self._area:
                    raise NotOurServer("an answer to another question")
                self._cursor = line
            elif isinstance(line, Header):
                if (line.kind, line.protocol) != ("snapshot", PROTOCOL):
                    raise NotOurServer("an answer to another question")
            elif isinstance(line, Trailer):
                if line.count != self._count:
                    raise NoLink("lines are missing", reached=True)
                self._ended = True
