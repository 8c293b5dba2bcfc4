"""Who has reported: in time, late, not at all. Domain rules §1.5."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from sync.server.database import Transaction
from sync.server.pages.filed import FiledReport, filed, filed_in, named_deadlines
from sync.server.pages.places import Commune
from sync.server.pages.slots import Slot, due


class State(StrEnum):
    """How a report stands at a moment. ``SENT_LATE``: written in time, but it reached the server after the deadline;
    ``OPEN``: none yet, and no document says when it is due, or it was due before this server knew of the commune;
    ``PARTLY``: the reader sees a part of the commune only."""

    ON_TIME = "on_time"
    SENT_LATE = "sent_late"
    LATE = "late"
    MISSING = "missing"
    WAITING = "waiting"
    RECEIVED = "received"
    OPEN = "open"
    PARTLY = "partly"


A_FEW = 10  # fewer than one in so many
FEW = 20  # communes of which reports are looked up one by one; of more all are read and the others left out
RECEIVED = (State.ON_TIME, State.SENT_LATE, State.LATE, State.RECEIVED)
WORSE = (
    State.RECEIVED,
    State.ON_TIME,
    State.SENT_LATE,
    State.LATE,
    State.OPEN,
    State.WAITING,
    State.PARTLY,
    State.MISSING,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A commune's report of a slot. ``first``: the version by which it is judged; ``latest``: whose figures count;
    ``alike``: how many of that number came, from laptops that did not know of each other."""

    commune: Commune
    state: State
    due_at: datetime | None
    first: FiledReport | None = None
    latest: FiledReport | None = None
    alike: int = 1


class SlotStanding:
    """How the communes of its last day stand with one slot or subject. ``reports``: of it, others are left out;
    ``due_at``: where a report names no deadline."""

    def __init__(
        self,
        slot: Slot,
        communes: Sequence[Commune],
        reports: Iterable[FiledReport],
        due_at: datetime | None,
        now: datetime,
    ) -> None:
        self.slot, self._communes, self._due_at, self._now = slot, communes, due_at, now
        self._place = {unit.area: n for n, commune in enumerate(communes) for unit in commune.units}
        self._filed: dict[int, list[FiledReport]] = {}
        for report in reports:
            if report.area in self._place:
                self._filed.setdefault(self._place[report.area], []).append(report)

    @cached_property
    def found(self) -> list[Standing]:
        """One a commune, in their order."""
        return [
            _standing(commune, self._filed.get(n, []), self._due_at, self._now)
            for n, commune in enumerate(self._communes)
        ]

    @property
    def reports(self) -> list[FiledReport]:
        """Those whose figures count."""
        return [_latest(self._filed[n]) for n in sorted(self._filed)]

    @property
    def owed(self) -> int:
        """How many there are when nobody is missing."""
        return len(self._communes)

    def names(self, state: State) -> list[str]:
        """The communes that stand so."""
        return [one.commune.name for one in self.found if one.state == state]

    def of(self, commune: Commune) -> Standing:
        """How a commune of another day stands: where its units were several communes', as the one of them that stands
        worst, and without figures."""
        parts = self._parts(commune)
        if not parts:
            return Standing(commune, State.OPEN, None)
        worst = max(parts, key=lambda one: (WORSE.index(one.state), one.first.taken if one.first else ""))
        whole = len(parts) == 1 and commune.areas >= worst.commune.areas
        return replace(worst, commune=commune, latest=worst.latest if whole else None)

    def reports_of(self, commune: Commune) -> list[FiledReport]:
        """The reports that together tell of all units of a commune of another day and of no others; none where one of
        them did not come."""
        parts, areas = self._parts(commune), commune.areas
        found = [one.latest for one in parts if one.latest and areas >= one.commune.areas]
        return found if len(found) == len(parts) else []

    def _parts(self, commune: Commune) -> list[Standing]:
        places = {self._place[area] for area in commune.areas & self._place.keys()}
        return [self.found[n] for n in sorted(places)]


def stands(
    tx: Transaction,
    slots: Sequence[Slot],
    then: Callable[[date], Sequence[Commune]],
    now: datetime,
    subject: str = "",
) -> list[SlotStanding]:
    """How communes stand with slots of one kind, and of one ``subject`` where it is about several. ``then``: the
    communes of a day.

    The deadline that most reports of a slot name, the later one of two, holds for those of whom nothing came as well,
    if it is more than a few who name it: stations may have rule sets that this program lacks, or one a wrong one.
    """
    kind, first, last = slots[0].kind, slots[0].first, slots[-1].last
    communes = {slot: then(slot.last) for slot in slots}
    if max(map(len, communes.values())) > FEW:
        reports = filed(tx, kind, first, last)
    else:
        units = {(unit.home, unit.area) for some in communes.values() for one in some for unit in one.units}
        reports = filed_in(tx, sorted(units), kind, first, last)
    named = named_deadlines(tx, kind, first, last)
    found = []
    for slot in slots:
        of_slot = [
            one
            for one in reports
            if slot.first <= one.last <= slot.last and (not subject or one.subject == subject)
        ]
        due_at = _due_at(slot, named, len(communes[slot]))
        found.append(SlotStanding(slot, communes[slot], of_slot, due_at, now))
    return found


def _due_at(slot: Slot, named: Iterable[tuple[date, datetime, int]], owed: int) -> datetime | None:
    counts: Counter[datetime] = Counter()
    for day, due_at, count in named:
        if slot.first <= day <= slot.last:
            counts[due_at] += count
    ruled = due(slot)
    told = max(counts, key=lambda one: (counts[one], one), default=ruled)
    return told if ruled is None or told is None or counts[told] * A_FEW >= owed else ruled


def newest_of(course: Sequence[SlotStanding], commune: Commune) -> FiledReport | None:
    """The latest report of a commune in several slots, the oldest of which comes first."""
    found = (one.reports_of(commune) for one in reversed(course))
    return next((reports[0] for reports in found if len(reports) == 1), None)


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
        of_period = sorted(
            (one for one in versions if one.last == latest.last), key=lambda one: (one.version, one.taken)
        )
        due_at = of_period[0].due_at or ruled
        # a first version that a lost link kept back makes a second one no later than it was
        first = min(of_period, key=lambda one: WORSE.index(state_of(one, due_at)))
        alike = sum(one.version == latest.version for one in of_period)
        return Standing(commune, state_of(first, due_at), due_at, first, latest, alike)
    if not commune.whole:
        return Standing(commune, State.PARTLY, ruled)
    if ruled is None or (commune.since and ruled < commune.since):
        return Standing(commune, State.OPEN, ruled)
    return Standing(commune, State.WAITING if now <= ruled else State.MISSING, ruled)
