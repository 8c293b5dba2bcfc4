"""The doors of the sweeps that run on a day and where somebody has to knock, or knocked today for the last time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from tui_app.clock import day_bounds, show_date
from tui_app.rules.findings import Finding
from tui_app.services.cases.board import Standing
from tui_app.services.people.severity import UNWELL
from tui_app.services.roster.lines import Reason, RosterLine
from tui_app.services.roster.view import View
from tui_app.services.sweeps.sweep_progress import DONE
from tui_app.services.sweeps.sweep_states import WITHOUT_ANSWERS, SweepState
from tui_app.services.sweeps.sweeps import Sweep, sweeps
from tui_app.services.visits.standing import standing

_DOORS = "SELECT id FROM household WHERE NOT deleted AND area IN (SELECT value FROM json_each(?))"
_KNOCKED = f"""
WITH {standing("(SELECT * FROM household_visit WHERE area IN (SELECT value FROM json_each(?1)) AND at <= ?5)")},
knocks AS MATERIALIZED (
    SELECT id, household, at, outcome FROM standing WHERE campaign = ?2 OR (at >= ?3 AND at < ?4)),
met AS MATERIALIZED (SELECT id, household FROM knocks WHERE outcome = 'met')
"""
_KNOCKS = f"""{_KNOCKED}
SELECT household, max(outcome = 'met'), sum(outcome = 'absent'), max(at),
    max(CASE WHEN outcome IN ('absent', 'refused', 'empty', 'moved') THEN at || id || '|' || outcome END)
FROM knocks GROUP BY household
"""
_ASKED = f"""{_KNOCKED}
SELECT m.household, p.rowid FROM met AS m CROSS JOIN screening AS s ON s.visit = m.id
CROSS JOIN person AS p ON p.id = s.person
WHERE NOT s.deleted AND (s.wellbeing <> 'not_asked' OR {UNWELL})
"""
_THERE = f"""{_KNOCKED}
SELECT p.household, p.rowid FROM (SELECT DISTINCT household FROM met) AS m
CROSS JOIN person AS p ON p.household = m.household
"""
_LIVING = """
SELECT DISTINCT household FROM person WHERE rowid IN (SELECT value FROM json_each(?1)) AND NOT deleted
    AND (died_on IS NULL OR died_on > ?2) AND (moved_on IS NULL OR moved_on > ?2)
"""


def sweep_doors(c: Any, view: View) -> list[RosterLine]:
    """A line a household; of several sweeps a reason each."""
    found: dict[str, RosterLine] = {}
    for one in sweeps(c):
        if not one.runs_on(view.day):
            continue
        for line in _doors(c, view, one):
            there = found.setdefault(line.subject, line)
            if there is not line:
                there.reasons += line.reasons
                there.state = min(there.state, line.state, key=(Standing.DUE, Standing.DONE).index)
    return list(found.values())


def _doors(c: Any, view: View, sweep: Sweep) -> Iterator[RosterLine]:
    areas = msgspec.json.encode([area for area in sweep.areas if area not in view.shut]).decode()
    knocks = _knocks(c, view, sweep, areas)
    since = sweep.started_on.isoformat()
    reasons: dict[tuple[SweepState, int], Reason] = {}
    for (household,) in c.execute(_DOORS, (areas,)):
        state, absences, last_at = knocks.get(household, _UNTOUCHED)
        done = state in DONE
        if done and last_at < view.starts:
            continue
        reason = reasons.get((state, absences))
        if reason is None:
            reason = Reason("sweep", since, _finding(view, sweep, state, absences), sweep.name)
            reasons[state, absences] = reason
        standing_now = Standing.DONE if done else Standing.DUE
        yield RosterLine("visit", household, standing_now, [reason], household=household)


def _knocks(c: Any, view: View, sweep: Sweep, areas: str) -> dict[str, tuple[SweepState, int, str]]:
    """Household -> its state, how often nobody was there, and the wire moment of the last knock; as `household_state`
    has them, without a value for each knock: of ten thousand doors half may have been knocked on."""
    start, end = day_bounds(sweep.started_on)[0], day_bounds(view.day)[1]
    values = (areas, sweep.campaign, start, end, view.last)
    partly = _partly(c, view, values)
    found = {}
    for household, met, absences, last_at, other in c.execute(_KNOCKS, values):
        if met:
            state = SweepState.MET_PARTLY if household in partly else SweepState.MET_ALL
        else:
            state = WITHOUT_ANSWERS[other.rpartition("|")[2]] if other else SweepState.NOT_YET
        found[household] = (state, absences, last_at)
    return found


def _partly(c: Any, view: View, values: tuple[str, ...]) -> set[str]:
    """Households that were met and where somebody lives whom nobody asked. Who was there and who was asked is told by
    indexes alone; the rows of persons, the largest of a ward, are read of those left out only."""
    asked = {(household, person) for household, person in c.execute(_ASKED, values)}
    there = c.execute(_THERE, values)
    left_out = [person for household, person in there if (household, person) not in asked]
    if not left_out:
        return set()
    wanted = msgspec.json.encode(left_out).decode()
    return {household for (household,) in c.execute(_LIVING, (wanted, view.day.isoformat()))}


_UNTOUCHED = (SweepState.NOT_YET, 0, "")


def _finding(view: View, sweep: Sweep, state: SweepState, absences: int) -> tuple[Finding, ...]:
    value: dict[str, Any] = {"sweep_state": state.value}
    if absences:
        value["absences"] = absences
    limit = f"≤ {show_date(sweep.ended_on)}" if sweep.ended_on else ""
    return view.rules.finding("sweep_door", "sweep_state", value, limit)
