"""Coverage by every plan, and the four lists of a day, of a ward: ``python -m tests.bench.coverage_bench HOME ROUNDS``.

Beside it, in turn, the same rows are only read from the same file: nothing that counts them can be quicker.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sync.protocol import Row
from tests.bench import ward
from tui_app.bootstrap import Workspace
from tui_app.records.vaccination import dose_id
from tui_app.services.vaccination.coverage import coverage
from tui_app.services.vaccination.vaccination_lists import vaccination_lists
from tui_app.store.rows import RecordRows

DAY = date(2022, 9, 30)  # all five plans are in force
COUNTS = (0, 1, 2, 2, 3, 3, 3, 4)
PRODUCTS = ("comirnaty", "astrazeneca", "vero_cell")
LOT = 5000
_ROWS = (
    "SELECT id, area, birth_date, birth_year, reported_doses, contraindicated, ethnicity FROM person",
    "SELECT person, given_on, product, dose_type, number FROM vaccination_dose",
)


def home(folder: Path, persons: int) -> Path:
    """The home of `ward.home` with two to three doses a person."""
    place = folder / f"doses-{persons}"
    if not place.exists():
        ward.copy_of(ward.home(folder, persons)).rename(place)
        workspace = ward.unlocked(place)
        try:
            _fill(workspace)
        finally:
            workspace.close()
    return place


def _fill(workspace: Workspace) -> None:
    dice = random.Random(5)
    with workspace.store.read() as c:
        people = [tuple(row) for row in c.execute("SELECT id, area, commune FROM person ORDER BY id")]
    rows: list[Row] = []
    for person, area, commune in people:
        day = date(2021, 7, 1) + timedelta(days=dice.randrange(120))
        for number in range(dice.choice(COUNTS)):
            body = {
                "person": person,
                "given_on": day.isoformat(),
                "product": dice.choice(PRODUCTS),
                "dose_type": "basic" if number < 2 else "booster",
            }
            ident = dose_id(person, day)
            rows.append(
                Row(
                    type="vaccination_dose",
                    id=ident,
                    commune=commune,
                    area=area,
                    seq=1,
                    body=body,
                    at="",
                    who="lan",
                )
            )
            day += timedelta(days=dice.randrange(30, 150))
    for start in range(0, len(rows), LOT):
        with workspace.store.write() as c:
            RecordRows().upsert(c, rows[start : start + LOT])


def measure(place: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds of the figures and of the lists, and of only reading the rows; wall and processor time."""
    workspace = ward.unlocked(place)
    gc.collect()
    gc.freeze()  # as the application does before the first key
    try:
        with workspace.store.read() as c:
            persons, doses = (
                c.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                for name in ("person", "vaccination_dose")
            )
            figures = _timed(rounds, lambda: coverage(c, DAY))
            read = _timed(rounds, lambda: [c.execute(sql).fetchall() for sql in _ROWS])
            lists = _timed(max(2, rounds // 4), lambda: vaccination_lists(c, DAY))
        return {
            "persons": persons,
            "doses": doses,
            **{f"coverage_{name}": value for name, value in figures.items()},
            **{f"read_{name}": value for name, value in read.items()},
            **{f"lists_{name}": value for name, value in lists.items()},
        }
    finally:
        workspace.close()


def _timed(rounds: int, job: Callable[[], Any]) -> dict[str, float]:
    wall, busy = [], []
    for _ in range(rounds):
        started, worked = time.perf_counter(), time.process_time()
        job()
        wall.append((time.perf_counter() - started) * 1000)
        busy.append((time.process_time() - worked) * 1000)
    return {
        "p50_ms": statistics.median(wall),
        "p95_ms": sorted(wall)[int(len(wall) * 0.95)],
        "cpu_ms": statistics.median(busy),
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
