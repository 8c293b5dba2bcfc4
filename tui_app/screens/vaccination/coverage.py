"""Coverage by the plans: each target with its figure, met or not; every figure opens its lists."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.i18n import language, t
from tui_app.records import checks
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.frame.base import ReadingScreen
from tui_app.services.access import gate
from tui_app.services.vaccination import denominators
from tui_app.services.vaccination.coverage import Coverage, CoverageReport, coverage
from tui_app.services.vaccination.coverage_words import (
    beside,
    count_words,
    document_words,
    goal_words,
    limit_words,
    met_words,
    source_words,
)
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import DigitField, TextField


class CoverageScreen(ReadingScreen[None]):
    """One line a target; the day can be another than today."""

    AUTO_FOCUS = "#figures"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "coverage.key_open", id="coverage.open", tooltip="coverage.key_open_tip"),
        Binding("w", "why", "coverage.key_why", id="coverage.why", tooltip="coverage.key_why_tip"),
        Binding("d", "day", "coverage.key_day", id="coverage.day", tooltip="coverage.key_day_tip"),
        Binding(
            "m",
            "denominator",
            "coverage.key_denominator",
            id="coverage.m",
            tooltip="coverage.key_denominator_tip",
        ),
        Binding(
            "x", "forget", "coverage.key_forget", id="coverage.forget", tooltip="coverage.key_forget_tip"
        ),
        Binding("p", "paper", "coverage.key_paper", id="coverage.paper", tooltip="coverage.key_paper_tip"),
        Binding("escape", "back", "app.key_back", id="coverage.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._day: date | None = None
        self._report: CoverageReport | None = None

    def compose(self) -> ComposeResult:
        """One list."""
        yield from self.frame_top("coverage.screen_title")
        yield RowList(_columns(), id="figures", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    @property
    def day(self) -> date:
        """The day counted."""
        return self._day or self.app.today()

    def reload(self) -> None:
        """Count."""
        day = self.day

        def job(c: Any) -> CoverageReport | None:
            return None if gate.shut(c).viewer else coverage(c, day)

        def show(report: CoverageReport | None) -> None:
            self._report = report
            self._paint()

        self.read(job, show, group="coverage")

    def _paint(self) -> None:
        listed, report = self.query_one("#figures", RowList), self._report
        listed.empty = t("f0.empty_viewer" if report is None else "coverage.no_plan")
        listed.set_columns(_columns())
        listed.show(ListSource([_row(one) for one in report.figures] if report else []))
        locked = " · ".join(t("coverage.locked", unit=unit) for unit in report.locked) if report else ""
        self.set_title(t("coverage.title_day", date=show_date(self.day)), locked)
        self.refresh_bindings()

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._paint()

    @property
    def _chosen(self) -> Coverage | None:
        if self._report is None or not self.query("#figures"):
            return None
        row = self.query_one("#figures", RowList).cursor_row
        return next((one for one in self._report.figures if row and one.goal.key == row.key), None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A denominator is forgotten where one was typed in."""
        if action == "forget":
            return bool(self._chosen and self._chosen.denominator)
        return super().check_action(action, parameters)

    @on(RowList.Highlighted, "#figures")
    def _moved(self) -> None:
        self.refresh_bindings()

    # ---- keys

    @on(RowList.Selected, "#figures")
    def action_open(self) -> None:
        """The persons behind the figure."""
        from tui_app.screens.vaccination.figure import FigureScreen

        if self._chosen is not None:
            self.app.push_screen(FigureScreen(self._chosen, self.day))

    def action_why(self) -> None:
        """Which plan, which denominator, both ways of counting, what is not known."""
        found, report = self._chosen, self._report
        if found is None or report is None:
            return
        limit = limit_words(found.goal)
        lines = [
            count_words(found.judged) + (f"  {limit}: {met_words(found)}" if limit else ""),
            t("coverage.plain", count=count_words(found.plain)),
            t("coverage.without", count=count_words(found.without)),
            *beside(found),
            source_words(found, report),
            "",
            document_words(found.goal),
        ]
        self.app.push_screen(WhyScreen(goal_words(found.goal), lines))

    def action_day(self) -> None:
        """Count as of another day."""
        today = self.app.today()

        def check(typed: str) -> str:
            checked = checks.day(typed, today, "on")
            return str(checked.problem) if checked.problem else ""

        def answered(typed: str | None) -> None:
            if typed is not None:
                self._day = checks.day(typed, today, "on").value
                self.reload()

        field = TextField(placeholder=show_date(today), max_length=20, composing=False)
        self.app.push_screen(
            Ask(t("coverage.ask_day"), t("person.date_text"), field=field, check=check), answered
        )

    def action_denominator(self) -> None:
        """Type in a denominator from elsewhere: how many, then from where; it is of the day counted."""
        found = self._chosen
        if found is None:
            return
        workspace, key, as_of = self.workspace, found.goal.key, self.day

        def counted(count: str | None) -> None:
            def sourced(source: str | None) -> None:
                if source is not None and count is not None:
                    self.save(
                        lambda: denominators.type_in(
                            workspace.store, workspace.user, key, int(count), source, as_of
                        ),
                        lambda _: self.reload(),
                    )

            if count is not None:
                ask = Ask(
                    t("coverage.ask_source"),
                    t("coverage.ask_source_text", date=show_date(as_of)),
                    field=TextField(max_length=120),
                    check=lambda typed: "" if typed.strip() else t("vaccination.reason_needed"),
                )
                self.app.push_screen(ask, sourced)

        ask = Ask(
            t("coverage.ask_count"),
            goal_words(found.goal),
            field=DigitField(max_length=8),
            check=lambda typed: (
                "" if typed.isdigit() and int(typed) > 0 else t("coverage.bad_count", count=typed)
            ),
        )
        self.app.push_screen(ask, counted)

    def action_forget(self) -> None:
        """Count against the persons recorded here again."""
        found, store = self._chosen, self.workspace.store
        if found is not None:
            self.save(lambda: denominators.take_away(store, found.goal.key), lambda _: self.reload())

    def action_paper(self) -> None:
        """Write the weekly report into a file."""
        from tui_app.screens.frame.paper_file import write_paper
        from tui_app.screens.vaccination.vaccination_papers import coverage_paper

        write_paper(self, coverage_paper(self.day))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)


def _columns() -> list[Column]:
    return [
        Column("target", t("coverage.col_target"), width=34, flex=1),
        Column("count", t("coverage.col_count"), width=13, align="right"),
        Column("percent", t("coverage.col_share"), width=7, align="right"),
        Column("limit", t("coverage.col_limit"), width=8, align="right"),
        Column("met", t("coverage.col_met"), width=9),
        Column("plan", t("coverage.col_plan"), width=36, optional=1),
    ]


def _row(found: Coverage) -> Row:
    judged = found.judged
    cells = (
        goal_words(found.goal),
        f"{judged.numerator}/{judged.denominator}",
        judged.percent,
        limit_words(found.goal),
        met_words(found),
        str(getattr(found.goal.rule_set, language())),
    )
    return Row(found.goal.key, cells, None if found.met is None else "steady" if found.met else "warning")
