"""What is written about persons that decides about risk lists: groups, conditions, open needs, values that wait."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any

import msgspec

from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.rules.risk import DayRules, Facts, counts_on


def written_groups(c: Any, rules: DayRules) -> tuple[dict[str, int], dict[str, int]]:
    """Person -> bits of the groups of rows that count on the day, and of those that are doubtful."""
    longest, day = rules.max_days(), rules.day
    open_rows = open_values(c, "risk_membership")
    counted: defaultdict[str, int] = defaultdict(int)
    doubtful: defaultdict[str, int] = defaultdict(int)
    for ident, person, group, start, end, written_on in c.execute(_GROUPS):
        if group in RESTRICTED_CONDITIONS:
            continue
        waiting = open_rows.get(ident, {})
        starts, ends = waiting.get("started_on", [start]), waiting.get("ended_on", [end])
        most = longest.get(group)
        answers = [counts_on(day, one, other, most, written_on) for one, other in product(starts, ends)]
        if True in answers:
            counted[person] |= rules.written(group)
        elif None in answers:
            doubtful[person] |= rules.written(group)
    return counted, doubtful


def conditions_of(c: Any, person: str | None = None) -> dict[str, frozenset[str]]:
    """Person -> the conditions written of them, of one or of all; restricted ones are left out, and so put nobody on
    a list."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    asked = "SELECT person, condition FROM person_condition WHERE NOT deleted"
    rows = c.execute(asked) if person is None else c.execute(f"{asked} AND person = ?", (person,))
    for person, condition in rows:
        if condition not in RESTRICTED_CONDITIONS:
            found[person].add(condition)
    return {person: frozenset(codes) for person, codes in found.items()}


def open_values(c: Any, type_name: str = "person") -> dict[str, dict[str, list[Any]]]:
    """Record -> field -> the values that wait for a person to decide: a list shows whoever any of them puts on it."""
    found: defaultdict[str, dict[str, list[Any]]] = defaultdict(dict)
    for record, name, values in c.execute(_CONFLICTS, (type_name,)):
        found[record][name] = [one.get("value") for one in msgspec.json.decode(values or "[]")]
    return found


def variants(told: Facts, alternatives: dict[str, list[Any]]) -> Iterator[Facts]:
    """The facts with each of the values that wait."""
    names = [name for name in ("birth_date", "birth_year", "ethnicity") if alternatives.get(name)]
    known = {name: getattr(told, name) for name in Facts.__slots__}
    for values in product(*(alternatives[name] for name in names)):
        yield Facts(**known | dict(zip(names, values, strict=True)))


def open_needs(c: Any) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Kinds of open needs by person, and by household where it is the household's."""
    own: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    house: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for person, household, kind in c.execute(_NEEDS):
        by, key = (own, person) if person else (house, household)
        if kind not in by[key]:
            by[key] = (*by[key], kind)
    return own, house


_GROUPS = """
SELECT id, person, risk_group, started_on, ended_on, substr(changed_at, 1, 10) FROM risk_membership WHERE NOT deleted
"""
_NEEDS = """
SELECT person, household, kind FROM support_need WHERE NOT deleted AND status IN ('open', 'in_progress') ORDER BY id
"""
_CONFLICTS = """
SELECT record, field, "values" FROM conflict WHERE state = 'open' AND NOT deleted AND record_type = ?
"""
