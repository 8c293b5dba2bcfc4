"""Which reports are due, on time, late or missing (rules §1.5), by the rule sets in force, with both times: when each
was written and when the server had it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from tui_app.clock import VIETNAM, from_wire, to_wire
from tui_app.services.access import gate
from tui_app.services.exchange.receipts import standing_of
from tui_app.services.reports.catalogue import KINDS
from tui_app.services.reports.filing import due_of, period_of
from tui_app.services.reports.kinds import Kind, Period
from tui_app.services.sweeps import sweep_report, sweeps

DAYS = 14
"""How far back deadlines are shown, when nobody asks for more."""
_ONE_DAY = timedelta(days=1)
_VERSIONS = """
SELECT period_to, coalesce(subject, ''), id, version, written_at FROM report
WHERE kind = ? AND period_to >= ? AND NOT deleted
"""


class Timing(StrEnum):
    """``due``: not filed, the deadline is to come; ``on_time``, ``late``: by when the first version was written;
    ``missing``: not filed and the deadline is past."""

    DUE = "due"
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A report that is expected.

    ``due_at``: aware; ``version``: of the latest, 0 for none; ``written_at``: wire moment of the first version, the one
    that met the deadline or did not; ``received_at``: when the server had it, empty while it has not, ``sent`` where
    only that is known; ``units_missing``: units that have filed nothing yet, of a report made unit by unit; cases, of
    one made case by case.
    """

    kind: str
    subject: str
    name: str
    period: Period
    due_at: datetime
    timing: Timing
    version: int = 0
    written_at: str = ""
    received_at: str = ""
    units_missing: tuple[str, ...] = ()

    @property
    def received_late(self) -> bool:
        """Whether the server had it only after the deadline."""
        return "T" in self.received_at and from_wire(self.received_at) > self.due_at


@dataclass(frozen=True, slots=True)
class _Version:
    id: str
    version: int
    written_at: str


def deadlines(c: Any, now: datetime, days: int = DAYS) -> list[Deadline]:
    """What was due in the last days and what is due next, the latest deadline first. Raises NotOpened for a viewer."""
    gate.check_role(c, "report")
    today = now.astimezone(VIETNAM).date()
    since = max(today - timedelta(days=days), _begun(c, today))
    found: list[Deadline] = []
    for kind in KINDS.values():
        found += _of_kind(c, kind, since, now)
    found += _of_sweeps(c, since, now)
    return sorted(found, key=lambda one: (one.due_at, one.kind, one.subject), reverse=True)


def _of_kind(c: Any, kind: Kind, since: date, now: datetime) -> Iterator[Deadline]:
    """One a period and subject, from the period that ``since`` lies in to the one of now; none where no rule set is in
    force."""
    versions = _versions(c, kind.name, since)
    day, today = since, now.astimezone(VIETNAM).date()
    while day <= today:
        period = period_of(c, kind, day)
        day = period.last + _ONE_DAY
        if kind.deadlines is not None:
            yield from _together(c, kind, period, versions, now)
            continue
        for subject, name in kind.subjects(c, period) if kind.subject_needed else (("", ""),):
            said = due_of(c, kind, period, subject)
            if said is not None:
                filed = versions.get((period.last.isoformat(), subject), [])
                yield _one(c, kind.name, subject, name, period, said[0], filed, now)


def _together(
    c: Any, kind: Kind, period: Period, versions: Mapping[tuple[str, str], list[_Version]], now: datetime
) -> Iterator[Deadline]:
    """One line for all subjects of a period: due as the first of those that are not filed; late as the latest."""
    assert kind.deadlines is not None
    said = kind.deadlines(c, period)
    every = [
        _one(
            c, kind.name, subject, name, period, said[subject][0],
            versions.get((period.last.isoformat(), subject), []), now,
        )
        for subject, name in kind.subjects(c, period)
        if subject in said
    ]  # fmt: skip
    if not every:
        return
    left = [one for one in every if not one.version]
    late = [one for one in every if one.timing is Timing.LATE]
    first = min(left or late or every, key=lambda one: one.due_at)
    yield replace(first, subject="", name="", units_missing=tuple(one.name for one in left))


def _of_sweeps(c: Any, since: date, now: datetime) -> Iterator[Deadline]:
    """Sweeps are reported unit by unit: late or missing as the last of them."""
    for one in sweeps.sweeps(c):
        if one.cancelled or one.due_at is None or from_wire(one.due_at).astimezone(VIETNAM).date() < since:
            continue
        if from_wire(one.due_at) > now and one.started_on > now.astimezone(VIETNAM).date():
            continue
        due_at = from_wire(one.due_at).astimezone(VIETNAM)
        last = one.ended_on or due_at.date()
        begins = datetime.combine(one.started_on, datetime.min.time(), VIETNAM)
        period = Period(one.started_on, last, begins, begins + (last - one.started_on + _ONE_DAY))
        reports = sweep_report.filed(c, one.campaign)
        left = tuple(unit.name for unit, _ in sweep_report.missing(c, one, now))
        firsts = {
            area: min(r.known_at for r in reports if r.area == area) for area in {r.area for r in reports}
        }
        timing = Timing.MISSING if now > due_at else Timing.DUE
        written = max(firsts.values(), default="") if not left else ""
        received = ""
        if written:
            timing = Timing.LATE if from_wire(written) > due_at else Timing.ON_TIME
            latest = next(r for r in reports if r.known_at == written)
            received = _received(c, latest.id)
        version = max((r.version for r in reports), default=0)
        yield Deadline(
            sweeps.KIND, one.campaign, one.name, period, due_at, timing, version, written, received, left
        )


def _one(
    c: Any,
    kind: str,
    subject: str,
    name: str,
    period: Period,
    due_at: datetime,
    versions: list[_Version],
    now: datetime,
) -> Deadline:
    if not versions:
        timing = Timing.MISSING if now > due_at else Timing.DUE
        return Deadline(kind, subject, name, period, due_at, timing)
    first = min(versions, key=lambda one: (one.written_at, one.id))
    timing = Timing.LATE if from_wire(first.written_at) > due_at else Timing.ON_TIME
    version = max(one.version for one in versions)
    received = _received(c, first.id)
    return Deadline(kind, subject, name, period, due_at, timing, version, first.written_at, received)


def _received(c: Any, report: str) -> str:
    """When the server answered for a report of this laptop; ``sent`` where it has it and no moment is kept here."""
    standing = standing_of(c, "report", report)
    if standing.at:
        return standing.at
    return "sent" if standing.state == "sent" else ""


def _versions(c: Any, kind: str, since: date) -> dict[tuple[str, str], list[_Version]]:
    """Last day of a period, ISO, and subject -> what was filed for it."""
    found: dict[tuple[str, str], list[_Version]] = {}
    for last, subject, *version in c.execute(_VERSIONS, (kind, since.isoformat())):
        found.setdefault((last, subject), []).append(_Version(*version))
    return found


def _begun(c: Any, today: date) -> date:
    """The day the station began to record: nothing is missing from before."""
    moments = [
        row[0]
        for query in (
            "SELECT min(at) FROM household_visit",
            "SELECT min(at) FROM case_event",
            "SELECT min(written_at) FROM report",
        )
        for row in c.execute(query)
        if row[0]
    ]
    first = min([*moments, to_wire(datetime.combine(today, datetime.max.time(), VIETNAM))])
    return from_wire(first).astimezone(VIETNAM).date()
