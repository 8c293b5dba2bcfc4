"""A case of COVID-19 (F0): one row that says how it stands, and rows that say how it came to that."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sync.registry import FieldClass
from tui_app.records.base import Record, clinical, listing, moment, objects, plain

_CASES = UUID("1d6f0c5e-3f5b-5a0e-8a86-2f6f2a7c9b31")


class CaseSource(StrEnum):
    """What a case began with (rules §1.8: an episode can begin with a discharge)."""

    POSITIVE_TEST = "positive_test"
    SCREENING = "screening"
    DISCHARGE = "discharge"
    TRANSFER = "transfer"


class CasePlace(StrEnum):
    """Where the patient is cared for."""

    HOME = "home"
    HOSPITAL = "hospital"
    FACILITY = "facility"


class CaseOutcome(StrEnum):
    """How a case ended. ``mistaken``: it never was one."""

    RECOVERED = "recovered"
    HOSPITAL = "hospital"
    DIED = "died"
    MOVED_OUT = "moved_out"
    MISTAKEN = "mistaken"


class SeverityGrade(StrEnum):
    """The clinical grades (rules §2.6)."""

    ASYMPTOMATIC = "asymptomatic"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"
    CRITICAL = "critical"


class CaseRiskClass(StrEnum):
    """The risk classes of an infected person (rules §2.1, §2.2). Not the colour of a commune nor of a level."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"


class CaseEventKind(StrEnum):
    """What was done or decided about a case."""

    OPENED = "opened"
    PLACE = "place"
    HAND_OVER = "hand_over"
    FOLLOWER = "follower"
    ELIGIBILITY = "eligibility"
    SEVERITY = "severity"
    RISK_CLASS = "risk_class"
    RELEASE = "release"
    ENDED = "ended"
    REOPENED = "reopened"
    NO_ANSWER = "no_answer"
    FIRST_POSITIVE_ON = "first_positive_on"
    ONSET_ON = "onset_on"
    ALERT_REOPENED = "alert_reopened"
    NOTE = "note"


class Case(Record, table=True):
    """An episode of infection of one person; at most one of a person is open (``ended_on`` is None).

    ``first_positive_on``: day 0; ``started_on``: when this unit began to follow; ``managed_by``: the one managing
    unit; ``followed_by``: the team or user who calls and visits. ``pregnant``, ``delivered_on``, ``basic_doses``
    (0–9) and ``last_dose_on`` are as said at entry; ``conditions_asked``: the person's underlying conditions were asked
    for, so that none recorded means none; ``self_care``, ``can_report``, ``carer_able``: the care criterion of QĐ 604
    (rules §2.3). ``severity_grade`` and ``risk_class``: of the latest judgement a person took over.
    """

    __tablename__ = "case"
    severity: ClassVar[dict[str, tuple[object, ...]]] = {
        "severity_grade": tuple(grade.value for grade in SeverityGrade),
        "risk_class": tuple(level.value for level in CaseRiskClass),
        "place": ("home", "facility", "hospital"),
    }

    person: str | None = plain(index=True, required=True)
    source: str | None = plain(codes=CaseSource, required=True)
    first_positive_on: date | None = clinical()
    onset_on: date | None = clinical()
    started_on: date | None = clinical(required=True)
    place: str | None = clinical(codes=CasePlace, required=True)
    managed_by: str | None = clinical()
    followed_by: str | None = plain()
    severity_grade: str | None = clinical(codes=SeverityGrade)
    risk_class: str | None = clinical(codes=CaseRiskClass)
    pregnant: bool | None = clinical()
    delivered_on: date | None = clinical()
    basic_doses: int | None = clinical(ge=0, le=9)
    last_dose_on: date | None = clinical()
    conditions_asked: bool | None = clinical()
    self_care: bool | None = clinical()
    can_report: bool | None = clinical()
    carer_able: bool | None = clinical()
    outcome: str | None = clinical(codes=CaseOutcome)
    ended_on: date | None = clinical(index=True)
    note: str | None = plain()


class CaseEvent(Record, table=True):
    """Something done or decided about a case, never changed afterwards.

    ``at``: UTC moment it was written; ``on``: the day it holds for; ``was``, ``became``: codes or names, as in the
    field of `Case` it changed; ``findings``: the judgements it rests on (`tui_app.rules.findings`); ``test``: the
    test result it rests on.
    """

    __tablename__ = "case_event"
    append_only: ClassVar[bool] = True

    case: str | None = plain(index=True, required=True)
    at: datetime | None = moment(FieldClass.PLAIN, required=True)
    on: date | None = plain()
    event: str | None = plain(codes=CaseEventKind, required=True)
    was: str | None = plain()
    became: str | None = plain()
    reason: str | None = plain()
    findings: list[dict[str, Any]] | None = objects()
    test: str | None = plain()
    amends: str | None = plain()


class FollowUpVisit(Record, table=True):
    """A check of somebody who recovered, within the twelve months after (rules §1.8). ``due_on``: the due date it
    answers; ``needs``: rehabilitation, examination or other help that was found to be needed."""

    __tablename__ = "follow_up_visit"
    append_only: ClassVar[bool] = True

    case: str | None = plain(index=True, required=True)
    person: str | None = plain(required=True)
    at: datetime | None = moment(FieldClass.PLAIN, required=True)
    due_on: date | None = plain()
    well: bool | None = clinical()
    symptoms: list[str] | None = listing(FieldClass.CLINICAL)
    needs: str | None = plain()
    note: str | None = plain()
    amends: str | None = plain()


def case_id(person: str, number: int) -> str:
    """The id of a person's case, ``number`` from 0 for the first: two laptops that open the same one agree, so that
    what they wrote differently is asked and nobody has two open cases."""
    return str(uuid5(_CASES, f"{person}|{number}"))
