"""What must fit together in the parts of a rule set about vaccination, besides their shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tui_app.rules.set_text import Step

if TYPE_CHECKING:
    from tui_app.rules.rule_set import RuleSet

Found = tuple[tuple[Step, ...], str, dict[str, Any]]
Ages = Callable[[Any, tuple[Step, ...]], Iterator[Found]]

_BANDED = ("programme", "additional_dose", "booster_dose", "after_infection", "coverage")
_LIMITS = {
    "basic_doses": (1, 9),
    "basic_days": (1, 365),
    "months": (0, 60),
    "days": (0, 730),
    "percent": (0, 100),
}


def problems(found: RuleSet, ages: Ages) -> Iterator[Found]:
    """Empty age bands, numbers out of range, intervals that say no time or two, targets without a limit."""
    for table in _BANDED:
        for number, part in enumerate(getattr(found, table)):
            yield from ages(part, (table, number))
    for table in (*_BANDED, "vaccine"):
        for number, part in enumerate(getattr(found, table)):
            yield from _limits(part, (table, number))
    for table in ("additional_dose", "booster_dose"):
        for number, rule in enumerate(getattr(found, table)):
            if (rule.months is None) == (rule.days is None):
                yield (table, number), "rules.one_interval", {}
    for number, target in enumerate(found.coverage):
        if (target.op is None) != (target.percent is None):
            yield ("coverage", number, "op"), "rules.field_missing", {"name": "op, percent"}
        if target.risk_groups and not target.high_risk:
            yield ("coverage", number, "risk_groups"), "rules.field_missing", {"name": "high_risk"}


def _limits(part: Any, path: tuple[Step, ...]) -> Iterator[Found]:
    for name, (low, high) in _LIMITS.items():
        value = getattr(part, name, None)
        if value is not None and not low <= value <= high:
            params = {"name": name, "limit": str(value), "low": str(low), "high": str(high)}
            yield (*path, name), "rules.limit_outside", params
