"""What a patient is given, the station's stock it comes from, and where a patient is sent.

The program records and flags; it never proposes a dose.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sync.registry import FieldClass
from tui_app.records.base import Record, clinical, moment, objects, plain

_STOCK_ITEMS = UUID("93c4f2d8-5d0b-5b5e-8f0e-2a6c1d7e4b90")


class Movement(StrEnum):
    """What changed a stock: nhận, cấp, trả lại, hỏng, kiểm kê (``counted``: how many were found)."""

    RECEIVED = "received"
    GIVEN = "given"
    RETURNED = "returned"
    SPOILED = "spoiled"
    COUNTED = "counted"


class Dispense(Record, table=True):
    """A medicine kit or drug handed to a patient on a day. ``item``: code of a kit or drug of the rule sets, or words
    for another one; ``quantity`` in ``unit``; ``days``: how long it is to last, as the prescriber said, 0–90.

    ``flags``: contraindications and duplicates that were shown when it was given, with rule, set and source;
    ``flag_reason``: why it was given all the same; ``prescribed_by``: who decided. A row that takes one back
    amends it with quantity 0.
    """

    __tablename__ = "dispense"
    append_only: ClassVar[bool] = True

    case: str | None = plain(index=True, required=True)
    person: str | None = plain(required=True)
    at: datetime | None = moment(FieldClass.CLINICAL, required=True)
    item: str | None = clinical(required=True)
    quantity: float | None = clinical(ge=0, le=10000)
    unit: str | None = plain()
    days: int | None = clinical(ge=0, le=90)
    lot: str | None = plain()
    prescribed_by: str | None = plain()
    flags: list[dict[str, Any]] | None = objects()
    flag_reason: str | None = plain()
    note: str | None = plain()
    amends: str | None = plain(index=True)


class StockItem(Record, table=True):
    """A kit or drug a station keeps. ``low_at``: the list of what runs low names it at this quantity or less."""

    __tablename__ = "stock_item"

    item: str | None = plain(required=True)
    unit: str | None = plain()
    low_at: float | None = plain(ge=0, le=100000)
    note: str | None = plain()


class StockMovement(Record, table=True):
    """A change of a station's stock. ``quantity``: how many, always positive (for ``counted``: how many were there);
    ``dispense``: the giving it belongs to; ``expires_on``: of the lot. ``returned`` with a ``dispense`` came back from
    the patient, without one it went back to whoever supplied it; ``counted`` without a ``lot`` counts the whole item.
    """

    __tablename__ = "stock_movement"
    append_only: ClassVar[bool] = True

    item: str | None = plain(index=True, required=True)
    at: datetime | None = moment(FieldClass.PLAIN, required=True)
    movement: str | None = plain(codes=Movement, required=True)
    quantity: float | None = plain(ge=0, le=100000, required=True)
    lot: str | None = plain()
    expires_on: date | None = plain()
    dispense: str | None = plain(index=True)
    note: str | None = plain()
    amends: str | None = plain(index=True)


class Referral(Record, table=True):
    """A patient sent to another place (paper form 5.8). ``sent_from``, ``sent_to``: units; ``observation``: the last
    one that measured something; ``acknowledged_at``, ``acknowledged_by``: when and by whom the arrival was said."""

    __tablename__ = "referral"

    case: str | None = plain(index=True, required=True)
    person: str | None = plain(required=True)
    at: datetime | None = moment(FieldClass.CLINICAL, required=True)
    reason: str | None = clinical(required=True)
    sent_from: str | None = plain()
    sent_to: str | None = clinical(required=True)
    transport: str | None = plain()
    observation: str | None = plain()
    findings: list[dict[str, Any]] | None = objects()
    acknowledged_at: datetime | None = moment(FieldClass.CLINICAL)
    acknowledged_by: str | None = clinical()
    withdrawn: bool | None = clinical()
    note: str | None = plain()


def stock_item_id(commune: str, item: str) -> str:
    """The id of a station's row for an item: the same on every laptop, so two that add it agree."""
    return str(uuid5(_STOCK_ITEMS, f"{commune}|{item}"))
