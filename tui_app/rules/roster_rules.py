"""Why something stands on the roster where the house says so, by the set in force on the day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSet, RuleSets
from tui_app.rules.set_parts import RosterRule


class RosterRules:
    """The roster's rules on a day; empty where no set speaks about it."""

    def __init__(self, sets: RuleSets, day: date) -> None:
        self._set: RuleSet | None = sets.part("roster", day)
        self._rules: dict[str, RosterRule] = {rule.id: rule for rule in self._set.roster} if self._set else {}

    def finding(self, rule: str, field: str, value: Any, limit: str = "") -> tuple[Finding, ...]:
        """The judgement by a rule; none where no set has it."""
        found = self._rules.get(rule)
        if self._set is None or found is None:
            return ()
        sure = self._set.sure(found)
        said = Finding(
            kind="roster",
            rule=rule,
            rule_set=self._set.id,
            field=field,
            value=value,
            limit=limit,
            verified=sure,
        )
        return (said,)

    def overdue_from(self, rule: str, due_on: date) -> date | None:
        """The first day on which what was due on a day is overdue; None never."""
        days = self._rules[rule].overdue_days if rule in self._rules else None
        return None if days is None else due_on + timedelta(days=days)

    def look_back(self, rule: str) -> timedelta:
        """How far back before a day the rule looks."""
        return timedelta(days=self._rules[rule].look_back_days if rule in self._rules else 0)
