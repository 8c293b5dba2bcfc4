"""The doors of the sweeps that run on a day and where somebody has to knock, or knocked today for the last time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from tui_app.clock import day_bounds, show_date
from tui_app.records.visits import VisitOutcome
from tui_app.rules.findings import Finding
from tui_app.services.board import Standing
from tui_app.services.roster.lines import Reason, RosterLine
from tui_app.services.roster.view import View
from tui_app.services.severity import UNWELL
from tui_app.services.standing import standing
from tui_app.services.sweep_progress import DONE
from tui_app.services.sweep_states import Knock, SweepState, household_state
from tui_app.services.sweeps import Sweep, sweeps

_DOORS = "SELECT id FROM household WHERE NOT deleted AND area IN (SELECT value FROM json_each(?))"
_KNOCKS = f"""
WITH {standing("(SELECT * FROM household_visit WHERE area IN (SELECT value FROM json_each(?1)) AND at <= ?5)")},
knocks AS MATERIALIZED (
    SELECT id, household, at, outcome FROM standing WHERE campaign = ?2 OR (at >= ?3 AND at < ?4)),
met AS MATERIALIZED (SELECT id, household FROM knocks WHERE outcome = 'met'),
asked AS MATERIALIZED (
    SELECT DISTINCT m.household, s.person FROM met AS m CROSS JOIN screening AS s ON s.visit = m.id
    WHERE NOT s.deleted AND (s.wellbeing <> 'not_asked' OR {UNWELL})),
left_out AS MATERIALIZED (
    SELECT DISTINCT p.household FROM (SELECT DISTINCT household FROM met) AS m
    CROSS JOIN person AS p ON p.household = m.household
    WHERE NOT p.deleted AND (p.died_on IS NULL OR p.died_on > ?6) AND (p.moved_on IS NULL OR p.moved_on > ?6)
        AND NOT EXISTS (SELECT 1 FROM asked AS a WHERE a.household = p.household AND a.person = p.id))
SELECT k.id, k.household, k.at, k.outcome, k.household IN (SELECT household FROM left_out) AS left_out FROM knocks AS k
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
    untouched = Reason("sweep", since, _finding(view, sweep, SweepState.NOT_YET, 0), sweep.name)
    for (household,) in c.execute(_DOORS, (areas,)):
        there = knocks.get(household)
        if there is None:
            yield RosterLine("visit", household, Standing.DUE, [untouched], household=household)
            continue
        state, absences, last_at = there
        done = state in DONE
        if done and last_at < view.starts:
            continue
        reason = Reason("sweep", since, _finding(view, sweep, state, absences), sweep.name)
        standing_now = Standing.DONE if done else Standing.DUE
        yield RosterLine("visit", household, standing_now, [reason], household=household)


def _knocks(c: Any, view: View, sweep: Sweep, areas: str) -> dict[str, tuple[SweepState, int, str]]:
    """Household -> its state, how often nobody was there, and the wire moment of the last knock."""
    start, end = day_bounds(sweep.started_on)[0], day_bounds(view.day)[1]
    knocks: dict[str, list[Knock]] = defaultdict(list)
    partly: set[str] = set()
    values = (areas, sweep.campaign, start, end, view.last, view.day.isoformat())
    for ident, household, at, outcome, left_out in c.execute(_KNOCKS, values):
        knocks[household].append(Knock(ident, at, outcome))
        if left_out and outcome == VisitOutcome.MET:
            partly.add(household)
    found = {}
    for household, several in knocks.items():
        living = frozenset({household}) if household in partly else frozenset[str]()  # somebody nobody asked
        state = household_state(several, living)
        found[household] = (state.state, state.absences, max(knock.at for knock in several))
    return found


def _finding(view: View, sweep: Sweep, state: SweepState, absences: int) -> tuple[Finding, ...]:
    value: dict[str, Any] = {"sweep_state": state.value}
    if absences:
        value["absences"] = absences
    limit = f"≤ {show_date(sweep.ended_on)}" if sweep.ended_on else ""
    return view.rules.finding("sweep_door", "sweep_state", value, limit)
