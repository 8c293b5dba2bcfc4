"""Where the danger signs of a day begin for one vital sign, so that a chart can draw them as lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tui_app.rules.age import Age
from tui_app.rules.condition import Condition
from tui_app.rules.rule_set import RuleSet, RuleSets
from tui_app.rules.set_parts import Line


@dataclass(frozen=True, slots=True)
class Limit:
    """``op``, ``value``: as the document prints it; ``rule``, ``rule_set``: whose it is; ``verified``: whether somebody
    read it there."""

    op: str
    value: float
    rule: str
    rule_set: str
    verified: bool


def danger_limits(sets: RuleSets, field: str, day: date, age: Age | None) -> tuple[Limit, ...]:
    """The limits of a vital sign that make a danger sign by themselves on a day, at every age the patient may have."""
    return tuple(
        Limit(part.op, part.limit, line.id, one.id, one.sure(line))
        for one in sets.in_force("danger_sign", day, age)
        for line in one.danger_sign
        if _may_be(line, age)
        for part in _alone(line.when, one)
        if part.field == field and part.op is not None and part.limit is not None
    )


def _may_be(line: Line, age: Age | None) -> bool:
    if age is None:
        return True
    return line.from_months <= age.high_months and (
        line.below_months is None or age.low_months < line.below_months
    )


def _alone(condition: Condition, one: RuleSet) -> Iterator[Condition]:
    """The parts that decide by themselves: not those that need others beside them."""
    if condition.fact:
        yield from _alone(one.facts[condition.fact], one)
    elif condition.any and condition.at_least == 1:
        for part in condition.any:
            yield from _alone(part, one)
    elif not condition.parts:
        yield condition
