"""The weekly report (Monday to Sunday, QĐ 97) and the periodic one (to the 15th and the 30th, S2 §III.2).

Both have the blocks of the daily form over their period, then each unit's new cases and deaths, and the care given at
home: readings, danger signs and how many of them nobody answered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import msgspec

from tui_app.clock import to_wire
from tui_app.i18n import t
from tui_app.records.cases import CaseOutcome
from tui_app.services.reports.choices import FIGURES, PERIODS
from tui_app.services.reports.form import (
    CASE,
    NOTES,
    TYPED,
    Form,
    block_of,
    facts,
    form_figures,
    form_gaps,
    form_section,
    form_word,
)
from tui_app.services.reports.kinds import Choices, Figure, Gap, Kind, Period
from tui_app.services.reports.knowing import knowing
from tui_app.services.reports.periods import half_month_period, week_period
from tui_app.text import natural_key

CARE = ("care_readings", "care_patients", "care_alerts", "care_unanswered")
UNITS = ("unit_new", "unit_died")


def _kind(name: str, period: Callable[[date, Choices], Period], conventions: tuple[str, ...]) -> Kind:
    def count(c: Any, period: Period, as_of: datetime, subject: str) -> tuple[Figure, ...]:
        found = facts(c, period, as_of)
        return (
            *form_figures(c, name, period, as_of, found),
            *_care(c, period, as_of, found),
            *_units(c, period, found),
        )

    return Kind(
        name=name,
        period=period,
        count=count,
        gaps=_gaps,
        due_kind=name,
        conventions=conventions,
        rule_subjects=("contact_watch", "danger_sign"),
        word=_word,
        section=_section,
        notes=NOTES,
        typed=TYPED,
    )


def _care(c: Any, period: Period, as_of: datetime, found: Form) -> tuple[Figure, ...]:
    """Readings taken in the period of who was a case in it, and the danger signs found by them."""
    first = period.first.isoformat()
    followed = [one.id for one in found.cases if not one.ended_on or one.ended_on >= first]
    known = knowing(c, as_of)
    values = known.values | {
        "cases": msgspec.json.encode(followed).decode(),
        "begins": to_wire(period.begins),
        "ends": to_wire(period.ends),
    }
    readings, patients = c.execute(
        _READINGS.format(came=known.came("o"), amended=known.came("later")), values
    ).fetchone()
    alerts = c.execute(_ALERTS, values).fetchall()
    ids = tuple(row["id"] for row in alerts)
    left = tuple(row["id"] for row in alerts if row["answered_at"] is None)
    return (
        Figure("care_readings", readings),
        Figure("care_patients", patients),
        Figure("care_alerts", len(ids), "alert", ids),
        Figure("care_unanswered", len(left), "alert", left),
    )


def _units(c: Any, period: Period, found: Form) -> tuple[Figure, ...]:
    """New cases and deaths of each unit that has any, by its name."""
    first = period.first.isoformat()
    of: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in found.cases:
        if one.on >= first:
            of["unit_new", one.area].append(one.id)
        if one.outcome == CaseOutcome.DIED and one.ended_on >= first:
            of["unit_died", one.area].append(one.id)
    names = {row["id"]: row["unit_name"] or row["id"] for row in c.execute("SELECT id, unit_name FROM area")}
    areas = sorted({area for _, area in of}, key=lambda area: natural_key(names.get(area, area) or ""))
    return tuple(
        Figure(
            name,
            len(of[name, area]),
            CASE,
            tuple(sorted(of[name, area])),
            area,
            detail={"unit_name": names.get(area, area)},
        )
        for area in areas
        for name in UNITS
    )


def _gaps(figures: tuple[Figure, ...]) -> tuple[Gap, ...]:
    """Those of the form, and new cases that the units together do not come to."""
    found = list(form_gaps(figures))
    values = {one.name: one.value for one in figures if one.unit is None}
    units = sum(one.value or 0 for one in figures if one.name == "unit_new")
    new = values.get("f0_new")
    if new is not None and units != new:
        found.append(Gap("f0_new", new, ("unit_new",), units))
    return tuple(found)


def _word(figure: Figure) -> str:
    if block_of(figure.name):
        return form_word(figure)
    unit = (figure.detail or {}).get("unit_name")
    word = t(f"reports.figure_{figure.name}")
    return f"{unit}: {word}" if unit else word


def _section(figure: Figure) -> str:
    if block_of(figure.name):
        return form_section(figure)
    return t("reports.section_care" if figure.name in CARE else "reports.section_units")


_READINGS = """
SELECT count(*), count(DISTINCT o."case") FROM json_each(:cases) AS followed
CROSS JOIN observation AS o ON o."case" = followed.value
WHERE NOT o.deleted AND o.at >= :begins AND o.at < :ends AND o.changed_at <= :until AND {came} AND o.id NOT IN (
    SELECT later.amends FROM observation AS later
    WHERE later.amends IS NOT NULL AND NOT later.deleted AND later.changed_at <= :until AND {amended})
"""
_ALERTS = """
SELECT id, CASE WHEN answered_at <= :until THEN answered_at END AS answered_at FROM alert
WHERE NOT deleted AND at >= :begins AND at < :ends AND at <= :until ORDER BY id
"""
WEEKLY = _kind("weekly", week_period, FIGURES)
PERIODIC = _kind("periodic", half_month_period, PERIODS)
