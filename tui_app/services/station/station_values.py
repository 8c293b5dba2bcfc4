"""What a station chose where the documents are silent, and the numbers it was told: each with its day and its source.

Choices are the open conventions of domain/rules.md §7 and §1.5; a figure that depends on one says so on every paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.levels import station_value_id
from tui_app.services.access import gate
from tui_app.services.station.station_place import station_place
from tui_app.store.engine import Store
from tui_app.text import clean

CUT_OFF = "cut_off"
SHORT_MONTH = "short_month"
DEVIATION = "standard_deviation"
SCENARIO_UNIT = "scenario_unit"
LEVEL_RHYTHM = "level_rhythm"
CHOICES: Mapping[str, tuple[str, ...]] = {
    CUT_OFF: ("00:00", "16:00"),
    SHORT_MONTH: ("last_day", "none"),
    DEVIATION: ("sample", "population"),
    SCENARIO_UNIT: ("commune", "district"),
    LEVEL_RHYTHM: ("weekly", "daily"),
}
"""What may be chosen, the usual one first: when a reporting day begins, whether a report of the 30th is due on the last
day of February, which standard deviation of five years, whose active cases make the scenario, how often a level is
judged."""


@dataclass(frozen=True, slots=True)
class StationValue:
    """``as_of``: the day it holds from, None for the usual choice that nobody changed; ``id``: its record, or empty."""

    name: str
    value: str
    as_of: date | None = None
    source: str = ""
    id: str = ""


def station_value(c: Any, name: str, day: date) -> StationValue | None:
    """What holds of ``name`` on a day: the newest that began by then. None when nobody said."""
    row = c.execute(
        "SELECT id, value, as_of, source FROM station_value WHERE name = ? AND as_of <= ? AND NOT deleted"
        " AND value IS NOT NULL ORDER BY as_of DESC, changed_at DESC, id LIMIT 1",
        (name, day.isoformat()),
    ).fetchone()
    if row is None:
        return None
    ident, value, as_of, source = row
    return StationValue(name, value, date.fromisoformat(as_of), source or "", ident)


def choice(c: Any, name: str, day: date) -> StationValue:
    """Which of the `CHOICES` of ``name`` holds on a day. Raises KeyError for another name."""
    found = station_value(c, name, day)
    usual = CHOICES[name]
    return found if found is not None and found.value in usual else StationValue(name, usual[0])


def keep_value(
    store: Store, who: str, name: str, value: str, as_of: date | None = None, source: str = ""
) -> str:
    """Keep a choice or a number from a day on (today). Only the chief may. Returns the record's id.

    Raises InvalidFields for a choice that there is not or a day to come; NotOpened; NotFound.
    """
    day = as_of or today(store.clock)
    value, source = clean(value), clean(source)
    problems = []
    if not value or (name in CHOICES and value not in CHOICES[name]):
        problems.append(FieldProblem("value", "station.no_choice", choices=", ".join(CHOICES.get(name, ()))))
    if day > today(store.clock):
        problems.append(FieldProblem("as_of", "problems.day_to_come"))
    if problems:
        raise InvalidFields(problems)
    with store.work(who) as work:
        gate.check_chief(work.connection, "station.chief_only", "station_value")
        place = station_place(work.connection)
        ident = station_value_id(place.commune, name, day)
        fields = {"name": name, "value": value, "as_of": day.isoformat(), "source": source or None}
        work.ensure("station_value", ident, fields, place=place)
        return ident
