"""The cases behind an input of a level."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.screens.frame.base import ReadingScreen
from tui_app.services.levels.records import CaseLine, CaseLines, case_lines
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, LazySource, Row


class LevelRecordsScreen(ReadingScreen[None]):
    """``title``: what was counted; ``ids``: of the cases."""

    AUTO_FOCUS = "#cases"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "open", "vaccination.key_open", id="level_cases.open", tooltip="levels.key_case_tip"
        ),
        Binding("escape", "back", "app.key_back", id="level_cases.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, title: str, ids: tuple[str, ...]) -> None:
        super().__init__()
        self._title = title
        self._ids = ids
        self._shown: tuple[CaseLine, ...] = ()

    def compose(self) -> ComposeResult:
        """One list."""
        yield from self.frame_top("levels.screen_title")
        yield RowList(_columns(), id="cases", states=False, empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def reload(self) -> None:
        """Read the cases."""

        def show(found: CaseLines) -> None:
            self._shown = found.lines
            listed = self.query_one("#cases", RowList)
            listed.empty = t("levels.no_cases")
            listed.set_columns(_columns())
            listed.show(LazySource(self._shown, _row, lambda line: line.case))
            hidden = t("levels.left_out", count=found.left_out) if found.left_out else ""
            self.set_title(self._title, " · ".join(filter(None, (str(len(self._ids)), hidden))))

        self.read(lambda c: case_lines(c, self._ids), show, group="level_cases")

    def language_changed(self) -> None:
        """Make columns and words anew."""
        super().language_changed()
        self.reload()

    @on(RowList.Selected, "#cases")
    def action_open(self) -> None:
        """The person's card at their illness."""
        from tui_app.screens.people.person_card import PersonCardScreen

        row: Any = self.query_one("#cases", RowList).cursor_row
        line = next((one for one in self._shown if row is not None and one.case == row.key), None)
        if line is not None:
            self.app.push_screen(PersonCardScreen(line.person, "f0"))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)


def _columns() -> list[Column]:
    return [
        Column("name", t("levels.col_name"), width=20, flex=2),
        Column("born", t("levels.col_born"), width=10),
        Column("first", t("levels.col_first"), width=10),
        Column("state", t("levels.col_state"), width=18),
        Column("address", t("levels.col_address"), width=14, flex=1),
    ]


def _row(line: CaseLine) -> Row:
    if line.ended_on:
        state = f"{code_word('outcome', line.outcome, 'case')} {show_date(line.ended_on)}"
    else:
        state = code_word("place", line.place, "case")
    return Row(
        line.case, (line.full_name, line.born, show_date(line.first_on), state, line.address or line.unit)
    )
