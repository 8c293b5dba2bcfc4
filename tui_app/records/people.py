"""Persons, their risk groups and their underlying conditions."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID, uuid5

from tui_app.records.base import Record, clinical, plain

_MEMBERSHIPS = UUID("6b2f9d1e-6f0a-5c53-9d0d-3c1c7f0d4a11")


class Sex(StrEnum):
    """Administrative sex: 1 Nam, 2 Nữ, 3 chưa xác định (QĐ 4210; rules §3.6)."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class ResidenceType(StrEnum):
    """Thường trú, tạm trú, lưu trú."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    STAY = "stay"


class RiskGroup(StrEnum):
    """The eight vulnerable groups of the seeds (rules §1.1, list A). The list is open: other codes are kept."""

    ELDERLY = "elderly"
    UNDERLYING_CONDITION = "underlying_condition"
    DISABLED = "disabled"
    PREGNANT = "pregnant"
    NO_SUPPORT = "no_support"
    ORPHAN = "orphan"
    ETHNIC_MINORITY = "ethnic_minority"
    MIGRANT_WORKER = "migrant_worker"


class UnderlyingCondition(StrEnum):
    """The twenty underlying conditions of QĐ 4038, Phụ lục 01 (rules §2.9)."""

    DIABETES = "diabetes"
    CHRONIC_LUNG = "chronic_lung"
    CANCER = "cancer"
    CHRONIC_KIDNEY = "chronic_kidney"
    TRANSPLANT = "transplant"
    OBESITY = "obesity"
    CARDIAC = "cardiac"
    CEREBROVASCULAR = "cerebrovascular"
    DOWN_SYNDROME = "down_syndrome"
    HIV = "hiv"
    NEUROLOGICAL = "neurological"
    HAEMATOLOGICAL = "haematological"
    ASTHMA = "asthma"
    HYPERTENSION = "hypertension"
    IMMUNODEFICIENCY = "immunodeficiency"
    LIVER = "liver"
    SUBSTANCE_USE = "substance_use"
    IMMUNOSUPPRESSANTS = "immunosuppressants"
    SYSTEMIC = "systemic"
    CHILD_CONGENITAL = "child_congenital"


RESTRICTED_CONDITIONS = frozenset({UnderlyingCondition.HIV, UnderlyingCondition.SUBSTANCE_USE})


class Person(Record, table=True):
    """A household member. Either ``birth_date`` or ``birth_year``: the program never invents a day.

    ``phone``: E.164; ``ethnicity``: two-digit code (rules §3.6); ``reported_doses``: how many vaccine doses the
    list or the person says, 0–9; ``postponed_until``: no dose before that day; ``unvaccinated_reason``: why not, as
    said; ``given_name``: the word names are sorted by where it is not the last; ``died_on``, ``moved_on``: the person
    no longer counts from that day.
    """

    __tablename__ = "person"
    severity: ClassVar[dict[str, tuple[object, ...]]] = {"contraindicated": (False, True)}

    household: str | None = plain(index=True, required=True)
    full_name: str | None = clinical(required=True)
    birth_date: date | None = clinical()
    birth_year: int | None = clinical(ge=1900, le=2100)
    sex: str | None = clinical(codes=Sex)
    national_id: str | None = clinical()
    citizen_id_old: str | None = clinical()
    insurance_number: str | None = clinical()
    phone: str | None = plain()
    ethnicity: str | None = clinical()
    relation_to_head: str | None = plain()
    residence_type: str | None = plain(codes=ResidenceType)
    occupation: str | None = plain()
    mobility_limited: bool | None = plain()
    carer: str | None = plain()
    reported_doses: int | None = plain(ge=0, le=9)
    contraindicated: bool | None = clinical()
    contraindication_reason: str | None = clinical()
    postponed_until: date | None = clinical()
    postponement_reason: str | None = clinical()
    unvaccinated_reason: str | None = plain()
    given_name: str | None = plain()
    died_on: date | None = clinical()
    moved_on: date | None = clinical()
    moved_to: str | None = plain()
    note: str | None = plain()


class RiskMembership(Record, table=True):
    """A person belongs to a risk group from a day to a day (pregnancy ends). One row per person and group."""

    __tablename__ = "risk_membership"

    person: str | None = plain(index=True, required=True)
    risk_group: str | None = plain(required=True)
    started_on: date | None = clinical()
    ended_on: date | None = clinical()
    source: str | None = plain()


class PersonCondition(Record, table=True):
    """A person's underlying condition. One row per person and condition; ``treated_at``: place of treatment."""

    __tablename__ = "person_condition"
    severity: ClassVar[dict[str, tuple[object, ...]]] = {"treated": (True, False), "stable": (True, False)}

    person: str | None = plain(index=True, required=True)
    condition: str | None = plain(required=True)
    treated: bool | None = clinical()
    stable: bool | None = clinical()
    treated_at: str | None = plain()
    since: date | None = clinical()
    note: str | None = plain()


def membership_id(person: str, code: str) -> str:
    """The id of a person's row for a group or condition: the same on every laptop, so two that add it agree."""
    return str(uuid5(_MEMBERSHIPS, f"{person}|{code}"))
