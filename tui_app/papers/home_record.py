"""The home-treatment record of a case ("hồ sơ bệnh án điều trị F0 tại nhà"): gathered once, given as paper and as JSON.

Both forms say the same (KH 207/KH-UBND Quận 11, §II.8.2: on paper and electronically): findings carry their rule and
set, what comes from an unverified set says so, and what is not known is null in one and a dash in the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, from_wire, to_wire
from tui_app.i18n import language
from tui_app.papers.words import note_paper
from tui_app.records.cases import CaseEventKind
from tui_app.records.observations import Slot
from tui_app.rules.age import Age, age_on
from tui_app.rules.findings import Finding
from tui_app.rules.slots import slot_at
from tui_app.services.cases.alerts import AlertLine
from tui_app.services.cases.cases import CaseCard, case_card
from tui_app.services.judging.findings import open_findings
from tui_app.services.judging.rule_sets import rule_sets, rule_words
from tui_app.services.people.cards import live_row
from tui_app.services.people.people import person_codes
from tui_app.services.station.unit_names import named_on
from tui_app.services.treatment.medicine import Given, flag_words, given
from tui_app.store.rows import table

FORMATS = ("pdf", "json")
FORM = "gonha.home_case_record/1"
KIND = "home-record"
_IDENTITY = ("full_name", "birth_date", "birth_year", "sex", "national_id", "insurance_number", "phone")
_ALSO = ("ethnicity", "occupation", "carer")
_CASE = (
    *("source", "first_positive_on", "onset_on", "started_on", "place", "managed_by", "followed_by"),
    *("severity_grade", "risk_class", "pregnant", "delivered_on", "basic_doses", "last_dose_on"),
    *("self_care", "can_report", "carer_able", "outcome", "ended_on"),
)
_READING = (
    *(
        "at",
        "slot_on",
        "slot",
        "contacted",
        "temperature_c",
        "pulse",
        "respiratory_rate",
        "spo2",
        "spo2_repeat",
    ),
    *("spo2_repeat_after", "systolic_bp", "diastolic_bp", "symptoms", "signs", "missing"),
)
_TEST = ("at", "method", "result", "ct_value", "supervised_by")
_REFERRAL = (
    "at",
    "reason",
    "sent_from",
    "sent_to",
    "transport",
    "acknowledged_at",
    "acknowledged_by",
    "withdrawn",
)
_VISIT = ("at", "due_on", "well", "symptoms", "needs", "note")
_GRADES = {"severity": "severity_grade", "risk_class": "risk_class"}
"""Kinds of findings, which are called as the events that take them over, and the field of the case."""
_EVENT = ("at", "on", "event", "was", "became", "reason")


@dataclass(frozen=True, slots=True)
class HomeRecord:
    """Everything the record says, oldest first. ``area``: as it was called when the case ended; ``person``: whole
    numbers; ``age``: on the first day; ``visits``: after the recovery; ``eligible``: what was found at entry
    (``eligible``, ``not_eligible``, empty when it could not be said), ``eligibility``: by which rules."""

    card: CaseCard
    area: Mapping[str, Any]
    person: Mapping[str, Any]
    household: Mapping[str, Any]
    age: Age | None
    risk_groups: tuple[str, ...]
    conditions: tuple[str, ...]
    eligible: str
    eligibility: tuple[Finding, ...]
    readings: tuple[Row, ...]
    alerts: tuple[AlertLine, ...]
    events: tuple[Row, ...]
    given: tuple[Given, ...]
    tests: tuple[Row, ...]
    referrals: tuple[Row, ...]
    visits: tuple[Row, ...]
    made_at: str
    made_by: str

    @property
    def zero(self) -> date:
        """The day that is numbered 0: of the first positive test, or the first of the case where none is known."""
        fields = self.card.fields
        return date.fromisoformat(fields.get("first_positive_on") or fields["started_on"])


def write_home_record(workspace: Workspace, case: str, file_format: str) -> bytes:
    """The record of a case as pdf or json; that it was made is noted first. Raises NotFound, NotOpened."""
    now = workspace.clock()
    with workspace.store.write() as c:
        found = home_record(c, case, now, workspace.user)
        note_paper(c, workspace.user, to_wire(now), KIND, "person", found.card.person_id)
        sets = rule_sets(c)
    if file_format == "json":
        return msgspec.json.format(msgspec.json.encode(as_json(found, sets)), indent=1) + b"\n"
    from tui_app.papers.home_record_pdf import as_pdf

    return as_pdf(found, sets, now)


def home_record(c: Any, case: str, now: datetime, who: str) -> HomeRecord:
    """Gather the record as it stands. Raises NotFound, NotOpened."""
    card = case_card(c, case, now)
    person = live_row(c, "person", card.person_id).body
    door = str(person.get("household"))
    home = table("household").read(c, [door]).get(door)
    unit = table("area").read(c, [card.area]).get(card.area)
    started = date.fromisoformat(card.fields["started_on"])
    groups, conditions = person_codes(c, card.person_id, started)
    born = person.get("birth_date")
    events = tuple(reversed(card.events))
    return HomeRecord(
        card=card,
        area=named_on(unit.body, card.fields.get("ended_on")) if unit else {},
        person=person,
        household=home.body if home else {},
        age=age_on(started, date.fromisoformat(born) if born else None, person.get("birth_year")),
        risk_groups=tuple(sorted(groups)),
        conditions=tuple(sorted(conditions)),
        eligible=_at_entry(events)[0],
        eligibility=_at_entry(events)[1],
        readings=tuple(
            look.row for look in reversed(card.observations) if look.stands and not look.taken_back
        ),
        alerts=tuple(reversed(card.alerts)),
        events=events,
        given=tuple(given(c, case)),
        tests=_of_this_illness(card),
        referrals=tuple(reversed(card.referrals)),
        visits=tuple(reversed(card.follow_ups)),
        made_at=to_wire(now),
        made_by=who,
    )


def _of_this_illness(card: CaseCard) -> tuple[Row, ...]:
    """The tests from the first positive or the first day on, oldest first; those of an earlier illness are not."""
    began = min(filter(None, (card.fields.get("first_positive_on"), card.fields["started_on"])))
    return tuple(
        row
        for row in reversed(card.tests)
        if from_wire(row.body["at"]).astimezone(VIETNAM).date() >= date.fromisoformat(began)
    )


def last_slot(record: HomeRecord, sets: Any, now: datetime) -> tuple[date, str]:
    """The last half-day of the case that has come."""
    at = slot_at(sets, now)
    ended = record.card.fields.get("ended_on")
    until = (at.day, str(at.slot))
    return min(until, (date.fromisoformat(ended), Slot.PM.value)) if ended else until


def grades(record: HomeRecord) -> list[tuple[str, str, str, tuple[Finding, ...]]]:
    """(wire moment, field, code, findings) each time the severity or the risk class was another one, as the rules say
    of a reading; and each time a person took one over."""
    found: list[tuple[str, str, str, tuple[Finding, ...], bool]] = []
    for row in record.readings:
        for kind, field in _GRADES.items():
            said = _of_kind(row, kind)
            if said and said[0].outcome:
                found.append((row.body["at"], field, said[0].outcome, said, False))
    for row in record.events:
        kind = str(row.body["event"])
        if kind in _GRADES and row.body.get("became"):
            found.append((row.body["at"], _GRADES[kind], row.body["became"], _of_kind(row, kind), True))
    changes, last = [], dict[str, str]()
    for at, field, code, said, taken in sorted(found, key=lambda entry: entry[0]):
        if taken or last.get(field) != code:
            changes.append((at, field, code, said))
        last[field] = code
    return changes


def _of_kind(row: Row, kind: str) -> tuple[Finding, ...]:
    return tuple(one for one in open_findings(row.body.get("findings")) if one.kind == kind)


def as_json(record: HomeRecord, sets: Any) -> dict[str, Any]:
    """The electronic form. Every field is there, null where nothing is known; codes as in the records."""
    card = record.card
    return {
        "form": FORM,
        "made_at": record.made_at,
        "made_by": record.made_by,
        "language": language(),
        "case": {"id": card.id, **_picked(card.fields, _CASE)},
        "day": card.day,
        "day_convention": card.convention,
        "unit": _picked(record.area, ("commune_name", "unit_code", "unit_name")),
        "person": {
            "id": card.person_id,
            **_picked(record.person, (*_IDENTITY, *_ALSO)),
            "age_months": None if record.age is None else [record.age.low_months, record.age.high_months],
            "address": record.household.get("address"),
            "risk_groups": list(record.risk_groups),
            "conditions": list(record.conditions),
        },
        "eligible": record.eligible or None,
        "eligibility": _findings(sets, record.eligibility),
        "observations": [
            {
                "id": row.id,
                **_picked(row.body, _READING),
                "by": row.who,
                "findings": _findings(sets, open_findings(row.body.get("findings"))),
            }
            for row in record.readings
        ],
        "alerts": [
            {
                "id": one.id,
                "at": one.at,
                "observation": one.observation,
                "state": one.state,
                "told_to": one.told_to or None,
                "answered_at": one.answered_at or None,
                "findings": _findings(sets, one.findings),
            }
            for one in record.alerts
        ],
        "dispenses": [
            {
                "id": one.id,
                "at": one.at,
                "item": one.item,
                "words": one.words,
                "quantity": one.quantity,
                "unit": one.unit or None,
                "days": one.days,
                "lot": one.lot or None,
                "prescribed_by": one.prescribed_by or None,
                "flags": [flag.kept() | {"words": flag_words(sets, flag)} for flag in one.flags],
                "flag_reason": one.flag_reason or None,
            }
            for one in record.given
        ],
        "tests": [{"id": row.id, **_picked(row.body, _TEST)} for row in record.tests],
        "referrals": [
            {
                "id": row.id,
                **_picked(row.body, _REFERRAL),
                "findings": _findings(sets, open_findings(row.body.get("findings"))),
            }
            for row in record.referrals
        ],
        "events": [
            {
                "id": row.id,
                **_picked(row.body, _EVENT),
                "by": row.who,
                "findings": _findings(sets, open_findings(row.body.get("findings"))),
            }
            for row in record.events
        ],
        "follow_ups": [{"id": row.id, **_picked(row.body, _VISIT), "by": row.who} for row in record.visits],
        "release": {
            "may_end": card.release.may_end,
            "earliest": card.release.earliest,
            "findings": _findings(sets, card.release.findings),
        },
    }


def _at_entry(events: Iterable[Row]) -> tuple[str, tuple[Finding, ...]]:
    """What was found of eligibility when it was judged last: the conclusion, empty when it cannot be said, and why."""
    judged = [row for row in events if row.body["event"] == CaseEventKind.ELIGIBILITY]
    if not judged:
        return "", ()
    return judged[-1].body.get("became", ""), _of_kind(judged[-1], "eligibility")


def _findings(sets: Any, findings: Iterable[Finding]) -> list[dict[str, Any]]:
    return [one.kept() | {"words": rule_words(sets, one, language())} for one in findings]


def _picked(body: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: body.get(name) for name in names}
