"""*Nguy cơ* (F5) of a ward: the key to the painted list, a chip to the list it leaves, and the lists read alone.

``python -m tests.bench.risk_bench HOME``: a home of `tests.bench.risk_ward`. The real application without a terminal;
the clock starts at the key and stops when what it led to is terminal text. Beside reading stands the same function on a
plain SQLite file.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from textual import events

from tests.bench import plain
from tests.bench.painted import SIZE, PaintedApp
from tests.bench.ward import PASSWORD, USER
from tui_app.bootstrap import open_workspace
from tui_app.services.risk.risk_lists import risk_book
from tui_app.settings import Places

ROUNDS, COMBINATIONS = 9, 60
TABLES = (
    "area",
    "household",
    "person",
    "person_condition",
    "risk_membership",
    "vaccination_dose",
    "support_need",
    "household_visit",
    "screening",
    "setting",
)


async def _measure(place: Path) -> dict[str, Any]:
    app = PaintedApp(Places(place), user=USER)
    async with app.run_test(size=SIZE):
        await app.workers_done()
        await app.enter(open_workspace(Places(place), USER, PASSWORD))
        await app.workers_done()
        opened = [await _opened(app) for _ in range(ROUNDS)]
        _press(app, "f5")
        await app.workers_done()
        await app.keys_settled()
        screen: Any = app.screen
        chips = await _switched(app, screen)
        people = {"listed": len(screen.book.people), "at_risk": len(screen.book.choose())}
        read = _read(app)
    return {"open_s": statistics.median(opened), **chips, **people, **read}


async def _opened(app: PaintedApp) -> float:
    """Seconds from F5 to the painted list; then back again."""
    started = time.perf_counter()
    painted_at = await app.painted(lambda: _press(app, "f5"), lambda: _shows(app))
    await app.workers_done()
    _press(app, "f3")
    await app.keys_settled()
    await app.workers_done()
    return painted_at - started


def _press(app: PaintedApp, key: str) -> None:
    app.post_message(events.Key(key, key if len(key) == 1 else None))


def _shows(app: PaintedApp) -> bool:
    from tui_app.screens.risk.risk import RiskScreen

    screen = app.screen
    if not isinstance(screen, RiskScreen) or not screen.shown:
        return False
    rows: Any = screen.query_one("#people")
    return bool(rows.count) and screen.shown[0].full_name[:8] in rows.render_line(1).text


async def _switched(app: PaintedApp, screen: Any) -> dict[str, float]:
    """Any of the chips on and off, in random order: from the key to the paint that shows what is left."""
    dice, times = random.Random(6), []
    for _ in range(COMBINATIONS):
        digit = dice.randrange(1, 10)
        wanted = screen.chosen ^ {_code(digit)}
        started = time.perf_counter()
        painted = await app.painted(lambda d=digit: _press(app, str(d)), lambda w=wanted: screen.chosen == w)
        times.append(painted - started)
        await app.keys_settled()
        await app.workers_done()
    return {
        "chip_p95_ms": round(statistics.quantiles(times, n=20)[18] * 1000, 1),
        "chip_p50_ms": round(statistics.median(times) * 1000, 1),
    }


def _code(digit: int) -> str:
    from tui_app.screens.risk.risk_list import FIRST

    return FIRST[digit - 1]


def _read(app: PaintedApp) -> dict[str, float]:
    """Milliseconds of reading the lists, ours and from a plain file."""
    day = app.today()
    ours, cpu, theirs = [], [], []
    with tempfile.TemporaryDirectory() as folder, app.open_workspace.store.read() as c:
        file = Path(folder) / "plain.db"
        plain.copy(c, file, TABLES)
        with closing(plain.opened(file)) as other:
            for _ in range(ROUNDS):
                started, busy = time.perf_counter(), time.thread_time()
                risk_book(c, day)
                ours.append((time.perf_counter() - started) * 1000)
                cpu.append((time.thread_time() - busy) * 1000)
                started = time.perf_counter()
                risk_book(other, day)
                theirs.append((time.perf_counter() - started) * 1000)
    return {
        "read_ms": statistics.median(ours),
        "read_cpu_ms": statistics.median(cpu),
        "plain_read_ms": statistics.median(theirs),
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure(Path(sys.argv[1])))))
