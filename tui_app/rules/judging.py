"""A reading and the rule sets in force on its day: what they say of it, and what they could not say.

Somebody whose age is a range is judged at each age the range allows. What is found at all of them is certain; what is
found at some of them is listed as unsure, and nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date

from tui_app.rules.age import Age, age_on
from tui_app.rules.condition import Answer, answer
from tui_app.rules.findings import Finding, Judgement, Reading
from tui_app.rules.held import OLDEST_MONTHS
from tui_app.rules.readings import ReadingInputs, counted_spo2, day_of, valid_repeat
from tui_app.rules.rule_set import JUDGED, RuleSet, RuleSets, by_outcome
from tui_app.rules.set_parts import Line, RepeatedSpo2

MEASUREMENT = "measurement"
"""A finding that only says which of two values counted."""


def judge(
    reading: Reading, sets: RuleSets, *, only: str | None = None, kinds: Collection[str] | None = None
) -> Judgement:
    """What the sets in force on the day of the reading say of it.

    ``only``: the id of a set that judges alone, whatever the day; ``kinds``: those of `JUDGED` that are asked for.
    Raises NotFound for an unknown set.
    """
    day = day_of(reading)
    age = age_on(day, reading.birth_date, reading.birth_year)
    forced = None if only is None else sets.get(only)
    repeat = repeat_rule(sets, day)
    heard = _Heard()
    for kind in JUDGED:
        if kinds is None or kind in kinds:
            judging = sets.in_force(kind, day, age) if forced is None else (forced,)
            parts = [
                _judged_at(kind, months, reading, day, repeat, sets, judging, forced is None)
                for months in _ages(age, judging)
            ]
            heard.take(kind, parts)
    if repeat and repeat[1] and reading.spo2_repeat is not None:
        heard.findings.insert(0, _which_spo2(reading, *repeat))
    if age is None:
        heard.missing["birth_date"] = None
    return Judgement(
        age=age, findings=tuple(heard.findings), missing=tuple(heard.missing), unsure=tuple(heard.unsure)
    )


Repeat = tuple[RuleSet, RepeatedSpo2]


def repeat_rule(sets: RuleSets, day: date) -> Repeat | None:
    """What counts of an SpO2 that was measured twice on a day, and the set that says so."""
    found = sets.part("repeated_spo2", day)
    return None if found is None or found.repeated_spo2 is None else (found, found.repeated_spo2)


def _ages(age: Age | None, judging: tuple[RuleSet, ...]) -> list[int]:
    """One age in months for each stretch of the range in which no rule changes."""
    low, high = (0, OLDEST_MONTHS) if age is None else (age.low_months, age.high_months)
    if low == high:
        return [low]
    edges = {edge for one in judging for edge in one.edges if low < edge <= high}
    return [low, *sorted(edges)]


@dataclass(slots=True)
class _Part:
    """What was found at one age. ``missing``: inputs."""

    findings: list[Finding] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Heard:
    findings: list[Finding] = field(default_factory=list)
    missing: dict[str, None] = field(default_factory=dict)
    unsure: dict[str, None] = field(default_factory=dict)

    def take(self, kind: str, parts: list[_Part]) -> None:
        """What is true at every age is found; what is true at some is not said."""
        for part in parts:
            self.missing |= dict.fromkeys(part.missing)
        exact = _in_every([{_exact(finding) for finding in part.findings} for part in parts])
        broad = _in_every([{_broad(finding) for finding in part.findings} for part in parts])
        broad -= {_broad_of(key) for key in exact}
        known: set[tuple[str, str]] = set()
        for part in parts:
            for finding in part.findings:
                name = (finding.rule_set, finding.rule)
                if _exact(finding) not in exact and _broad(finding) not in broad:
                    self.unsure["/".join(name)] = None
                elif name not in known:
                    known.add(name)
                    self.findings.append(finding)


Key = tuple[str, str, str, str]


def _in_every(keys: list[set[Key]]) -> set[Key]:
    return set.intersection(*keys) if keys else set()


def _exact(finding: Finding) -> Key:
    """What a finding says, whichever line of whichever set says it."""
    return finding.kind, finding.outcome, finding.field, str(finding.value)


def _broad(finding: Finding) -> Key:
    return _broad_of(_exact(finding))


def _broad_of(key: Key) -> Key:
    """What follows, whatever decided it: a danger sign by this input, a grade."""
    kind, outcome, field_name, _ = key
    return kind, outcome, field_name if kind == "danger_sign" else "", ""


def _judged_at(
    kind: str,
    months: int,
    reading: Reading,
    day: date,
    repeat: Repeat | None,
    sets: RuleSets,
    judging: tuple[RuleSet, ...],
    dated: bool,
) -> _Part:
    inputs = ReadingInputs(reading, months, day, counted_spo2(reading, repeat[1] if repeat else None))
    part = _Part()
    for one in judging:
        if sets.covers(one, kind, months, day if dated else None):
            lines = [line for line in one.lines(kind) if _of_age(line, months)]
            _WAYS[kind](one, kind, lines, inputs, part)
    return part


def _of_age(line: Line, months: int) -> bool:
    return line.from_months <= months and (line.below_months is None or months < line.below_months)


def _any_sign(one: RuleSet, kind: str, lines: list[Line], inputs: ReadingInputs, part: _Part) -> None:
    """Each line that holds is a finding of its own."""
    for line in lines:
        found = answer(line.when, inputs, one.facts)
        part.missing += found.missing
        if found.holds:
            part.findings.append(finding(kind, one, line, found))


def _all_criteria(one: RuleSet, kind: str, lines: list[Line], inputs: ReadingInputs, part: _Part) -> None:
    """Every line has to hold; those that do not are the reasons."""
    answers = [(line, answer(line.when, inputs, one.facts)) for line in lines]
    for line, found in answers:
        part.missing += found.missing
        if found.holds is False:
            part.findings.append(finding(kind, one, line, found, outcome="not_eligible"))
    if lines and all(found.holds for _, found in answers):
        part.findings.append(
            Finding(
                kind=kind,
                rule="all_criteria",
                rule_set=one.id,
                field="criteria",
                value=[line.id for line in lines],
                limit=f"{len(lines)}/{len(lines)}",
                verified=all(one.sure(line) for line in lines),
                outcome="eligible",
            )
        )


def _worst_first(one: RuleSet, kind: str, lines: list[Line], inputs: ReadingInputs, part: _Part) -> None:
    """The worst grade one of whose lines holds. A mild one is said only when every worse one is ruled out."""
    ruled_out = True
    for outcome, several in by_outcome(lines).items():
        answers = [(line, answer(line.when, inputs, one.facts)) for line in several]
        for _, found in answers:
            part.missing += found.missing
        holding = [(line, found) for line, found in answers if found.holds and (ruled_out or line.or_worse)]
        if holding:
            part.findings += [finding(kind, one, line, found, outcome=outcome) for line, found in holding]
            return
        ruled_out = ruled_out and all(found.holds is not None or line.optional for line, found in answers)


_WAYS = {
    "danger_sign": _any_sign,
    "eligibility": _all_criteria,
    "severity": _worst_first,
    "risk_class": _worst_first,
}


def finding(kind: str, one: RuleSet, line: Line, found: Answer, *, outcome: str = "") -> Finding:
    """A line's answer as it is kept: the input that decided, or all of them where several did."""
    values = {because.field: because.value for because in found.because}
    limits = dict.fromkeys(because.limit for because in found.because)
    return Finding(
        kind=kind,
        rule=line.id,
        rule_set=one.id,
        field=", ".join(values),
        value=next(iter(values.values())) if len(values) == 1 else values,
        limit=line.printed or ", ".join(limits),
        verified=one.sure(line),
        outcome=outcome or line.outcome,
    )


def _which_spo2(reading: Reading, one: RuleSet, rule: RepeatedSpo2) -> Finding:
    valid = valid_repeat(reading, rule)
    return Finding(
        kind=MEASUREMENT,
        rule="repeated_spo2",
        rule_set=one.id,
        field=counted_spo2(reading, rule)[0],
        value={
            "spo2": reading.spo2,
            "spo2_repeat": reading.spo2_repeat,
            "spo2_repeat_after": reading.spo2_repeat_after,
        },
        limit=f"{rule.from_seconds}–{rule.to_seconds} s",
        verified=one.sure(rule),
        outcome="repeat_counts" if valid else "repeat_does_not_count",
    )


def findings_of(judgement: Judgement, kind: str) -> Iterator[Finding]:
    """The findings of a kind."""
    return (found for found in judgement.findings if found.kind == kind)
