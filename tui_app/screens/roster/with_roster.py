"""What Hôm nay does so that the roster can take the place of its doors while the roster's tab is chosen."""

from __future__ import annotations

from abc import abstractmethod

from textual import on

from tui_app.i18n import t
from tui_app.screens.frame.filtered_list import FilteredListScreen
from tui_app.screens.roster.roster_pane import RosterPane
from tui_app.services.people.doors import Door
from tui_app.widgets.row_list import RowList
from tui_app.widgets.tab_line import TabLine
from tui_app.widgets.warning_line import WarningLine

ROSTER = "roster"
"""The tab of all there is to do today; read when it is gone to."""
_OF_DOORS = frozenset({"visit", "outcome", "walk", "new", "open"})


class WithRoster(FilteredListScreen):
    """A screen of doors with the pane of the roster beside them; one of the two is shown."""

    doors: list[Door]

    @property
    @abstractmethod
    def _doors(self) -> RowList:
        """The list of doors."""

    @abstractmethod
    def _read_given(self) -> None:
        """Read anew what is given out for today, and no door."""

    @abstractmethod
    def _paint_title(self) -> None:
        """Say the counts of what is shown."""

    @property
    def _pane(self) -> RosterPane:
        return self.query_one(RosterPane)

    @property
    def _on_roster(self) -> bool:
        return self.query_one("#tabs", TabLine).chosen == ROSTER

    @property
    def _list(self) -> RowList:
        return self._pane.listed if self._on_roster else self._doors

    @property
    def _filter_words(self) -> str:
        """What the filter looks at."""
        return t("roster.filter" if self._on_roster else "today.filter")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done at a door has no key while the roster is shown, which has its own."""
        if action in _OF_DOORS and self.is_mounted and self._on_roster:
            return False
        return super().check_action(action, parameters)

    @on(TabLine.Chosen)
    def _doors_or_roster(self) -> None:
        """The roster takes the place of the doors while its tab is chosen."""
        here = self._on_roster
        if self._pane.display != here:
            self._pane.display, self._doors.display = here, not here
            self._list.focus()
            self._filter.placeholder = self._filter_words
            self.query_one("#why", WarningLine).say("")
            if here:
                self._pane.reload()
            self.refresh_bindings()

    @on(RosterPane.Told)
    def _roster_changed(self) -> None:
        self._paint_title()

    @on(RosterPane.Saved)
    def _roster_saved(self) -> None:
        self._read_given()
        self._pane.reload()

    @on(RosterPane.Visit)
    def _visit_of_roster(self, message: RosterPane.Visit) -> None:
        """Open the sheet of a door of the roster, and walk on along the roster's doors."""
        from tui_app.screens.visits.visit import VisitScreen

        here = {door.household: door for door in self.doors}
        way = [here[household] for household in message.way if household in here]
        self.app.push_screen(VisitScreen(message.household, way))
