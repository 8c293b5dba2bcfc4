"""A report as a paper with the official heading: PDF, spreadsheet, CSV, JSON. Counts only; nobody is named.

The program prepares, a person signs: what was filed is printed as it was filed, figures of this moment say so.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import msgspec

from tui_app.bootstrap import Workspace
from tui_app.clock import from_wire, to_wire, today
from tui_app.i18n import t
from tui_app.papers import report_form
from tui_app.papers.letterhead import Letterhead, station_head
from tui_app.papers.own_forms import own_form
from tui_app.papers.pdf import MISSING, SIGNATURES, Paper
from tui_app.papers.sheets import Column, write_table
from tui_app.papers.table import Column as PaperColumn
from tui_app.papers.table import Table
from tui_app.services.access.access import log_access
from tui_app.services.reports.filed import Filed
from tui_app.services.reports.filing import Report
from tui_app.services.reports.form import BLOCKS
from tui_app.services.reports.kinds import Figure
from tui_app.services.reports.shown import Shown, shown
from tui_app.services.reports.words import due_words, name_words, note_words, report_json, value_words

FORMATS = ("pdf", "xlsx", "csv", "json")
_REMARK = 8.0  # points


def write_report(
    workspace: Workspace, found: Report, this: Filed | None, file_format: str, subject: str = ""
) -> bytes:
    """A version as it was filed, or the figures counted now. ``subject``: the name of what it is about.

    That it was made is noted."""
    now = workspace.clock()
    with workspace.store.write() as c:
        log_access(
            c, workspace.user, to_wire(now), "export", "report", this.id if this else "", found.kind.name
        )
        head = station_head(c, today(workspace.clock), named=found.period.last)
    made = shown(found, this, subject)
    if file_format == "json":
        return msgspec.json.encode(report_json(found)) + b"\n"
    own = own_form(found.kind.name, file_format)
    if own is not None:
        return own(workspace, found, this, head)
    if file_format == "pdf":
        return _paper(workspace, found, this, made, head)
    out = io.BytesIO()
    write_table(
        out,
        file_format,
        title=made.title,
        heading=head,
        columns=[
            Column(t("reports.col_figure"), width=52),
            Column(t("reports.col_value"), "number", 14),
            Column(t("reports.col_note"), width=48),
        ],
        rows=_rows(found, made),
        notes=[*made.head, *made.gaps, *made.remarks, *_said(found, made)],
    )
    return out.getvalue()


def _rows(found: Report, made: Shown) -> Iterator[list[object]]:
    for figure in made.figures:
        notes = [] if figure.value is not None else [t("reports.unknown")]
        if off := made.off.get(figure.name):
            notes.append(t("reports.gap_short", off=value_words(abs(off))))
        notes.append(note_words(found.kind, figure))
        yield [name_words(found.kind, figure), figure.value, "; ".join(filter(None, notes))]


def _said(found: Report, made: Shown) -> list[str]:
    return [f"{found.kind.say_word(name)}: {text}" for name, text in made.narrative.items()]


def _paper(workspace: Workspace, found: Report, this: Filed | None, made: Shown, head: Letterhead) -> bytes:
    now = workspace.clock()
    paper = Paper(made.title, now, remark=made.head[0])
    paper.heading(head)
    paper.title(made.title, made.head[1])
    paper.line(f"{made.head[2]} · {made.head[3]}", size=10, align="C", after=1.5)
    if {f"{block}_total" for block in BLOCKS} <= {one.name for one in made.figures}:
        report_form.draw(paper, made)
        rest = [one for one in made.figures if one.name not in report_form.DRAWN]
    else:
        rest = list(made.figures)
    if rest:
        paper.gap(1)
        paper.table(_table(found, made, rest))
    for line in made.gaps:
        paper.line(f"• {line}", size=10, bold=True)
    for line in _said(found, made):
        paper.line(line, size=11, after=1)
    paper.gap(1)
    remarks = [f"– {line}" for line in (*made.remarks, _due(found, this))]
    paper.keep_together(paper.tall(remarks, _REMARK) + SIGNATURES)
    for line in remarks:
        paper.note(line, paper.width, size=_REMARK)
    paper.signatures((t("reports.sign_by"), t("reports.sign_chief")))
    return paper.write()


def _due(found: Report, this: Filed | None) -> str:
    """By when it was due, and that it was late when it was first filed."""
    said = due_words(found)
    first = min((one.written_at for one in found.versions), default="")
    late = this and found.due_at and from_wire(first) > found.due_at
    return f"{said} · {t('reports.filed_late')}" if late else said


def _table(found: Report, made: Shown, figures: Sequence[Figure]) -> Table:
    rows: list[list[str]] = []
    section = ""
    for figure in figures:
        if (here := found.kind.section(figure)) != section:
            section = here
            rows.append([section])
        note = (
            t("reports.gap_short", off=value_words(abs(made.off[figure.name])))
            if figure.name in made.off
            else ""
        )
        value = MISSING if figure.value is None else value_words(figure.value)
        rows.append([found.kind.word(figure), value, note or note_words(found.kind, figure)])
    return Table(
        [
            PaperColumn(t("reports.col_figure"), 5),
            PaperColumn(t("reports.col_value"), 2, "R"),
            PaperColumn(t("reports.col_note"), 3),
        ],
        rows,
        size=10,
    )
