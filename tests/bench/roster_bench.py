"""From the checked password to the painted list of the day's doors, and the memory the application has then.

``python -m tests.bench.roster_bench HOME``. The real application without a terminal: its login screen is up, what it
loads while the password is typed is loaded, then the password comes. The clock starts when `vault.unlock` returns.
The comparison reads the same doors by the same statement from a plain, unencrypted SQLite file.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from textual import events

from tests.bench import plain
from tests.bench.painted import SIZE, PaintedApp
from tests.bench.processes import memory_mib
from tests.bench.ward import PASSWORD, USER
from tui_app.settings import Places

TABLES = ("area", "household", "person", "household_visit", "screening", "draft")
ROUNDS = 5


async def _open(place: Path) -> dict[str, Any]:
    from tui_app.store import vault

    unlocked_at: list[float] = []
    check = vault.unlock

    def timed(*arguments: Any, **named: Any) -> Any:
        opened = check(*arguments, **named)
        unlocked_at.append(time.perf_counter())
        return opened

    vault.unlock = timed
    app = PaintedApp(Places(place), user=USER)
    async with app.run_test(size=SIZE):
        await asyncio.sleep(0.5)  # the first paint, after which the rest is loaded
        await app.workers_done()

        def type_password() -> None:
            for char in PASSWORD:
                app.post_message(events.Key(char if char != " " else "space", char))
            app.post_message(events.Key("enter", "\r"))

        painted_at = await app.painted(type_password, lambda: _shows_doors(app))
        await app.workers_done()
        count = app.screen.query_one("#doors").count  # type: ignore[attr-defined]
        rss = memory_mib()
        doors = _plain_doors(app, place)
    return {"unlock_s": painted_at - unlocked_at[0], "doors": count, "rss_mib": rss, **doors}


def _shows_doors(app: PaintedApp) -> bool:
    from tui_app.screens.visits.today import TodayScreen

    screen = app.screen
    if not isinstance(screen, TodayScreen) or not screen.doors:
        return False
    rows = screen.query_one("#doors")
    first = screen.doors[0]
    return bool(rows.count) and rows.size.height > 1 and first.address in rows.render_line(1).text  # type: ignore[attr-defined]


def _plain_doors(app: PaintedApp, place: Path) -> dict[str, float]:
    """Seconds to open a plain file and read the doors from it, and of that statement on the encrypted one."""
    from tui_app.services.people.doors import doors

    day = app.today()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plain.db"
        with app.open_workspace.store.read() as c:
            plain.copy(c, file, TABLES)
        read = [_read_plain(file, day) for _ in range(ROUNDS)]
    encrypted = []
    for _ in range(ROUNDS):
        with app.open_workspace.store.read() as c:
            started = time.perf_counter()
            doors(c, day)
            encrypted.append(time.perf_counter() - started)
    return {"plain_s": statistics.median(read), "doors_s": statistics.median(encrypted)}


def _read_plain(file: Path, day: date) -> float:
    from tui_app.services.people.doors import doors

    started = time.perf_counter()
    with closing(plain.opened(file)) as other:
        doors(other, day)
    return time.perf_counter() - started


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_open(Path(sys.argv[1])))))
