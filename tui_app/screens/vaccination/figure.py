"""The persons behind a coverage figure: who has it, who lacks it, who is left out or not known."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.frame.base import ReadingScreen
from tui_app.services.vaccination.coverage import LISTS, Coverage
from tui_app.services.vaccination.coverage_words import goal_words
from tui_app.services.vaccination.vaccination_lists import DoseLine, lines_of
from tui_app.widgets import dose_lines
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource
from tui_app.widgets.tab_line import Tab, TabLine

FIRST = ("lack", "unsure", "contraindicated", "postponed", "not_due", "unknown_age", "have")
"""Who still lacks it comes first: that is the work."""


class FigureScreen(ReadingScreen[None]):
    """``found``: the figure; ``day``: it was counted for. A tab a list; empty ones are left out."""

    AUTO_FOCUS = "#persons"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "open", "vaccination.key_open", id="figure.open", tooltip="vaccination.key_open_tip"
        ),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "f0.key_next_tab",
            id="figure.next",
            tooltip="vaccination.key_next_tab_tip",
        ),
        Binding(
            "left_square_bracket",
            "tab(-1)",
            show=False,
            id="figure.previous",
            tooltip="vaccination.key_previous_tab_tip",
        ),
        Binding("escape", "back", "app.key_back", id="figure.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, found: Coverage, day: date) -> None:
        super().__init__()
        assert set(FIRST) == set(LISTS)
        self.found = found
        self.day = day
        self._shown: list[DoseLine] = []

    def compose(self) -> ComposeResult:
        """Tabs and the list."""
        yield from self.frame_top("coverage.screen_title")
        tabs = [Tab(name, f"coverage.list_{name}", len(self.found.ids[name])) for name in FIRST]
        yield TabLine([tab for tab in tabs if tab.count] or tabs[:1], id="tabs")
        yield RowList(dose_lines.columns(""), id="persons", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def reload(self) -> None:
        """Read the persons of the tab."""
        ids, day = self.found.ids[self.query_one("#tabs", TabLine).chosen], self.day

        def show(lines: list[DoseLine]) -> None:
            self._shown = lines
            self._paint()

        self.read(lambda c: lines_of(c, ids, day), show, group="figure")

    def _paint(self) -> None:
        listed = self.query_one("#persons", RowList)
        listed.empty = t("coverage.nobody")
        listed.set_columns(dose_lines.columns(""))
        listed.show(LazySource(self._shown, dose_lines.row_of, lambda one: one.person))
        self.set_title(goal_words(self.found.goal), self.found.judged.percent)

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._paint()

    @on(TabLine.Chosen)
    def _tab_chosen(self) -> None:
        self.reload()

    def action_tab(self, by: int) -> None:
        """Next or previous list."""
        self.query_one("#tabs", TabLine).step(by)

    @on(RowList.Selected, "#persons")
    def action_open(self) -> None:
        """Open the person's card at the vaccination tab."""
        from tui_app.screens.people.person_card import PersonCardScreen

        row: Any = self.query_one("#persons", RowList).cursor_row
        if row is not None:
            self.app.push_screen(PersonCardScreen(row.key, "doses"))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)
