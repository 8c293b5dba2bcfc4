"""What a list with tabs and a filter does with both: they work on what was read, nothing is asked again."""

from __future__ import annotations

from abc import abstractmethod

from textual import on

from tui_app.screens.frame.base import ReadingScreen
from tui_app.widgets.row_list import RowList
from tui_app.widgets.tab_line import TabLine
from tui_app.widgets.text_field import TextField


class FilteredListScreen(ReadingScreen[None]):
    """A screen with a list, the tabs ``#tabs`` above it and the field ``#filter`` while it is used."""

    @property
    @abstractmethod
    def _list(self) -> RowList:
        """The list."""

    @abstractmethod
    def _paint(self) -> None:
        """Show what tab and filter leave of what was read."""

    def _widen(self) -> None:
        """Take other filters of the screen away as well."""

    @property
    def _filter(self) -> TextField:
        return self.query_one("#filter", TextField)

    def action_filter(self) -> None:
        """Show the filter and type into it."""
        self._filter.display = True
        self._filter.focus()

    def action_unfilter(self) -> None:
        """Take every filter away."""
        self._filter.clear()
        self._filter.display = False
        self._widen()
        self._list.focus()
        self._paint()

    @on(TextField.Changed, "#filter")
    def _filter_typed(self) -> None:
        self._paint()

    @on(TextField.Submitted, "#filter")
    def _filter_done(self) -> None:
        self._list.focus()

    def action_tab(self, by: int) -> None:
        """Next or previous tab."""
        self.query_one("#tabs", TabLine).step(by)

    @on(TabLine.Chosen)
    def _tab_chosen(self) -> None:
        self._paint()
