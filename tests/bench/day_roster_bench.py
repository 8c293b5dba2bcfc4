"""The roster of the day: ``python -m tests.bench.day_roster_bench CARE_HOME DAY_HOME ROUNDS``.

The roster is the service's own, read from the encrypted file, of a ward in an epidemic and of the same ward on the day
of a sweep over all its doors; in turn with the first the same function reads a plain SQLite file with the same rows.
The search for garbage leaves the program alone, as it does in the application.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sync import collector
from tests.bench import plain, ward
from tui_app.services.roster.roster import roster


def measure(place: Path, day_place: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds of a roster; ours, plain and on the day of a sweep, with processor time; how many lines."""
    found: dict[str, Any] = {}
    workspace = ward.unlocked(place)
    try:
        collector.set_aside()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "plain.db"
            with workspace.store.read() as c:
                plain.copy(c, file)
            with closing(plain.opened(file)) as other:
                found |= _times("roster", workspace, rounds)
                theirs = [_timed(other, workspace.clock())[0] for _ in range(rounds)]
                found["plain_p95_ms"] = statistics.quantiles(theirs, n=20)[18]
    finally:
        workspace.close()
    workspace = ward.unlocked(day_place)
    try:
        found |= _times("sweep", workspace, rounds)
    finally:
        workspace.close()
    return found


def _times(name: str, workspace: Any, rounds: int) -> dict[str, Any]:
    with workspace.store.read() as c:
        lines = len(roster(c, workspace.clock()))
        taken = [_timed(c, workspace.clock()) for _ in range(rounds)]
    walls, cpu = zip(*taken, strict=True)
    return {
        f"{name}_lines": lines,
        f"{name}_p50_ms": statistics.median(walls),
        f"{name}_p95_ms": statistics.quantiles(walls, n=20)[18],
        f"{name}_cpu_ms": statistics.median(cpu),
    }


def _timed(c: Any, now: Any) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    roster(c, now)
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
