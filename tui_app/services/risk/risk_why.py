"""Why somebody is on a risk list: each group with the rule and its input, or with who wrote it, when and from where."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.rules.carers import carers_named
from tui_app.rules.findings import Finding
from tui_app.rules.risk import CARER, ELDERLY, LIVES_WITH, DayRules, Facts, counts_on, finding
from tui_app.services.people.cards import live_row
from tui_app.services.risk.risk_facts import conditions_of, open_values, variants
from tui_app.services.risk.risk_lists import risk_book
from tui_app.services.risk.risk_people import RiskBook, RiskPerson
from tui_app.store.rows import table
from tui_app.text import fold


@dataclass(frozen=True, slots=True)
class Reason:
    """One way into a group.

    ``holds``: None where it cannot be known; ``finding``: the rule and its input; or ``row``: the id of what a person
    wrote, ``who`` last at ``at`` (wire moment), from where (``source``), with its days; ``others``: names of those it
    follows from.
    """

    group: str
    holds: bool | None
    finding: Finding | None = None
    row: str = ""
    who: str = ""
    at: str = ""
    source: str = ""
    started_on: str = ""
    ended_on: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reasons:
    """All reasons of one person. ``line``: as lists show them, None for somebody on no list; ``ended``: rows of groups
    that count no more or not yet."""

    person: str
    full_name: str
    line: RiskPerson | None
    reasons: tuple[Reason, ...]
    ended: tuple[Reason, ...]


def risk_why(c: Any, person: str, day: date) -> Reasons:
    """Why this person is on which lists on a day. Raises NotFound, NotOpened."""
    row = live_row(c, "person", person)
    book = risk_book(c, day)
    line = next((one for one in book.people if one.person == person), None)
    written, ended = _written(c, person, book.rules)
    reasons = [*written, *_by_rule(c, person, book.rules, line), *_from_others(book, line)]
    return Reasons(person, str(row.body.get("full_name", "")), line, tuple(reasons), tuple(ended))


def _written(c: Any, person: str, rules: DayRules) -> tuple[list[Reason], list[Reason]]:
    counting: list[Reason] = []
    ended: list[Reason] = []
    longest = rules.max_days()
    for row in sorted(table("risk_membership").where(c, "person = ?", (person,)), key=lambda one: one.id):
        body = row.body
        group, start, end = str(body["risk_group"]), body.get("started_on"), body.get("ended_on")
        if group in RESTRICTED_CONDITIONS:
            continue
        holds = counts_on(rules.day, start, end, longest.get(group), row.at[:10] or None)
        said = Reason(
            group=group,
            holds=holds,
            row=row.id,
            who=row.who,
            at=row.at,
            source=body.get("source") or "",
            started_on=start or "",
            ended_on=end or "",
        )
        (ended if holds is False else counting).append(said)
    return counting, ended


def _by_rule(c: Any, person: str, rules: DayRules, line: RiskPerson | None) -> list[Reason]:
    body = live_row(c, "person", person).body
    told = Facts(
        body.get("birth_date"),
        body.get("birth_year"),
        body.get("ethnicity"),
        conditions_of(c, person).get(person, frozenset()),
        body.get("mobility_limited"),
        line.doses if line else None,
        frozenset(line.groups) if line else frozenset(),
    )
    elderly = {rule.group for rule, _ in rules.edges if rule.elderly}
    found: defaultdict[tuple[str, str], list[Reason]] = defaultdict(list)
    for one in variants(told, open_values(c).get(person, {})):
        for group, holds, why in rules.findings(one):
            found[group, why.rule].append(Reason(group, holds, why))
            if group in elderly:
                found[ELDERLY, why.rule].append(Reason(ELDERLY, holds, why))
    return [next((one for one in several if one.holds), several[0]) for several in found.values()]


def _from_others(book: RiskBook, line: RiskPerson | None) -> list[Reason]:
    """What follows from those one lives with."""
    if line is None:
        return []
    found = []
    at_home = [one for one in book.people if one.household == line.household and one is not line]
    at_risk = [one for one in at_home if one.at_risk]
    cared_for = [one for one in at_risk if _named(line, one, [*at_home, line])]
    for group, by, others in ((LIVES_WITH, "lives_with", at_risk), (CARER, "carer", cared_for)):
        rule = book.rules.rule_by(by)
        if rule is not None and line.has(group):
            names = tuple(one.full_name for one in others)
            value = [one.carer for one in others] if by == "carer" else [one.person for one in others]
            why = finding(*rule, Facts(), True, value)
            found.append(Reason(group, True, why, others=names))
    return found


def _named(line: RiskPerson, cared_for: RiskPerson, household: list[RiskPerson]) -> bool:
    """Whether the words for somebody's carer mean the person of the line."""
    others = [(one.person, fold(one.full_name)) for one in household if one is not cared_for]
    return bool(cared_for.carer) and line.person in carers_named(fold(cared_for.carer), others)
