"""Persons with a positive test whom no case follows: choose one and open it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.access import gate
from tui_app.services.cases import cases
from tui_app.services.cases.case_card import Suggestion
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row


class SuggestedCasesScreen(WorkScreen[None]):
    """The newest test first; Enter opens the form, and the list is read again after it."""

    AUTO_FOCUS = "#suggested"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "case.key_open", id="suggested.open", tooltip="case.key_open_tip"),
        Binding("p", "person", "case.key_person", id="suggested.person", tooltip="case.key_person_tip"),
        Binding("escape", "back", "app.key_back", id="suggested.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, Suggestion] = {}

    def compose(self) -> ComposeResult:
        """One list."""
        yield from self.frame_top("case.suggested_title")
        yield RowList(_columns(), id="suggested", states=False, empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Read again whenever the screen comes to the front."""
        day = self.app.today()

        def show(found: list[Suggestion]) -> None:
            self._found = {one.person: one for one in found}
            self._paint()

        self.read(lambda c: [] if gate.shut(c).viewer else cases.suggested(c, day), show, group="suggested")

    def _paint(self) -> None:
        listed = self.query_one("#suggested", RowList)
        listed.empty = t("case.suggested_none")
        listed.set_columns(_columns())
        listed.show(ListSource([_row(one) for one in self._found.values()]))
        self.set_title("case.suggested_title", str(len(self._found)))

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._paint()

    @property
    def _chosen(self) -> Suggestion | None:
        row = self.query_one("#suggested", RowList).cursor_row
        return self._found.get(row.key) if row else None

    @on(RowList.Selected, "#suggested")
    def action_open(self) -> None:
        """Open a case of the person under the cursor."""
        from tui_app.screens.cases.case_open import OpenCaseForm

        if self._chosen is not None:
            self.app.push_screen(OpenCaseForm(self._chosen.person, self._chosen.full_name))

    def action_person(self) -> None:
        """See the person's card."""
        from tui_app.screens.people.person_card import PersonCardScreen

        if self._chosen is not None:
            self.app.push_screen(PersonCardScreen(self._chosen.person))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)


def _columns() -> list[Column]:
    return [
        Column("name", t("f0.column_name"), width=22, flex=2, names=True),
        Column("on", t("case.column_tested"), width=10),
        Column("method", t("person.column_test"), width=12),
        Column("address", t("today.column_address"), width=16, flex=2),
    ]


def _row(one: Suggestion) -> Row:
    return Row(one.person, (one.full_name, show_date(one.on), code_word("method", one.method), one.address))
