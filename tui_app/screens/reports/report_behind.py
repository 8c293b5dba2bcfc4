"""The records behind a figure of a report, each with whom it is about; Enter opens the person's card."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.reports.behind import Behind, behind
from tui_app.widgets.report_rows import behind_columns, behind_row
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource


class BehindScreen(WorkScreen[None]):
    """``title``: the figure; ``kind``: type of the records; ``ids``: which."""

    leaves_when_refused = True
    AUTO_FOCUS = "#records"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "reports.key_person", id="behind.open", tooltip="reports.key_person_tip"),
        Binding("escape", "back", "app.key_back", id="behind.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, title: str, kind: str, ids: tuple[str, ...]) -> None:
        super().__init__()
        self._title, self._kind, self._ids = title, kind, ids
        self._found: list[Behind] = []

    def compose(self) -> ComposeResult:
        """The list."""
        yield from self.frame_top(self._title)
        yield RowList(behind_columns(), id="records", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Read whenever the screen comes to the front."""
        kind, ids = self._kind, self._ids

        def show(answer: tuple[list[Behind], int]) -> None:
            self._found, left_out = answer
            listed = self.query_one("#records", RowList)
            listed.empty = t("reports.none_behind")
            listed.show(LazySource(self._found, behind_row, lambda one: one.id))
            more = t("reports.shut_behind", count=left_out) if left_out else ""
            self.set_title(self._title, " · ".join(filter(None, (str(len(self._found)), more))))

        self.read(lambda c: behind(c, kind, ids), show, group="behind")

    @on(RowList.Selected, "#records")
    def action_open(self) -> None:
        """The person's card."""
        from tui_app.screens.people.person_card import PersonCardScreen

        row = self.query_one("#records", RowList).cursor_row
        one = next((one for one in self._found if row and one.id == row.key), None)
        if one is not None and one.person:
            self.app.push_screen(PersonCardScreen(one.person))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)
