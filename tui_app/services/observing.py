"""Readings of a patient: judged by the rule sets of their day, saved with their judgement and alert at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.errors import GonhaError
from tui_app.rules.findings import Judgement
from tui_app.services.board import BoardLine
from tui_app.services.care.vitals import CheckedVitals, Vitals, check_vitals
from tui_app.store.engine import Store

__all__ = [
    "CheckedVitals",
    "GridRow",
    "Recorded",
    "Vitals",
    "amend_vitals",
    "check_vitals",
    "grid",
    "preview",
    "record_many",
    "record_vitals",
    "rejudge_person",
    "withdraw_vitals",
]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A saved reading. ``alert``: id of the alert it opened, None when it found no danger sign."""

    observation: str
    alert: str | None
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class GridRow:
    """One patient of the grid. ``taken``: the observation that stands in the slot, the latest of several."""

    line: BoardLine
    taken: Row | None


def preview(c: Any, case: str, vitals: Vitals, at: datetime) -> Judgement:
    """What would be said of a reading; nothing is saved. Raises NotFound, NotOpened."""
    raise NotImplementedError


def record_vitals(
    store: Store,
    who: str,
    case: str,
    vitals: Vitals,
    *,
    at: datetime | None = None,
    slot: tuple[date, str] | None = None,
) -> Recorded:
    """Save a reading with its judgement and, for a danger sign, its alert, in one transaction.

    ``at``: when it was measured (now when not given); ``slot``: the half-day it answers, else the one ``at`` lies in.
    Raises NotFound, CaseClosed, InvalidFields for values out of range, a moment to come, or when nothing was measured
    or asked.
    """
    raise NotImplementedError


def record_many(
    store: Store,
    who: str,
    rows: Sequence[tuple[str, Vitals]],
    *,
    at: datetime | None = None,
    slot: tuple[date, str] | None = None,
) -> list[Recorded | GonhaError]:
    """Save readings of several patients, each by itself: one that is refused leaves the others saved."""
    raise NotImplementedError


def amend_vitals(store: Store, who: str, observation: str, vitals: Vitals, reason: str) -> Recorded:
    """Correct a reading by a new row, judged by the sets of the same day. The alert of the first row stays; a danger
    sign that no alert of it named opens one. Raises NotFound, AmendedAlready, InvalidFields."""
    raise NotImplementedError


def withdraw_vitals(store: Store, who: str, observation: str, reason: str) -> str:
    """Take a reading back by a correcting row without values; its alert stays. Returns the new row's id.

    Raises NotFound, AmendedAlready, InvalidFields without a reason.
    """
    raise NotImplementedError


def rejudge_person(store: Store, who: str, person: str, reason: str = "birth_date") -> list[Recorded]:
    """Judge the readings of a person's open case again, each by the sets of its day, after birth date, sex or
    conditions were corrected. Where the judgement changes, a row amends the old one and says why and who."""
    raise NotImplementedError


def grid(
    c: Any, now: datetime, slot: tuple[date, str] | None = None, *, followed_by: str | None = None
) -> list[GridRow]:
    """Open cases cared for at home, in the board's order, with what was taken in the slot (the present one when not
    given). ``followed_by``: only this follower's."""
    raise NotImplementedError
