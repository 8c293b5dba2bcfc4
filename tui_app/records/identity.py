"""The numbers a person is known by, over time; and who was found to be the same person or household."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sync.registry import FieldClass
from tui_app.records.base import Record, clinical, moment, objects, plain

_IDENTIFIERS = UUID("5f3b8f1c-0d0e-5b51-8a0b-2f4f1f6f9d27")


class IdentifierKind(StrEnum):
    """Numbers people are known by (rules §3.1, §3.3). ``temporary``: made here for who has none, a newborn."""

    NATIONAL_ID = "national_id"
    CITIZEN_ID_OLD = "citizen_id_old"
    INSURANCE_NUMBER = "insurance_number"
    PASSPORT = "passport"
    TEMPORARY = "temporary"


class IdentifierSource(StrEnum):
    """What a number is known from: the card's code, the card as read, a list, or what somebody said."""

    SCAN = "scan"
    CARD = "card"
    LIST = "list"
    SAID = "said"


class PersonIdentifier(Record, table=True):
    """A number besides the ones of the person's own row, with its validity; numbers are cancelled and given anew
    (NĐ 70/2024; rules §3.1), so none is unique by force. ``valid_to``: its last day, None for still valid."""

    __tablename__ = "person_identifier"

    person: str | None = plain(index=True, required=True)
    kind: str | None = plain(codes=IdentifierKind, required=True)
    number: str | None = clinical(index=True, required=True)
    valid_from: date | None = clinical()
    valid_to: date | None = clinical()
    source: str | None = plain(codes=IdentifierSource)
    note: str | None = plain()


class MergeVerdict(StrEnum):
    """What was decided about two records: one, two, or the earlier decision taken back."""

    SAME = "same"
    NOT_SAME = "not_same"
    UNDONE = "undone"


class MergeDecision(Record, table=True):
    """A person decided that two records are one (``merged`` goes into ``kept``), or that they are not.

    ``subject``: ``person`` or ``household``; ``fields``: [{"field", "value", "was"}] taken into ``kept``, or for two
    that are not one the reasons they looked like it; ``carried``: [{"type", "id", "was"}] the merged record as it was,
    and what else the save changed or put elsewhere; ``undoes``: the decision this one takes back. That what names
    ``merged`` is shown with ``kept`` follows from the decisions and is in no row (`tui_app.records.sameness`).
    """

    __tablename__ = "merge_decision"
    append_only: ClassVar[bool] = True

    subject: str | None = plain(required=True)
    verdict: str | None = plain(codes=MergeVerdict, required=True)
    kept: str | None = plain(index=True, required=True)
    merged: str | None = plain(index=True, required=True)
    at: datetime | None = moment(FieldClass.PLAIN, required=True)
    fields: list[dict[str, Any]] | None = objects()
    carried: list[dict[str, Any]] | None = objects()
    undoes: str | None = plain(index=True)
    reason: str | None = plain()


def identifier_id(person: str, kind: str, number: str) -> str:
    """The id of a person's number: the same on every laptop."""
    return str(uuid5(_IDENTIFIERS, f"{person}|{kind}|{number}"))
