"""What was measured and seen of a patient, and the alerts that follow from it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sync.registry import FieldClass
from tui_app.records.base import Record, clinical, listing, moment, objects, plain

_ALERTS = UUID("7a0b1c52-60f4-5c0e-9d3f-0c6a4b7e2d15")


class Slot(StrEnum):
    """The half-day an observation belongs to: sáng, chiều (rules §2.4)."""

    AM = "am"
    PM = "pm"


class Contacted(StrEnum):
    """How the patient was reached."""

    VISIT = "visit"
    TELEPHONE = "telephone"
    SELF = "self"


class AlertState(StrEnum):
    """What became of an alert. Only a person moves it on; a later normal value never does."""

    OPEN = "open"
    TOLD = "told"
    REFERRED = "referred"
    CLOSED = "closed"


class Observation(Record, table=True):
    """One look at a patient. A vital sign that was not measured is None and never a normal value.

    ``temperature_c``: °C, 30–45; ``pulse``, ``respiratory_rate``: per minute, 20–250 and 5–100; ``spo2``,
    ``spo2_repeat``: percent, 50–100, the second one ``spo2_repeat_after`` seconds later (rules §2.4: 30–60 s, any
    other gap is kept and does not count); ``systolic_bp``, ``diastolic_bp``: mmHg, 40–300 and 20–200.
    ``symptoms``, ``signs``: codes of the rule sets, None when nobody asked, empty when there was none.
    ``findings``: what the rule sets in force on the day say of it, kept with it (`tui_app.rules.findings`);
    ``missing``: the inputs a rule asked for and did not get; ``amend_reason``: why the row it amends was wrong
    (``reading``, ``birth_date`` or words).
    """

    __tablename__ = "observation"
    append_only: ClassVar[bool] = True
    severity: ClassVar[dict[str, tuple[object, ...]]] = {
        "spo2": tuple(range(100, 49, -1)),
        "spo2_repeat": tuple(range(100, 49, -1)),
        "respiratory_rate": tuple(range(5, 101)),
        "temperature_c": tuple(tenths / 10 for tenths in range(300, 451)),
    }

    case: str | None = plain(index=True, required=True)
    person: str | None = plain(required=True)
    at: datetime | None = moment(FieldClass.CLINICAL, required=True)
    slot_on: date | None = clinical(required=True)
    slot: str | None = clinical(codes=Slot, required=True)
    contacted: str | None = plain(codes=Contacted)
    temperature_c: float | None = clinical(ge=30, le=45)
    pulse: int | None = clinical(ge=20, le=250)
    respiratory_rate: int | None = clinical(ge=5, le=100)
    spo2: int | None = clinical(ge=50, le=100)
    spo2_repeat: int | None = clinical(ge=50, le=100)
    spo2_repeat_after: int | None = clinical(ge=0, le=3600)
    systolic_bp: int | None = clinical(ge=40, le=300)
    diastolic_bp: int | None = clinical(ge=20, le=200)
    symptoms: list[str] | None = listing(FieldClass.CLINICAL)
    signs: list[str] | None = listing(FieldClass.CLINICAL)
    note: str | None = plain()
    findings: list[dict[str, Any]] | None = objects()
    missing: list[str] | None = listing(FieldClass.PLAIN)
    amends: str | None = plain(index=True)
    amend_reason: str | None = plain()


class Alert(Record, table=True):
    """A danger sign that somebody has to answer. One for an observation, made in the transaction that saved it.

    ``at``: UTC moment it was opened; ``rules``: ids of the rules found; ``told_to``: whom; ``referral``: the referral
    that answers it; ``answered_at``: UTC.
    """

    __tablename__ = "alert"
    severity: ClassVar[dict[str, tuple[object, ...]]] = {"state": ("closed", "referred", "told", "open")}

    observation: str | None = plain(required=True)
    case: str | None = plain(index=True, required=True)
    person: str | None = plain(required=True)
    at: datetime | None = moment(FieldClass.PLAIN, required=True)
    rules: list[str] | None = listing(FieldClass.PLAIN)
    state: str | None = clinical(codes=AlertState, required=True)
    told_to: str | None = clinical()
    referral: str | None = plain()
    answered_by: str | None = plain()
    answered_at: datetime | None = moment(FieldClass.PLAIN)
    note: str | None = plain()


def alert_id(observation: str) -> str:
    """The id of the alert an observation opens: the same on every laptop that judges it."""
    return str(uuid5(_ALERTS, observation))
