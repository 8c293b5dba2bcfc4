"""The levels of a commune on a day with what they rest on: a PDF to sign, a spreadsheet or CSV. Nobody is named."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, today
from tui_app.i18n import t
from tui_app.papers import pdf, words
from tui_app.papers.letterhead import Letterhead, station_head
from tui_app.papers.sheets import Column, write_table
from tui_app.papers.table import Column as PaperColumn
from tui_app.papers.table import Table
from tui_app.services.levels.inputs import Input
from tui_app.services.levels.judging import Judged, judge_all
from tui_app.services.levels.kept_words import kept_words
from tui_app.services.levels.level_words import level_words, scale_words
from tui_app.services.levels.words import (
    choice_words,
    document_words,
    figure_words,
    finding_words,
    how_words,
    input_words,
    missing_words,
    source_words,
    value_words,
)

FORMATS = ("pdf", "xlsx", "csv")
_SIZE = 9


def write_levels(workspace: Workspace, day: date, file_format: str) -> bytes:
    """Every scale of a day as pdf, xlsx or csv. Raises NotOpened."""
    with workspace.store.read() as c:
        found, head = judge_all(c, day), station_head(c, today(workspace.clock), named=day)
    if file_format == "pdf":
        return _pdf(workspace, found, head, day)
    out = io.BytesIO()
    write_table(
        out,
        file_format,
        title=t("levels.sheet_title", date=show_date(day)),
        heading=head,
        columns=[
            Column(t("levels.col_scale"), width=26),
            Column(t("levels.col_level"), width=28),
            Column(t("levels.col_input"), width=44),
            Column(t("levels.col_value"), "number", 18),
            Column(t("levels.col_source"), width=40),
            Column(t("levels.col_document"), width=50),
        ],
        rows=_rows(found),
        notes=[line for one in found for line in _said(one)],
    )
    return out.getvalue()


def _rows(found: Sequence[Judged]) -> Iterator[list[object]]:
    for one in found:
        scale = (scale_words(one.scale), level_words(one.scale, one.level))
        if not one.inputs:
            yield [*scale, missing_words(one), "", "", ""]
        for given in one.inputs:
            name = input_words(given.name, one.rules)
            yield [*scale, name, _cell(given), source_words(given), document_words(one)]


def _cell(given: Input) -> object:
    """A number as a number, what is missing as an empty cell."""
    value = given.value
    return value if value is None or type(value) is int else value_words(given)


def _said(one: Judged) -> list[str]:
    """What is missing, the lines that decided, the choices of the station, and what was set."""
    said = [missing_words(one), *(finding_words(finding, one.rules) for finding in one.findings)]
    said += [*map(choice_words, one.choices), *how_words(one)]
    if one.before:
        said.append(t("levels.before", date=show_date(one.before.day), level=kept_words(one.before)))
    if one.now:
        said.append(t("levels.set_today", level=kept_words(one.now)))
    return [line for line in said if line]


def _pdf(workspace: Workspace, found: Sequence[Judged], head: Letterhead, day: date) -> bytes:
    now = workspace.clock()
    title = t("levels.sheet_title", date=show_date(day))
    paper = pdf.Paper(title, now, remark=t("papers.made_at", at=words.moment_words(now)))
    paper.heading(head)
    paper.title(title)
    for place, one in enumerate(found, 1):
        level = f"{scale_words(one.scale)}: {level_words(one.scale, one.level)}"
        lines = [f"• {line}" for line in (document_words(one), *_said(one)) if line]
        signed = pdf.SIGNATURES if place == len(found) else 0.0
        paper.section(" · ".join(filter(None, (level, figure_words(one)))), paper.tall(lines, _SIZE) + signed)
        for line in lines:
            paper.line(line, size=_SIZE)
        if one.inputs:
            paper.gap(1)
            paper.table(_inputs(one), keep=signed)
    paper.signatures((t("papers.sign_writer"), t("papers.sign_chief")))
    return paper.write()


def _inputs(one: Judged) -> Table:
    columns = (
        PaperColumn(t("levels.col_input"), 46),
        PaperColumn(t("levels.col_value"), 20, "R"),
        PaperColumn(t("levels.col_source"), 44),
    )
    rows = [
        (input_words(given.name, one.rules), value_words(given), source_words(given)) for given in one.inputs
    ]
    return Table(columns, rows, size=_SIZE)
