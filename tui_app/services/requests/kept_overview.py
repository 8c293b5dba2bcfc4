"""Of the whole station: whose records the law keeps and until when, whose time is over, whom no rule keeps.

It lists; nothing is removed by it. A person goes by an erasure, the journal of access not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.i18n import language
from tui_app.records import BY_NAME
from tui_app.records.base import own_columns
from tui_app.rules.privacy_parts import Retention
from tui_app.rules.rule_set import RuleSet
from tui_app.services.access import access, gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.requests.retention import DAYS, after, as_day


@dataclass(frozen=True, slots=True)
class RuleKeeps:
    """One rule. ``persons``: whom it keeps; ``first``: the day the first of them ends, ``last`` the last, None where
    it keeps nobody."""

    rule: str
    rule_set: str
    words: str
    document: str
    verified: bool
    persons: tuple[str, ...]
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class KeptOverview:
    """``rules``: in the order of their sets; ``over``: persons every rule has let go; ``free``: persons no rule ever
    kept; ``journal``: lines of the journal of access, ``journal_over``: those older than its rule asks."""

    rules: tuple[RuleKeeps, ...]
    over: tuple[str, ...]
    free: tuple[str, ...]
    journal: int
    journal_over: int


def kept_overview(c: Any, day: date) -> KeptOverview:
    """What the rules in force on a day keep of this laptop's persons. Raises NotOpened unless a chief."""
    gate.check_chief(c)
    everybody = [ident for (ident,) in c.execute("SELECT id FROM person WHERE NOT deleted ORDER BY id")]
    here, latest = frozenset(everybody), dict[str, dict[str, date]]()
    rules, kept, known = [], set[str](), set[str]()
    journal_over = 0
    for one in rule_sets(c).in_force("retention", day):
        for rule in one.retention:
            if access.TYPE in rule.types:
                journal_over = _journal_before(c, rule, day)
                continue
            since = _since(c, rule, latest)
            ends = {who: after(begun, rule.years, rule.months) for who, begun in since if who in here}
            found = _keeps(one, rule, ends, day)
            rules.append(found)
            kept |= set(found.persons)
            known |= set(ends)
    let_go = known - kept
    return KeptOverview(
        rules=tuple(rules),
        over=tuple(person for person in everybody if person in let_go),
        free=tuple(person for person in everybody if person not in known),
        journal=_count(c),
        journal_over=journal_over,
    )


def _keeps(one: RuleSet, rule: Retention, ends: dict[str, date], day: date) -> RuleKeeps:
    kept = {person: end for person, end in ends.items() if end >= day}
    return RuleKeeps(
        rule.id,
        one.id,
        str(getattr(rule, language())),
        rule.document or one.document,
        one.sure(rule),
        tuple(sorted(kept, key=lambda person: (kept[person], person))),
        min(kept.values(), default=None),
        max(kept.values(), default=None),
    )


def _since(c: Any, rule: Retention, latest: dict[str, dict[str, date]]) -> Iterator[tuple[str, date]]:
    """The persons a rule is about, with the day it counts from."""
    found: dict[str, date] = {}
    for kind in rule.types:
        if kind not in latest:
            latest[kind] = _latest(c, kind)
        for person, day in latest[kind].items():
            found[person] = max(found.get(person, day), day)
    if rule.conditions:
        ill = _with_conditions(c, rule)
        found = {person: day for person, day in found.items() if person in ill}
    if rule.counted_from == "death":
        died = dict(c.execute("SELECT id, died_on FROM person WHERE NOT deleted AND died_on IS NOT NULL"))
        found = {person: date.fromisoformat(died[person]) for person in found if person in died}
    yield from found.items()


def _latest(c: Any, kind: str) -> dict[str, date]:
    """person -> the latest day of their records of a type, as `retention` takes it."""
    own = own_columns(BY_NAME[kind])
    named = [f'"{field}"' for field in DAYS if field in own]
    nothing = " AND ".join(f"{field} IS NULL" for field in named) or "1"
    latest = ", ".join(
        [*(f"max({field})" for field in named), f"max(CASE WHEN {nothing} THEN changed_at END)"]
    )
    rows = c.execute(f'SELECT person, {latest} FROM "{kind}" WHERE NOT deleted GROUP BY person')
    return {person: max(map(as_day, filter(None, said))) for person, *said in rows if person}


def _with_conditions(c: Any, rule: Retention) -> set[str]:
    marks: dict[str, set[str]] = defaultdict(set)
    for person, condition in c.execute("SELECT person, condition FROM person_condition WHERE NOT deleted"):
        marks[condition].add(person)
    return set().union(*(marks[condition] for condition in rule.conditions))


def _count(c: Any) -> int:
    return int(c.execute("SELECT count(*) FROM access_entry WHERE NOT deleted").fetchone()[0])


def _journal_before(c: Any, rule: Retention, day: date) -> int:
    """Lines of the journal whose time is over on a day."""
    hours = c.execute(
        "SELECT substr(at, 1, 13) AS hour, count(*) FROM access_entry WHERE NOT deleted GROUP BY hour"
    )
    return sum(
        count for hour, count in hours if after(as_day(f"{hour}:00:00Z"), rule.years, rule.months) < day
    )
