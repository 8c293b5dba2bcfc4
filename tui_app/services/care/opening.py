"""Opening a case: one a person, the same one on two laptops, judged by the rules of its first day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM, from_wire, today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.cases import CaseEventKind, CaseSource, case_id
from tui_app.records.validation import checked
from tui_app.rules.findings import Judgement
from tui_app.rules.rule_set import RuleSets
from tui_app.services.care import entry, recording
from tui_app.services.care.patient import patient
from tui_app.services.care.refusals import CaseOpen
from tui_app.services.care.releasing import discharge_of
from tui_app.services.care.vitals import Vitals
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import tests_of
from tui_app.store.engine import Store
from tui_app.store.work import Work

SUGGESTED_WITHIN_DAYS = 30
"""A positive test longer ago suggests no case any more: a list may bring tests of other years."""
FACTS = (
    "pregnant",
    "delivered_on",
    "basic_doses",
    "last_dose_on",
    "conditions_asked",
    "self_care",
    "can_report",
    "carer_able",
)
"""What is asked at entry (rules §2.1–2.3), as fields of `tui_app.records.cases.Case`."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new case. ``judgement``: eligibility for care at home, severity and risk class, as kept with it; ``alert``: of
    the entry's reading."""

    case: str
    judgement: Judgement
    alert: str | None = None


def open_case(
    store: Store,
    who: str,
    person: str,
    *,
    source: str,
    started_on: date,
    first_positive_on: date | None = None,
    onset_on: date | None = None,
    place: str = "home",
    managed_by: str = "",
    followed_by: str = "",
    facts: Mapping[str, Any] | None = None,
    note: str = "",
    vitals: Vitals | None = None,
) -> Opened:
    """Open a case and keep with it what the rule sets of ``started_on`` say of it, in one transaction.

    ``first_positive_on``: for a case that begins with a positive test, the day `first_positive` finds when not given;
    ``facts``: values for `FACTS`, None or absent when not asked; ``vitals``: the entry's reading, saved as the first
    observation. Raises NotFound, CaseOpen when the person has an open case, InvalidFields.
    """
    with store.work(who) as work:
        row, c, day = work.get("person", person), work.connection, today(store.clock)
        number = _next_number(work, person)
        test = _test_of(c, person, first_positive_on) if source == CaseSource.POSITIVE_TEST else None
        if first_positive_on is None and test is not None:
            first_positive_on = _day_of(test)
        refuse_days(day, started_on=started_on, first_positive_on=first_positive_on, onset_on=onset_on)
        if row.body.get("died_on"):
            raise InvalidFields([FieldProblem("person", "care.person_died")])
        fields = {
            "person": person,
            "source": source,
            "first_positive_on": first_positive_on,
            "onset_on": onset_on,
            "started_on": started_on,
            "place": place,
            "managed_by": managed_by,
            "followed_by": followed_by,
            "note": note,
            **{name: value for name, value in (facts or {}).items() if name in FACTS},
        }
        return _opened(work, row, case_id(person, number), fields, vitals, test)


def refuse_second(c: Any, person: str) -> None:
    """Raises CaseOpen when the person has an open case."""
    found = c.execute(
        'SELECT id FROM "case" WHERE person = ? AND ended_on IS NULL AND NOT deleted', (person,)
    ).fetchone()
    if found is not None:
        raise CaseOpen("care.case_open", case=found["id"])


def refuse_days(day: date, **days: date | None) -> None:
    """Raises InvalidFields for days after ``day``, by the fields they are given for."""
    to_come = [FieldProblem(name, "problems.day_to_come") for name, on in days.items() if on and on > day]
    if to_come:
        raise InvalidFields(to_come)


def _opened(
    work: Work, person: Row, ident: str, fields: Mapping[str, Any], vitals: Vitals | None, test: Row | None
) -> Opened:
    c = work.connection
    body = {name: value for name, value in checked("case", fields, new=True).items() if value is not None}
    draft = Row(type="case", id=ident, commune=person.commune, area=person.area, seq=0, body=body)
    sets, one = rule_sets(c), patient(c, draft, person)
    at = entry.moment_of(date.fromisoformat(body["started_on"]), from_wire(work.at))
    said = entry.judged(one, at, sets, vitals)
    grades = {
        "severity_grade": entry.outcome_of(said, CaseEventKind.SEVERITY),
        "risk_class": entry.outcome_of(said, CaseEventKind.RISK_CLASS),
    }
    work.create("case", {**body, **grades}, place=person, ident=ident)
    why = {"became": body["place"], "reason": body.get("note"), "test": test.id if test else None}
    entry.event(work, draft, CaseEventKind.OPENED, **why)
    if body["source"] == CaseSource.DISCHARGE:
        _note_discharge(work, draft, sets)
    entry.write(work, draft, said)
    saved = recording.record(work, one, vitals, at, sets) if vitals is not None else None
    return Opened(ident, said, saved.alert if saved else None)


def _note_discharge(work: Work, case: Row, sets: RuleSets) -> None:
    """Keep what the rule in force says of leaving hospital on the day the case begins here."""
    answer = discharge_of(work.connection, case, sets)
    if answer.finding is not None:
        entry.event(
            work, case, CaseEventKind.RELEASE, became=answer.finding.outcome, findings=(answer.finding,)
        )


def _next_number(work: Work, person: str) -> int:
    refuse_second(work.connection, person)
    number = 0
    while work.find("case", case_id(person, number)):
        number += 1
    return number


def first_positive(c: Any, person: str) -> Row | None:
    """The test of day 0 (rules §2.7): the first positive one since the last case ended, no longer before the last one
    than a positive test suggests a case. The caller has asked the gate."""
    ended = c.execute(
        'SELECT max(ended_on) FROM "case" WHERE person = ? AND NOT deleted', (person,)
    ).fetchone()[0]
    found = [row for row in tests_of(c, person) if row.body.get("result") == "positive"]
    if not found:
        return None
    since = _day_of(found[0]) - timedelta(days=SUGGESTED_WITHIN_DAYS)
    one_illness = [
        row for row in found if _day_of(row) >= since and (not ended or _day_of(row).isoformat() > ended)
    ]
    return one_illness[-1] if one_illness else None


def _test_of(c: Any, person: str, on: date | None) -> Row | None:
    """The test a case begins with: of the day given, or the one of day 0."""
    if on is None:
        return first_positive(c, person)
    found = [row for row in tests_of(c, person) if row.body.get("result") == "positive"]
    return next((row for row in found if _day_of(row) == on), None)


def _day_of(test: Row) -> date:
    return from_wire(str(test.body["at"])).astimezone(VIETNAM).date()
