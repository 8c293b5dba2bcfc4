"""The sweep that runs at a door today, with how far it is: the line above Hôm nay and the visit sheet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tui_app.services.access import gate
from tui_app.services.sweeps.sweep_knocks import door_standings
from tui_app.services.sweeps.sweep_progress import DONE
from tui_app.services.sweeps.sweep_states import SweepHere
from tui_app.services.sweeps.sweeps import Sweep, running, sweep, sweeps


def at_door(c: Any, area: str, day: date) -> SweepHere | None:
    """The sweep a visit in a unit is written down under today, how far it is not counted; None when none runs."""
    found = running(c, area, day)
    if not found:
        return None
    one = sweep(c, found[0])
    return SweepHere(one.campaign, one.name, one.epidemic_areas, others=len(found) - 1)


def of_unit(c: Any, household: str, day: date) -> SweepHere | None:
    """The sweep at a household's door, with how far its unit is."""
    row = c.execute("SELECT area FROM household WHERE id = ?", (household,)).fetchone()
    found = running(c, row["area"], day) if row else []
    return _here(c, sweep(c, found[0]), day, (row["area"],), len(found) - 1) if found else None


def on_laptop(c: Any, day: date) -> SweepHere | None:
    """The sweep that runs today in units this laptop may open, the one whose report is due first."""
    if gate.is_viewer(c):
        return None
    shut = gate.closed(c)
    found = [one for one in sweeps(c) if one.runs_on(day) and set(one.areas) - shut]
    found.sort(key=lambda one: (one.due_at is None, one.due_at or "", one.campaign))
    return _here(c, found[0], day, found[0].areas, len(found) - 1) if found else None


def _here(c: Any, found: Sweep, day: date, areas: Iterable[str], others: int) -> SweepHere:
    """``done``: households that need no other knock."""
    doors = door_standings(c, found, gate.open_only(c, areas), day)
    done = sum(state in DONE for state, _, _ in doors.values())
    return SweepHere(found.campaign, found.name, found.epidemic_areas, done, len(doors), others)
