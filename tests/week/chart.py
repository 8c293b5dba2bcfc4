"""How a patient stands at a moment, worked out from what was written down until then, as one does with a pencil.

Nothing of the program is asked. Half-days begin at 00:00 and 12:00 and are overdue at 11:00 and 19:00 (house set);
danger signs of adults by QĐ 261 (rules §2.5), grades by QĐ 250 (§2.6), a fall of SpO2 counts from 3 on, an
alert is late after 30 minutes (house set).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

OVERDUE = (time(11), time(19))
FALL = 3
ANSWER_WITHIN = timedelta(minutes=30)


@dataclass(eq=False)
class Reading:
    """``half``: the half-day it answers, counted from the first one of the week; ``at``: when it was measured;
    ``written``: when it was typed; ``asked``: symptoms were asked for and there were none; ``struck``: when it was
    corrected or taken back; ``told``: when somebody was told of its danger signs; ``known_signs``: those the reading
    it corrects had an alert for."""

    half: int
    at: datetime
    written: datetime
    spo2: int | None
    breaths: int = 18
    pulse: int = 80
    asked: bool = True
    struck: datetime | None = None
    told: datetime | None = None
    known_signs: frozenset[str] = frozenset()

    @property
    def signs(self) -> frozenset[str]:
        """The danger signs of an adult: SpO2 ≤ 96, 20 breaths or more, pulse above 120 or below 50."""
        found = {
            "spo2": self.spo2 is not None and self.spo2 <= 96,
            "breaths": self.breaths >= 20,
            "fast": self.pulse > 120,
            "slow": self.pulse < 50,
        }
        return frozenset(name for name, there in found.items() if there)

    @property
    def alerts(self) -> bool:
        """Whether it opens an alert."""
        return bool(self.signs - self.known_signs)

    @property
    def grade(self) -> int | None:
        """3 severe: SpO2 < 94 or more than 25 breaths; 2 moderate: 94–96, 20–25; 0 no symptoms; None: not known."""
        if self.breaths > 25 or (self.spo2 is not None and self.spo2 < 94):
            return 3
        if self.breaths >= 20 or (self.spo2 is not None and self.spo2 <= 96):
            return 2
        return 0 if self.asked and self.spo2 is not None else None

    def stands(self, known: datetime) -> bool:
        """Whether it counts, as far as was known at a moment."""
        return self.written <= known and (self.struck is None or self.struck > known)

    def unheard(self, known: datetime) -> bool:
        """Whether it opened an alert nobody has answered. That it was corrected does not answer it."""
        return self.written <= known and self.alerts and (self.told is None or self.told > known)


@dataclass
class Chart:
    """A patient's sheet. ``since``: when the case was opened; ``places``, ``ends``: what was written when; an end
    without a day is the case opened again."""

    monday: date
    since: datetime
    readings: list[Reading] = field(default_factory=list)
    places: list[tuple[datetime, str]] = field(default_factory=list)
    ends: list[tuple[datetime, date | None]] = field(default_factory=list)

    def half_of(self, at: datetime) -> int:
        """The half-day a moment lies in."""
        return 2 * (at.date() - self.monday).days + (at.time() >= time(12))

    def overdue(self, half: int) -> datetime:
        """When a half-day that was not measured is overdue."""
        return datetime.combine(self.monday + timedelta(days=half // 2), OVERDUE[half % 2], self.since.tzinfo)

    def open_at_home(self, at: datetime) -> bool:
        """Whether readings are taken."""
        return self.since <= at and self._ended(at) is None and self._place(at) == "home"

    def unheard(self, at: datetime) -> list[Reading]:
        """Readings with an alert nobody has answered."""
        return [one for one in self.readings if one.unheard(at)]

    def late(self, at: datetime) -> bool:
        """Whether one of them has waited too long."""
        return any(at >= one.written + ANSWER_WITHIN for one in self.unheard(at))

    def stands(self, at: datetime) -> str | None:
        """How the patient stands on the board, as far as was known at ``at``; None: not on it."""
        if at < self.since:
            return None
        if self.unheard(at):
            return "danger"
        ended = self._ended(at)
        if ended is not None:
            return "ended" if ended >= at.date() else None
        if self._place(at) != "home":
            return "away"
        return "worse" if self._worse(at) else self.round(at)

    def round(self, at: datetime) -> str:
        """How the half-day alone stands."""
        here = self.half_of(at)
        measured = {one.half for one in self.readings if one.stands(at)}
        expected = max([self.since, *self._back_home(at)])
        if here in measured:
            return "done"
        if at >= self.overdue(here) > expected:
            return "overdue"
        if here - 1 not in measured and self.overdue(here - 1) > expected:
            return "missing"
        return "due"

    def _worse(self, at: datetime) -> bool:
        seen = sorted((one for one in self.readings if one.stands(at)), key=lambda one: one.at)
        if not seen:
            return False
        *before, last = seen
        if last.signs - (before[-1].signs if before else frozenset()):
            return True
        spo2 = [one.spo2 for one in before if one.spo2 is not None][-1:]
        grade = [one.grade for one in before if one.grade is not None][-1:]
        fell = any(last.spo2 is not None and was - last.spo2 >= FALL for was in spo2)
        return fell or any(last.grade is not None and last.grade > was for was in grade)

    def _ended(self, at: datetime) -> date | None:
        return next((day for written, day in reversed(self.ends) if written <= at), None)

    def _place(self, at: datetime) -> str:
        return next((place for written, place in reversed(self.places) if written <= at), "home")

    def _back_home(self, at: datetime) -> Iterator[datetime]:
        yield from (written for written, place in self.places if written <= at and place == "home")
        yield from (written for written, day in self.ends if written <= at and day is None)
