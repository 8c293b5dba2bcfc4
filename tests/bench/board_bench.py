"""The F0 board and one vitals row saved: ``python -m tests.bench.board_bench HOME ROUNDS SAVES``.

The board is the service's own, read from the encrypted file; in turn with it the same function reads a plain SQLite
file with the same rows. A save is the service's own too: judged, with its alert, on disk when it returns; in turn with
it the same rows and ops go into a plain SQLite file, also flushed at each commit.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sync import outbox
from sync.protocol import Row
from tests.bench import plain, ward
from tests.bench.processes import memory_mib
from tests.bench.save_bench import change_of
from tui_app.bootstrap import Workspace
from tui_app.services.cases.board import board
from tui_app.services.cases.observing import Vitals, grid, record_vitals
from tui_app.store.rows import table

WELL = Vitals(temperature_c=37.1, pulse=82, respiratory_rate=18, spo2=98, symptoms=("cough",), signs=())
KINDS = ("observation", "alert")


def measure(place: Path, rounds: int, saves: int) -> dict[str, Any]:
    """Milliseconds of the board, the grid, yesterday's board and a saved row; ours and plain; memory in MiB."""
    workspace = ward.unlocked(place)
    try:
        with workspace.store.read() as c:
            lines = len(board(c, workspace.clock()))
        memory = memory_mib()
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "plain.db"
            with workspace.store.read() as c:
                plain.copy(c, file)
            with closing(plain.opened(file)) as other:
                boards = _boards(workspace, other, rounds)
                written = _saves(workspace, other, saves)
        return {"lines": lines, "rss_mib": memory, **boards, **written}
    finally:
        workspace.close()


def _boards(workspace: Workspace, other: sqlite3.Connection, rounds: int) -> dict[str, float]:
    now = workspace.clock()
    ours, theirs, grids, past = [], [], [], []
    for _ in range(rounds):
        with workspace.store.read() as c:
            ours.append(_timed(board, c, now))
            grids.append(_timed(grid, c, now))
            past.append(_timed(board, c, now, as_of=now - timedelta(days=1)))
        theirs.append(_timed(board, other, now))
    return {
        "board_p50_ms": statistics.median(ours),
        "board_p95_ms": statistics.quantiles(ours, n=20)[18],
        "plain_p50_ms": statistics.median(theirs),
        "plain_p95_ms": statistics.quantiles(theirs, n=20)[18],
        "grid_p95_ms": statistics.quantiles(grids, n=20)[18],
        "yesterday_p95_ms": statistics.quantiles(past, n=20)[18],
    }


def _saves(workspace: Workspace, other: sqlite3.Connection, saves: int) -> dict[str, float]:
    store = workspace.store
    with store.read() as c:
        cases = [row["id"] for row in c.execute('SELECT id FROM "case" WHERE ended_on IS NULL ORDER BY id')]
    ours, theirs = [], []
    for number in range(saves):
        vitals = replace(WELL, spo2=95) if number % 10 == 0 else WELL  # one in ten opens an alert
        started = time.perf_counter()
        saved = record_vitals(store, workspace.user, cases[number % len(cases)], vitals)
        ours.append((time.perf_counter() - started) * 1000)
        with store.read() as c:
            rows = [
                *table("observation").where(c, "id = ?", (saved.observation,)),
                *table("alert").where(c, "observation = ?", (saved.observation,)),
            ]
        theirs.append(_save_plain(other, rows))
    return {
        "saves": saves,
        "save_p50_ms": statistics.median(ours),
        "save_p95_ms": statistics.quantiles(ours, n=20)[18],
        "plain_save_p50_ms": statistics.median(theirs),
        "plain_save_p95_ms": statistics.quantiles(theirs, n=20)[18],
    }


def _timed(what: Any, *arguments: Any, **named: Any) -> float:
    started = time.perf_counter()
    what(*arguments, **named)
    return (time.perf_counter() - started) * 1000


def _save_plain(c: sqlite3.Connection, rows: list[Row]) -> float:
    started = time.perf_counter()
    c.execute("BEGIN IMMEDIATE")
    for kind in KINDS:
        table(kind).upsert(c, [row for row in rows if row.type == kind])
    outbox.add(c, map(change_of, rows), [])
    c.execute("COMMIT")
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
