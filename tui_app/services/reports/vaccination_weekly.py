"""The weekly vaccination report (form 5.10; CV 2468 §2): of each unit and group of age and dose how many are due, were
given it in the week, have it in all; for units that are low a cause and a solution before it can be filed.

A unit is low in a group where the plan's target is not met; where the plan names none, below the percentage the station
typed in, and never where nobody did. Doses noted later are counted by their day, so that an earlier report can be
looked at only as it was filed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from tui_app.clock import to_wire
from tui_app.i18n import language, t
from tui_app.rules import coverage as rule
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.reports.choices import choices
from tui_app.services.reports.kinds import Figure, Kind, Period
from tui_app.services.reports.periods import reporting_days, week_period
from tui_app.services.station.station_values import station_value
from tui_app.services.vaccination.coverage import Coverage, CoverageReport, coverage
from tui_app.text import natural_key

NAME = "vaccination_weekly"
PARTS = ("due", "week", "total")
LOW_BELOW = "low_below"
"""Name of the percentage below which a unit is low in a group without a target; typed in with its source."""
CAUSE, SOLUTION = "cause", "solution"
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the form. ``unit``: its name, empty for the whole commune; ``percent``: as papers round it."""

    unit: str
    group: str
    due: int | None
    week: int | None
    total: int | None
    percent: str
    limit: str
    low: bool


def _count(c: Any, period: Period, as_of: datetime, subject: str) -> tuple[Figure, ...]:
    held = choices(c, period.last)
    day = min(period.last, date.fromisoformat(reporting_days(held)(to_wire(as_of))))
    now = coverage(c, day, by_unit=True)
    before = coverage(c, period.first - _ONE_DAY, plans_of=day)
    had = {one.goal.key: frozenset(one.ids["have"]) for one in before.figures}
    rows = c.execute(_GIVEN, (period.first.isoformat(), day.isoformat()))
    given = frozenset(person for (person,) in rows)
    typed = station_value(c, f"{NAME}.{LOW_BELOW}", period.last)
    low_below = int(typed.value) if typed and typed.value.isdigit() else None
    figures: list[Figure] = []
    for found in _groups(now, period.first):
        new = given - had.get(found.goal.key, frozenset())
        figures += _figures(found, found, new, None, "", None)
        for area, one in sorted(found.areas.items(), key=lambda pair: natural_key(now.units[pair[0]])):
            figures += _figures(found, one, new, area, now.units[area], low_below)
    return tuple(figures)


def _groups(report: CoverageReport, first: date) -> Iterator[Coverage]:
    """The targets that ask for a dose and were not to be reached before the week began."""
    for one in report.figures:
        target = one.goal.target
        if target.dose != "known" and (target.until is None or target.until >= first):
            yield one


def _figures(
    group: Coverage,
    one: Coverage,
    new: frozenset[str],
    area: str | None,
    unit: str,
    low_below: int | None,
) -> Iterator[Figure]:
    key, target, judged = group.goal.key, group.goal.target, one.judged
    op, percent = (
        (target.op, target.percent) if target.op else ("≥", low_below) if low_below else (None, None)
    )
    met = rule.met(op, percent, judged.numerator, judged.denominator)
    detail: dict[str, Any] = {"unit_name": unit} if unit else {}
    have = tuple(sorted(one.ids["have"]))
    week = tuple(ident for ident in have if ident in new)
    yield Figure(f"{key}:due", judged.denominator, unit=area, detail=detail or None)
    yield Figure(f"{key}:week", len(week), "person", week, area, detail=detail or None)
    limit = {"op": op, "percent": percent} if percent is not None else {}
    said = detail | {"of": judged.denominator} | limit | ({"low": met is False} if unit else {})
    yield Figure(f"{key}:total", judged.numerator, "person", have, area, detail=said)


_GIVEN = """
SELECT DISTINCT person FROM vaccination_dose WHERE NOT deleted AND given_on BETWEEN ? AND ?
"""


def wanted(figures: Iterable[Figure]) -> tuple[str, ...]:
    """For each low unit a cause and a solution: ``cause@<unit>``, ``solution@<unit>``."""
    low = dict.fromkeys(
        str(one.detail["unit_name"]) for one in figures if one.detail and one.detail.get("low")
    )
    return tuple(f"{name}@{unit}" for unit in low for name in (CAUSE, SOLUTION))


def lines(figures: Iterable[Figure]) -> list[Line]:
    """The form, unit by unit and then the commune."""
    by_line: dict[tuple[str, str], dict[str, Figure]] = {}
    for one in figures:
        key, _, part = one.name.rpartition(":")
        unit = str((one.detail or {}).get("unit_name", ""))
        by_line.setdefault((unit, key), {})[part] = one
    found = [_line(unit, key, parts) for (unit, key), parts in by_line.items()]
    order = {unit: place for place, unit in enumerate(dict.fromkeys(one.unit for one in found if one.unit))}
    return sorted(found, key=lambda one: order.get(one.unit, len(order)))


def _line(unit: str, key: str, parts: Mapping[str, Figure]) -> Line:
    due, week, total = (_whole(parts.get(part)) for part in PARTS)
    detail = (parts["total"].detail if "total" in parts else None) or {}
    percent = "–" if due is None or total is None else rule.percent_words(total, due)
    limit = f"{detail['op']} {detail['percent']} %" if detail.get("op") else ""
    return Line(unit, group_words(key), due, week, total, percent, limit, bool(detail.get("low")))


def _whole(figure: Figure | None) -> int | None:
    return None if figure is None or figure.value is None else int(figure.value)


@cache
def _targets() -> dict[str, Any]:
    return {f"{one.id}/{target.id}": target for one in rule_sets() for target in one.coverage}


def group_words(key: str) -> str:
    """The group of age and dose that a target names."""
    target = _targets().get(key)
    return str(getattr(target, language())) if target else key


def say_words(name: str) -> str:
    """What a text that a person writes is about."""
    kind, _, unit = name.partition("@")
    return t(f"forms.say_{kind}", unit=unit)


def _word(figure: Figure) -> str:
    unit = (figure.detail or {}).get("unit_name")
    word = t(f"forms.week_{figure.name.rpartition(':')[2]}")
    return f"{unit}: {word}" if unit else word


def _section(figure: Figure) -> str:
    return group_words(figure.name.rpartition(":")[0])


def _note(figure: Figure) -> str:
    """The rate with the total."""
    said = figure.detail or {}
    if "of" not in said or figure.value is None:
        return ""
    percent = rule.percent_words(int(figure.value), said["of"])
    words = f"{figure.value}/{said['of']} = {percent}"
    return f"{words} · {t('forms.week_low')}" if said.get("low") else words


VACCINATION_WEEKLY = Kind(
    name=NAME,
    period=week_period,
    count=_count,
    due_kind=NAME,
    rule_subjects=("coverage",),
    wanted=wanted,
    word=_word,
    section=_section,
    notes=("forms.week_note", "forms.week_low_note"),
    typed=(LOW_BELOW,),
    say_word=say_words,
    note=_note,
    recounts=False,
)
