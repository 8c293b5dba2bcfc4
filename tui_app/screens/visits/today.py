"""Hôm nay (F3): the doors of the walk, what became of each today, and one key for the commonest outcomes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.records.visits import VisitOutcome
from tui_app.screens.frame.deeds import take_back
from tui_app.screens.roster.roster_pane import RosterPane
from tui_app.screens.roster.with_roster import ROSTER, WithRoster
from tui_app.screens.visits.saved_visits import SavedVisit, forget_saved, last_saved, note_saved
from tui_app.services.access import gate
from tui_app.services.access.gate import Shut
from tui_app.services.cases import alerts
from tui_app.services.cases.alerts import AlertLine
from tui_app.services.people import doors, people
from tui_app.services.people.doors import Door, DoorState
from tui_app.services.risk import assignments
from tui_app.services.risk.assignments import Given
from tui_app.services.station import unplaced
from tui_app.services.sweeps import sweep_here, sweep_words
from tui_app.services.sweeps.sweep_states import SweepHere
from tui_app.services.visits import visits
from tui_app.text import fold
from tui_app.widgets import alert_words, door_rows
from tui_app.widgets.locked_words import locked_words
from tui_app.widgets.row_list import RowList
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.text_field import TextField
from tui_app.widgets.visit_sheet import label
from tui_app.widgets.warning_line import WarningLine

TABS: dict[str, frozenset[DoorState]] = {
    "all": frozenset(DoorState),
    "left": frozenset({DoorState.LEFT, DoorState.DRAFT, DoorState.PARTLY}),
    "done": frozenset({DoorState.MET}),
    "absent": frozenset({DoorState.ABSENT, DoorState.REFUSED, DoorState.MOVED, DoorState.EMPTY}),
}
GIVEN = "given"
"""The tab of doors where somebody is given out for today; it stands while there are some."""
COUNTED = (DoorState.MET, DoorState.PARTLY, DoorState.ABSENT, DoorState.DRAFT, DoorState.LEFT)


class TodayScreen(WithRoster):
    """Households in walking order. The list is read in a worker; filter and tabs work on what was read."""

    AUTO_FOCUS = "#doors"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "visit", "today.key_visit", id="today.visit", tooltip="today.key_visit_tip"),
        Binding(
            "v", "outcome('absent')", "today.key_absent", id="today.absent", tooltip="today.key_absent_tip"
        ),
        Binding(
            "r",
            "outcome('refused')",
            "today.key_refused",
            id="today.refused",
            tooltip="today.key_refused_tip",
        ),
        Binding("b", "outcome('empty')", show=False, id="today.empty", tooltip="today.key_empty_tip"),
        Binding("s", "sweep", show=False, id="today.sweep", tooltip="today.key_sweep_tip"),
        Binding("w", "walk", show=False, id="today.walk", tooltip="today.key_walk_tip"),
        Binding("u", "unplaced", show=False, id="today.unplaced", tooltip="unplaced.command"),
        Binding("n", "new", "today.key_new", id="today.new", tooltip="today.key_new_tip"),
        Binding("slash", "filter", "today.key_filter", id="today.filter", tooltip="today.key_filter_tip"),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "today.key_next_tab",
            id="today.next_tab",
            tooltip="today.key_next_tab_tip",
        ),
        Binding(
            "left_square_bracket",
            "tab(-1)",
            show=False,
            id="today.previous_tab",
            tooltip="today.key_previous_tab_tip",
        ),
        Binding("o", "open", "today.key_open", id="today.open", tooltip="today.key_open_tip"),
        Binding("m", "outcome('moved')", show=False, id="today.moved", tooltip="today.key_moved_tip"),
        Binding("ctrl+z", "undo", show=False, id="today.undo", tooltip="today.key_undo_tip"),
        Binding("escape", "unfilter", show=False, id="today.unfilter", tooltip="today.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.doors: list[Door] = []
        self._shown: list[Door] = []
        self._has_area = True
        self._read_once = False
        self._shut: Shut = Shut()
        self._alerts: list[AlertLine] = []
        self._sweep: SweepHere | None = None
        self._given: dict[str, list[Given]] = {}

    def compose(self) -> ComposeResult:
        """Title, tabs, the filter when it is used, the list."""
        yield from self.frame_top("app.key_today")
        yield WarningLine(id="alerts")
        yield WarningLine(id="locked")
        yield WarningLine(id="unplaced")
        yield TabLine([], id="tabs")
        yield TextField(id="filter", placeholder=t("today.filter"))
        yield RowList(door_rows.columns(), id="doors", states=False, empty=t("widgets.list_loading"))
        yield RosterPane(id="roster_pane")
        yield WarningLine(id="why")
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The filter shows once it is asked for, the roster once its tab is chosen."""
        self.query_one("#filter").display = False
        self._pane.display = False

    # ---- reading

    def records_changed(self) -> None:
        """After a sync; a screen behind another one reads when it comes to the front."""
        self.fresh = False
        if self.is_current:
            self.reload()

    def reload(self, at: str | None = None) -> None:
        """Read the doors anew. ``at``: household to put the cursor on."""
        day, now = self.app.today(), self.app.clock()
        self.fresh = False

        def job(c: Any) -> tuple[list[Door], bool, Shut, list[AlertLine], dict[str, list[Given]]]:
            given = assignments.by_household(c, day)
            return doors.doors(c, day), bool(people.areas(c)), gate.shut(c), alerts.open_alerts(c, now), given

        def show(answer: tuple[list[Door], bool, Shut, list[AlertLine], dict[str, list[Given]]]) -> None:
            self.doors, self._has_area, self._shut, self._alerts, self._given = answer
            self._read_once, self.fresh = True, self.is_behind_dialogs
            self._paint(at)

        self.read(job, show, group="doors")
        if self._on_roster:
            self._pane.reload()
        self.read(lambda c: sweep_here.on_laptop(c, day), self._sweep_counted, group="sweep")
        self.read(lambda c: unplaced.waiting(c, day), self._unplaced_counted, group="unplaced")

    def _read_given(self) -> None:
        day = self.app.today()

        def show(given: dict[str, list[Given]]) -> None:
            self._given = given
            self._paint_tabs()

        self.read(lambda c: assignments.by_household(c, day), show, group="given")

    def _unplaced_counted(self, count: int) -> None:
        self.query_one("#unplaced", WarningLine).say(t("unplaced.waiting", count=count) if count else "")

    def _sweep_counted(self, found: SweepHere | None) -> None:
        self._sweep = found
        self._paint_title()

    # ---- showing

    @property
    def _doors(self) -> RowList:
        return self.query_one("#doors", RowList)

    @property
    def door(self) -> Door | None:
        """The door under the cursor."""
        row = self._doors.cursor_row
        if row is None:
            return None
        place = self._doors.cursor
        return self._shown[place] if place < len(self._shown) else None

    def _paint_tabs(self) -> None:
        counted = doors.summary(self.doors)
        shown = [
            Tab(key, f"today.tab_{key}", sum(counted[state] for state in kept)) for key, kept in TABS.items()
        ]
        if self._given:
            shown.append(
                Tab(GIVEN, "today.tab_given", sum(door.household in self._given for door in self.doors))
            )
        named = [] if self._shut.viewer else [Tab(ROSTER, "roster.tab")]
        self.query_one("#tabs", TabLine).show([*shown, *named])

    def _paint(self, at: str | None = None) -> None:
        self._paint_tabs()
        self.query_one("#locked", WarningLine).say(locked_words(self._shut))
        self.query_one("#alerts", WarningLine).say(alert_words.waiting(self._alerts))
        self._paint_title()
        words = fold(self._filter.value).split()
        tab = self.query_one("#tabs", TabLine).chosen or "all"
        if tab == ROSTER:
            self._pane.narrow(words)
            return
        kept = self._of_given() if tab == GIVEN else [d for d in self.doors if d.state in TABS[tab]]
        self._shown = [door for door in kept if door.matches(words)]
        self._doors.empty = self._empty_words()
        given = self._given if tab == GIVEN else {}
        self._doors.set_columns(door_rows.columns(given=tab == GIVEN))
        self._doors.show(door_rows.DoorSource(self._shown, given), at=at)

    def _of_given(self) -> list[Door]:
        return [door for door in self.doors if door.household in self._given]

    def _paint_title(self) -> None:
        counted = doors.summary(self.doors)
        said = [t(f"today.count_{state}", count=counted[state]) for state in COUNTED if counted[state]]
        title = [t("today.title", date=show_date(self.app.today())), sweep_words.long(self._sweep)]
        counts = self._pane.counts if self._on_roster else " · ".join(said)
        self.set_title(" · ".join(filter(None, title)), counts)

    def _empty_words(self) -> str:
        if not self._read_once:
            return t("widgets.list_loading")
        if self._shut.viewer:
            return t("gate.today_counts", households=self._shut.households, persons=self._shut.persons)
        if not self.doors:
            return t("today.empty_none" if self._has_area else "today.empty_no_area")
        if self._filter.value.strip():
            return t("today.empty_filter", words=self._filter.value.strip())
        return t("today.empty_tab")

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._filter.placeholder = self._filter_words
        self._doors.set_columns(door_rows.columns())
        self._pane.language_changed()
        self._paint()

    # ---- doors

    @on(RowList.Highlighted, "#doors")
    def _door_changed(self) -> None:
        self.query_one("#why", WarningLine).say("")

    @on(RowList.Selected, "#doors")
    def action_visit(self) -> None:
        """Open the visit sheet of the door under the cursor."""
        from tui_app.screens.visits.visit import VisitScreen

        door = self.door
        if door is not None:
            self.app.push_screen(VisitScreen(door.household, self._shown))

    def action_open(self) -> None:
        """Look at the household."""
        from tui_app.screens.people.household import HouseholdScreen

        door = self.door
        if door is not None:
            self.app.push_screen(HouseholdScreen(door.household))

    def action_new(self) -> None:
        """Add a household."""
        from tui_app.screens.people.household_form import HouseholdForm

        self.app.push_screen(HouseholdForm(), self._made)

    def _made(self, household: str | None) -> None:
        from tui_app.screens.people.household import HouseholdScreen

        if household:
            self.reload(at=household)
            self.app.push_screen(HouseholdScreen(household))

    def action_sweep(self) -> None:
        """The sweep of today, or the latest."""
        from tui_app.screens.sweeps.sweep import SweepScreen

        self.app.push_screen(SweepScreen(self._sweep.campaign if self._sweep else ""))

    def action_unplaced(self) -> None:
        """Households of a unit that was split."""
        from tui_app.screens.people.unplaced import UnplacedScreen

        self.app.push_screen(UnplacedScreen())

    def action_walk(self) -> None:
        """The order in which the alley of this door is walked."""
        from tui_app.screens.people.walking import WalkingScreen

        door = self.door
        if door is not None:
            self.app.push_screen(WalkingScreen(door.household), lambda _: self.reload(at=door.household))

    def action_outcome(self, code: str) -> None:
        """Save a visit at which nobody was asked, and go to the next door."""
        door, outcome = self.door, VisitOutcome(code)
        if door is None:
            return
        word = code_word("outcome", outcome).lower()
        if door.state == DoorState.MET or (door.state == DoorState.PARTLY and door.asked):
            self.query_one("#why", WarningLine).say(t("today.already_met"))
            return
        if door.state == DoorState.DRAFT:
            self.query_one("#why", WarningLine).say(t("today.has_draft", outcome=word))
            return
        store, who = self.workspace.store, self.workspace.user
        name = label(door.code, door.address)

        def then(visit: str) -> None:
            note_saved(self.app, SavedVisit(visit, door.household, name, who))
            following = doors.next_door(self._shown, door.household)
            self._set_state(door.household, DoorState(code))
            self._paint(at=following.household if following else door.household)
            self.app.say(t("visit.saved_outcome", label=name, outcome=word))

        self.save(lambda: visits.record_outcome(store, who, door.household, outcome), then)

    def _set_state(self, household: str, state: DoorState) -> None:
        self.doors = [
            replace(door, state=state) if door.household == household else door for door in self.doors
        ]

    def action_undo(self) -> None:
        """Take back the last save of this session."""
        if self._on_roster:
            take_back(self, self._roster_saved)
            return
        saved = last_saved(self.app)
        if saved is None:
            self.app.say(t("visit.nothing_to_undo"))
            return
        store, who = self.workspace.store, self.workspace.user

        def then(_: str) -> None:
            forget_saved(self.app, saved)
            self.app.say(t("today.taken_back", label=saved.label))
            self.reload(at=saved.household)

        self.save(lambda: visits.withdraw_visit(store, who, saved.visit), then)
