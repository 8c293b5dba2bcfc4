"""Đồng bộ: what waits, what each sync really did, and what needs a person. Nothing here waits for the
network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from tui_app.i18n import t
from tui_app.screens.base import WorkScreen
from tui_app.screens.bundle import BundleInPage, BundleOutPage
from tui_app.screens.setup import JoinPage
from tui_app.screens.sync_lists import TABS, SyncTab
from tui_app.services.access import log_access
from tui_app.services.lease import LeaseState
from tui_app.services.syncing import SyncState, sync_state
from tui_app.widgets.frame import Words
from tui_app.widgets.notice import Notice
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource
from tui_app.widgets.symbols import symbol

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace

LOOK_SECONDS = 0.2  # between two looks at a running sync
SHOW_SECONDS = 30.0  # numbers stay readable


class SyncScreen(WorkScreen[None]):
    """Three lines of facts, and three lists below them."""

    AUTO_FOCUS = "RowList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "sync", "sync.key_sync", id="sync.now", tooltip="sync.key_sync_tip"),
        Binding("x", "stop", "sync.key_stop", id="sync.stop", tooltip="sync.key_stop_tip"),
        Binding("o", "bundle_out", "bundle.key_out", id="sync.bundle_out", tooltip="bundle.key_out_tip"),
        Binding("i", "bundle_in", "bundle.key_in", id="sync.bundle_in", tooltip="bundle.key_in_tip"),
        Binding("j", "join", "setup.key_join", id="sync.join", tooltip="setup.key_join_tip"),
        Binding(
            "right_square_bracket", "tab(1)", "sync.key_tab", id="sync.next_tab", tooltip="sync.key_tab_tip"
        ),
        Binding(
            "left_square_bracket", "tab(-1)", show=False, id="sync.previous_tab", tooltip="sync.key_tab_tip"
        ),
        Binding("h", "show_numbers", "sync.key_show", id="sync.show", tooltip="sync.key_show_tip"),
        Binding("escape", "back", "app.key_back", id="sync.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.state: SyncState | None = None
        self.tab = 0
        self.unmasked = False
        self._looking: Timer | None = None
        self._sticks: dict[str, str] = {}  # the paths typed last

    def compose(self) -> ComposeResult:
        """Facts above, lists below, the chosen line in full at the bottom."""
        yield from self.frame_top("sync.title")
        with Vertical(id="facts"):
            for name in ("waiting", "attention", "now"):
                with Horizontal(classes="fact"):
                    yield Words(f"sync.{name}", classes="label")
                    yield Notice(id=name)
        yield Notice(self._tab_words, id="tabs")
        yield RowList(TABS[0].columns(), empty=t("sync.none_sessions"), id="lines")
        yield Notice(id="detail")
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Words that are made while painting."""
        self.query_one("#waiting", Notice).tell(lambda: waiting_words(self.state))
        self.query_one("#attention", Notice).tell(lambda: attention_words(self.state))
        self.query_one("#now", Notice).tell(self._now_words)
        self.query_one("#detail", Notice).tell(self._detail_words)
        if self.app.sync_run.running:
            self._watch_it()

    def on_screen_resume(self) -> None:
        """Whatever happened elsewhere is read again."""
        self.records_changed()

    def records_changed(self) -> None:
        """Read everything again."""
        self.read(sync_state, self._show)

    def _show(self, state: SyncState) -> None:
        self.state = state
        self.set_title("sync.title", self._server_words)
        self._show_tab()
        self.refresh_bindings()

    def language_changed(self) -> None:
        """Lists hold finished words."""
        super().language_changed()
        self._show_tab()

    # ---- lists

    @property
    def current(self) -> SyncTab:
        """The list that is shown."""
        return TABS[self.tab]

    def _show_tab(self) -> None:
        lines = self.query_one("#lines", RowList)
        lines.empty = t(f"sync.none_{self.current.name}")
        lines.set_columns(self.current.columns())
        if self.state is not None:
            lines.show(ListSource(self.current.rows(self.state)))
        for notice in self.query(Notice):
            notice.refresh(layout=True)

    def action_tab(self, by: int) -> None:
        """The next list, round and round."""
        self.tab = (self.tab + by) % len(TABS)
        self._show_tab()
        self.query_one("#lines", RowList).move_to(0)
        self.refresh_bindings()

    @on(RowList.Highlighted)
    @on(RowList.Shown)
    def _to_detail(self) -> None:
        self.query_one("#detail", Notice).refresh(layout=True)
        self.refresh_bindings()

    def _tab_words(self) -> str:
        state = self.state
        words = []
        for place, tab in enumerate(TABS):
            count = tab.count(state) if state else 0
            name = f"{t(f'sync.tab_{tab.name}')} {count}" if count else t(f"sync.tab_{tab.name}")
            words.append(f"[{name}]" if place == self.tab else f" {name} ")
        return "  ".join(words)

    def _detail_words(self) -> str:
        row = self.query_one("#lines", RowList).cursor_row
        if row is None or self.state is None:
            return ""
        return self.current.detail(self.state, row.key, self.unmasked)

    # ---- facts

    def _server_words(self) -> str:
        if self.state is None:
            return ""
        return self.state.server or t("sync.local_title")

    def _now_words(self) -> str:
        if self.app.sync_run.running:
            return self.app.sync_run.words()
        if self.state is not None and self.state.server is None:
            return t("sync.now_local")
        return self.app.said or t("sync.now_idle")

    # ---- keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done now."""
        running = self.app.sync_run.running
        joined = self.state is not None and self.state.server is not None
        if action == "sync":
            return joined and not running
        if action in ("bundle_out", "bundle_in"):
            return joined and not running
        if action == "stop":
            return running
        if action == "join":
            return self.state is not None and not joined
        if action == "show_numbers":
            return self._masked_record() is not None
        return super().check_action(action, parameters)

    def action_sync(self) -> None:
        """Begin; the screen only looks on."""
        if self.app.sync_run.start():
            self._watch_it()

    def action_stop(self) -> None:
        """Stop it between two requests."""
        self.app.sync_run.stop()
        self._look()

    def action_join(self) -> None:
        """Ask for address and code."""
        self.app.push_screen(JoinPage())

    def action_bundle_out(self) -> None:
        """What waits, onto a stick."""
        self.app.push_screen(BundleOutPage(self._sticks))

    def action_bundle_in(self) -> None:
        """The answer, from a stick."""
        self.app.push_screen(BundleInPage(self._sticks))

    def action_back(self) -> None:
        """Back; a running sync goes on."""
        self.dismiss(None)

    def _watch_it(self) -> None:
        if self._looking is None:
            self._looking = self.set_interval(LOOK_SECONDS, self._look)
        self._look()
        self.refresh_bindings()

    def _look(self) -> None:
        self.query_one("#now", Notice).refresh(layout=True)
        if not self.app.sync_run.running and self._looking is not None:
            self._looking.stop()
            self._looking = None
            self.refresh_bindings()

    # ---- numbers

    def _masked_record(self) -> tuple[str, str] | None:
        """Type and id of the record whose number is hidden in the line under the cursor."""
        if self.state is None or not self.is_mounted:
            return None
        row = self.query_one("#lines", RowList).cursor_row
        return self.current.masked_record(self.state, row.key) if row is not None else None

    def action_show_numbers(self) -> None:
        """Note who looks, then show for 30 seconds."""
        found = self._masked_record()
        if found is None:
            return
        workspace = self.workspace

        def note() -> None:
            _note(workspace, *found)

        self.save(note, self._unmask)

    def _unmask(self, _: None) -> None:
        self.unmasked = True
        self.set_timer(SHOW_SECONDS, self._mask)
        self._to_detail()

    def _mask(self) -> None:
        self.unmasked = False
        self._to_detail()


def _note(workspace: Workspace, type_name: str, record: str) -> None:
    from tui_app.clock import to_wire

    with workspace.store.write() as c:
        log_access(c, workspace.user, to_wire(workspace.clock()), "unmask", type_name, record, "conflict")


def waiting_words(state: SyncState | None) -> str:
    """What waits, by kind, most of it first."""
    if state is None:
        return t("sync.reading")
    kinds = sorted(state.waiting_by_type.items(), key=lambda pair: (-pair[1], pair[0]))
    notes = t("sync.waiting_notes", count=state.waiting_notes) if state.waiting_notes else ""
    if not kinds:
        return f"{t('sync.waiting_none', sent=symbol('sent'))} {notes}".strip()
    listed = ", ".join(f"{count} {t(f'types.{kind}')}" for kind, count in kinds)
    total = sum(count for _, count in kinds)
    return f"{t('sync.waiting_some', unsent=symbol('unsent'), count=total)} {listed} {notes}".strip()


def attention_words(state: SyncState | None) -> str:
    """What needs a person, a line each."""
    if state is None:
        return ""
    opened = sum(line.state == "open" for line in state.conflicts)
    settled = sum(line.state == "settled" for line in state.conflicts)
    lines = []
    if opened:
        lines.append(t("sync.attention_open", conflict=symbol("conflict"), count=opened))
    for name in ("held", "rejected"):
        if count := state.counts.get(name, 0):
            lines.append(t(f"sync.attention_{name}", warning=symbol("warning"), count=count))
    if settled:
        lines.append(t("sync.attention_settled", count=settled))
    lines += [
        f"{symbol('warning')} {one.words()}" for one in state.leases if one.state is not LeaseState.FINE
    ]
    return "\n".join(lines) or t("sync.attention_none")
