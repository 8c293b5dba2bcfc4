"""A ward with 500 open cases and what its week brings: six of each week worked out by hand, the rest drawn by lot.

Whoever drives the week, by commands or by keys, does what the plan says and writes it on the patients' charts; how
everybody must stand is then read off the charts.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.week.by_hand import HALF_DAYS, MEASURED, MONDAY, WEEKS, hours
from tests.week.chart import Chart, Reading

PATIENTS, COPIES = 500, 6
"""Open cases on Monday morning; patients of each week worked out by hand."""
FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ"]
MIDDLE = ["Văn", "Thị", "Ngọc", "Minh", "Thanh"]
GIVEN = ["An", "Bình", "Cường", "Dũng", "Giang", "Hà", "Hải", "Hạnh", "Hiếu", "Hoa"]
BY_HAND = ((4, "hospital", "away"), (7, "recovered", "ended"), (8, "home", "away"))
BY_LOT = (
    (2, ((3, "mistaken"),)),
    (2, ((4, "moved_out"), (6, "reopen"))),
    (3, ((5, "refer"), (11, "home"))),
    (2, ((7, "release"),)),
)
"""With how many what is done, each before the board of a half-day is looked at. By hand: with all of a way."""


MUCH = ((5, "refer"), (4, "moved_out"), (7, "release"), (3, "mistaken"), (4, "hospital"))


@dataclass(frozen=True)
class Sheet:
    """What is measured. ``heard``: somebody is told of its danger signs at once, else in the next round; ``late``:
    after how many half-days the sheet is typed."""

    spo2: int | None
    breaths: int = 18
    pulse: int = 80
    heard: bool = True
    late: int = 0


@dataclass(eq=False)
class Patient:
    """``way``: the week by hand, empty for one drawn by lot; ``sheets``: half-day -> what is measured in it;
    ``person``, ``case``: ids, once there; ``observations``: reading -> id, where the driver keeps them."""

    name: str
    way: str
    chart: Chart
    sheets: dict[int, Sheet]
    person: str = ""
    case: str = ""
    observations: dict[Reading, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Correction:
    """A reading typed wrongly and what it should have been; None: it was somebody else's."""

    patient: Patient
    wrong: Reading
    right: Sheet | None


def measured(
    one: Patient, half: int, sheet: Sheet, at: datetime, written: datetime, asked: bool = True
) -> Reading:
    """Write a reading on the chart. ``asked``: for symptoms, of which nobody has any this week."""
    reading = Reading(half, at, written, sheet.spo2, sheet.breaths, sheet.pulse, asked)
    one.chart.readings.append(reading)
    return reading


def corrected(slip: Correction, written: datetime) -> Reading | None:
    """Write on the chart that a reading was corrected; the answer is the reading instead of it."""
    wrong = slip.wrong
    wrong.struck = written
    if slip.right is None:
        return None
    right = measured(slip.patient, wrong.half, slip.right, wrong.at, written, wrong.asked)
    right.known_signs = wrong.signs
    return right


def done(deed: str, one: Patient, at: datetime) -> None:
    """Write on the chart what was done with a patient."""
    if deed in ("refer", "hospital", "home"):
        one.chart.places.append((at, "home" if deed == "home" else "hospital"))
    else:
        one.chart.ends.append((at, None if deed == "reopen" else at.date()))


class Plan:
    """The same ward and week each time."""

    def __init__(self, seed: int = 2022) -> None:
        self._lot = random.Random(seed)
        begins = datetime.combine(MONDAY, datetime.min.time(), hours(0).mail.tzinfo)
        names = self._names()
        self.patients = [
            Patient(next(names), way, Chart(MONDAY, begins), _sheets_by_hand(way))
            for way in WEEKS
            if way != "late"
            for _ in range(COPIES)
        ]
        drawn = [
            Patient(next(names), "", Chart(MONDAY, begins), self._sheets_by_lot())
            for _ in range(PATIENTS - len(self.patients))
        ]
        self.patients += drawn
        self.latecomers = [
            Patient(next(names), "late", Chart(MONDAY, begins), _sheets_by_hand("late"))
            for _ in range(COPIES)
        ]
        """Cases from Tuesday on; on no board before they are opened."""
        self._deeds = self._deeds_of(drawn)
        self._lot.shuffle(self.patients)

    def team(self, size: int) -> list[Patient]:
        """So many patients for one team: those with whom much happens first."""
        deeds = [next(one for at, deed, one in self._deeds if (at, deed) == first) for first in MUCH]
        ways = [next(one for one in self.patients if one.way == way) for way in ("alarmed", "falling")]
        return list(dict.fromkeys([*deeds, *ways, *self.patients]))[:size]

    # ---- what there is to do

    def deeds(self, half: int) -> list[tuple[str, Patient]]:
        """What is done with whom before the board of a half-day is looked at."""
        return [(deed, patient) for at, deed, patient in self._deeds if at == half]

    def round(self, half: int) -> list[tuple[Patient, Sheet]]:
        """Who is measured in a half-day: whoever is a case and at home then."""
        return [
            (one, one.sheets[half])
            for one in self.everybody
            if half in one.sheets and not one.sheets[half].late and self._there(one, hours(half).round)
        ]

    def late(self, half: int) -> list[tuple[Patient, int, Sheet]]:
        """Sheets of earlier half-days that are typed before the board of this one is looked at."""
        return [
            (one, of, sheet)
            for one in self.everybody
            for of, sheet in one.sheets.items()
            if sheet.late and of + sheet.late == half and self._there(one, hours(half).mail)
        ]

    def corrections(self, half: int, among: Sequence[Patient] = ()) -> list[Correction]:
        """A reading of the afternoon before that was typed wrongly, every day another kind of slip."""
        if half % 2:
            return []
        can = [
            (one, one.chart.readings[-1])
            for one in among or self.patients
            if not one.way
            and one.chart.readings
            and one.chart.readings[-1].half == half - 1
            and one.chart.readings[-1].struck is None
            and self._there(one, hours(half).mail)
        ]
        if not can:
            return []
        one, wrong = self._lot.choice(can)
        return [Correction(one, wrong, (Sheet(93), Sheet(99), None)[half // 2 % 3])]

    @property
    def everybody(self) -> list[Patient]:
        """With those who became cases meanwhile."""
        return [*self.patients, *(one for one in self.latecomers if one.case)]

    # ---- how everybody must stand

    def standings(self, at: datetime) -> dict[str, str]:
        """case -> standing, of all who are on the board."""
        found = ((one.case, one.chart.stands(at)) for one in self.everybody)
        return {case: standing for case, standing in found if standing is not None}

    def counts(self, at: datetime) -> Counter[str]:
        """How many stand in each state."""
        return Counter(self.standings(at).values())

    def unheard(self, at: datetime) -> Iterator[tuple[Patient, Reading]]:
        """Readings with an alert nobody has answered."""
        return ((one, reading) for one in self.everybody for reading in one.chart.unheard(at))

    # ---- drawing lots

    def _names(self) -> Iterator[str]:
        names = [f"{family} {middle} {given}" for family in FAMILY for middle in MIDDLE for given in GIVEN]
        self._lot.shuffle(names)
        return iter(names)

    def _there(self, one: Patient, at: datetime) -> bool:
        return one.chart.open_at_home(at)

    def _sheets_by_lot(self) -> dict[int, Sheet]:
        lot, found = self._lot, dict[int, Sheet]()
        for half in range(HALF_DAYS):
            drawn = lot.random()
            if drawn < 0.87:
                spo2 = lot.choices([98, 97, 99, 100, None], [8, 2, 2, 1, 3])[0]
                breaths, pulse = lot.randint(16, 19), lot.randint(60, 110)
                if lot.random() < 0.005:
                    spo2, breaths, pulse = lot.choice(
                        [(91, 18, 80), (95, 18, 80), (98, 22, 90), (97, 18, 130)]
                    )
                late = 0 if drawn < 0.80 else 1 if drawn < 0.85 else 3
                found[half] = Sheet(spo2, breaths, pulse, lot.random() < 0.7, late)
        return found

    def _deeds_of(self, drawn: list[Patient]) -> list[tuple[int, str, Patient]]:
        free = iter(drawn)
        found = [(half, deed, one) for half, deed, way in BY_HAND for one in self.patients if one.way == way]
        for count, deeds in BY_LOT:
            several = [next(free) for _ in range(count)]
            found += [(half, deed, one) for half, deed in deeds for one in several]
        return found


def _sheets_by_hand(way: str) -> dict[int, Sheet]:
    found = dict[int, Sheet]()
    for half, letter in enumerate(WEEKS[way].done):
        if letter in MEASURED:
            spo2, pulse = MEASURED[letter]
            found[half] = Sheet(spo2, pulse=pulse, heard=letter != "D")
    return found


def end_of(half: int) -> datetime:
    """The last moment of a half-day, when a sheet that names no hour counts as measured."""
    day, noon = hours(half).mail.replace(hour=0), timedelta(hours=12)
    return day + (half % 2 + 1) * noon - timedelta(milliseconds=1)
