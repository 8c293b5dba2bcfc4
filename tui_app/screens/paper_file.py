"""A paper with names goes into a file: which one, the warning, where to; that it was made is noted with the paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.errors import UserError
from tui_app.i18n import t
from tui_app.services.whole_file import whole_file
from tui_app.widgets.dialogs import Ask, Choose
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.screens.base import WorkScreen
    from tui_app.services.risk_people import RiskPerson

PATH_LENGTH = 500
SHORT = 6  # letters of an id in a proposed name: it names nobody


@dataclass(frozen=True, slots=True)
class PaperJob:
    """A paper. ``kind``: its words are ``case.paper_<kind>``; ``about``: the record; ``formats``: endings it can have;
    ``make``: its bytes for an ending, with the note in the journal of access (in a worker)."""

    kind: str
    about: str
    formats: tuple[str, ...]
    make: Callable[[Workspace, str], bytes]

    @property
    def words(self) -> str:
        """What it is called."""
        return t(f"case.paper_{self.kind}")

    @property
    def proposed(self) -> str:
        """A file of one's own, named by the end of the id."""
        return str(Path("~") / f"{self.kind.replace('_', '-')}-{self.about[-SHORT:]}.{self.formats[0]}")


def case_papers(case: str) -> tuple[PaperJob, ...]:
    """The papers of one case."""
    return (
        PaperJob("home_record", case, ("pdf", "json"), lambda w, ending: _record(w, case, ending)),
        PaperJob("monitoring_sheet", case, ("pdf",), lambda w, _: _sheet(w, case)),
    )


def slip_paper(referral: str) -> PaperJob:
    """The slip that goes along with a patient."""

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.referral_slip import write_slip

        return write_slip(workspace, referral, ending).body

    return PaperJob("referral_slip", referral, ("pdf", "png", "txt"), make)


def contact_paper(contact: str) -> PaperJob:
    """The sheet of a contact."""

    def make(workspace: Workspace, _: str) -> bytes:
        from tui_app.papers.contact_sheet import write_sheet

        return write_sheet(workspace, contact)

    return PaperJob("contact_sheet", contact, ("pdf",), make)


def book_paper() -> PaperJob:
    """The station's book of the cases that were open this month."""

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.clock import today
        from tui_app.papers.station_book import write_book

        day = today(workspace.clock)
        return write_book(workspace, day.replace(day=1), day, ending)[1]

    return PaperJob("station_book", "f0", ("pdf", "xlsx"), make)


def risk_paper(people: Sequence[RiskPerson], about: str) -> PaperJob:
    """Form 5.1 of these persons. ``about``: what was chosen, in words."""

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.risk_list import write_risk_list

        return write_risk_list(workspace, people, ending, about=about)

    return PaperJob("risk_list", "5.1", ("pdf", "xlsx", "csv"), make)


def survey_paper(household: str) -> PaperJob:
    """Form 5.2 of a household."""

    def make(workspace: Workspace, _: str) -> bytes:
        from tui_app.papers.household_survey import write_survey

        return write_survey(workspace, household)

    return PaperJob("household_survey", household, ("pdf",), make)


def choose_paper(screen: WorkScreen[Any], papers: Sequence[PaperJob]) -> None:
    """Ask which paper, then where to."""
    by_kind = {paper.kind: paper for paper in papers}

    def chosen(kind: str | None) -> None:
        if kind is not None:
            write_paper(screen, by_kind[kind])

    options = [(kind, paper.words) for kind, paper in by_kind.items()]
    screen.app.push_screen(Choose(t("case.papers_title"), options), chosen)


def write_paper(screen: WorkScreen[Any], paper: PaperJob, then: Callable[[], None] = lambda: None) -> None:
    """Warn, ask for the file and write it. ``then``: once it is written, or was not wanted."""
    field = TextField(paper.proposed, composing=False, max_length=PATH_LENGTH)
    ask = Ask(paper.words, t("papers.names_warning"), field=field, check=lambda typed: _problem(paper, typed))

    def answered(typed: str | None) -> None:
        if typed is None:
            then()
            return
        workspace, path = screen.workspace, Path(typed.strip()).expanduser()

        def job() -> None:
            if path.exists():
                raise UserError("case.file_exists", file=str(path))
            body = paper.make(workspace, _ending(typed))
            with whole_file(path) as stream:
                stream.write(body)

        def done(_: None) -> None:
            screen.app.say(t("papers.written", file=str(path)))
            then()

        screen.save(job, done)

    screen.app.push_screen(ask, answered)


def _problem(paper: PaperJob, typed: str) -> str:
    if _ending(typed) in paper.formats:
        return ""
    return t("papers.bad_format", file=typed.strip() or "?", formats=", ".join(paper.formats))


def _ending(typed: str) -> str:
    return Path(typed.strip()).suffix[1:].casefold()


def _record(workspace: Workspace, case: str, ending: str) -> bytes:
    from tui_app.papers.home_record import write_home_record

    return write_home_record(workspace, case, ending)


def _sheet(workspace: Workspace, case: str) -> bytes:
    from tui_app.papers.monitoring_sheet import write_sheet

    return write_sheet(workspace, case)
