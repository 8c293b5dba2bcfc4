"""The reporting day that the station chose, as moments on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tui_app.clock import VIETNAM, to_wire
from tui_app.services.reports import periods
from tui_app.services.station.station_values import CUT_OFF, choice

MIDNIGHT = "00:00"


@dataclass(frozen=True, slots=True)
class ReportingDay:
    """``begins`` (included) and ``ends`` (excluded): wire moments; ``cut_off``: when it begins, ``16:00`` of the day
    before or ``00:00``."""

    on: date
    begins: str
    ends: str
    cut_off: str


def reporting_day(c: Any, on: date) -> ReportingDay:
    """The moments of a reporting day."""
    cut_off = choice(c, CUT_OFF, on).value
    period = periods.day_period(on, {CUT_OFF: cut_off})
    return ReportingDay(on, to_wire(period.begins), to_wire(period.ends), cut_off)


def day_at(c: Any, moment: datetime) -> date:
    """The reporting day an aware moment lies in."""
    cut_off = choice(c, CUT_OFF, moment.astimezone(VIETNAM).date()).value
    return date.fromisoformat(periods.reporting_days({CUT_OFF: cut_off})(to_wire(moment)))
