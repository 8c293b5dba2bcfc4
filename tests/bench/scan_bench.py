"""From a scanner's line to the record it means: ``python -m tests.bench.scan_bench HOME``. Medians of 20."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench import ward
from tui_app.records.tokens import token
from tui_app.services.people import identity


def _measure(place: Path) -> dict[str, Any]:
    workspace = ward.unlocked(place)
    with workspace.store.read() as c:
        last = c.execute("SELECT id FROM person WHERE NOT deleted ORDER BY rowid DESC LIMIT 1").fetchone()[0]
        number, name = c.execute(
            "SELECT national_id, full_name FROM person WHERE national_id IS NOT NULL"
        ).fetchone()
        card = f"{number}||{name}|01011990|Nam|12 Lê Lợi|15042021"
        found = {"label_ms": _median(c, token("person", last)), "card_ms": _median(c, card)}
    workspace.close()
    return found


def _median(c: Any, line: str) -> float:
    taken = []
    for _ in range(20):
        started = time.perf_counter()
        found = identity.recognise(c, line)
        taken.append((time.perf_counter() - started) * 1000)
        if found.record is None and not found.matches:
            raise RuntimeError("the record was not found")
    return statistics.median(taken)


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]))))
