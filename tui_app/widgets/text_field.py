"""The one text input of the application. It survives Vietnamese input methods, scanners and type-ahead.

Unikey and EVKey send backspaces and composed letters in one burst, so every editing key, printable or
not, is worked off here in the key handler, in the order it came. Nothing goes to a binding that could
be overtaken. Tab and Shift+Tab move the focus from here too; Enter becomes ``Submitted``; up, down, Esc
and function keys travel on to the form, screen and App, and ``tui_app.keys.OrderedKeys`` keeps them in
order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui_app.widgets.telex import Method, compose
from tui_app.widgets.typed_text import TypedText, typeable

MASK = "*"


class TextField(Widget, can_focus=True):
    """One line of text. ``value`` is always NFC.

    ``max_length``: letters, 0 for no limit. ``restrict``: a pattern the whole value must match while it
    is being typed, or a function that says whether a value may stand. ``masked``: for passwords.
    ``composing``: whether the built-in Telex or VNI of the App (``app.input_method``) applies here;
    switch it off for codes and scanner lines. ``input_method`` overrules the App's.

    Setting ``value`` from code sends no message; ``Changed`` means that a person typed.
    """

    COMPOSES: ClassVar[bool] = True
    takes_typing: ClassVar[bool] = True
    """A scanner's line is typed into it like any other."""

    DEFAULT_CSS = """
    TextField {
        width: 1fr; height: 1; padding: 0 1; background: $surface; color: $foreground; pointer: text;
        & > .text-field--placeholder { color: $text-muted; }
        & > .text-field--cursor { text-style: reverse; }
        &:focus { background: $primary 20%; text-style: none; }
        &:disabled { text-style: dim; }
        &.-problem { color: $text-error; text-style: bold; }
        &.-warning { color: $text-warning; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"text-field--cursor", "text-field--placeholder"}

    placeholder: reactive[str] = reactive("")
    status: reactive[str] = reactive("")
    """``""``, ``"problem"`` or ``"warning"``: how the value was judged, shown by colour and weight."""

    class Changed(Message):
        """A person changed the value. Later changes replace earlier ones that wait."""

        def __init__(self, field: TextField, value: str) -> None:
            super().__init__()
            self.field = field
            self.value = value

        @property
        def control(self) -> TextField:
            return self.field

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TextField.Changed) and message.field is self.field

    class Submitted(Message):
        """Enter was pressed, or a pasted line ended."""

        def __init__(self, field: TextField, value: str) -> None:
            super().__init__()
            self.field = field
            self.value = value

        @property
        def control(self) -> TextField:
            return self.field

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        masked: bool = False,
        max_length: int = 0,
        restrict: str | Callable[[str], bool] | None = None,
        composing: bool = True,
        input_method: Method | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(id=id, classes=classes, disabled=disabled)
        self._typed = TypedText.at_end(value)
        self._before_mark: TypedText | None = None
        self._first_cell = 0
        self.set_reactive(TextField.placeholder, placeholder)
        self.masked = masked
        self.max_length = max_length
        self.restrict = restrict
        self.composing = composing and not masked and self.COMPOSES
        self.input_method = input_method

    # ---- the value

    @property
    def value(self) -> str:
        """The text, in NFC."""
        return self._typed.text

    @value.setter
    def value(self, text: str) -> None:
        self._show(TypedText.at_end(typeable(text)))

    @property
    def cursor(self) -> int:
        """Place of the cursor, in characters from the start."""
        return self._typed.cursor

    @cursor.setter
    def cursor(self, place: int) -> None:
        self._show(self._typed.moved_to(place))

    def clear(self) -> None:
        """Empty the field."""
        self.value = ""

    def accepts(self, value: str) -> bool:
        """Whether ``value`` may stand in the field while typing goes on. Subclasses narrow it."""
        if self.max_length and len(value) > self.max_length:
            return False
        if self.restrict is None:
            return True
        if isinstance(self.restrict, str):
            return re.fullmatch(self.restrict, value) is not None
        return self.restrict(value)

    # ---- keys

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Printable keys are text here, so bindings on letters do not act (and footers leave them out)."""
        return character is not None and character.isprintable()

    async def _on_key(self, event: events.Key) -> None:
        edit = self._EDITS.get(event.key)
        if edit is not None:
            edit(self)
        elif event.key == "enter":
            self.post_message(self.Submitted(self, self.value))
        elif event.key == "tab":
            self.screen.focus_next()
        elif event.key == "shift+tab":
            self.screen.focus_previous()
        elif event.is_printable and event.character:
            self._type(event.character)
        else:
            return
        event.stop()
        event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        """A pasted line comes in whole; a line end behind it counts as one Enter."""
        event.stop()
        event.prevent_default()
        line = event.text.rstrip("\r\n")
        self._insert(typeable(line))
        if len(line) < len(event.text):
            self.post_message(self.Submitted(self, self.value))

    def _type(self, character: str) -> None:
        method = self.input_method or getattr(self.app, "input_method", None)
        if self.composing and method and len(character) == 1:
            composed = self._typed.with_before(compose(self._typed.before, character, method))
            if self.accepts(composed.text):
                self._change(composed)
                return
        was = self._typed
        self._insert(character)
        if unicodedata.combining(character) and self._typed != was:
            self._before_mark = was

    def _insert(self, addition: str) -> None:
        """Insert all of it, or else each character that may stand (spaces in a pasted number fall out)."""
        whole = self._typed.insert(addition)
        if self.accepts(whole.text):
            self._change(whole)
            return
        typed = self._typed
        for char in addition:
            longer = typed.insert(char)
            if self.accepts(longer.text):
                typed = longer
        self._change(typed)

    def _backspace(self) -> None:
        # an input method that sends marks one by one counts them one by one when it takes them back
        before_mark = self._before_mark
        self._change(before_mark or self._typed.cut_back_to(self._typed.left()))

    def _delete(self) -> None:
        self._change(self._typed.cut_on_to(self._typed.right()))

    def _home(self) -> None:
        self._show(self._typed.moved_to(0))

    def _end(self) -> None:
        self._show(self._typed.moved_to(len(self.value)))

    def _left(self) -> None:
        self._show(self._typed.left())

    def _right(self) -> None:
        self._show(self._typed.right())

    def _word_left(self) -> None:
        self._show(self._typed.word_left())

    def _word_right(self) -> None:
        self._show(self._typed.word_right())

    def _cut_to_start(self) -> None:
        self._change(self._typed.cut_back_to(self._typed.moved_to(0)))

    def _cut_to_end(self) -> None:
        self._change(self._typed.cut_on_to(self._typed.moved_to(len(self.value))))

    def _cut_word(self) -> None:
        self._change(self._typed.cut_back_to(self._typed.word_left()))

    _EDITS: ClassVar[dict[str, Callable[[TextField], None]]] = {
        "backspace": _backspace,
        "delete": _delete,
        "left": _left,
        "right": _right,
        "home": _home,
        "end": _end,
        "ctrl+a": _home,
        "ctrl+e": _end,
        "ctrl+left": _word_left,
        "ctrl+right": _word_right,
        "ctrl+u": _cut_to_start,
        "ctrl+k": _cut_to_end,
        "ctrl+w": _cut_word,
    }

    def _change(self, typed: TypedText) -> None:
        changed = typed.text != self.value
        self._show(typed)
        if changed:
            self.post_message(self.Changed(self, self.value))

    def _show(self, typed: TypedText) -> None:
        self._typed = typed
        self._before_mark = None
        self._tell_cursor()
        self.refresh()

    # ---- looks

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Room for the text and the cursor behind it, in cells."""
        return self._as_shown(self._typed).at_end(self._as_shown(self._typed).text).cells_before() + 1

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Always one line."""
        return 1

    def watch_status(self, status: str) -> None:
        """Show the judgement by class."""
        self.set_class(status == "problem", "-problem")
        self.set_class(status == "warning", "-warning")

    def _as_shown(self, typed: TypedText) -> TypedText:
        return TypedText(MASK * len(typed.text), typed.cursor) if self.masked else typed

    def _scroll_to_cursor(self, width: int) -> int:
        """The first cell shown, moved so far that the cursor's letter is inside ``width``."""
        cursor = self._as_shown(self._typed).cells_before()
        if cursor < self._first_cell:
            self._first_cell = cursor
        elif cursor >= self._first_cell + width - 1:
            self._first_cell = max(0, cursor - width + 2) if cursor else 0
        return self._first_cell

    def _tell_cursor(self) -> None:
        """Tell the terminal where the input method's window belongs."""
        x, y, width, _ = self.content_region
        if self.is_mounted and self.has_focus and width:  # none before the first layout: nothing to scroll in
            first = self._scroll_to_cursor(width)
            self.app.cursor_position = Offset(x + self._as_shown(self._typed).cells_before() - first, y)

    def _on_focus(self, event: events.Focus) -> None:
        self._tell_cursor()

    async def _on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is not None:
            shown = self._as_shown(self._typed).at_cell(place.x + self._first_cell)
            self._show(self._typed.moved_to(shown.cursor))
        event.stop()

    def render_line(self, y: int) -> Strip:
        """The visible stretch of the text, with the cursor when focused."""
        width = self.size.width
        style = self.rich_style
        if y or not width:
            return Strip.blank(width, style)
        shown = self._as_shown(self._typed)
        if not shown.text and self.placeholder:
            muted = self.get_component_rich_style("text-field--placeholder")
            strip = self._with_cursor(TypedText(self.placeholder, 0), muted)
            return strip.crop(0, width).extend_cell_length(width, style)
        first = self._scroll_to_cursor(width)
        strip = self._with_cursor(shown, style)
        return strip.extend_cell_length(first + width, style).crop(first, first + width)

    def _with_cursor(self, shown: TypedText, style: Style) -> Strip:
        if not self.has_focus:
            return Strip([Segment(shown.text, style)])
        cursor_style = style + self.get_component_rich_style("text-field--cursor", partial=True)
        behind = shown.right()
        under = shown.text[shown.cursor : behind.cursor] or " "
        return Strip(
            [
                Segment(shown.before, style),
                Segment(under, cursor_style),
                Segment(shown.text[behind.cursor :], style),
            ]
        )


class DigitField(TextField):
    """Digits only: identity numbers, telephones, counts. Spaces and dots of a pasted number fall out."""

    COMPOSES = False

    def accepts(self, value: str) -> bool:
        """ASCII digits, and what the field itself demands."""
        return (value == "" or (value.isascii() and value.isdigit())) and super().accepts(value)


class DecimalField(TextField):
    """A number with at most one decimal comma or point, and ``decimals`` places behind it."""

    COMPOSES = False

    def __init__(self, value: str = "", *, decimals: int = 1, max_length: int = 6, **options: Any) -> None:
        super().__init__(value, max_length=max_length, **options)
        self.decimals = decimals

    def accepts(self, value: str) -> bool:
        """Digits, then perhaps a comma or point and up to ``decimals`` digits."""
        number = rf"[0-9]*(?:[.,][0-9]{{0,{self.decimals}}})?"
        return re.fullmatch(number, value) is not None and super().accepts(value)

    @property
    def decimal(self) -> Decimal | None:
        """The number, or None while there is none: an empty field is missing, not zero."""
        try:
            return Decimal(self.value.replace(",", "."))
        except InvalidOperation:
            return None
