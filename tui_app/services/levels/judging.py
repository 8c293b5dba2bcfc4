"""Every scale judged for the commune on a day, with its inputs, what is missing and the level in force before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.errors import NotFound
from tui_app.records.levels import LevelScale
from tui_app.rules import level_thresholds, levels
from tui_app.rules.findings import Finding
from tui_app.rules.level_thresholds import BASELINE
from tui_app.rules.levels import Answer
from tui_app.rules.rule_set import RuleSet, RuleSets
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.levels.baselines import period_of, year_counts
from tui_app.services.levels.counting import shares
from tui_app.services.levels.history import Kept, in_force
from tui_app.services.levels.inputs import Input, Origin, read_input
from tui_app.services.levels.typed import DISTRICT_CASES, InputKind, rhythm, typed
from tui_app.services.station.station_place import station_place
from tui_app.services.station.station_values import (
    DEVIATION,
    LEVEL_RHYTHM,
    SCENARIO_UNIT,
    StationValue,
    choice,
)

CARE_CAPACITY, DEATH_TARGET = "care_capacity", "death_target"
SCALES = (*(scale.value for scale in LevelScale), CARE_CAPACITY, DEATH_TARGET)
"""What is judged. The last two are targets that are met or not; they have no history of levels."""
DISTRICT = "district"
"""``subject`` of a scenario that counts a district."""
NO_RULES = "rule_set"
"""In `Judged.missing`: no document in force on the day speaks about it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A scale on a day. ``level``: None where it cannot be worked out; ``missing``: what it lacks; ``choices``: of the
    station, that it depends on; ``before``, ``now``: the level in force until then, and the one set for the day;
    ``due_on``: by when an epidemic level is to be set again, None where it never was or nothing asks for it."""

    scale: str
    subject: str
    day: date
    level: str | None
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    inputs: tuple[Input, ...]
    rules: RuleSet | None
    choices: tuple[StationValue, ...] = ()
    before: Kept | None = None
    now: Kept | None = None
    due_on: date | None = None

    @property
    def verified(self) -> bool:
        """Whether its set and every line it rests on were read in the document."""
        return (self.rules is None or self.rules.verified) and all(one.verified for one in self.findings)


def judge(c: Any, day: date, scale: str, *, asked: str = "") -> Judged:
    """A scale by the set in force on the day, or by ``asked``. Only the chief's laptop holds the whole commune.

    Raises NotOpened; NotFound for a set that there is not, or that does not speak about the scale; KeyError for
    another scale.
    """
    gate.check_chief(c, "levels.chief_only", "level_assessment")
    sets = rule_sets(c)
    rules = sets.get(asked) if asked else sets.part(scale, day)
    if rules is not None and scale not in {cover.subject for cover in rules.covers}:
        raise NotFound("levels.set_of_another", id=rules.id, scale=scale)
    of = _Judging(c, sets, rules, day, scale, subject_of(c, scale, day))
    return of.done(None, {}) if rules is None else _JUDGING[scale](of, rules)


def judge_all(c: Any, day: date) -> tuple[Judged, ...]:
    """All `SCALES`. Raises NotOpened."""
    return tuple(judge(c, day, scale) for scale in SCALES)


def subject_of(c: Any, scale: str, day: date) -> str:
    """Whose level it is: the commune's code, or `DISTRICT` for a scenario where the station counts a district."""
    if scale == LevelScale.RESPONSE_SCENARIO and choice(c, SCENARIO_UNIT, day).value == DISTRICT:
        return DISTRICT
    return station_place(c).commune


@dataclass(slots=True)
class _Judging:
    """What the functions below share."""

    c: Any
    sets: RuleSets
    rules: RuleSet | None
    day: date
    scale: str
    subject: str

    def inputs(self, names: Sequence[str], weeks: int = 1, counted: Any = None) -> dict[str, Input]:
        return {name: read_input(self.c, self.sets, name, self.day, weeks, counted) for name in names}

    def done(
        self,
        answer: Answer | None,
        inputs: Mapping[str, Input],
        choices: Sequence[StationValue] = (),
        names: Mapping[str, str] | None = None,
    ) -> Judged:
        """``names``: input of the rule -> as it is typed in."""
        missing = answer.missing if answer is not None else (NO_RULES,)
        before, now = in_force(self.c, self.scale, self.subject, self.day)
        last = now or before
        due = None
        if last is not None and self.rules is not None and self.scale == LevelScale.EPIDEMIC_LEVEL:
            due = last.day + rhythm(self.c, self.day)
        return Judged(
            self.scale,
            self.subject,
            self.day,
            answer.level if answer else None,
            answer.findings if answer else (),
            tuple((names or {}).get(name, name) for name in missing),
            tuple(inputs.values()),
            self.rules,
            tuple(choices),
            before,
            now,
            due,
        )


def _values(inputs: Mapping[str, Input]) -> dict[str, Any]:
    return {name: one.value for name, one in inputs.items()}


def _scenario(of: _Judging, rules: RuleSet) -> Judged:
    unit = choice(of.c, SCENARIO_UNIT, of.day)
    name = DISTRICT_CASES if unit.value == DISTRICT else "active_cases"
    inputs = {"active_cases": of.inputs([name])[name]}
    return of.done(levels.scenario(rules, _values(inputs)), inputs, (unit,), {"active_cases": name})


def _epidemic_level(of: _Judging, rules: RuleSet) -> Judged:
    often = choice(of.c, LEVEL_RHYTHM, of.day)
    inputs: dict[str, Input] = {}
    for band in rules.transmission:
        if band.input not in inputs:
            inputs |= of.inputs([band.input], band.weeks)
    inputs |= of.inputs([levels.POPULATION])
    needs = [need for need in rules.level_need if need.asked(of.day)]
    told = {need.id: typed(of.c, need.id, InputKind.SHARE, of.day) for need in needs if need.dose}
    counted = shares(of.c, rules, [need for need in needs if need.dose and not told[need.id]], of.day)
    inputs |= of.inputs([need.id for need in needs], counted=counted)
    before, _ = in_force(of.c, of.scale, of.subject, of.day)
    answer = levels.epidemic_level(rules, of.day, _values(inputs), before.level if before else None)
    return of.done(answer, inputs, (often,))


def _commune_colour(of: _Judging, rules: RuleSet) -> Judged:
    before, now = in_force(of.c, of.scale, of.subject, of.day, published=True)
    published = now or before
    inputs = of.inputs(["border", "border_raise"])
    said = Input(
        "published",
        InputKind.LEVEL,
        published.level if published else None,
        Origin.TYPED if published else Origin.MISSING,
        published.source if published else "",
        published.day if published else None,
        published.id if published else "",
    )
    inputs = {"published": said, **inputs}
    return of.done(levels.commune_colour(rules, _values(inputs)), inputs)


def _threshold(of: _Judging, rules: RuleSet) -> Judged:
    deviation = choice(of.c, DEVIATION, of.day)
    inputs = of.inputs(["endemic", "month_cases", "week_cases"])
    if inputs["endemic"].value is False:
        inputs |= of.inputs(["linked_month", "linked_week"])
    else:
        years = {one.period: one.years for one in rules.epidemic_threshold if one.endemic}
        inputs |= {f"{BASELINE}{period}": _years(of, period, number) for period, number in years.items()}
    baselines = {
        name.removeprefix(BASELINE): one.value for name, one in inputs.items() if name.startswith(BASELINE)
    }
    now = {period: year for period, (year, _) in period_of(of.day).items()}
    answer = level_thresholds.epidemic_threshold(rules, _values(inputs), baselines, now, deviation.value)
    return of.done(answer, inputs, (deviation,))


def _years(of: _Judging, period: str, years: int) -> Input:
    counts, source = year_counts(of.c, of.day, period, years)
    whole = all(one.cases is not None for one in counts)
    origin = Origin.TYPED if whole else Origin.MISSING
    return Input(f"{BASELINE}{period}", InputKind.YEARS, tuple(counts), origin, source)


def _care_capacity(of: _Judging, rules: RuleSet) -> Judged:
    inputs = of.inputs(["households", "care_capacity"])
    return of.done(levels.care_capacity(rules, _values(inputs)), inputs)


def _death_target(of: _Judging, rules: RuleSet) -> Judged:
    inputs = of.inputs(["deaths", levels.POPULATION])
    return of.done(levels.death_target(rules, _values(inputs)), inputs)


_JUDGING = {
    LevelScale.RESPONSE_SCENARIO.value: _scenario,
    LevelScale.EPIDEMIC_LEVEL.value: _epidemic_level,
    LevelScale.COMMUNE_RISK_COLOUR.value: _commune_colour,
    LevelScale.EPIDEMIC_THRESHOLD.value: _threshold,
    CARE_CAPACITY: _care_capacity,
    DEATH_TARGET: _death_target,
}
