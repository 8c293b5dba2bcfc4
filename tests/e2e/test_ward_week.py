"""A week of a ward with 500 open cases, by the services at every half-day, against a plan worked out by hand.

Ten ways a week may go, fifty patients each. A letter a half-day: what is done in the round, and how the patient must
stand before it (08:30, 14:30) and after it (11:30, 19:30), when readings are overdue by the house set of half-days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.services.care_ward import CareWard
from tui_app.services.cases import alerts, cases
from tui_app.services.cases.board import BoardLine, Standing
from tui_app.services.cases.observing import Vitals, record_many

MONDAY = date(2022, 2, 14)  # QĐ 261 and QĐ 250 judge all week (rules §2.0)
COPIES = 50
HALF_DAYS = 14
SPO2 = {"w": 98, "h": 100, "l": 97, "d": 90, "D": 90}
"""w, h, l: no sign; l is lower than h by the 3 of the house set. d: a danger sign somebody is told of within the
half-day; D: one that waits until the next round. -: nobody measured."""
MARKS = {
    "!": Standing.DANGER,
    "W": Standing.WORSE,
    "O": Standing.OVERDUE,
    "M": Standing.MISSING,
    "U": Standing.DUE,
    "D": Standing.DONE,
    "A": Standing.AWAY,
    "E": Standing.ENDED,
}


@dataclass(frozen=True)
class Week:
    """How a patient's week goes. ``.``: not on the board."""

    done: str
    before: str
    after: str


WEEKS = {
    # every half-day measured
    "steady": Week("wwwwwwwwwwwwww", "UUUUUUUUUUUUUU", "DDDDDDDDDDDDDD"),
    # every afternoon left out: missing the next morning
    "mornings": Week("w-w-w-w-w-w-w-", "UUMUMUMUMUMUMU", "DODODODODODODO"),
    # never measured
    "nobody": Week("--------------", "UMMMMMMMMMMMMM", "OOOOOOOOOOOOOO"),
    # a new danger sign that was answered: worse until the next reading is normal
    "alarmed": Week("wdwwwwwwwwwwww", "UUWUUUUUUUUUUU", "DWDDDDDDDDDDDD"),
    # nobody answers until the morning
    "unheard": Week("wDwwwwwwwwwwww", "UU!UUUUUUUUUUU", "D!DDDDDDDDDDDD"),
    # SpO2 100 then 97, twice
    "falling": Week("hlhlwwwwwwwwww", "UUWUWUUUUUUUUU", "DWDWDDDDDDDDDD"),
    # dangerous from the first reading; the same sign again is not worse
    "ill": Week("ddwwwwwwwwwwww", "UWUUUUUUUUUUUU", "WDDDDDDDDDDDDD"),
    # hospital from Wednesday 08:00 to Friday 08:00
    "away": Week("wwww----wwwwww", "UUUUAAAAUUUUUU", "DDDDAAAADDDDDD"),
    # ended on Thursday at 14:00
    "ended": Week("wwwwwww-------", "UUUUUUUE......", "DDDDDDDE......"),
    # opened on Tuesday at 11:45, when the morning's round was over; Wednesday morning left out
    "late": Week("---w-wwwwwwwww", "...UUMUUUUUUUU", "...DODDDDDDDDD"),
}


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    yield made
    made.close()


class Ward500:
    """The plan, carried out."""

    def __init__(self, ward: CareWard) -> None:
        self.ward, self.week_of = ward, dict[str, str]()
        with ward.store.work(ward.who) as work:
            door = work.get("household", ward.door)
            self.people = {
                name: [
                    work.create(
                        "person",
                        {"full_name": f"{name} {n}", "household": door.id, "birth_year": 1980},
                        place=door,
                    )
                    for n in range(COPIES)
                ]
                for name in WEEKS
            }

    def open(self, *names: str) -> None:
        for name in names:
            for person in self.people[name]:
                self.week_of[self.ward.case(person)] = name

    def cases(self, name: str) -> list[str]:
        return [case for case, week in self.week_of.items() if week == name]

    def round(self, half: int) -> None:
        """Answer what was left, then measure everybody the plan measures."""
        with self.ward.store.read() as c:
            waiting = alerts.open_alerts(c, self.ward.now)
        rows = [
            (case, Vitals(spo2=SPO2[WEEKS[name].done[half]], respiratory_rate=18, symptoms=(), signs=()))
            for case, name in self.week_of.items()
            if WEEKS[name].done[half] in SPO2
        ]
        saved = record_many(self.ward.store, self.ward.who, rows)
        heard = [line.id for line in waiting]
        for (case, _), one in zip(rows, saved, strict=True):
            assert not isinstance(one, Exception)
            if one.alert and WEEKS[self.week_of[case]].done[half] == "d":
                heard.append(one.alert)
        for alert in heard:
            alerts.tell(self.ward.store, self.ward.who, alert, "trạm")

    def stands_as(self, half: int, look: str) -> list[BoardLine]:
        """Check everybody's standing; returns the board."""
        wanted = {name: getattr(week, look)[half] for name, week in WEEKS.items()}
        lines = self.ward.board()
        found = {line.case: line.standing for line in lines}
        for case, name in self.week_of.items():
            mark = wanted[name]
            assert found.get(case) == MARKS.get(mark), f"{name}, half-day {half}, {look}"
        counted = Counter(line.standing for line in lines)
        assert counted == Counter(
            {MARKS[mark]: COPIES * list(wanted.values()).count(mark) for mark in set(wanted.values()) - {"."}}
        )
        return lines


def test_a_week_of_500_cases_stands_right_at_every_half_day(ward: CareWard) -> None:
    ward.at(MONDAY, 7)
    plan = Ward500(ward)
    plan.open(*(name for name in WEEKS if name != "late"))
    known: list[tuple[int, list[BoardLine]]] = []
    moments = []
    for half in range(HALF_DAYS):
        day, morning = MONDAY + timedelta(days=half // 2), half % 2 == 0
        if half in (4, 8):
            ward.at(day, 8)
            for case in plan.cases("away"):
                cases.set_place(ward.store, ward.who, case, "hospital" if half == 4 else "home", day)
        if half == 7:
            ward.at(day, 14)
            for case in plan.cases("ended"):
                cases.end_case(ward.store, ward.who, case, "recovered", day, "giấy ra viện")
        ward.at(day, 8 if morning else 14, 30)
        plan.stands_as(half, "before")
        ward.at(day, 9 if morning else 15)
        plan.round(half)
        moments.append(ward.at(day, 11 if morning else 19, 30))
        known.append((half, plan.stands_as(half, "after")))
        if half == 2:
            ward.at(day, 11, 45)
            plan.open("late")
    assert len(ward.board()) == (len(WEEKS) - 1) * COPIES
    for half, lines in known:
        assert ward.board(as_of=moments[half]) == lines, f"half-day {half} as it was known then"
