"""The records behind figures: a tab a figure, Enter opens whose record it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.frame.filtered_list import FilteredListScreen
from tui_app.services.command.listed import Listed, listed
from tui_app.text import each_begins, fold
from tui_app.widgets import command_rows
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.text_field import TextField


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure. ``word``: a catalogue key; ``kind``: the record type of ``ids``."""

    key: str
    word: str
    kind: str
    ids: tuple[str, ...]


class CountedScreen(FilteredListScreen):
    """``title``: whose figures they are; figures without a record are left out."""

    AUTO_FOCUS = "#lines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "command.key_open", id="counted.open", tooltip="command.key_open_tip"),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "command.key_tab",
            id="counted.next_tab",
            tooltip="command.key_tab_tip",
        ),
        Binding("left_square_bracket", "tab(-1)", show=False, system=True, id="counted.previous_tab"),
        Binding("slash", "filter", "today.key_filter", id="counted.filter", tooltip="today.key_filter_tip"),
        Binding("escape", "back", "app.key_back", id="counted.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, title: str, figures: Sequence[Counted]) -> None:
        super().__init__()
        self.heading = title
        self.figures = [one for one in figures if one.ids] or list(figures[:1])
        self._lines: list[Listed] = []

    def compose(self) -> ComposeResult:
        """Tabs, the filter when it is used, the list."""
        yield from self.frame_top(self.heading)
        yield TabLine([Tab(one.key, one.word, len(one.ids)) for one in self.figures], id="tabs")
        yield TextField(id="filter", placeholder=t("today.filter"))
        yield RowList(
            command_rows.listed_columns(), id="lines", states=False, empty=t("widgets.list_loading")
        )
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The filter shows once it is asked for."""
        self.query_one("#filter").display = False

    def reload(self) -> None:
        """Read the records of the tab."""
        chosen = self.query_one("#tabs", TabLine).chosen
        figure = next(one for one in self.figures if one.key == chosen)

        def show(lines: list[Listed]) -> None:
            self._lines = lines
            self._paint()

        self.read(lambda c: listed(c, figure.kind, figure.ids), show, group="counted")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """One figure has no other to go to."""
        return len(self.figures) > 1 if action == "tab" else super().check_action(action, parameters)

    @property
    def _list(self) -> RowList:
        return self.query_one("#lines", RowList)

    def _paint(self) -> None:
        words = fold(self._filter.value).split()
        lines = [one for one in self._lines if _has(one, words)]
        self._list.empty = t("command.no_records")
        self._list.set_columns(command_rows.listed_columns())
        self._list.show(LazySource(lines, command_rows.listed_row, lambda one: one.id))

    @on(TabLine.Chosen)
    def _figure_chosen(self) -> None:
        self.reload()

    @on(RowList.Selected, "#lines")
    def action_open(self) -> None:
        """Open the person's or the household's card."""
        row = self._list.cursor_row
        if row is not None:
            one = next(line for line in self._lines if line.id == row.key)
            open_record(self, one.kind, one.person, one.household)

    def action_back(self) -> None:
        """Take the filter away, else back."""
        if self._filter.display:
            self.action_unfilter()
        else:
            self.dismiss(None)


def open_record(screen: FilteredListScreen, kind: str, person: str, household: str) -> None:
    """The card a record belongs to: of the person, at the F0 tab for a case or reading, else of the household."""
    from tui_app.screens.people.household import HouseholdScreen
    from tui_app.screens.people.person_card import PersonCardScreen

    if person:
        tab = "f0" if kind in ("case", "observation") else "overview"
        screen.app.push_screen(PersonCardScreen(person, tab))
    elif household:
        screen.app.push_screen(HouseholdScreen(household))


def _has(one: Listed, words: list[str]) -> bool:
    return each_begins(words, fold(" ".join((one.name, one.place, one.unit, one.said))).split())
