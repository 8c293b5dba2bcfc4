"""What each rule set judges: which subject, of which ages, on which days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tui_app.rules.age import Age

if TYPE_CHECKING:
    from tui_app.rules.rule_set import RuleSet

SHARED = frozenset({"medicine", "coverage", "risk_group", "report_due", "event_due", "holiday"})
"""Subjects that several sets may speak about on the same day."""
OLDEST_MONTHS = 150 * 12


@dataclass(frozen=True, slots=True)
class Held:
    """A subject a set judges: of which ages and days. ``below_months`` and ``until`` (included): None for no end."""

    rule_set: RuleSet
    subject: str
    from_months: int
    below_months: int | None
    since: date
    until: date | None

    def on(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def may_cover(self, age: Age | None) -> bool:
        """Whether somebody of this age may fall under it."""
        if age is None:
            return True
        return self.from_months <= age.high_months and (
            self.below_months is None or age.low_months < self.below_months
        )

    def meets(self, other: Held) -> bool:
        """Whether both would judge the same person on the same day."""
        ages = self.from_months < (other.below_months or OLDEST_MONTHS) and other.from_months < (
            self.below_months or OLDEST_MONTHS
        )
        days = self.since <= (other.until or date.max) and other.since <= (self.until or date.max)
        return ages and days


def all_held(sets: Mapping[str, RuleSet]) -> Iterator[Held]:
    """What each of these sets judges, ended where another one replaces it."""
    for one in sets.values():
        for cover in one.covers:
            since = cover.effective_from or one.effective_from
            until = cover.effective_to or one.effective_to
            for newer in sets.values():
                if one.id in newer.replaces and any(c.subject == cover.subject for c in newer.covers):
                    last = newer.effective_from - timedelta(days=1)
                    until = last if until is None else min(until, last)
            if until is None or since <= until:
                yield Held(one, cover.subject, cover.from_months, cover.below_months, since, until)


def clash(one: Held, other: Held) -> bool:
    """Whether two would both judge somebody unasked, about a subject of which only one may speak."""
    return (
        one.subject == other.subject
        and one.subject not in SHARED
        and one.rule_set.default
        and other.rule_set.default
        and one.meets(other)
    )
