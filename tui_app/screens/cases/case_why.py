"""Why something stands on the F0 tab: rule, set, value, limit, source; to be read."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Static

from tui_app.i18n import t
from tui_app.widgets.dialogs import Dialog


class WhyScreen(Dialog[None]):
    """Lines that scroll when they are many; Enter or Esc closes."""

    DEFAULT_CSS = """
    WhyScreen VerticalScroll { width: 72; height: auto; max-height: 14; scrollbar-size-vertical: 1; }
    WhyScreen VerticalScroll Static { width: 100%; }
    """

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__(title, hint=t("case.why_hint"), back=None)
        self._lines = VerticalScroll(Static("\n".join(lines), markup=False))

    def asked(self) -> Sequence[Widget]:
        """What is to be read."""
        return (self._lines,)

    def answer_key(self, key: str, character: str) -> bool:
        """Enter closes; arrows scroll."""
        match key:
            case "enter":
                self.dismiss(None)
            case "down":
                self._lines.scroll_down(animate=False)
            case "up":
                self._lines.scroll_up(animate=False)
            case "pagedown":
                self._lines.scroll_page_down(animate=False)
            case "pageup":
                self._lines.scroll_page_up(animate=False)
            case _:
                return False
        return True
