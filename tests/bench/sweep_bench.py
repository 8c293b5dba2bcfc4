"""A sweep half done, counted and filed: ``python -m tests.bench.sweep_bench HOME ROUNDS``.

Two households in three were met and everybody asked, one in six was absent. The count reads the encrypted file and
judges each person by the case definition; beside it the same visits and answers are read by one plain query.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sync.protocol import Row
from tests.bench import ward
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id, to_wire, today
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweep_figures import figures
from tui_app.services.sweeps.sweep_here import of_unit
from tui_app.services.sweeps.sweep_report import file_report
from tui_app.services.sweeps.sweep_tally import tally
from tui_app.store.rows import RecordRows

LOT = 20_000


def measure(place: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds of a whole count, of the line above a visit sheet, and of filing a unit's report."""
    workspace = ward.unlocked(place)
    try:
        campaign = _sweep(workspace)
        day = today(workspace.clock)
        with workspace.store.read() as c:
            found = sweeps.sweep(c, campaign)
            counted = tally(c, found, day)
            values = {one.name: one.value for one in figures(counted)}
        area, door = found.areas[0], counted.households[0].id
        return {
            "households": values["households"],
            "persons": values["persons"],
            "asked": values["asked_all"],
            **_times("count", rounds, lambda: _read(workspace, lambda c: figures(tally(c, found, day)))),
            **_times("door", rounds, lambda: _read(workspace, lambda c: of_unit(c, door, day))),
            **_times("plain", rounds, lambda: _read(workspace, _plainly)),
            **_times("file", 1, lambda: file_report(workspace.store, workspace.user, campaign, area)),
        }
    finally:
        workspace.close()


def _read(workspace: Workspace, job: Callable[[Any], Any]) -> Any:
    with workspace.store.read() as c:
        return job(c)


def _plainly(c: Any) -> int:
    return len(
        c.execute(
            "SELECT v.household, v.outcome, s.person, s.wellbeing, s.symptoms FROM household_visit AS v"
            " LEFT JOIN screening AS s ON s.visit = v.id"
        ).fetchall()
    )


def _times(name: str, rounds: int, job: Callable[[], Any]) -> dict[str, float]:
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        job()
        taken.append((time.perf_counter() - started) * 1000)
    return {f"{name}_p50_ms": statistics.median(taken), f"{name}_max_ms": max(taken)}


def _sweep(workspace: Workspace) -> str:
    """Start one and write two households in three down as met, one in six as absent."""
    day, now = today(workspace.clock), to_wire(workspace.clock())
    with workspace.store.read() as c:
        areas = [area for (area,) in c.execute("SELECT id FROM area ORDER BY unit_code")]
        doors = [tuple(row) for row in c.execute("SELECT id, area FROM household ORDER BY id")]
        members: dict[str, list[str]] = {}
        for person, door in c.execute("SELECT id, household FROM person WHERE NOT deleted"):
            members.setdefault(door, []).append(person)
    plan = sweeps.Plan(name="Rà soát", areas=areas, started_on=day, ended_on=day)
    campaign = sweeps.start(workspace.store, workspace.user, plan)
    rows: list[Row] = []
    for number, (door, area) in enumerate(doors):
        if number % 6 > 4:
            continue
        met = number % 6 < 4
        visit = {"household": door, "campaign": campaign, "at": now, "outcome": "met" if met else "absent"}
        made = _row("household_visit", area, now, visit)
        rows.append(made)
        for person in members.get(door, ()) if met else ():
            line = {"visit": made.id, "person": person, "wellbeing": "well", "symptoms": [], "asked": "all"}
            rows.append(_row("screening", area, now, line))
    for start in range(0, len(rows), LOT):
        with workspace.store.write() as c:
            RecordRows().upsert(c, rows[start : start + LOT])
    return campaign


def _row(type_name: str, area: str, now: str, body: dict[str, Any]) -> Row:
    return Row(
        type=type_name, id=new_id(), commune=ward.COMMUNE, area=area, seq=1, body=body, at=now, who=ward.USER
    )


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
