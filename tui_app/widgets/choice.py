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

_DIGITS = frozenset("123456789")


class Choice(Widget, can_focus=True):
    """``[Nam]  Nữ  Chưa rõ``. Nothing is chosen until a person, or ``value``, chooses: missing is not a
    default.

    Left, right and Space go round; a digit or the first letter (marks aside) chooses; Backspace takes the
    choice back when ``required`` is false. Of more options than there are digits, the first letters of a label choose
    it; letters no label begins with choose nothing, so that a name typed here by mistake ends on no other one.
    ``options``: (value, label).
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
        self._typed = ""  # letters since the last other key, folded

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
        is_letter = event.is_printable and event.character not in _DIGITS
        if not is_letter or (event.key == "space" and not self._typed):
            self._typed = ""
        match event.key:
            case "space" if self._typed:
                self._choose_by_letters(" ")
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
        if character in _DIGITS:
            if int(character) <= len(self.options):
                self._choose(int(character) - 1)
        elif len(self.options) > len(_DIGITS):
            self._choose_by_letters(character)
        else:
            self._choose_next(character)

    def _choose_by_letters(self, character: str) -> None:
        self._typed += fold(character) or " "
        found = next((o for o, label in self.options if fold(label).startswith(self._typed)), None)
        if found is not None:
            self._choose(self._place_of(found))
        elif len(set(self._typed)) == 1:  # the same letter again: the next one that begins with it
            self._choose_next(character)
        elif not self.required:
            self._choose(None)

    def _choose_next(self, character: str) -> None:
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

    def on_blur(self) -> None:
        """Letters typed later begin a label anew."""
        self._typed = ""

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
