"""The daily form of an outbreak filled in: the units on the day, all days since the first case, the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tui_app.services.outbreaks.daily import COUNTED, entries
from tui_app.services.outbreaks.declaring import Outbreak, outbreak
from tui_app.services.reports.choices import choices
from tui_app.services.reports.kinds import Figure
from tui_app.services.station.station_values import CUT_OFF


@dataclass(frozen=True, slots=True)
class DayLine:
    """A unit on a day. ``numbers``: by `COUNTED`, None where they cannot be counted."""

    day: date
    unit: str
    numbers: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class DailyNumbers:
    """``on_day``: a line a unit; ``days``: the units' lines of the days on which anything happened, ``day`` last;
    ``of_day``, ``total``: sums; ``cut_off``: when a reporting day begins."""

    outbreak: Outbreak
    day: date
    on_day: tuple[DayLine, ...]
    days: tuple[DayLine, ...]
    of_day: Mapping[str, int | None]
    total: Mapping[str, int | None]
    cut_off: str


def daily_numbers(c: Any, ident: str, day: date, as_of: datetime) -> DailyNumbers:
    """What the form of a day says, as known at a moment (aware). Raises NotFound, NotOpened."""
    found = outbreak(c, ident)
    held, last = choices(c, day), min(day, found.ended_on or day)
    every = entries(c, found.areas, found.started_on, last, as_of, held) if found.counted else []
    counted = Counter((one.day, one.area, one.what) for one in every)
    happened = sorted({one.day for one in every} | {day})

    def sums(days: Iterable[date], areas: Iterable[str]) -> dict[str, int | None]:
        pairs = [(when, area) for when in days for area in areas]
        return {
            what: sum(counted[*pair, what] for pair in pairs) if found.counted else None for what in COUNTED
        }

    days = [DayLine(when, name, sums((when,), (area,))) for when in happened for area, name in found.units]
    on_day = tuple(line for line in days if line.day == day)
    of_day, total = sums((day,), found.areas), sums(happened, found.areas)
    return DailyNumbers(found, day, on_day, tuple(days), of_day, total, held[CUT_OFF])


def numbers_of(found: Outbreak, day: date, figures: Iterable[Figure], cut_off: str) -> DailyNumbers:
    """The form of a day as a report has it: its figures, without the days before."""
    values = {(one.name, one.unit): one.value for one in figures}

    def told(ending: str, unit: str | None) -> dict[str, int | None]:
        said = {what: values.get((f"{what}{ending}", unit)) for what in COUNTED}
        return {what: None if value is None else int(value) for what, value in said.items()}

    on_day = [DayLine(day, name, told("", unit)) for unit, name in found.units]
    return DailyNumbers(
        found, day, tuple(on_day), tuple(on_day), told("", None), told("_total", None), cut_off
    )
