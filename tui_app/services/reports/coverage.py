"""Vaccination coverage as a report: each target of the plans in force, of all units and of each, frozen when filed.

It can be looked at again only as it was filed: doses that were noted later for earlier days are counted by their day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tui_app.i18n import language, t
from tui_app.services.reports.kinds import Figure, Kind, Period
from tui_app.services.reports.periods import day_period
from tui_app.services.vaccination.coverage import Coverage, coverage
from tui_app.text import natural_key

NAME, PERSON = "coverage", "person"


def _count(c: Any, period: Period, as_of: datetime, subject: str) -> tuple[Figure, ...]:
    found = coverage(c, period.last, by_unit=True)
    figures: list[Figure] = []
    for one in found.figures:
        figures.append(_figure(one))
        figures += _units(one, found.units)
    return tuple(figures)


def _units(one: Coverage, names: Any) -> Iterator[Figure]:
    for area, part in sorted(one.areas.items(), key=lambda pair: natural_key(names[pair[0]])):
        yield _figure(part, area, names[area])


def _figure(one: Coverage, unit: str | None = None, unit_name: str = "") -> Figure:
    """``value``: who has it, of the figure that is judged; persons are listed for the whole, not again by unit."""
    goal, judged = one.goal, one.judged
    said: dict[str, Any] = {
        "denominator": judged.denominator,
        "percent": judged.percent,
        "met": one.met,
        "word_vi": goal.target.vi,
        "word_en": goal.target.en,
        "rule_set": goal.rule_set.id,
    }
    if unit is not None:
        said["unit_name"] = unit_name
    ids = () if unit else tuple(sorted(one.ids["have"]))
    return Figure(goal.key, judged.numerator, PERSON, ids, unit, detail=said)


def _word(figure: Figure) -> str:
    said = figure.detail or {}
    word = str(said.get(f"word_{language()}", figure.name))
    return f"{said['unit_name']}: {word}" if "unit_name" in said else word


def _note(figure: Figure) -> str:
    """So many of so many, and whether that is enough where a plan says how many."""
    said = figure.detail or {}
    words = f"{figure.value}/{said.get('denominator')} = {said.get('percent')}"
    met = said.get("met")
    return words if met is None else f"{words} · {t('coverage.met' if met else 'coverage.not_met')}"


COVERAGE = Kind(
    name=NAME,
    period=day_period,
    count=_count,
    due_kind=NAME,
    rule_subjects=("coverage",),
    word=_word,
    note=_note,
    recounts=False,
)
