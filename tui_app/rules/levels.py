"""Scenario, epidemic level and colour of a commune (domain/rules.md §1.4, §2.10), on whole numbers.

An input that is missing is never taken for a low one: the answer is then None and says what is missing. The one
exception is logic, not courage: what is already as bad as can be stays so whatever the missing one would say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from tui_app.rules.coverage import met
from tui_app.rules.findings import Finding
from tui_app.rules.level_parts import Band, Capacity, DeathTarget, LevelNeed
from tui_app.rules.parts import Part
from tui_app.rules.rule_set import RuleSet

LIMITS = "limits_"
"""Before the name of an input in `Answer.missing`: nobody knows the cut points."""
POPULATION = "population"

Values = Mapping[str, Any]
"""Inputs by name, None or absent where missing: whole numbers, yes or no, shares as (numerator, denominator)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """``level``: a code, None where it cannot be worked out; ``findings``: what it rests on, the deciding one last;
    ``missing``: inputs it lacks."""

    level: str | None
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()


def rate(count: int, population: int, per: int, weeks: int = 1) -> Fraction:
    """So many of each ``per`` inhabitants and week, exact. Raises ZeroDivisionError without inhabitants."""
    return Fraction(count * per, population * weeks)


def band_of(bands: Sequence[Band], number: int | Fraction) -> Band:
    """The step a number lies on. Raises LookupError when none fits, which a checked rule set has not."""
    for band in bands:
        if _begins(band, number) and _not_ended(band, number):
            return band
    raise LookupError(str(number))


def _begins(band: Band, number: int | Fraction) -> bool:
    if band.above is not None:
        return number > band.above
    return band.at_least is None or number >= band.at_least


def _not_ended(band: Band, number: int | Fraction) -> bool:
    if band.below is not None:
        return number < band.below
    return band.at_most is None or number <= band.at_most


def printed(band: Band) -> str:
    """The ends of a band, as ``≥ 20, < 50``."""
    ends = (("≥", band.at_least), (">", band.above), ("≤", band.at_most), ("<", band.below))
    return ", ".join(f"{sign} {end}" for sign, end in ends if end is not None)


def scenario(rules: RuleSet, values: Values) -> Answer:
    """The response scenario by active cases (S2 §II.1.1)."""
    bands = rules.response_scenario
    names = dict.fromkeys(band.input for band in bands)
    lacks = tuple(name for name in names if values.get(name) is None)
    if lacks:
        return Answer(level=None, missing=lacks)
    found = [band_of([one for one in bands if one.input == name], values[name]) for name in names]
    worst = max(found, key=lambda band: [one.outcome for one in bands].index(band.outcome))
    count = values[worst.input]
    return Answer(
        level=worst.outcome,
        findings=(
            _finding(rules, worst, "response_scenario", worst.input, count, printed(worst), worst.outcome),
        ),
    )


def epidemic_level(rules: RuleSet, day: date, values: Values, before: str | None = None) -> Answer:
    """The level of QĐ 4800 or QĐ 218 on a day. ``before``: the level in force until then, for the rule that forbids
    lowering it; None where there was none, so that nothing can be lowered."""
    of = _Judging(rules, values)
    step = of.transmission()
    needs = {need.id: of.has(need) for need in rules.level_need if need.asked(day)}
    if of.lacks or step is None:
        return Answer(level=None, findings=tuple(of.found), missing=tuple(dict.fromkeys(of.lacks)))
    grade = next(one for one in rules.response if all(needs[name] for name in one.needs if name in needs))
    levels = sorted({level for one in rules.response for level in one.levels})
    level = grade.levels[step]
    of.find(grade, "epidemic_level", "response", grade.id, "", level)
    for rule in rules.level_rule:
        if all(needs.get(name, True) for name in rule.needs):
            continue
        if rule.effect == "raise":
            raised = levels[min(levels.index(level) + rule.by, len(levels) - 1)]
        else:
            raised = max(level, before or level)
        if raised != level or rule.effect == "raise":
            of.find(rule, "epidemic_level", rule.effect, before or level, "", raised)
        level = raised
    return Answer(level=level, findings=tuple(of.found))


@dataclass(slots=True)
class _Judging:
    """What is gathered on the way to a level. ``found``: the lines it rests on; ``lacks``: the inputs it misses."""

    rules: RuleSet
    values: Values
    found: list[Finding] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)

    def find(self, part: Part, kind: str, name: str, value: Any, limit: str, outcome: str) -> None:
        self.found.append(_finding(self.rules, part, kind, name, value, limit, outcome))

    def transmission(self) -> int | None:
        """How far down the matrix: the worst of the numbers. One on the last step decides whatever the others say."""
        bands = self.rules.transmission
        steps = list(dict.fromkeys(band.outcome for band in bands if band.outcome))
        worst: list[int] = []
        lacks: list[str] = []
        population = self.values.get(POPULATION)
        for name in dict.fromkeys(band.input for band in bands):
            count = self.values.get(name)
            lacks += [name] * (count is None) + [POPULATION] * (not population)
            if count is None or not population:
                continue
            band, number = _step([one for one in bands if one.input == name], count, population)
            if not band.outcome:
                lacks.append(LIMITS + name)
                continue
            said = {name: count, POPULATION: population, "rate": rounded(number)}
            self.find(band, "transmission", name, said, printed(band), band.outcome)
            worst.append(steps.index(band.outcome))
        if worst and max(worst) == len(steps) - 1:
            return max(worst)
        self.lacks += lacks
        return max(worst) if worst and not lacks else None

    def has(self, need: LevelNeed) -> bool | None:
        """Whether a commune has what is asked of it."""
        value: Any = self.values.get(need.id)
        has = value if need.dose is None or value is None else met(need.op, need.percent, *value)
        if has is None:
            self.lacks.append(need.id)
            return None
        said: Any = value if need.dose is None else f"{value[0]}/{value[1]}"
        limit = "" if need.op is None else f"{need.op} {need.percent} %"
        self.find(need, "level_need", need.id, said, limit, "met" if has else "not_met")
        return bool(has)


def _step(bands: Sequence[Band], count: int, population: int) -> tuple[Band, Fraction]:
    """The step of a count and the number compared: of so many inhabitants and week, or a week where it says no more."""
    of, weeks = bands[0].per, bands[0].weeks
    number = rate(count, population, of, weeks) if of else Fraction(count, weeks)
    return band_of(bands, number), number


def commune_colour(rules: RuleSet, values: Values) -> Answer:
    """The risk of a commune: as ``published`` by the province, raised by ``border_raise`` levels where it is a border
    commune or next to one (``border``). Nothing can be milder than published."""
    order = [colour.outcome for colour in rules.commune_colour]
    published, border, by = values.get("published"), values.get("border"), values.get("border_raise")
    if published not in order:
        return Answer(level=None, missing=("published",))
    colour = rules.commune_colour[order.index(published)]
    found = [_finding(rules, colour, "commune_risk_colour", "published", published, "", published)]
    if border is None:
        return Answer(level=None, findings=tuple(found), missing=("border",))
    if not border or not by:
        return Answer(level=published, findings=tuple(found))
    rule = next((one for one in rules.colour_raise if one.at_least <= by <= one.at_most), None)
    if rule is None:
        return Answer(level=None, findings=tuple(found), missing=("border_raise",))
    raised = order[min(order.index(published) + by, len(order) - 1)]
    limit = f"{rule.at_least}–{rule.at_most}"
    found.append(_finding(rules, rule, "commune_risk_colour", "border_raise", by, limit, raised))
    return Answer(level=raised, findings=tuple(found))


def required_households(rule: Capacity, households: int) -> int:
    """How many households with cases a ward must be able to care for, rounded up (S1 §I.2.3)."""
    return -(-households * rule.households // rule.per)


def care_capacity(rules: RuleSet, values: Values) -> Answer:
    """Whether a ward can care for as many ``households`` as it must; ``care_capacity``: how many it can."""
    rule = rules.care_capacity[0]
    households, able = values.get("households"), values.get("care_capacity")
    if households is None:
        return Answer(level=None, missing=("households",) + ("care_capacity",) * (able is None))
    required = required_households(rule, households)
    outcome = None if able is None else "met" if able >= required else "not_met"
    said = {"care_capacity": "?" if able is None else able, "households": households}
    finding = _finding(
        rules, rule, "care_capacity", "care_capacity", said, f"≥ {required}", outcome or "missing"
    )
    return Answer(level=outcome, findings=(finding,), missing=("care_capacity",) * (able is None))


def death_target(rules: RuleSet, values: Values) -> Answer:
    """Whether deaths of seven days stay under the target (S1 §I.2.2); the count stands beside the rate."""
    rule: DeathTarget = rules.death_target[0]
    deaths, population = values.get("deaths"), values.get(POPULATION)
    if deaths is None or not population:
        lacks = ("deaths",) * (deaths is None) + (POPULATION,) * (not population)
        return Answer(level=None, missing=lacks)
    number = rate(deaths, population, rule.per)
    outcome = "met" if number < rule.below else "not_met"
    said = {"deaths": deaths, POPULATION: population, "rate": rounded(number)}
    return Answer(
        level=outcome,
        findings=(_finding(rules, rule, "death_target", "deaths", said, f"< {rule.below}", outcome),),
    )


def rounded(number: Fraction) -> float:
    """Two decimals, half up, for showing only: no limit is compared with it."""
    return int(number * 100 + Fraction(1, 2)) / 100


def _finding(
    rules: RuleSet, part: Part, kind: str, field: str, value: Any, limit: str, outcome: str
) -> Finding:
    ident: str = part.id  # type: ignore[attr-defined]
    return Finding(
        kind=kind,
        rule=ident,
        rule_set=rules.id,
        field=field,
        value=value,
        limit=limit,
        verified=rules.sure(part),
        outcome=outcome,
    )
