"""The twelve months after a recovery: when somebody should be looked at again, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.store.engine import Store


@dataclass(frozen=True, slots=True)
class FollowUpLine:
    """A person to be looked at after a recovery. ``due_on``: the earliest due date without a visit; ``late_days``:
    days since then, negative before it."""

    case: str
    person: str
    full_name: str
    phone: str
    address: str
    unit: str
    recovered_on: date
    due_on: date
    late_days: int


def follow_ups_due(c: Any, day: date, *, within_days: int = 7) -> list[FollowUpLine]:
    """Recovered persons whose next due date has come or comes within so many days, the latest first."""
    raise NotImplementedError


def record_follow_up(
    store: Store,
    who: str,
    case: str,
    *,
    due_on: date | None = None,
    well: bool | None = None,
    symptoms: Sequence[str] | None = None,
    needs: str = "",
    note: str = "",
) -> str:
    """Save a visit after recovery; ``due_on`` is the due date it answers, the earliest open one when not given.

    Returns its id. Raises NotFound, InvalidFields.
    """
    raise NotImplementedError
