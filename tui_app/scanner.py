"""A scanner is a keyboard that types a whole line at once: where nobody types text, its line is kept together.

Otherwise its digits would be signs on the visit sheet and options of a dialog. A key that could begin a line is held
until it is clear that no line follows it: 40 ms after the last one, which nobody feels between two presses, and longer
once so many came at a scanner's pace. What proves to be no scan goes on to the screen, in order, nothing lost.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.app import ReturnType
from textual.timer import Timer

from tui_app.keys import OrderedKeys

BEGINNINGS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZg&é\"'(-è_çà)!@#$%^*")
"""What a line can begin with: a number, a card's letters, a label's G, or digits of a keyboard set wrongly."""
FAST = 6  # keys at a scanner's pace; no hand types so many


class ScannedLines(OrderedKeys[ReturnType]):
    """``SCAN_GAP``: seconds after a key in which the next of a line comes; ``LINE_GAP``: the same inside a line, where
    a scanner without a wire may pause."""

    SCAN_GAP: ClassVar[float] = 0.04
    LINE_GAP: ClassVar[float] = 0.15

    def __init__(self) -> None:
        super().__init__()
        self._scan_keys: list[events.Key] = []
        self._scan_timer: Timer | None = None

    @property
    @abstractmethod
    def scans_wanted(self) -> bool:
        """Whether a line may be taken from the keys now: nobody types text, and there is a workspace to look in."""

    @abstractmethod
    def scanned(self, line: str) -> None:
        """A scanner's line has come."""

    async def keys_settled(self) -> None:
        """Whoever waits for the keys does not wait for a line to go on."""
        await self._let_go()
        await super().keys_settled()

    async def on_event(self, event: events.Event) -> None:
        if (
            not isinstance(event, (events.Key, events.Paste))
            or event.is_forwarded
            or event is self._key_released
        ):
            await super().on_event(event)
        elif isinstance(event, events.Paste):
            await self._let_go()
            await super().on_event(event)
        else:
            await self._take(event)

    async def _take(self, key: events.Key) -> None:
        held = self._scan_keys
        if held and key.key in ("enter", "ctrl+j"):
            line = _line(held)
            if _is_scan(line):
                self._forget()
                self.scanned(line)
                return
        elif (held and key.is_printable) or (key.character in BEGINNINGS and self.scans_wanted):
            held.append(key)
            self._wait(self.LINE_GAP if len(held) >= FAST else self.SCAN_GAP)
            return
        await self._let_go()
        await super().on_event(key)

    def _wait(self, seconds: float) -> None:
        if self._scan_timer is not None:
            self._scan_timer.stop()
        self._scan_timer = self.set_timer(seconds, self._paused)

    async def _paused(self) -> None:
        """No key for a while: the whole line of a scanner that sends no Enter, or what a hand typed."""
        line = _line(self._scan_keys)
        if len(self._scan_keys) >= FAST and _is_scan(line):
            self._forget()
            self.scanned(line)
        else:
            await self._let_go()

    def _forget(self) -> None:
        if self._scan_timer is not None:
            self._scan_timer.stop()
        self._scan_timer, self._scan_keys = None, []

    async def _let_go(self) -> None:
        keys = self._scan_keys
        self._forget()
        for key in keys:
            await super().on_event(key)


def _line(keys: list[events.Key]) -> str:
    return "".join(key.character or "" for key in keys)


def _is_scan(line: str) -> bool:
    from tui_app.records.scans import is_scan  # the records' package is too heavy for the first paint

    return is_scan(line)
