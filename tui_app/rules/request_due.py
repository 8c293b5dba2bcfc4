"""By when a request of a data subject has to be answered and ended (domain/rules.md §4, duty 5)."""

from __future__ import annotations

from datetime import date, timedelta

from tui_app.rules.findings import Finding
from tui_app.rules.privacy_parts import Holiday, RequestDue, Step
from tui_app.rules.rule_set import RuleSet, RuleSets

SATURDAY = 5  # as `date.weekday` counts


def due(
    sets: RuleSets, step: Step, kind: str, received: date, *, third_parties: bool = False
) -> tuple[date, Finding] | None:
    """The last day for a step of a request of a kind, and why; None when no document in force says.

    A line for data that others hold too goes before the general one.
    """
    lines = [
        (found, rule)
        for found in sets.in_force("request_due", received)
        for rule in found.request_due
        if rule.step == step
        and (not rule.kinds or kind in rule.kinds)
        and rule.third_parties <= third_parties
    ]
    if not lines:
        return None
    found, rule = max(lines, key=lambda line: line[1].third_parties)
    return _last_day(sets, rule, received), _finding(found, rule, received)


def working_day(sets: RuleSets, day: date) -> bool:
    """Whether offices work on a day: neither Saturday nor Sunday, nor a holiday of the sets in force."""
    return day.weekday() < SATURDAY and not any(
        _covers(one, day) for found in sets.in_force("holiday", day) for one in found.holiday
    )


def _last_day(sets: RuleSets, rule: RequestDue, received: date) -> date:
    if not rule.working_days:
        return received + timedelta(days=rule.days)
    day, left = received, rule.days
    while left:
        day += timedelta(days=1)
        left -= working_day(sets, day)
    return day


def _covers(one: Holiday, day: date) -> bool:
    last = one.until or one.on
    if one.yearly:
        return (one.on.month, one.on.day) <= (day.month, day.day) <= (last.month, last.day)
    return one.on <= day <= last


def _finding(found: RuleSet, rule: RequestDue, received: date) -> Finding:
    return Finding(
        kind="request_due",
        rule=rule.id,
        rule_set=found.id,
        field="received_on",
        value=received.isoformat(),
        limit=f"+{rule.days}",
        verified=found.sure(rule),
    )
