"""The inputs of a judgement with where each comes from: typed in, else counted here, else missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from tui_app.rules.rule_set import RuleSets
from tui_app.services.levels.counting import COUNTING, Counted
from tui_app.services.levels.typed import InputKind, input_kinds, typed


class Origin(StrEnum):
    """Where an input comes from. ``stale``: typed in longer ago than a level is judged, so it counts as missing."""

    COUNTED = "counted"
    TYPED = "typed"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Input:
    """``name``: as typed in; ``value``: None where it is missing; ``source``, ``as_of``, ``record``: who says so, from
    when, and the record of what was typed in; ``counted``: what the lists here say, also beside what was typed in."""

    name: str
    kind: InputKind
    value: Any
    origin: Origin
    source: str = ""
    as_of: date | None = None
    record: str = ""
    counted: Counted | None = field(default=None, repr=False)


def read_input(
    c: Any,
    sets: RuleSets,
    name: str,
    day: date,
    weeks: int = 1,
    shares: Mapping[str, Counted] | None = None,
) -> Input:
    """An input on a day. ``weeks``: over how many it is counted; ``shares``: of persons vaccinated, counted before."""
    kind = input_kinds(sets)[name]
    count = COUNTING.get(name)
    counted = count(c, day, weeks) if count else (shares or {}).get(name)
    told = typed(c, name, kind, day)
    if told is not None and told.value is not None:
        value = None if told.stale else told.value
        if value is not None or counted is None:
            origin = Origin.STALE if told.stale else Origin.TYPED
            kept = told.kept
            return Input(name, kind, value, origin, kept.source, kept.as_of, kept.id, counted)
    if counted is not None:
        return Input(name, kind, counted.value, Origin.COUNTED, as_of=day, counted=counted)
    return Input(name, kind, None, Origin.MISSING)


def plain_value(one: Input) -> Any:
    """The value as a record keeps it: a share as ``87/100``, years as ``2024:8 2025:90*`` (``*``: an epidemic, ``?``:
    nobody counted)."""
    if one.kind is InputKind.YEARS:
        return " ".join(
            f"{year.year}:{'?' if year.cases is None else year.cases}{'*' if year.epidemic else ''}"
            for year in one.value
        )
    if isinstance(one.value, tuple):
        return f"{one.value[0]}/{one.value[1]}"
    return one.value
