"""One of a few names on one line: left and right, or its first letter."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from tui_app.text import fold
from tui_app.widgets.signs import sign


class Pick(Widget, can_focus=True):
    """``‹ lan ›  1/3``. With a single option it is a plain word that takes no focus."""

    DEFAULT_CSS = """
    Pick {
        width: 1fr; height: 1; padding: 0 1;
        &:focus { background: $primary 20%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "right", "step(1)", "unlock.key_next_user", id="pick.next", tooltip="unlock.key_next_user_tip"
        ),
        Binding("left", "step(-1)", "unlock.key_next_user", id="pick.previous", show=False),
    ]

    class Changed(Message):
        """A person chose another option."""

        def __init__(self, pick: Pick, value: str) -> None:
            super().__init__()
            self.pick = pick
            self.value = value

        @property
        def control(self) -> Pick:
            return self.pick

    def __init__(self, options: list[str], value: str | None = None, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.options: list[str] = []
        self._at = 0
        self.offer(options, value)

    def offer(self, options: list[str], value: str | None = None) -> None:
        """Other options; ``value`` is the one to show, if it is among them. Sends no message."""
        self.options = options
        self._at = options.index(value) if value in options else 0
        self.can_focus = len(options) > 1
        self.refresh()

    @property
    def value(self) -> str:
        """The option shown; empty when there is none."""
        return self.options[self._at] if self.options else ""

    def action_step(self, by: int) -> None:
        """The next or the previous option, round and round."""
        self._choose((self._at + by) % len(self.options))

    def on_key(self, event: events.Key) -> None:
        """A letter goes to the next option that begins with it."""
        letter = fold(event.character or "")
        if not letter.isalnum():
            return
        count = len(self.options)
        for step in range(1, count + 1):
            place = (self._at + step) % count
            if fold(self.options[place]).startswith(letter):
                self._choose(place)
                break
        event.stop()

    def _choose(self, place: int) -> None:
        if place != self._at:
            self._at = place
            self.refresh()
            self.post_message(self.Changed(self, self.value))

    def render(self) -> Content:
        """The name between two arrows when there is a choice."""
        if not self.can_focus:
            return Content.styled(self.value, "bold")
        return Content.assemble(
            f"{sign('left')} ",
            Content.styled(self.value, "bold"),
            f" {sign('right')}   ",
            Content.styled(f"{self._at + 1}/{len(self.options)}", "$text-muted"),
        )
