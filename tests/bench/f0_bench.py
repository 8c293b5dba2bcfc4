"""The F0 board and the vitals grid of a ward with 500 open cases: first paint, a key to its repaint, a row saved.

``python -m tests.bench.f0_bench HOME``: a home of `tests.bench.care_ward`, in which rows are saved. The real
application without a terminal; the clock starts at the key and stops when what it led to is terminal text. Beside it
stands the query alone.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from textual import events

from tests.bench.painted import SIZE, PaintedApp
from tests.bench.ward import PASSWORD, USER
from tui_app.bootstrap import open_workspace
from tui_app.settings import Places

ROUNDS = 9


async def _measure(place: Path) -> dict[str, Any]:
    app = PaintedApp(Places(place), user=USER)
    async with app.run_test(size=SIZE):
        await app.workers_done()
        await app.enter(open_workspace(Places(place), USER, PASSWORD))
        await app.workers_done()
        board = [await _opened(app, "f4", _shows_board) for _ in range(ROUNDS)]
        _press(app, "f4")
        await app.keys_settled()
        await app.workers_done()
        grid = [await _opened(app, "g", _shows_grid) for _ in range(ROUNDS)]
        await app.painted(lambda: _press(app, "g"), lambda: _shows_grid(app))
        await app.workers_done()
        await app.keys_settled()
        keys = await _typed(app)
        queries = _queries(app)
    return {"board_s": statistics.median(board), "grid_s": statistics.median(grid), **keys, **queries}


async def _opened(app: PaintedApp, key: str, shows: Any) -> float:
    """Seconds from the key to the painted list; then back again."""
    started = time.perf_counter()
    painted_at = await app.painted(lambda: _press(app, key), lambda: shows(app))
    await app.workers_done()
    _press(app, "escape" if key == "g" else "f3")
    await app.keys_settled()
    await app.workers_done()
    return painted_at - started


def _press(app: PaintedApp, key: str) -> None:
    app.post_message(events.Key(key, key if len(key) == 1 else None))


def _shows_board(app: PaintedApp) -> bool:
    from tui_app.screens.cases.f0_board import F0BoardScreen

    screen = app.screen
    if not isinstance(screen, F0BoardScreen) or not screen.lines:
        return False
    rows: Any = screen.query_one("#patients")
    return bool(rows.count) and screen.lines[0].full_name[:8] in rows.render_line(1).text


def _shows_grid(app: PaintedApp) -> bool:
    from tui_app.widgets.vitals_table import VitalsTable

    found = app.screen.query(VitalsTable)
    return bool(found) and bool(found.first().lines) and found.first().size.height > 1


async def _typed(app: PaintedApp) -> dict[str, float]:
    """Rows of twelve keys: each digit until it is seen, each Enter until the row's time of saving is."""
    from tui_app.widgets.vitals_table import VitalsTable

    table = app.screen.query_one(VitalsTable)

    def typed() -> tuple[dict[str, str], str]:
        assert table.line is not None
        return dict(table.line.typed), table.field

    seen, saved = [], []
    for _ in range(20):
        for key in "37578\t16\t98":
            seen.append(await _until(app, "tab" if key == "\t" else key, partial(_differs, typed, typed())))
        line = table.line
        assert line is not None
        saved.append(await _until(app, "enter", partial(getattr, line, "observation")))
        await app.workers_done()
        await app.keys_settled()
    return {
        "key_p95_ms": _p95(seen),
        "key_p50_ms": _ms(seen),
        "row_p95_ms": _p95(saved),
        "row_p50_ms": _ms(saved),
    }


async def _until(app: PaintedApp, key: str, shows: Callable[[], Any]) -> float:
    started = time.perf_counter()
    return await app.painted(lambda: _press(app, key), lambda: bool(shows())) - started


def _differs(now: Callable[[], Any], before: Any) -> bool:
    return bool(now() != before)


def _queries(app: PaintedApp) -> dict[str, float]:
    from tui_app.services.cases.board import board
    from tui_app.services.cases.observing import grid

    found: dict[str, list[float]] = {"board_query_s": [], "grid_query_s": []}
    with app.open_workspace.store.read() as c:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            board(c, app.clock())
            found["board_query_s"].append(time.perf_counter() - started)
            started = time.perf_counter()
            grid(c, app.clock())
            found["grid_query_s"].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in found.items()}


def _p95(seconds: list[float]) -> float:
    return round(statistics.quantiles(seconds, n=20)[18] * 1000, 2)


def _ms(seconds: list[float]) -> float:
    return round(statistics.median(seconds) * 1000, 2)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure(Path(sys.argv[1])))))
