"""One place on a page for what went wrong or goes on."""

from __future__ import annotations

from collections.abc import Callable

from tui_app.widgets.frame import Words


class Notice(Words):
    """Words made each time they are painted, so that seconds count down and languages change."""

    def __init__(self, text: Callable[[], str] = str, *, id: str | None = None) -> None:
        super().__init__("", id=id)
        self._text = text

    def tell(self, text: Callable[[], str], *, error: bool = False) -> None:
        """Show what ``text`` answers each time it is painted. ``error``: seen first."""
        self._text = text
        self.set_class(error, "-error")
        self.refresh(layout=True)

    @property
    def shown(self) -> str:
        """What it says now."""
        return self._text()
