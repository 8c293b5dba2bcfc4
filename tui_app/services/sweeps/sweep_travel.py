"""Where a traveller or newcomer came from and since when, as it is typed at the door: "1 18/8" for the first epidemic
area of the sweep and the day, or the place by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tui_app.text import clean

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{4}))?$")


@dataclass(frozen=True, slots=True)
class Travel:
    """``problem``: catalogue key of what is wrong with the day, empty when nothing is."""

    travel_from: str = ""
    arrived_on: date | None = None
    problem: str = ""


def read_travel(text: str, areas: Sequence[str], today: date) -> Travel:
    """What was typed. A day without a year is the last such day; a day to come is refused, the place stays."""
    *words, last = clean(text).split(" ")
    arrived, problem = None, ""
    if found := _DAY.match(last):
        arrived, problem = _day(found, today)
    else:
        words.append(last)
    place = " ".join(words)
    if place.isdecimal() and 1 <= int(place) <= len(areas):
        place = areas[int(place) - 1]
    return Travel(place, arrived, problem)


def travel_text(travel_from: str, arrived_on: date | None) -> str:
    """As it would be typed, to be corrected."""
    return " ".join(filter(None, (travel_from, arrived_on.strftime("%d/%m/%Y") if arrived_on else "")))


def _day(found: re.Match[str], today: date) -> tuple[date | None, str]:
    try:
        day = date(int(found[3] or today.year), int(found[2]), int(found[1]))
        if found[3] is None and day > today:
            day = day.replace(year=today.year - 1)
    except ValueError:
        return None, "visit.travel_bad_day"
    return (None, "visit.travel_day_to_come") if day > today else (day, "")
