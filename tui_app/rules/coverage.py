"""Coverage on whole numbers: whether a target is met, and the percentage as papers round it (domain/rules.md §1.3)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tui_app.rules.rule_set import RuleSet, RuleSets
from tui_app.rules.vaccine_parts import Target


def met(op: str | None, percent: int | None, numerator: int, denominator: int) -> bool | None:
    """Whether so many of so many meet "trên" (>) or "ít nhất" (≥) so many percent; None without target or anybody."""
    if op is None or percent is None or denominator <= 0:
        return None
    left, right = numerator * 100, percent * denominator
    return left > right if op == ">" else left >= right


def tenths(numerator: int, denominator: int) -> int | None:
    """Tenths of a percent, half up, whole numbers all the way; None of nobody."""
    return None if denominator <= 0 else (2000 * numerator + denominator) // (2 * denominator)


def percent_words(numerator: int, denominator: int) -> str:
    """``94,9 %`` with the decimal comma of papers; a dash of nobody."""
    found = tenths(numerator, denominator)
    return "–" if found is None else f"{found // 10},{found % 10} %"


@dataclass(frozen=True, slots=True)
class Goal:
    """A target with the set that holds it on a day."""

    rule_set: RuleSet
    target: Target

    @property
    def key(self) -> str:
        """Names it among the targets of all sets."""
        return f"{self.rule_set.id}/{self.target.id}"

    @property
    def verified(self) -> bool:
        """Whether somebody read it in the document."""
        return self.rule_set.sure(self.target)


def goals(sets: RuleSets, day: date) -> tuple[Goal, ...]:
    """The targets of every plan in force on a day, plan by plan."""
    return tuple(Goal(one, target) for one in sets.in_force("coverage", day) for target in one.coverage)


def ages(wanted: Iterable[Goal]) -> set[int]:
    """The ages in months at which targets begin or end."""
    return {month for goal in wanted for month in (goal.target.from_months, goal.target.below_months or 0)}


class AgeEdges:
    """The ages at which targets begin or end, as the birth days that have just reached them on a day."""

    def __init__(self, months: Iterable[int], day: date) -> None:
        self.months = tuple(sorted(set(months) - {0}))
        # No clamping: who was born on the 31st completes the month a day after the 30th (rules/age.py).
        self._born = sorted(_born_by(day, edge) for edge in self.months)
        self._day = day

    def passed(self, birth_date: str | None, birth_year: int | None) -> tuple[int, int] | None:
        """How many edges somebody passed, at least and at most; None when no birth is known, or it lies ahead."""
        today = self._day.isoformat()
        if birth_date:
            if birth_date > today:
                return None
            count = self._count(birth_date)
            return count, count
        if birth_year is None or birth_year > self._day.year:
            return None
        latest = min(f"{birth_year:04d}-12-31", today)
        return self._count(latest), self._count(f"{birth_year:04d}-01-01")

    def _count(self, born: str) -> int:
        return len(self._born) - bisect_left(self._born, born)  # edges whose day lies before are not reached

    def inside(self, passed: tuple[int, int] | None, target: Target) -> bool | None:
        """Whether that is within a target's ages; None where it may be or not."""
        if target.from_months == 0 and target.below_months is None:
            return True
        if passed is None:
            return None
        low = bisect_right(self.months, target.from_months)
        high = (
            len(self.months) + 1
            if target.below_months is None
            else bisect_right(self.months, target.below_months)
        )
        certain = low <= passed[0] and passed[1] < high
        outside = passed[1] < low or passed[0] >= high
        return True if certain else False if outside else None


def _born_by(day: date, months: int) -> str:
    """The last birth day, as text that compares, of who completed so many months on a day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return f"{year:04d}-{month + 1:02d}-{day.day:02d}"
