"""The chief's evening: the day's work looked at, approved or returned, and the day closed. Each decision is a `review`;
the last one by its moment counts, and only while the record still says what was looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from tui_app.errors import FieldProblem, GonhaError, InvalidFields, NotFound
from tui_app.records.reviews import DAY, ReviewDecision
from tui_app.services.access import gate
from tui_app.services.command.day_work import TYPES, Done, work_of
from tui_app.services.command.days import ReportingDay, day_at, reporting_day
from tui_app.services.station.station_place import station_place
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import clean

GONE = "gone"  # the stamp of a record that was approved and taken back, or deleted, afterwards


class DayClosed(GonhaError):
    """The day is closed: open it again first."""


class DayNotClosed(GonhaError):
    """Something of the day is undecided, the day is not over, or there is nothing to open again."""


class State(StrEnum):
    """How a record of the day stands. ``changed``: it was decided once and says something else since."""

    UNDECIDED = "undecided"
    CHANGED = "changed"
    RETURNED = "returned"
    APPROVED = "approved"

    @property
    def open(self) -> bool:
        """Whether somebody has to decide."""
        return self in (State.UNDECIDED, State.CHANGED)


@dataclass(frozen=True, slots=True)
class Decision:
    """A review as it was written. ``at``: wire moment; ``who``: the chief; ``seen``: the stamp that was looked at."""

    id: str
    on: date
    record_type: str
    record: str
    decision: str
    at: str
    who: str
    seen: str = ""
    returned_to: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Something done on a day with what was decided of it last, None while nobody decided."""

    done: Done
    state: State
    last: Decision | None = None


@dataclass(frozen=True, slots=True)
class DayReview:
    """A reporting day. ``lines``: its work, what waits first; ``day_decision``: closed or reopened last."""

    day: ReportingDay
    lines: tuple[Reviewed, ...]
    day_decision: Decision | None = None

    @property
    def closed(self) -> bool:
        """Whether the day was closed and not opened again."""
        return self.day_decision is not None and self.day_decision.decision == ReviewDecision.CLOSED

    @property
    def counts(self) -> Counter[State]:
        """How many records stand in each state."""
        return Counter(line.state for line in self.lines)

    @property
    def undecided(self) -> list[Reviewed]:
        """What somebody has to decide; of a closed day what came or changed since."""
        return [line for line in self.lines if line.state.open]


@dataclass(frozen=True, slots=True)
class Approved:
    """``count``: how many were approved; ``changed``: how many were not, as they changed after they were shown."""

    count: int
    changed: int


def day_review(c: Any, on: date) -> DayReview:
    """The work of a reporting day and how it stands. Raises NotOpened for a viewer."""
    gate.check_role(c)
    day = reporting_day(c, on)
    decided, of_day = _decisions(c, on)
    lines = [_reviewed(one, decided.pop(one.key, None)) for one in work_of(c, day)]
    lines += _taken_back(c, lines, decided.values())
    order = list(State)
    lines.sort(key=lambda line: order.index(line.state))  # stays in the order of the work within a state
    return DayReview(day, tuple(lines), of_day)


def approve(store: Store, who: str, on: date, shown: Iterable[Reviewed]) -> Approved:
    """Approve what was shown, where it still says the same. Raises NotOpened, DayClosed."""
    with store.work(who) as work:
        review = _open_day(work, on)
        now = {line.done.key: line for line in review.lines}
        count = changed = 0
        for seen in shown:
            line = now.get(seen.done.key)
            if line is None or line.done.stamp != seen.done.stamp:
                changed += 1
            elif line.state != State.APPROVED:
                _decide(work, on, line.done, ReviewDecision.APPROVED)
                count += 1
        return Approved(count, changed)


def give_back(store: Store, who: str, on: date, shown: Reviewed, reason: str) -> str:
    """Return a record to its author, with the reason. Returns the review's id.

    Raises NotOpened, DayClosed, NotFound when it says something else by now, InvalidFields without a reason.
    """
    reason = _needed(reason)
    with store.work(who) as work:
        for line in _open_day(work, on).lines:
            if line.done.says == shown.done.says:
                said = {"returned_to": line.done.who or None, "reason": reason}
                return _decide(work, on, line.done, ReviewDecision.RETURNED, **said)
    raise NotFound("review.changed_since")


def close(store: Store, who: str, on: date) -> str:
    """Close a day on which nothing is undecided. Returns the review's id. Raises NotOpened (also while a unit is
    locked, whose work nobody can see), DayClosed, DayNotClosed.
    """
    with store.work(who) as work:
        c = work.connection
        review = _open_day(work, on)
        for area in sorted(gate.closed(c)):
            gate.check(c, area)
        if on > day_at(c, store.clock()):
            raise DayNotClosed("review.day_to_come")
        if review.undecided:
            raise DayNotClosed("review.undecided_left", count=len(review.undecided))
        return _decide_day(work, on, ReviewDecision.CLOSED, "")


def reopen(store: Store, who: str, on: date, reason: str) -> str:
    """Open a closed day again. Returns the review's id. Raises NotOpened, DayNotClosed, InvalidFields without a
    reason."""
    reason = _needed(reason)
    with store.work(who) as work:
        gate.check_chief(work.connection)
        if not day_review(work.connection, on).closed:
            raise DayNotClosed("review.not_closed")
        return _decide_day(work, on, ReviewDecision.REOPENED, reason)


def returned(c: Any, to: str | None = None) -> list[Reviewed]:
    """What was returned and still says the same, oldest first; ``to``: to this author alone. It leaves the list when
    its author corrects it or takes it back, or the chief approves it after all."""
    gate.check_role(c)
    found: dict[date, dict[tuple[str, str], Decision]] = {}
    for one in _last(_read(c, _RETURNED, ())).values():
        if one.decision == ReviewDecision.RETURNED and to in (None, one.returned_to):
            found.setdefault(one.on, {})[one.record_type, one.record] = one
    lines = [
        _reviewed(done, decisions[done.key])
        for on, decisions in sorted(found.items())
        for done in work_of(c, reporting_day(c, on), {record for _, record in decisions})
        if done.key in decisions
    ]
    return [line for line in lines if line.state == State.RETURNED]


def history(c: Any, on: date) -> list[Decision]:
    """Every decision about a day and its records, oldest first."""
    gate.check_role(c)
    return _read(c, _OF_DAY, (on.isoformat(),))


def _reviewed(done: Done, last: Decision | None) -> Reviewed:
    if last is None:
        return Reviewed(done, State.UNDECIDED)
    state = State(last.decision) if last.seen == done.stamp else State.CHANGED
    return Reviewed(done, state, last)


def _taken_back(c: Any, lines: Sequence[Reviewed], others: Iterable[Decision]) -> list[Reviewed]:
    """What had been approved and no longer stands: taken back or deleted. What was corrected by a row of the day is
    looked at in that row."""
    corrected = {str(line.done.row.body["amends"]) for line in lines if line.done.row.body.get("amends")}
    found = []
    for last in others:
        if last.decision != ReviewDecision.APPROVED or last.record in corrected:
            continue
        row = table(last.record_type).read(c, [last.record]).get(last.record)
        if row is None or row.area in gate.closed(c):
            continue
        person, household = str(row.body.get("person") or ""), str(row.body.get("household") or "")
        shown = table("person").read(c, [person]).get(person) if person else None
        name = str(shown.body.get("full_name") or "") if shown else ""
        found.append(_reviewed(Done(row, row.at, row.who, person, household, name, "", GONE), last))
    return found


def _open_day(work: Work, on: date) -> DayReview:
    """The day, for its chief to decide. Raises NotOpened, DayClosed; what came after a day was closed may be decided
    without opening it again."""
    gate.check_chief(work.connection)
    review = day_review(work.connection, on)
    if review.closed and not review.undecided:
        raise DayClosed("review.day_closed")
    return review


def _needed(reason: str) -> str:
    reason = clean(reason)
    if not reason:
        raise InvalidFields([FieldProblem("reason", "review.reason_needed")])
    return reason


def _decide(work: Work, on: date, done: Done, decision: ReviewDecision, **said: str | None) -> str:
    fields = {
        "on": on,
        "record_type": done.row.type,
        "record": done.row.id,
        "decision": decision,
        "at": work.at,
        "seen": done.stamp,
        **said,
    }
    return work.create("review", fields, place=done.row)


def _decide_day(work: Work, on: date, decision: ReviewDecision, reason: str) -> str:
    fields = {"on": on, "record_type": DAY, "decision": decision, "at": work.at, "reason": reason or None}
    return work.create("review", fields, place=station_place(work.connection))


def _decisions(c: Any, on: date) -> tuple[dict[tuple[str, str], Decision], Decision | None]:
    """What was decided last of each record of a day, and of the day itself."""
    last = {key[1:]: one for key, one in _last(_read(c, _OF_DAY, (on.isoformat(),))).items()}
    of_day = last.pop((DAY, ""), None)
    return {key: one for key, one in last.items() if key[0] in TYPES}, of_day


def _last(decisions: Iterable[Decision]) -> dict[tuple[date, str, str], Decision]:
    """The later of decisions about the same record on the same day; they come oldest first."""
    return {(one.on, one.record_type, one.record): one for one in decisions}


def _read(c: Any, query: str, values: tuple[str, ...]) -> list[Decision]:
    return [
        Decision(ident, date.fromisoformat(on), *(text or "" for text in texts))
        for ident, on, *texts in c.execute(query, values)
    ]


# in the order of Decision's fields
_SELECT = """
SELECT id, "on", record_type, record, decision, at, changed_by, seen, returned_to, reason FROM review
WHERE NOT deleted AND "on" IS NOT NULL"""
_OF_DAY = f'{_SELECT} AND "on" = ? ORDER BY at, id'
_RETURNED = f"""{_SELECT} AND record IN (SELECT record FROM review WHERE decision = 'returned' AND NOT deleted)
ORDER BY at, id"""
