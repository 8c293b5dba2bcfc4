"""What the law keeps although somebody asks for its deletion, by which rule and until when (rules §4, duty 9)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.clock import VIETNAM, from_wire, show_date
from tui_app.i18n import catalogue, language, t
from tui_app.records import BY_NAME
from tui_app.records.base import own_columns
from tui_app.rules.findings import Finding
from tui_app.rules.privacy_parts import Retention
from tui_app.rules.rule_set import RuleSet, RuleSets
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.requests.belongings import Belongings

DAYS = ("at", "given_on", "ended_on", "first_positive_on", "started_on")
"""Fields that say when a record was made or last meant something; the latest of them counts."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """One rule that keeps records of a person. ``counts``: how many of each type; ``until``: the last day."""

    counts: Mapping[str, int]
    until: date
    document: str
    words: str
    finding: Finding

    def said(self) -> str:
        """In the language in use: what is kept, until when, by which document, and that nobody checked it."""
        types = catalogue(language(), "types")
        what = ", ".join(f"{many} {types.get(kind, kind)}" for kind, many in self.counts.items())
        unsure = "" if self.finding.verified else f" [{t('rules.unverified')}]"
        return (
            t(
                "requests.kept_line",
                what=what,
                until=show_date(self.until),
                words=self.words,
                document=self.document,
                rule=f"{self.finding.rule_set}/{self.finding.rule}",
            )
            + unsure
        )


def keeping(c: Any, found: Belongings, day: date) -> list[Keeping]:
    """The rules that keep something of a person on a day, the longest first; empty when all may go."""
    sets = rule_sets(c)
    lines = [
        kept
        for one in sets.in_force("retention", day)
        for rule in one.retention
        if (kept := _kept(c, one, rule, found)) is not None and kept.until >= day
    ]
    return sorted(lines, key=lambda kept: kept.until, reverse=True)


def journal_kept(sets: RuleSets, day: date, noted: date) -> Keeping | None:
    """The rule that keeps a note of access made on a day, None when none says."""
    for one in sets.in_force("retention", day):
        for rule in one.retention:
            if "access_entry" in rule.types:
                return _line(one, rule, {"access_entry": 1}, noted)
    return None


def _kept(c: Any, one: RuleSet, rule: Retention, found: Belongings) -> Keeping | None:
    counts = {kind: len(ids) for kind in rule.types if (ids := _live(c, kind, found.ids(kind)))}
    if not counts or not _applies(c, rule, found):
        return None
    since = _died(c, found) if rule.counted_from == "death" else _last(c, rule, found)
    return None if since is None else _line(one, rule, counts, since)


def _line(one: RuleSet, rule: Retention, counts: Mapping[str, int], since: date) -> Keeping:
    until = after(since, rule.years, rule.months)
    finding = Finding(
        kind="retention",
        rule=rule.id,
        rule_set=one.id,
        field="last_record" if rule.counted_from == "last_record" else "died_on",
        value=since.isoformat(),
        limit=f"+{rule.years}/{rule.months}",
        verified=one.sure(rule),
    )
    return Keeping(counts, until, rule.document or one.document, str(getattr(rule, language())), finding)


def _applies(c: Any, rule: Retention, found: Belongings) -> bool:
    if not rule.conditions:
        return True
    rows = c.execute(
        "SELECT condition FROM person_condition WHERE NOT deleted AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(found.ids("person_condition")),),
    )
    return any(condition in rule.conditions for (condition,) in rows)


def _died(c: Any, found: Belongings) -> date | None:
    row = c.execute(
        "SELECT max(died_on) FROM person WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(found.members),),
    ).fetchone()
    return date.fromisoformat(row[0]) if row[0] else None


def _live(c: Any, type_name: str, ids: list[str]) -> list[str]:
    if not ids:
        return []
    rows = c.execute(
        f'SELECT id FROM "{type_name}" WHERE NOT deleted AND id IN (SELECT value FROM json_each(?))',
        (json.dumps(ids),),
    )
    return [ident for (ident,) in rows]


def _last(c: Any, rule: Retention, found: Belongings) -> date | None:
    days = [day for kind in rule.types for day in _days(c, kind, _live(c, kind, found.ids(kind)))]
    return max(days, default=None)


def _days(c: Any, type_name: str, ids: list[str]) -> list[date]:
    """The latest day of each record; when it was last changed, where it says no other."""
    if not ids:
        return []
    own = own_columns(BY_NAME[type_name])
    named = [f'"{field}"' for field in DAYS if field in own]
    rows = c.execute(
        f'SELECT {", ".join([*named, "changed_at"])} FROM "{type_name}" WHERE id IN (SELECT value FROM json_each(?))',
        (json.dumps(ids),),
    )
    found = []
    for *said, changed in rows:
        days = [as_day(text) for text in said if text] or [as_day(changed)]
        found.append(max(days))
    return found


def as_day(text: str) -> date:
    """A day as it is kept, or the day in Viet Nam of a wire moment."""
    return date.fromisoformat(text) if len(text) == 10 else from_wire(text).astimezone(VIETNAM).date()


def after(day: date, years: int, months: int) -> date:
    """The same day so much later; the last of the month where there is no such day."""
    whole = day.year * 12 + day.month - 1 + years * 12 + months
    for last in range(day.day, 27, -1):
        try:
            return date(whole // 12, whole % 12 + 1, last)
        except ValueError:
            continue
    return date(whole // 12, whole % 12 + 1, min(day.day, 28))
