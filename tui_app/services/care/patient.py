"""A patient as the rules look at one: the case, the person, and what is known of underlying conditions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM
from tui_app.errors import NotFound
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.rules.findings import Reading
from tui_app.services.care.vitals import Vitals
from tui_app.store.rows import table

SOME_CONDITION = "underlying_condition"
"""Stands for a condition that is not named: only the group is known, or who reads the finding may not know which."""
JUDGED = {"birth_date", "birth_year", "sex"}
"""Fields of a person that a judgement rests on."""


@dataclass(frozen=True, slots=True)
class Patient:
    """``conditions``: codes, None when nobody asked and none is known; ``stable``: all of them treated and stable, None
    when that is not known of every one; ``pregnant``: as a risk group says it."""

    case: Row
    person: Row
    conditions: frozenset[str] | None
    stable: bool | None
    pregnant: bool | None


def patient(c: Any, case: Row, person: Row | None = None) -> Patient:
    """The patient of a case as known now. Raises NotFound when the person is not here."""
    ident = str(case.body.get("person"))
    person = person or table("person").read(c, [ident]).get(ident)
    if person is None:
        raise NotFound("errors.record_not_found", kind="person")
    conditions = list(table("person_condition").where(c, "person = ?", (ident,)))
    on = str(case.body.get("started_on") or "")
    groups = {
        code
        for (code,) in c.execute(
            "SELECT risk_group FROM risk_membership WHERE person = ? AND NOT deleted"
            " AND (ended_on IS NULL OR ended_on > ?)",
            (ident, on),
        )
    }
    return Patient(
        case,
        person,
        _codes(conditions, groups, asked=bool(case.body.get("conditions_asked"))),
        _stable(conditions),
        True if "pregnant" in groups else None,
    )


def reading(one: Patient, at: datetime, vitals: Vitals | None = None) -> Reading:
    """What the rules judge: the patient at a moment, with what was measured then."""
    case, person, vitals = one.case.body, one.person.body, vitals or Vitals()
    pregnant = case.get("pregnant")
    return Reading(
        at=at.astimezone(VIETNAM),
        birth_date=_day(person.get("birth_date")),
        birth_year=person.get("birth_year"),
        sex=person.get("sex"),
        temperature_c=vitals.temperature_c,
        pulse=vitals.pulse,
        respiratory_rate=vitals.respiratory_rate,
        spo2=vitals.spo2,
        spo2_repeat=vitals.spo2_repeat,
        spo2_repeat_after=vitals.spo2_repeat_after,
        systolic_bp=vitals.systolic_bp,
        diastolic_bp=vitals.diastolic_bp,
        symptoms=None if vitals.symptoms is None else frozenset(vitals.symptoms),
        signs=None if vitals.signs is None else frozenset(vitals.signs),
        conditions=one.conditions,
        conditions_stable=one.stable,
        pregnant=one.pregnant if pregnant is None else pregnant,
        delivered_on=_day(case.get("delivered_on")),
        basic_doses=case.get("basic_doses"),
        last_dose_on=_day(case.get("last_dose_on")),
        first_positive_on=_day(case.get("first_positive_on")),
        onset_on=_day(case.get("onset_on")),
        self_care=case.get("self_care"),
        can_report=case.get("can_report"),
        carer_able=case.get("carer_able"),
    )


def vitals_of(observation: Row) -> Vitals:
    """What an observation says was measured and asked."""
    said: dict[str, Any] = {name: observation.body.get(name) for name in Vitals.__dataclass_fields__}
    for name in ("symptoms", "signs"):
        said[name] = None if said[name] is None else tuple(said[name])
    return Vitals(**said | {"note": said["note"] or ""})


def _codes(conditions: list[Row], groups: set[str], *, asked: bool) -> frozenset[str] | None:
    named = {str(row.body["condition"]) for row in conditions}
    if named & RESTRICTED_CONDITIONS or (not named and SOME_CONDITION in groups):
        named = (named - RESTRICTED_CONDITIONS) | {SOME_CONDITION}
    return frozenset(named) if named or asked else None


def _stable(conditions: list[Row]) -> bool | None:
    said = [row.body.get(name) for row in conditions for name in ("treated", "stable")]
    if False in said:
        return False
    return True if said and None not in said else None


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
