"""Saving a household of five with a screening each: ``python -m tests.bench.save_bench HOME SAVES``.

Each save is the service's own: rows, ops and draft in one transaction of the encrypted file, on disk when it returns.
In turn with it the same rows and ops go into a plain SQLite file, also flushed at each commit.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sync import outbox
from sync.protocol import Row
from tests.bench import plain, ward
from tui_app.clock import new_id, today
from tui_app.services.visits.visits import record_visit, visit_sheet
from tui_app.store.engine import Store
from tui_app.store.rows import table

MEMBERS = 5
_HOUSEHOLDS = """
SELECT household FROM person WHERE NOT deleted AND died_on IS NULL AND moved_on IS NULL
GROUP BY household HAVING count(*) = ? ORDER BY household LIMIT ?
"""


def measure(place: Path, saves: int) -> dict[str, Any]:
    """Milliseconds a save, 95th of a hundred and median, ours and plain."""
    workspace = ward.unlocked(place)
    ours, theirs = [], []
    try:
        store = workspace.store
        with store.read() as c:
            found = [row[0] for row in c.execute(_HOUSEHOLDS, (MEMBERS, saves))]
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "plain.db"
            with store.read() as c:
                plain.copy(c, file, ())
            with closing(plain.opened(file)) as other:
                for household in found:
                    with store.read() as c:
                        sheet = visit_sheet(c, household, today(store.clock)).rest_well()
                    started = time.perf_counter()
                    visit = record_visit(store, workspace.user, sheet)
                    ours.append((time.perf_counter() - started) * 1000)
                    theirs.append(_save_plain(other, _rows_of(store, visit)) * 1000)
    finally:
        workspace.close()
    return {
        "saves": len(ours),
        "p50_ms": statistics.median(ours),
        "p95_ms": statistics.quantiles(ours, n=20)[18],
        "plain_p50_ms": statistics.median(theirs),
        "plain_p95_ms": statistics.quantiles(theirs, n=20)[18],
    }


def _rows_of(store: Store, visit: str) -> list[Row]:
    with store.read() as c:
        return [
            *table("household_visit").where(c, "id = ?", (visit,)),
            *table("screening").where(c, "visit = ?", (visit,)),
        ]


def _save_plain(c: sqlite3.Connection, rows: list[Row]) -> float:
    started = time.perf_counter()
    c.execute("BEGIN IMMEDIATE")
    for kind in ("household_visit", "screening"):
        table(kind).upsert(c, [row for row in rows if row.type == kind])
    outbox.add(c, map(change_of, rows), [])
    c.execute("COMMIT")
    return time.perf_counter() - started


def change_of(row: Row) -> outbox.Change:
    """The op that makes a row."""
    return outbox.Change(
        id=new_id(),
        commune=row.commune,
        area=row.area,
        type=row.type,
        record=row.id,
        at=row.at,
        who=row.who,
        base_seq=0,
        set={name: (None, value) for name, value in row.body.items()},
    )


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
