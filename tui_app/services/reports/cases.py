"""Cases as a report counts them: on which reporting day each began, and how it stood at the end of a period, by what
was known at a moment.

A case belongs to the reporting day of the positive test it began with; where only a date is known, to that day. It
stood as its fields say now, with every later event taken back; where it was cared for is by the days of those events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tui_app.clock import VIETNAM, day_bounds, from_wire, to_wire
from tui_app.records.cases import CaseEventKind, CaseOutcome
from tui_app.services.care.known import Event, events_of
from tui_app.services.reports.kinds import Choices, Period
from tui_app.services.reports.periods import reporting_day


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
    last, until = period.last.isoformat(), to_wire(as_of)
    rows = c.execute(_CASES, (_latest_day(as_of),)).fetchall()
    changed = [row[0] for row in c.execute(_CHANGED, {"until": until, "last": last})]
    events = events_of(c, changed) if changed else {}
    moments = _moments(c, choices) if choices.get("cut_off", "00:00") != "00:00" else {}
    found = []
    recovered: dict[str, str] = {}
    for row in rows:
        one = _state(row, events.get(row["id"]), until, last)
        if one is None:
            continue
        began, place, ended_on, outcome = one
        if outcome == CaseOutcome.MISTAKEN:
            continue
        on = _on(began, moments.get(row["id"]), choices)
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
    row: Mapping[str, Any], events: list[Event] | None, until: str, last: str
) -> tuple[str, str, str, str] | None:
    """First day, place at the end of the last day, end and outcome, as known; None when it had not been opened."""
    began, place = row["began"], row["place"] or ""
    if events is None:
        return began, place, row["ended_on"] or "", row["outcome"] or ""
    opened = next((one.at for one in events if one.event == CaseEventKind.OPENED), None)
    if (opened or day_bounds(date.fromisoformat(row["started_on"]))[0]) > until:
        return None
    later = [one for one in events if one.at > until]
    for one in reversed(later):
        if one.event == CaseEventKind.FIRST_POSITIVE_ON:
            began = one.was or row["started_on"]
    places = [one for one in events if one.event == CaseEventKind.PLACE]
    held = [one for one in places if one.at <= until and (one.on or "") <= last]
    if held:
        place = held[-1].became or ""
    elif places:
        place = places[0].was or ""
    ended_on, outcome = row["ended_on"] or "", row["outcome"] or ""
    if any(one.event in _ENDS for one in later):
        before = [one for one in events if one.event in _ENDS and one.at <= until]
        end = before[-1] if before and before[-1].event == CaseEventKind.ENDED else None
        ended_on, outcome = (end.on or "", end.became or "") if end else ("", "")
    return began, place, ended_on, outcome


def _moments(c: Any, choices: Choices) -> dict[str, str]:
    """case -> wire moment of the positive test it began with, where that is known."""
    return dict(c.execute(_TESTS))


def _on(began: str, tested: str | None, choices: Choices) -> str:
    """The reporting day: of the test, when it was made on the case's first day, else that day."""
    if tested is not None:
        moment = from_wire(tested)
        if moment.astimezone(VIETNAM).date().isoformat() == began:
            return reporting_day(moment, choices).isoformat()
    return began


def _latest_day(as_of: datetime) -> str:
    return as_of.astimezone(VIETNAM).date().isoformat()


_ENDS = (CaseEventKind.ENDED, CaseEventKind.REOPENED)
_CASES = """
SELECT id, person, area, started_on, coalesce(first_positive_on, started_on) AS began, place, ended_on, outcome
FROM "case" WHERE NOT deleted AND started_on <= ? ORDER BY began, id
"""
_CHANGED = """
SELECT DISTINCT "case" FROM case_event
WHERE NOT deleted AND (at > :until OR (event = 'place' AND "on" > :last))
"""
_TESTS = """
SELECT e."case", t.at FROM case_event AS e JOIN test_result AS t ON t.id = e.test AND NOT t.deleted
WHERE e.event = 'opened' AND NOT e.deleted
"""
