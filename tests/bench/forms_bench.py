"""Forms of a ward: ``python -m tests.bench.forms_bench CARE_HOME DOSES_HOME ROUNDS``.

An outbreak of the whole commune and the daily form of it in the ward of `report_bench`, a case form there, and the
weekly vaccination report in the ward of `coverage_bench`.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.bench import coverage_bench, ward
from tui_app.clock import today
from tui_app.services.outbreaks import declaring
from tui_app.services.outbreaks.numbers import daily_numbers
from tui_app.services.reports.case_form import case_form
from tui_app.services.reports.catalogue import KINDS
from tui_app.services.reports.filing import report
from tui_app.services.station.units import Units


def measure(care: Path, doses: Path, rounds: int) -> dict[str, float]:
    """Milliseconds (p95) of each."""
    return _care(care, rounds) | _doses(doses, rounds)


def _care(place: Path, rounds: int) -> dict[str, float]:
    workspace = ward.unlocked(place)
    try:
        store, now = workspace.store, workspace.clock()
        day = today(workspace.clock)
        with store.read() as c:
            areas = Units(c).ids
            (case,) = c.execute('SELECT id FROM "case" WHERE ended_on IS NULL ORDER BY id LIMIT 1').fetchone()
        plan = declaring.Plan(name="bench", areas=areas, started_on=day - timedelta(days=60))
        outbreak = declaring.declare(store, workspace.user, plan)

        def read(what: Callable[[Any], object]) -> Callable[[], object]:
            def job() -> object:
                with store.read() as c:
                    return what(c)

            return job

        return {
            "outbreak_p95_ms": _p95(
                read(lambda c: report(c, KINDS["outbreak"], day, now, subject=outbreak)), rounds
            ),
            "outbreak_days_p95_ms": _p95(read(lambda c: daily_numbers(c, outbreak, day, now)), rounds),
            "case_form_p95_ms": _p95(read(lambda c: case_form(c, case, now)), rounds),
        }
    finally:
        workspace.close()


def _doses(place: Path, rounds: int) -> dict[str, float]:
    workspace = ward.unlocked(place)
    try:
        kind, day = KINDS["vaccination_weekly"], coverage_bench.DAY

        def job() -> object:
            with workspace.store.read() as c:
                return report(c, kind, day, workspace.clock())

        return {"vaccination_weekly_p95_ms": _p95(job, rounds)}
    finally:
        workspace.close()


def _p95(what: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        what()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.quantiles(times, n=20)[18]


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
