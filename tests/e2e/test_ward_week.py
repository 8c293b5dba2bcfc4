"""A week of a ward with 500 open cases, by the services at every half-day, against a plan worked out by hand.

Ten ways a week may go (`tests.week.by_hand`), fifty patients each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.services.care_ward import CareWard
from tests.week.by_hand import HALF_DAYS, MEASURED, MONDAY, STANDINGS, TUESDAYS, WEEKS, hours
from tests.week.chart import Chart, Reading
from tui_app.services.cases import alerts, cases
from tui_app.services.cases.board import BoardLine
from tui_app.services.cases.observing import Vitals, record_many

COPIES = 50


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
        rows = []
        for case, name in self.week_of.items():
            if (letter := WEEKS[name].done[half]) in MEASURED:
                spo2, pulse = MEASURED[letter]
                vitals = Vitals(spo2=spo2, pulse=pulse, respiratory_rate=18, symptoms=(), signs=())
                rows.append((case, vitals))
        saved = record_many(self.ward.store, self.ward.who, rows)
        heard = [line.id for line in waiting]
        for (case, _), one in zip(rows, saved, strict=True):
            assert not isinstance(one, Exception)
            if one.alert and WEEKS[self.week_of[case]].done[half] != "D":
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
            assert found.get(case) == STANDINGS.get(mark), f"{name}, half-day {half}, {look}"
        counted = Counter(line.standing for line in lines)
        marks = Counter(mark for mark in wanted.values() if mark != ".")
        assert counted == Counter({STANDINGS[mark]: COPIES * ways for mark, ways in marks.items()})
        return lines


def at(ward: CareWard, moment: datetime) -> datetime:
    """Set the clock."""
    return ward.at(moment.date(), moment.hour, moment.minute)


def test_a_week_of_500_cases_stands_right_at_every_half_day(ward: CareWard) -> None:
    ward.at(MONDAY, 7)
    plan = Ward500(ward)
    plan.open(*(name for name in WEEKS if name != "late"))
    known: list[tuple[int, datetime, list[BoardLine]]] = []
    for half in range(HALF_DAYS):
        now = hours(half)
        at(ward, now.mail)
        if half in (4, 8):
            for case in plan.cases("away"):
                place = "hospital" if half == 4 else "home"
                cases.set_place(ward.store, ward.who, case, place, now.mail.date())
        if half == 7:
            for case in plan.cases("ended"):
                cases.end_case(ward.store, ward.who, case, "recovered", now.mail.date(), "giấy ra viện")
        at(ward, now.before)
        plan.stands_as(half, "before")
        at(ward, now.round)
        plan.round(half)
        known.append((half, at(ward, now.after), plan.stands_as(half, "after")))
        if half == 2:
            at(ward, TUESDAYS)
            plan.open("late")
    assert len(ward.board()) == (len(WEEKS) - 1) * COPIES
    for half, moment, lines in known:
        assert ward.board(as_of=moment) == lines, f"half-day {half} as it was known then"


@pytest.mark.parametrize("name", WEEKS)
def test_the_pencil_says_what_was_worked_out_by_hand(name: str) -> None:
    """The chart that the weeks by commands and by keys are compared with."""
    week = WEEKS[name]
    chart = Chart(MONDAY, TUESDAYS if name == "late" else hours(0).mail)
    for half in range(HALF_DAYS):
        now = hours(half)
        if name == "away" and half in (4, 8):
            chart.places.append((now.mail, "hospital" if half == 4 else "home"))
        if name == "ended" and half == 7:
            chart.ends.append((now.mail, now.mail.date()))
        assert chart.stands(now.before) == STANDINGS.get(week.before[half]), f"half-day {half}, before"
        for waiting in chart.unheard(now.round):
            waiting.told = now.round
        if (letter := week.done[half]) in MEASURED:
            spo2, pulse = MEASURED[letter]
            told = None if letter == "D" else now.round
            chart.readings.append(Reading(half, now.round, now.round, spo2, pulse=pulse, told=told))
        assert chart.stands(now.after) == STANDINGS.get(week.after[half]), f"half-day {half}, after"
