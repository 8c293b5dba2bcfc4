"""The daily report of an outbreak until it ends (TT 15/2026/TT-BYT, Đ26.1d): the day and all days, unit by unit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tui_app.i18n import t
from tui_app.services.outbreaks.daily import COUNTED, entries
from tui_app.services.outbreaks.declaring import outbreak, outbreaks
from tui_app.services.reports.choices import FIGURES, choices
from tui_app.services.reports.kinds import Figure, Kind, Period
from tui_app.services.reports.periods import day_period

NAME = "outbreak"
_TOTAL = "_total"
"""What a figure is called that counts from the first day on."""


def count(c: Any, period: Period, as_of: datetime, subject: str) -> tuple[Figure, ...]:
    """Cases, deaths, samples and positive ones of the day and since the first case; None of a disease whose cases are
    not kept here. Raises NotFound, NotOpened."""
    found = outbreak(c, subject)
    held, last = choices(c, period.last), min(period.last, found.ended_on or period.last)
    every = entries(c, found.areas, found.started_on, last, as_of, held) if found.counted else []
    figures = []
    for ending, since in (("", period.first), (_TOTAL, found.started_on)):
        counted = [one for one in every if one.day >= since]
        for unit, name in ((None, ""), *found.units):
            here = [one for one in counted if unit in (None, one.area)]
            detail = {"unit_name": name} if name else None
            for what, kind in COUNTED.items():
                ids = tuple(sorted(one.record for one in here if one.what == what))
                value = len(ids) if found.counted else None
                figures.append(Figure(f"{what}{ending}", value, kind, ids, unit, detail=detail))
    return tuple(figures)


def subjects(c: Any, period: Period) -> tuple[tuple[str, str], ...]:
    """The outbreaks that are to be reported in a period."""
    return tuple(
        (one.id, one.name)
        for one in outbreaks(c)
        if one.found_on <= period.last and (one.ended_on is None or one.ended_on >= period.first)
    )


def word(figure: Figure) -> str:
    """What is counted, of which unit."""
    counted = t(f"outbreak.paper_col_{figure.name.removesuffix(_TOTAL)}")
    unit = (figure.detail or {}).get("unit_name")
    return f"{unit}: {counted}" if unit else counted


def section(figure: Figure) -> str:
    """Of the day, or of all days."""
    return t("outbreak.section_total" if figure.name.endswith(_TOTAL) else "outbreak.section_day")


OUTBREAK = Kind(
    name=NAME,
    subject_needed=True,
    period=day_period,
    count=count,
    due_kind=NAME,
    conventions=FIGURES,
    subjects=subjects,
    word=word,
    section=section,
    notes=("outbreak.paper_counted",),
)
