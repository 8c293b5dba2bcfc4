"""Contacts (F1) of a case and the days they were looked after (paper form 5.5)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sync.registry import FieldClass
from tui_app.records.base import Record, clinical, listing, moment, objects, plain

_CONTACTS = UUID("5e2a3c1b-8a41-5f0f-bb7e-3d5a9c0e6f27")


class ContactKind(StrEnum):
    """How somebody met the case (CV 1909/BYT-DP; rules §2.11)."""

    HOUSEHOLD = "household"
    PHYSICAL = "physical"
    CLOSE_MASKED = "close_masked"
    CLOSE_UNMASKED = "close_unmasked"
    CARE = "care"
    OTHER = "other"


class Contact(Record, table=True):
    """A contact of a case. ``person``: when it is somebody known, else ``full_name`` and ``phone``; ``level``: 1 or 2;
    ``protected``: fully vaccinated or recovered as the rule of the day counts it, as said.

    ``noted_at``: when somebody noted it, UTC; None in records from before that was kept.
    ``watch_until``, ``findings``: what the rule in force on the last contact said ("none any more" is an answer);
    ``ended_on``: when the watch was ended, with ``end_reason``.
    """

    __tablename__ = "contact"

    case: str | None = plain(index=True, required=True)
    person: str | None = plain(index=True)
    full_name: str | None = clinical()
    phone: str | None = plain()
    level: int | None = clinical(ge=1, le=2, required=True)
    met: str | None = clinical(codes=ContactKind, required=True)
    last_met_on: date | None = clinical(required=True)
    noted_at: datetime | None = moment(FieldClass.PLAIN)
    protected: bool | None = clinical()
    watch_until: date | None = clinical()
    findings: list[dict[str, Any]] | None = objects()
    ended_on: date | None = clinical()
    end_reason: str | None = plain()
    note: str | None = plain()


class ContactCheck(Record, table=True):
    """A day of a contact. ``temperature_c``: °C, 30–45; ``symptoms``: None when nobody asked; ``away``: not found."""

    __tablename__ = "contact_check"
    append_only: ClassVar[bool] = True

    contact: str | None = plain(index=True, required=True)
    at: datetime | None = moment(FieldClass.PLAIN, required=True)
    on: date | None = plain(required=True)
    temperature_c: float | None = clinical(ge=30, le=45)
    symptoms: list[str] | None = listing(FieldClass.CLINICAL)
    well: bool | None = clinical()
    away: bool | None = plain()
    note: str | None = plain()
    amends: str | None = plain()


def contact_id(case: str, person: str) -> str:
    """The id of a known person's contact with a case: two teams that note it agree."""
    return str(uuid5(_CONTACTS, f"{case}|{person}"))
