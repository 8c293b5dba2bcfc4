"""When a report is due (domain/rules.md §1.5), by the rule set in force on the last day it is about."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSets


def due(sets: RuleSets, kind: str, last_day: date, zone: tzinfo) -> tuple[datetime, Finding] | None:
    """The moment (aware, in ``zone``) at which a report of a kind is due, and why; None when no document says."""
    for found in sets.in_force("report_due", last_day):
        for rule in found.report_due:
            if rule.kind == kind:
                moment = datetime.combine(last_day + timedelta(days=rule.days_after), rule.at, zone)
                finding = Finding(
                    kind="report_due",
                    rule=rule.id,
                    rule_set=found.id,
                    field="ended_on",
                    value=last_day.isoformat(),
                    limit=f"{rule.at:%H:%M} +{rule.days_after}",
                    verified=found.sure(rule),
                )
                return moment, finding
    return None
