"""Papers about personal data: the journal of access as a file, what people are told, the assessment of impact."""

from __future__ import annotations

import io
from datetime import date

from tui_app.bootstrap import Workspace
from tui_app.screens.frame.paper_file import PaperJob
from tui_app.services.access.access import Wanted


def journal_paper(wanted: Wanted, day: date) -> PaperJob:
    """The lines of the journal of access that are wanted."""

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.access_sheet import write_journal

        out = io.BytesIO()
        write_journal(workspace, wanted, "xlsx" if ending == "xlsx" else "csv", out)
        return out.getvalue()

    return PaperJob("access_journal", f"{day:%Y%m%d}", ("xlsx", "csv"), make)


def privacy_papers(day: date) -> tuple[PaperJob, ...]:
    """The notice for people, and the assessment to be filled in. They name nobody."""

    def notice(workspace: Workspace, _: str) -> bytes:
        from tui_app.papers.privacy_notice import write_notice

        return write_notice(workspace)

    def assessment(workspace: Workspace, _: str) -> bytes:
        from tui_app.papers.impact_assessment import write_assessment

        return write_assessment(workspace)

    mark = f"{day:%Y%m%d}"
    return (
        PaperJob("privacy_notice", mark, ("pdf",), notice, warning=""),
        PaperJob("impact_assessment", mark, ("pdf",), assessment, warning=""),
    )


def person_paper(request: str) -> PaperJob:
    """All that is kept about who asked to see it."""

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.person_data import write_person_data

        return write_person_data(workspace, request, ending)

    return PaperJob("person_data", request[-6:], ("pdf", "json"), make)
