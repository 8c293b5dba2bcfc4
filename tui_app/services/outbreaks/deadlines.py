"""The deadlines of an outbreak: form 01 within so many hours after it was found, form 02 after it was found to be over
(TT 15/2026/TT-BYT, Đ26.1b, c)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tui_app.clock import VIETNAM, from_wire, to_wire
from tui_app.rules.findings import Finding
from tui_app.rules.outbreak import event_due
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.outbreaks.declaring import Outbreak


class DueState(StrEnum):
    """How a deadline stands: still to come, kept, done too late, not done and past."""

    DUE = "due"
    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Deadline:
    """``kind``: of the rule; ``due_at``, ``done_at``: wire moments, None for what is not done."""

    kind: str
    due_at: str
    done_at: str | None
    state: DueState
    finding: Finding


def deadlines(c: Any, found: Outbreak, now: datetime) -> list[Deadline]:
    """Those of its two forms that run or ran, by the rules in force on the day that each began."""
    since = (
        ("outbreak_declared", found.identified_at, found.declared_at),
        ("outbreak_ended", found.over_at, found.end_declared_at),
    )
    made = (deadline(c, kind, began, done, now) for kind, began, done in since if began)
    return [one for one in made if one is not None]


def deadline(c: Any, kind: str, began: str, done: str | None, now: datetime) -> Deadline | None:
    """One that began at a wire moment; None when no rule in force says."""
    moment = from_wire(began)
    found = event_due(rule_sets(c), kind, moment, moment.astimezone(VIETNAM).date())
    if found is None:
        return None
    due_at = to_wire(found[0])
    if done is not None:
        state = DueState.ON_TIME if done <= due_at else DueState.LATE
    else:
        state = DueState.DUE if to_wire(now) <= due_at else DueState.MISSING
    return Deadline(kind, due_at, done, state, found[1])
