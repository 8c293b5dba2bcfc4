"""The delivery sheet of a day: what this laptop handed to the server and what proves it, laid out to be printed on
A4 and signed. It names nobody unless asked to; each one is noted in the journal of access.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, show_moment, show_time, to_wire, today
from tui_app.i18n import t
from tui_app.services.access.access import log_access
from tui_app.services.exchange import receipts
from tui_app.services.exchange.receipts import RESULTS, Day, Delivery
from tui_app.services.lists.exporting import grid_csv
from tui_app.services.people.values import SHORT_ID, type_word
from tui_app.services.station import facts
from tui_app.services.station.unit_names import held_on

FORMATS = ("xlsx", "csv")
_WIDTHS = {"time": 7, "kind": 16, "code": 15, "name": 24, "changes": 8, "result": 22, "receipt": 17}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A day's sheet before it is drawn. ``facts``: label and value; ``totals``: the same."""

    title: str
    facts: tuple[tuple[str, str], ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str | int, ...], ...]
    totals: tuple[tuple[str, int], ...]
    remark: str
    widths: tuple[int, ...]


def delivery_sheet(
    workspace: Workspace, asked: date, file_format: str, *, names: bool = False
) -> tuple[Day, bytes]:
    """The day, and its sheet as xlsx or csv. That it was made is noted first. ``names``: also say whose records."""
    at = to_wire(workspace.clock())
    with workspace.store.write() as c:
        detail = "receipts-names" if names else "receipts"
        log_access(c, workspace.user, at, "export", "", "", detail)
    with workspace.store.read() as c:
        found = receipts.day(c, asked, today(workspace.clock))
        sheet = _sheet(c, workspace, found, at, names)
    return found, _csv(sheet) if file_format == "csv" else _xlsx(sheet)


def _sheet(c: Any, workspace: Workspace, found: Day, at: str, names: bool) -> Sheet:
    communes, units = held_on(c, found.day)
    device = facts.get(c, facts.DEVICE, "")
    columns = ["time", "kind", "code", "name", "changes", "result", "receipt"]
    if not names:
        columns.remove("name")
    return Sheet(
        title=t("receipts.title_day", date=show_date(found.day)),
        facts=(
            (t("receipts.station"), ", ".join(communes)),
            (t("receipts.units"), ", ".join(units)),
            (t("receipts.user"), f"{workspace.user} ({t(f'app.role_{workspace.role}')})"),
            (t("receipts.device"), f"…{device[-SHORT_ID:]}" if device else t("receipts.no_device")),
            (t("receipts.server"), facts.get(c, facts.SERVER) or t("receipts.no_device")),
            (t("receipts.made"), show_moment(at)),
        ),
        header=tuple(t(f"receipts.col_{name}") for name in columns),
        rows=tuple(_row(one, names) for one in reversed(found.deliveries)),
        totals=(
            *((t(f"receipts.total_{name}"), found.totals[name]) for name in RESULTS),
            (t("receipts.total_records"), len({(one.type, one.record) for one in found.deliveries})),
            (t("receipts.total_notes"), found.notes),
        ),
        remark="" if found.complete else t("receipts.incomplete"),
        widths=tuple(_WIDTHS[name] for name in columns),
    )


def _row(one: Delivery, names: bool) -> tuple[str | int, ...]:
    cells: list[str | int] = [show_time(one.at), type_word(one.type), one.whose.code]
    if names:
        cells.append(" · ".join(filter(None, (one.whose.name, one.whose.detail))))
    return (*cells, one.changes, result_words(one.result), receipt_words(one))


def result_words(result: str) -> str:
    """What came of a change, for people."""
    return t(f"receipts.result_{result}")


def receipt_words(one: Delivery) -> str:
    """The last receipt, and how many there are besides."""
    if not one.receipts:
        return t("receipts.none")
    more = len(one.receipts) - 1
    return f"{one.receipts[-1]} +{more}" if more else one.receipts[-1]


def _csv(sheet: Sheet) -> bytes:
    out = io.BytesIO()
    lines: list[list[Any]] = [list(fact) for fact in sheet.facts]
    lines += [[], list(sheet.header), *map(list, sheet.rows), [], *map(list, sheet.totals)]
    if sheet.remark:
        lines.append([sheet.remark])
    grid_csv([sheet.title], lines, out)
    return out.getvalue()


def _xlsx(sheet: Sheet) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    page = book.add_worksheet()
    title = book.add_format({"bold": True, "font_size": 14, "align": "center"})
    bold = book.add_format({"bold": True})
    head = book.add_format(
        {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "bg_color": "#EEEEEE"}
    )
    cell = book.add_format({"border": 1, "valign": "top", "text_wrap": True})
    centre = book.add_format({"align": "center", "italic": True})
    last = len(sheet.header) - 1
    for place, width in enumerate(sheet.widths):
        page.set_column(place, place, width)
    page.merge_range(0, 0, 0, last, sheet.title, title)
    line = 2
    for label, value in sheet.facts:
        page.write_string(line, 0, label, bold)
        page.write_string(line, 2, value)
        line += 1
    line += 1
    top = line
    page.write_row(line, 0, sheet.header, head)
    for row in sheet.rows:
        line += 1
        page.write_row(line, 0, row, cell)
    if not sheet.rows:
        line += 1
        page.merge_range(line, 0, line, last, t("receipts.empty_day"), cell)
    line += 2
    for label, count in sheet.totals:
        page.write_string(line, 0, label)
        page.write_number(line, 3, count, bold)
        line += 1
    if sheet.remark:
        page.write_string(line, 0, sheet.remark)
        line += 1
    line += 1
    half = last // 2
    for first, end, word in ((0, half, "giver"), (half + 1, last, "receiver")):
        page.merge_range(line, first, line, end, t(f"receipts.sign_{word}"), title)
        page.merge_range(line + 1, first, line + 1, end, t("receipts.sign_hint"), centre)
    _print_on_a4(page, top, line + 6, last)
    book.close()
    return out.getvalue()


def _print_on_a4(page: Any, header_line: int, end: int, last: int) -> None:
    page.set_paper(9)
    page.set_portrait()
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    page.fit_to_pages(1, 0)
    page.repeat_rows(header_line)
    page.print_area(0, 0, end, last)
    page.set_footer(t("receipts.page_footer"))
    page.hide_gridlines(1)
