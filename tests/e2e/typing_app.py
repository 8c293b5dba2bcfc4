"""A small App for the pty tests: three fields, and a line on a pipe for everything that happens.

Usage: python typing_app.py FD MODE. MODE: quick, slow (300 ms after each change) or frozen (the event loop
stands still for one second at the first key). Ctrl+Q ends it; the last line then holds the three values.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any, ClassVar

os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding

from tui_app.keys import OrderedKeys
from tui_app.widgets.text_field import TextField


class TypingApp(OrderedKeys[None]):
    """Enter in a field goes to the next one."""

    BINDINGS: ClassVar = [Binding("ctrl+q", "leave", "leave", priority=True)]

    def __init__(self, pipe: int, mode: str) -> None:
        super().__init__()
        self.pipe = pipe
        self.mode = mode

    def compose(self) -> ComposeResult:
        for name in ("one", "two", "three"):
            yield TextField(id=name)

    def tell(self, what: str, said: Any = None) -> None:
        os.write(self.pipe, json.dumps([what, said]).encode() + b"\n")

    def on_ready(self) -> None:
        self.tell("ready")

    @on(TextField.Changed)
    async def changed(self, message: TextField.Changed) -> None:
        self.tell("changed", message.value)
        if self.mode == "slow":
            await asyncio.sleep(0.3)
        elif self.mode == "frozen":
            self.mode = "quick"
            time.sleep(1)  # noqa: ASYNC251 - a frozen loop is what is tested

    @on(TextField.Submitted)
    def submitted(self, message: TextField.Submitted) -> None:
        self.tell("submitted", message.value)
        self.screen.focus_next()

    def action_leave(self) -> None:
        self.tell("values", [field.value for field in self.query(TextField)])
        self.exit()


if __name__ == "__main__":
    TypingApp(int(sys.argv[1]), sys.argv[2]).run()
