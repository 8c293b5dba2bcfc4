"""Epidemic and warning thresholds of TT 15/2026 (Đ16.1, Đ22.1; domain/rules.md §2.12), compared on exact fractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

from tui_app.rules.findings import Finding
from tui_app.rules.level_parts import Threshold
from tui_app.rules.levels import Answer, Values
from tui_app.rules.rule_set import RuleSet

SAMPLE = "sample"
BASELINE = "baseline_"
"""Before ``month`` or ``week`` in `Answer.missing`: counts of earlier years."""


@dataclass(frozen=True, slots=True)
class YearCount:
    """Cases of the same month or week of an earlier year; ``epidemic``: it is left out of the mean."""

    year: int
    cases: int | None
    epidemic: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and variance of the years that count, exact."""

    mean: Fraction
    variance: Fraction
    years: tuple[int, ...]

    def limit(self, deviations: int) -> float:
        """Mean plus so many standard deviations, for showing."""
        return float(self.mean) + deviations * sqrt(self.variance)

    def reaches(self, number: int, deviations: int, op: str) -> bool:
        """Whether a number is > or ≥ the mean plus so many standard deviations, without rounding."""
        over = number - self.mean
        if over < 0:
            return False
        left, right = over * over, deviations * deviations * self.variance
        return left > right if op == ">" else left >= right


def years_before(year: int, years: int) -> tuple[int, ...]:
    """The years whose counts are needed."""
    return tuple(range(year - years, year))


def spread(counts: Sequence[YearCount], deviation: str) -> Spread | None:
    """Of the years without an epidemic; ``deviation``: sample (n−1) or population (n). None with too few of them."""
    kept = [one for one in counts if not one.epidemic]
    number = len(kept) - 1 if deviation == SAMPLE else len(kept)
    if number < 1 or any(one.cases is None for one in kept):
        return None
    cases = [Fraction(one.cases or 0) for one in kept]
    mean = sum(cases, Fraction(0)) / len(cases)
    variance = sum(((one - mean) ** 2 for one in cases), Fraction(0)) / number
    return Spread(mean, variance, tuple(one.year for one in kept))


def epidemic_threshold(
    rules: RuleSet,
    values: Values,
    baselines: Mapping[str, Sequence[YearCount]],
    years: Mapping[str, int],
    deviation: str,
) -> Answer:
    """``epidemic``, ``warning`` or ``below``.

    ``values``: ``endemic`` (yes or no); ``month_cases``, ``week_cases`` since the 1st and since Monday;
    ``linked_month``, ``linked_week``: of those, the most that belong together; ``baselines``: month and week -> counts
    of earlier years; ``years``: month and week -> the year they lie in, before which the five years are.
    """
    endemic = values.get("endemic")
    if endemic is None:
        return Answer(level=None, missing=("endemic",))
    found: list[Finding] = []
    missing: list[str] = []
    reached: list[str] = []
    for rule in rules.epidemic_threshold:
        if rule.endemic is not bool(endemic):
            continue
        if rule.linked is None:
            known = _usual(rules, rule, values, baselines, years, deviation, missing)
        else:
            known = _linked(rules, rule, values, missing)
        if known is not None:
            found.append(known)
            reached += [rule.outcome] if known.outcome != "below" else []
    if "epidemic" in reached:  # nothing is worse, so what else is missing changes nothing
        return Answer(level="epidemic", findings=tuple(found))
    if missing:
        return Answer(level=None, findings=tuple(found), missing=tuple(dict.fromkeys(missing)))
    return Answer(level=reached[0] if reached else "below", findings=tuple(found))


def _usual(
    rules: RuleSet,
    rule: Threshold,
    values: Values,
    baselines: Mapping[str, Sequence[YearCount]],
    years: Mapping[str, int],
    deviation: str,
    missing: list[str],
) -> Finding | None:
    name = f"{rule.period}_cases"
    number, wanted = values.get(name), years_before(years[rule.period], rule.years)
    counts = [one for one in baselines.get(rule.period, ()) if one.year in wanted]
    of = spread(counts, deviation) if {one.year for one in counts} == set(wanted) else None
    if number is None or of is None:
        missing += [name] * (number is None) + [BASELINE + rule.period] * (of is None)
        return None
    deviations = rule.deviations or 0
    limits = [f"{rule.op} {of.limit(deviations):.2f}"]
    if rule.up_to is not None:
        limits.append(f"≤ {of.limit(rule.up_to):.2f}")
    reached = number > 0 and of.reaches(number, deviations, rule.op)  # no case is nothing to warn of
    said = {name: number, "mean": f"{float(of.mean):.2f}", "years": ", ".join(map(str, of.years))}
    return _finding(rules, rule, name, said, ", ".join(limits), reached)


def _linked(rules: RuleSet, rule: Threshold, values: Values, missing: list[str]) -> Finding | None:
    name, of = f"linked_{rule.period}", f"{rule.period}_cases"
    number, most = values.get(name), values.get(of)
    wanted = rule.linked or 0
    if (
        number is None and most is not None and most < wanted
    ):  # fewer cases than that cannot be that many linked ones
        name, number = of, most
    if number is None:
        missing.append(name)
        return None
    return _finding(rules, rule, name, number, f"≥ {wanted}", number >= wanted)


def _finding(rules: RuleSet, rule: Threshold, field: str, value: Any, limit: str, reached: bool) -> Finding:
    return Finding(
        kind="epidemic_threshold",
        rule=rule.id,
        rule_set=rules.id,
        field=field,
        value=value,
        limit=limit,
        verified=rules.sure(rule),
        outcome=rule.outcome if reached else "below",
    )
