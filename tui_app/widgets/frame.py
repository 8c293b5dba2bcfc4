"""The lines around every screen: the title above, the keys below. Words are looked up when painted."""

from __future__ import annotations

from collections.abc import Callable

from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from tui_app.i18n import t
from tui_app.widgets.fitted import fitted

KEY_NAMES = {
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "delete": "Del",
    "backspace": "Backspace",
    "slash": "/",
    "equals_sign": "=",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "full_stop": ".",
    "comma": ",",
}


def key_name(binding: Binding) -> str:
    """How people call the key: ``Ctrl+S``, ``F9``, ``Esc``, ``V``."""
    if binding.key_display:
        return binding.key_display
    *modifiers, key = binding.key.split("+")
    name = KEY_NAMES.get(key, key.upper())
    return "+".join([*(modifier.capitalize() for modifier in modifiers), name])


def words_of(text: str | Callable[[], str]) -> str:
    """The words for a catalogue key, or what a function answers; text that is no key (a name) as it is."""
    if not isinstance(text, str):
        return text()
    subject, dot, name = text.partition(".")
    if not dot or not name or not subject.isidentifier() or " " in name:
        return text
    return t(text)


class Words(Widget):
    """A catalogue entry, looked up each time it is painted, so that a change of language needs no new
    widget.
    """

    DEFAULT_CSS = "Words { width: auto; height: auto; }"

    def __init__(
        self, key: str, *, id: str | None = None, classes: str | None = None, **params: object
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._key = key
        self._params = params

    def show(self, key: str, **params: object) -> None:
        """Show another entry; an empty key shows nothing."""
        self._key, self._params = key, params
        self.refresh(layout=True)

    @property
    def shown(self) -> str:
        """What it says now."""
        return t(self._key, **self._params) if self._key else ""

    def render(self) -> Content:
        """The words in the language of the moment; never read as markup."""
        return Content(self.shown)


class TitleLine(Widget):
    """The first line of a screen: where one is on the left, counts on the right."""

    DEFAULT_CSS = "TitleLine { height: 1; dock: top; padding: 0 1; }"

    def __init__(self, title: str | Callable[[], str] = "", counts: str | Callable[[], str] = "") -> None:
        super().__init__()
        self._title = title
        self._counts = counts

    def show(self, title: str | Callable[[], str], counts: str | Callable[[], str] = "") -> None:
        """Replace both ends. Each is text, a catalogue key, or a function asked at each painting."""
        self._title, self._counts = title, counts
        self.refresh()

    @property
    def shown(self) -> str:
        """Both ends as they are shown, for tests."""
        return f"{words_of(self._title)} {words_of(self._counts)}".strip()

    def render(self) -> Content:
        """The title cut where the counts begin."""
        right = Content(words_of(self._counts))
        room = max(0, self.size.width - right.cell_length - (2 if right.cell_length else 0))
        left = fitted(Content.styled(words_of(self._title), "bold"), room)
        gap = max(0, self.size.width - left.cell_length - right.cell_length)
        return Content.assemble(left, " " * gap, right)


class FrameBottom(Vertical):
    """Holds the keys and the status line at the bottom of the screen."""

    DEFAULT_CSS = "FrameBottom { height: 2; dock: bottom; }"


class KeyLine(Widget):
    """The most used keys of this screen, from its bindings (those with ``show``); F1 always fits."""

    DEFAULT_CSS = "KeyLine { height: 1; padding: 0 1; }"

    def on_mount(self) -> None:
        """Follow the bindings of the screen and of what has the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.refresh()

    @property
    def shown(self) -> list[tuple[str, str]]:
        """Key and word of every binding to show, one a action, the screen's own before the program's."""
        shown: dict[str, tuple[str, str]] = {}
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.show and "." in binding.description and active.enabled and binding.action not in shown:
                shown[binding.action] = (key_name(binding), words_of(binding.description))
        return list(shown.values())

    def render(self) -> Content:
        """As many keys as the width holds, whole ones only, and the help key at the end."""
        keys = self.shown
        last = [pair for pair in keys if pair[0] == "F1"]
        rest = sorted((pair for pair in keys if pair[0] != "F1"), key=lambda pair: pair[0] == "Esc")
        room = self.size.width - sum(_width(pair) for pair in last)
        line: list[tuple[str, str]] = []
        for pair in rest:
            if room < _width(pair):
                break
            room -= _width(pair)
            line.append(pair)
        parts: list[Content | str] = []
        for name, word in line:
            parts += [Content.styled(name, "bold $text-primary"), f" {word}   "]
        if last:
            gap = " " * max(0, room + 3)
            parts += [gap, Content.styled(last[0][0], "bold $text-primary"), f" {last[0][1]}"]
        return Content.assemble(*parts)


def _width(pair: tuple[str, str]) -> int:
    return Content(f"{pair[0]} {pair[1]}   ").cell_length
