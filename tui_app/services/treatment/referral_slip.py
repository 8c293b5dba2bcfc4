"""What goes along with a patient who is sent on (paper form 5.8): gathered once, for the paper and for the QR card."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM, from_wire
from tui_app.errors import UserError
from tui_app.rules.age import Age, age_on
from tui_app.rules.findings import Finding
from tui_app.services.care.vitals import MEASURED
from tui_app.services.cases.grade_marks import unverified_grades
from tui_app.services.judging.findings import open_findings
from tui_app.services.people.cards import live_row
from tui_app.services.people.people import person_codes
from tui_app.services.treatment.medicine import Given, given
from tui_app.store.rows import table

SHOWN_VITALS = tuple(name for name in MEASURED if name != "spo2_repeat_after")


@dataclass(frozen=True, slots=True)
class Measured:
    """A vital sign and when it was measured (wire moment). Of one that was never measured there is none."""

    field: str
    value: float | int
    at: str


@dataclass(frozen=True, slots=True)
class Slip:
    """What goes along with a patient (paper form 5.8): no relatives, no restricted conditions, nothing that was not
    measured. ``vitals``: the last measured value of each before the referral; ``given``: drugs that count, oldest
    first; ``person``: whole numbers, for the paper; ``day``: of the illness, 0 on the day of the first positive;
    ``unverified``: fields of the case, grade and class, that rest on rules nobody checked."""

    referral: Row
    case: Row
    person: Row
    household: Row | None
    unit: Row | None
    age: Age | None
    day: int | None
    risk_groups: tuple[str, ...]
    conditions: tuple[str, ...]
    vitals: tuple[Measured, ...]
    given: tuple[Given, ...]
    findings: tuple[Finding, ...]
    unverified: frozenset[str]


def slip(c: Any, referral: str) -> Slip:
    """All that goes along with the patient. Raises NotFound, NotOpened, UserError for one that was withdrawn."""
    row = live_row(c, "referral", referral)
    check_standing(row)
    body = row.body
    case = live_row(c, "case", body["case"])
    person = live_row(c, "person", body["person"])
    day = from_wire(body["at"]).astimezone(VIETNAM).date()
    first = case.body.get("first_positive_on")
    groups, conditions = person_codes(c, person.id, day)
    door = str(person.body.get("household"))
    born = person.body.get("birth_date")
    return Slip(
        referral=row,
        case=case,
        person=person,
        household=table("household").read(c, [door]).get(door),
        unit=table("area").read(c, [row.area]).get(row.area),
        age=age_on(day, date.fromisoformat(born) if born else None, person.body.get("birth_year")),
        day=(day - date.fromisoformat(first)).days if first else None,
        risk_groups=tuple(sorted(groups)),
        conditions=tuple(sorted(conditions)),
        vitals=last_measured(standing_readings(c, case.id, body["at"])),
        given=tuple(one for one in given(c, case.id) if one.at <= body["at"]),
        findings=tuple(open_findings(body.get("findings"))),
        unverified=frozenset(unverified_grades(c, [case.id]).get(case.id, ())),
    )


def last_measured(readings: Iterable[Row]) -> tuple[Measured, ...]:
    """The last value of each vital sign among readings, newest first. What was not measured in one may stand in an
    earlier one, each with its own moment; a second SpO2 goes with the first of its reading.
    """
    found: dict[str, Measured] = {}
    for row in readings:
        body = row.body
        for name in SHOWN_VITALS:
            if name == "spo2_repeat" and "spo2" in found and found["spo2"].at != body["at"]:
                continue
            if name not in found and body.get(name) is not None:
                found[name] = Measured(name, body[name], body["at"])
    return tuple(found[name] for name in SHOWN_VITALS if name in found)


def standing_readings(c: Any, case: str, until: str) -> list[Row]:
    """The readings of a case that stand, taken at or before a moment, newest first."""
    return list(
        table("observation").where(
            c,
            '"case" = ? AND at <= ? AND id NOT IN (SELECT amends FROM observation'
            ' WHERE "case" = ? AND amends IS NOT NULL AND NOT deleted) ORDER BY at DESC, id DESC',
            (case, until, case),
        )
    )


def measured(row: Row) -> bool:
    """Whether a reading measured anything at all."""
    return any(row.body.get(name) is not None for name in SHOWN_VITALS)


def check_standing(row: Row) -> None:
    """Raises UserError for a referral that was withdrawn."""
    if row.body.get("withdrawn"):
        raise UserError("referral.is_withdrawn")
