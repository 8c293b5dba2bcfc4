"""Vital signs typed into cells, a row a patient: down a column or along a row, as it is quicker.

One widget takes every key in the order it came, so values typed ahead (``37.5`` Tab ``96`` Tab ``88``) land in their
cells. Enter goes down, back to the column where Tab set out from; so a whole row is ``375 88`` Tab ``18`` Tab ``97``
Enter, and a column, gone to by an arrow, is value, Enter, value, Enter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.message import Message
from textual.strip import Strip

from tui_app.widgets.row_list import HEADER, RowList
from tui_app.widgets.rows import LazySource, Row, fit_text
from tui_app.widgets.vitals_cells import CHARACTERS, FIELDS, is_full, problem_of, typed_on
from tui_app.widgets.vitals_lines import FIRST, WIDTHS, VitalsLine, columns, row_of

_LAST = len(FIELDS) - 1


class VitalsTable(RowList, inherit_bindings=False):
    """The cursor is a cell. A value no patient has stays under the cursor, refused, until it is taken away: what was
    typed behind it is not for this cell."""

    takes_typing: ClassVar[bool] = True
    """A scanner's line is typed into it like any other."""

    KEYS_HELP: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Tab", "f0.keys_right"),
        ("Shift+Tab", "f0.keys_left"),
        ("← →", "f0.keys_column"),
        ("Enter", "f0.keys_down"),
        ("↑ ↓", "widgets.keys_move"),
        ("PgUp PgDn", "widgets.keys_page"),
        ("Backspace", "f0.keys_backspace"),
        ("Del", "f0.keys_delete"),
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {"vitals-table--cell", "vitals-table--refused"}
    DEFAULT_CSS = """
    VitalsTable {
        & > .vitals-table--cell { text-style: reverse; }
        & > .vitals-table--refused { color: $text-error; text-style: bold; }
    }
    """

    class _Said(Message):
        def __init__(self, table: VitalsTable, line: VitalsLine) -> None:
            super().__init__()
            self.table = table
            self.line = line

        @property
        def control(self) -> VitalsTable:
            return self.table

    class Typed(_Said):
        """A cell of the line was changed."""

    class Left(_Said):
        """The cursor left a line in which something is typed that is not saved."""

    class Refused(_Said):
        """The value under the cursor cannot be; ``why`` says its range. Empty: it was taken away."""

        def __init__(self, table: VitalsTable, line: VitalsLine, why: str) -> None:
            super().__init__(table, line)
            self.why = why

    def __init__(self, *, id: str | None = None, empty: str = "") -> None:
        super().__init__(columns(), id=id, empty=empty)
        self.lines: Sequence[VitalsLine] = ()
        self.today = ""
        self._field = 0
        self._start = 0
        self._fresh = True  # the cursor came to this cell and nothing was typed into it
        self._implied = False  # the comma of this cell was not typed
        self._why = ""

    # ---- lines

    def show_lines(self, lines: Sequence[VitalsLine], today: str, *, at: str | None = None) -> None:
        """Show patients; ``today``: ISO day; ``at``: case to put the cursor on."""
        self.lines, self.today = lines, today
        source = LazySource(lines, lambda line: row_of(line, today), lambda line: line.patient.case)
        self._why = ""
        self.show(source, at=at)

    @property
    def line(self) -> VitalsLine | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    @property
    def field(self) -> str:
        """The vital sign under the cursor."""
        return FIELDS[self._field]

    def repaint_line(self, line: VitalsLine) -> None:
        """Show a line as it is now."""
        place = next((place for place, one in enumerate(self.lines) if one is line), None)
        if place is not None:
            self._paint(place)

    # ---- keys

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Digits and what stands between them are values here."""
        return character in CHARACTERS

    async def _on_key(self, event: events.Key) -> None:
        if self.line is None:
            return
        if event.character in CHARACTERS:
            self._type(str(event.character))
        elif not self.steer(event.key):
            return
        event.stop()
        event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        """What a scanner sends is no vital sign."""
        event.stop()

    def steer(self, key: str) -> bool:
        """Act on a key that is no value; False when it means nothing here."""
        match key:
            case "backspace":
                self._put(self._text[:-1])
            case "delete" | "ctrl+u":
                self._put("")
            case "tab":
                self._go_right()
            case "shift+tab":
                self._go_left()
            case "right" | "left":
                column = max(0, min(self._field + (1 if key == "right" else -1), _LAST))
                self._go(self.cursor, column, start=column)
            case "enter":
                self._go(self.cursor + 1, self._start, done=True)
            case "down" | "up" | "pagedown" | "pageup":
                room = max(1, self._room)
                by = {"down": 1, "up": -1, "pagedown": room, "pageup": -room}[key]
                self._go(self.cursor + by, self._field, start=self._field)
            case "home":
                self._go(0, self._field, start=self._field)
            case "end":
                self._go(self.count - 1, self._field, start=self._field)
            case _:
                return False
        return True

    # ---- typing

    @property
    def _text(self) -> str:
        return self.line.typed.get(self.field, "") if self.line else ""

    def _type(self, character: str) -> None:
        if self._why:
            return
        if self._implied and character.isdigit() and is_full(self.field, self._text):
            self._go_right()
            if self._why:
                return
        before = "" if self._fresh else self._text
        longer = typed_on(self.field, before, character)
        if longer is not None:
            self._put(longer)
            self._implied = len(longer) > len(before) + 1

    def _put(self, text: str) -> None:
        line = self.line
        if line is None:
            return
        self._fresh = self._implied = False
        if self._why:
            self._why = ""
            self.post_message(self.Refused(self, line, ""))
        line.type(self.field, text)
        self._paint_cursor()
        self.post_message(self.Typed(self, line))

    # ---- moving

    def _go_right(self) -> None:
        if self._field < _LAST:
            self._go(self.cursor, self._field + 1)
        else:
            self._go(self.cursor + 1, self._start, done=True)

    def _go_left(self) -> None:
        if self._field > 0:
            self._go(self.cursor, self._field - 1, start=min(self._start, self._field - 1))

    def _go(self, place: int, column: int, *, start: int | None = None, done: bool = False) -> None:
        """Put the cursor on a cell, if the one it leaves may stand. Leaving a line tells what is typed in it.

        ``done``: the line is left even if there is none behind it.
        """
        line = self.line
        if self._why or line is None or self._refuses(line, self._field):
            return
        place = max(0, min(place, self.count - 1))
        moved = place != self.cursor
        if line.is_changed and (moved or done):
            if self._refuses_any(line):
                return
            self.post_message(self.Left(self, line))
        if start is not None:
            self._start = start
        self._field, self._fresh, self._implied = column, True, False
        if moved:
            self.move_to(place)
        self._paint_cursor()

    def may_leave(self) -> bool:
        """Whether the line under the cursor may stand; else a value is refused as if the cursor had left the line."""
        line = self.line
        return line is None or not (self._why or self._refuses_any(line))

    def _refuses_any(self, line: VitalsLine) -> bool:
        """Refuse the first value of the line that cannot be; a draft brings one back that was refused before."""
        here = (self._field, *(column for column in range(len(FIELDS)) if column != self._field))
        return any(self._refuses(line, column) for column in here)

    def _refuses(self, line: VitalsLine, column: int) -> bool:
        text = line.typed.get(FIELDS[column], "")
        self._why = problem_of(FIELDS[column], text) if text else ""
        if self._why:
            self._field = column
            self._paint_cursor()
            self.post_message(self.Refused(self, line, self._why))
        return bool(self._why)

    def begin_row(self) -> None:
        """Put the cursor on the cell where Tab set out from, as Enter does."""
        self._field, self._fresh, self._implied = self._start, True, False
        self._paint_cursor()

    async def _on_click(self, event: events.Click) -> None:
        event.stop()
        at = event.get_content_offset(self)
        if at is None or at.y < HEADER or at.y - HEADER + self.scroll_offset.y >= self.count:
            return
        left, column = self._painter.gutter, self._field
        for place, cells in self._painter.layout:
            if left <= at.x <= left + cells and FIRST <= place < FIRST + len(FIELDS):
                column = place - FIRST
            left += cells + 1
        self._go(at.y - HEADER + self.scroll_offset.y, column, start=column)

    # ---- looks

    def _paint_cursor(self) -> None:
        self._paint(self.cursor)

    def _paint(self, place: int) -> None:
        for under_cursor in (False, True):
            self._strips.discard((place, under_cursor))
        self.refresh_line(place + HEADER)

    def _row_strip(self, place: int) -> Strip:
        under_cursor = place == self.cursor
        strip = self._strips.get((place, under_cursor))
        if strip is None:
            line = self.lines[place]
            row = row_of(line, self.today)
            if under_cursor:
                row = self._with_cell(row, line)
            strip = self._painter.row(row, self.app.console, under_cursor=under_cursor, marked=False)
            self._strips[(place, under_cursor)] = strip
        return strip

    def _with_cell(self, row: Row, line: VitalsLine) -> Row:
        width = WIDTHS[self.field]
        text = line.typed.get(self.field, "")
        name = "vitals-table--refused" if self._why else "vitals-table--cell"
        style = self.get_component_rich_style(name, partial=True)
        shown = f"!{text}" if self._why else text
        cell = Text.assemble((fit_text(shown, width, "right"), style))
        at = FIRST + self._field
        return Row(row.key, (*row.cells[:at], cell, *row.cells[at + 1 :]), row.state, row.tone)
