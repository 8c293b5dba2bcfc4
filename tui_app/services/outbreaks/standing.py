"""How an outbreak stands: its numbers of today, its deadlines, and how long there was no new case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tui_app.clock import VIETNAM
from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSet
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.outbreaks.deadlines import Deadline, deadlines
from tui_app.services.outbreaks.declaring import Outbreak, quiet_on
from tui_app.services.outbreaks.numbers import DailyNumbers, daily_numbers


@dataclass(frozen=True, slots=True)
class Standing:
    """``quiet``: the days without a new case against what ``rules`` ask for; None once it is over, or where nothing
    asks."""

    numbers: DailyNumbers
    due: Sequence[Deadline]
    quiet: Finding | None
    rules: RuleSet | None

    @property
    def outbreak(self) -> Outbreak:
        """Which."""
        return self.numbers.outbreak


def standing(c: Any, found: Outbreak, now: datetime) -> Standing:
    """At a moment (aware). Raises NotOpened."""
    day = now.astimezone(VIETNAM).date()
    judged = quiet_on(c, found, day, now) if found.ended_on is None else None
    numbers = daily_numbers(c, found.id, day, now)
    quiet = judged[1] if judged else None
    rules = rule_sets(c).get(quiet.rule_set) if quiet else None
    return Standing(numbers, deadlines(c, found, now), quiet, rules)
