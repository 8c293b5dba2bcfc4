"""Which reports are expected, about which days, and until when."""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType

from sync.server.pages.words import ASSETS, VIETNAM

_ONE_DAY = timedelta(days=1)
_HALF, _END = 15, 30  # S2 §III.2: on the 15th and the 30th
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "daily": "day",
        "weekly": "week",
        "vaccination_weekly": "week",
        "periodic": "half_month",
        "sweep": "",
        "coverage": "",
        "outbreak": "",
    }
)
"""Kinds that are shown, in this order -> how often every commune owes one; empty for those that are filed when there is
something to report. Other kinds are not shown: a case form names a person."""
OCCASIONAL = ("coverage",)  # filed for a whole commune, whenever it likes
PERIODS = 14  # as many days as the laptop's overview shows
LOOKED_BACK = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Slot:
    """The days that one report of each commune is about."""

    kind: str
    first: date
    last: date

    @property
    def label(self) -> str:
        """``22/11``, for under a chart."""
        return self.last.strftime("%d/%m")


@dataclass(frozen=True, slots=True)
class DueRule:
    """When reports are due: ``at`` so many ``days_after`` the last day they are about, from ``since`` to ``until``."""

    kind: str
    days_after: int
    at: time
    since: date
    until: date


def regular() -> tuple[str, ...]:
    """The kinds that every commune owes."""
    return tuple(kind for kind, every in KINDS.items() if every)


def slot_of(kind: str, day: date) -> Slot:
    """The slot that a day lies in; a single day for kinds without a rhythm."""
    every = KINDS[kind]
    if every == "week":  # Monday to Sunday (QĐ 97/QĐ-PB)
        monday = day - timedelta(days=day.weekday())
        return Slot(kind, monday, monday + timedelta(days=6))
    if every == "half_month":
        last = day
        while not _reports_on(last):
            last += _ONE_DAY
        first = day
        while not _reports_on(first - _ONE_DAY):
            first -= _ONE_DAY
        return Slot(kind, first, last)
    return Slot(kind, day, day)


def ended_by(kind: str, day: date) -> Slot:
    """The newest slot whose last day is not after ``day``."""
    slot = slot_of(kind, day)
    return slot if slot.last <= day else slot_of(kind, slot.first - _ONE_DAY)


def row_of(slot: Slot, count: int) -> list[Slot]:
    """``count`` slots one after the other, the last of them ``slot``."""
    slots = [slot]
    while len(slots) < count:
        slots.append(slot_of(slot.kind, slots[-1].first - _ONE_DAY))
    return slots[::-1]


def slots_until(kind: str, day: date) -> list[Slot]:
    """The slots of a kind that had ended by a day, as far as is looked back; of an occasional kind one long one."""
    if KINDS[kind]:
        return row_of(ended_by(kind, day), PERIODS)
    return [Slot(kind, day - LOOKED_BACK, day)]


def due(slot: Slot) -> datetime | None:
    """When the documents want a slot's reports (aware, Viet Nam time); None where none says."""
    if slot.kind in OCCASIONAL:
        return None
    rules = [rule for rule in due_rules() if rule.kind == slot.kind and rule.since <= slot.last <= rule.until]
    if not rules:
        return None
    rule = max(rules, key=lambda rule: rule.since)
    return datetime.combine(slot.last + timedelta(days=rule.days_after), rule.at, VIETNAM)


@cache
def due_rules(folder: Path = ASSETS / "rule_sets") -> tuple[DueRule, ...]:
    """Every deadline in the rule sets of this program."""
    found = []
    for file in sorted(folder.glob("*.toml")):
        text = file.read_text(encoding="utf-8")
        if "[[report_due]]" not in text:
            continue
        rules = tomllib.loads(text)
        since, until = rules.get("effective_from") or date.min, rules.get("effective_to") or date.max
        found += [
            DueRule(rule["kind"], rule["days_after"], rule["at"], since, until)
            for rule in rules["report_due"]
        ]
    return tuple(found)


def _reports_on(day: date) -> bool:
    if day.day in (_HALF, _END):
        return True
    short = calendar.monthrange(day.year, day.month)[1]
    return short < _END and day.day == short
