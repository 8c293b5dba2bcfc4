"""Điều hành (F8): six numbers of a reporting day with yesterday and fourteen days; teams, laptops, what records lack,
what people ask of their data.
Enter on any of them lists the records behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import to_wire
from tui_app.i18n import t
from tui_app.screens.frame.base import ReadingScreen
from tui_app.screens.frame.counted import Counted, CountedScreen
from tui_app.services.access import gate
from tui_app.services.command import quality, teams, words
from tui_app.services.command.approval import DayReview, day_review
from tui_app.services.command.days import day_at
from tui_app.services.command.numbers import HOUSEHOLDS, UNSENT, Overview, overview
from tui_app.services.command.quality import Flaw
from tui_app.services.command.teams import TeamLine
from tui_app.services.requests import register
from tui_app.services.requests.register import Request
from tui_app.widgets import command_rows, request_rows
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource, Row
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.warning_line import WarningLine

TABS = ("teams", "laptops", "quality", "requests")
LONG_AGO = timedelta(days=1)
"""A laptop whose last sync is older is one to ask about."""
_EMPTY = {"teams": "command.empty_teams", "requests": "privacy.empty_open"}
OF_TEAM = (
    ("danger", "case"),
    ("late", "case"),
    ("followed", "case"),
    ("given", "household"),
    ("done", "household"),
    ("visits", "household_visit"),
    ("readings", "observation"),
)
"""Figures of a team and the record type behind each."""


@dataclass(frozen=True, slots=True)
class CommandPlace:
    """What the screen shows, read at once."""

    seen: Overview
    review: DayReview
    teams: tuple[TeamLine, ...]
    left_out: str


class CommandScreen(ReadingScreen[None]):
    """``on``: the reporting day, None for the one that runs."""

    leaves_when_refused = True
    AUTO_FOCUS = "#numbers"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "command.key_open", id="command.open", tooltip="command.key_open_tip"),
        Binding("d", "review", "command.key_review", id="command.review", tooltip="command.key_review_tip"),
        Binding("tab", "other", "command.key_other", id="command.other", tooltip="command.key_other_tip"),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "command.key_tab",
            id="command.next_tab",
            tooltip="command.key_tab_tip",
        ),
        Binding("left_square_bracket", "tab(-1)", show=False, system=True, id="command.previous_tab"),
        Binding("left", "day(-1)", "command.key_day", id="command.day_before", tooltip="command.key_day_tip"),
        Binding("right", "day(1)", show=False, system=True, id="command.day_after"),
        Binding("escape", "back", "app.key_back", id="command.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.on: date | None = None
        self.place: CommandPlace | None = None
        self._flaws: list[Flaw] | None = None
        self._requests: list[Request] | None = None

    def compose(self) -> ComposeResult:
        """Which units are left out, the numbers above, a tab's list below."""
        yield from self.frame_top("command.title")
        yield WarningLine(id="locked")
        yield RowList(command_rows.number_columns(), id="numbers", empty=t("widgets.list_loading"))
        yield TabLine([Tab(tab, f"command.tab_{tab}") for tab in TABS], id="tabs")
        yield RowList([], id="lines", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """What is late is read again each minute."""
        self.watch(self.app, "minute", self._minute_passed, init=False)

    def _minute_passed(self) -> None:
        if self.is_current and self.on is None:
            self._read_numbers()

    def reload(self) -> None:
        """Read the numbers; the look through all persons for flaws comes behind them."""
        self._read_numbers()
        self._read_requests()
        now = self.app.clock()

        def show(flaws: list[Flaw]) -> None:
            self._flaws = flaws
            self._paint()

        self.read(lambda c: quality.flaws(c, now), show, group="flaws")

    def _read_numbers(self) -> None:
        now, on = self.app.clock(), self.on

        def job(c: Any) -> CommandPlace:
            seen = overview(c, now, on)
            review = day_review(c, seen.day.on)
            return CommandPlace(seen, review, tuple(teams.teams(seen, review)), gate.left_out(c))

        def show(place: CommandPlace) -> None:
            self.place = place
            self._paint()

        self.read(job, show, group="command")

    def _read_requests(self) -> None:
        today = self.app.today()

        def show(found: list[Request]) -> None:
            self._requests = found
            self._paint()

        self.read(lambda c: register.requests(c, today, open_only=True), show, group="requests")

    # ---- showing

    @property
    def _numbers(self) -> RowList:
        return self.query_one("#numbers", RowList)

    @property
    def _lines(self) -> RowList:
        return self.query_one("#lines", RowList)

    @property
    def _tab(self) -> str:
        return self.query_one("#tabs", TabLine).chosen

    def _paint(self) -> None:
        place = self.place
        if place is None:
            return
        day = words.day_words(place.seen.day)
        self.set_title(t("command.title_day", date=day), words.standing(place.review))
        self.query_one("#locked", WarningLine).say(place.left_out)
        self._numbers.set_columns(command_rows.number_columns())
        self._numbers.show(ListSource([command_rows.number_row(one) for one in place.seen.numbers]))
        wrong = None if self._flaws is None else sum(bool(one.ids) for one in self._flaws)
        counts = {"teams": len(place.teams), "laptops": len(place.seen.fleet.lines), "quality": wrong}
        counts["requests"] = None if self._requests is None else len(self._requests)
        self.query_one("#tabs", TabLine).show([Tab(tab, f"command.tab_{tab}", counts[tab]) for tab in TABS])
        asked = self._tab == "requests"
        self._lines.set_columns(request_rows.columns() if asked else command_rows.columns(self._tab))
        self._lines.empty = t(_EMPTY.get(self._tab, "command.empty_quality"))
        self._lines.show(ListSource(self._rows(place)))

    def _rows(self, place: CommandPlace) -> list[Row]:
        if self._tab == "teams":
            return list(map(command_rows.team_row, place.teams))
        if self._tab == "laptops":
            fleet, recently = place.seen.fleet, to_wire(self.app.clock() - LONG_AGO)
            known = [command_rows.laptop_row(line, recently) for line in fleet.lines]
            return known if fleet.told else [*known, command_rows.untold_row()]
        if self._tab == "requests":
            return [request_rows.row(one, self.app.today()) for one in self._requests or ()]
        return list(map(command_rows.flaw_row, self._flaws or ()))

    def language_changed(self) -> None:
        """Lists hold finished words."""
        super().language_changed()
        self._paint()

    @on(TabLine.Chosen)
    def _tab_chosen(self) -> None:
        self._paint()

    # ---- keys

    def action_tab(self, by: int) -> None:
        """Next or previous list."""
        self.query_one("#tabs", TabLine).step(by)

    def action_other(self) -> None:
        """From the numbers to the list below, and back."""
        (self._lines if self._numbers.has_focus else self._numbers).focus()

    def action_day(self, by: int) -> None:
        """The day before or after, the one that runs at the latest."""
        if self.place is None:
            return
        wanted, now = self.place.seen.day.on + timedelta(days=by), self.app.clock()

        def go(today: date) -> None:
            self.on = None if wanted >= today else wanted
            self._read_numbers()

        self.read(lambda c: day_at(c, now), go, group="day")

    def action_review(self) -> None:
        """Approve, return, close the day; from a team's row what that team wrote."""
        from tui_app.screens.command.review import ReviewScreen

        place, row = self.place, self._lines.cursor_row
        if place is None:
            return
        who = None
        if self._lines.has_focus and self._tab == "teams" and row is not None:
            who = self._team(place, row).who or None
        self.app.push_screen(ReviewScreen(place.seen.day.on, who))

    def _team(self, place: CommandPlace, row: Row) -> TeamLine:
        return next(one for one in place.teams if command_rows.team_row(one).key == row.key)

    @on(RowList.Selected)
    async def action_open(self) -> None:
        """The records behind the line under the cursor; behind this laptop what waits to be sent."""
        place = self.place
        lines = self._numbers if self._numbers.has_focus else self._lines
        row = lines.cursor_row
        if place is None or row is None:
            return
        if lines is self._numbers:
            self._open_number(place, row.key)
        elif self._tab == "teams":
            self._open_team(self._team(place, row))
        elif self._tab == "laptops":
            if any(one.own and (one.device or "own") == row.key for one in place.seen.fleet.lines):
                await self.app.action_go("sync")
            else:
                self.app.say(t("command.of_other_laptop"))
        elif self._tab == "quality":
            flaw = next(one for one in self._flaws or () if one.name == row.key)
            self._show(str(row.cells[0]), flaw.kind, flaw.ids)

        elif self._tab == "requests":
            from tui_app.screens.privacy.request import RequestScreen

            self.app.push_screen(RequestScreen(row.key))

    def _open_number(self, place: CommandPlace, name: str) -> None:
        number = place.seen.number(name)
        if name == UNSENT:
            self.query_one("#tabs", TabLine).choose("laptops")
            self._lines.focus()
            return
        heading = str(command_rows.number_row(number).cells[0])
        if name == HOUSEHOLDS and place.seen.doors.given:
            left, done = number.ids, tuple(sorted(place.seen.doors.done))
            self._push(heading, [("left", number.kind, left), ("done", number.kind, done)])
        else:
            self._show(heading, number.kind, number.ids)

    def _open_team(self, line: TeamLine) -> None:
        heading = str(command_rows.team_row(line).cells[0])
        self._push(heading, [(name, kind, tuple(getattr(line, name))) for name, kind in OF_TEAM])

    def _show(self, heading: str, kind: str, ids: tuple[str, ...]) -> None:
        if ids:
            self._push(heading, [("records", kind, ids)])
        else:
            self.app.say(t("command.no_records"))

    def _push(self, heading: str, figures: list[tuple[str, str, tuple[str, ...]]]) -> None:
        counted = [Counted(name, f"command.team_{name}", kind, ids) for name, kind, ids in figures]
        self.app.push_screen(CountedScreen(heading, counted))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)
