"""Levels of a scale as they were set, the latest first; Enter tells what one was judged from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date, show_moment
from tui_app.i18n import t
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.frame.base import ReadingScreen, WorkScreen
from tui_app.screens.levels.level import input_columns
from tui_app.screens.levels.level_records import LevelRecordsScreen
from tui_app.services.levels.history import Change, Kept, history, kept_level
from tui_app.services.levels.kept_words import (
    kept_ids_of,
    kept_name,
    kept_source,
    kept_value,
    kept_words,
)
from tui_app.services.levels.level_words import level_words, scale_words
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row


class LevelHistoryScreen(ReadingScreen[None]):
    """``scale``: which."""

    AUTO_FOCUS = "#history"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "levels.key_open", id="level_history.open", tooltip="levels.key_kept_tip"),
        Binding("escape", "back", "app.key_back", id="level_history.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, scale: str) -> None:
        super().__init__()
        self.scale = scale
        self._changes: list[Change] = []

    def compose(self) -> ComposeResult:
        """One list."""
        yield from self.frame_top("levels.title_history")
        yield RowList(_columns(), id="history", states=False, empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def reload(self) -> None:
        """Read the history."""

        def show(changes: list[Change]) -> None:
            self._changes = changes
            self._paint()

        self.read(lambda c: history(c, self.scale), show, group="level_history")

    def _paint(self) -> None:
        listed = self.query_one("#history", RowList)
        listed.empty = t("levels.no_history_yet")
        listed.set_columns(_columns())
        listed.show(ListSource([_row(one) for one in self._changes]))
        self.set_title(f"{t('levels.title_history')} · {scale_words(self.scale)}")

    def language_changed(self) -> None:
        """Make columns and words anew."""
        super().language_changed()
        self._paint()

    @on(RowList.Selected, "#history")
    def action_open(self) -> None:
        """What it was judged from."""
        row = self.query_one("#history", RowList).cursor_row
        one = next((one for one in self._changes if row is not None and one.kept.id == row.key), None)
        if one is not None:
            self.ask(lambda c: kept_level(c, one.kept.id), self._show_kept)

    def _show_kept(self, kept: Kept) -> None:
        self.app.push_screen(KeptLevelScreen(kept))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)


class KeptLevelScreen(WorkScreen[None]):
    """``kept``: a level as it was set, with the inputs of that time."""

    AUTO_FOCUS = "#inputs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "levels.key_open", id="level_kept.open", tooltip="levels.key_input_tip"),
        Binding("escape", "back", "app.key_back", id="level_kept.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, kept: Kept) -> None:
        super().__init__()
        self.kept = kept
        self._ids = kept_ids_of(kept)

    def compose(self) -> ComposeResult:
        """One list."""
        yield from self.frame_top("levels.title_history")
        yield RowList(input_columns(), id="inputs", states=False, empty=t("levels.no_inputs"))
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Nothing of it changes any more."""
        self._paint()

    def _paint(self) -> None:
        one, listed = self.kept, self.query_one("#inputs", RowList)
        listed.empty = t("levels.no_inputs")
        listed.set_columns(input_columns())
        listed.show(ListSource([_input_row(one, given) for given in one.inputs]))
        by = t("levels.kept_by", at=show_moment(one.known_at), who=one.who)
        self.set_title(f"{show_date(one.day)} · {scale_words(one.scale)}: {kept_words(one)}", by)

    def language_changed(self) -> None:
        """Make columns and words anew."""
        super().language_changed()
        self._paint()

    @on(RowList.Selected, "#inputs")
    def action_open(self) -> None:
        """The cases it counted then; who said so of the others."""
        row = self.query_one("#inputs", RowList).cursor_row
        given = next((one for one in self.kept.inputs if row is not None and one["name"] == row.key), None)
        if given is None:
            return
        ids = self._ids.get(given["name"])
        if ids:
            self.app.push_screen(LevelRecordsScreen(kept_name(given), ids))
        else:
            lines = [kept_value(self.kept, given), kept_source(given) or t("levels.from_nobody")]
            self.app.push_screen(WhyScreen(kept_name(given), lines))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)


def _input_row(one: Kept, given: Mapping[str, Any]) -> Row:
    return Row(given["name"], (kept_name(given), kept_value(one, given), kept_source(given)))


def _columns() -> list[Column]:
    return [
        Column("day", t("levels.col_day"), width=10),
        Column("was", t("levels.col_was"), width=18),
        Column("level", t("levels.col_level"), width=40, flex=1),
    ]


def _row(one: Change) -> Row:
    was = level_words(one.kept.scale, one.was) if one.changed else ""
    return Row(one.kept.id, (show_date(one.kept.day), was, kept_words(one.kept)))
