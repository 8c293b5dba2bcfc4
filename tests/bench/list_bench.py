"""How quickly a long list is painted and paged: `measure_list`, with Textual's DataTable in the same run.

Run ``python -m tests.bench.list_bench``. A figure is the time from the call or the key until the changed
lines have been turned into terminal text, in an App of 120×40 without a terminal. The rows of our list
come from a database file through the list's own worker, those of the DataTable are already in memory.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from textual import events
from textual._compositor import CompositorUpdate
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import DataTable

from tui_app.keys import OrderedKeys
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, Row

ROWS = 50_000
TABLE_ROWS = 5_000  # the DataTable takes some 14 s for 50 000
KEY_REPEAT = 1 / 30  # seconds between keys while one is held down
COLUMNS = (
    Column("name", "Họ tên", width=20, flex=1),
    Column("age", "Tuổi", width=4, align="right"),
    Column("address", "Địa chỉ", width=20, flex=1),
    Column("phone", "Điện thoại", width=12, optional=2),
    Column("note", "Ghi chú", width=16, optional=1),
)


def _cells(number: int) -> tuple[str, str, str, str, str]:
    name = f"Người Thử Nghiệm {number:05}"
    return (name, str(number % 97), f"{number % 400} Đường Số {number % 31}", f"{number:010}", "chưa tiêm đủ")


class FileSource:
    """Rows of a database file, asked by number."""

    blocking = True

    def __init__(self, folder: Path, count: int) -> None:
        self._connection = sqlite3.connect(folder / "rows.db", check_same_thread=False)
        self._connection.execute("CREATE TABLE person (name, age, address, phone, note)")
        self._connection.executemany("INSERT INTO person VALUES (?, ?, ?, ?, ?)", map(_cells, range(count)))
        self._connection.commit()

    def count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM person").fetchone()[0])

    def window(self, start: int, stop: int) -> Sequence[Row]:
        rows = self._connection.execute(
            "SELECT rowid, name, age, address, phone, note FROM person WHERE rowid > ? AND rowid <= ?",
            (start, stop),
        )
        return [Row(str(found[0]), found[1:], state="steady") for found in rows]

    def place_of(self, key: str) -> int | None:
        return int(key) - 1

    def close(self) -> None:
        self._connection.close()


class PaintedApp(OrderedKeys[None]):
    """Renders each update to terminal text, as a terminal would get it, and tells when it did."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: tuple[Callable[[], bool], asyncio.Event] | None = None
        self.painted_at = 0.0

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, renderable)
        if isinstance(renderable, CompositorUpdate):
            renderable.render_segments(self.console)
        painted_at = time.perf_counter()
        if self._waiting is not None and self._waiting[0]():
            self.painted_at = painted_at
            self._waiting[1].set()
            self._waiting = None

    async def until_painted(self, act: Callable[[], object], shows: Callable[[], bool]) -> float:
        """Seconds from ``act`` to the first paint for which ``shows`` holds."""
        done = asyncio.Event()
        self._waiting = (shows, done)
        started = time.perf_counter()
        act()
        async with asyncio.timeout(120):
            await done.wait()
        return self.painted_at - started


async def _page_down(
    app: PaintedApp, where: Callable[[], int], ready: Callable[[], bool]
) -> dict[str, float]:
    """p95 of 60 PgDn, one every thirtieth of a second: on the clock, and of this process's processor time."""
    clock, processor = [], []
    for _ in range(60):
        used = time.process_time()
        further = partial(_came_further, where, where(), ready)
        clock.append(await app.until_painted(lambda: app.post_message(events.Key("pagedown", None)), further))
        processor.append(time.process_time() - used)
        await asyncio.sleep(KEY_REPEAT)
    return {"pgdn_p95_ms": _p95(clock), "pgdn_cpu_p95_ms": _p95(processor)}


def _came_further(where: Callable[[], int], before: int, ready: Callable[[], bool]) -> bool:
    return where() > before and ready()


def _p95(seconds: list[float]) -> float:
    return round(statistics.quantiles(seconds, n=20)[18] * 1000, 2)


async def _measure_ours(folder: Path, count: int) -> dict[str, float]:
    source = FileSource(folder, count)
    app = PaintedApp()
    async with app.run_test(size=(120, 40)):
        rows = RowList(COLUMNS, source)

        def shows_rows() -> bool:
            place = rows.scroll_offset.y
            room = rows.size.height - 1
            wanted = [f"{number:05}" for number in range(place, min(place + room, count))]
            lines = [rows.render_line(y).text for y in range(1, rows.size.height)]
            return bool(rows.count) and all(
                number in line for number, line in zip(wanted, lines, strict=True)
            )

        first_paint = await app.until_painted(lambda: app.mount(rows), shows_rows)
        app.set_focus(rows)
        figures = await _page_down(app, lambda: rows.cursor, shows_rows)
    source.close()
    return {"rows": count, "first_paint_s": round(first_paint, 4), **figures}


async def _measure_data_table(count: int) -> dict[str, float]:
    app = PaintedApp()
    async with app.run_test(size=(120, 40)):
        table: DataTable[str] = DataTable(cursor_type="row")
        cells = [_cells(number) for number in range(count)]

        def fill() -> None:
            app.mount(table)
            table.add_columns(*(column.title for column in COLUMNS))
            table.add_rows(cells)

        first_paint = await app.until_painted(fill, lambda: _has_rows(table))
        app.set_focus(table)
        figures = await _page_down(app, lambda: table.cursor_row, lambda: True)
    return {"rows": count, "first_paint_s": round(first_paint, 4), **figures}


def _has_rows(table: Widget) -> bool:
    return table.size.height > 2 and "00000" in table.render_line(1).text


def measure_list() -> dict[str, float]:
    """First paint and PgDn of a list of 50 000 rows, and the same of a DataTable with 5 000.

    Keys: ``rows``, ``first_paint_s``, ``pgdn_p95_ms``, ``pgdn_cpu_p95_ms``, and the same with ``table_`` in front.
    The processor's figure is the one to look at on a machine that has other work.
    """
    with tempfile.TemporaryDirectory() as folder:
        ours = asyncio.run(_measure_ours(Path(folder), ROWS))
    table = asyncio.run(_measure_data_table(TABLE_ROWS))
    return {**ours, **{f"table_{name}": figure for name, figure in table.items()}}


if __name__ == "__main__":
    print(json.dumps(measure_list()))
