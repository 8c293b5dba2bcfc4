"""Everybody who counts on a day, in groups of those who are alike for every target.

40 000 persons make some thousand groups, so that a target is counted over groups and not over persons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from tui_app.rules.coverage import AgeEdges, Goal
from tui_app.rules.doses import Dose, given
from tui_app.rules.risk import DayRules as RiskRules
from tui_app.rules.risk import Facts
from tui_app.rules.vaccine_day import DayRules
from tui_app.rules.vaccine_parts import Target
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.risk.risk_facts import conditions_of, written_groups
from tui_app.services.vaccination.coverage_turns import Shape, Turns, doses_of
from tui_app.services.vaccination.dose_status import CONTRAINDICATED, HERE, SHAPES, facts_of

_PERSONS = f"""
SELECT p.id, p.area, p.birth_date, p.birth_year, p.reported_doses, p.unvaccinated_reason IS NOT NULL,
    p.contraindicated, p.postponed_until > ?1, p.ethnicity
FROM person AS p WHERE {HERE}"""
_NO_DOSES = ("", "", False)


class Doses(NamedTuple):
    """What somebody has of what targets ask; None where that is not known."""

    known: bool
    any: bool | None
    basic: bool | None
    more: bool | None
    fourth: bool | None


class Key(NamedTuple):
    """What a target asks of a person. ``passed``: edges of age, see `AgeEdges`; ``risks``: groups; ``waiting``: no dose
    is due yet."""

    area: str
    passed: tuple[int, int] | None
    risks: frozenset[str]
    contraindicated: bool
    postponed: bool
    waiting: bool
    doses: Doses

    def has(self, dose: str) -> bool | None:
        """Whether they have what a target asks."""
        found: bool | None = getattr(self.doses, dose)
        return found

    def risk_of(self, target: Target) -> bool:
        """Whether they are of a risk group that a target names."""
        return not self.risks.isdisjoint(target.risk_groups)


@dataclass(frozen=True, slots=True)
class Group:
    """Persons who are alike."""

    key: Key
    ids: list[str]


def grouped(c: Any, rules: DayRules, edges: AgeEdges, goals: Iterable[Goal]) -> list[Group]:
    """Everybody who counts on the day of the rules. The caller has asked the gate and leaves locked units out.

    ``edges``: of the targets and of the rules."""
    on = (rules.day.isoformat(),)
    taken = {person: (shape, last or "", twice) for person, last, twice, shape in c.execute(SHAPES, on)}
    risks = _Risks(c, rules.day)
    against = {record for (record,) in c.execute(CONTRAINDICATED)}
    people = c.execute(_PERSONS, on).fetchall()
    has = _haves(rules)
    turns = Turns(c, rules, edges) if any(one.target.when_due for one in goals) else None
    exact = {person: _exact(c, rules, person) for person, (_, _, twice) in taken.items() if twice}
    groups: dict[Key, list[str]] = defaultdict(list)
    for ident, area, birth, year, reported, told, never, later, ethnicity in people:
        mine = risks.of(ident, ethnicity)
        shape, last, _ = taken.get(ident, _NO_DOSES)
        passed = edges.passed(birth, year)
        doses = exact.get(ident) or has(shape, reported, bool(told))
        waits = (
            turns is not None
            and doses.known
            and doses.more is not True
            and turns.waits(ident, shape, last, passed, ident in risks.ill)
        )
        key = Key(area, passed, mine, bool(never) or ident in against, bool(later), waits, doses)
        groups[key].append(ident)
    if turns is not None and turns.asked:
        return _corrected(groups, turns.ask())
    return [Group(key, ids) for key, ids in groups.items()]


def _corrected(groups: dict[Key, list[str]], waiting: set[str]) -> list[Group]:
    """The groups with those split off who turned out to wait."""
    found = []
    for key, ids in groups.items():
        wait = [] if key.waiting else [one for one in ids if one in waiting]
        if wait:
            found.append(Group(key._replace(waiting=True), wait))
            ids = [one for one in ids if one not in waiting]
        if ids:
            found.append(Group(key, ids))
    return found


def _haves(rules: DayRules) -> Callable[[Shape, int | None, bool], Doses]:
    """A function that judges a shape once."""
    seen: dict[tuple[Shape, int | None, bool], Doses] = {}

    def has(shape: Shape, reported: int | None, told: bool) -> Doses:
        key = (shape, reported, told)
        found = seen.get(key)
        if found is None:
            doses = list(doses_of(shape, rules.day))
            found = seen[key] = _of(rules, doses, reported, told)
        return found

    return has


def _of(rules: DayRules, doses: list[Dose], reported: int | None, told: bool) -> Doses:
    known = given(doses, rules.day, rules.vaccines, reported)
    if not known.doses and not known.said:
        return Doses(told or reported == 0, False, False, False, False)
    basic = known.basic_complete
    one, two = known.has_more(1), known.has_more(2)
    anything = True if any(dose.given_on for dose in known.doses) else None
    return Doses(not known.partly, anything, basic, _both(basic, one), _both(basic, two))


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return True if one and other else None


def _exact(c: Any, rules: DayRules, person: str) -> Doses:
    """Of somebody with two records of one day, which a shape does not tell."""
    facts = facts_of(c, [person], rules.day)[person]
    return _of(rules, list(facts.doses), facts.reported, facts.known_none)


class _Risks:
    """The risk groups that what is written of a person puts them into, by the rules of the day. An age is left to the
    targets, which name their own."""

    def __init__(self, c: Any, day: date) -> None:
        self._rules = RiskRules.on(rule_sets(c), day)
        self._written, _ = written_groups(c, self._rules)
        self.ill = conditions_of(c)
        self._alike: dict[tuple[int, str | None, frozenset[str]], frozenset[str]] = {}

    def of(self, person: str, ethnicity: str | None) -> frozenset[str]:
        """Codes of the groups; what is doubtful (a pregnancy without an end) is none."""
        key = (self._written.get(person, 0), ethnicity, self.ill.get(person, frozenset()))
        found = self._alike.get(key)
        if found is None:
            written, ethnic, conditions = key
            ruled, _ = self._rules.groups(Facts(ethnicity=ethnic, conditions=conditions))
            found = self._alike[key] = frozenset(self._rules.codes(written | ruled))
        return found
