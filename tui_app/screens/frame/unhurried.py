"""Questions that appear while somebody types, and that typing must not answer."""

from __future__ import annotations

import asyncio
from typing import ClassVar, TypeVar

from textual import events
from textual.screen import ModalScreen, ScreenResultType

from tui_app.screens.frame.base import WorkScreen

Answer = TypeVar("Answer")


class UnhurriedScreen(WorkScreen[ScreenResultType], ModalScreen[ScreenResultType]):
    """Keys count only after the keyboard was silent while the question could be seen.

    What was typed before the first silence was meant for the screen below: it is kept, and handed back to it when the
    question is answered (`leave`), so that no value is lost and none arrives half. The silence is counted in slices
    the event loop was awake for and no key waited: what a slow laptop has not come to is no silence.
    """

    AUTO_FOCUS = ""
    SLICE: ClassVar[float] = 0.1  # seconds
    SLICES: ClassVar[int] = 4

    def __init__(self) -> None:
        super().__init__()
        self._typed_ahead: list[events.Key] = []
        self._silent = 0
        self.was_ready = False
        self.ready = asyncio.Event()
        """Set while a key would count, so while the keyboard has been silent."""

    def painted(self) -> None:
        """To be called when the question is on the screen: from now on silence is listened for."""
        self.call_after_refresh(self.set_interval, self.SLICE, self._slice)

    def _slice(self) -> None:
        if self.app.keys_waiting:
            self._silent = 0
            return
        self._silent += 1
        if self._silent >= self.SLICES and not self.ready.is_set():
            self.ready.set()
            first, self.was_ready = not self.was_ready, True
            self.readiness_changed(first)

    def readiness_changed(self, first: bool) -> None:
        """A key counts now, or does not any more. ``first``: the first time it counts."""

    def counts(self, event: events.Key) -> bool:
        """Whether this key came after a silence. One that came before the first is kept for the screen below."""
        counted = self.ready.is_set()
        self._silent = 0
        if counted:
            self.ready.clear()
            self.readiness_changed(False)
        elif not self.was_ready:
            self._typed_ahead.append(event)
        return counted

    def leave(self, answer: ScreenResultType | None) -> None:
        """Dismiss, and hand back what was typed ahead."""
        self.dismiss(answer)
        self.app.hand_back(self._typed_ahead)
        self._typed_ahead = []
