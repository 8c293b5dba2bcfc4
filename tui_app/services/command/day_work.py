"""What was done on a reporting day and a chief looks at: the visits, the readings, and the cases something was decided
about. Corrected rows are left out, what corrects them is in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.records.cases import CaseEventKind
from tui_app.records.visits import TestOutcome
from tui_app.services.access import gate
from tui_app.services.care.known import FIELD_OF, Event, known
from tui_app.services.command.days import ReportingDay
from tui_app.services.command.stamps import doubts, stamp
from tui_app.services.people.severity import UNWELL
from tui_app.services.visits.standing import standing
from tui_app.store.rows import table
from tui_app.text import place_words

VISIT, READING, CASE = "household_visit", "observation", "case"
TYPES = (VISIT, READING, CASE)
UNTOLD = frozenset(
    {CaseEventKind.NO_ANSWER, CaseEventKind.NOTE, CaseEventKind.ALERT_REOPENED, CaseEventKind.FOLLOWER}
)
"""Events that decide nothing about a case."""
_VARYING = frozenset(FIELD_OF.values()) - {"first_positive_on", "onset_on"}
"""Fields of a case that change as it goes on: a later value says nothing of an earlier day."""


@dataclass(frozen=True, slots=True)
class Done:
    """Something done on a day.

    ``row``: its record; ``at``: wire moment; ``who``: its author; ``name``: the person, or the head and address of a
    door; ``stamp``: of what it says (`stamps.stamp`); ``events``: of a case, what was decided on the day; ``unwell``,
    ``positive``: of a visit, how many were unwell and how many tests were positive.
    """

    row: Row
    at: str
    who: str
    person: str
    household: str
    name: str
    unit: str
    stamp: str
    events: tuple[str, ...] = ()
    unwell: int = 0
    positive: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """Type and id."""
        return self.row.type, self.row.id

    @property
    def says(self) -> tuple[str, str, str]:
        """Which record, and the stamp of what it says."""
        return self.row.type, self.row.id, self.stamp


def work_of(c: Any, day: ReportingDay, only: Collection[str] | None = None) -> list[Done]:
    """The day's work that may be named now, by type and in the order it was done. ``only``: these records alone."""
    found = [*_visits(c, day, only), *_readings(c, day, only), *_cases(c, day, only)]
    shut = gate.closed(c)
    open_ones = [one for one in found if one.row.area not in shut]
    return sorted(open_ones, key=lambda one: (TYPES.index(one.row.type), one.at, one.row.id))


def _visits(c: Any, day: ReportingDay, only: Collection[str] | None) -> Iterable[Done]:
    # what takes a visit back or corrects it was written after it
    query = f"WITH {standing('(SELECT * FROM household_visit WHERE at >= ?)')} SELECT id FROM standing WHERE at < ?"
    ids = [ident for (ident,) in c.execute(query, (day.begins, day.ends))]
    rows = list(table(VISIT).read(c, _of(ids, only)).values())
    doors = _doors(c, [str(row.body["household"]) for row in rows])
    found = {visit: counts for visit, *counts in c.execute(_FOUND, (_json([row.id for row in rows]),))}
    for done in _done(c, day, rows, {row.id: doors.get(str(row.body["household"])) for row in rows}):
        unwell, positive = found[done.row.id]
        yield replace(done, unwell=unwell, positive=positive)


def _readings(c: Any, day: ReportingDay, only: Collection[str] | None) -> Iterable[Done]:
    cases = [ident for (ident,) in c.execute(_CASES, _case_values(day))]
    rows = [
        row
        for row in table(READING).where(c, _MEASURED, (_json(cases), day.begins, day.ends))
        if only is None or row.id in only
    ]
    people = _people(c, [str(row.body["person"]) for row in rows])
    return _done(c, day, rows, {row.id: people.get(str(row.body["person"])) for row in rows})


def _cases(c: Any, day: ReportingDay, only: Collection[str] | None) -> Iterable[Done]:
    wanted = _of([ident for (ident,) in c.execute(_CASES, _case_values(day))], only)
    events: dict[str, list[tuple[Event, str]]] = defaultdict(list)
    for case, who, *event in c.execute(_EVENTS, (_json(wanted),)):
        events[case].append((Event(*event), who or ""))
    decided = {case: [pair for pair in of if _decides(pair[0], day)] for case, of in events.items()}
    quiet = [case for case in wanted if not any(e.event == CaseEventKind.OPENED for e, _ in events[case])]
    began = set(_began(c, quiet, day.on))
    rows = table(CASE).read(c, [case for case in wanted if decided.get(case) or case in began])
    met = [(row, decided.get(row.id, [])) for row in rows.values() if not row.deleted]
    people = _people(c, [str(row.body["person"]) for row, _ in met])
    asked = doubts(c, [row.id for row, _ in met], day.ends)
    for row, told in met:
        said = _as_of(row, [event for event, _ in events[row.id]], day)
        if said is None:
            continue
        last, who = told[-1] if told else (None, row.who)
        at = last.at if last else day.begins
        shown = people.get(str(row.body["person"]))
        yield _line(
            row, at, who, shown, stamp(said, asked.get(row.id, ())), tuple(str(e.event) for e, _ in told)
        )


def _decides(event: Event, day: ReportingDay) -> bool:
    return day.begins <= event.at < day.ends and event.event not in UNTOLD


def _as_of(case: Row, events: list[Event], day: ReportingDay) -> dict[str, Any] | None:
    """What is said of a case at the end of the day, a wrong day corrected since; None before it was opened."""
    fields = {name: case.body.get(name) for name in (*FIELD_OF.values(), "started_on", "ended_on")}
    then = known(fields, events, day.ends)
    if then is None:
        return None
    said = {
        k: v for k, v in case.body.items() if k not in _VARYING and k not in ("note", "outcome", "ended_on")
    }
    said |= {name: then.fields[name] for name in _VARYING}
    return said | ({"ended_on": then.ended_on, "outcome": case.body.get("outcome")} if then.ended_on else {})


def _began(c: Any, cases: list[str], on: date) -> Iterable[str]:
    """Those that came without events, on their first day."""
    return (
        ident
        for (ident,) in c.execute(
            'SELECT id FROM "case" WHERE id IN (SELECT value FROM json_each(?)) AND started_on = ?',
            (_json(cases), on.isoformat()),
        )
    )


def _done(c: Any, day: ReportingDay, rows: list[Row], shown: Mapping[str, Any]) -> Iterable[Done]:
    asked = doubts(c, [row.id for row in rows], day.ends)
    for row in rows:
        yield _line(
            row, str(row.body["at"]), row.who, shown.get(row.id), stamp(row.body, asked.get(row.id, ()))
        )


def _line(row: Row, at: str, who: str, shown: Any, mark: str, events: tuple[str, ...] = ()) -> Done:
    person, household, name, unit = shown or ("", str(row.body.get("household") or ""), "", "")
    return Done(row, at, who, person, household, name, unit, mark, events)


def _doors(c: Any, households: Iterable[str]) -> dict[str, tuple[str, str, str, str]]:
    found = c.execute(_DOORS, (_json(list(households)),))
    return {
        row["id"]: (
            "",
            row["id"],
            " · ".join(filter(None, (row["head_name"], place_words(row["address"], row["alley"])))),
            row["unit_name"] or "",
        )
        for row in found
    }


def _people(c: Any, persons: Iterable[str]) -> dict[str, tuple[str, str, str, str]]:
    found = c.execute(_PEOPLE, (_json(list(persons)),))
    return {ident: (ident, household or "", name or "", unit or "") for ident, household, name, unit in found}


def _case_values(day: ReportingDay) -> tuple[str, str]:
    return (day.on - timedelta(days=1)).isoformat(), day.begins


def _of(ids: list[str], only: Collection[str] | None) -> list[str]:
    return ids if only is None else [ident for ident in ids if ident in only]


def _json(values: list[str]) -> str:
    return msgspec.json.encode(values).decode()


_CASES = """
SELECT id FROM "case" WHERE NOT deleted AND (ended_on IS NULL OR ended_on >= ? OR changed_at >= ?)
"""
_MEASURED = """"case" IN (SELECT value FROM json_each(?)) AND at >= ? AND at < ?
AND coalesce(temperature_c, pulse, respiratory_rate, spo2, spo2_repeat, systolic_bp, diastolic_bp, symptoms, signs)
    IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM observation AS later WHERE later.amends = observation.id AND NOT later.deleted)"""
_EVENTS = """
SELECT e."case", e.changed_by, e.id, e.at, e.event, e.was, e.became, e."on", e.amends
FROM json_each(?) AS wanted CROSS JOIN case_event AS e ON e."case" = wanted.value
WHERE NOT e.deleted ORDER BY e.at, e.id
"""
_FOUND = f"""
SELECT visit.value,
    (SELECT count(*) FROM screening AS s WHERE s.visit = visit.value AND NOT s.deleted AND {UNWELL}),
    (SELECT count(*) FROM test_result AS r
        WHERE r.visit = visit.value AND NOT r.deleted AND r.result = '{TestOutcome.POSITIVE}')
FROM json_each(?) AS visit
"""
_DOORS = """
SELECT h.id, h.address, h.alley, p.full_name AS head_name, a.unit_name
FROM household AS h LEFT JOIN person AS p ON p.id = h.head AND NOT p.deleted LEFT JOIN area AS a ON a.id = h.area
WHERE h.id IN (SELECT value FROM json_each(?))
"""
_PEOPLE = """
SELECT p.id, p.household, p.full_name, a.unit_name FROM person AS p LEFT JOIN area AS a ON a.id = p.area
WHERE p.id IN (SELECT value FROM json_each(?))
"""
