"""The F0 board and the vitals grid of a ward with 500 open cases: first paint, a key to its repaint, a row saved.

``python -m tests.bench.f0_bench HOME``: a home of `tests.bench.ward`, to which the cases are added once. The real
application without a terminal; the clock starts at the key and stops when what it led to is terminal text. Beside it
stands the query alone.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from textual import events

from sync.protocol import Row
from tests.bench.painted import SIZE, PaintedApp
from tests.bench.ward import COMMUNE, PASSWORD, USER, unlocked
from tui_app.bootstrap import Workspace, open_workspace
from tui_app.clock import Clock, new_id, pinned_clock, to_wire
from tui_app.records.cases import case_id
from tui_app.settings import Places
from tui_app.store.rows import RecordRows

CASES, DAYS = 500, 5
NOW = datetime.fromisoformat("2022-02-20T09:05:00+07:00")
ROUNDS = 9


def add_cases(workspace: Workspace, count: int = CASES, days: int = DAYS) -> None:
    """Open cases with two readings a day before today, unless there are some; values that no rule objects to."""
    with workspace.store.read() as c:
        if c.execute('SELECT 1 FROM "case" LIMIT 1').fetchone():
            return
        persons = c.execute(
            "SELECT id, area FROM person WHERE moved_on IS NULL AND birth_date < '2004-01-01' ORDER BY id LIMIT ?",
            (count,),
        ).fetchall()
    made = random.Random(4)
    with workspace.store.write() as c:
        for number, (person, area) in enumerate(persons):
            case = case_id(person, 0)
            RecordRows().upsert(c, [_case(case, person, area, number)])
            RecordRows().upsert(c, [_reading(case, person, area, at, made) for at in _moments(days)])


def _moments(days: int) -> list[datetime]:
    morning = NOW.replace(hour=8, minute=0) - timedelta(days=days)
    return [morning + timedelta(days=day, hours=hours) for day in range(days) for hours in (0, 8)]


def _case(case: str, person: str, area: str, number: int) -> Row:
    body = {
        "person": person,
        "source": "positive_test",
        "first_positive_on": "2022-02-15",
        "started_on": "2022-02-15",
        "place": "home",
        "followed_by": f"tổ {number % 6 + 1}",
        "severity_grade": "mild",
    }
    return _row("case", case, area, body, NOW - timedelta(days=DAYS))


def _reading(case: str, person: str, area: str, at: datetime, made: random.Random) -> Row:
    body = {
        "case": case,
        "person": person,
        "at": to_wire(at),
        "slot_on": at.date().isoformat(),
        "slot": "am" if at.hour < 12 else "pm",
        "temperature_c": made.randint(365, 375) / 10,
        "pulse": made.randint(64, 96),
        "respiratory_rate": made.randint(14, 18),
        "spo2": made.randint(97, 99),
        "findings": [],
        "missing": [],
    }
    return _row("observation", new_id(), area, body, at)


def _row(kind: str, ident: str, area: str, body: dict[str, Any], at: datetime) -> Row:
    moment, device = to_wire(at), "0190c0de-0000-7000-8000-000000000001"
    return Row(
        type=kind, id=ident, commune=COMMUNE, area=area, seq=1, body=body, at=moment, who=USER, device=device
    )


async def _measure(place: Path) -> dict[str, Any]:
    clock = pinned_clock(NOW)
    app = PaintedApp(Places(place), user=USER, clock=clock)
    async with app.run_test(size=SIZE):
        await app.workers.wait_for_complete()
        await app.enter(open_workspace(Places(place), USER, PASSWORD, clock=clock))
        await app.workers.wait_for_complete()
        board = [await _opened(app, "f4", _shows_board) for _ in range(ROUNDS)]
        _press(app, "f4")
        await app.keys_settled()
        await app.workers.wait_for_complete()
        grid = [await _opened(app, "g", _shows_grid) for _ in range(ROUNDS)]
        _press(app, "g")
        await app.workers.wait_for_complete()
        await app.keys_settled()
        keys = await _typed(app)
        queries = _queries(app, clock)
    return {"board_s": statistics.median(board), "grid_s": statistics.median(grid), **keys, **queries}


async def _opened(app: PaintedApp, key: str, shows: Any) -> float:
    """Seconds from the key to the painted list; then back again."""
    started = time.perf_counter()
    painted_at = await app.painted(lambda: _press(app, key), lambda: shows(app))
    await app.workers.wait_for_complete()
    _press(app, "escape" if key == "g" else "f3")
    await app.keys_settled()
    await app.workers.wait_for_complete()
    return painted_at - started


def _press(app: PaintedApp, key: str) -> None:
    app.post_message(events.Key(key, key if len(key) == 1 else None))


def _shows_board(app: PaintedApp) -> bool:
    from tui_app.screens.f0_board import F0BoardScreen

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
        await app.workers.wait_for_complete()
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


def _queries(app: PaintedApp, clock: Clock) -> dict[str, float]:
    from tui_app.services.board import board
    from tui_app.services.observing import grid

    found: dict[str, list[float]] = {"board_query_s": [], "grid_query_s": []}
    with app.open_workspace.store.read() as c:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            board(c, clock())
            found["board_query_s"].append(time.perf_counter() - started)
            started = time.perf_counter()
            grid(c, clock())
            found["grid_query_s"].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in found.items()}


def _p95(seconds: list[float]) -> float:
    return round(statistics.quantiles(seconds, n=20)[18] * 1000, 2)


def _ms(seconds: list[float]) -> float:
    return round(statistics.median(seconds) * 1000, 2)


def measure(place: Path) -> dict[str, Any]:
    """Figures of the ward whose home is ``place``; the cases are added when there are none."""
    workspace = unlocked(place)
    try:
        add_cases(workspace)
    finally:
        workspace.close()
    return asyncio.run(_measure(place))


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
