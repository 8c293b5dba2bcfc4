"""Support needs by kind: who needs what, who sees to it; met, refused, opened again."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.records.visits import SupportKind
from tui_app.screens.frame.deeds import take_back
from tui_app.screens.frame.filtered_list import FilteredListScreen
from tui_app.screens.risk.need_dialogs import change_need
from tui_app.services.risk import support_needs
from tui_app.services.risk.support_needs import Need
from tui_app.text import fold
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, LazySource, Row
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.text_field import TextField

ALL, CLOSED = "all", "closed"


class NeedsScreen(FilteredListScreen):
    """A tab a kind, with how many persons and households each has; those closed have their own."""

    AUTO_FOCUS = "#needs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", "support.key_change", id="needs.change", tooltip="support.key_change_tip"),
        Binding("o", "open", "risk.key_open", id="needs.open", tooltip="support.key_open_tip"),
        Binding("slash", "filter", "risk.key_filter", id="needs.filter", tooltip="risk.key_filter_tip"),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "today.key_next_tab",
            id="needs.next_tab",
            tooltip="today.key_next_tab_tip",
        ),
        Binding(
            "left_square_bracket",
            "tab(-1)",
            show=False,
            id="needs.previous_tab",
            tooltip="today.key_previous_tab_tip",
        ),
        Binding("ctrl+z", "undo", show=False, id="needs.undo", tooltip="support.key_undo_tip"),
        Binding("escape", "back", "app.key_back", id="needs.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._needs: list[Need] = []
        self._shown: list[Need] = []

    def compose(self) -> ComposeResult:
        """Tabs, the filter when it is used, the list."""
        yield from self.frame_top("support.title")
        yield TabLine([], id="tabs")
        yield TextField(id="filter", placeholder=t("support.filter"))
        yield RowList(_columns(), id="needs", states=False, empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The filter shows once it is asked for."""
        self.query_one("#filter").display = False

    def reload(self) -> None:
        """Read all needs."""

        def show(found: list[Need]) -> None:
            self._needs = found
            self._paint()

        self.read(lambda c: support_needs.needs(c, open_only=False), show, group="needs")

    @property
    def _list(self) -> RowList:
        return self.query_one("#needs", RowList)

    @property
    def need(self) -> Need | None:
        """The need under the cursor."""
        place = self._list.cursor
        return self._shown[place] if self._list.count and place < len(self._shown) else None

    def _of_tab(self, tab: str) -> list[Need]:
        if tab == CLOSED:
            return [need for need in self._needs if not need.is_open]
        return [need for need in self._needs if need.is_open and tab in (ALL, need.kind)]

    def _paint(self) -> None:
        tabs = self.query_one("#tabs", TabLine)
        kinds = [str(kind) for kind in SupportKind]
        named = [(ALL, "support.tab_all"), *((kind, f"codes.kind_{kind}") for kind in kinds)]
        named.append((CLOSED, "support.tab_closed"))
        tabs.show([Tab(key, word, len(self._of_tab(key))) for key, word in named])
        words = fold(self._filter.value).split()
        self._shown = [need for need in self._of_tab(tabs.chosen or ALL) if need.matches(words)]
        counted = support_needs.count(self._shown)
        said = t(
            "support.count_title",
            needs=counted.needs,
            persons=counted.persons,
            households=counted.households,
        )
        self.set_title(t("support.title"), said)
        typed = self._filter.value.strip()
        self._list.empty = t("support.empty_filter", words=typed) if typed else t("support.empty")
        self._list.show(LazySource(self._shown, _row, lambda need: need.id))

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._list.set_columns(_columns())
        self._paint()

    @on(RowList.Selected, "#needs")
    def action_change(self) -> None:
        """What became of the need under the cursor."""
        if self.need is not None:
            change_need(self, self.need, self.reload)

    def action_undo(self) -> None:
        """Take the last change of this session back."""
        take_back(self, self.reload)

    def action_open(self) -> None:
        """Open the person's card, or the household."""
        from tui_app.screens.people.household import HouseholdScreen
        from tui_app.screens.people.person_card import PersonCardScreen

        need = self.need
        if need is not None and need.person:
            self.app.push_screen(PersonCardScreen(need.person))
        elif need is not None:
            self.app.push_screen(HouseholdScreen(need.household))

    def action_back(self) -> None:
        """Take the filter away, then back."""
        if self._filter.display:
            self.action_unfilter()
        else:
            self.dismiss(None)


def _columns() -> list[Column]:
    return [
        Column("kind", t("support.column_kind"), width=11),
        Column("who", t("support.column_who"), width=18, flex=2),
        Column("status", t("support.column_status"), width=10),
        Column("note", t("fields.note"), width=14, flex=3),
        Column("follower", t("support.column_follower"), width=8, flex=1),
        Column("since", t("support.column_since"), width=10, optional=1),
        Column("place", t("support.column_place"), width=18, flex=2, optional=2),
    ]


def _row(need: Need) -> Row:
    return Row(
        key=need.id,
        cells=(
            code_word("kind", need.kind),
            need.full_name or f"{t('support.whole_household')} {need.address}",
            code_word("status", need.status),
            need.note if need.is_open or not need.reason else need.reason,
            need.followed_by or "?",
            show_date(need.opened_on) if need.opened_on else "?",
            need.address,
        ),
        tone="" if need.is_open else "muted",
    )
