"""The register of requests about personal data: what is due first on top, with the day and the rule behind it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.privacy.request_deeds import RequestDeeds
from tui_app.services.requests import register
from tui_app.services.requests.register import Request
from tui_app.widgets import request_rows
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource
from tui_app.widgets.tab_line import Tab, TabLine

TABS = ("open", "ended")


class RequestsScreen(RequestDeeds):
    """A tab of requests that go on, one of those that ended."""

    AUTO_FOCUS = "#requests"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "privacy.key_open", id="requests.open", tooltip="privacy.key_open_tip"),
        Binding("n", "new", "privacy.key_new", id="requests.new", tooltip="privacy.key_new_tip"),
        Binding("k", "kept", show=False, id="requests.kept", tooltip="privacy.key_kept_tip"),
        Binding("p", "paper", show=False, id="requests.paper", tooltip="privacy.key_paper_tip"),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "command.key_tab",
            id="requests.next_tab",
            tooltip="command.key_tab_tip",
        ),
        Binding("left_square_bracket", "tab(-1)", show=False, system=True, id="requests.previous_tab"),
        Binding("escape", "back", "app.key_back", id="requests.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._requests: list[Request] = []
        self._read_once = False

    def compose(self) -> ComposeResult:
        """Tabs above one list."""
        yield from self.frame_top("privacy.title_requests")
        yield TabLine([Tab(tab, f"privacy.tab_{tab}") for tab in TABS], id="tabs")
        yield RowList(request_rows.columns(), id="requests", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_screen_resume(self) -> None:
        """Read again whenever the screen comes to the front."""
        self.reload()

    def records_changed(self) -> None:
        """After a sync."""
        self.reload()

    def day_changed(self) -> None:
        """What is late by now."""
        self.reload()

    def reload(self) -> None:
        """Read the register."""
        day = self.app.today()

        def show(found: list[Request]) -> None:
            self._requests, self._read_once = found, True
            self._paint()

        self.read(lambda c: register.requests(c, day), show, group="requests")

    def _paint(self) -> None:
        if not self._read_once:
            return
        shown = {tab: [one for one in self._requests if one.is_open == (tab == "open")] for tab in TABS}
        tabs, listed, day = self.query_one("#tabs", TabLine), self._list, self.app.today()
        tabs.show([Tab(tab, f"privacy.tab_{tab}", len(shown[tab])) for tab in TABS])
        listed.empty = t(f"privacy.empty_{tabs.chosen}")
        listed.set_columns(request_rows.columns())
        listed.show(ListSource([request_rows.row(one, day) for one in shown[tabs.chosen]]))
        late = sum(one.next_due is not None and one.next_due < day for one in shown["open"])
        self.set_title("privacy.title_requests", t("privacy.late_count", count=late) if late else "")

    def language_changed(self) -> None:
        """Make columns and words anew."""
        super().language_changed()
        self._paint()

    @property
    def _list(self) -> RowList:
        return self.query_one("#requests", RowList)

    @property
    def chosen(self) -> Request | None:
        """The request under the cursor."""
        row = self._list.cursor_row
        return next((one for one in self._requests if row is not None and one.id == row.key), None)

    @on(RowList.Highlighted)
    @on(RowList.Shown)
    def _cursor_moved(self) -> None:
        self.refresh_bindings()

    @on(TabLine.Chosen)
    def _tab_chosen(self) -> None:
        self._paint()

    # ---- keys

    def action_tab(self, by: int) -> None:
        """What goes on, or what ended."""
        self.query_one("#tabs", TabLine).step(by)

    @on(RowList.Selected, "#requests")
    def action_open(self) -> None:
        """The whole request, with the rules behind its deadlines."""
        from tui_app.screens.privacy.request import RequestScreen

        if self.chosen is not None:
            self.app.push_screen(RequestScreen(self.chosen.id))

    def action_new(self) -> None:
        """Choose the person, then write down what they ask."""
        from tui_app.screens.privacy.pick_person import PickPersonScreen
        from tui_app.screens.privacy.request_forms import RequestForm

        def chosen(person: str, name: str) -> None:
            self.app.push_screen(RequestForm(person, name))

        self.app.push_screen(PickPersonScreen(chosen))

    def action_kept(self) -> None:
        """Whose records the law keeps."""
        from tui_app.screens.privacy.kept import KeptScreen

        self.app.push_screen(KeptScreen())

    def action_paper(self) -> None:
        """The notice for people, or the impact assessment."""
        from tui_app.screens.frame.paper_file import choose_paper
        from tui_app.screens.privacy.privacy_papers import privacy_papers

        choose_paper(self, privacy_papers(self.app.today()))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)
