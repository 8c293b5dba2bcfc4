"""The lists of a sweep: reading it, tabs, what narrows them. What is done with it is `SweepScreen`'s."""

from __future__ import annotations

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.widgets import Static

from tui_app.i18n import t
from tui_app.screens.frame.filtered_list import FilteredListScreen
from tui_app.screens.sweeps.sweep_place import SweepPlace, read_place
from tui_app.services.sweeps.sweep_words import dates, due, state
from tui_app.text import each_begins, fold
from tui_app.widgets import sweep_rows
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource, Row
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.text_field import TextField

TABS = ("units", "doors", "people", "teams", "suspects", "report")


class SweepListScreen(FilteredListScreen):
    """``campaign``: which sweep, "" for the one that runs. A chosen unit, team or figure narrows what the lists show
    until Esc."""

    leaves_when_refused = True
    AUTO_FOCUS = "#lines"

    def __init__(self, campaign: str = "") -> None:
        super().__init__()
        self.campaign = campaign
        self.place: SweepPlace | None = None
        self._area = ""
        self._only: tuple[str, frozenset[str]] | None = None  # what narrows a list: its words, the ids

    def compose(self) -> ComposeResult:
        """Dates and deadline, tabs, the filter when it is used, the list."""
        yield from self.frame_top("sweep.title")
        yield Static(id="about", markup=False)
        yield TabLine([], id="tabs")
        yield TextField(id="filter", placeholder=t("today.filter"))
        yield RowList([], id="lines", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The filter shows once it is asked for."""
        self.query_one("#filter").display = False

    def reload(self) -> None:
        """Count the sweep as it stands now."""
        now = self.app.clock()

        def show(place: SweepPlace) -> None:
            self.place = place
            if place.sweep is not None:
                self.campaign = place.sweep.campaign
            self._paint()

        self.read(lambda c: read_place(c, self.campaign, now), show, group="sweep")

    # ---- showing

    @property
    def _list(self) -> RowList:
        return self.query_one("#lines", RowList)

    @property
    def _tab(self) -> str:
        return self.query_one("#tabs", TabLine).chosen or TABS[0]

    def _widen(self) -> None:
        self._area, self._only = "", None

    def _paint(self) -> None:
        place = self.place
        if place is None:
            return
        found, counted = place.sweep, place.counts(self._area)
        self.query_one("#tabs", TabLine).show(
            [Tab(tab, f"sweep.tab_{tab}", counted.get(tab)) for tab in TABS]
        )
        if found is None:
            self.set_title("sweep.title", "")
        else:
            names = {unit.area: unit.name for unit in found.units}
            narrowed = [names.get(self._area, ""), self._only[0] if self._only else ""]
            title = " · ".join(filter(None, (found.name, *narrowed)))
            done = sum(unit.done for unit in place.units)
            total = sum(unit.households for unit in place.units)
            self.set_title(title, t("sweep.done_of", done=done, households=total))
        self.query_one("#about", Static).update(self._about())
        self._list.set_columns(sweep_rows.columns(self._tab))
        words = fold(self._filter.value).split()
        rows = [row for row in self._rows(place) if _has(row, words)]
        self._list.empty = t("sweep.empty" if found else "sweep.none_yet")
        self._list.show(ListSource(rows))

    def _about(self) -> str:
        found = self.place.sweep if self.place else None
        if found is None:
            return ""
        said = [dates(found), due(found), state(found, self.app.today())]
        if self.place and self.place.tally and not self.place.tally.judged:
            said.append(t("sweep.not_judged"))
        return " · ".join(said)

    def _rows(self, place: SweepPlace) -> Iterable[Row]:
        if place.tally is None or place.sets is None:
            return ()
        if self._tab == "units":
            return (sweep_rows.unit_row(unit, place.report(unit.area)) for unit in place.units)
        if self._tab == "teams":
            return map(sweep_rows.team_row, place.teams)
        if self._tab == "report":
            filed, versions = place.filed(self._area)
            return (sweep_rows.figure_row(one, filed, versions) for one in place.figures(self._area))
        only = self._only[1] if self._only else None
        if self._tab == "doors":
            doors = (door for door in place.tally.households if self._area in ("", door.area))
            return (sweep_rows.door_row(door) for door in doors if only is None or door.id in only)
        if self._tab == "suspects":
            return (
                sweep_rows.suspect_row(one, place.sets)
                for one in place.suspects
                if self._area in ("", one.area)
            )
        persons = (one for one in place.tally.persons.values() if self._area in ("", one.area))
        return (sweep_rows.person_row(one) for one in persons if only is None or one.id in only)

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._filter.placeholder = t("today.filter")
        self._paint()

    # ---- what narrows a list

    def _narrow(self, words: str, ids: Iterable[str], tab: str) -> None:
        self._only = words.strip("… "), frozenset(ids)
        self._go(tab)

    def _go(self, tab: str) -> None:
        tabs = self.query_one("#tabs", TabLine)
        tabs.step(TABS.index(tab) - TABS.index(tabs.chosen))

    def action_back(self) -> None:
        """Take what narrows the list away; with nothing left, go back."""
        if self._filter.display or self._area or self._only:
            narrowed = self._area or self._only
            self.action_unfilter()
            if narrowed and self._tab in ("doors", "people"):
                self._go("units")
        else:
            self.dismiss(None)


def _has(row: Row, words: list[str]) -> bool:
    return each_begins(words, fold(" ".join(map(str, row.cells))).split())
