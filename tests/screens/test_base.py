"""What every working screen does with an answer that comes while it is going away."""

from __future__ import annotations

import gc
import threading

import pytest
from textual.app import ComposeResult
from textual.widgets import Static

from tests.screens.street import at_work, settle
from tui_app.clock import Clock
from tui_app.screens.frame.base import WorkScreen
from tui_app.settings import Places


class LastWidget(Static):
    """Lets the answer come once the widgets are being taken away, and goes only after it came."""

    async def on_unmount(self) -> None:
        screen = self.screen
        assert isinstance(screen, SlowScreen)
        screen.may_answer.set()
        await screen.reading.wait()


class SlowScreen(WorkScreen[None]):
    """Reads for as long as it is shown, then paints into a widget of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = threading.Event()
        self.painted: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("", id="answer")
        yield LastWidget("")

    def on_mount(self) -> None:
        self.reading = self._run(self.may_answer.wait, self._show, "slow")

    def _show(self, answer: bool) -> None:
        self.query_one("#answer", Static).update("đã đọc")
        self.painted.append("đã đọc")


async def test_an_answer_that_comes_while_the_screen_is_taken_away_is_not_painted(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = SlowScreen()
        await app.push_screen(screen)
        screen.dismiss()
        await settle(app, pilot)
        assert screen.reading.is_finished
        assert screen.painted == []


async def test_a_count_that_a_newer_one_replaces_leaves_no_coroutine(
    ward: Places, clock: Clock, recwarn: pytest.WarningsRecorder
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        app.refresh_status()
        app.refresh_status()
        await settle(app, pilot)
    gc.collect()
    # whatever tests before this one left to the collector warns here, too
    assert [said for one in recwarn if "never awaited" in (said := str(one.message))] == []
