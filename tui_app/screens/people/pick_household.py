"""Choosing a household, of this unit or another: for a person who moves in there, or somebody new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.frame.base import WorkScreen
from tui_app.text import fold
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import TextField

Place = tuple[str, str]  # id, how it is called


class PickHouseholdScreen(WorkScreen["Place | None"]):
    """Type to narrow, arrows to choose, Enter takes it. Answers the household's id and name, None on Esc."""

    AUTO_FOCUS = "#query"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "identity.key_pick", id="pick.take", tooltip="identity.key_pick_tip"),
        Binding(
            "down", "move(1)", "find.key_move", key_display="↑ ↓", id="pick.down", tooltip="find.key_move_tip"
        ),
        Binding("up", "move(-1)", show=False, system=True, id="pick.up"),
        Binding("pagedown", "move(10)", show=False, system=True, id="pick.pagedown"),
        Binding("pageup", "move(-10)", show=False, system=True, id="pick.pageup"),
        Binding("escape", "back", "app.key_back", id="pick.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, title: str, doors: Callable[[Any], list[tuple[str, str, str]]]) -> None:
        """``doors``: reads id, place and head's name of those that can be chosen, in their order."""
        super().__init__()
        self.words_of_title = title
        self.doors = doors
        self._doors: list[tuple[str, str, str]] = []
        self._words: list[list[str]] = []

    def compose(self) -> ComposeResult:
        """A filter and the doors in walking order."""
        yield from self.frame_top(self.words_of_title)
        yield TextField(id="query", placeholder=t("person.move_field"))
        yield RowList(_columns(), id="places", states=False, empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Read the doors."""

        def show(found: list[tuple[str, str, str]]) -> None:
            self._doors = found
            self._words = [fold(f"{place} {head}").split() for _, place, head in found]
            self._paint()

        self.read(self.doors, show, group="doors")

    @property
    def _list(self) -> RowList:
        return self.query_one("#places", RowList)

    @on(TextField.Changed, "#query")
    def _paint(self) -> None:
        asked = fold(self.query_one("#query", TextField).value).split()
        self._list.empty = t("person.move_none")
        rows = [
            Row(ident, (place, head or "?"))
            for (ident, place, head), words in zip(self._doors, self._words, strict=True)
            if all(any(word.startswith(part) for word in words) for part in asked)
        ]
        self._list.show(ListSource(rows), at=rows[0].key if rows else None)

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self.set_title(self.words_of_title)
        self._list.set_columns(_columns())
        self._paint()

    def action_move(self, by: int) -> None:
        """Move in the list, the field keeps the typing."""
        self._list.move_to(self._list.cursor + by)

    @on(TextField.Submitted, "#query")
    @on(RowList.Selected, "#places")
    def action_take(self) -> None:
        """Take the household under the cursor."""
        row = self._list.cursor_row
        if row is not None:
            self.dismiss((row.key, str(row.cells[0])))

    def action_back(self) -> None:
        """Nobody moves."""
        self.dismiss(None)


def _columns() -> list[Column]:
    return [
        Column("address", t("today.column_address"), width=24, flex=2),
        Column("head", t("today.column_head"), width=20, flex=1, names=True),
    ]
