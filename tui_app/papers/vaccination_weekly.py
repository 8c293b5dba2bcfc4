"""The weekly vaccination report as form 5.10 has it (CV 2468 §2): unit, group, due, in the week, in all, rate, and the
cause and the solution of low units. Counts without names."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.papers.letterhead import Letterhead
from tui_app.papers.pdf import MISSING, SIGNATURES, Paper
from tui_app.papers.sheets import Column, write_table
from tui_app.papers.table import Column as PaperColumn
from tui_app.papers.table import Table
from tui_app.services.reports.filed import Filed
from tui_app.services.reports.filing import Report
from tui_app.services.reports.shown import shown
from tui_app.services.reports.vaccination_weekly import CAUSE, SOLUTION, Line, lines

_COLUMNS = ("unit", "group", "due", "week", "total", "percent", "limit", "cause", "solution")
_NUMBERS = frozenset({"due", "week", "total"})
_REMARK = 8.0  # points
_WIDE = {"unit": 22, "group": 40, "cause": 34, "solution": 34}  # letters; the others 11
_SHARES = {"unit": 2.2, "group": 4.2, "limit": 1.5, "cause": 3.4, "solution": 3.4}  # the others 1.2


_ALIGNED = {**dict.fromkeys(_NUMBERS, "R"), "percent": "R", "limit": "C"}


def report_pdf(workspace: Workspace, found: Report, this: Filed | None, head: Letterhead) -> bytes:
    """The form on lying pages."""
    now, made = workspace.clock(), shown(found, this)
    paper = Paper(made.title, now, landscape=True, remark=f"{t('forms.week_form')} · {made.head[2]}")
    paper.heading(head)
    paper.title(t("forms.week_title"), _days(found))
    paper.line(f"{made.head[2]} · {made.head[3]}", size=10, align="C", after=1.5)
    columns = [
        PaperColumn(
            t(f"forms.week_col_{name}"),
            _SHARES.get(name, 1.2),
            _ALIGNED.get(name, "L"),
        )
        for name in _COLUMNS
    ]
    rows, unit = [], ""
    asked = [one for one in lines(made.figures) if one.due != 0]
    for row in _rows(asked, made.narrative):
        cells = list(map(_cell, row))
        unit, cells[0] = cells[0], "" if cells[0] == unit else cells[0]  # a unit is named once
        rows.append(cells)
    if not rows:
        rows.append([t("forms.week_no_target")])
    remarks = [f"– {line}" for line in (t("forms.week_nobody"), *made.remarks)]
    paper.table(Table(columns, rows, size=9, carried=0), keep=paper.tall(remarks, _REMARK) + SIGNATURES)
    for line in remarks:
        paper.note(line, paper.width, size=_REMARK)
    paper.signatures((t("reports.sign_by"), t("reports.sign_chief")))
    return paper.write()


def report_xlsx(workspace: Workspace, found: Report, this: Filed | None, head: Letterhead) -> bytes:
    """The form as a spreadsheet."""
    return _sheet(found, this, head, "xlsx")


def report_csv(workspace: Workspace, found: Report, this: Filed | None, head: Letterhead) -> bytes:
    """The form for programs."""
    return _sheet(found, this, head, "csv")


def _sheet(found: Report, this: Filed | None, head: Letterhead, file_format: str) -> bytes:
    made, out = shown(found, this), io.BytesIO()
    write_table(
        out,
        file_format,
        title=t("forms.week_title"),
        heading=head,
        columns=[
            Column(t(f"forms.week_col_{name}"), "number" if name in _NUMBERS else "text", _WIDE.get(name, 11))
            for name in _COLUMNS
        ],
        rows=_rows(lines(made.figures), made.narrative),
        notes=[_days(found), *made.head[2:], *made.remarks],
    )
    return out.getvalue()


def _cell(value: object) -> str:
    return value if isinstance(value, str) else MISSING if value is None else str(value)


def _days(found: Report) -> str:
    return t("forms.week_days", first=show_date(found.period.first), last=show_date(found.period.last))


def _rows(found: list[Line], said: Mapping[str, str]) -> Iterator[list[object]]:
    """A line each; cause and solution stand with the first group in which the unit is low."""
    told = set[str]()
    for one in found:
        words = ["", ""]
        if one.low and one.unit not in told:
            told.add(one.unit)
            words = [said.get(f"{name}@{one.unit}", "") for name in (CAUSE, SOLUTION)]
        unit = one.unit or t("forms.week_all")
        percent = f"{one.percent} ({t('forms.week_low')})" if one.low else one.percent
        yield [unit, one.group, one.due, one.week, one.total, percent, one.limit, *words]
