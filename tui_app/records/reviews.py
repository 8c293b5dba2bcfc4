"""What the station chief says of a day's work: approved, returned with a reason, the day closed or opened again."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sync.registry import FieldClass
from tui_app.records.base import Record, moment, plain

DAY = "day"  # as ``record_type``: the review is of the whole day; its ``record`` is then empty


class ReviewDecision(StrEnum):
    """What was decided of a record (approved, returned), or of a day (closed, reopened)."""

    APPROVED = "approved"
    RETURNED = "returned"
    CLOSED = "closed"
    REOPENED = "reopened"


class Review(Record, table=True):
    """One decision of the chief; the last one by ``at`` counts.

    ``on``: the reporting day; ``record_type`` and ``record``: what was looked at (a household visit, an observation, a
    case …), `DAY` for the day itself; ``seen``: a stamp of what it said when it was looked at, so that a later change
    is undecided again; ``returned_to``: whose roster it comes back to; ``reason``: needed to return and to reopen.
    """

    __tablename__ = "review"
    append_only: ClassVar[bool] = True

    on: date | None = plain(index=True, required=True)
    record_type: str | None = plain(required=True)
    record: str | None = plain(index=True)
    decision: str | None = plain(codes=ReviewDecision, required=True)
    at: datetime | None = moment(FieldClass.PLAIN, required=True)
    seen: str | None = plain()
    returned_to: str | None = plain()
    reason: str | None = plain()
