"""Báo cáo: what is due, on time, late or missing; Enter looks at a report, N at any other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.errors import FieldProblem
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.screens.cases.case_form import day_field
from tui_app.screens.frame.base import ReadingScreen
from tui_app.services.access import gate
from tui_app.services.reports.catalogue import KINDS
from tui_app.services.reports.deadlines import Deadline, Timing, deadlines
from tui_app.services.reports.due_words import missing_line
from tui_app.services.reports.filing import period_of
from tui_app.services.reports.kinds import Kind
from tui_app.services.reports.words import kind_word
from tui_app.services.sweeps import sweeps
from tui_app.widgets.ask_rows import AskRows
from tui_app.widgets.dialogs import Choose
from tui_app.widgets.form import FormRow
from tui_app.widgets.report_rows import due_columns, due_key, due_row
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource

FURTHER = 60
"""Days that are looked back once more are asked for."""


class ReportsScreen(ReadingScreen[None]):
    """Deadlines with both times, the latest first."""

    AUTO_FOCUS = "#due"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "reports.key_open", id="reports.open", tooltip="reports.key_open_tip"),
        Binding("n", "other", "reports.key_other", id="reports.other", tooltip="reports.key_other_tip"),
        Binding("u", "units", "reports.key_units", id="reports.units", tooltip="reports.key_units_tip"),
        Binding("c", "choice", "reports.key_choice", id="reports.choice", tooltip="reports.key_choice_tip"),
        Binding("m", "more", "reports.key_more", id="reports.more", tooltip="reports.key_more_tip"),
        Binding("escape", "back", "app.key_back", id="reports.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._days = 14
        self._due: list[Deadline] = []
        self._viewer = False

    def compose(self) -> ComposeResult:
        """One list."""
        yield from self.frame_top("reports.title")
        yield RowList(due_columns(), id="due", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def reload(self) -> None:
        """Read the deadlines."""
        now, days = self.app.clock(), self._days

        def job(c: Any) -> list[Deadline] | None:
            return None if gate.is_viewer(c) else deadlines(c, now, days)

        def show(found: list[Deadline] | None) -> None:
            self._due, self._viewer = found or [], found is None
            self._paint()

        self.read(job, show, group="reports")

    def _paint(self) -> None:
        listed = self.query_one("#due", RowList)
        listed.empty = t("reports.empty_viewer" if self._viewer else "reports.none_due")
        listed.set_columns(due_columns())
        listed.show(ListSource([due_row(one) for one in self._due]))
        missing = sum(one.timing is Timing.MISSING for one in self._due)
        self.set_title("reports.title", t("reports.count_missing", count=missing) if missing else "")
        self.refresh_bindings()

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._paint()

    @property
    def _chosen(self) -> Deadline | None:
        row = self.query_one("#due", RowList).cursor_row if self.query("#due") else None
        return next((one for one in self._due if row and due_key(one) == row.key), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Units are told where some have not reported; conventions are the chief's; a viewer looks at the server's
        page."""
        if action == "units":
            return bool(self._chosen and self._chosen.units_missing)
        if action == "choice":
            return self.workspace.role == "chief"
        if action in ("open", "other", "more"):
            return not self._viewer
        return super().check_action(action, parameters)

    @on(RowList.Highlighted, "#due")
    def _moved(self) -> None:
        self.refresh_bindings()

    # ---- keys

    @on(RowList.Selected, "#due")
    def action_open(self) -> None:
        """Look at the report; a sweep's stands with its lists."""
        one = self._chosen
        if one is None:
            return
        if one.kind == sweeps.KIND:
            from tui_app.screens.sweeps.sweep import SweepScreen

            self.app.push_screen(SweepScreen(one.subject))
            return
        kind = KINDS[one.kind]
        if kind.subject_needed and not one.subject:  # a line for all of them
            self._about(kind, one.period.last)
        else:
            self._look(kind, one.period.last, one.subject, one.name)

    def _look(self, kind: Kind, day: date, subject: str = "", name: str = "") -> None:
        from tui_app.screens.reports.report import ReportScreen

        self.app.push_screen(ReportScreen(kind, day, subject, name))

    def action_other(self) -> None:
        """Choose a kind, a day, and what it is about."""
        options = [(name, kind_word(name)) for name in KINDS]

        def chosen(name: str | None) -> None:
            if name is not None:
                self._ask_day(KINDS[name])

        self.app.push_screen(Choose(t("reports.ask_kind"), options), chosen)

    def _ask_day(self, kind: Kind) -> None:
        today = self.app.today()

        def check(typed: Mapping[str, str]) -> list[FieldProblem]:
            day = checks.day(typed["on"], today, "on")
            return [day.problem or FieldProblem("on", "problems.missing")] if day.value is None else []

        def answered(typed: Mapping[str, str] | None) -> None:
            day = checks.day(typed["on"], today, "on").value if typed else None
            if day is not None:
                self._about(kind, day)

        rows, values = [FormRow("on", day_field())], {"on": show_date(today)}
        title = kind_word(kind.name)
        self.app.push_screen(AskRows(title, rows, values, check, text=t("reports.ask_day")), answered)

    def _about(self, kind: Kind, day: date) -> None:
        if not kind.subject_needed:
            self._look(kind, day)
            return

        def choose(found: tuple[tuple[str, str], ...]) -> None:
            names = dict(found)

            def chosen(subject: str | None) -> None:
                if subject is not None:
                    self._look(kind, day, subject, names[subject])

            if found:
                self.app.push_screen(Choose(kind_word(kind.name), found), chosen)
            else:
                self.app.say(t("reports.no_subject"))

        self.ask(lambda c: kind.subjects(c, period_of(c, kind, day)), choose)

    def action_units(self) -> None:
        """The units that have not reported."""
        from tui_app.screens.cases.case_why import WhyScreen

        if self._chosen is not None:
            self.app.push_screen(WhyScreen(missing_line(self._chosen), self._chosen.units_missing))

    def action_choice(self) -> None:
        """See and change the station's conventions."""
        from tui_app.screens.reports.report_choices import ask_choice

        ask_choice(self)

    def action_more(self) -> None:
        """Look further back."""
        self._days += FURTHER
        self.reload()

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)
