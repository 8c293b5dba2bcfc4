"""Outbreaks: declared and ended by the chief within 24 hours each, counted by day and unit, reported until they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from laptop_alone import HandClock, area_id, laptop, live

from tui_app.clock import VIETNAM
from tui_app.errors import FieldProblem, InvalidFields, NotOpened
from tui_app.services.cases import cases
from tui_app.services.outbreaks import declaring
from tui_app.services.outbreaks.deadlines import deadlines
from tui_app.services.outbreaks.declaring import Outbreak, Plan
from tui_app.services.outbreaks.numbers import DailyNumbers, daily_numbers
from tui_app.services.people import people
from tui_app.services.reports.kinds import Figure
from tui_app.services.reports.outbreak import OUTBREAK
from tui_app.services.station.station_values import CUT_OFF, keep_value

ONE, TWO, THREE = area_id(1), area_id(2), area_id(3)
FIRST = date(2026, 11, 20)


class Ward:
    """Three units, a clock, and the shortest ways to make a case and a test in November 2026."""

    def __init__(self, folder: Path) -> None:
        self.workspace = laptop(folder)
        self.store, self.who = self.workspace.store, self.workspace.user
        self.doors = {
            area: people.save_household(self.store, self.who, {"address": f"{area} Lê Lợi"}, area=area)
            for area in (ONE, TWO, THREE)
        }
        self.number = 0
        self.at(22, 9)

    def at(self, day: int, hour: int, minute: int = 0) -> None:
        clock = self.workspace.clock
        assert isinstance(clock, HandClock)
        clock.now = datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM).astimezone(UTC)

    def person(self, area: str) -> str:
        self.number += 1
        fields = {"full_name": f"Người {self.number}", "birth_date": "1980-05-01"}
        return people.save_person(self.store, self.who, fields, household=self.doors[area])

    def case(self, area: str, positive_on: int) -> str:
        day = date(2026, 11, positive_on)
        opened = cases.open_case(
            self.store,
            self.who,
            self.person(area),
            source="screening",
            started_on=day,
            first_positive_on=day,
        )
        return opened.case

    def test(self, area: str, day: int, hour: int, result: str, **more: Any) -> str:
        person = more.pop("person", None) or self.person(area)
        moment = datetime(2026, 11, day, hour, tzinfo=VIETNAM).astimezone(UTC)
        fields = {"person": person, "at": moment.isoformat(), "method": "antigen", "result": result, **more}
        with self.store.work(self.who) as work:
            return work.create("test_result", fields, place=work.get("person", person))

    def declare(self, **fields: Any) -> str:
        plan = Plan(name="Chùm ca hẻm 45", areas=(ONE, TWO), started_on=FIRST, **fields)
        return declaring.declare(self.store, self.who, plan)

    def outbreak(self, ident: str) -> Outbreak:
        with self.store.read() as c:
            return declaring.outbreak(c, ident)

    def numbers(self, ident: str, day: int) -> DailyNumbers:
        with self.store.read() as c:
            return daily_numbers(c, ident, date(2026, 11, day), self.workspace.clock())

    def figures(self, ident: str, day: int, cut_off: str = "00:00") -> tuple[Figure, ...]:
        period = OUTBREAK.period(date(2026, 11, day), {CUT_OFF: cut_off})
        with self.store.read() as c:
            return OUTBREAK.count(c, period, self.workspace.clock(), ident)

    def due(self, ident: str) -> list[tuple[str, str, str]]:
        with self.store.read() as c:
            found = deadlines(c, declaring.outbreak(c, ident), self.workspace.clock())
        return [(one.kind, one.due_at, str(one.state)) for one in found]


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path / "one")


def refused(found: pytest.ExceptionInfo[InvalidFields]) -> list[tuple[str, str]]:
    return [(problem.field, problem.key) for problem in found.value.problems]


def test_form_01_is_due_24_hours_after_the_epidemic_was_found(ward: Ward) -> None:
    """TT 15/2026/TT-BYT, Đ26.1b: found on 22/11/2026 at 08:00, told by 23/11/2026 at 08:00."""
    ward.at(23, 8)
    kept = ward.declare(identified_at=datetime(2026, 11, 22, 8, tzinfo=VIETNAM))
    ward.at(23, 8, 1)
    late = ward.declare(identified_at=datetime(2026, 11, 22, 8, tzinfo=VIETNAM))
    assert ward.due(kept) == [("outbreak_declared", "2026-11-23T01:00:00.000Z", "on_time")]
    assert ward.due(late) == [("outbreak_declared", "2026-11-23T01:00:00.000Z", "late")]


def test_form_02_is_due_24_hours_after_it_was_found_to_be_over(ward: Ward) -> None:
    """TT 15/2026/TT-BYT, Đ26.1c."""
    ident = ward.declare()
    ward.at(30, 10)
    over_at = datetime(2026, 11, 29, 7, tzinfo=VIETNAM)
    declaring.end(ward.store, ward.who, ident, date(2026, 11, 28), over_at=over_at)
    assert ward.due(ident)[1] == ("outbreak_ended", "2026-11-30T00:00:00.000Z", "late")


def test_before_the_circular_no_deadline_is_said(ward: Ward) -> None:
    ident = ward.declare(identified_at=datetime(2026, 11, 22, 8, tzinfo=VIETNAM))
    with ward.store.read() as c:
        found = declaring.outbreak(c, ident)
        before = replace(found, identified_at="2026-06-30T01:00:00.000Z")
        assert deadlines(c, before, ward.workspace.clock()) == []


def test_only_the_chief_declares_changes_and_ends(ward: Ward) -> None:
    ident = ward.declare()
    ward.store.role = "member"
    plan = Plan(name="Khác", areas=(ONE,), started_on=FIRST)
    for try_it in (
        ward.declare,
        lambda: declaring.change(ward.store, "minh", ident, plan),
        lambda: declaring.end(ward.store, "minh", ident, FIRST),
        lambda: declaring.reopen(ward.store, "minh", ident),
        lambda: declaring.withdraw(ward.store, "minh", ident),
    ):
        with pytest.raises(NotOpened):
            try_it()
    assert ward.outbreak(ident).name == "Chùm ca hẻm 45"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": " "}, ("name", "problems.missing")),
        ({"disease": ""}, ("disease", "problems.missing")),
        ({"areas": ()}, ("units", "problems.missing")),
        ({"started_on": date(2026, 11, 23)}, ("started_on", "outbreak.starts_after_found")),
        (
            {"identified_at": datetime(2026, 11, 22, 10, tzinfo=VIETNAM)},
            ("identified_at", "problems.day_to_come"),
        ),
    ],
)
def test_what_cannot_be_is_refused(ward: Ward, changes: dict[str, Any], problem: tuple[str, str]) -> None:
    plan = replace(Plan(name="Chùm ca", areas=(ONE,), started_on=FIRST), **changes)
    with pytest.raises(InvalidFields) as found:
        declaring.declare(ward.store, ward.who, plan)
    assert refused(found) == [problem]


def test_every_number_is_of_its_unit_and_day_and_adds_up(ward: Ward) -> None:
    """Unit 1: cases on 20/11 and 22/11, unit 2 on 22/11; before the outbreak and in unit 3 nothing counts."""
    ward.case(ONE, 19)  # before the first case
    early = ward.case(ONE, 20)
    ward.case(ONE, 22)
    ward.case(TWO, 22)
    ward.case(THREE, 22)  # another unit
    mistaken = ward.case(TWO, 22)
    cases.end_case(ward.store, ward.who, mistaken, "mistaken", date(2026, 11, 22), "nhập nhầm")
    cases.end_case(ward.store, ward.who, early, "died", date(2026, 11, 22))
    ward.test(ONE, 20, 8, "positive")
    ward.test(ONE, 22, 8, "negative")
    ward.test(TWO, 22, 8, "positive")
    wrong = ward.test(TWO, 22, 8, "positive")
    [row] = live(ward.workspace, "test_result", "id = ?", wrong)
    ward.test(TWO, 22, 8, "negative", person=row.body["person"], amends=wrong)
    ident = ward.declare()
    found = ward.numbers(ident, 22)
    assert [(line.day.day, line.unit, *line.numbers.values()) for line in found.days] == [
        (20, "Khu phố 1", 1, 0, 1, 1),
        (20, "Khu phố 2", 0, 0, 0, 0),
        (22, "Khu phố 1", 1, 1, 1, 0),
        (22, "Khu phố 2", 1, 0, 2, 1),
    ]
    assert found.of_day == {"cases": 2, "deaths": 1, "samples": 3, "positives": 1}
    assert found.total == {"cases": 3, "deaths": 1, "samples": 4, "positives": 2}
    by_hand = {
        None: (2, 1, 3, 1, 3, 1, 4, 2),
        ONE: (1, 1, 1, 0, 2, 1, 2, 1),
        TWO: (1, 0, 2, 1, 1, 0, 2, 1),
    }
    figures = ward.figures(ident, 22)
    for unit, values in by_hand.items():
        assert tuple(one.value for one in figures if one.unit == unit) == values
    assert all(one.value == len(one.ids) for one in figures)
    assert ward.figures(ident, 21)[0].value == 0


def test_a_test_after_the_cut_off_belongs_to_the_next_reporting_day(ward: Ward) -> None:
    """Counted from 16:00 to 16:00 (rules §1.5); a case is known by its date only."""
    ward.case(ONE, 21)
    ward.test(ONE, 21, 15, "positive")
    ward.test(ONE, 21, 16, "positive")
    keep_value(ward.store, ward.who, CUT_OFF, "16:00", date(2026, 11, 1))
    ident = ward.declare()
    of_day = {day: ward.numbers(ident, day).of_day for day in (21, 22)}
    assert of_day[21] == {"cases": 1, "deaths": 0, "samples": 1, "positives": 1}
    assert of_day[22] == {"cases": 0, "deaths": 0, "samples": 1, "positives": 1}
    for day in (21, 22):
        of_report = {one.name: one.value for one in ward.figures(ident, day, "16:00") if one.unit is None}
        assert {what: of_report[what] for what in of_day[day]} == of_day[day]


def test_of_another_disease_nothing_is_counted_and_none_is_not_zero(ward: Ward) -> None:
    ward.case(ONE, 22)
    ident = ward.declare(disease="Sởi")
    assert set(ward.numbers(ident, 22).of_day.values()) == {None}
    assert {one.value for one in ward.figures(ident, 22)} == {None}


def test_it_is_reported_from_the_day_it_was_found_until_it_ends(ward: Ward) -> None:
    ident = ward.declare()
    ward.at(30, 9)
    declaring.end(ward.store, ward.who, ident, date(2026, 11, 30))

    def on(day: int) -> bool:
        period = OUTBREAK.period(date(2026, 11, day), {})
        with ward.store.read() as c:
            return (ident, "Chùm ca hẻm 45") in OUTBREAK.subjects(c, period)

    assert [on(day) for day in (21, 22, 30)] == [False, True, True]
    with ward.store.read() as c:
        assert OUTBREAK.subjects(c, OUTBREAK.period(date(2026, 12, 1), {})) == ()


def test_before_eight_days_without_a_case_it_ends_only_with_a_reason(ward: Ward) -> None:
    """QĐ 26/2023/QĐ-TTg: eight days without a new case. The last one on 21/11: seven days on 28/11, eight on 29/11."""
    ward.case(ONE, 21)
    ident, other = ward.declare(), ward.declare()
    ward.at(29, 9)
    with pytest.raises(InvalidFields) as found:
        declaring.end(ward.store, ward.who, ident, date(2026, 11, 28))
    problem: FieldProblem = found.value.problems[0]
    assert (problem.field, problem.key, problem.params["days"]) == ("reason", "outbreak.too_soon", 7)
    declaring.end(ward.store, ward.who, ident, date(2026, 11, 28), reason="đã chuyển hết ca ra khỏi xã")
    declaring.end(ward.store, ward.who, other, date(2026, 11, 29))
    assert ward.outbreak(ident).note == "đã chuyển hết ca ra khỏi xã"
    assert ward.outbreak(other).end_declared_at == "2026-11-29T02:00:00.000Z"


@pytest.mark.parametrize(
    ("on", "problem"),
    [
        (date(2026, 11, 23), "problems.day_to_come"),
        (date(2026, 11, 19), "outbreak.ends_before_start"),
    ],
)
def test_an_end_that_cannot_be_is_refused(ward: Ward, on: date, problem: str) -> None:
    ident = ward.declare()
    with pytest.raises(InvalidFields) as found:
        declaring.end(ward.store, ward.who, ident, on, reason="x")
    assert refused(found) == [("ended_on", problem)]


def test_one_that_was_ended_may_go_on_and_one_declared_by_mistake_is_taken_back(ward: Ward) -> None:
    ident = ward.declare()
    declaring.end(ward.store, ward.who, ident, date(2026, 11, 22), reason="nhầm")
    with pytest.raises(InvalidFields):
        declaring.end(ward.store, ward.who, ident, date(2026, 11, 22), reason="lại")
    declaring.reopen(ward.store, ward.who, ident)
    found = ward.outbreak(ident)
    assert (found.ended_on, found.over_at, found.end_declared_at) == (None, None, None)
    declaring.withdraw(ward.store, ward.who, ident)
    with ward.store.read() as c:
        assert declaring.outbreaks(c) == []


def test_a_correction_keeps_when_it_was_found_and_declared(ward: Ward) -> None:
    ident = ward.declare()
    before = ward.outbreak(ident)
    ward.at(24, 9)
    plan = replace(declaring.plan_of(before), identified_at=None, name="Chùm ca chợ", areas=(TWO,))
    assert declaring.change(ward.store, ward.who, ident, plan)
    after = ward.outbreak(ident)
    assert (after.name, after.areas) == ("Chùm ca chợ", (TWO,))
    assert (after.identified_at, after.declared_at) == (before.identified_at, before.declared_at)
    assert not declaring.change(ward.store, ward.who, ident, plan)
