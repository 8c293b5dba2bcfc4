"""Every level of a commune judged on a day: ``python -m tests.bench.levels_bench HOME ROUNDS [DAY]``."""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench import ward
from tui_app.clock import today
from tui_app.services.levels.judging import judge_all


def measure(place: Path, rounds: int, day: date | None) -> dict[str, Any]:
    """Milliseconds of wall and processor time of `judge_all`. ``day``: today when None."""
    workspace = ward.unlocked(place)
    workspace.store.role = "chief"
    on = day or today(workspace.clock)
    walls, processor = [], []
    try:
        for _ in range(rounds):
            begun, used = time.perf_counter(), time.process_time()
            with workspace.store.read() as c:
                found = judge_all(c, on)
            walls.append((time.perf_counter() - begun) * 1000)
            processor.append((time.process_time() - used) * 1000)
    finally:
        workspace.close()
    return {
        "levels": {one.scale: one.level for one in found},
        "judged_p50_ms": statistics.median(walls),
        "judged_p95_ms": statistics.quantiles(walls, n=20)[18],
        "judged_cpu_ms": statistics.median(processor),
    }


if __name__ == "__main__":
    asked = date.fromisoformat(sys.argv[3]) if len(sys.argv) > 3 else None
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), asked)))
