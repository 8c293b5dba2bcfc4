"""When somebody who recovered is to be seen again (domain/rules.md §1.8)."""

from __future__ import annotations

import calendar
from datetime import date

from tui_app.rules.rule_set import RuleSets


def due_dates(sets: RuleSets, recovered_on: date) -> tuple[date, ...]:
    """The days on which checks are due, by the set in force on the day of recovery; none when there is none."""
    found = sets.part("follow_up", recovered_on)
    if found is None:
        return ()
    return tuple(
        months_later(recovered_on, months)
        for rule in found.follow_up
        for months in rule.due_months
        if months <= rule.within_months
    )


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day (rules §2.11)."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
