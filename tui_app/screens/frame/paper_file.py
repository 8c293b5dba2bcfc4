"""A paper with names goes into a file: which one, the warning, where to; that it was made is noted with the paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_date
from tui_app.errors import FieldProblem, UserError
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.screens.cases.case_form import day_field
from tui_app.services.station.whole_file import whole_file
from tui_app.widgets.ask_rows import AskRows
from tui_app.widgets.dialogs import Ask, Choose
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.screens.frame.base import WorkScreen
    from tui_app.services.outbreaks.declaring import Outbreak
    from tui_app.services.reports.filed import Filed
    from tui_app.services.reports.filing import Report
    from tui_app.services.risk.risk_people import RiskPerson
    from tui_app.services.sweeps.sweeps import Sweep

PATH_LENGTH = 500
PERIOD = ("since_day", "until_day")


@dataclass(frozen=True, slots=True)
class PaperJob:
    """A paper. ``kind``: its words are ``case.paper_<kind>``; ``mark``: what tells its file from others of its kind,
    and names nobody; ``formats``: endings it can have; ``make``: its bytes for an ending, with the note in the journal
    of access (in a worker); ``warning``: catalogue key of what is said before, empty for a paper that names nobody."""

    kind: str
    mark: str
    formats: tuple[str, ...]
    make: Callable[[Workspace, str], bytes]
    warning: str = "papers.names_warning"

    @property
    def words(self) -> str:
        """What it is called."""
        return t(f"case.paper_{self.kind}")

    @property
    def proposed(self) -> str:
        """A file of one's own."""
        return str(Path("~") / f"{self.kind.replace('_', '-')}-{self.mark}.{self.formats[0]}")


def case_papers(case: str) -> tuple[PaperJob, ...]:
    """The papers of one case."""
    return (
        PaperJob("home_record", _short(case), ("pdf", "json"), lambda w, ending: _record(w, case, ending)),
        PaperJob("monitoring_sheet", _short(case), ("pdf",), lambda w, _: _sheet(w, case)),
        PaperJob("recovery_certificate", _short(case), ("pdf",), lambda w, _: _certificate(w, case)),
        PaperJob("case_form", _short(case), ("pdf", "xlsx"), lambda w, ending: _case_form(w, case, ending)),
    )


def slip_paper(referral: str) -> PaperJob:
    """The slip that goes along with a patient."""

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.referral_slip import write_slip

        return write_slip(workspace, referral, ending).body

    return PaperJob("referral_slip", _short(referral), ("pdf", "png", "txt"), make)


def contact_paper(contact: str) -> PaperJob:
    """The sheet of a contact."""

    def make(workspace: Workspace, _: str) -> bytes:
        from tui_app.papers.contact_sheet import write_sheet

        return write_sheet(workspace, contact)

    return PaperJob("contact_sheet", _short(contact), ("pdf",), make)


def book_paper(since: date, until: date) -> PaperJob:
    """The station's book of the cases that were open in a period."""

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.station_book import write_book

        return write_book(workspace, since, until, ending)[1]

    return PaperJob("station_book", f"{since:%Y%m%d}-{until:%Y%m%d}", ("pdf", "xlsx"), make)


def write_station_book(screen: WorkScreen[Any]) -> None:
    """Ask for the period of the station's book, at first this month until today, then where to."""
    today = screen.app.today()

    def check(typed: Mapping[str, str]) -> list[FieldProblem]:
        found = period_typed(typed, today)
        return found if isinstance(found, list) else []

    def answered(typed: Mapping[str, str] | None) -> None:
        found = period_typed(typed, today) if typed is not None else []
        if isinstance(found, tuple):
            write_paper(screen, book_paper(*found))

    rows = [FormRow(name, day_field()) for name in PERIOD]
    values = dict(zip(PERIOD, (show_date(today.replace(day=1)), show_date(today)), strict=True))
    ask = AskRows(t("case.paper_station_book"), rows, values, check, text=t("case.book_period"))
    screen.app.push_screen(ask, answered)


def period_typed(typed: Mapping[str, str], today: date) -> tuple[date, date] | list[FieldProblem]:
    """The first and the last day of a period, both included, or what is wrong with them."""
    since, until = (checks.day(typed[name], today, name) for name in PERIOD)
    if since.value is not None and until.value is not None and since.value <= until.value:
        return since.value, until.value
    problems = [one.problem for one in (since, until) if one.problem]
    if not problems:
        problems = [FieldProblem(name, "problems.missing") for name in PERIOD if not typed[name].strip()]
    return problems or [FieldProblem(PERIOD[1], "case.book_backwards")]


def sweep_paper(found: Sweep, area: str) -> PaperJob:
    """The report of a sweep, of one unit or of all. It names nobody."""

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.sweep_sheet import sheet_of, write_sheet

        return write_sheet(workspace, sheet_of(workspace, found, area or None), ending)

    return PaperJob("sweep_report", _short(found.campaign), ("pdf", "xlsx", "csv", "json"), make, warning="")


def outbreak_papers(found: Outbreak, day: date) -> tuple[PaperJob, ...]:
    """The forms of an outbreak; that it is over only once it is. They name nobody."""

    def notice(workspace: Workspace, form: Any) -> bytes:
        from tui_app.papers.outbreak_notice import write_notice

        return write_notice(workspace, found.id, form)

    def daily(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.outbreak_daily import write_daily

        return write_daily(workspace, found.id, day, ending)

    mark = _short(found.id)
    papers = [
        PaperJob("outbreak_declared", mark, ("pdf",), lambda w, _: notice(w, "declared"), warning=""),
        PaperJob("outbreak_daily", f"{mark}-{day:%Y%m%d}", ("pdf", "xlsx", "csv"), daily, warning=""),
    ]
    if found.ended_on is not None:
        over = PaperJob("outbreak_ended", mark, ("pdf",), lambda w, _: notice(w, "ended"), warning="")
        papers.insert(1, over)
    return tuple(papers)


def report_paper(found: Report, this: Filed | None, subject: str) -> PaperJob:
    """A report of the station, as it was filed or as it is known now. It names nobody; that of a case is its form."""
    if found.kind.name == "case_form":
        form = found.subject
        return PaperJob(
            "case_form", _short(form), ("pdf", "xlsx"), lambda w, ending: _case_form(w, form, ending)
        )

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.report_paper import write_report

        return write_report(workspace, found, this, ending, subject)

    mark = f"{found.kind.name.replace('_', '-')}-{found.period.last:%Y%m%d}"
    return PaperJob("report", mark, ("pdf", "xlsx", "csv", "json"), make, warning="")


def risk_paper(people: Sequence[RiskPerson], about: str) -> PaperJob:
    """Form 5.1 of these persons. ``about``: what was chosen, in words."""

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.risk_list import write_risk_list

        return write_risk_list(workspace, people, ending, about=about)

    return PaperJob("risk_list", "5.1", ("pdf", "xlsx", "csv"), make)


def roster_paper(to: str | None, day: date) -> PaperJob:
    """The roster of a day; ``to``: of one person or team, None of all."""

    def make(workspace: Workspace, ending: str) -> bytes:
        from tui_app.papers.roster_sheet import write_roster

        return write_roster(workspace, ending, to=to)

    return PaperJob("roster", f"{day:%Y%m%d}", ("pdf", "xlsx", "csv"), make)


def survey_paper(household: str) -> PaperJob:
    """Form 5.2 of a household."""

    def make(workspace: Workspace, _: str) -> bytes:
        from tui_app.papers.household_survey import write_survey

        return write_survey(workspace, household)

    return PaperJob("household_survey", _short(household), ("pdf",), make)


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
    ask = Ask(
        paper.words,
        paper.warning and t(paper.warning),
        field=field,
        check=lambda typed: _problem(paper, typed),
    )

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


def _short(ident: str) -> str:
    return ident[-6:]


def _problem(paper: PaperJob, typed: str) -> str:
    if _ending(typed) in paper.formats:
        return ""
    return t("papers.bad_format", file=typed.strip() or "?", formats=", ".join(paper.formats))


def _ending(typed: str) -> str:
    return Path(typed.strip()).suffix[1:].casefold()


def _record(workspace: Workspace, case: str, ending: str) -> bytes:
    from tui_app.papers.home_record import write_home_record

    return write_home_record(workspace, case, ending)


def _certificate(workspace: Workspace, case: str) -> bytes:
    from tui_app.papers.recovery_certificate import write_certificate

    return write_certificate(workspace, case)


def _case_form(workspace: Workspace, case: str, ending: str) -> bytes:
    from tui_app.papers.case_form import write_case_form

    return write_case_form(workspace, case, ending)


def _sheet(workspace: Workspace, case: str) -> bytes:
    from tui_app.papers.monitoring_sheet import write_sheet

    return write_sheet(workspace, case)
