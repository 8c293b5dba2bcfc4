"""A list as a spreadsheet: an official heading, a frozen line of titles, real dates, numbers that are identifiers as
text, and no cell that is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO, Literal

from tui_app.clock import VIETNAM, show_date, show_moment
from tui_app.papers.words import Letterhead
from tui_app.services.exporting import grid_csv

Heading = Letterhead
Kind = Literal["text", "date", "number", "moment"]


@dataclass(frozen=True, slots=True)
class Column:
    """``width``: in letters."""

    title: str
    kind: Kind = "text"
    width: int = 12


def write_table(
    out: BinaryIO,
    file_format: Literal["xlsx", "csv"],
    *,
    title: str,
    heading: Heading | None,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    notes: Sequence[str] = (),
) -> None:
    """Write one list. ``heading``: whose paper it is; ``notes``: lines between the title and the list."""
    above = [heading.above, heading.office] if heading else []
    if file_format == "csv":
        lines: list[list[Any]] = [[line] for line in (title, *notes)]
        lines += [[], [column.title for column in columns]]
        lines += [[_text(value, column) for value, column in zip(row, columns, strict=True)] for row in rows]
        grid_csv([above[0] if above else ""], [*([line] for line in above[1:]), *lines], out)
        return
    _xlsx(out, title, above, columns, rows, notes)


def _xlsx(
    out: BinaryIO,
    title: str,
    above: Sequence[str],
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    notes: Sequence[str],
) -> None:
    import xlsxwriter

    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    page = book.add_worksheet()
    bold, strong = book.add_format({"bold": True}), book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "border": 1, "text_wrap": True, "bg_color": "#EEEEEE"})
    forms = {
        "text": book.add_format({"border": 1, "num_format": "@", "text_wrap": True}),
        "number": book.add_format({"border": 1}),
        "date": book.add_format({"border": 1, "num_format": "dd/mm/yyyy"}),
        "moment": book.add_format({"border": 1, "num_format": "dd/mm/yyyy hh:mm"}),
    }
    line = 0
    for text, form in (*((text, bold) for text in above), (title, strong), *((text, None) for text in notes)):
        page.write_string(line, 0, text, form)
        line += 1
    line += 1
    for place, column in enumerate(columns):
        page.set_column(place, place, column.width)
        page.write_string(line, place, column.title, head)
    page.freeze_panes(line + 1, 0)
    page.repeat_rows(line)
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    for row in rows:
        line += 1
        for place, (value, column) in enumerate(zip(row, columns, strict=True)):
            _write(page, line, place, value, forms[column.kind])
    book.close()


def _write(page: Any, line: int, place: int, value: object, form: Any) -> None:
    if value is None:
        page.write_blank(line, place, None, form)
    elif isinstance(value, datetime):
        page.write_datetime(line, place, value.astimezone(VIETNAM).replace(tzinfo=None), form)
    elif isinstance(value, date):
        page.write_datetime(line, place, value, form)
    elif isinstance(value, (int, float)):
        page.write_number(line, place, value, form)
    else:
        page.write_string(line, place, str(value), form)


def _text(value: object, column: Column) -> object:
    if isinstance(value, datetime):
        return show_moment(value)
    return show_date(value) if isinstance(value, date) else value
