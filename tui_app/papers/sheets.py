"""Lists as spreadsheets: an official heading, real dates, identifiers as text, nothing a spreadsheet would run."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO, Literal

from tui_app.i18n import t
from tui_app.services.exporting import grid_csv

FORMATS = ("xlsx", "csv")


@dataclass(frozen=True, slots=True)
class Column:
    """``kind``: what its cells are; a number that identifies somebody is text. ``width``: letters."""

    title: str
    kind: Literal["text", "date", "number", "moment"] = "text"
    width: int = 12


@dataclass(frozen=True, slots=True)
class Heading:
    """The official heading. ``above``: the commune, in capitals; ``office``: the station; ``place``: before the day."""

    above: str
    office: str
    place: str
    on: date


def write_table(
    out: BinaryIO,
    file_format: str,
    *,
    title: str,
    heading: Heading | None,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    notes: Sequence[str] = (),
) -> None:
    """A list as ``xlsx``, to be printed on A4 across and signed, or as ``csv`` with its columns alone."""
    if file_format == "csv":
        grid_csv([column.title for column in columns], [[_plain(cell) for cell in row] for row in rows], out)
        return
    _xlsx(out, title, heading, columns, rows, notes)


def _plain(cell: object) -> object:
    return cell.strftime("%d/%m/%Y") if isinstance(cell, date) else "" if cell is None else cell


def _xlsx(
    out: BinaryIO,
    title: str,
    heading: Heading | None,
    columns: Sequence[Column],
    rows: Iterable[Sequence[object]],
    notes: Sequence[str],
) -> None:
    import xlsxwriter

    made = io.BytesIO()
    book = xlsxwriter.Workbook(
        made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = book.add_worksheet()
    font = {"font_name": "Times New Roman", "font_size": 11}
    bold = book.add_format(font | {"bold": True, "align": "center"})
    italic = book.add_format(font | {"italic": True, "align": "center"})
    big = book.add_format(font | {"bold": True, "align": "center", "font_size": 14})
    head = book.add_format(
        font | {"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}
    )
    cell = font | {"border": 1, "text_wrap": True, "valign": "top"}
    formats = {
        "text": book.add_format(cell | {"num_format": "@"}),
        "number": book.add_format(cell),
        "date": book.add_format(cell | {"num_format": "dd/mm/yyyy"}),
        "moment": book.add_format(cell | {"num_format": "dd/mm/yyyy hh:mm"}),
    }
    plain = book.add_format(font)
    last, line = len(columns) - 1, 0
    for place, column in enumerate(columns):
        page.set_column(place, place, column.width)
    if heading is not None:
        half = last // 2
        for left, right, look in (
            (heading.above, t("papers.nation"), bold),
            (heading.office, t("papers.motto"), bold),
            ("", _place_and_day(heading), italic),
        ):
            page.merge_range(line, 0, line, half, left, look)
            page.merge_range(line, half + 1, line, last, right, look)
            line += 1
        line += 1
    page.merge_range(line, 0, line, last, title, big)
    line += 2
    top = line
    for place, column in enumerate(columns):
        page.write_string(line, place, column.title, head)
    for row in rows:
        line += 1
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            _write(page, line, place, value, formats[column.kind], formats["text"])
    line += 1
    for note in notes:
        line += 1
        page.write_string(line, 0, note, plain)
    page.freeze_panes(top + 1, 2)
    page.set_paper(9)
    page.set_landscape()
    page.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.5)
    page.fit_to_pages(1, 0)
    page.repeat_rows(top)
    page.hide_gridlines(1)
    page.set_footer(t("receipts.page_footer"))
    book.close()
    out.write(made.getvalue())


def _write(page: Any, line: int, place: int, value: object, look: Any, as_text: Any) -> None:

    if value is None or value == "":
        page.write_blank(line, place, None, look)
    elif isinstance(value, datetime):
        page.write_datetime(line, place, value.replace(tzinfo=None), look)
    elif isinstance(value, date):
        page.write_datetime(line, place, datetime(value.year, value.month, value.day), look)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        page.write_number(line, place, value, look)
    else:
        page.write_string(line, place, str(value), as_text)


def _place_and_day(heading: Heading) -> str:
    on = heading.on
    return t("papers.place_and_day", place=heading.place, day=f"{on:%d}", month=f"{on:%m}", year=on.year)
