"""From a key in the search field to the painted hits: ``python -m tests.bench.find_bench HOME QUERIES``."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from textual import events

from tests.bench import ward
from tests.bench.painted import SIZE, PaintedApp
from tui_app.screens.people.find import FindScreen
from tui_app.settings import Places


async def _measure(place: Path, count: int) -> dict[str, Any]:
    asked = ward.queries(place, count)
    app = PaintedApp(Places(place))
    taken: list[float] = []
    async with app.run_test(size=SIZE):
        await app.enter(ward.unlocked(place))
        await app.action_go("find")
        await app.workers_done()
        screen = app.screen
        assert isinstance(screen, FindScreen)
        for query in asked:
            for end in range(1, len(query) + 1):
                taken.append(await _key(app, screen, query[end - 1], query[:end]))
            await app.painted(
                lambda: app.post_message(events.Key("escape", None)), lambda: not screen.query_text
            )
            await app.workers_done()
    cuts = statistics.quantiles([seconds * 1000 for seconds in taken], n=20)
    return {"keys": len(taken), "p50_ms": cuts[9], "p95_ms": cuts[18], "max_ms": max(taken) * 1000}


async def _key(app: PaintedApp, screen: FindScreen, char: str, typed: str) -> float:
    key = {" ": "space", "/": "slash"}.get(char, char)

    def shows() -> bool:
        return screen.query_text == typed == screen._answered

    started = time.perf_counter()
    return await app.painted(lambda: app.post_message(events.Key(key, char)), shows) - started


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure(Path(sys.argv[1]), int(sys.argv[2])))))
