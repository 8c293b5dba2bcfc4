"""Tables of papers: measured before they are drawn, so that what belongs together stays on one page.

The head is repeated on every page; a row taller than a page goes on in the next one, for fpdf2 refuses to draw it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

LINE = 1.28  # line height in font sizes: room for the marks above Vietnamese capitals
POINT = 25.4 / 72
_SIDE = 0.6  # mm left and right of words
_ROUNDING = 0.01  # mm
_SHADE = (232, 232, 232)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. ``width``: its share of the sheet; ``align``: L, C or R."""

    title: str
    width: float
    align: str = "L"


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be drawn with a font. ``above``: a first line of the head, titles that span so many columns each;
    ``size``: of letters, in points; ``tall``: the least height of a row in mm, to write in by hand; ``padding``: above
    and below words, in mm; ``carried``: a column that speaks at the first of several rows only, and again where they go
    on in a new page. A row of one cell is a heading across the sheet, and is said again there too."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    above: Sequence[tuple[str, int]] = ()
    size: float = 9
    tall: float = 0.0
    padding: float = 0.5
    carried: int | None = None

    def head_height(self, pdf: Any) -> float:
        """Of the head, in mm. The font of ``pdf`` stays as it was."""
        top = max(self.tall, self._line + 2 * self.padding) if self.above else 0.0
        return top + self._height(pdf, [column.title for column in self.columns], bold=True)

    def heights(self, pdf: Any) -> list[float]:
        """Of each row, in mm."""
        return [self._tall(pdf, row) for row in self.rows]

    def draw(self, pdf: Any, *, keep: float = 0.0) -> None:
        """From where the pen stands. ``keep``: so many mm below the last row are on the same page as it."""
        left, top = pdf.l_margin, pdf.t_margin
        for number, rows in enumerate(self._pages(pdf, keep)):
            if number:
                pdf.add_page()
                pdf.set_xy(left, top)
            if rows or not self.rows:
                self._of(rows)._render(pdf)

    def _pages(self, pdf: Any, keep: float) -> list[list[Sequence[str]]]:
        """The rows of each page; none on the first where none fits there."""
        head, bottom = self.head_height(pdf), pdf.page_break_trigger
        whole, room = bottom - pdf.t_margin - head, bottom - pdf.get_y() - head
        table = self._parted(pdf, whole)
        talls = table.heights(pdf)
        needed = table._needed(talls, keep)
        pages: list[list[Sequence[str]]] = [[]]
        for place, (row, tall) in enumerate(zip(table.rows, talls, strict=True)):
            if needed[place] > room + _ROUNDING and (pages[-1] or room < whole):
                begun = self._going_on(table.rows[:place], row)
                pages.append(begun)
                room = whole - sum(self._tall(pdf, one) for one in begun)
            else:
                pages[-1].append(row)
                room -= tall
        return pages

    def _needed(self, talls: Sequence[float], keep: float) -> list[float]:
        """The mm that each row takes with what stands with it: below a heading its first row, ``keep`` below the last
        of several."""
        needed, below = list[float](), keep if len(talls) > 1 else 0.0
        for row, tall in zip(reversed(self.rows), reversed(talls), strict=True):
            stands = self._heads(row) or not needed
            needed.append(tall + (below if stands else 0.0))
            below = needed[-1]
        return needed[::-1]

    def _going_on(self, before: Sequence[Sequence[str]], row: Sequence[str]) -> list[Sequence[str]]:
        """A row that begins a page, with what was said above it and still holds: its heading, what `carried` tells."""
        if self._heads(row):
            return [row]
        heading = next((one for one in reversed(before) if self._heads(one)), None)
        if self.carried is not None and not row[self.carried]:
            said = [one[self.carried] for one in before if len(one) > 1 and one[self.carried]]
            row = [*row[: self.carried], *said[-1:], *row[self.carried + 1 :]] if said else row
        return [heading, row] if heading else [row]

    def _heads(self, row: Sequence[str]) -> bool:
        return len(row) == 1 < len(self.columns)

    def _tall(self, pdf: Any, row: Sequence[str]) -> float:
        return self._height(pdf, row, bold=len(row) == 1)

    def _parted(self, pdf: Any, room: float) -> Table:
        """The same with rows that are higher than ``room`` cut into several."""
        most = int((room - 2 * self.padding) / self._line)
        return self._of([part for row in self.rows for part in self._parts(pdf, row, most)])

    def _parts(self, pdf: Any, row: Sequence[str], most: int) -> Iterator[Sequence[str]]:
        cells = [self._lines(pdf, place, words, len(row)) for place, words in enumerate(row)]
        count = ceil(max(map(len, cells)) / most)
        if count <= 1:
            yield row
            return
        for start in range(0, count * most, most):
            yield ["\n".join(lines[start : start + most]) for lines in cells]

    def _height(self, pdf: Any, row: Sequence[str], *, bold: bool) -> float:
        lines = max(
            len(self._lines(pdf, place, words, len(row), bold=bold)) for place, words in enumerate(row)
        )
        return max(self.tall, lines * self._line + 2 * self.padding)

    def _lines(self, pdf: Any, place: int, words: str, cells: int, *, bold: bool = False) -> Sequence[str]:
        """The lines that the words of a cell take; at least one."""
        share = self.columns[place].width / sum(column.width for column in self.columns)
        width = pdf.epw * (1 if cells == 1 < len(self.columns) else share) - 2 * _SIDE
        pdf.set_font(style="B" if bold else "", size=self.size)
        found: list[str] = pdf.multi_cell(
            width, self._line, words, align="L", dry_run=True, output="LINES", padding=0
        )
        return found or [""]

    @property
    def _line(self) -> float:
        return self.size * POINT * LINE

    def _of(self, rows: Sequence[Sequence[str]]) -> Table:
        return replace(self, rows=rows)

    def _render(self, pdf: Any) -> None:
        from fpdf.enums import TableBordersLayout, VAlign
        from fpdf.fonts import FontFace

        pdf.set_font(style="", size=self.size)
        head = FontFace(emphasis="BOLD", fill_color=_SHADE)
        total = sum(column.width for column in self.columns)
        with pdf.table(
            col_widths=tuple(column.width / total * 100 for column in self.columns),
            text_align=tuple({"L": "LEFT", "C": "CENTER", "R": "RIGHT"}[c.align] for c in self.columns),
            line_height=self._line,
            padding=(self.padding, _SIDE),
            headings_style=head,
            num_heading_rows=2 if self.above else 1,
            align="LEFT",
            borders_layout=TableBordersLayout.ALL,
            v_align=VAlign.M,
            min_row_height=self.tall or None,
        ) as drawn:
            if self.above:
                top = drawn.row()
                for words, span in self.above:
                    top.cell(words, colspan=span, align="CENTER")
            titles = drawn.row()
            for column in self.columns:
                titles.cell(column.title, align="CENTER")
            for row in self.rows:
                cells = drawn.row()
                if self._heads(row):
                    cells.cell(row[0], colspan=len(self.columns), align="LEFT", style=head)
                    continue
                for words in row:
                    cells.cell(words)
