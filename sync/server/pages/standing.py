"""Who has reported: in time, late, not at all. Domain rules §1.5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from sync.server.database import Transaction
from sync.server.pages.filed import FiledReport, filed, filed_in, named_deadlines
from sync.server.pages.places import Commune
from sync.server.pages.slots import Slot, due


class State(StrEnum):
    """How a report stands at a moment. ``SENT_LATE``: written in time, but it reached the server after the deadline;
    ``OPEN``: none yet, and no document says when it is due; ``PARTLY``: the reader sees a part of the commune only."""

    ON_TIME = "on_time"
    SENT_LATE = "sent_late"
    LATE = "late"
    MISSING = "missing"
    WAITING = "waiting"
    RECEIVED = "received"
    OPEN = "open"
    PARTLY = "partly"


FEW = 20  # communes of which reports are looked up one by one; of more all are read and the others left out
RECEIVED = (State.ON_TIME, State.SENT_LATE, State.LATE, State.RECEIVED)


@dataclass(frozen=True, slots=True)
class Standing:
    """A commune's report of a slot. ``first``: the version by which it is judged; ``latest``: whose figures count."""

    commune: Commune
    state: State
    due_at: datetime | None
    first: FiledReport | None = None
    latest: FiledReport | None = None


class SlotStanding:
    """How communes stand with one slot or subject. ``reports``: of it, others are left out; ``due_at``: where a report
    names no deadline."""

    def __init__(
        self,
        slot: Slot,
        communes: Sequence[Commune],
        reports: Iterable[FiledReport],
        due_at: datetime | None,
        now: datetime,
    ) -> None:
        self.slot, self._communes, self._due_at, self._now = slot, communes, due_at, now
        of_unit = {unit.area: commune.code for commune in communes for unit in commune.units}
        self._filed: dict[str, list[FiledReport]] = {}
        for report in reports:
            if report.area in of_unit:
                self._filed.setdefault(of_unit[report.area], []).append(report)

    @cached_property
    def found(self) -> list[Standing]:
        """One a commune, in their order."""
        return [
            _standing(commune, self._filed.get(commune.code, []), self._due_at, self._now)
            for commune in self._communes
        ]

    @property
    def reports(self) -> list[FiledReport]:
        """Those whose figures count."""
        return [_latest(self._filed[one.code]) for one in self._communes if one.code in self._filed]

    def names(self, state: State) -> list[str]:
        """The communes that stand so."""
        return [one.commune.name for one in self.found if one.state == state]


def stands(
    tx: Transaction, slots: Sequence[Slot], communes: Sequence[Commune], now: datetime, subject: str = ""
) -> list[SlotStanding]:
    """How communes stand with slots of one kind, and of one ``subject`` where it is about several.

    The deadline that most reports of a slot name, the later one of two, holds for those of whom nothing came as well:
    stations may have rule sets that this program lacks.
    """
    kind, first, last = slots[0].kind, slots[0].first, slots[-1].last
    if len(communes) > FEW:
        reports = filed(tx, kind, first, last)
    else:
        units = [(unit.home, unit.area) for commune in communes for unit in commune.units]
        reports = filed_in(tx, units, kind, first, last)
    named = named_deadlines(tx, kind, first, last)
    found = []
    for slot in slots:
        of_slot = [
            one
            for one in reports
            if slot.first <= one.last <= slot.last and (not subject or one.subject == subject)
        ]
        counts: Counter[datetime] = Counter()
        for day, due_at, count in named:
            counts[due_at] += count if slot.first <= day <= slot.last else 0
        told = max((one for one in counts if counts[one]), key=lambda one: (counts[one], one), default=None)
        found.append(SlotStanding(slot, communes, of_slot, told or due(slot), now))
    return found


def newest_of(course: Sequence[SlotStanding]) -> FiledReport | None:
    """The latest report of several slots, the oldest of which comes first."""
    return next((report for one in reversed(course) for report in one.reports), None)


def counted(found: Iterable[Standing]) -> Counter[State]:
    """How many communes stand how."""
    return Counter(one.state for one in found)


def state_of(report: FiledReport, due_at: datetime | None) -> State:
    """How a report that is there stands by its deadline."""
    if due_at is None:
        return State.RECEIVED
    if report.received <= due_at:
        return State.ON_TIME
    return State.SENT_LATE if report.written_at <= due_at else State.LATE


def _latest(versions: Sequence[FiledReport]) -> FiledReport:
    return max(versions, key=lambda one: (one.last, one.version, one.taken))


def _standing(
    commune: Commune, versions: Sequence[FiledReport], ruled: datetime | None, now: datetime
) -> Standing:
    if versions:
        latest = _latest(versions)
        first = min(versions, key=lambda one: (one.last != latest.last, one.version, one.taken))
        due_at = first.due_at or ruled
        return Standing(commune, state_of(first, due_at), due_at, first, latest)
    if not commune.whole:
        return Standing(commune, State.PARTLY, ruled)
    if ruled is None:
        return Standing(commune, State.OPEN, None)
    return Standing(commune, State.WAITING if now <= ruled else State.MISSING, ruled)
