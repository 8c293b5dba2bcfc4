"""Tabs as one line of words with their counts; ``[`` and ``]`` belong to the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_app.i18n import t
from tui_app.widgets.fitted import fitted
from tui_app.widgets.symbols import ellipsis


@dataclass(frozen=True, slots=True)
class Tab:
    """``word``: a catalogue key; ``count``: shown behind it unless None."""

    key: str
    word: str
    count: int | None = None


GAP = 3  # cells between words


class TabLine(Widget):
    """The tabs of a screen; the chosen one is underlined and bold, so it shows without colour, and stands in view:
    where there is no room for all, those before it are left out."""

    DEFAULT_CSS = "TabLine { height: 1; padding: 0 1; }"

    class Chosen(Message):
        """Another tab was chosen."""

        def __init__(self, line: TabLine, key: str) -> None:
            super().__init__()
            self.line = line
            self.key = key

        @property
        def control(self) -> TabLine:
            return self.line

    def __init__(self, tabs: Sequence[Tab], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs = list(tabs)
        self._at = 0

    @property
    def chosen(self) -> str:
        """Key of the chosen tab; empty when there are none."""
        return self._tabs[self._at].key if self._tabs else ""

    def show(self, tabs: Sequence[Tab]) -> None:
        """Other tabs or counts; the chosen one stays chosen if it is still there."""
        here = self.chosen
        self._tabs = list(tabs)
        self._at = next((place for place, tab in enumerate(self._tabs) if tab.key == here), 0)
        self.refresh()

    def step(self, by: int) -> None:
        """The next or previous tab, round and round."""
        if self._tabs:
            self._choose((self._at + by) % len(self._tabs))

    def choose(self, key: str) -> None:
        """The tab with this key, where it is shown."""
        for place, tab in enumerate(self._tabs):
            if tab.key == key:
                self._choose(place)

    def _choose(self, place: int) -> None:
        if place != self._at:
            self._at = place
            self.refresh()
            self.post_message(self.Chosen(self, self.chosen))

    def _words(self) -> list[str]:
        return [t(tab.word) if tab.count is None else f"{t(tab.word)} {tab.count}" for tab in self._tabs]

    def _stands(self) -> list[tuple[int, str]]:
        """Place and words of the tabs that are shown: all of them, else those from the first that leaves room for the
        chosen one, behind a mark at place -1."""
        shown = words = list(enumerate(self._words()))
        for first in range(1, self._at + 1):
            until = [said for place, said in shown if place <= self._at]
            if sum(map(cell_len, until)) + GAP * (len(until) - 1) <= self.content_size.width:
                break
            shown = [(-1, ellipsis()), *words[first:]]
        return shown

    def render(self) -> Content:
        """Words with three cells between them."""
        parts = [
            Content.styled(words, "bold underline" if place == self._at else "$text-muted")
            for place, words in self._stands()
        ]
        return fitted(Content(" " * GAP).join(parts), self.content_size.width)

    def on_click(self, event: events.Click) -> None:
        """A click on a word chooses it."""
        at, left = event.get_content_offset(self), 0
        for place, words in self._stands():
            width = cell_len(words)
            if at is not None and left <= at.x < left + width:
                self._choose(max(place, 0))
            left += width + GAP
