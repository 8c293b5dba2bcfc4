"""Inputs of levels that no list tells: typed in with their day and source, and what may be typed for each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from tui_app.errors import FieldProblem, InvalidFields, NotFound
from tui_app.rules.rule_set import RuleSets
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.levels.baselines import period_of
from tui_app.services.levels.counting import COUNTING
from tui_app.services.station.station_values import (
    CHOICES,
    LEVEL_RHYTHM,
    StationValue,
    choice,
    keep_value,
    station_value,
)
from tui_app.store.engine import Store
from tui_app.text import clean, fold


class InputKind(StrEnum):
    """What an input is: a whole number from 0, a share in percent (0–100), yes or no, a level that was published, or
    the counts of the same month or week in earlier years."""

    NUMBER = "number"
    SHARE = "share"
    ANSWER = "answer"
    LEVEL = "level"
    YEARS = "years"


DISTRICT_CASES = "district_active_cases"
"""Active cases of the district, where the scenario counts a district: no laptop holds all of it."""
_NUMBERS = (
    *COUNTING,
    DISTRICT_CASES,
    "oxygen_cases",
    "care_capacity",
    "linked_month",
    "linked_week",
    "border_raise",
)
_ANSWERS = ("endemic", "border")
_PERIODS = {"linked_month": "month", "linked_week": "week"}
_RHYTHM = {"weekly": 7, "daily": 1}
_LASTING = frozenset({"population", "households", "care_capacity", "border_raise", *_ANSWERS})
_NUMBER = re.compile(r"\d{1,9}|\d{1,3}([. ])\d{3}(?:\1\d{3})?", re.ASCII).fullmatch
_SHARE = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?\s*%?", re.ASCII).fullmatch
_YES, _NO = ("yes", "co", "1", "true"), ("no", "khong", "0", "false")


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed in for an input. ``stale``: a count that no longer holds on the day."""

    value: Any
    kept: StationValue
    stale: bool


def input_kinds(sets: RuleSets) -> dict[str, InputKind]:
    """Everything that can be typed in: fixed inputs, and what the rule sets ask of a commune."""
    kinds = dict.fromkeys(_NUMBERS, InputKind.NUMBER) | dict.fromkeys(_ANSWERS, InputKind.ANSWER)
    return kinds | dict(_needs(sets))


def _needs(sets: RuleSets) -> Iterator[tuple[str, InputKind]]:
    for one in sets:
        for need in one.level_need:
            yield need.id, InputKind.ANSWER if need.dose is None else InputKind.SHARE


def typed(c: Any, name: str, kind: InputKind, day: date) -> Typed | None:
    """What was typed in for an input and holds on a day; None when nobody did."""
    kept = station_value(c, name, day)
    if kept is None or kept.as_of is None:
        return None
    return Typed(_read(kind, kept.value), kept, not _holds(c, name, kind, kept.as_of, day))


def _holds(c: Any, name: str, kind: InputKind, as_of: date, day: date) -> bool:
    """Whether a number typed in for one day still says something on another."""
    if kind is not InputKind.NUMBER or name in _LASTING:
        return True
    if name in COUNTING:  # the lists go on counting, and know more on the next day
        return as_of == day
    period = _PERIODS.get(name)
    same = period is None or period_of(as_of)[period] == period_of(day)[period]
    return same and day - as_of < rhythm(c, day)


def rhythm(c: Any, day: date) -> timedelta:
    """How often a level is judged: at least once a week (S0 §I.2c), or every day (S3 §4), as the station chose."""
    return timedelta(days=_RHYTHM[choice(c, LEVEL_RHYTHM, day).value])


def keep_input(
    store: Store, who: str, name: str, text: str, as_of: date | None = None, source: str = ""
) -> str:
    """Keep an input, or a choice of the station, from a day on (today). Numbers need their source.

    Returns the record's id. Raises NotFound for an input that there is not; InvalidFields; NotOpened.
    """
    if name in CHOICES:
        return keep_value(store, who, name, text, as_of, source)
    with store.read() as c:
        kinds = input_kinds(rule_sets(c))
    if name not in kinds:
        raise NotFound("levels.unknown_input", name=name, known=", ".join(sorted((*kinds, *CHOICES))))
    problems = []
    value = as_kept(kinds[name], clean(text))
    if value is None:
        problems.append(FieldProblem("value", f"levels.bad_{kinds[name]}"))
    if not clean(source):
        problems.append(FieldProblem("source", "problems.missing"))
    if problems:
        raise InvalidFields(problems)
    return keep_value(store, who, name, value or "", as_of, source)


def as_kept(kind: InputKind, text: str) -> str | None:
    """What was typed for a number, a share or an answer as it is kept; None when it is no such value."""
    if kind is InputKind.ANSWER:
        said = fold(text)
        return "yes" if said in _YES else "no" if said in _NO else None
    if kind is InputKind.SHARE:
        found = _SHARE(text)
        if found is None or int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) > 10_000:
            return None
        return f"{int(found[1])}.{found[2]}" if found[2] else str(int(found[1]))
    return str(int(re.sub(r"[. ]", "", text))) if _NUMBER(text) else None


def _read(kind: InputKind, text: str) -> Any:
    """What is judged: a number, yes or no, or hundredths of a percent of 10 000; None where it is no such value."""
    value = as_kept(kind, text)
    if value is None:
        return None
    if kind is InputKind.ANSWER:
        return value == "yes"
    if kind is InputKind.NUMBER:
        return int(value)
    whole, _, part = value.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0")), 10_000
