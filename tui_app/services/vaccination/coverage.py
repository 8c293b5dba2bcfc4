"""Coverage by the plans in force on a day: who has what a target asks, of whom, counted as whole numbers.

A person counts once in a target, whatever makes them belong to it. The plain figure leaves nobody out; where the plan
leaves out the contraindicated, the figure without them is the one that is judged. What is not known is neither in nor
out: an age that may be on both sides of an edge, and doses of which nobody knows enough.

40 000 persons with 90 000 doses: see ``python -m tests.bench --only coverage``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any

from tui_app.rules import coverage as rule
from tui_app.rules.coverage import AgeEdges, Goal
from tui_app.rules.vaccine_day import DayRules
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.vaccination.coverage_people import Group, grouped
from tui_app.services.vaccination.coverage_turns import rule_ages
from tui_app.services.vaccination.denominators import Denominator, denominators

LISTS = ("have", "lack", "unsure", "contraindicated", "postponed", "not_due", "unknown_age")
"""The lists behind a figure. The plain denominator is have, lack and unsure, contraindicated or not."""


@dataclass(frozen=True, slots=True)
class Count:
    """A figure: so many of so many."""

    numerator: int
    denominator: int

    @property
    def percent(self) -> str:
        """As papers round it: one decimal, comma."""
        return rule.percent_words(self.numerator, self.denominator)


class Ids:
    """The persons of a list: counted without being listed, listed when somebody looks."""

    def __init__(self) -> None:
        self._parts: list[list[str]] = []

    def add(self, ids: list[str]) -> None:
        """More persons, none of whom is in it yet."""
        self._parts.append(ids)

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._parts)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A target on a day. ``plain``: nobody left out but who is not due where the plan counts only those who are;
    ``without``: without the contraindicated (and the postponed, where the plan says so); ``typed``: against a
    denominator from elsewhere; ``judged``: the one ``met`` is about; ``ids``: by `LISTS`."""

    goal: Goal
    plain: Count
    without: Count
    typed: Count | None
    denominator: Denominator | None
    ids: Mapping[str, Ids] = field(repr=False)
    areas: Mapping[str, Coverage] = field(default_factory=dict, repr=False)

    @property
    def judged(self) -> Count:
        """The figure of which it is said whether the target is met."""
        target = self.goal.target
        if self.typed is not None:
            return self.typed
        return self.without if target.without_contraindicated else self.plain

    @property
    def met(self) -> bool | None:
        """Whether the target is met, on whole numbers; None where there is none, or nobody to count."""
        target, found = self.goal.target, self.judged
        return rule.met(target.op, target.percent, found.numerator, found.denominator)


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """All targets on a day, plan by plan. ``units``: area -> name, of those counted; ``locked``: units left out because
    they are locked."""

    day: date
    figures: tuple[Coverage, ...]
    units: Mapping[str, str]
    locked: tuple[str, ...]


def coverage(c: Any, day: date, *, by_unit: bool = False, plans_of: date | None = None) -> CoverageReport:
    """What the targets in force on a day come to. ``plans_of``: those of another day, to compare two days.

    Raises NotOpened for a viewer, who gets counts from the server.
    """
    gate.check_role(c)
    wanted, shut = rule.goals(rule_sets(c), plans_of or day), gate.closed(c)
    groups, edges = _groups(c, day, wanted)
    typed = denominators(c)
    units = {row["id"]: row["unit_name"] or row["id"] for row in c.execute("SELECT id, unit_name FROM area")}
    here = {one.key.area for one in groups}
    found = []
    for goal in wanted:
        areas = {}
        if by_unit:
            areas = {
                area: _figure(goal, [one for one in groups if one.key.area == area], edges)
                for area in sorted(here)
            }
        found.append(_figure(goal, groups, edges, typed.get(goal.key), areas))
    return CoverageReport(
        day,
        tuple(found),
        {area: units.get(area, area) for area in here},
        tuple(sorted(units.get(area, area) for area in shut)),
    )


def figures(c: Any, day: date, wanted: Sequence[Goal]) -> list[Coverage]:
    """What other goals than those of the plans come to on a day. Raises NotOpened for a viewer."""
    gate.check_role(c)
    groups, edges = _groups(c, day, wanted)
    return [_figure(goal, groups, edges) for goal in wanted]


def _groups(c: Any, day: date, wanted: Sequence[Goal]) -> tuple[list[Group], AgeEdges]:
    """Everybody of the units that may be opened, in groups of those who are alike for these goals."""
    rules, shut = DayRules.of(rule_sets(c), day), gate.closed(c)
    edges = AgeEdges({*rule_ages(rules), *rule.ages(wanted)}, day)
    return [one for one in grouped(c, rules, edges, wanted) if one.key.area not in shut], edges


def _figure(
    goal: Goal,
    groups: Iterable[Group],
    edges: AgeEdges,
    typed: Denominator | None = None,
    areas: Mapping[str, Coverage] | None = None,
) -> Coverage:
    target = goal.target
    lists = {name: Ids() for name in LISTS}
    plain, without = [0, 0], [0, 0]  # numerator, denominator
    for group in groups:
        key = group.key
        inside = edges.inside(key.passed, target)
        if inside is not True and target.high_risk and key.risk_of(target):
            inside = True
        if inside is None:
            lists["unknown_age"].add(group.ids)
        if not inside:
            continue
        has = key.has(target.dose)
        if target.when_due and has is not True and key.waiting:
            lists["not_due"].add(group.ids)
            continue
        count = len(group.ids)
        plain[0] += count * (has is True)
        plain[1] += count
        lists["have" if has else "unsure" if has is None else "lack"].add(group.ids)
        left_out = key.contraindicated or (target.without_postponed and key.postponed and has is not True)
        if key.contraindicated:
            lists["contraindicated"].add(group.ids)
        elif key.postponed and has is not True:
            lists["postponed"].add(group.ids)
        if not left_out:
            without[0] += count * (has is True)
            without[1] += count
    against = None
    if typed is not None:
        against = Count((without if target.without_contraindicated else plain)[0], typed.count)
    return Coverage(
        goal,
        Count(plain[0], plain[1]),
        Count(without[0], without[1]),
        against,
        typed,
        lists,
        areas or {},
    )
