"""The daily form of an outbreak (Mẫu 02 Phụ lục I QĐ 97/QĐ-PB): day, unit, cases, deaths, samples, positive ones.

The PDF is the form of one day with the sums since the first case; the spreadsheet has the days before as well. It names
nobody.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.papers import words
from tui_app.papers.letterhead import Letterhead, letterhead
from tui_app.papers.pdf import SIGNATURES, Paper
from tui_app.papers.sheets import Column, write_table
from tui_app.papers.table import Column as PaperColumn
from tui_app.papers.table import Table
from tui_app.services.outbreaks.daily import COUNTED
from tui_app.services.outbreaks.declaring import outbreak
from tui_app.services.outbreaks.numbers import DailyNumbers, daily_numbers, numbers_of
from tui_app.services.outbreaks.words import where
from tui_app.services.reports.filed import Filed
from tui_app.services.reports.filing import Report
from tui_app.services.station.station_values import CUT_OFF
from tui_app.services.station.unit_names import named_on
from tui_app.store.rows import table

FORMATS = ("pdf", "xlsx", "csv")
_NOTE_SIZE = 10.0  # points


def write_daily(workspace: Workspace, ident: str, day: date, file_format: str) -> bytes:
    """The form of a day, as things stand now. Raises NotFound, NotOpened."""
    with workspace.store.read() as c:
        found = daily_numbers(c, ident, day, workspace.clock())
        unit = table("area").read(c, [found.outbreak.area]).get(found.outbreak.area)
    head = letterhead(named_on(unit.body, day) if unit else {}, on=day)
    if file_format == "pdf":
        return _drawn(workspace, found, head)
    out = io.BytesIO()
    write_table(
        out,
        file_format,
        title=t("outbreak.paper_daily"),
        heading=head,
        columns=[
            Column(t("outbreak.paper_col_day"), "date", 12),
            Column(t("outbreak.paper_col_unit"), width=28),
            *(Column(t(f"outbreak.paper_col_{what}"), "number", 13) for what in COUNTED),
        ],
        rows=_rows(found),
        notes=[f"{label}: {value}" for label, value in _facts(found)] + _notes(found),
    )
    return out.getvalue()


def report_pdf(workspace: Workspace, found: Report, this: Filed | None, head: Letterhead) -> bytes:
    """The form as it was filed, or with the figures of a report counted now. Raises NotFound, NotOpened."""
    with workspace.store.read() as c:
        of = outbreak(c, found.subject)
    said = this.conventions if this else {one.name: one.value for one in found.conventions}
    numbers = numbers_of(of, found.period.last, (this or found).figures, said.get(CUT_OFF, ""))
    return _drawn(workspace, numbers, head)


def _rows(found: DailyNumbers) -> Iterator[list[object]]:
    for line in found.days:
        yield [line.day, line.unit, *line.numbers.values()]
    yield [None, t("outbreak.paper_total", date=show_date(found.outbreak.started_on)), *found.total.values()]


def _drawn(workspace: Workspace, found: DailyNumbers, head: Letterhead) -> bytes:
    now = workspace.clock()
    foot = t("outbreak.paper_foot", form=t("outbreak.paper_form_daily"), at=words.moment_words(now))
    paper = Paper(t("outbreak.paper_daily"), now, remark=foot)
    paper.heading(replace(head, on=found.day))
    paper.title(t("outbreak.paper_daily"), t("outbreak.paper_daily_day", date=show_date(found.day)))
    paper.facts(_facts(found), columns=1, after=2)
    lines = [[show_date(line.day), line.unit, *_numbers(line.numbers)] for line in found.on_day]
    lines.append(["", t("outbreak.paper_of_day"), *_numbers(found.of_day)])
    since = t("outbreak.paper_total", date=show_date(found.outbreak.started_on))
    lines.append(["", since, *_numbers(found.total)])
    columns = [
        PaperColumn(t("outbreak.paper_col_day"), 22, "C"),
        PaperColumn(t("outbreak.paper_col_unit"), 50),
    ]
    columns += [PaperColumn(t(f"outbreak.paper_col_{what}"), 24, "R") for what in COUNTED]
    notes = _notes(found)
    paper.table(Table(columns, lines, size=11, padding=1), keep=paper.tall(notes, _NOTE_SIZE) + SIGNATURES)
    for note in notes:
        paper.line(note, size=_NOTE_SIZE)
    paper.signatures((t("outbreak.paper_writer"), t("papers.sign_stamp")))
    return paper.write()


def _facts(found: DailyNumbers) -> list[tuple[str, str]]:
    of = found.outbreak
    return [
        (t("outbreak.paper_outbreak"), of.name),
        (t("outbreak.paper_disease"), of.disease),
        (t("outbreak.paper_where"), where(of)),
        (t("outbreak.paper_first_case"), show_date(of.started_on)),
        (t("outbreak.paper_found"), words.moment_words(of.identified_at)),
    ]


def _notes(found: DailyNumbers) -> list[str]:
    if not found.outbreak.counted:
        return [t("outbreak.not_counted")]
    return [t("outbreak.paper_cut_off", time=found.cut_off), t("outbreak.paper_counted")]


def _numbers(found: Mapping[str, Any]) -> list[str]:
    return [words.number_words(count) for count in found.values()]
