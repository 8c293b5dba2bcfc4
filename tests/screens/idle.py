"""Whether the application has anything left to do: asked of the event loop, not of the processor.

Textual's Pilot waits until the process has hardly worked for 20 ms, twice for each key, and for up to a second beside a
thread that works. That was two thirds of the time of these tests.
"""

from __future__ import annotations

import asyncio
import time

import pytest
from textual._context import active_app

FRAME = 1 / 50  # seconds; a repaint comes within this, and what waits for it
TURNS = 3  # of the event loop without work


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
    """Return when the loop has nothing to do until the next frame, nor has a worker that uses the processor.

    ``max_sleep``: seconds after which it is waited no longer.
    """
    loop = asyncio.get_running_loop()
    give_up = loop.time() + max_sleep
    turns = 0
    while turns < TURNS and loop.time() < give_up:
        await asyncio.sleep(0)
        turns += 1
        if loop._ready:  # type: ignore[attr-defined]
            turns = 0
        elif (wait := _next_timer(loop)) < FRAME:
            await asyncio.sleep(wait)
            turns = 0
        elif turns == TURNS and await _workers_work():
            turns = 0


def _next_timer(loop: asyncio.AbstractEventLoop) -> float:
    """Seconds until the next timer is due."""
    due = [timer.when() for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
    return max(0.0, min(due) - loop.time()) if due else FRAME


async def _workers_work() -> bool:
    """Whether a worker ended just now, or may be about to because the processor is at work."""
    app = active_app.get(None)
    tasks = [worker._task for worker in app.workers if worker._task and not worker.is_finished] if app else []
    if not tasks:
        return False
    used = _used_by_threads()
    done, _ = await asyncio.wait(tasks, timeout=FRAME, return_when=asyncio.FIRST_COMPLETED)
    return bool(done) or _used_by_threads() - used > FRAME / 20


def _used_by_threads() -> float:
    """Seconds of the processor that other threads than this one have used: a clock that ticks on a screen is no work
    of a worker."""
    return time.process_time() - time.thread_time()


@pytest.fixture(autouse=True)
def idle_by_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pilot waits as told here, and repaints come at once."""
    monkeypatch.setattr("textual.screen.UPDATE_PERIOD", 1 / 1000)
    monkeypatch.setattr("textual.app.wait_for_idle", wait_for_idle)
    monkeypatch.setattr("textual.pilot.wait_for_idle", wait_for_idle)
