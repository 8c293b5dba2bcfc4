"""Vaccine doses, and whether somebody is to be vaccinated later or not at all."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID, uuid5

from tui_app.records.base import Record, clinical, plain

_DOSES = UUID("a2f64f0a-5c3d-5f0b-9a35-8d0f6a1c7e52")


class DoseType(StrEnum):
    """Mũi cơ bản, bổ sung, nhắc lại: kept besides the ordinal, because targets ask for one or the other (§1.3)."""

    BASIC = "basic"
    ADDITIONAL = "additional"
    BOOSTER = "booster"


class DoseSource(StrEnum):
    """What a dose is known from: the paper, the national system, or what somebody said."""

    CARD = "card"
    SYSTEM = "system"
    SAID = "said"


class VaccinationDose(Record, table=True):
    """One dose of one person. ``given_on`` None: the day is not known; ``number``: which dose it was said to be, 1–9;
    ``product``: a code of the vaccination rule sets, or the words of the card."""

    __tablename__ = "vaccination_dose"

    person: str | None = plain(index=True, required=True)
    given_on: date | None = clinical()
    product: str | None = clinical()
    dose_type: str | None = clinical(codes=DoseType)
    number: int | None = clinical(ge=1, le=9)
    place: str | None = plain()
    lot: str | None = plain()
    source: str | None = plain(codes=DoseSource)
    note: str | None = plain()


def dose_id(person: str, given_on: date) -> str:
    """The id of the dose of a day: two laptops that copy the same card agree. A dose without a day gets its own."""
    return str(uuid5(_DOSES, f"{person}|{given_on.isoformat()}"))
