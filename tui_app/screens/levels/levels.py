"""Cấp độ: every scale of the commune on a day, one line each; Enter opens what a level rests on."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.frame.base import ReadingScreen
from tui_app.screens.frame.paper_file import PaperJob, write_paper
from tui_app.services.access import gate
from tui_app.services.levels.judging import Judged, judge_all
from tui_app.services.levels.kept_words import kept_words
from tui_app.services.levels.level_words import colour_scales, level_words, scale_words
from tui_app.services.levels.words import document_words, due_words, figure_words, missing_words
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import TextField
from tui_app.widgets.warning_line import WarningLine


class LevelsScreen(ReadingScreen[None]):
    """The day can be another than today."""

    AUTO_FOCUS = "#levels"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "levels.key_open", id="levels.open", tooltip="levels.key_open_tip"),
        Binding("d", "day", "levels.key_day", id="levels.day", tooltip="levels.key_day_tip"),
        Binding("m", "colours", "levels.key_colours", id="levels.colours", tooltip="levels.key_colours_tip"),
        Binding("p", "paper", "levels.key_paper", id="levels.paper", tooltip="levels.key_paper_tip"),
        Binding("escape", "back", "app.key_back", id="levels.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._day: date | None = None
        self._found: tuple[Judged, ...] | None = None

    def compose(self) -> ComposeResult:
        """What rests on rules nobody checked, then one list."""
        yield from self.frame_top("levels.screen_title")
        yield WarningLine(id="unverified")
        yield RowList(_columns(), id="levels", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    @property
    def day(self) -> date:
        """The day judged."""
        return self._day or self.app.today()

    def reload(self) -> None:
        """Judge."""
        day = self.day

        def job(c: Any) -> tuple[Judged, ...] | None:
            return judge_all(c, day) if gate.is_chief(c) else None

        def show(found: tuple[Judged, ...] | None) -> None:
            self._found = found
            self._paint()

        self.read(job, show, group="levels")

    def _paint(self) -> None:
        listed = self.query_one("#levels", RowList)
        listed.empty = t("levels.chief_only")
        listed.set_columns(_columns())
        listed.show(ListSource([_row(one) for one in self._found or ()]))
        unsure = ", ".join(scale_words(one.scale) for one in self._found or () if not one.verified)
        self.query_one(WarningLine).say(t("levels.unverified", scales=unsure) if unsure else "")
        self.set_title(t("levels.title_day", date=show_date(self.day)))

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._paint()

    @on(RowList.Selected, "#levels")
    def action_open(self) -> None:
        """The scale under the cursor."""
        from tui_app.screens.levels.level import LevelScreen

        row = self.query_one("#levels", RowList).cursor_row
        if row is not None:
            self.app.push_screen(LevelScreen(row.key, self.day))

    def action_day(self) -> None:
        """Judge another day."""
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
            Ask(t("levels.ask_day"), t("person.date_text"), field=field, check=check), answered
        )

    def action_colours(self) -> None:
        """The same four words of colours mean three different things."""
        self.app.push_screen(WhyScreen(t("levels.key_colours_tip"), colour_scales()))

    def action_paper(self) -> None:
        """Write all of it into a file."""
        write_paper(self, _paper(self.day))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)


def _columns() -> list[Column]:
    return [
        Column("scale", t("levels.col_scale"), width=18),
        Column("level", t("levels.col_level"), width=20, flex=1),
        Column("in_force", t("levels.col_in_force"), width=16, flex=1),
        Column("figures", t("levels.col_figures"), width=17, flex=3),
        Column("set", t("levels.col_set"), width=36, optional=2),
        Column("document", t("levels.col_document"), width=24, flex=2, optional=1),
    ]


def _row(found: Judged) -> Row:
    kept = found.now or found.before
    said = (
        " · ".join(filter(None, (due_words(found), f"{show_date(kept.day)} {kept_words(kept)}")))
        if kept
        else ""
    )
    cells = (
        scale_words(found.scale),
        level_words(found.scale, found.level),
        level_words(found.scale, kept.level) if kept else "",
        figure_words(found) or missing_words(found),
        said,
        document_words(found),
    )
    late = found.due_on is not None and found.day > found.due_on
    return Row(found.scale, cells, "warning" if late else "unknown" if found.level is None else None)


def _paper(day: date) -> PaperJob:
    def make(workspace: Any, ending: str) -> bytes:
        from tui_app.papers.levels_sheet import write_levels

        return write_levels(workspace, day, ending)

    return PaperJob("levels", day.isoformat(), ("pdf", "xlsx", "csv"), make, "coverage.counts_only")
