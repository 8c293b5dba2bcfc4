"""One sync of one laptop: scope, push until nothing waits, pull until nothing more, compare digests.

It reports only what happened. Whatever was answered before a cut is kept: answers and rows are committed together
with the cursor as they arrive. Runs in a thread; ``cancelled`` is asked between requests and batches of lines.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol

import httpx
import msgspec

from sync import framing, outbox
from sync.protocol import (
    MAX_BYTES,
    MAX_OPS,
    MEDIA_TYPE,
    PROTOCOL,
    AreaMark,
    Cursor,
    Enrolled,
    EnrolRequest,
    Header,
    Hello,
    Op,
    Problem,
    PullLine,
    PullRequest,
    PushAnswerLine,
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
TIMEOUT = httpx.Timeout(30.0, connect=10.0)

_answers = msgspec.json.Decoder(PushAnswerLine)
_pulled = msgspec.json.Decoder(PullLine)


class SyncError(Exception):
    """A sync stopped; everything answered before stays. ``summary``: what had happened until then."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.summary = Summary()


class NoLink(SyncError):
    """The server was not reached, or the link was cut."""


class NotOurServer(SyncError):
    """Something answered that is not a Gõ Nhà server: a login page of a network, a proxy, another program."""


class Refused(SyncError):
    """The server answered and refused. ``status``: HTTP; ``problem``: its word for why (``bad-code`` …)."""

    def __init__(self, status: int, problem: str, detail: str = "") -> None:
        super().__init__(detail or problem)
        self.status = status
        self.problem = problem


class Cancelled(SyncError):
    """A person stopped it."""


@dataclass(frozen=True)
class AreaState:
    """Where an area stands after a sync."""

    area: str
    seq: int
    digest: str


@dataclass(frozen=True)
class Summary:
    """What one sync did. ``pending``: ops still without an answer; ``mismatched``: areas whose digest differs even
    after a second look."""

    pushed: int = 0
    applied: int = 0
    merged: int = 0
    conflicts: int = 0
    held: int = 0
    rejected: int = 0
    pulled: int = 0
    pending: int = 0
    areas: tuple[AreaState, ...] = ()
    mismatched: tuple[str, ...] = ()
    clock_offset: float = 0.0
    bytes_up: int = 0
    bytes_down: int = 0
    refreshed: bool = False


@dataclass(frozen=True)
class Progress:
    """Where a running sync is: ``step`` scope, push, pull or check; ``done`` of ``total`` (0 when it is not known)."""

    step: str
    done: int = 0
    total: int = 0


class LaptopDatabase(Protocol):
    """The laptop's database: `tui_app.store.engine.Store` fits."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...


@dataclass
class Link:
    """The way to one server. ``device``, ``token``: from the enrolment, empty before it.

    ``transport``: a stand-in for the network, for tests.
    """

    server: str
    device: str = ""
    token: str = ""
    transport: httpx.BaseTransport | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    bytes_up: int = field(default=0, init=False)
    bytes_down: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        headers = {"Sync-Protocol": str(PROTOCOL), "Accept-Encoding": "zstd, gzip"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            self._http = httpx.Client(
                base_url=self.server,
                headers=headers,
                timeout=TIMEOUT,
                transport=self.transport,
                follow_redirects=False,
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
            raise NotOurServer(str(error)) from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def hello(self) -> Hello:
        """What the server speaks. Raises NoLink, NotOurServer."""
        return self._ask("GET", "/v1/hello", Hello)

    def enrol(self, code: str, device: str, public_key: str = "") -> Enrolled:
        """Trade a one-time code for a token. Raises Refused for an unknown, used or expired code."""
        return self._ask(
            "POST", "/v1/enrol", Enrolled, EnrolRequest(code=code, device=device, public_key=public_key)
        )

    def scope(self) -> Scope:
        """What this laptop may use now."""
        return self._ask("GET", "/v1/scope", Scope)

    @contextmanager
    def push(self, ops: Sequence[Op | Unsent], epoch: int) -> Iterator[Iterator[Any]]:
        """Send ops; the answer's lines as they arrive. Raises NoLink when the answer is cut."""
        header = Header(kind="push", device=self.device, epoch=epoch, now=to_wire(self.now()))
        lines = [header, *ops, Trailer(count=len(ops))]
        body = framing.encode_body(map(framing.encode, lines))
        headers = {"Content-Type": MEDIA_TYPE, "Content-Encoding": "zstd"}
        with self._stream("/v1/push", body, headers) as raw:
            yield (_answers.decode(line) for line in raw)

    @contextmanager
    def pull(self, cursors: dict[str, tuple[str, int]]) -> Iterator[Iterator[Any]]:
        """Ask for what is new after ``cursors``; its lines as they arrive. Raises NoLink when the answer is cut."""
        body = msgspec.json.encode(PullRequest(cursors=cursors))
        with self._stream("/v1/pull", body, {"Content-Type": "application/json"}) as raw:
            yield (_pulled.decode(line) for line in raw)

    def _ask(self, method: str, path: str, shape: type[Any], body: msgspec.Struct | None = None) -> Any:
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if content else {}
        with _told():
            response = self._http.request(method, path, content=content, headers=headers)
        self.bytes_up += len(content or b"")
        self.bytes_down += len(response.content)
        _refuse(response, response.content)
        try:
            return msgspec.json.decode(response.content, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotOurServer(path) from error

    @contextmanager
    def _stream(self, path: str, body: bytes, headers: dict[str, str]) -> Iterator[Iterator[bytes]]:
        with _told():
            self.bytes_up += len(body)
            with self._http.stream("POST", path, content=body, headers=headers) as response:
                if response.status_code != 200 or "sync-protocol" not in response.headers:
                    _refuse(response, response.read())
                encoding = response.headers.get("content-encoding", "identity")
                yield framing.read_lines(self._counted(response), encoding)

    def _counted(self, response: httpx.Response) -> Iterator[bytes]:
        for chunk in response.iter_raw():
            self.bytes_down += len(chunk)
            yield chunk


@contextmanager
def _told() -> Iterator[None]:
    """Transport trouble in our words."""
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise NotOurServer(str(error)) from error
    except (httpx.TransportError, framing.CutBody) as error:
        raise NoLink(type(error).__name__) from error
    except (framing.NotOurs, framing.TooLarge, httpx.DecodingError, msgspec.DecodeError) as error:
        raise NotOurServer(str(error)) from error
    except UnicodeDecodeError as error:
        raise NotOurServer(error.reason) from error


def _refuse(response: httpx.Response, content: bytes) -> None:
    """Raise unless this is a good answer of our server."""
    if "sync-protocol" not in response.headers:
        raise NotOurServer(f"HTTP {response.status_code}")
    if response.status_code == 200:
        return
    try:
        problem = msgspec.json.decode(content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotOurServer(f"HTTP {response.status_code}") from None
    raise Refused(response.status_code, problem.type, problem.title)


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
