"""A list as a spreadsheet or CSV: what every list of the program leaves as.

A sheet has the official heading, a line of titles that stays while one scrolls and on every printed page, real dates,
and text where a number identifies somebody. No cell is a formula. What is not known is an empty cell: a program that
reads the sheet must not take a dash for a value. CSV is for programs: titles and rows only, dates in ISO 8601.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any, BinaryIO, Literal

from tui_app.clock import VIETNAM
from tui_app.i18n import t
from tui_app.papers.letterhead import Letterhead
from tui_app.services.lists.exporting import formula, grid_csv

FORMATS = ("xlsx", "csv")
Kind = Literal["text", "date", "number", "moment"]

_FONT = {"font_name": "Times New Roman", "font_size": 11}
_SHADE = "#EEEEEE"
_LIKE: dict[Kind, dict[str, Any]] = {
    "text": {"num_format": "@", "text_wrap": True},
    "number": {},
    "date": {"num_format": "dd/mm/yyyy", "align": "center"},
    "moment": {"num_format": "dd/mm/yyyy hh:mm", "align": "center"},
}
_FONT_SIZE, _LINE, _BOLD = 11, 1.35, 1.15
"""Points of the letters that widths count; a line's height in font sizes; how much wider bold capitals are."""
_HALF, _SPARE = 42.0, 9.0
"""Letters that the national words take; the width of a column that nobody set."""
_MOST_ACROSS = 8
"""Columns that still stand upright on A4; more lie."""


@dataclass(frozen=True, slots=True)
class Column:
    """``kind``: what its cells are; a number that identifies somebody is text. ``width``: in letters."""

    title: str
    kind: Kind = "text"
    width: int = 14


def write_table(
    out: BinaryIO,
    file_format: str,
    *,
    title: str,
    heading: Letterhead | None,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    notes: Sequence[str] = (),
) -> None:
    """Write one list as ``xlsx`` or ``csv``. ``heading``: whose paper it is; ``notes``: lines between title and list.

    A row has a cell a column: str, number, `date`, aware `datetime`, bool, or None. Rows are written as they come, so
    a long list takes little memory.
    """
    if file_format == "csv":
        grid_csv([column.title for column in columns], ([_iso(cell) for cell in row] for row in rows), out)
    else:
        _Sheet(out, columns).write(title, heading, rows, notes)


def _iso(cell: object) -> object:
    if isinstance(cell, datetime):
        return cell.astimezone(VIETNAM).isoformat(timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return _said(cell)


def _said(cell: object) -> object:
    return t("codes.yes" if cell else "codes.no") if isinstance(cell, bool) else cell


def _half(widths: list[float]) -> int:
    """Where the right half of the heading begins: in the middle, and wide enough. Adds columns where there are too
    few."""
    while True:
        half = min(
            range(1, len(widths) + 1), key=lambda place: abs(sum(widths[:place]) - sum(widths[place:]))
        )
        if sum(widths[half:]) >= _HALF:
            return half
        widths.append(_SPARE)


class _Sheet:
    """One sheet, written from top to bottom."""

    def __init__(self, out: BinaryIO, columns: Sequence[Column]) -> None:
        import xlsxwriter

        self.book = xlsxwriter.Workbook(
            out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self.page = self.book.add_worksheet()
        self.columns = columns
        self.widths = [float(column.width) for column in columns]
        self.half = _half(self.widths)
        self.line = 0
        cell = _FONT | {"border": 1, "valign": "top"}
        self.like = {kind: self.book.add_format(cell | like) for kind, like in _LIKE.items()}
        self.quoted = self.book.add_format(cell | _LIKE["text"] | {"quote_prefix": True})

    def write(
        self, title: str, heading: Letterhead | None, rows: Iterable[Sequence[object]], notes: Sequence[str]
    ) -> None:
        for place, column in enumerate(self.columns):
            self.page.set_column(place, place, column.width)
        if heading is not None:
            self._heading(heading)
        self._lines([(title, 0, len(self.widths))], 14, bold=True, centre=True)
        for note in notes:
            self._lines([(note, 0, len(self.widths))], 11)
        self.line += 1
        head = self.book.add_format(
            _FONT
            | {
                "bold": True,
                "border": 1,
                "text_wrap": True,
                "align": "center",
                "valign": "vcenter",
                "bg_color": _SHADE,
            }
        )
        for place, column in enumerate(self.columns):
            self.page.write_string(self.line, place, column.title, head)
        top = self.line
        for row in rows:
            self.line += 1
            for place, (column, value) in enumerate(zip(self.columns, row, strict=True)):
                self._cell(place, column.kind, value)
        self._frame(top)
        self.book.close()

    def _heading(self, heading: Letterhead) -> None:
        for left, right, italic in (
            (heading.above, t("papers.nation"), False),
            (heading.office, t("papers.motto"), False),
            ("", heading.place_and_day, True),
        ):
            both = [(left, 0, self.half), (right, self.half, len(self.widths))]
            self._lines(both, 11, bold=not italic, italic=italic, centre=True)
        self.line += 1

    def _lines(self, parts: Sequence[tuple[str, int, int]], size: int, **look: bool) -> None:
        """Words side by side, each across the columns from one up to another, in a row as tall as they need."""
        like = self._format(size, **look)
        tall = 1
        for text, first, end in parts:
            letters = sum(self.widths[first:end]) * _FONT_SIZE / size
            tall = max(tall, ceil(len(text) * (_BOLD if look.get("bold") else 1) / letters))
            if end - first == 1:
                self.page.write_string(self.line, first, text, like)
            else:
                self.page.merge_range(self.line, first, self.line, end - 1, text, like)
        if tall > 1:
            self.page.set_row(self.line, tall * size * _LINE)
        self.line += 1

    def _cell(self, place: int, kind: Kind, value: object) -> None:
        line, value = self.line, _said(value)
        if value is None or value == "":
            self.page.write_blank(line, place, None, self.like[kind])
        elif isinstance(value, datetime):
            here = value.astimezone(VIETNAM).replace(tzinfo=None)
            self.page.write_datetime(line, place, here, self.like["moment"])
        elif isinstance(value, date):
            day = datetime(value.year, value.month, value.day)
            self.page.write_datetime(line, place, day, self.like["date"])
        elif isinstance(value, int | float) and kind == "number":
            self.page.write_number(line, place, value, self.like[kind])
        else:
            text = str(value)
            self.page.write_string(line, place, text, self.quoted if formula(text) else self.like["text"])

    def _frame(self, top: int) -> None:
        """The titles stay in sight; the sheet prints on A4, as wide as one page."""
        self.page.freeze_panes(top + 1, 0)
        self.page.repeat_rows(top)
        self.page.set_paper(9)
        if len(self.columns) > _MOST_ACROSS:
            self.page.set_landscape()
        self.page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.page.fit_to_pages(1, 0)
        self.page.hide_gridlines(1)
        self.page.set_footer(t("receipts.page_footer"))

    def _format(self, size: int, *, bold: bool = False, italic: bool = False, centre: bool = False) -> Any:
        look: dict[str, Any] = _FONT | {"font_size": size, "bold": bold, "italic": italic}
        align = {"align": "center"} if centre else {}
        return self.book.add_format(look | align | {"text_wrap": True, "valign": "top"})
