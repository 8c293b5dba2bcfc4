"""Small questions above a screen: yes or no, one line, one of a few, or just to be read.

Keyboard first; Esc always goes back. A dialog's own words come from the catalogue, what is asked from the
caller. Enter never says yes by itself: scanners and type-ahead send Enter.

``await app.push_screen_wait(Confirm(...))`` in a worker, or ``push_screen(Confirm(...), then)`` anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui_app.i18n import t
from tui_app.widgets.text_field import TextField

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer]):
    """Title, text, whatever is asked, and a line of the keys that answer. ``back`` is the answer of Esc."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        & > Vertical {
            width: auto; min-width: 40; max-width: 76; height: auto; max-height: 90%;
            padding: 1 2; background: $surface;
        }
        & .dialog--title { text-style: bold; width: auto; max-width: 72; margin-bottom: 1; }
        & .dialog--text { width: auto; max-width: 72; margin-bottom: 1; }
        & .dialog--problem { color: $text-error; width: auto; max-width: 72; }
        & .dialog--hint { color: $text-muted; width: auto; max-width: 72; margin-top: 1; }
        & TextField { width: 60; }
    }
    """

    def __init__(self, title: str, text: str = "", *, hint: str, back: Answer) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._hint = hint
        self._back = back

    def compose(self) -> ComposeResult:
        """The parts from top to bottom."""
        with Vertical():
            yield Static(self._title, classes="dialog--title", markup=False)
            if self._text:
                yield Static(self._text, classes="dialog--text", markup=False)
            yield from self.asked()
            yield Static(self._hint, classes="dialog--hint", markup=False)

    def asked(self) -> Sequence[Widget]:
        """What stands between the text and the keys."""
        return ()

    def answer_key(self, key: str, character: str) -> bool:
        """Act on a key; False when it means nothing here."""
        return False

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            self.dismiss(self._back)
        elif not self.answer_key(event.key, (event.character or "").casefold()):
            return
        event.stop()
        event.prevent_default()


class Notice(Dialog[None]):
    """Something to read; Enter or Esc closes it."""

    def __init__(self, title: str, text: str = "") -> None:
        super().__init__(title, text, hint=t("widgets.notice_hint"), back=None)

    def answer_key(self, key: str, character: str) -> bool:
        """Enter closes."""
        if key == "enter":
            self.dismiss(None)
        return key == "enter"


class Options(Static):
    """Labels with one under the cursor; ``across`` puts them on one line."""

    DEFAULT_CSS = "Options { width: auto; max-width: 72; }"

    def __init__(self, labels: Sequence[str], at: int = 0, *, across: bool = False) -> None:
        super().__init__(markup=False)
        self.labels = list(labels)
        self.at = at
        self.across = across

    def move(self, step: int) -> None:
        """The cursor ``step`` options on, round and round."""
        self.at = (self.at + step) % len(self.labels)
        self.refresh()

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as the widest label, or all of them side by side; what is wider than the dialog is wrapped."""
        widths = [cell_len(label) + 3 for label in self.labels]
        return sum(widths) + 2 * (len(widths) - 1) if self.across else max(widths)

    def render(self) -> Content:
        """The one under the cursor has ``>`` in front and is reversed, so it shows without colour too."""
        drawn = [
            Content.styled(f"> {label} ", "reverse") if place == self.at else Content(f"  {label} ")
            for place, label in enumerate(self.labels)
        ]
        return Content("  " if self.across else "\n").join(drawn)


class Confirm(Dialog[bool]):
    """Yes or no. No is under the cursor at first."""

    STEPS: ClassVar[frozenset[str]] = frozenset({"left", "right", "up", "down", "tab", "shift+tab"})

    def __init__(self, title: str, text: str = "", *, yes: str = "", no: str = "") -> None:
        """``yes``, ``no``: words that say what will happen, instead of a bare yes and no."""
        self._yes_key, self._no_key = t("widgets.yes_key"), t("widgets.no_key")
        hint = t("widgets.confirm_hint", yes_key=self._yes_key, no_key=self._no_key)
        super().__init__(title, text, hint=hint, back=False)
        self._options = Options([no or t("widgets.no"), yes or t("widgets.yes")], across=True)

    def asked(self) -> Sequence[Widget]:
        """No and yes, side by side."""
        return (self._options,)

    def answer_key(self, key: str, character: str) -> bool:
        """The letters answer at once; arrows move, Enter takes what is under the cursor."""
        letter = character.lower()
        if letter in (self._yes_key, self._no_key):
            self.dismiss(letter == self._yes_key)
        elif key in self.STEPS:
            self._options.move(1)
        elif key == "enter":
            self.dismiss(self._options.at == 1)
        else:
            return False
        return True


class Choose(Dialog[str | None]):
    """One of a few: its digit, or arrows and Enter. Answers the option's value, None for Esc."""

    def __init__(
        self, title: str, options: Sequence[tuple[str, str]], *, text: str = "", value: str = ""
    ) -> None:
        """``options``: (value, label), at least one; ``value``: the one under the cursor at first."""
        super().__init__(title, text, hint=t("widgets.choose_hint"), back=None)
        self._values = [option for option, _ in options]
        labels = [
            f"{number} {label}" if number < 10 else label for number, (_, label) in enumerate(options, 1)
        ]
        self._options = Options(labels, self._values.index(value) if value in self._values else 0)

    def asked(self) -> Sequence[Widget]:
        """The options, one a line."""
        return (self._options,)

    def answer_key(self, key: str, character: str) -> bool:
        """A digit answers at once; arrows move, Enter takes what is under the cursor."""
        if key in ("up", "shift+tab"):
            self._options.move(-1)
        elif key in ("down", "tab"):
            self._options.move(1)
        elif key == "enter":
            self.dismiss(self._values[self._options.at])
        elif character in set("123456789") and int(character) <= len(self._values):
            self.dismiss(self._values[int(character) - 1])
        else:
            return False
        return True


class Ask(Dialog[str | None]):
    """One line of text. Answers what was typed, None for Esc.

    ``check``: says what is wrong with a value, or ``""``; the dialog stays open and shows it.
    """

    def __init__(
        self,
        title: str,
        text: str = "",
        *,
        field: TextField | None = None,
        check: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(title, text, hint=t("widgets.ask_hint"), back=None)
        self.field = field or TextField()
        self._check = check
        self._problem = Static("", classes="dialog--problem", markup=False)
        self._problem.display = False

    def asked(self) -> Sequence[Widget]:
        """The field, and below it what is wrong."""
        return (self.field, self._problem)

    @on(TextField.Submitted)
    def answer(self, message: TextField.Submitted) -> None:
        """Enter: check, then answer."""
        message.stop()
        problem = self._check(message.value) if self._check else ""
        if not problem:
            self.dismiss(message.value)
            return
        self._problem.update(problem)
        self._problem.display = True
        self.field.status = "problem"

    @on(TextField.Changed)
    def forget_problem(self, message: TextField.Changed) -> None:
        """What was wrong is being put right."""
        message.stop()
        self._problem.display = False
        self.field.status = ""
