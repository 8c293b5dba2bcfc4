"""The application at the vitals grid of a small made-up ward, for `test_vitals_pty`.

``python vitals_app.py PIPE MODE`` with the home in ``GONHA_HOME``, made when it is not there. What happens is told as
lines of JSON on the file descriptor PIPE. MODE ``frozen``: the loop stands still for a second at the first key.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from textual import events
from textual.binding import Binding

from sync import outbox
from tests.screens.conftest import AREA, CHEAP, PASSWORD, USER
from tests.screens.f0_ward import MORNING, three_patients
from tui_app.app import GonhaApp
from tui_app.bootstrap import open_with, open_workspace
from tui_app.clock import pinned_clock
from tui_app.screens.vitals.vitals_grid import VitalsGridScreen
from tui_app.settings import Places
from tui_app.store import vault
from tui_app.store.rows import RecordRows

CLOCK = pinned_clock(MORNING)


def make(places: Places) -> None:
    """A ward with three patients, none measured this morning."""
    opened, _ = vault.create(places, USER, PASSWORD, "chief", CLOCK, CHEAP)
    workspace = open_with(places, opened, clock=CLOCK, create=True)
    with workspace.store.write() as c:
        RecordRows().upsert(c, [AREA])
        outbox.hold_area(c, AREA.area, AREA.commune, "write")
    three_patients(workspace)
    workspace.close()


class VitalsApp(GonhaApp):
    """Opens at the grid; F12 tells when everything typed is on disk."""

    BINDINGS = [Binding("f12", "tell_settled", "", id="test.settled", show=False, priority=True)]

    def __init__(self, places: Places, pipe: int, mode: str) -> None:
        super().__init__(places, clock=CLOCK)
        self.pipe = pipe
        self.mode = mode

    def tell(self, what: str, said: Any = None) -> None:
        os.write(self.pipe, json.dumps([what, said]).encode() + b"\n")

    async def on_ready(self) -> None:
        await self.enter(open_workspace(self.places, USER, PASSWORD, clock=CLOCK))
        await self.push_screen(VitalsGridScreen())
        self.run_worker(self._tell_ready(), group="test")

    async def _tell_ready(self) -> None:
        while not self.screen.query("#vitals") or not self.screen.query_one("#vitals").count:  # type: ignore[attr-defined]
            await self.animator.wait_until_complete()
            await self.screen.workers.wait_for_complete([w for w in self.workers if w.group == "open"])
        self.tell("ready")

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and self.mode == "frozen":
            self.mode = "quick"
            time.sleep(1)  # noqa: ASYNC251 - a frozen loop is what is tested
        await super().on_event(event)

    async def action_tell_settled(self) -> None:
        await self.workers.wait_for_complete([w for w in self.workers if w.group == "draft"])
        self.tell("settled")


if __name__ == "__main__":
    home = Places(Path(os.environ["GONHA_HOME"]))
    if not home.vault.exists():
        make(home)
    VitalsApp(home, int(sys.argv[1]), sys.argv[2]).run()
