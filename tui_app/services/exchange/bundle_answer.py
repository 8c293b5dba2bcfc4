"""What a server's answer file holds, and how it is taken into the laptop's records.

Everything is read once before anything is written. Then it is the same as at the end of a link: answers first, then
the scope, then rows and cursors, in lots that are each whole. A file is older than it looks: what came by network
since stays, a cursor never goes back, and rows that begin beyond what is here are left for the next file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sync import bundle, digests, offers, outbox, restored
from sync.bundle import BundleError, BundleHeader
from sync.framing import BodyError, read_lines
from sync.protocol import (
    AreaMark,
    Cursor,
    Header,
    PullLine,
    PushAnswerLine,
    Result,
    Row,
    Scope,
    Trailer,
)
from tui_app.clock import to_wire
from tui_app.services.exchange.link import scope_met
from tui_app.services.station import facts
from tui_app.store.rows import RecordRows

if TYPE_CHECKING:
    from tui_app.store.engine import Store

LOT = 2000  # rows in one transaction, about
_answers = msgspec.json.Decoder(PushAnswerLine)
_pulled = msgspec.json.Decoder(PullLine)
_scope = msgspec.json.Decoder(Scope)
_row = msgspec.json.Decoder(Row)
_begin = msgspec.json.Decoder(dict[str, tuple[str, int]])


@dataclass(slots=True)
class Answer:
    """An answer file's content, read to its last line. ``bodies``: of rows, still packed."""

    scope: Scope
    begin: dict[str, tuple[str, int]]
    results: list[tuple[list[Result], dict[str, AreaMark]]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    clock: Literal["ok", "warn", "wrong"] = "ok"
    clock_offset: float = 0.0
    marks: dict[str, AreaMark] = field(default_factory=dict)
    more: bool = False


@dataclass(slots=True)
class TakenIn:
    """What an answer did here. ``behind``: areas whose rows begin beyond what is here; ``restored``: areas whose
    server was restored, to be settled by the next round."""

    results: list[str] = field(default_factory=list)
    rows: int = 0
    behind: set[str] = field(default_factory=set)
    restored: set[str] = field(default_factory=set)
    mismatched: set[str] = field(default_factory=set)
    resent: int = 0
    offered: int = 0
    refreshed: bool = False


def read(parts: Iterable[tuple[str, bytes]]) -> Answer:
    """The content of an opened payload. Raises BundleError ``unreadable``."""
    found = list(parts)
    try:
        named = dict(found)
        answer = Answer(_scope.decode(named[bundle.SCOPE]), begin=_begin.decode(named[bundle.BEGIN]))
        for name, body in found:
            if name == bundle.RESULTS:
                _read_results(answer, body)
            elif name == bundle.ROWS:
                _look_through(answer, body)
    except (KeyError, BodyError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleError("unreadable") from error
    return answer


def take(
    store: Store,
    records: RecordRows,
    header: BundleHeader,
    answer: Answer,
    now: datetime,
    new_id: Callable[[], str],
) -> TakenIn:
    """Take an answer in. ``now``: by this laptop's clock; when the answer was made, by the server's, renews the lease.

    Stopped at any point it can be taken in again.
    """
    done = TakenIn()
    device, made = header.receiver, header.made
    since = to_wire(now - timedelta(days=outbox.KEEP_DAYS))
    for results, marks in answer.results:
        with store.write() as c:
            _take_results(c, records, device, results, marks, to_wire(now), done)
    with store.write() as c:
        _take_scope(c, records, answer.scope, made, since, done)
    reached = dict(answer.begin)
    for rows, cursors in _lots(answer.bodies):
        with store.write() as c:
            _take_rows(c, records, rows, cursors, reached, done)
    with store.write() as c:
        _compare(c, records, answer, done)
        _give_back(c, records, answer, new_id, done)
    return done


def _read_results(answer: Answer, body: bytes) -> None:
    lines = [_answers.decode(line) for line in read_lines([body])]
    results = [line for line in lines if isinstance(line, Result)]
    marks = {line.area: line for line in lines if isinstance(line, AreaMark)}
    end = lines[-1]
    assert isinstance(end, Trailer)  # `read_lines` ends with it or raises
    answer.results.append((results, marks))
    answer.clock, answer.clock_offset = end.clock, end.clock_offset


def _look_through(answer: Answer, body: bytes) -> None:
    """Read every row once, so that a body that cannot be read is found before anything is written."""
    line: Any = None
    for text in read_lines([body]):
        line = _pulled.decode(text)
    assert isinstance(line, Trailer)
    answer.bodies.append(body)
    answer.marks |= {mark.area: mark for mark in line.areas}
    answer.more = line.more


def _take_results(
    c: Any,
    records: RecordRows,
    device: str,
    results: list[Result],
    marks: dict[str, AreaMark],
    now: str,
    done: TakenIn,
) -> None:
    """Answers to ops that still wait for one. Those of another history than ours prove nothing: sent again, they are
    found to be duplicates or are taken anew."""
    waiting = outbox.unanswered(c, device, [result.op for result in results])
    cursors = outbox.cursors(c)

    def same_history(area: str) -> bool:
        gen = cursors.get(area, ("", 0))[0]
        return not gen or area not in marks or marks[area].gen == gen

    answered = [
        (waiting[result.op], result)
        for result in results
        if result.op in waiting and same_history(waiting[result.op].area)
    ]
    outbox.answer(c, records, answered, now, late=True)
    if _all_mine(c, results):
        for mark in marks.values():
            if cursors.get(mark.area) == (mark.gen, mark.was_seq):
                c.execute("UPDATE cursor SET seq = ? WHERE area = ?", (mark.seq, mark.area))
    done.results += [r.reason if r.result == "duplicate" else r.result for _, r in answered]


def _all_mine(c: Any, results: list[Result]) -> bool:
    """Whether every op was made here and is remembered, so that the rows it made are here too."""
    ids = msgspec.json.encode([result.op for result in results]).decode()
    found = c.execute("SELECT count(*) FROM outbox WHERE id IN (SELECT value FROM json_each(?))", (ids,))
    return bool(found.fetchone()[0] == len(results))


def _take_scope(c: Any, records: RecordRows, scope: Scope, made: str, since: str, done: TakenIn) -> None:
    """The areas of this laptop, unless a later word about them has come since; and whether the server was restored."""
    if scope.now <= facts.get(c, facts.SCOPE_AT, ""):
        return
    done.refreshed = True
    if scope.erased:
        records.erase(c, scope.erased)
    if scope.erased_texts:
        records.erase_texts(c, scope.erased_texts)
    known = outbox.standing(c)
    for area in scope.areas:  # the file may have left before this laptop's last rows came by network
        gen, seq = known.get(area.area, ("", 0))
        area.seq = max(area.seq, seq) if area.gen == gen else area.seq
    changed, done.resent = restored.notice(c, records, scope, scope_met(c, scope, made), since)
    done.restored |= set(changed)
    before = dict(c.execute("SELECT area, refreshed_at FROM cursor").fetchall())
    for area in scope.areas:
        if area.mode == "write":
            renewed = max(made, before.get(area.area) or "")
            outbox.hold_area(c, area.area, area.commune, area.mode, renewed)
    for lost in outbox.held_areas(c).keys() - scope.granted():
        outbox.release_area(c, records, lost)
    restored.release_missing(c, records, since)


def _lots(bodies: list[bytes]) -> Iterator[tuple[list[Row], list[Cursor]]]:
    """Rows with the cursors they reach: whole pages, about `LOT` rows of them."""
    rows: list[Row] = []
    cursors: list[Cursor] = []
    for body in bodies:
        page: list[Row] = []
        for text in read_lines([body]):
            line: Header | Row | Cursor | Trailer = _pulled.decode(text)
            if isinstance(line, Row):
                page.append(line)
            elif isinstance(line, Cursor):
                rows += page
                cursors.append(line)
                page = []
                if len(rows) >= LOT:
                    yield rows, cursors
                    rows, cursors = [], []
    if cursors:
        yield rows, cursors


def _take_rows(
    c: Any,
    records: RecordRows,
    rows: list[Row],
    upto: list[Cursor],
    reached: dict[str, tuple[str, int]],
    done: TakenIn,
) -> None:
    """One lot. ``reached``: where each area's rows in this lot begin; moved on to where they end."""
    held = outbox.cursors(c)
    usable = set()
    for area in {cursor.area for cursor in upto}:
        gen, seq = held.get(area, ("", -1))
        ends = [cursor for cursor in upto if cursor.area == area]
        begins = reached.get(area, ("", 1 << 62))
        reached[area] = (ends[-1].gen, ends[-1].seq)
        if seq < begins[1] or (gen and gen != ends[-1].gen):
            continue
        usable.add(area)
    wanted = [row for row in rows if row.area in usable and row.seq > held[row.area][1]]
    fresh = list(_not_older(c, records, wanted))
    outbox.apply(c, records, fresh)
    done.rows += len(fresh)
    for area in usable:
        gen, seq = reached[area]
        if seq > held[area][1] or not held[area][0]:
            c.execute("UPDATE cursor SET gen = ?, seq = ? WHERE area = ?", (gen, seq, area))


def _not_older(c: Any, records: RecordRows, rows: list[Row]) -> Iterator[Row]:
    """Those that are not older than what an answer by network has brought meanwhile."""
    ids: dict[str, list[str]] = {}
    for row in rows:
        ids.setdefault(row.type, []).append(row.id)
    here = {name: records.seqs(c, name, wanted) for name, wanted in ids.items()}
    for row in rows:
        area, seq = here[row.type].get(row.id, (row.area, 0))
        if area != row.area or row.seq >= seq:
            yield row


def _compare(c: Any, records: RecordRows, answer: Answer, done: TakenIn) -> None:
    """Areas whose digest differs, and those whose first load was cut before its second part, are asked for from their
    beginning by the next sync or file."""
    cursors, partly = outbox.cursors(c), outbox.rest_due(c)
    for area, mark in answer.marks.items():
        if cursors.get(area) != (mark.gen, mark.seq) or _newer_here(c, records, mark):
            continue
        if area in partly:
            outbox.set_rest_due(c, area, False)
            done.behind.add(area)
        elif _differs(c, records, area, mark.digest):
            done.mismatched.add(area)
        else:
            continue
        c.execute("UPDATE cursor SET seq = 0, digest = NULL WHERE area = ?", (area,))
    for area, (gen, seq) in answer.begin.items():
        here = cursors.get(area)
        if here is not None and here[0] in ("", gen) and here[1] < seq:
            done.behind.add(area)


def _newer_here(c: Any, records: RecordRows, mark: AreaMark) -> bool:
    """Whether answers by network brought rows that the file cannot know, while the pull after them was cut."""
    if next(records.above(c, mark.area, mark.seq), None) is not None:
        return True
    bases = c.execute("SELECT row FROM base").fetchall()
    return any(row.area == mark.area and row.seq > mark.seq for row in (_row.decode(b) for (b,) in bases))


def _differs(c: Any, records: RecordRows, area: str, announced: str) -> bool:
    """Whether the rows do not add up to what the server says. Files are rare: they are counted, not looked up."""
    digests.put(c, area, digests.counted(c, records, area))
    return not digests.fits(c, area, announced)


def _give_back(c: Any, records: RecordRows, answer: Answer, new_id: Callable[[], str], done: TakenIn) -> None:
    """What a restored server lacks is offered to it, once all it has of an area was read."""
    cursors = outbox.cursors(c)
    read_anew = {area for area, mark in answer.marks.items() if cursors.get(area) == (mark.gen, mark.seq)}
    areas = sorted({*restored.healing(c), *restored.unsettled(c)} & read_anew)
    done.restored |= set(areas)
    done.offered = offers.offer(c, records, areas, new_id) + outbox.try_held_again(c, records)
