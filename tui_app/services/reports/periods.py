"""The days and moments a report is about, by the reporting day that the station chose."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import cache

from tui_app.clock import VIETNAM, from_wire
from tui_app.services.reports.kinds import Choices, Period
from tui_app.services.station.station_values import CUT_OFF, SHORT_MONTH

_ONE_DAY = timedelta(days=1)
_TO_THE_HOUR = 13  # letters of a wire moment
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


def reporting_days(choices: Choices) -> Callable[[str], str]:
    """A function of a wire moment: the reporting day it lies in, ISO.

    Days begin on the hour, so a moment's hour decides, and each hour is worked out once.
    """
    cut = _cut(choices)

    @cache
    def of_hour(hour: str) -> str:
        local = from_wire(f"{hour}:00:00Z").astimezone(VIETNAM)
        late = local.time() >= cut > time(0)
        return (local.date() + _ONE_DAY if late else local.date()).isoformat()

    return lambda moment: of_hour(moment[:_TO_THE_HOUR])


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
