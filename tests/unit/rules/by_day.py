"""Readings for tests of rules: an adult or a child of an exact age on a day, with nothing wrong unless said."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tui_app.clock import VIETNAM
from tui_app.rules.findings import Finding, Judgement, Reading
from tui_app.rules.follow_up import months_later
from tui_app.rules.judging import judge
from tui_app.services.judging.rule_sets import rule_sets

SETS = rule_sets()
UNDER_4038 = date(2021, 10, 15)
UNDER_261 = date(2022, 2, 10)
UNDER_528 = date(2022, 3, 5)
UNDER_604 = date(2022, 6, 1)


def born(day: date, *, years: int = 0, months: int = 0) -> date:
    """The birth date of somebody who completes that age on ``day``."""
    return months_later(day, -(years * 12 + months))


def reading(day: date, **said: Any) -> Reading:
    """A reading at eight in the morning; 40 years old unless a birth is given, and no sign was ticked."""
    if not {"birth_date", "birth_year"} & said.keys():
        said["birth_date"] = born(day, years=40)
    for name in ("symptoms", "signs", "conditions"):
        said[name] = said.get(name, ())
        said[name] = None if said[name] is None else frozenset(said[name])
    return Reading(at=datetime(day.year, day.month, day.day, 8, tzinfo=VIETNAM), **said)


def judged(day: date, *, only: str | None = None, **said: Any) -> Judgement:
    """What the shipped sets say of such a reading."""
    return judge(reading(day, **said), SETS, only=only)


def found(judgement: Judgement, kind: str) -> list[Finding]:
    """Its findings of a kind."""
    return [one for one in judgement.findings if one.kind == kind]


def signs(day: date, **said: Any) -> set[str]:
    """The danger signs found, as ``rule_set/rule``."""
    return {f"{one.rule_set}/{one.rule}" for one in found(judged(day, **said), "danger_sign")}


def outcomes(kind: str, day: date, **said: Any) -> set[str]:
    """What a kind of judgement comes to."""
    return {one.outcome for one in found(judged(day, **said), kind)}
