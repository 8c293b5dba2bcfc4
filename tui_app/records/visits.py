"""What a door-to-door visit found. Rows are created once; a correction is a new row with ``amends``."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sync.registry import FieldClass
from tui_app.records.base import Record, clinical, listing, moment, plain


class VisitOutcome(StrEnum):
    """Gặp, vắng nhà, từ chối, đã chuyển đi, nhà bỏ trống; ``withdrawn`` stands only in a row that takes an earlier
    visit back."""

    MET = "met"
    ABSENT = "absent"
    REFUSED = "refused"
    MOVED = "moved"
    EMPTY = "empty"
    WITHDRAWN = "withdrawn"


class Asked(StrEnum):
    """Whether each person was asked or one answered for all ("hỏi chung"): the two are never counted alike."""

    EACH = "each"
    ALL = "all"


class Wellbeing(StrEnum):
    """What was found of a person. Not asked is not well."""

    WELL = "well"
    UNWELL = "unwell"
    NOT_ASKED = "not_asked"


class Symptom(StrEnum):
    """Signs asked at the door (CV 1909/BYT-DP; rules §2.11). The digit on the visit screen is the position."""

    FEVER = "fever"
    COUGH = "cough"
    DYSPNOEA = "dyspnoea"
    LOSS_OF_SMELL = "loss_of_smell"
    SORE_THROAT = "sore_throat"
    FATIGUE = "fatigue"
    HEADACHE = "headache"
    RUNNY_NOSE = "runny_nose"
    DIARRHOEA = "diarrhoea"


class TestMethod(StrEnum):
    """Test nhanh kháng nguyên or RT-PCR."""

    __test__ = False

    ANTIGEN = "antigen"
    PCR = "pcr"


class TestOutcome(StrEnum):
    """What the test showed."""

    __test__ = False

    POSITIVE = "positive"
    NEGATIVE = "negative"
    INVALID = "invalid"


class SupportKind(StrEnum):
    """What is needed (paper form 5.2)."""

    MEDICINE = "medicine"
    FOOD = "food"
    REFERRAL = "referral"
    MONEY = "money"
    OTHER = "other"


class SupportStatus(StrEnum):
    """How far the help has come."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DECLINED = "declined"


class HouseholdVisit(Record, table=True):
    """One knock on a door. ``at``: UTC moment."""

    __tablename__ = "household_visit"
    append_only: ClassVar[bool] = True

    household: str | None = plain(index=True, required=True)
    campaign: str | None = plain()
    at: datetime | None = moment(FieldClass.PLAIN, index=True, required=True)
    outcome: str | None = plain(codes=VisitOutcome, required=True)
    asked: str | None = plain(codes=Asked)
    note: str | None = plain()
    amends: str | None = plain()


class Screening(Record, table=True):
    """A person's line of a visit. ``symptoms``: codes of `Symptom`, None when nobody asked; ``travel_from``: where a
    traveller or newcomer came from, ``arrived_on``: since when they are here."""

    __tablename__ = "screening"
    append_only: ClassVar[bool] = True
    severity: ClassVar[dict[str, tuple[object, ...]]] = {"wellbeing": ("well", "not_asked", "unwell")}

    visit: str | None = plain(index=True, required=True)
    person: str | None = plain(index=True, required=True)
    wellbeing: str | None = clinical(codes=Wellbeing, required=True)
    symptoms: list[str] | None = listing(FieldClass.CLINICAL, Symptom)
    exposure: bool | None = clinical()
    travel: bool | None = clinical()
    travel_from: str | None = plain()
    arrived_on: date | None = plain()
    asked: str | None = plain(codes=Asked)
    note: str | None = plain()
    amends: str | None = plain()


class TestResult(Record, table=True):
    """One test of one person. ``ct_value``: PCR cycles, 5–50; ``supervised_by``: who watched a self-test."""

    __test__ = False
    __tablename__ = "test_result"
    append_only: ClassVar[bool] = True
    severity: ClassVar[dict[str, tuple[object, ...]]] = {"result": ("negative", "invalid", "positive")}

    visit: str | None = plain(index=True)
    person: str | None = plain(index=True, required=True)
    at: datetime | None = moment(FieldClass.CLINICAL, required=True)
    method: str | None = clinical(codes=TestMethod)
    result: str | None = clinical(codes=TestOutcome, required=True)
    ct_value: float | None = clinical(ge=5, le=50)
    supervised_by: str | None = plain()
    note: str | None = plain()
    amends: str | None = plain()


class SupportNeed(Record, table=True):
    """Something a person or household needs (medicine, food, referral, money, other) until it is done.

    ``followed_by``: who sees to it; ``reason``: why it was declined or closed.
    """

    __tablename__ = "support_need"

    person: str | None = plain(index=True)
    household: str | None = plain(index=True)
    kind: str | None = plain(codes=SupportKind, required=True)
    status: str | None = plain(codes=SupportStatus, required=True)
    opened_on: date | None = plain()
    closed_on: date | None = plain()
    followed_by: str | None = plain()
    reason: str | None = plain()
    note: str | None = plain()
