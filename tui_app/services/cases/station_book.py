"""The station's book of infected persons at home (paper form 5.4): a line a case, gathered for all cases at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.clock import VIETNAM, from_wire
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.records.visits import TestOutcome
from tui_app.rules.age import Age, age_on
from tui_app.services.access import gate
from tui_app.services.cases.grade_marks import unverified_grades
from tui_app.services.people.severity import severest
from tui_app.services.station.unit_names import named_on
from tui_app.services.treatment.referral_slip import measured
from tui_app.store.rows import table

LAST_DAY = 14


@dataclass(frozen=True, slots=True)
class DayMark:
    """A day of a patient. ``spo2``: the lowest that was measured, None when none was; ``danger``: a danger sign was
    found."""

    spo2: int | None
    danger: bool


@dataclass(frozen=True, slots=True)
class BookLine:
    """One case. ``fields``: of the case, the more severe value where two wait for a decision; ``phone``: whole, for the
    paper; ``symptoms``: of the first reading that asked, None when none did; ``given``: (day, item code);
    ``days``: number of the day (0: first positive) -> what was seen; ``last_day``: the number of the last that has
    come, or on which the case ended; ``negative_on``: of the last negative test; ``unverified``: the rule sets nobody
    checked that its class and danger signs rest on."""

    case: str
    area: str
    fields: Mapping[str, Any]
    person: Mapping[str, Any]
    address: str
    alley: str
    unit: str
    age: Age | None
    conditions: tuple[str, ...]
    method: str
    symptoms: tuple[str, ...] | None
    given: tuple[tuple[date, str], ...]
    days: Mapping[int, DayMark]
    last_day: int
    negative_on: date | None
    unverified: frozenset[str]


def station_book(c: Any, since: date, until: date) -> list[BookLine]:
    """The cases that were open on a day of the period, in the order they began. Locked units are left out.

    Raises NotOpened for a viewer.
    """
    gate.check_role(c)
    shut = gate.closed(c)
    cases = [
        row
        for row in table("case").where(
            c,
            "started_on <= ? AND (ended_on IS NULL OR ended_on >= ?) AND outcome IS NOT 'mistaken'"
            " ORDER BY started_on, id",
            (until.isoformat(), since.isoformat()),
        )
        if row.area not in shut
    ]
    known = _Known(c, cases, until)
    return [known.line(row) for row in cases if row.body["person"] in known.persons]


class _Known:
    """What the lines are made of, read with a query a type."""

    def __init__(self, c: Any, cases: list[Row], until: date) -> None:
        self.until = until
        ids = _json(row.id for row in cases)
        people = _json({row.body["person"] for row in cases})
        self.persons = table("person").read(c, {row.body["person"] for row in cases})
        self.doors = table("household").read(c, {p.body.get("household", "") for p in self.persons.values()})
        self.units = table("area").read(c, {row.area for row in cases})
        self.worst = severest(c, [row.id for row in cases])
        self.readings = _by(table("observation").where(c, _STANDING.format("observation"), (ids,)), "case")
        self.given = _by(
            table("dispense").where(
                c, _STANDING.format("dispense") + " AND coalesce(quantity, 1) > 0", (ids,)
            ),
            "case",
        )
        self.tests = _by(
            table("test_result").where(
                c,
                "person IN (SELECT value FROM json_each(?)) AND id NOT IN"
                " (SELECT amends FROM test_result WHERE amends IS NOT NULL AND NOT deleted)",
                (people,),
            ),
            "person",
        )
        self.unverified = unverified_grades(c, [row.id for row in cases])
        self.conditions = _by(
            table("person_condition").where(c, "person IN (SELECT value FROM json_each(?))", (people,)),
            "person",
        )

    def line(self, row: Row) -> BookLine:
        """The line of a case."""
        person = self.persons[row.body["person"]]
        door, unit = self.doors.get(person.body.get("household", "")), self.units.get(row.area)
        started = date.fromisoformat(row.body["started_on"])
        first = row.body.get("first_positive_on")
        zero = date.fromisoformat(first) if first else started
        readings = self.readings[row.id]
        tests = [one for one in self.tests[person.id] if _day(one) >= min(zero, started)]
        negative = [_day(one) for one in tests if one.body["result"] == TestOutcome.NEGATIVE]
        positive = [one for one in tests if one.body["result"] == TestOutcome.POSITIVE]
        asked = [one.body["symptoms"] for one in readings if one.body.get("symptoms") is not None]
        born = person.body.get("birth_date")
        codes = {one.body["condition"] for one in self.conditions[person.id]} - RESTRICTED_CONDITIONS
        return BookLine(
            case=row.id,
            area=row.area,
            fields=row.body | {field: value for (of, field), value in self.worst.items() if of == row.id},
            person=person.body,
            address=door.body.get("address", "") if door else "",
            alley=door.body.get("alley", "") if door else "",
            unit=self._unit_name(unit, row.body.get("ended_on")) if unit else "",
            age=age_on(started, date.fromisoformat(born) if born else None, person.body.get("birth_year")),
            conditions=tuple(sorted(codes)),
            method=positive[0].body.get("method", "") if positive else "",
            symptoms=tuple(asked[0]) if asked else None,
            given=tuple((_day(one), one.body["item"]) for one in self.given[row.id]),
            days=_marks(readings, zero),
            last_day=(min(self.until, _date(row.body.get("ended_on")) or self.until) - zero).days,
            negative_on=max(negative, default=None),
            unverified=self._unverified(row.id, readings),
        )

    def _unverified(self, case: str, readings: Iterable[Row]) -> frozenset[str]:
        signs = (one for row in readings for one in row.body.get("findings") or ())
        found = {one["rule_set"] for one in signs if one["kind"] == "danger_sign" and not one["verified"]}
        return frozenset(
            found | {one.rule_set for one in self.unverified.get(case, {}).get("risk_class", ())}
        )

    def _unit_name(self, unit: Row, ended_on: str | None) -> str:
        """As the unit was called when the case ended, or on the last day of the book."""
        last = self.until.isoformat()
        return str(named_on(unit.body, min(ended_on or last, last)).get("unit_name", ""))


_STANDING = (
    '"case" IN (SELECT value FROM json_each(?)) AND id NOT IN'
    " (SELECT amends FROM {} WHERE amends IS NOT NULL AND NOT deleted)"
)


def _marks(readings: Iterable[Row], zero: date) -> dict[int, DayMark]:
    marks: dict[int, DayMark] = {}
    for row in readings:
        if not _says_something(row):
            continue  # it takes another one back
        number = (date.fromisoformat(row.body["slot_on"]) - zero).days
        before = marks.get(number, DayMark(None, False))
        values = [row.body.get("spo2"), row.body.get("spo2_repeat"), before.spo2]
        danger = any(one.get("kind") == "danger_sign" for one in row.body.get("findings") or ())
        marks[number] = DayMark(
            min((value for value in values if value is not None), default=None), before.danger or danger
        )
    return marks


def _says_something(row: Row) -> bool:
    asked = any(row.body.get(name) is not None for name in ("symptoms", "signs"))
    return asked or measured(row)


def _by(rows: Iterable[Row], field: str) -> dict[str, list[Row]]:
    """value of a field -> its rows, oldest first."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: (one.body.get("at", ""), one.id)):
        found[row.body[field]].append(row)
    return found


def _day(row: Row) -> date:
    return from_wire(row.body["at"]).astimezone(VIETNAM).date()


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _json(ids: Iterable[str]) -> str:
    return msgspec.json.encode(sorted(ids)).decode()
