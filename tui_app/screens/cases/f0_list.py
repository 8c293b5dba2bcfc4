"""The list of the F0 board: reading it, tabs, filters, the panel. What is done with a patient is for the screens that
show it, `F0BoardScreen` as it stands now and `F0PastScreen` as it was known before."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal

from tui_app.clock import VIETNAM
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.rules.rule_set import RuleSets
from tui_app.screens.frame.filtered_list import FilteredListScreen
from tui_app.screens.vitals.taking import TakingScreen
from tui_app.services.access import gate
from tui_app.services.access.gate import Shut
from tui_app.services.cases import alerts
from tui_app.services.cases.alerts import AlertLine
from tui_app.services.cases.board import BoardLine, Standing, board, counts
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.text import fold
from tui_app.widgets import alert_words, f0_rows
from tui_app.widgets.dialogs import Choose
from tui_app.widgets.f0_patient import F0Patient
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.text_field import TextField
from tui_app.widgets.warning_line import WarningLine

TABS: dict[str, frozenset[Standing]] = {
    "all": frozenset(Standing),
    "danger": frozenset({Standing.DANGER, Standing.WORSE}),
    "due": frozenset({Standing.OVERDUE, Standing.MISSING, Standing.DUE}),
    "done": frozenset({Standing.DONE}),
}
ANY, NOBODY = "*", ""  # no filter; patients nobody follows
SHOWN = (Standing.DANGER, Standing.WORSE, Standing.OVERDUE, Standing.MISSING, Standing.DUE, Standing.DONE)


LIST_KEYS = (
    Binding("slash", "filter", "f0.key_filter", id="f0.filter", tooltip="f0.key_filter_tip"),
    Binding("t", "team", "f0.key_team", id="f0.team", tooltip="f0.key_team_tip"),
    Binding("l", "level", "f0.key_level", id="f0.level", tooltip="f0.key_level_tip"),
    Binding(
        "right_square_bracket", "tab(1)", "f0.key_next_tab", id="f0.next_tab", tooltip="f0.key_next_tab_tip"
    ),
    Binding(
        "left_square_bracket", "tab(-1)", show=False, id="f0.previous_tab", tooltip="f0.key_previous_tab_tip"
    ),
)


class F0ListScreen(FilteredListScreen, TakingScreen[None]):
    """The list is read in a worker; tabs, filters and the panel work on what was read."""

    AUTO_FOCUS = "#patients"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]

    def __init__(self) -> None:
        super().__init__()
        self.as_of: datetime | None = None
        self.lines: list[BoardLine] = []
        self._shown: list[BoardLine] = []
        self._alerts: list[AlertLine] = []
        self._sets: RuleSets | None = None
        self._shut = Shut()
        self._read_once = False
        self._team, self._level = ANY, ANY

    def compose(self) -> ComposeResult:
        """Late alerts, tabs, the filter when it is used, the list, and beside or below it the patient."""
        yield from self.frame_top("app.key_f0")
        yield WarningLine(id="late")
        yield WarningLine(id="twice")
        yield WarningLine(id="unsaid")
        yield TabLine([], id="tabs")
        yield TextField(id="filter", placeholder=t("f0.filter"))
        with Horizontal(id="board"):
            yield RowList(f0_rows.columns(), id="patients", states=False, empty=t("widgets.list_loading"))
            yield F0Patient()
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The filter shows once it is asked for; what is due is read again each minute."""
        self.query_one("#filter").display = False
        self.watch(self.app, "minute", self.minute_passed, init=False)

    # ---- reading

    @property
    def moment(self) -> datetime:
        """When the board stands as it is shown."""
        return self.as_of or self.app.clock()

    def minute_passed(self) -> None:
        """What is due may be overdue now."""
        if self.is_current:
            self.reload()

    def reload(self) -> None:
        """Read the board as it stands at its moment."""
        now, as_of = self.app.clock(), self.as_of

        def job(c: Any) -> tuple[list[BoardLine], list[AlertLine], RuleSets, Shut]:
            shut = gate.shut(c)
            return (
                [] if shut.viewer else board(c, now, as_of=as_of),
                alerts.open_alerts(c, now),
                rule_sets(c),
                shut,
            )

        def show(answer: tuple[list[BoardLine], list[AlertLine], RuleSets, Shut]) -> None:
            self.lines, self._alerts, self._sets, self._shut = answer
            self._read_once = True
            self._paint()

        self.read(job, show, group="board")

    # ---- showing

    @property
    def _list(self) -> RowList:
        return self.query_one("#patients", RowList)

    @property
    def patient(self) -> BoardLine | None:
        """The patient under the cursor."""
        place = self._list.cursor
        return self._shown[place] if self._list.count and place < len(self._shown) else None

    @property
    def team(self) -> str | None:
        """The follower the board is filtered by; None for all."""
        return None if self._team == ANY else self._team

    def _of_team(self) -> list[BoardLine]:
        return [
            line
            for line in self.lines
            if self._team in (ANY, line.followed_by) and self._level in (ANY, line.severity_grade)
        ]

    def _paint(self) -> None:
        kept = self._of_team()
        counted = counts(kept)
        tabs = self.query_one("#tabs", TabLine)
        tabs.show(
            [Tab(key, f"f0.tab_{key}", sum(counted[one] for one in states)) for key, states in TABS.items()]
        )
        self._paint_title(counted)
        self.paint_warning()
        words = fold(self._filter.value).split()
        states, today = TABS[tabs.chosen or "all"], self._day
        self._shown = [line for line in kept if line.standing in states and line.matches(words)]
        self._list.empty = self._empty_words()
        source = LazySource(self._shown, lambda line: f0_rows.row_of(line, today), lambda line: line.case)
        self._list.show(source)
        self._paint_patient()

    def _paint_title(self, counted: Counter[Standing]) -> None:
        title = [self.name_of_list()]
        if self._team != ANY:
            title.append(self._team or t("f0.nobody"))
        if self._level != ANY:
            title.append(code_word("severity_grade", self._level))
        said = [t(f"f0.count_{state}", count=counted[state]) for state in SHOWN if counted[state]]
        self.set_title(" · ".join(title), " · ".join(said))

    def name_of_list(self) -> str:
        """What the title says first."""
        return t("app.key_f0")

    def paint_warning(self) -> None:
        """Name the alerts that have waited too long, and who has several open cases."""
        late = any(alert.late for alert in self._alerts)
        self.query_one("#late", WarningLine).say(alert_words.waiting(self._alerts) if late else "")
        twice = {line.person: line for line in self.lines if line.open_cases > 1}
        named = (f"{one.full_name} {t('f0.open_cases', count=one.open_cases)}" for one in twice.values())
        self.query_one("#twice", WarningLine).say(t("f0.twice", people=", ".join(named)) if twice else "")

    def _paint_patient(self) -> None:
        self.query_one(F0Patient).show(self.patient, self._sets, self._day)

    @property
    def _day(self) -> str:
        """ISO day the board is of."""
        return self.moment.astimezone(VIETNAM).date().isoformat()

    def _empty_words(self) -> str:
        if not self._read_once:
            return t("widgets.list_loading")
        if self._shut.viewer:
            return t("f0.empty_viewer")
        if not self.lines:
            return self.nobody_words()
        if self._filter.value.strip():
            return t("f0.empty_filter", words=self._filter.value.strip())
        return t("f0.empty_tab")

    def nobody_words(self) -> str:
        """What to do when there is no case at all."""
        return t("f0.empty_none")

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._filter.placeholder = t("f0.filter")
        self._list.set_columns(f0_rows.columns())
        self._paint()

    @on(RowList.Highlighted, "#patients")
    def _patient_changed(self) -> None:
        self._paint_patient()

    # ---- filters and tabs

    @property
    def is_filtered(self) -> bool:
        """Whether a filter leaves some of the patients out."""
        return self._filter.display or (self._team, self._level) != (ANY, ANY)

    def _widen(self) -> None:
        self._team = self._level = ANY

    def action_team(self) -> None:
        """Show the patients of one follower; one's own come first in the list to choose from."""
        who, counted = self.workspace.user, Counter(line.followed_by for line in self.lines)
        names = sorted(counted, key=lambda name: (name != who, not name, fold(name)))
        options = [(name, f"{name or t('f0.nobody')} ({counted[name]})") for name in names]

        def chosen(name: str | None) -> None:
            if name is not None:
                self._team = name
                self._paint()

        self._choose("f0.choose_team", options, self._team, chosen)

    def action_level(self) -> None:
        """Show the patients of one grade of severity."""
        counted = Counter(line.severity_grade for line in self.lines)
        options = [
            (grade, f"{code_word('severity_grade', grade)} ({counted[grade]})")
            for grade in sorted(counted, reverse=True)
        ]

        def chosen(grade: str | None) -> None:
            if grade is not None:
                self._level = grade
                self._paint()

        self._choose("f0.choose_level", options, self._level, chosen)

    def _choose(self, title: str, options: list[tuple[str, str]], value: str, chosen: Any) -> None:
        every = (ANY, t("f0.everyone", count=len(self.lines)))
        self.app.push_screen(Choose(t(title), [every, *options], value=value), chosen)
