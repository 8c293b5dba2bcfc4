"""Who is at risk on a day: by age, ethnic code, conditions and what else is written (domain/rules.md §1.1, §1.2).

A list of a ward asks this of everybody: what a day changes is worked out once (`DayRules`), and a person's groups are
bits of one number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from tui_app.rules.age import AgeEdge
from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSet, RuleSets
from tui_app.rules.set_parts import EnoughDoses, RiskRule

ELDERLY, UNVACCINATED, LIVES_WITH, CARER = (
    "elderly",
    "unvaccinated",
    "lives_with_risk",
    "carer_of_risk",
)


def counts_on(
    day: date,
    started_on: str | None,
    ended_on: str | None,
    max_days: int | None = None,
    written_on: str | None = None,
) -> bool | None:
    """Whether a row of a group counts on a day: from its first day on, and no more on the day it ends.

    None when it has no end and is older than ``max_days``, by the day it was ``written_on`` where it has no first day
    (a list that gave none): somebody has to ask again.
    """
    today = day.isoformat()
    if (started_on is not None and started_on > today) or (ended_on is not None and ended_on <= today):
        return False
    since = started_on or written_on
    if ended_on is None and max_days is not None and since is not None:
        return None if date.fromisoformat(since) + timedelta(days=max_days) < day else True
    return True


@dataclass(frozen=True, slots=True)
class Facts:
    """What is written about a person. ``conditions``: without restricted ones; ``doses``: of vaccine, None for not
    known; ``groups``: those of rows that count on the day."""

    birth_date: str | None = None
    birth_year: int | None = None
    ethnicity: str | None = None
    conditions: frozenset[str] = frozenset()
    mobility_limited: bool | None = None
    doses: int | None = None
    groups: frozenset[str] = frozenset()


class Aged(NamedTuple):
    """``groups``, ``unsure``: bits of the ages reached, and of those that cannot be known; ``doses``: how many are
    enough, None where no document speaks of the age or it is not known."""

    groups: int
    unsure: int
    doses: int | None


class _ByYear(dict[int | None, Aged]):
    """The same for a birth year alone, worked out once a year."""

    def __init__(self, make: Callable[[int | None], Aged]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, year: int | None) -> Aged:
        found = self[year] = self._make(year)
        return found


@dataclass
class DayRules:
    """The rules in force on a day, with a bit for each group. ``core``: the groups of persons at risk; an age that is
    only a flag and what follows from others (co-residents, carers) are not among them."""

    day: date
    rules: tuple[tuple[RuleSet, RiskRule], ...]
    enough: tuple[tuple[EnoughDoses, AgeEdge, AgeEdge | None], ...]
    edges: tuple[tuple[RiskRule, AgeEdge], ...]
    bits: dict[str, int] = field(default_factory=dict)
    core: int = 0

    @staticmethod
    def on(sets: RuleSets, day: date) -> DayRules:
        """Those of all sets that speak about risk groups on ``day``."""
        held = sets.in_force("risk_group", day)
        rules = tuple((one, rule) for one in held for rule in one.risk_rule)
        dosing = sets.part("enough_doses", day)
        made = DayRules(
            day,
            rules,
            tuple(
                (
                    rule,
                    AgeEdge.of(rule.from_years, day),
                    None if rule.below_years is None else AgeEdge.of(rule.below_years, day),
                )
                for rule in (dosing.enough_doses if dosing else ())
            ),
            tuple((rule, AgeEdge.of(rule.from_years or 0, day)) for _, rule in rules if rule.by == "age"),
        )
        made.core |= made.bit(ELDERLY)
        for _, rule in rules:
            bit = made.bit(rule.group)
            if rule.by in ("conditions", "ethnicity", "mobility", "membership"):
                made.core |= bit
        return made

    def bit(self, group: str) -> int:
        """The bit of a group; a new one for a group not met before."""
        if group not in self.bits:
            self.bits[group] = 1 << len(self.bits)
        return self.bits[group]

    def mask(self, groups: Iterable[str]) -> int:
        """The bits of groups; one nobody is in has none."""
        found = 0
        for group in groups:
            found |= self.bits.get(group, 0)
        return found

    def written(self, group: str) -> int:
        """The bit of a group somebody put a person into: of list A or the place's own, it makes a person at risk."""
        bit = self.bit(group)
        self.core |= bit
        return bit

    def codes(self, mask: int) -> tuple[str, ...]:
        """The groups of a mask."""
        return tuple(code for code, bit in self.bits.items() if mask & bit)

    def aged(self, birth_date: str | None, birth_year: int | None) -> Aged:
        """What an age brings on the day."""
        if birth_date is None:
            return self._of_years[birth_year]
        return self._between[bisect_left(self._turns, birth_date)]

    @cached_property
    def _turns(self) -> list[str]:
        """The births at which something changes, sorted; between two of them everybody is the same."""
        ends = [edge for _, begin, end in self.enough for edge in (begin, end) if edge is not None]
        return sorted({self.day.isoformat(), *(edge.latest for edge in (*ends, *(e for _, e in self.edges)))})

    @cached_property
    def _between(self) -> list[Aged]:
        return [self._aged(birth, None) for birth in (*self._turns, "9999-12-31")]

    @cached_property
    def _of_years(self) -> _ByYear:
        return _ByYear(lambda year: self._aged(None, year))

    def _aged(self, birth_date: str | None, birth_year: int | None) -> Aged:
        reached = unsure = 0
        for rule, edge in self.edges:
            answer = edge.reached(birth_date, birth_year)
            bit = self.bits[rule.group] | (self.bits[ELDERLY] if rule.elderly else 0)
            if answer:
                reached |= bit
            elif answer is None:
                unsure |= bit
        wanted = {
            rule.doses
            for rule, begin, end in self.enough
            if begin.reached(birth_date, birth_year) is not False
            and (end is None or end.reached(birth_date, birth_year) is not True)
        }
        return Aged(reached, unsure, wanted.pop() if len(wanted) == 1 else None)

    def groups(self, facts: Facts) -> tuple[int, int]:
        """Bits of the groups the rules put a person into, and of those that cannot be known."""
        aged = self.aged(facts.birth_date, facts.birth_year)
        found, unsure = aged.groups, aged.unsure
        for _, rule in self.rules:
            if rule.by == "age":
                continue
            answer = _belongs(rule, facts)
            if answer:
                found |= self.bits[rule.group]
            elif answer is None:
                unsure |= self.bits[rule.group]
        return found, unsure

    @cached_property
    def unverified(self) -> frozenset[str]:
        """The groups a rule puts somebody into that nobody read in its document."""
        doubtful = [rule for one, rule in self.rules if rule.by != "membership" and not one.sure(rule)]
        return frozenset(rule.group for rule in doubtful) | {ELDERLY for rule in doubtful if rule.elderly}

    def max_days(self) -> Mapping[str, int]:
        """How long a row of a group counts without an end, where a rule says so."""
        return {rule.group: rule.max_days for _, rule in self.rules if rule.max_days is not None}

    def findings(self, facts: Facts) -> list[tuple[str, bool | None, Finding]]:
        """Each group a rule puts a person into or cannot decide: the group, whether, and by which rule and input."""
        found: list[tuple[str, bool | None, Finding]] = []
        for one, rule in self.rules:
            if rule.by == "age":
                edge = next(edge for known, edge in self.edges if known is rule)
                answer = edge.reached(facts.birth_date, facts.birth_year)
            else:
                answer = _belongs(rule, facts)
            if answer is not False:
                found.append((rule.group, answer, finding(one, rule, facts, answer)))
        return found

    def rule_by(self, by: str) -> tuple[RuleSet, RiskRule] | None:
        """The first rule of a kind."""
        return next(((one, rule) for one, rule in self.rules if rule.by == by), None)


def finding(one: RuleSet, rule: RiskRule, facts: Facts, answer: bool | None, value: object = None) -> Finding:
    """A rule and its input as every judgement keeps them. ``value``: the input, where the facts do not hold it."""
    field_name, given, limit = _input(rule, facts)
    return Finding(
        kind="risk_group",
        rule=rule.id,
        rule_set=one.id,
        field=field_name,
        value=given if value is None else value,
        limit=limit,
        verified=one.sure(rule),
        outcome="unsure" if answer is None else "",
    )


def _belongs(rule: RiskRule, facts: Facts) -> bool | None:
    match rule.by:
        case "conditions":
            return bool(facts.conditions & set(rule.codes) if rule.codes else facts.conditions)
        case "ethnicity":
            return facts.ethnicity is not None and facts.ethnicity not in rule.without
        case "mobility":
            return facts.mobility_limited is True
        case "unvaccinated":
            if rule.of_group not in facts.groups:
                return False
            return None if facts.doses is None else facts.doses == 0
        case _:
            return False


def _input(rule: RiskRule, facts: Facts) -> tuple[str, object, str]:
    match rule.by:
        case "age":
            name = "birth_date" if facts.birth_date else "birth_year"
            return name, facts.birth_date or facts.birth_year, f"≥ {rule.from_years}"
        case "conditions":
            return "conditions", sorted(facts.conditions), ""
        case "ethnicity":
            return "ethnicity", facts.ethnicity, f"≠ {', '.join(rule.without)}"
        case "mobility":
            return "mobility_limited", facts.mobility_limited, ""
        case "unvaccinated":
            return "reported_doses", facts.doses, "0"
        case "carer":
            return "carer", None, ""
        case _:
            return "household", None, ""
