"""Why a key did nothing and which key does: one quiet line above the keys, until something is done."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from tui_app.widgets.symbols import symbol


class WarningLine(Widget):
    """Takes no room while there is nothing to say."""

    DEFAULT_CSS = """
    WarningLine { height: auto; max-height: 3; padding: 0 1; color: $text-warning; text-style: bold; display: none; }
    WarningLine.-said { display: block; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._words = ""

    @property
    def shown(self) -> str:
        """What it says now."""
        return self._words

    def say(self, words: str) -> None:
        """Say it, or with an empty text nothing any more."""
        if words != self._words:
            self._words = words
            self.set_class(bool(words), "-said")
            self.refresh(layout=True)

    def render(self) -> Content:
        """Symbol and words."""
        return Content(f"{symbol('warning')} {self._words}")
