"""One of a few, all of them in view: a field of a form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui_app.text import fold


class Choice(Widget, can_focus=True):
    """``[Nam]  Nữ  Chưa rõ``. Nothing is chosen until a person, or ``value``, chooses: missing is not a
    default.

    Left, right and Space go round; a digit or the first letter (marks aside) chooses; Backspace takes the
    choice back when ``required`` is false. ``options``: (value, label).
    """

    KEYS_HELP: ClassVar[tuple[tuple[str, str], ...]] = (("← → 1–9", "widgets.keys_choose"),)
    DEFAULT_CSS = """
    Choice {
        width: 1fr; height: auto; padding: 0 1; background: $surface;
        &:focus { background: $primary 20%; }
        &.-problem { color: $text-error; text-style: bold; }
    }
    """
    status: reactive[str] = reactive("")

    class _Said(Message):
        def __init__(self, choice: Choice, value: str) -> None:
            super().__init__()
            self.choice = choice
            self.value = value

        @property
        def control(self) -> Choice:
            return self.choice

    class Changed(_Said):
        """A person chose, or took the choice back (an empty value)."""

    class Submitted(_Said):
        """Enter."""

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        value: str = "",
        *,
        required: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.options = tuple(options)
        self.required = required
        self._place = self._place_of(value)

    @property
    def value(self) -> str:
        """The chosen option's value, empty while nothing is chosen."""
        return "" if self._place is None else self.options[self._place][0]

    @value.setter
    def value(self, value: str) -> None:
        self._place = self._place_of(value)
        self.refresh()

    def _place_of(self, value: str) -> int | None:
        return next((place for place, (option, _) in enumerate(self.options) if option == value), None)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters and digits choose here, so bindings on them do not act."""
        return character is not None and character.isprintable()

    async def _on_key(self, event: events.Key) -> None:
        match event.key:
            case "right" | "space":
                self._step(1)
            case "left":
                self._step(-1)
            case "backspace" | "delete":
                self._choose(self._place if self.required else None)
            case "enter":
                self.post_message(self.Submitted(self, self.value))
            case "tab":
                self.screen.focus_next()
            case "shift+tab":
                self.screen.focus_previous()
            case _ if event.is_printable and event.character:
                self._choose_by(event.character)
            case _:
                return
        event.stop()
        event.prevent_default()

    def _step(self, by: int) -> None:
        if self._place is None:
            self._choose(0 if by > 0 else len(self.options) - 1)
        else:
            self._choose((self._place + by) % len(self.options))

    def _choose_by(self, character: str) -> None:
        if character in set("123456789"):
            if int(character) <= len(self.options):
                self._choose(int(character) - 1)
            return
        first = fold(character)
        start = -1 if self._place is None else self._place
        for step in range(1, len(self.options) + 1):
            place = (start + step) % len(self.options)
            if first and fold(self.options[place][1]).startswith(first):
                self._choose(place)
                return

    def _choose(self, place: int | None) -> None:
        if place != self._place:
            self._place = place
            self.refresh()
            self.post_message(self.Changed(self, self.value))

    async def _on_click(self, event: events.Click) -> None:
        event.stop()
        self._step(1)

    def watch_status(self, status: str) -> None:
        """Show the judgement by class."""
        self.set_class(status == "problem", "-problem")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the options take."""
        return len(self.render().wrap(max(1, width)))

    def render(self) -> Content:
        """The chosen option stands in brackets, so it shows without colour too."""
        drawn = [
            Content.styled(f"[{label}]", "bold") if place == self._place else Content(f" {label} ")
            for place, (_, label) in enumerate(self.options)
        ]
        return Content(" ").join(drawn)
