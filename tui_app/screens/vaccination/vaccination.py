"""Who is to be vaccinated: due, overdue, at home, not recorded whole; from a line to the person, dose and paper."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.frame.filtered_list import FilteredListScreen
from tui_app.services.access import gate
from tui_app.services.access.gate import Shut
from tui_app.services.vaccination.vaccination_lists import LISTS, DoseLine, vaccination_lists
from tui_app.text import fold
from tui_app.widgets import dose_lines
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.text_field import TextField


class VaccinationScreen(FilteredListScreen):
    """The four lists are read together in a worker; tabs and the filter work on what was read."""

    AUTO_FOCUS = "#persons"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "vaccination.key_open", id="doses.open", tooltip="vaccination.key_open_tip"),
        Binding("n", "add", "vaccination.key_add", id="doses.add", tooltip="vaccination.key_add_tip"),
        Binding("b", "coverage", "coverage.key", id="doses.coverage", tooltip="coverage.key_tip"),
        Binding("i", "reconcile", "reconcile.key", id="doses.reconcile", tooltip="reconcile.key_tip"),
        Binding("p", "paper", "vaccination.key_paper", id="doses.paper", tooltip="vaccination.key_paper_tip"),
        Binding("slash", "filter", "f0.key_filter", id="doses.filter", tooltip="f0.key_filter_tip"),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "f0.key_next_tab",
            id="doses.next_tab",
            tooltip="vaccination.key_next_tab_tip",
        ),
        Binding(
            "left_square_bracket",
            "tab(-1)",
            show=False,
            id="doses.previous_tab",
            tooltip="vaccination.key_previous_tab_tip",
        ),
        Binding("escape", "back", "app.key_back", id="doses.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lists: dict[str, list[DoseLine]] = {}
        self._shut = Shut()
        self._shown: list[DoseLine] = []

    def compose(self) -> ComposeResult:
        """Tabs, the filter when it is used, the list."""
        yield from self.frame_top("vaccination.screen_title")
        yield TabLine([], id="tabs")
        yield TextField(id="filter", placeholder=t("vaccination.filter"))
        yield RowList(dose_lines.columns(LISTS[0]), id="persons", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The filter shows once it is asked for."""
        self.query_one("#filter").display = False

    # ---- reading

    def reload(self) -> None:
        """Read the lists of today."""
        day = self.app.today()

        def job(c: Any) -> tuple[dict[str, list[DoseLine]], Shut]:
            shut = gate.shut(c)
            return {} if shut.viewer else vaccination_lists(c, day), shut

        def show(answer: tuple[dict[str, list[DoseLine]], Shut]) -> None:
            self._lists, self._shut = answer
            self._paint()

        self.read(job, show, group="vaccination")

    # ---- showing

    @property
    def _list(self) -> RowList:
        return self.query_one("#persons", RowList)

    @property
    def _chosen(self) -> DoseLine | None:
        place = self._list.cursor
        return self._shown[place] if self._list.count and place < len(self._shown) else None

    @property
    def _tab(self) -> str:
        return self.query_one("#tabs", TabLine).chosen or LISTS[0]

    def _paint(self) -> None:
        counts = {name: len(self._lists.get(name, ())) for name in LISTS}
        self.query_one("#tabs", TabLine).show(
            [Tab(name, f"vaccination.tab_{name}", counts[name]) for name in LISTS]
        )
        words = fold(self._filter.value).split()
        tab = self._tab
        self._shown = [one for one in self._lists.get(tab, ()) if one.matches(words)]
        self._list.empty = t("f0.empty_viewer" if self._shut.viewer else f"vaccination.empty_{tab}")
        self._list.set_columns(dose_lines.columns(tab))
        self._list.show(LazySource(self._shown, dose_lines.row_of, lambda one: one.person))
        locked = ", ".join(unit.name for unit in self._shut.units)
        self.set_title("vaccination.screen_title", t("vaccination.locked", units=locked) if locked else "")

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._filter.placeholder = t("vaccination.filter")
        self._paint()

    # ---- keys

    @on(RowList.Selected, "#persons")
    def action_open(self) -> None:
        """Open the person's card at the vaccination tab."""
        from tui_app.screens.people.person_card import PersonCardScreen

        if self._chosen is not None:
            self.app.push_screen(PersonCardScreen(self._chosen.person, "doses"))

    def action_add(self) -> None:
        """Record a dose of the person under the cursor."""
        from tui_app.screens.vaccination.dose_form import DoseForm

        if self._chosen is not None:
            self.app.push_screen(DoseForm(self._chosen.person, self._chosen.full_name))

    def action_coverage(self) -> None:
        """Coverage by the plans."""
        from tui_app.screens.vaccination.coverage import CoverageScreen

        self.app.push_screen(CoverageScreen())

    def action_reconcile(self) -> None:
        """Compare with a list from the national system."""
        from tui_app.screens.vaccination.reconcile import ask_file

        ask_file(self)

    def action_paper(self) -> None:
        """Write the list into a file."""
        from tui_app.screens.frame.paper_file import write_paper
        from tui_app.screens.vaccination.vaccination_papers import list_paper

        write_paper(self, list_paper(self._tab))

    def action_back(self) -> None:
        """Take the filter away, else back."""
        if self._filter.value or self._filter.display:
            self.action_unfilter()
        else:
            self.dismiss(None)
