"""The F0 board: every patient followed at home, worst first, as it stands now or as it was known at another moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tui_app.clock import VIETNAM, to_wire
from tui_app.rules import slots
from tui_app.rules.age import Age, age_on
from tui_app.rules.attention import Seen, grade_of, late_after, worse
from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSets
from tui_app.services.access import gate
from tui_app.services.access.access import masked
from tui_app.services.care import last_readings, on_board
from tui_app.services.care.last_readings import History
from tui_app.services.care.on_board import Patient
from tui_app.services.care.releasing import days_since
from tui_app.services.cases.alerts import is_late
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.doors import walking_order
from tui_app.services.people.severity import graver
from tui_app.text import each_begins, fold, place_words


class Standing(StrEnum):
    """How a patient stands in the half-day, worst first.

    ``danger``: an alert nobody has answered; ``worse``: the last reading against the one before; ``overdue``: not
    measured in this half-day and late; ``missing``: the half-day before passed without a reading; ``due``: to be
    measured now; ``done``: measured in this half-day; ``away``: not cared for at home, nothing is due here;
    ``ended``: the case ended today.
    """

    DANGER = "danger"
    WORSE = "worse"
    OVERDUE = "overdue"
    MISSING = "missing"
    DUE = "due"
    DONE = "done"
    AWAY = "away"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One patient.

    ``phone``: masked but for its tail; ``day``: since the first positive test (day 0), None when that is not known;
    ``round``: how the half-day alone stands (overdue, missing, due, done, away, ended), whatever else is to be seen
    first; ``why``: what makes it danger or worse; ``alert``: id of the oldest unanswered alert, opened at ``alert_at``
    (wire moment), ``alert_late``: unanswered for as long as the house allows;
    ``spo2``: of the last five readings, oldest first, None where it was not measured; ``temperature_c``,
    ``respiratory_rate``, ``pulse``: last measured values; ``measured``: field -> wire moment of that value;
    ``last_at``: wire moment of the last reading, ``last_slot``: its day and half-day; ``no_answer``: calls without
    answer in this half-day; ``words``: what a filter looks at, folded; ``open_cases``: of the person, more than one
    when two laptops opened one each or records were merged, until a person ends one as mistaken.
    """

    case: str
    person: str
    household: str
    full_name: str
    age: Age | None
    sex: str
    phone: str
    address: str
    unit: str
    day: int | None
    place: str
    followed_by: str
    managed_by: str
    severity_grade: str
    risk_class: str
    standing: Standing
    why: tuple[Finding, ...]
    alert: str | None
    alert_at: str | None
    alert_late: bool
    spo2: tuple[int | None, ...]
    temperature_c: float | None
    respiratory_rate: int | None
    pulse: int | None
    measured: Mapping[str, str]
    last_at: str | None
    last_slot: tuple[date, str] | None
    no_answer: int
    words: tuple[str, ...] = ()
    round: Standing = Standing.DUE
    open_cases: int = 1

    def matches(self, folded_words: list[str]) -> bool:
        """Whether every word begins a word of the name, address, unit or follower (folded)."""
        return each_begins(folded_words, self.words)


def board(c: Any, now: datetime, *, as_of: datetime | None = None) -> list[BoardLine]:
    """Every open case this laptop may open now, and those that ended on the day or left an alert unanswered.

    Sorted: late alerts, alerts, persons with two open cases, worse, overdue, missing, due, done, away, ended; within
    each in walking order.
    ``as_of``: only what was written at or before that moment counts, and the half-day is the one of that moment.
    """
    moment = as_of or now
    view = _View.of(rule_sets(c), moment)
    until = None if as_of is None else to_wire(as_of)
    shut = gate.closed(c)
    found = [one for one in on_board.patients(c, view.day, until) if one.row["area"] not in shut]
    looks = last_readings.looks(c, [one.case for one in found], until)
    opened = Counter(one.row["person"] for one in found if one.known.ended_on is None)
    lines = [
        (_line(one, looks.get(one.case, History()), view, opened[one.row["person"]]), walking_order(one.row))
        for one in found
    ]
    lines.sort(key=lambda pair: (*_first(pair[0]), pair[1]))
    return [line for line, _ in lines]


def _first(line: BoardLine) -> tuple[Any, ...]:
    twice = line.standing is not Standing.DANGER and line.open_cases < 2
    return line.standing is not Standing.DANGER, twice, _ORDER[line.standing], not line.alert_late


def counts(lines: Iterable[BoardLine]) -> Counter[Standing]:
    """How many patients stand in each state."""
    return Counter(line.standing for line in lines)


_ORDER = {standing: place for place, standing in enumerate(Standing)}


@dataclass(frozen=True, slots=True)
class _View:
    """The moment a board is made for. ``slot``: the half-day it lies in; ``late``: wire moment from which a reading of
    it is overdue; ``before``: the half-day before, and from when that one was overdue."""

    sets: RuleSets
    moment: datetime
    day: date
    slot: tuple[date, str]
    overdue: str
    before: tuple[date, str]
    before_overdue: str

    @staticmethod
    def of(sets: RuleSets, moment: datetime) -> _View:
        here = slots.slot_at(sets, moment)
        past = slots.previous_slot(sets, here)
        return _View(
            sets,
            moment,
            moment.astimezone(VIETNAM).date(),
            (here.day, here.slot),
            to_wire(slots.bounds(sets, here.day, here.slot)[2]),
            (past.day, past.slot),
            to_wire(slots.bounds(sets, past.day, past.slot)[2]),
        )


def _line(one: Patient, history: History, view: _View, opened: int) -> BoardLine:
    row, known, looks = one.row, one.known, history.looks
    alert = one.alerts[0] if one.alerts else None
    grade = grade_of(looks[-1].findings) if looks else None
    half_day = _half_day(one, history, view)
    standing, why = _standing(one, history, half_day, view)
    last = looks[-1] if looks else None
    born = date.fromisoformat(row["birth_date"]) if row["birth_date"] else None
    address, unit = place_words(row["address"], row["alley"]), row["unit_name"] or ""
    followed_by = known.fields["followed_by"] or ""
    return BoardLine(
        case=one.case,
        person=row["person"] or "",
        household=row["household"] or "",
        full_name=row["full_name"] or "",
        age=age_on(view.day, born, row["birth_year"]),
        sex=row["sex"] or "",
        phone=masked(row["phone"]) if row["phone"] else "",
        address=address,
        unit=unit,
        day=days_since(view.sets, known.fields["first_positive_on"], view.day),
        place=known.fields["place"] or "",
        followed_by=followed_by,
        managed_by=known.fields["managed_by"] or "",
        severity_grade=graver(
            "case", "severity_grade", known.fields["severity_grade"], grade and grade.outcome
        )
        or "",
        risk_class=known.fields["risk_class"] or "",
        standing=standing,
        why=why,
        alert=alert.id if alert else None,
        alert_at=alert.at if alert else None,
        alert_late=alert is not None
        and is_late(alert.at, "open", view.moment, late_after(view.sets, view.day)),
        spo2=tuple(look.spo2 for look in looks),
        temperature_c=history.last("temperature_c"),
        respiratory_rate=history.last("respiratory_rate"),
        pulse=history.last("pulse"),
        measured=history.measured,
        last_at=last.at if last else None,
        last_slot=last.slot if last else None,
        no_answer=one.no_answer(view.slot),
        words=tuple(fold(" ".join(filter(None, (row["full_name"], address, unit, followed_by)))).split()),
        round=half_day,
        open_cases=opened,
    )


def _standing(
    one: Patient, history: History, half_day: Standing, view: _View
) -> tuple[Standing, tuple[Finding, ...]]:
    if one.alerts:
        said = {repr(why): why for alert in one.alerts for why in alert.findings}  # a finding may hold a list
        return Standing.DANGER, tuple(said.values())
    if half_day not in (Standing.ENDED, Standing.AWAY):
        seen = [Seen(look.findings, look.spo2) for look in (*history.older, *history.looks)]
        if found := worse(view.sets, view.day, seen):
            return Standing.WORSE, found
    return half_day, ()


def _half_day(one: Patient, history: History, view: _View) -> Standing:
    if one.known.ended_on is not None:
        return Standing.ENDED
    if one.known.fields["place"] != "home":
        return Standing.AWAY
    taken = {look.slot for look in history.looks}
    if view.slot in taken:
        return Standing.DONE
    if to_wire(view.moment) >= view.overdue > one.known.since:
        return Standing.OVERDUE
    if view.before not in taken and view.before_overdue > one.known.since:
        return Standing.MISSING
    return Standing.DUE
