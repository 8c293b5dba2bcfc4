"""A rule set: what one document says, as data, and from when to when. `RuleSets` knows which one judges on a day."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

import msgspec

from tui_app.errors import NotFound
from tui_app.rules import set_checks
from tui_app.rules.age import Age
from tui_app.rules.condition import Condition, age_edges
from tui_app.rules.held import Held, all_held, clash
from tui_app.rules.level_parts import (
    Band,
    Capacity,
    Colour,
    ColourRaise,
    DeathTarget,
    LevelNeed,
    LevelRule,
    Response,
    Threshold,
)
from tui_app.rules.parts import Mark, Part
from tui_app.rules.privacy_parts import Holiday, RequestDue, Retention
from tui_app.rules.set_parts import (
    Attention,
    Caution,
    Conflict,
    Convention,
    Cover,
    DischargeRule,
    EnoughDoses,
    EventDue,
    FollowUp,
    Line,
    Medicine,
    Orientation,
    OutbreakEnd,
    ReleaseRule,
    RepeatedSpo2,
    ReportDue,
    RiskRule,
    RosterRule,
    SheetPart,
    SlotTimes,
    WatchRule,
    Words,
)
from tui_app.rules.set_text import BadRuleSet, Place, SetProblem, schema_problem, syntax_problem
from tui_app.rules.vaccine_parts import DoseRule, DoseWatch, InfectionRule, Programme, Target, Vaccine

JUDGED = ("danger_sign", "eligibility", "severity", "risk_class")
"""The kinds of finding a reading is judged by."""


class RuleSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    """What one document says.

    ``effective_from``, ``effective_to``: both days included; ``profile``: the worlds it belongs to, ``2022`` or
    ``2026``; ``verified``: whether its lines were read in the document, unless a line says otherwise; ``local``: the
    place it was made for; ``default``: whether it judges without being asked for; ``replaces``: sets that end the day
    before this one begins, in what it covers; ``source``: where it was read; ``note``: what was not found.
    """

    id: str
    document: str
    vi: str
    en: str
    effective_from: date
    effective_to: date | None = None
    profile: tuple[str, ...]
    verified: bool
    mark: Mark
    source: tuple[str, ...]
    note: Words | None = None
    local: Words | None = None
    default: bool = True
    replaces: tuple[str, ...] = ()
    covers: tuple[Cover, ...]
    words: dict[str, Words] = {}
    conflict: tuple[Conflict, ...] = ()
    facts: dict[str, Condition] = {}
    danger_sign: tuple[Line, ...] = ()
    eligibility: tuple[Line, ...] = ()
    severity: tuple[Line, ...] = ()
    risk_class: tuple[Line, ...] = ()
    case_definition: tuple[Line, ...] = ()
    orientation: tuple[Orientation, ...] = ()
    sheet: tuple[SheetPart, ...] = ()
    slot: tuple[SlotTimes, ...] = ()
    repeated_spo2: RepeatedSpo2 | None = None
    convention: Convention | None = None
    release: tuple[ReleaseRule, ...] = ()
    discharge: tuple[DischargeRule, ...] = ()
    contact_watch: tuple[WatchRule, ...] = ()
    medicine: tuple[Medicine, ...] = ()
    caution: tuple[Caution, ...] = ()
    follow_up: tuple[FollowUp, ...] = ()
    attention: tuple[Attention, ...] = ()
    report_due: tuple[ReportDue, ...] = ()
    roster: tuple[RosterRule, ...] = ()
    event_due: tuple[EventDue, ...] = ()
    outbreak_end: tuple[OutbreakEnd, ...] = ()
    request_due: tuple[RequestDue, ...] = ()
    holiday: tuple[Holiday, ...] = ()
    retention: tuple[Retention, ...] = ()
    vaccine: tuple[Vaccine, ...] = ()
    programme: tuple[Programme, ...] = ()
    additional_dose: tuple[DoseRule, ...] = ()
    booster_dose: tuple[DoseRule, ...] = ()
    after_infection: tuple[InfectionRule, ...] = ()
    dose_watch: tuple[DoseWatch, ...] = ()
    coverage: tuple[Target, ...] = ()
    risk_rule: tuple[RiskRule, ...] = ()
    enough_doses: tuple[EnoughDoses, ...] = ()
    response_scenario: tuple[Band, ...] = ()
    transmission: tuple[Band, ...] = ()
    level_need: tuple[LevelNeed, ...] = ()
    response: tuple[Response, ...] = ()
    level_rule: tuple[LevelRule, ...] = ()
    commune_colour: tuple[Colour, ...] = ()
    colour_raise: tuple[ColourRaise, ...] = ()
    epidemic_threshold: tuple[Threshold, ...] = ()
    care_capacity: tuple[Capacity, ...] = ()
    death_target: tuple[DeathTarget, ...] = ()

    def lines(self, kind: str) -> tuple[Line, ...]:
        """The lines of a kind of finding."""
        found: tuple[Line, ...] = getattr(self, kind)
        return found

    def parts(self) -> Iterator[tuple[tuple[str, int], Part]]:
        """Everything it says, with its table and place there."""
        for table in set_checks.TABLES:
            for number, part in enumerate(getattr(self, table)):
                yield (table, number), part
        for number, rule in enumerate(self.release):
            if rule.still_positive:
                yield ("release", number), rule.still_positive
        for name in ("repeated_spo2", "convention"):
            if part := getattr(self, name):
                yield (name, 0), part

    def sure(self, part: Part) -> bool:
        """Whether somebody read this part in the document."""
        return self.verified if part.verified is None else part.verified

    def mark_of(self, part: Part) -> str:
        """How sure this part is."""
        return part.mark or self.mark

    @cached_property
    def edges(self) -> frozenset[int]:
        """The ages in months at which something this set says may change."""
        found: set[int] = set()
        for kind in JUDGED:
            for line in self.lines(kind):
                found |= {line.from_months, line.below_months or 0, *age_edges(line.when)}
        for condition in self.facts.values():
            found |= set(age_edges(condition))
        for cover in self.covers:
            found |= {cover.from_months, cover.below_months or 0}
        return frozenset(found)


# msgspec learns a type when it first meets it, and crashes where another thread asks for that type meanwhile (0.22:
# SIGSEGV in `convert`). A module is imported by one thread: there it learns this one.
msgspec.json.Decoder(RuleSet)


def load(text: str, name: str, words: Mapping[str, Words] = MappingProxyType({})) -> RuleSet:
    """The set a TOML text holds. ``name``: of its file, for messages; ``words``: of codes known besides its own.

    Raises BadRuleSet, which names each line that is wrong and why.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRuleSet(name, [syntax_problem(text, error)]) from error
    try:
        found = msgspec.convert(values, RuleSet)
    except msgspec.ValidationError as error:
        raise BadRuleSet(name, [schema_problem(text, str(error))]) from error
    place = Place(text)
    problems = [
        SetProblem(place.line(*path), key, params)
        for path, key, params in set_checks.problems(found, set(words) | set(found.words))
    ]
    if problems:
        raise BadRuleSet(name, sorted(problems, key=lambda problem: problem.line))
    return found


def load_words(text: str) -> dict[str, Words]:
    """The words of codes that all sets share."""
    return msgspec.convert(tomllib.loads(text)["words"], dict[str, Words])


@dataclass(frozen=True)
class RuleSets:
    """All rule sets there are. ``words``: of the codes they name."""

    sets: Mapping[str, RuleSet]
    words: Mapping[str, Words]
    held: tuple[Held, ...] = field(repr=False)

    @staticmethod
    def of(sets: Iterable[RuleSet], words: Mapping[str, Words] = MappingProxyType({})) -> RuleSets:
        """These sets together. Raises BadRuleSet when two would judge one person on one day, or have one id."""
        known: dict[str, RuleSet] = {}
        for one in sets:
            if one.id in known:
                raise BadRuleSet(one.id, [SetProblem(1, "rules.twice", {"id": one.id})])
            known[one.id] = one
        held = tuple(all_held(known))
        for number, one_held in enumerate(held):
            for other in held[:number]:
                if clash(one_held, other):
                    params = {"subject": other.subject, "other": other.rule_set.id}
                    raise BadRuleSet(one_held.rule_set.id, [SetProblem(1, "rules.overlap", params)])
        all_words = dict(words)
        for one in known.values():
            all_words |= one.words
        return RuleSets(MappingProxyType(known), MappingProxyType(all_words), held)

    def __iter__(self) -> Iterator[RuleSet]:
        return iter(sorted(self.sets.values(), key=lambda one: (one.effective_from, one.id)))

    def get(self, ident: str) -> RuleSet:
        """The set with this id. Raises NotFound."""
        try:
            return self.sets[ident]
        except KeyError:
            raise NotFound("rules.unknown_set", id=ident) from None

    def in_force(self, subject: str, day: date, age: Age | None = None) -> tuple[RuleSet, ...]:
        """The sets that judge ``subject`` on a day: one for an age that is known, several for a range of ages that
        reaches into more than one, or where sets of a subject stand side by side. Those made for one place only
        judge when asked for."""
        found = {
            held.rule_set.id: held.rule_set
            for held in self._by_subject.get(subject, ())
            if held.on(day) and held.may_cover(age)
        }
        return tuple(found.values())

    def part(self, subject: str, day: date) -> RuleSet | None:
        """The one set that speaks about ``subject`` on a day, for subjects that do not ask for an age."""
        known = self._parts
        if (subject, day) not in known:
            known[subject, day] = next(iter(self.in_force(subject, day)), None)
        return known[subject, day]

    @cached_property
    def _parts(self) -> dict[tuple[str, date], RuleSet | None]:
        """What `part` answered: a board asks it thousands of times about one day."""
        return {}

    @cached_property
    def _by_subject(self) -> dict[str, tuple[Held, ...]]:
        found: dict[str, list[Held]] = {}
        for held in self.held:
            if held.rule_set.default:
                found.setdefault(held.subject, []).append(held)
        return {subject: tuple(several) for subject, several in found.items()}

    def covers(self, rule_set: RuleSet, subject: str, months: int, day: date | None) -> bool:
        """Whether the set judges the subject at an age of completed months; on any day when ``day`` is None."""
        return any(
            held.subject == subject
            and (day is None or held.on(day))
            and held.from_months <= months
            and (held.below_months is None or months < held.below_months)
            for held in self._by_set[rule_set.id]
        )

    @cached_property
    def _by_set(self) -> dict[str, tuple[Held, ...]]:
        return {ident: tuple(held for held in self.held if held.rule_set.id == ident) for ident in self.sets}

    def word(self, code: str, language: str) -> str:
        """What a code says to people; the code itself where no set knows it."""
        found = self.words.get(code)
        return code if found is None else str(getattr(found, language))


def by_outcome(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Lines by the grade or class they give, in the order of the file: from the worst to the mildest."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.outcome, []).append(line)
    return found


def shown(rule_set: RuleSet) -> dict[str, Any]:
    """The whole set as plain values, for programs."""
    found: dict[str, Any] = msgspec.to_builtins(rule_set)
    return {name: value for name, value in found.items() if value not in (None, [], {})}
