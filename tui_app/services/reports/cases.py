"""Cases as a report counts them: on which reporting day each began, and how it stood at the end of a period, by what
was known at a moment.

A case belongs to the reporting day of the positive test it began with; where only a date is known, to that day. It
stood as its fields say now, with every later event taken back; where it was cared for is by the days of those events.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tui_app.clock import VIETNAM, from_wire
from tui_app.records.cases import CaseEventKind, CaseOutcome
from tui_app.services.care.known import Event, events_of
from tui_app.services.reports.kinds import Choices, Period
from tui_app.services.reports.knowing import knowing
from tui_app.services.reports.periods import reporting_days
from tui_app.services.station.station_values import CUT_OFF


@dataclass(frozen=True, slots=True)
class CountedCase:
    """``on``: its reporting day, ISO; ``ended_on``, ``outcome``: empty while it went on at the period's end; ``place``:
    where it was cared for then; ``again``: the person had recovered from an earlier case."""

    id: str
    person: str
    area: str
    on: str
    place: str
    ended_on: str
    outcome: str
    again: bool


def counted_cases(
    c: Any, period: Period, as_of: datetime, choices: Choices, since: str = ""
) -> list[CountedCase]:
    """Every case that began by the end of a period, without those that never were one, by their reporting day.

    ``since``: leave out those that began before this day (ISO).
    """
    last, known = period.last.isoformat(), knowing(c, as_of)
    rows = c.execute(_CASES, (_latest_day(as_of),)).fetchall()
    query = _CHANGED.format(came=known.came("e"))
    events, late = _events(c, c.execute(query, known.values | {"last": last}).fetchall())
    moments = dict(c.execute(_TESTS)) if choices.get(CUT_OFF, "00:00") != "00:00" else {}
    day_of = reporting_days(choices)
    found = []
    recovered: dict[str, str] = {}
    for row in rows:
        one = _state(row, events.get(row["id"]), late, last)
        if one is None:
            continue
        began, place, ended_on, outcome = one
        if outcome == CaseOutcome.MISTAKEN:
            continue
        on = _on(began, moments.get(row["id"]), day_of)
        if on > last or on < since:
            continue
        person = row["person"] or ""
        again = person in recovered and recovered[person] <= on
        if outcome == CaseOutcome.RECOVERED:
            recovered[person] = ended_on
        if ended_on > last:
            ended_on = outcome = ""
        found.append(CountedCase(row["id"], person, row["area"], on, place, ended_on, outcome, again))
    return sorted(found, key=lambda one: (one.on, one.id))


def _state(
    row: Mapping[str, Any], events: list[Event] | None, late: Collection[str], last: str
) -> tuple[str, str, str, str] | None:
    """First day, place at the end of the last day, end and outcome, as known; None when it had not been opened.

    ``events``: all there are, None where none came later; ``late``: those that were not known."""
    began, place = row["began"], row["place"] or ""
    if events is None:
        return began, place, row["ended_on"] or "", row["outcome"] or ""
    opened = next((one for one in events if one.event == CaseEventKind.OPENED), None)
    if opened is not None and opened.id in late:
        return None
    later = [one for one in events if one.id in late]
    for one in reversed(later):
        if one.event == CaseEventKind.FIRST_POSITIVE_ON:
            began = one.was or row["started_on"]
    places = [one for one in events if one.event == CaseEventKind.PLACE]
    held = [one for one in places if one.id not in late and (one.on or "") <= last]
    if held:
        place = held[-1].became or ""
    elif places:
        place = places[0].was or ""
    ended_on, outcome = row["ended_on"] or "", row["outcome"] or ""
    if any(one.event in _ENDS for one in later):
        before = [one for one in events if one.event in _ENDS and one.id not in late]
        end = before[-1] if before and before[-1].event == CaseEventKind.ENDED else None
        ended_on, outcome = (end.on or "", end.became or "") if end else ("", "")
    return began, place, ended_on, outcome


def _events(c: Any, changed: list[Any]) -> tuple[dict[str, list[Event]], frozenset[str]]:
    """case -> all events of the cases that changed later, and which of them were not known."""
    late = frozenset(row["id"] for row in changed if row["late"])
    return (events_of(c, {row["case"] for row in changed}) if changed else {}), late


def _on(began: str, tested: str | None, day_of: Callable[[str], str]) -> str:
    """The reporting day: of the test, when it was made on the case's first day, else that day."""
    if tested is not None and from_wire(tested).astimezone(VIETNAM).date().isoformat() == began:
        return day_of(tested)
    return began


def _latest_day(as_of: datetime) -> str:
    return as_of.astimezone(VIETNAM).date().isoformat()


_ENDS = (CaseEventKind.ENDED, CaseEventKind.REOPENED)
_CASES = """
SELECT id, person, area, started_on, coalesce(first_positive_on, started_on) AS began, place, ended_on, outcome
FROM "case" WHERE NOT deleted AND started_on <= ? ORDER BY began, id
"""
_CHANGED = """
SELECT e."case", e.id, (e.at > :until OR NOT {came}) AS late FROM case_event AS e
WHERE NOT e.deleted AND (e.at > :until OR (e.event = 'place' AND e."on" > :last) OR NOT {came})
"""
_TESTS = """
SELECT e."case", t.at FROM case_event AS e JOIN test_result AS t ON t.id = e.test AND NOT t.deleted
WHERE e.event = 'opened' AND NOT e.deleted
"""
