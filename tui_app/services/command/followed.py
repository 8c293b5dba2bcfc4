"""Who was followed at home, whose half-day was late, whose danger sign nobody had answered, at many moments at once: as
far as is known by now, so that a sheet typed later counts for its half-day."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from tui_app.clock import day_bounds, to_wire
from tui_app.records.cases import CaseEventKind, CaseOutcome
from tui_app.rules import slots
from tui_app.rules.rule_set import RuleSets
from tui_app.services.care.known import Event, events_of
from tui_app.services.care.on_board import unanswered

HOME = "home"
NEVER = "~"  # later than any wire moment
_Taken = dict[str, dict[str, str]]  # day and half-day -> case -> wire moment of its first reading that stands


@dataclass(frozen=True, slots=True)
class Followed:
    """A case. ``home``: (from, to) wire moments at which it was open and cared for at home, in their order; ``to`` is
    empty while it lasts."""

    case: str
    person: str
    area: str
    followed_by: str
    home: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """How it stood at a moment: ids of cases. ``late``: of those at home, whose half-day is overdue or was missed;
    ``danger``: of all, those with an alert that nobody had answered."""

    home: tuple[str, ...]
    late: tuple[str, ...]
    danger: tuple[str, ...]


def followed(c: Any, since: str, shut: Collection[str]) -> list[Followed]:
    """Every case that was open at some time since a wire moment, those that never were one left out."""
    day = since[:10]
    rows = [row for row in c.execute(_CASES, (day, since)) if row["area"] not in shut]
    events = events_of(c, [row["id"] for row in rows])
    return [
        Followed(
            row["id"],
            row["person"] or "",
            row["area"],
            row["followed_by"] or "",
            _at_home(row, events.get(row["id"], [])),
        )
        for row in rows
    ]


def looks(
    c: Any,
    cases: Sequence[Followed],
    moments: Sequence[datetime],
    now: datetime,
    sets: RuleSets,
    shut: Collection[str],
) -> list[Look]:
    """How the cases stood at each moment (aware, in their order, none after ``now``)."""
    half_days = [_HalfDay.at(sets, moment) for moment in moments]
    since = to_wire(moments[0] - timedelta(days=2))  # the half-day before the first moment is younger
    taken = _taken(c, [one.case for one in cases if one.home], half_days, since)
    alerts = _alerts(c, cases, moments, now, shut)
    wire = [to_wire(moment) for moment in moments]
    found = []
    for at, half_day, home, danger in zip(wire, half_days, _home(cases, wire), alerts, strict=True):
        found.append(Look(tuple(case for case, _ in home), half_day.late(home, taken, at), danger))
    return found


def _home(cases: Iterable[Followed], moments: Sequence[str]) -> list[list[tuple[str, str]]]:
    """At each moment the cases at home, with since when without a break."""
    found: list[list[tuple[str, str]]] = [[] for _ in moments]
    for one in cases:
        for begins, ends in one.home:
            last = bisect_left(moments, ends) if ends else len(moments)
            for place in range(bisect_left(moments, begins), last):
                found[place].append((one.case, begins))
    return found


@dataclass(frozen=True, slots=True)
class _HalfDay:
    """The half-day a moment lies in and the one before, each with when its readings were overdue."""

    here: str
    overdue: str
    before: str
    before_overdue: str

    @staticmethod
    def at(sets: RuleSets, moment: datetime) -> _HalfDay:
        here = slots.slot_at(sets, moment)
        past = slots.previous_slot(sets, here)
        return _HalfDay(
            f"{here.day.isoformat()} {here.slot}",
            to_wire(slots.bounds(sets, here.day, here.slot)[2]),
            f"{past.day.isoformat()} {past.slot}",
            to_wire(slots.bounds(sets, past.day, past.slot)[2]),
        )

    def late(self, home: Iterable[tuple[str, str]], taken: _Taken, at: str) -> tuple[str, ...]:
        """Those of the cases at home that are overdue or missing on the F0 board (`board.Standing`)."""
        now, then = taken.get(self.here, {}), taken.get(self.before, {})
        overdue = self.overdue if at >= self.overdue else ""
        return tuple(
            case
            for case, since in home
            if now.get(case, NEVER) > at
            and (overdue > since or (self.before_overdue > since and then.get(case, NEVER) > at))
        )


def _at_home(row: Any, events: list[Event]) -> tuple[tuple[str, str], ...]:
    opened = next((event.at for event in events if event.event == CaseEventKind.OPENED), None)
    began = opened or day_bounds(date.fromisoformat(row["started_on"]))[0]
    moved = [event for event in events if event.event == CaseEventKind.PLACE]
    place = moved[0].was if moved else row["place"]
    spans: list[tuple[str, str]] = []
    is_open, start = True, began if place == HOME else ""
    for event in events:
        if event.event == CaseEventKind.PLACE:
            place, at = event.became, event.at
        elif event.event == CaseEventKind.ENDED:
            is_open, at = False, _ended(event)
        elif event.event == CaseEventKind.REOPENED:
            is_open, at = True, event.at
        else:
            continue
        at_home = is_open and place == HOME
        if start and not at_home:
            spans.append((start, max(start, at)))
            start = ""
        elif at_home and not start:
            start = at
    if start:
        ended = row["ended_on"] if is_open else None  # one that was ended elsewhere, without an event
        spans.append((start, max(start, day_bounds(date.fromisoformat(ended))[0]) if ended else ""))
    return tuple(spans)


def _ended(event: Event) -> str:
    """When it ended: when that was written, or at the end of the day it ended on, typed later."""
    return min(event.at, day_bounds(date.fromisoformat(event.on))[1]) if event.on else event.at


def _taken(c: Any, cases: Iterable[str], half_days: Iterable[_HalfDay], since: str) -> _Taken:
    """When each case was first measured in the half-days asked about, of the readings since a wire moment."""
    asked = {half_day for one in half_days for half_day in (one.here, one.before)}
    found: _Taken = {half_day: {} for half_day in asked}
    for case, half_day, at in c.execute(_READ, (_json(cases), since, _json(asked))):
        if at < found[half_day].get(case, NEVER):
            found[half_day][case] = at
    return found


def _alerts(
    c: Any, cases: Sequence[Followed], moments: Sequence[datetime], now: datetime, shut: Collection[str]
) -> list[tuple[str, ...]]:
    """At each moment the cases with an unanswered alert; those of now as the F0 board has them."""
    of = {one.case for one in cases}
    found_rows = c.execute(_ALERTS, (_json(of), to_wire(moments[0])))
    rows = [row for row in found_rows if row["area"] not in shut]
    back: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for alert, answered, reopened in c.execute(_REOPENED, (_json({row["case"] for row in rows}),)):
        back[alert].append((answered, reopened))
    found = []
    for moment in moments:
        if moment == now:
            found.append(tuple(sorted(_named(c, unanswered(c, None), shut))))
            continue
        at = to_wire(moment)
        open_then = {
            row["case"]
            for row in rows
            if row["at"] < at
            and (row["answered_at"] is None or row["answered_at"] >= at)
            and not any(answered <= at < reopened for answered, reopened in back[row["id"]])
        }
        found.append(tuple(sorted(open_then)))
    return found


def _named(c: Any, cases: Iterable[str], shut: Collection[str]) -> Iterable[str]:
    query = 'SELECT id, area FROM "case" WHERE NOT deleted AND id IN (SELECT value FROM json_each(?))'
    return (ident for ident, area in c.execute(query, (_json(cases),)) if area not in shut)


def _json(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()


_CASES = f"""
SELECT id, area, person, place, started_on, ended_on, followed_by FROM "case"
WHERE NOT deleted AND (ended_on IS NULL OR ended_on >= ? OR changed_at >= ?)
    AND outcome IS NOT '{CaseOutcome.MISTAKEN}'
"""
_READ = """
SELECT o."case", o.slot_on || ' ' || o.slot AS half_day, o.at
FROM json_each(?) AS wanted CROSS JOIN observation AS o ON o."case" = wanted.value AND o.at >= ?
WHERE half_day IN (SELECT value FROM json_each(?)) AND NOT o.deleted
    AND coalesce(o.temperature_c, o.pulse, o.respiratory_rate, o.spo2, o.spo2_repeat, o.systolic_bp, o.diastolic_bp,
    o.symptoms, o.signs) IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM observation AS later WHERE later.amends = o.id AND NOT later.deleted)
"""
_ALERTS = """
SELECT id, area, "case", at, answered_at FROM alert
WHERE NOT deleted AND (state = 'open' OR "case" IN (SELECT value FROM json_each(?)))
    AND (answered_at IS NULL OR answered_at >= ?)
"""
_REOPENED = """
SELECT e.became, e.was, e.at FROM json_each(?) AS wanted CROSS JOIN case_event AS e ON e."case" = wanted.value
WHERE e.event = 'alert_reopened' AND NOT e.deleted AND e.became IS NOT NULL AND e.was IS NOT NULL
"""
