"""Hộ chưa xếp: the households of a unit that was split, and a digit that puts the marked ones into one of its parts."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.frame.filtered_list import FilteredListScreen
from tui_app.services.station import unplaced
from tui_app.services.station.unplaced import UnplacedDoor
from tui_app.text import each_begins, fold, place_words
from tui_app.widgets.dialogs import Choose
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import TextField


class UnplacedScreen(FilteredListScreen):
    """Space marks a household, A all that are shown, Enter asks where the marked ones (or the one under the cursor)
    belong. Each answer is one save."""

    AUTO_FOCUS = "#doors"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "place", "unplaced.key_place", id="unplaced.place", tooltip="unplaced.key_place_tip"
        ),
        Binding("space", "mark", "unplaced.key_mark", id="unplaced.mark", tooltip="unplaced.key_mark_tip"),
        Binding("a", "mark_all", "unplaced.key_all", id="unplaced.all", tooltip="unplaced.key_all_tip"),
        Binding("slash", "filter", "today.key_filter", id="unplaced.filter", tooltip="today.key_filter_tip"),
        Binding("escape", "back", "app.key_back", id="unplaced.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.doors: list[UnplacedDoor] = []
        self._shown: list[UnplacedDoor] = []
        self._marked: set[str] = set()
        self._read_once = False

    def compose(self) -> ComposeResult:
        """One list, and the filter when it is used."""
        yield from self.frame_top("unplaced.title")
        yield TextField(id="filter", placeholder=t("today.filter"))
        yield RowList(_columns(), id="doors", states=False, empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The filter shows once it is asked for."""
        self.query_one("#filter").display = False

    def reload(self) -> None:
        """Read what still waits."""
        day = self.app.today()

        def show(found: list[UnplacedDoor]) -> None:
            self.doors, self._read_once = found, True
            self._marked &= {door.household for door in found}
            self._paint()

        self.read(lambda c: unplaced.unplaced(c, day), show, group="unplaced")

    @property
    def _list(self) -> RowList:
        return self.query_one("#doors", RowList)

    def _paint(self) -> None:
        words = fold(self._filter.value).split()
        self._shown = [door for door in self.doors if _has(door, words)]
        self._list.empty = t("unplaced.none" if self._read_once else "widgets.list_loading")
        self._list.show(ListSource([self._row(door) for door in self._shown]))
        marked = t("unplaced.marked", count=len(self._marked)) if self._marked else ""
        self.set_title("unplaced.title", " · ".join(filter(None, (marked, str(len(self.doors))))))

    def _row(self, door: UnplacedDoor) -> Row:
        mark = "x" if door.household in self._marked else ""
        address = place_words(door.address, door.alley)
        return Row(
            door.household, (mark, door.code, address, door.head_name or "?", str(door.persons), door.unit)
        )

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._list.set_columns(_columns())
        self._paint()

    # ---- marking and placing

    def action_mark(self) -> None:
        """Mark the household under the cursor, or take its mark away; on to the next."""
        row = self._list.cursor_row
        if row is not None:
            self._marked ^= {row.key}
            self._paint()
            self._list.move_to(self._list.cursor + 1)

    def action_mark_all(self) -> None:
        """Mark everything shown; with all of it marked, nothing."""
        shown = {door.household for door in self._shown}
        self._marked = self._marked - shown if shown <= self._marked else self._marked | shown
        self._paint()

    @on(RowList.Selected, "#doors")
    def action_place(self) -> None:
        """Ask where the marked households belong, or the one under the cursor."""
        row = self._list.cursor_row
        chosen = [door for door in self.doors if door.household in self._marked]
        chosen = chosen or [door for door in self.doors if row is not None and door.household == row.key]
        ways = set(chosen[0].targets) if chosen else set()
        for door in chosen:
            ways &= set(door.targets)
        if not ways:
            self.app.say(t("unplaced.no_way"))
            return
        options = [
            (unit.id, f"{unit.name} · {unit.commune_name}") for unit in sorted(ways, key=lambda u: u.name)
        ]
        store, who = self.workspace.store, self.workspace.user
        doors = [door.household for door in chosen]

        def answered(area: str | None) -> None:
            if area is None:
                return

            def then(persons: int) -> None:
                self._marked -= set(doors)
                self.app.say(t("unplaced.placed", households=len(doors), persons=persons))
                self.reload()

            self.save(lambda: unplaced.place(store, who, doors, area), then)

        self.app.push_screen(Choose(t("unplaced.ask", count=len(doors)), options), answered)

    def action_back(self) -> None:
        """Take the filter away, then go back."""
        if self._filter.display:
            self.action_unfilter()
        else:
            self.dismiss(None)


def _columns() -> list[Column]:
    return [
        Column("mark", "", width=1),
        Column("code", t("today.column_code"), width=6),
        Column("address", t("today.column_address"), width=20, flex=2),
        Column("head", t("today.column_head"), width=16, flex=2, names=True),
        Column("persons", t("today.column_persons"), width=5, align="right"),
        Column("unit", t("sweep.col_unit"), width=16, optional=1),
    ]


def _has(door: UnplacedDoor, words: list[str]) -> bool:
    said = fold(" ".join((door.code, door.address, door.alley, door.head_name, door.unit))).split()
    return each_begins(words, said)
