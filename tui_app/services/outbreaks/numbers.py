"""The daily form of an outbreak filled in: the units on the day, all days since the first case, the sums."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tui_app.services.outbreaks.daily import COUNTED, Entry, entries
from tui_app.services.outbreaks.declaring import Outbreak, outbreak
from tui_app.services.reports.choices import choices
from tui_app.services.reports.kinds import Figure
from tui_app.services.station_values import CUT_OFF


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
    happened = sorted({one.day for one in every} | {day})
    days = [
        DayLine(when, name, _sums((one for one in every if one.day == when and one.area == area), found))
        for when in happened
        for area, name in found.units
    ]
    return DailyNumbers(
        found,
        day,
        tuple(line for line in days if line.day == day),
        tuple(days),
        _sums((one for one in every if one.day == day), found),
        _sums(every, found),
        held[CUT_OFF],
    )


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


def _sums(found: Iterable[Entry], of: Outbreak) -> dict[str, int | None]:
    counted = Counter(one.what for one in found)
    return {what: counted[what] if of.counted else None for what in COUNTED}
