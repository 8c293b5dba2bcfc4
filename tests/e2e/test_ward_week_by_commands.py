"""A week of a ward with 500 open cases driven by commands, as a technician's script over a slow link would.

At every half-day the board and the roster are read before the round and after it, and everybody's standing is compared
with the charts of `tests.week`, which know nothing of the program.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from tests.e2e.laptops import Answer
from tests.e2e.test_commands import Desk, desk
from tests.week import plan as planned
from tests.week.by_hand import HALF_DAYS, MONDAY, STANDINGS, TUESDAYS, WEEKS, hours, slot
from tests.week.chart import Reading
from tests.week.plan import Patient, Plan, Sheet
from tui_app import cli

__all__ = ["desk"]  # the fixture

HEAD = "Khu phố,Họ và tên,Ngày sinh,Giới tính,Địa chỉ\n"
POSITIVE = MONDAY - timedelta(days=4)  # so that Thursday is day 7 (QĐ 250, rules §2.7)
BY_COMMAND = 10  # cases opened one by one; the others come in a file, as another ward hands them over


@dataclass
class Known:
    """A board as it was printed, and when."""

    half: int
    at: datetime
    printed: bytes


class WardByCommands:
    """The plan, carried out by commands."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.plan = desk, Plan()
        self.known: list[Known] = []
        self.seen = Counter[str]()
        desk.patch.setattr(
            cli, "parser", cache(cli.parser)
        )  # made once, not for each of three hundred commands
        self.at(hours(0).mail - timedelta(hours=1))
        desk.started()
        everybody = [*self.plan.patients, *self.plan.latecomers]
        rows = (
            f"Khu phố {place % 6 + 1},{one.name},01/05/1980,Nữ,{place // 4 + 1} Lê Lợi\n"
            for place, one in enumerate(everybody)
        )
        self("import", desk.file("danh_sach.csv", HEAD + "".join(rows)))
        persons = self("export", "--type", "person").lines()
        self.persons = {line["full_name"]: line for line in persons}
        self.open_all()

    def __call__(self, *arguments: str, expect: int = 0) -> Answer:
        answer = self.desk(*arguments, login=True)
        assert answer.code == expect, f"{arguments}: {answer.code}\n{answer.err}"
        return answer

    def at(self, moment: datetime) -> None:
        self.now = moment
        self.desk.patch.setenv("GONHA_NOW", moment.isoformat())

    def lines(self, name: str, found: list[dict[str, Any]]) -> str:
        """A file of lines of JSON."""
        return self.desk.file(name, "\n".join(map(json.dumps, found)))

    # ---- cases

    def open_all(self) -> None:
        for one in self.plan.patients[:BY_COMMAND]:
            self.open(one)
        self.hand_over(self.plan.patients[BY_COMMAND:])
        assert len(self("case", "list", "--json").lines()) == planned.PATIENTS

    def hand_over(self, several: list[Patient]) -> None:
        """A file of cases that another ward has followed since Monday."""
        days = {"started_on": MONDAY.isoformat(), "first_positive_on": POSITIVE.isoformat()}
        came = []
        for one in several:
            person = self.persons[one.name]
            one.case, one.chart.since = f"case-{person['id']}", self.now
            about = {"type": "case", "id": one.case, "area": person["area"], "person": person["id"]}
            came.append({**about, **days, "source": "transfer", "place": "home"})
        self("import", self.lines("ca.ndjson", came))

    def open(self, one: Patient) -> None:
        one.chart.since = self.now
        days = ("--started-on", self.now.date().isoformat(), "--first-positive-on", POSITIVE.isoformat())
        answer = self("case", "open", self.persons[one.name]["id"], "--source", "screening", *days, "--json")
        one.case = answer.json()["case"]

    def do(self, deed: str, one: Patient) -> None:
        """What is done with a patient besides measuring."""
        case, reason = one.case, ("--reason", "theo dõi đủ")
        left = 4 if one.chart.unheard(self.now) else 0  # an end says that an alert still waits
        match deed:
            case "hospital" | "home":
                self("case", "place", case, deed)
            case "refer":
                sent = self(
                    "referral", "make", case, "--to", "BV Quận 11", "--reason", "mệt", "--json"
                ).json()
                self("referral", "acknowledge", sent["referral"], "--by", "BS. Đức", "--admitted")
            case "reopen":
                self("case", "reopen", case, "--reason", "chưa đi")
            case "release":
                self.release(one, left)
            case outcome:
                self("case", "end", case, outcome, *reason, expect=left)
        planned.done(deed, one, self.now)

    def release(self, one: Patient, left: int) -> None:
        """Day 7 and a negative test that a health worker did: no other reason is needed."""
        self("case", "end", one.case, "recovered", expect=1)
        person = self.persons[one.name]
        self("visit", "record", person["household"], "--test", f"{person['id']}=negative", "--rest-well")
        card = self("case", "show", one.case, "--json").json()
        assert card["release"]["may_end"] is True
        self("case", "end", one.case, "recovered", "--test", card["tests"][0]["id"], expect=left)

    # ---- readings

    def observe(self, rows: list[tuple[Patient, int, Sheet]], *, late: bool = False) -> None:
        """A file of readings, as the teams' papers are typed."""
        found, moments = [], []
        for one, half, sheet in rows:
            at, line = self.now, {"case": one.case, "respiratory_rate": sheet.breaths, "pulse": sheet.pulse}
            line |= {"symptoms": [], "signs": []} | ({} if sheet.spo2 is None else {"spo2": sheet.spo2})
            if late and sheet.late == 1:  # the paper says which half-day, not at what hour
                at = planned.end_of(half)
                line["slot"] = "/".join(map(str, slot(half)))
            elif late:
                at = hours(half).round
                line["at"] = at.isoformat()
            found.append(line)
            moments.append(at)
        written = [
            planned.measured(one, half, sheet, at, self.now)
            for (one, half, sheet), at in zip(rows, moments, strict=True)
        ]
        opened = [reading.alerts for reading in written]
        answers = self(
            "observe", self.lines("so_do.ndjson", found), "--json", expect=4 if any(opened) else 0
        ).lines()
        assert [answer["alert"] is not None for answer in answers] == opened
        for (one, _, _), reading, answer in zip(rows, written, answers, strict=True):
            one.observations[reading] = answer["observation"]

    def correct(self, slip: planned.Correction) -> None:
        """A reading typed wrongly: another row instead, or none."""
        old = slip.patient.observations[slip.wrong]
        right = planned.corrected(slip, self.now)
        if right is None:
            self("observe", old, "--withdraw", "--reason", "nhầm người")
            return
        values = ("--respiratory-rate", str(right.breaths), "--pulse", str(right.pulse))
        more = ("--symptoms", "", "--signs", "", "--spo2", str(right.spo2), "--reason", "gõ nhầm", "--json")
        self("observe", old, "--amend", *values, *more, expect=4 if right.alerts else 0)

    def answer(self, readings: list[tuple[Patient, Reading]]) -> None:
        """Tell somebody of these; those that wait are the ones the charts say."""
        waiting = list(self.plan.unheard(self.now))
        listed = self("alerts", "--json", expect=4 if waiting else 0).lines()
        assert Counter(line["case"] for line in listed) == Counter(one.case for one, _ in waiting)
        heard = {id(reading) for _, reading in readings}
        for one, reading in waiting:
            if id(reading) in heard:
                alert = next(line for line in listed if line["case"] == one.case)
                listed.remove(alert)
                self("alerts", "tell", alert["id"], "--to", "BS. Đức")
                reading.told = self.now

    def round(self, half: int) -> None:
        """Answer what was left, measure whoever is there, tell of what is dangerous."""
        self.answer(list(self.plan.unheard(self.now)))
        self.observe([(one, half, sheet) for one, sheet in self.plan.round(half)])
        at_once = [
            (one, reading) for one, reading in self.plan.unheard(self.now) if one.sheets[reading.half].heard
        ]
        self.answer(at_once)

    # ---- looking

    def look(self, half: int, which: str = "") -> bytes:
        """The board and the roster, everybody compared with the charts, ``before`` and ``after`` the round also with
        the weeks by hand; the answer is the board as it was printed."""
        wanted = self.plan.standings(self.now)
        self.seen += Counter(wanted.values())
        where = f"half-day {half}, {which}"
        waits = 4 if "danger" in wanted.values() else 0
        printed = self("f0", "--json", expect=waits)
        lines = {line["case"]: line for line in printed.lines()}
        names = {one.case: f"{one.name} ({one.way})" for one in self.plan.everybody}
        found = {case: line["standing"] for case, line in lines.items()}
        assert {names[case]: standing for case, standing in found.items()} == {
            names[case]: standing for case, standing in wanted.items()
        }, where
        for one in self.plan.everybody:
            if one.case in lines:
                assert lines[one.case]["alert_late"] == one.chart.late(self.now), (
                    f"{names[one.case]}, {where}"
                )
            if one.chart.open_at_home(self.now):
                assert lines[one.case]["round"] == one.chart.round(self.now), f"{names[one.case]}, {where}"
            if one.way and which:
                by_hand = getattr(WEEKS[one.way], which)[half]
                assert found.get(one.case) == STANDINGS.get(by_hand), f"{names[one.case]}, {where}"
        roster = self("roster", "--json", expect=waits).lines()
        assert measures(roster) == to_measure(wanted), where
        return printed.out

    def as_it_was_known(self, known: Known) -> None:
        """A board of before, asked for now."""
        asked = self("f0", "--as-of", known.at.isoformat(), "--json", expect=self.waits(known.at))
        assert asked.out == known.printed, f"half-day {known.half} as it was known then"

    def as_it_ended(self, half: int) -> None:
        """Board and roster of a half-day that has passed, asked for by its name: as they stood at its end."""
        ended, (day, name) = planned.end_of(half), slot(half)
        wanted = self.plan.standings(ended)
        asked = ("--date", day.isoformat(), "--slot", name, "--json")
        board = self("f0", *asked, expect=self.waits(ended)).lines()
        assert {line["case"]: line["standing"] for line in board} == wanted, f"end of half-day {half}"
        roster = self("roster", *asked, expect=self.waits(ended)).lines()
        assert measures(roster) == to_measure(wanted), f"end of half-day {half}"

    def waits(self, at: datetime) -> int:
        return 4 if "danger" in self.plan.counts(at) else 0


def measures(roster: list[dict[str, Any]]) -> dict[str, str]:
    """Who is on the roster to be measured, and how urgent it is."""
    return {line["record"]: line["state"] for line in roster if line["task"] == "measure"}


def to_measure(standings: dict[str, str]) -> dict[str, str]:
    """Who has to be."""
    return {case: standing for case, standing in standings.items() if standing not in ("away", "ended")}


@pytest.fixture
def ward(desk: Desk) -> WardByCommands:
    return WardByCommands(desk)


def test_a_week_of_500_cases_by_commands(ward: WardByCommands) -> None:
    for half in range(HALF_DAYS):
        now = hours(half)
        ward.at(now.mail)
        for deed, one in ward.plan.deeds(half):
            ward.do(deed, one)
        late = ward.plan.late(half)
        if late:
            ward.observe(late, late=True)
        for slip in ward.plan.corrections(half):
            ward.correct(slip)
        ward.at(now.before)
        ward.look(half, "before")
        if half >= 2:
            ward.as_it_was_known(ward.known[half - 2])  # this time yesterday
        ward.at(now.round)
        ward.round(half)
        ward.at(now.after)
        ward.known.append(Known(half, now.after, ward.look(half, "after")))
        if half == 2:
            ward.at(TUESDAYS)
            ones, others = ward.plan.latecomers[::2], ward.plan.latecomers[1::2]
            for one in ones:
                ward.open(one)
            ward.hand_over(others)
            ward.look(half)
    for known in ward.known:
        ward.as_it_was_known(known)
    for half in range(0, HALF_DAYS - 1, 3):
        ward.as_it_ended(half)
    assert ward.seen.keys() == set(STANDINGS.values()), "a week in which everything happens"
