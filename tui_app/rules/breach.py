"""When the notice of a lost laptop is due: `assets/rule_sets/data_protection.toml` says how long, this counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class BreachNotice:
    """One rule about the notice of a breach. ``hours``: consecutive, from when the loss is found; ``form``: empty
    where none is known; ``verified``: whether somebody read it in the signed text.
    """

    id: str
    document: str
    effective_from: date
    hours: int
    authority: str
    form: str
    source: str
    checked: date
    verified: bool
    effective_to: date | None = None

    def deadline(self, found: datetime) -> datetime:
        """The latest moment for the notice of a loss found at ``found`` (aware)."""
        return found + timedelta(hours=self.hours)


def breach_notice(rule_set: Mapping[str, Sequence[Mapping[str, Any]]], on: date) -> BreachNotice | None:
    """The rule in force on a day, or None. ``rule_set``: as read from the file."""
    for entry in rule_set["breach_notice"]:
        rule = BreachNotice(**entry)
        if rule.effective_from <= on and (rule.effective_to is None or on <= rule.effective_to):
            return rule
    return None
