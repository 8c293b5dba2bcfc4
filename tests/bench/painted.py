"""The application with a clock on its paints: how long from something happening until the screen shows it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from textual._compositor import CompositorUpdate
from textual.screen import Screen

from tui_app.app import GonhaApp

PATIENCE = 120.0
SIZE = (120, 40)


class PaintedApp(GonhaApp):
    """Turns each update into terminal text, as a terminal would get it, and notes when it had done so."""

    _shows: Callable[[], bool] | None = None
    _shown: asyncio.Event

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        super()._display(screen, renderable)
        if isinstance(renderable, CompositorUpdate):
            renderable.render_segments(self.console)
        painted_at = time.perf_counter()
        if self._shows is not None and self._shows():
            self._shows, self.painted_at = None, painted_at
            self._shown.set()

    async def painted(self, act: Callable[[], object], shows: Callable[[], bool]) -> float:
        """Do ``act``, and wait for the first paint after it for which ``shows`` holds. Returns when that was, by
        `time.perf_counter`."""
        self._shown = asyncio.Event()
        self._shows = shows
        act()
        async with asyncio.timeout(PATIENCE):
            await self._shown.wait()
        return self.painted_at

    async def workers_done(self) -> None:
        """Wait until no thread works for a screen; one that was sent away with its screen counts as done."""
        while waiting := [worker for worker in self.workers if not worker.is_finished]:
            await asyncio.gather(*(worker.wait() for worker in waiting), return_exceptions=True)

    painted_at: float = 0.0
