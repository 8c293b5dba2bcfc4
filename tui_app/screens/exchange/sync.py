"""Đồng bộ: what waits, what each sync really did, and what needs a person. Nothing here waits for the
network.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.screens.exchange.bundle import BundleInPage, BundleOutPage
from tui_app.screens.exchange.sync_lists import TABS, Place, SyncTab, clock_words, day_words, read_place
from tui_app.screens.frame.setup import JoinPage
from tui_app.screens.frame.unmask_screen import UnmaskScreen
from tui_app.services.access.lease import LeaseState
from tui_app.services.exchange import receipts
from tui_app.services.exchange.delivery_sheet import FORMATS, delivery_sheet
from tui_app.services.exchange.questions import OPEN, SETTLED
from tui_app.services.exchange.syncing import SyncState
from tui_app.services.station.whole_file import whole_file
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.frame import Words
from tui_app.widgets.notice import Notice
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource
from tui_app.widgets.symbols import symbol
from tui_app.widgets.text_field import TextField

LOOK_SECONDS = 0.2  # between two looks at a running sync


class SyncScreen(UnmaskScreen):
    """Three lines of facts, and four lists below them."""

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
        Binding("enter", "open", "sync.key_open", id="sync.open", tooltip="sync.key_open_tip"),
        Binding("p", "sheet", "receipts.key_print", id="sync.sheet", tooltip="receipts.key_print_tip"),
        Binding("left", "day(-1)", "receipts.key_day", id="sync.day_before", tooltip="receipts.key_day_tip"),
        Binding("right", "day(1)", show=False, id="sync.day_after", tooltip="receipts.key_day_tip"),
        Binding("escape", "back", "app.key_back", id="sync.back", tooltip="app.key_back_tip"),
    ]

    noted_as = "conflict"

    def __init__(self) -> None:
        super().__init__()
        self.place: Place | None = None
        self.day: date | None = None  # whose receipts are listed; None: the last day that has some
        self.tab = 0
        self._looking: Timer | None = None
        self._sticks: dict[str, str] = {}  # the paths typed last

    @property
    def state(self) -> SyncState | None:
        """What waits and the syncs, once read."""
        return self.place.sync if self.place is not None else None

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
        self.query_one("#attention", Notice).tell(lambda: attention_words(self.place))
        self.query_one("#now", Notice).tell(self._now_words)
        self.query_one("#detail", Notice).tell(self._detail_words)
        if self.app.sync_run.running:
            self._watch_it()

    def on_screen_resume(self) -> None:
        """Whatever happened elsewhere is read again."""
        self.records_changed()

    def records_changed(self) -> None:
        """Read everything again."""
        asked, today, clock = self.day, self.app.today(), self.app.clock
        restricted = self.workspace.sees_restricted
        self.read(
            lambda c: read_place(c, asked or receipts.last_day(c, clock), today, restricted), self._show
        )

    def _show(self, place: Place) -> None:
        self.place = place
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
        if self.place is not None:
            lines.show(ListSource(self.current.rows(self.place)))
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
        words = []
        for number, tab in enumerate(TABS):
            count = tab.count(self.place) if self.place else 0
            name = f"{t(f'sync.tab_{tab.name}')} {count}" if count else t(f"sync.tab_{tab.name}")
            words.append(f"[{name}]" if number == self.tab else f" {name} ")
        return "  ".join(words)

    def _detail_words(self) -> str:
        row = self.query_one("#lines", RowList).cursor_row
        if self.place is None:
            return ""
        if row is None:
            return day_words(self.place.day) if self.current.name == "receipts" else ""
        return self.current.detail(self.place, row.key, self.unmasked)

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
        name = self.current.name
        if action == "open":
            return name in ("conflicts", "stopped") and bool(self.place and self.current.count(self.place))
        if action in ("sheet", "day"):
            return name == "receipts" and self.place is not None
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

    # ---- what needs a person

    @on(RowList.Selected, "#lines")
    def action_open(self) -> None:
        """Go to the conflict, or to the change that was not taken."""
        row = self.query_one("#lines", RowList).cursor_row
        if row is None:
            return
        if self.current.name == "conflicts":
            from tui_app.screens.exchange.conflict import ConflictScreen

            self.app.push_screen(ConflictScreen(at=row.key))
        elif self.current.name == "stopped":
            from tui_app.screens.exchange.inbox import InboxScreen

            self.app.push_screen(InboxScreen(at=int(row.key)))

    # ---- receipts

    def action_day(self, by: int) -> None:
        """The receipts of the day before or after, today at the latest."""
        if self.place is not None:
            self.day = min(self.place.day.day + timedelta(days=by), self.app.today())
            self.records_changed()

    def action_sheet(self) -> None:
        """Ask for a file, and write the delivery sheet of the day that is shown."""
        if self.place is None:
            return
        day, workspace = self.place.day.day, self.workspace

        def write(name: str | None) -> None:
            if name is None:
                return
            file = Path(name).expanduser()

            def job() -> int:
                found, body = delivery_sheet(workspace, day, file.suffix[1:].lower())
                with whole_file(file) as stream:
                    stream.write(body)
                return len(found.deliveries)

            self.save(job, lambda count: self.app.say(t("receipts.written", count=count, file=file.name)))

        field = TextField(max_length=200, composing=False)
        field.value = str(Path.home() / f"giao-nhan-{day.isoformat()}.xlsx")
        title = t("receipts.ask_title", date=show_date(day))
        self.app.push_screen(Ask(title, t("receipts.ask_text"), field=field, check=_sheet_name), write)

    # ---- numbers

    def masked_record(self) -> tuple[str, str] | None:
        """Type and id of the record whose number is hidden in the line under the cursor."""
        row = self.query_one("#lines", RowList).cursor_row if self.place is not None else None
        return self.current.masked_record(self.place, row.key) if row is not None and self.place else None

    def paint_numbers(self) -> None:
        """Show the line in full anew."""
        self._to_detail()


def _sheet_name(typed: str) -> str:
    return "" if Path(typed).suffix[1:].lower() in FORMATS else t("receipts.ask_type")


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


def attention_words(place: Place | None) -> str:
    """What needs a person, a line each."""
    if place is None:
        return ""
    states = Counter(one.state for one in place.questions)
    stopped = Counter(one.state for one in place.items)
    lines = []
    if clock := clock_words(place):
        lines.append(f"{symbol('warning')} {clock}")
    if states[OPEN]:
        lines.append(t("sync.attention_open", conflict=symbol("conflict"), count=states[OPEN]))
    for name in ("held", "rejected"):
        if stopped[name]:
            lines.append(t(f"sync.attention_{name}", warning=symbol("warning"), count=stopped[name]))
    if states[SETTLED]:
        lines.append(t("sync.attention_settled", steady=symbol("steady"), count=states[SETTLED]))
    leases = place.sync.leases
    lines += [f"{symbol('warning')} {one.words()}" for one in leases if one.state is not LeaseState.FINE]
    return "\n".join(lines) or t("sync.attention_none")
