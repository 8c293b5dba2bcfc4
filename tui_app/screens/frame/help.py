"""The keys of a screen, built from its bindings: nothing to keep in step by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from tui_app.i18n import t
from tui_app.screens.frame.base import SHELL_STYLE, FramedScreen
from tui_app.widgets.frame import key_name, words_of
from tui_app.widgets.signs import state_signs

KEY_WIDTH = 14
Line = tuple[str, str]  # keys, and the text or catalogue key of what they do


class KeyTable(Widget):
    """Groups of keys, a heading each; words are looked up when painted."""

    DEFAULT_CSS = "KeyTable { height: auto; width: 100%; }"

    def __init__(self, groups: list[tuple[str, list[Line]]]) -> None:
        super().__init__()
        self.groups = groups

    def lines(self) -> list[tuple[str, str]]:
        """Every key and what it does, in the language of the moment."""
        return [(keys, words_of(what)) for _, group in self.groups for keys, what in group]

    def render(self) -> Content:
        """Keys in one column, sentences in the next; long sentences stay in their column."""
        room = max(20, self.size.width - KEY_WIDTH)
        parts: list[Content | str] = []
        for heading, group in self.groups:
            parts += [Content.styled(t(heading), "bold"), "\n"]
            for keys, what in group:
                wrapped = Content(words_of(what)).wrap(room)
                name = Content.styled(keys, "bold $text-primary")
                parts += [name, " " * max(1, KEY_WIDTH - name.cell_length)]
                parts += [Content("\n" + " " * KEY_WIDTH).join(wrapped), "\n"]
            parts.append("\n")
        parts += [Content.styled(t("app.help_state"), "bold"), "\n"]
        legend = (
            t("app.help_state_words", **state_signs()).replace(" ", "\xa0").replace("\xa0\xa0\xa0", "   ")
        )
        parts.append(Content("\n").join(Content(legend).wrap(max(20, self.size.width))))
        return Content.assemble(*parts)


class HelpScreen(FramedScreen[None]):
    """The keys that act on the screen it is asked from, and those that act everywhere."""

    CSS_PATH = [SHELL_STYLE]
    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "app.key_back", id="help.back", tooltip="app.key_back_tip"),
        Binding("f1,question_mark", "close", show=False, id="help.close", tooltip="app.key_back_tip"),
    ]

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__()
        self.groups = key_groups(about)

    def compose(self) -> ComposeResult:
        """One page that scrolls."""
        yield from self.frame_top("app.help_title")
        with VerticalScroll(classes="page wide"):
            yield KeyTable(self.groups)
        yield from self.frame_bottom()

    def action_close(self) -> None:
        """Back to the screen it was asked from."""
        self.dismiss(None)


def key_groups(screen: Screen[Any]) -> list[tuple[str, list[Line]]]:
    """Headings with their keys: the screen's own, those of what has the focus, those of every screen."""
    own: dict[str, list[str]] = {}
    field: dict[str, list[str]] = {}
    everywhere: dict[str, list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        what = str(binding.tooltip or binding.description)
        if "." not in what or binding.system:  # Textual's own: moving the focus, copying
            continue
        group = everywhere if active.node is screen.app else own if active.node is screen else field
        keys = group.setdefault(what, [])
        if (name := key_name(binding)) not in keys:
            keys.append(name)
    lines: list[Line] = [(" ".join(keys), what) for what, keys in field.items()]
    lines += list(getattr(screen.focused, "KEYS_HELP", ()))
    groups = [
        ("app.help_screen", [(" ".join(keys), what) for what, keys in own.items()]),
        ("app.help_field", lines),
        ("app.help_global", [(" ".join(keys), what) for what, keys in everywhere.items()]),
    ]
    return [(heading, found) for heading, found in groups if found]
