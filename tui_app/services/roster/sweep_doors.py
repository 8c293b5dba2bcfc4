"""The doors of the sweeps that run on a day and where somebody has to knock, or knocked today for the last time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tui_app.clock import show_date
from tui_app.rules.findings import Finding
from tui_app.services.cases.board import Standing
from tui_app.services.roster.lines import Reason, RosterLine
from tui_app.services.roster.view import View
from tui_app.services.sweeps.sweep_knocks import door_standings
from tui_app.services.sweeps.sweep_progress import DONE
from tui_app.services.sweeps.sweep_states import SweepState
from tui_app.services.sweeps.sweeps import Sweep, sweeps


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
    areas = [area for area in sweep.areas if area not in view.shut]
    since = sweep.started_on.isoformat()
    reasons: dict[tuple[SweepState, int], Reason] = {}
    standings = door_standings(c, sweep, areas, view.day, view.last)
    for household, (state, absences, last_at) in standings.items():
        done = state in DONE
        if done and last_at < view.starts:
            continue
        reason = reasons.get((state, absences))
        if reason is None:
            reason = Reason("sweep", since, _finding(view, sweep, state, absences), sweep.name)
            reasons[state, absences] = reason
        standing_now = Standing.DONE if done else Standing.DUE
        yield RosterLine("visit", household, standing_now, [reason], household=household)


def _finding(view: View, sweep: Sweep, state: SweepState, absences: int) -> tuple[Finding, ...]:
    value: dict[str, Any] = {"sweep_state": state.value}
    if absences:
        value["absences"] = absences
    limit = f"≤ {show_date(sweep.ended_on)}" if sweep.ended_on else ""
    return view.rules.finding("sweep_door", "sweep_state", value, limit)
