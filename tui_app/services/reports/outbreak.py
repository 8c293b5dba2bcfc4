"""The daily report of an outbreak until it ends (TT 15/2026/TT-BYT, Đ26.1d): the day and all days, unit by unit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tui_app.clock import VIETNAM
from tui_app.services.outbreaks.daily import COUNTED, entries
from tui_app.services.outbreaks.declaring import outbreak, outbreaks
from tui_app.services.reports.kinds import Figure, Kind, Period
from tui_app.services.reports.periods import day_period
from tui_app.services.station_values import CUT_OFF

NAME = "outbreak"
TOTAL = "{}_total"
"""What a figure is called that counts from the first day on."""


def count(c: Any, period: Period, as_of: datetime, subject: str) -> tuple[Figure, ...]:
    """Cases, deaths, samples and positive ones of the day and since the first case; None of a disease whose cases are
    not kept here. Raises NotFound, NotOpened."""
    found = outbreak(c, subject)
    choices = {CUT_OFF: f"{period.begins.astimezone(VIETNAM):%H:%M}"}
    last = min(period.last, found.ended_on or period.last)
    every = entries(c, found.areas, found.started_on, last, choices) if found.counted else []
    figures = []
    for unit in (None, *found.areas):
        here = [one for one in every if unit in (None, one.area)]
        for pattern, since in (("{}", period.first), (TOTAL, found.started_on)):
            for what, kind in COUNTED.items():
                ids = tuple(sorted(one.record for one in here if one.what == what and one.day >= since))
                value = len(ids) if found.counted else None
                figures.append(Figure(pattern.format(what), value, kind, ids, unit))
    return tuple(figures)


def subjects(c: Any, period: Period) -> tuple[tuple[str, str], ...]:
    """The outbreaks that are to be reported in a period."""
    return tuple(
        (one.id, one.name)
        for one in outbreaks(c)
        if one.found_on <= period.last and (one.ended_on is None or one.ended_on >= period.first)
    )


OUTBREAK = Kind(
    name=NAME,
    subject_needed=True,
    period=day_period,
    count=count,
    due_kind=NAME,
    conventions=(CUT_OFF,),
    subjects=subjects,
)
