"""F8 and the review of a day: ``python -m tests.bench.command_bench HOME ROUNDS``.

The services' own numbers (six of them over fourteen days, teams, the day's work with what was decided of it), read from
the encrypted file; in turn with it the same functions read a plain SQLite file with the same rows.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sync.protocol import Row
from tests.bench import plain, ward
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id, today
from tui_app.records.campaigns import assignment_id
from tui_app.services.command.approval import approve, day_review
from tui_app.services.command.numbers import DAYS, overview
from tui_app.services.command.quality import flaws
from tui_app.services.command.teams import teams
from tui_app.store.rows import RecordRows

DOORS = 300  # given out a day, of which nine in ten are gone to


def measure(place: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds (p50, p95) of F8, ours and plain, of the review of a day, of the look for flaws; seconds to approve
    all of a day."""
    workspace = ward.unlocked(place)
    try:
        _give_out(workspace)
        now, on = workspace.clock(), today(workspace.clock)

        def shown(c: Any) -> int:
            return len(teams(overview(c, now), day_review(c, on)))

        def reviewed(c: Any) -> int:
            return len(day_review(c, on - timedelta(days=1)).lines)

        with workspace.store.read() as c, tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "plain.db"
            plain.copy(c, file)
            with closing(plain.opened(file)) as other:
                found = {
                    **_timed("f8", shown, c, other, rounds),
                    **_timed("review", reviewed, c, other, rounds),
                    **_timed("flaws", lambda at: len(flaws(at, now)), c, other, max(rounds // 4, 3)),
                }
        with workspace.store.read() as c:
            waits = day_review(c, on - timedelta(days=1)).undecided
        started = time.perf_counter()
        done = approve(workspace.store, workspace.user, on - timedelta(days=1), waits)
        return {**found, "approved": done.count, "approve_s": time.perf_counter() - started}
    finally:
        workspace.close()


def _timed(name: str, job: Callable[[Any], int], c: Any, other: Any, rounds: int) -> dict[str, float]:
    ours, theirs = [], []
    lines = 0
    for _ in range(rounds):
        for connection, kept in ((c, ours), (other, theirs)):
            started = time.perf_counter()
            lines = job(connection)
            kept.append((time.perf_counter() - started) * 1000)
    return {
        f"{name}_lines": lines,
        f"{name}_p50_ms": statistics.median(ours),
        f"{name}_p95_ms": statistics.quantiles(ours, n=20)[18],
        f"{name}_plain_p50_ms": statistics.median(theirs),
    }


def _give_out(workspace: Workspace) -> None:
    last = today(workspace.clock)
    with workspace.store.read() as c:
        doors = c.execute("SELECT id, area FROM household ORDER BY id LIMIT ?", (DOORS * DAYS,)).fetchall()
    rows = list(_given(doors, last))
    with workspace.store.write() as c:
        RecordRows().upsert(c, rows)


def _given(doors: list[Any], last: date) -> Iterator[Row]:
    for number, (door, area) in enumerate(doors):
        on = last - timedelta(days=number // DOORS)
        at = f"{on.isoformat()}T02:00:00.000Z"

        def row(kind: str, ident: str, at: str = at, area: str = area, **body: Any) -> Row:
            return Row(
                type=kind, id=ident, commune=ward.COMMUNE, area=area, seq=1, at=at, who=ward.USER, body=body
            )

        given = {
            "on": on.isoformat(),
            "task": "visit",
            "household": door,
            "assigned_to": "abcdef"[number % 6],
        }
        yield row("assignment", assignment_id(on, "visit", door), **given)
        if number % 10:
            yield row("household_visit", new_id(), household=door, at=at, outcome="met", asked="all")


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
