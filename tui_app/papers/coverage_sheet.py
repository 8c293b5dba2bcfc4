"""The weekly vaccination report in the columns of form 5.10 (rules §5): counts without names."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, today
from tui_app.i18n import t
from tui_app.papers.letterhead import station_head
from tui_app.papers.sheets import Column, write_table
from tui_app.papers.vaccination_sheets import FORMATS, FileFormat
from tui_app.services.vaccination.coverage import Coverage, CoverageReport, coverage
from tui_app.services.vaccination.coverage_words import (
    document_words,
    goal_words,
    limit_words,
    met_words,
    source_words,
)

__all__ = ["FORMATS", "write_coverage"]

WEEK = timedelta(days=7)


def write_coverage(workspace: Workspace, day: date, file_format: FileFormat) -> bytes:
    """The report of a day, unit by unit and then all of them. Raises NotOpened."""
    with workspace.store.read() as c:
        now, before = coverage(c, day, by_unit=True), coverage(c, day - WEEK, plans_of=day)
        head = station_head(c, today(workspace.clock), named=day)
    out = io.BytesIO()
    write_table(
        out,
        file_format,
        title=t(
            "coverage.sheet_title", since=show_date(day - WEEK + timedelta(days=1)), until=show_date(day)
        ),
        heading=head,
        columns=[
            Column(t("coverage.col_unit"), width=18),
            Column(t("coverage.col_target"), width=44),
            Column(t("coverage.col_denominator"), "number", 11),
            Column(t("coverage.col_week"), "number", 11),
            Column(t("coverage.col_total"), "number", 11),
            Column(t("coverage.col_percent"), width=26),
            Column(t("coverage.col_cause"), width=28),
            Column(t("coverage.col_remedy"), width=28),
        ],
        rows=_rows(now, before),
        notes=[*_notes(now), *(t("coverage.locked", unit=unit) for unit in now.locked)],
    )
    return out.getvalue()


def _rows(now: CoverageReport, before: CoverageReport) -> Iterator[list[object]]:
    had = {one.goal.key: frozenset(one.ids["have"]) for one in before.figures}
    for found in now.figures:
        earlier = had.get(found.goal.key, frozenset())
        for area, one in sorted(found.areas.items(), key=lambda pair: now.units[pair[0]]):
            yield _row(now.units[area], one, earlier)
        yield _row(t("coverage.all_units"), found, earlier)


def _row(unit: str, found: Coverage, earlier: frozenset[str]) -> list[object]:
    judged = found.judged
    limit = limit_words(found.goal)
    said = f"{judged.percent} · {met_words(found)} ({limit})" if limit else judged.percent
    new = sum(one not in earlier for one in found.ids["have"])
    return [unit, goal_words(found.goal), judged.denominator, new, judged.numerator, said, "", ""]


def _notes(report: CoverageReport) -> Iterator[str]:
    for found in report.figures:
        yield f"{goal_words(found.goal)}: {document_words(found.goal)}. {source_words(found, report)}"
