"""How long a contact (F1) is watched, by the rule of the day they met the case (domain/rules.md §2.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSets


@dataclass(frozen=True, slots=True)
class Watch:
    """``until``: the last day, with the days of watching oneself; ``isolate_until``: the last day of isolation;
    ``test_days``: counted from the last contact; ``finding``: None when no document speaks about that day."""

    until: date | None
    none_any_more: bool
    test_days: tuple[int, ...]
    finding: Finding | None
    isolate_until: date | None = None


def watch(sets: RuleSets, last_met_on: date, protected: bool | None) -> Watch:
    """The watch of a contact. ``protected``: as the rule counts it; None when not known, and then the line with the
    longer isolation holds until it is."""
    found = sets.part("contact_watch", last_met_on)
    rules = [] if found is None else [r for r in found.contact_watch if r.protected in (None, protected)]
    if found is not None and not rules:
        rules = list(found.contact_watch)
    if found is None or not rules:
        return Watch(None, False, (), None)
    rule = max(rules, key=lambda one: (one.isolation_days, one.self_watch_days))
    finding = Finding(
        kind="contact_watch",
        rule=rule.id,
        rule_set=found.id,
        field="protected",
        value=protected,
        limit="" if rule.none_any_more else f"{rule.isolation_days} + {rule.self_watch_days}",
        verified=found.sure(rule),
        outcome="none_any_more" if rule.none_any_more else "isolate",
    )
    if rule.none_any_more:
        return Watch(None, True, (), finding)
    isolate_until = last_met_on + timedelta(days=rule.isolation_days)
    return Watch(
        isolate_until + timedelta(days=rule.self_watch_days), False, rule.test_days, finding, isolate_until
    )
