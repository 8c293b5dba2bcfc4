"""The days and moments a report is about, by the reporting day that the station chose."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta

from tui_app.clock import VIETNAM
from tui_app.services.reports.kinds import Choices, Period
from tui_app.services.station_values import CUT_OFF, SHORT_MONTH

_ONE_DAY = timedelta(days=1)
_HALF, _END = 15, 30  # S2 §III.2: on the 15th and the 30th


def between(first: date, last: date, choices: Choices) -> Period:
    """The reporting days ``first`` to ``last``. One that is cut off at 16:00 began at 16:00 on the day before, as the
    national bulletin counted (rules §1.5)."""
    return Period(first, last, _begin(first, choices), _begin(last + _ONE_DAY, choices))


def day_period(day: date, choices: Choices) -> Period:
    """One reporting day."""
    return between(day, day, choices)


def week_period(day: date, choices: Choices) -> Period:
    """Monday to Sunday (QĐ 97/QĐ-PB)."""
    monday = day - timedelta(days=day.weekday())
    return between(monday, monday + timedelta(days=6), choices)


def half_month_period(day: date, choices: Choices) -> Period:
    """From the day after a report of the 15th or 30th to the next one; the 31st belongs to the next report.

    February ends on its last day, or has no second report, as the station chose.
    """
    last = day
    while not _reports_on(last, choices):
        last += _ONE_DAY
    first = day
    while not _reports_on(first - _ONE_DAY, choices):
        first -= _ONE_DAY
    return between(first, last, choices)


def reporting_day(moment: datetime, choices: Choices) -> date:
    """The reporting day that a moment lies in."""
    local = moment.astimezone(VIETNAM)
    return local.date() + _ONE_DAY if local.time() >= _cut(choices) > time(0) else local.date()


def at_noon(day: date) -> datetime:
    """A moment that lies in the reporting day ``day`` whatever was chosen: for facts known by their date only."""
    return datetime.combine(day, time(12), VIETNAM)


def _reports_on(day: date, choices: Choices) -> bool:
    if day.day in (_HALF, _END):
        return True
    short = calendar.monthrange(day.year, day.month)[1]
    return short < _END and day.day == short and choices.get(SHORT_MONTH) != "none"


def _begin(day: date, choices: Choices) -> datetime:
    cut = _cut(choices)
    return datetime.combine(day - _ONE_DAY if cut > time(0) else day, cut, VIETNAM)


def _cut(choices: Choices) -> time:
    return time.fromisoformat(choices.get(CUT_OFF, "00:00"))
