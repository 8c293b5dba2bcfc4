"""Reports of a ward in an epidemic: ``python -m tests.bench.report_bench HOME ROUNDS``.

Each is counted by the service as for a chief: now, as it was known a month ago, and filed. To the cases and readings of
`care_ward` come contacts, tests and what was said at doors. In turn with them the same function reads a plain SQLite
file with the same rows.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sync.protocol import Row
from tests.bench import care_ward, plain, ward
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, new_id, to_wire
from tui_app.services.reports.catalogue import KINDS
from tui_app.services.reports.deadlines import deadlines
from tui_app.services.reports.filing import file_report, report
from tui_app.store.rows import RecordRows

CONTACTS, TESTS, VISITS = 10_000, 30_000, 20_000
LOT = 10_000


def home(folder: Path, persons: int) -> Path:
    """The home of `care_ward.home` with contacts, tests and screenings."""
    place = folder / f"reports-{persons}"
    if not place.exists():
        ward.copy_of(care_ward.home(folder, persons), "reports").rename(place)
        workspace = ward.unlocked(place)
        try:
            _fill(workspace)
        finally:
            workspace.close()
    return place


def measure(place: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds of each kind: now, as known a month ago; of filing the daily one; of the list of deadlines."""
    workspace = ward.unlocked(place)
    try:
        found: dict[str, Any] = {}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "plain.db"
            with workspace.store.read() as c:
                plain.copy(c, file)
            with closing(plain.opened(file)) as other:
                for name in ("daily", "weekly", "periodic"):
                    found |= _report(workspace, other, name, rounds)
        found["file_ms"], found["file_bytes"] = _filed(workspace)
        with workspace.store.read() as c:
            found["due_ms"] = _timed(lambda: deadlines(c, workspace.clock()))
        return found
    finally:
        workspace.close()


def _report(workspace: Workspace, other: sqlite3.Connection, name: str, rounds: int) -> dict[str, float]:
    kind, now = KINDS[name], workspace.clock()
    day, past = now.astimezone(VIETNAM).date(), now - timedelta(days=30)
    ours, theirs, then = [], [], []
    for _ in range(rounds):
        with workspace.store.read() as c:
            ours.append(_timed(lambda: report(c, kind, day, now)))
            then.append(_timed(lambda: report(c, kind, past.date(), now, as_of=past)))
        theirs.append(_timed(lambda: report(other, kind, day, now)))
    return {
        f"{name}_p95_ms": _p95(ours),
        f"{name}_p50_ms": statistics.median(ours),
        f"{name}_past_p95_ms": _p95(then),
        f"{name}_plain_p95_ms": _p95(theirs),
    }


def _filed(workspace: Workspace) -> tuple[float, int]:
    """Milliseconds of filing, on disk when it returns, and the bytes of the row that travels."""
    day = workspace.clock().astimezone(VIETNAM).date() - timedelta(days=1)
    took = _timed(lambda: file_report(workspace.store, workspace.user, KINDS["daily"], day))
    with workspace.store.read() as c:
        size = c.execute("SELECT max(length(\"set\")) FROM outbox WHERE type = 'report'").fetchone()[0]
    return took, int(size)


def _timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return (time.perf_counter() - started) * 1000


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18]


def _fill(workspace: Workspace) -> None:
    dice = random.Random(6)
    today = datetime.now(UTC).astimezone(VIETNAM).date()
    with workspace.store.read() as c:
        cases = [tuple(row) for row in c.execute('SELECT id, area, started_on FROM "case" ORDER BY id')]
        persons = [tuple(row) for row in c.execute("SELECT id, area, household FROM person ORDER BY id")]
    rows: list[Row] = []
    for number in range(CONTACTS):
        case, area, started_on = cases[number % len(cases)]
        met = date.fromisoformat(started_on)
        body = {
            "case": case,
            "person": persons[(number * 7) % len(persons)][0],
            "level": 1,
            "met": "household",
            "last_met_on": met.isoformat(),
            "noted_at": _moment(met, dice),
            "watch_until": (met + timedelta(days=7)).isoformat(),
        }
        rows.append(_row("contact", area, body, body["noted_at"]))
    for _ in range(TESTS):
        person, area, _ = dice.choice(persons)
        at = _moment(today - timedelta(days=dice.randrange(400)), dice)
        result = dice.choice(("negative", "negative", "negative", "positive"))
        rows.append(_row("test_result", area, {"person": person, "at": at, "result": result}, at))
    for _ in range(VISITS):
        person, area, household = dice.choice(persons)
        at = _moment(today - timedelta(days=dice.randrange(400)), dice)
        visit = _row("household_visit", area, {"household": household, "at": at, "outcome": "met"}, at)
        ill = dice.random() < 0.1
        said = {"visit": visit.id, "person": person, "wellbeing": "unwell" if ill else "well"}
        rows += [visit, _row("screening", area, {**said, "symptoms": ["cough"] if ill else []}, at)]
    for start in range(0, len(rows), LOT):
        with workspace.store.write() as c:
            RecordRows().upsert(c, rows[start : start + LOT])


def _moment(day: date, dice: random.Random) -> str:
    return to_wire(datetime(day.year, day.month, day.day, dice.randrange(7, 18), tzinfo=VIETNAM))


def _row(kind: str, area: str, body: dict[str, Any], at: str) -> Row:
    return Row(
        type=kind, id=new_id(), commune=ward.COMMUNE, area=area, seq=1, at=at, who=ward.USER, body=body
    )


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
