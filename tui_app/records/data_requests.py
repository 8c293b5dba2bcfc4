"""What people ask of the data that is kept about them (Luật 91/2025, NĐ 356/2025; rules §4), and what was erased."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sync.registry import FieldClass
from tui_app.records.base import Record, moment, objects, plain


class RequestKind(StrEnum):
    """What a person may ask for (rules §4, duty 5)."""

    ACCESS = "access"
    CORRECTION = "correction"
    DELETION = "deletion"
    RESTRICTION = "restriction"
    WITHDRAWAL = "withdrawal"


class RequestState(StrEnum):
    """How far a request is."""

    OPEN = "open"
    ANSWERED = "answered"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class DataRequest(Record, table=True):
    """A request of a data subject. ``asked_by``: who asked for the person (guardian, carer), None for themselves;
    ``third_parties``: others hold the data too, which gives deletion ten days more; ``answered_on``: of the first
    answer; ``ended_on`` and ``outcome``: what was done, or why it was refused."""

    __tablename__ = "data_request"

    person: str | None = plain(index=True, required=True)
    kind: str | None = plain(codes=RequestKind, required=True)
    received_on: date | None = plain(required=True)
    asked_by: str | None = plain()
    wording: str | None = plain()
    third_parties: bool | None = plain()
    state: str | None = plain(codes=RequestState, required=True)
    answered_on: date | None = plain()
    ended_on: date | None = plain()
    outcome: str | None = plain()


class Erasure(Record, table=True):
    """Records whose content was removed for good: the ids stay, so that every laptop and the server remove the same.

    ``records``: [{"type", "id"}]; ``texts``: fields of records of others that lost their words, [{"type", "id",
    "field"}]; ``request``: the data request behind it; ``ground``: the words of the decision,
    without a name.
    """

    __tablename__ = "erasure"
    append_only: ClassVar[bool] = True
    erases: ClassVar[bool] = True

    person: str | None = plain(index=True, required=True)
    records: list[dict[str, Any]] | None = objects()
    texts: list[dict[str, Any]] | None = objects()
    request: str | None = plain()
    at: datetime | None = moment(FieldClass.PLAIN, required=True)
    ground: str | None = plain(required=True)
