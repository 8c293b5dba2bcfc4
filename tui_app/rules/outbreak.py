"""Deadlines that run from a moment, and when an outbreak may be declared over (domain/rules.md §2.12), by the rule set
in force on the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSets


def event_due(sets: RuleSets, kind: str, since: datetime, day: date) -> tuple[datetime, Finding] | None:
    """The moment by which something found at ``since`` (aware) on ``day`` is to be told, and why; None when no
    document in force says."""
    for found in sets.in_force("event_due", day):
        for rule in found.event_due:
            if rule.kind == kind:
                finding = Finding(
                    kind="event_due",
                    rule=rule.id,
                    rule_set=found.id,
                    field="found_at",
                    value=since.isoformat(),
                    limit=f"≤ {rule.hours} h",
                    verified=found.sure(rule),
                )
                return since + timedelta(hours=rule.hours), finding
    return None


def quiet(sets: RuleSets, last_case: date | None, started_on: date, day: date) -> tuple[bool, Finding] | None:
    """Whether enough days went by without a new case for an outbreak to be over on ``day``, and why; None when no
    document in force says. ``last_case``: day of the latest case, None for an outbreak without any."""
    found = sets.part("outbreak_end", day)
    if found is None:
        return None
    rule = found.outbreak_end[0]
    days = (day - (last_case or started_on)).days
    finding = Finding(
        kind="outbreak_end",
        rule=rule.id,
        rule_set=found.id,
        field="quiet_days",
        value=days,
        limit=f"≥ {rule.quiet_days}",
        verified=found.sure(rule),
    )
    return days >= rule.quiet_days, finding
