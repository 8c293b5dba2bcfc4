"""Papers about vaccination: one of the four lists, with names, and the weekly report, without."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from tui_app.screens.frame.paper_file import PaperJob

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace

FORMATS = ("xlsx", "csv")


def list_paper(name: str) -> PaperJob:
    """One of the lists, as it is today."""

    def make(workspace: Workspace, ending: Any) -> bytes:
        from tui_app.clock import today
        from tui_app.papers.vaccination_sheets import write_list

        return write_list(workspace, name, today(workspace.clock), ending)[1]

    return PaperJob("vaccination_list", name.replace("_", "-"), FORMATS, make)


def coverage_paper(day: date) -> PaperJob:
    """The weekly report up to a day."""

    def make(workspace: Workspace, ending: Any) -> bytes:
        from tui_app.papers.coverage_sheet import write_coverage

        return write_coverage(workspace, day, ending)

    return PaperJob("coverage", day.isoformat(), FORMATS, make, "coverage.counts_only")
