"""How a row list's lines look: cells, marks and symbols as strips of as few segments as possible.

Each segment and strip costs again at every repaint, so cells of one style become one segment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from tui_app.widgets import symbols
from tui_app.widgets.rows import GAP, Column, Row, fit_columns, fit_name, fit_rich, fit_text

EDGE = 1  # cells kept on the right for the thumb that shows where in the list one is


class RowPainter:
    """Lines of a fixed width. ``tone`` gives the style of a tone, ``""`` being the plain one."""

    def __init__(
        self, columns: Sequence[Column], *, markable: bool, states: bool, tone: Callable[[str], Style]
    ) -> None:
        self.columns = tuple(columns)
        self.markable = markable
        self.states = states
        self.tone = tone
        self.width = 0
        self._layout: list[tuple[int, int]] = []
        self._used = 0

    @property
    def gutter(self) -> int:
        """Cells in front of the first column: cursor, mark, state, and a space."""
        return 1 + (1 if self.markable else 0) + (symbols.WIDTH + 1 if self.states else 1)

    @property
    def layout(self) -> list[tuple[int, int]]:
        """The columns that stand, as (place in ``columns``, cells)."""
        return self._layout

    def fit(self, width: int) -> None:
        """Paint lines of ``width`` cells from now on."""
        self.width = width
        self._layout = fit_columns(self.columns, max(0, width - self.gutter - EDGE))
        self._used = (
            self.gutter + sum(cells for _, cells in self._layout) + GAP * max(0, len(self._layout) - 1)
        )

    def header(self) -> Strip:
        """The titles."""
        titles = (
            fit_text(self.columns[place].title, cells, self.columns[place].align)
            for place, cells in self._layout
        )
        return self.words(" " * self.gutter + (" " * GAP).join(titles), "header")

    def words(self, text: str, tone: str = "muted") -> Strip:
        """A line of words in one tone."""
        return Strip([Segment(fit_text(text, self.width), self.tone("") + self.tone(tone))], self.width)

    def unread(self) -> Strip:
        """What stands for a row that is not read yet."""
        return self.words(" " * self.gutter + symbols.ellipsis())

    def paragraph(self, text: str, console: Console) -> list[Strip]:
        """``text`` wrapped, below an empty line."""
        lines = Text(text).wrap(console, max(1, self.width - 4))
        return [self.words(""), *(self.words("  " + line.plain) for line in lines)]

    def blank(self) -> Strip:
        """An empty line."""
        return Strip.blank(self.width, self.tone(""))

    def row(self, row: Row, console: Console, *, under_cursor: bool, marked: bool) -> Strip:
        """The line of ``row``."""
        base = self.tone("") + self.tone(row.tone) if row.tone else self.tone("")
        if under_cursor:
            base += self.tone("cursor")
        front = ">" if under_cursor else " "
        if self.markable:
            front += "*" if marked else " "
        pieces = [(front, base)]
        if self.states and row.state:
            tone = symbols.LOOKS[row.state].tone
            mark = fit_text(symbols.symbol(row.state), symbols.WIDTH)
            pieces += [(mark, base + self.tone(tone) if tone else base), (" ", base)]
        else:
            pieces.append((" " * (self.gutter - len(front)), base))
        for position, (place, cells) in enumerate(self._layout):
            if position:
                pieces.append((" " * GAP, base))
            pieces += self._cell(row, place, cells, base, console)
        pieces.append((" " * max(0, self.width - self._used), base))
        segments = [
            Segment("".join(text for text, _ in run), style)
            for style, run in groupby(pieces, key=lambda piece: piece[1])
        ]
        strip = Strip(segments, max(self.width, self._used))
        return strip if self._used <= self.width else strip.crop(0, self.width)

    def with_thumb(self, strip: Strip) -> Strip:
        """``strip`` with the thumb on its right edge."""
        thumb = "|" if symbols.symbols_in_use() == "ascii" else "▐"
        edge = Strip([Segment(thumb, self.tone("") + self.tone("muted"))], EDGE)
        return Strip.join([strip.crop(0, self.width - EDGE), edge])

    def _cell(
        self, row: Row, place: int, cells: int, base: Style, console: Console
    ) -> list[tuple[str, Style]]:
        column = self.columns[place]
        tone = column.tone(row) if column.tone else ""
        style = base + self.tone(tone) if tone else base
        cell = row.cells[place] if place < len(row.cells) else ""
        if isinstance(cell, str):
            said = fit_name(cell, cells) if column.names else cell
            return [(fit_text(said, cells, column.align), style)]
        fitted = fit_rich(cell, cells, column.align)
        return [(text, style + own if own else style) for text, own, _ in fitted.render(console)]


def thumb_lines(top: int, room: int, count: int) -> range:
    """On which of ``room`` lines the thumb stands, when row ``top`` of ``count`` is the first in view."""
    if not room or count <= room:
        return range(0)
    size = max(1, room * room // count)
    start = round(top / (count - room) * (room - size))
    return range(start, start + size)
