"""The ward's week as one team types it: the grid, the answers to alerts, the card of a case, the board of yesterday."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.pilot import Pilot

from tests.screens.case_steps import on_line, swab, type_in
from tests.screens.conftest import PASSWORD, type_burst
from tests.screens.f0_ward import silence
from tests.screens.hands import Hands
from tests.screens.street import press, rows, settle, shown
from tests.week import plan as planned
from tests.week.by_hand import slot
from tests.week.plan import Correction, Patient, Plan, Sheet
from tui_app.app import GonhaApp
from tui_app.clock import show_date, show_time
from tui_app.screens.cases.f0_board import F0BoardScreen
from tui_app.screens.cases.f0_list import F0ListScreen
from tui_app.screens.cases.f0_past import F0PastScreen
from tui_app.screens.frame.unlock import UnlockScreen
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.screens.vitals.alert import AlertScreen
from tui_app.screens.vitals.spo2_again import Spo2AgainScreen
from tui_app.screens.vitals.vitals_grid import VitalsGridScreen
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import fit_name
from tui_app.widgets.vitals_table import VitalsTable

WORDS = {
    "danger": "nguy cấp",
    "worse": "nặng lên",
    "overdue": "quá hạn",
    "missing": "bỏ lỡ",
    "due": "đến giờ",
    "done": "đã đo",
    "away": "nơi khác",
    "ended": "kết thúc",
    "late": "chưa báo",  # danger nobody was told of for half an hour
}
IN_TITLE = ("danger", "worse", "overdue", "missing", "due", "done")

Board = list[tuple[str, ...]]


class TeamAtKeys:
    """One program kept open all week, locked for the night. ``team``: whom it types."""

    def __init__(
        self, app: GonhaApp, pilot: Pilot[None], clock: Hands, plan: Plan, team: Sequence[Patient]
    ) -> None:
        self.app, self.pilot, self.clock, self.plan, self.team = app, pilot, clock, plan, team
        self.now = clock().astimezone(plan.patients[0].chart.since.tzinfo)
        self.typed, self.seconds = 0, 0.0  # rows of the rounds, and how long they took

    async def press(self, *keys: str) -> None:
        await press(self.app, self.pilot, *keys)

    async def type(self, text: str) -> None:
        await type_burst(self.app, text)
        await settle(self.app, self.pilot)

    def at(self, moment: datetime) -> None:
        """Time passes."""
        self.clock.at(moment)
        self.now = moment

    async def minute(self) -> None:
        """A program that is open notices each minute."""
        self.app._tick()
        await settle(self.app, self.pilot)

    async def hear(self) -> None:
        """A sync brought something."""
        self.app.tell_screens("records_changed")
        await settle(self.app, self.pilot)

    async def lock(self) -> None:
        """Leave the laptop until the next half-day."""
        await self.press("ctrl+p")
        await self.type("khoa may\r")
        assert isinstance(self.app.screen, UnlockScreen)

    async def unlock(self) -> None:
        await self.type(PASSWORD + "\r")
        assert not isinstance(self.app.screen, UnlockScreen)

    # ---- the board

    async def board(self) -> None:
        await self.press("f4")
        assert isinstance(self.app.screen, F0BoardScreen), shown(self.app)

    def rows(self) -> Board:
        """All rows of the list in view, as they are painted."""
        source = self.app.screen.query_one("#patients", RowList).source
        return [tuple(map(str, row.cells)) for row in source.window(0, source.count())]

    async def look(self, where: str) -> Board:
        """The board: its counts and every row as the charts have it."""
        await self.board()
        wanted = {
            one.name: WORDS["late" if one.chart.late(self.now) else standing]
            for one in self.plan.everybody
            if (standing := one.chart.stands(self.now))
        }
        board = self.rows()
        assert {row[1]: " ".join(row[0].split()[1:]) for row in board} == wanted, where
        title = shown(self.app).splitlines()[0].strip()
        assert title.removeprefix("F0 tại nhà").strip() == self.counts(self.now), where
        await self.press("home")
        first = next(line for line in shown(self.app).splitlines() if line.startswith(">"))
        assert first.startswith(f"> {board[0][0]}"), where
        assert fit_name(board[0][1], 14) in first, where
        return board

    def counts(self, at: datetime) -> str:
        """What the title says of a moment, as the charts have it."""
        counted = self.plan.counts(at)
        return " · ".join(f"{counted[one]} {WORDS[one]}" for one in IN_TITLE if counted[one])

    async def as_it_was_known(self, moment: datetime, board: Board) -> None:
        """The board of another moment, asked for by day and time, and back to now."""
        await self.board()
        day, time = show_date(moment.date()), show_time(moment)
        await self.press("b", "ctrl+u")
        await type_burst(self.app, day)
        await self.pilot.press("tab", "ctrl+u")
        await self.type(f"{time}\r")
        assert isinstance(self.app.screen, F0PastScreen), shown(self.app)
        assert f"Bảng như đã biết lúc {time} ngày {day}, chỉ để xem" in shown(self.app)
        assert self.rows() == board
        assert shown(self.app).splitlines()[0].endswith(self.counts(moment))
        await self.press("escape")
        assert isinstance(self.app.screen, F0BoardScreen)

    # ---- the grid

    async def measure(self, half: int, rows: Sequence[tuple[Patient, Sheet]], back: int = 0) -> None:
        """Type readings down the grid of a half-day; ``back``: how many half-days before the present one."""
        if not rows:
            return
        sheets = {one.case: (one, sheet) for one, sheet in rows}
        await self.board()
        await self.press("g", *["left_square_bracket"] * back, "home")
        assert isinstance(self.app.screen, VitalsGridScreen)
        assert self.app.screen.slot == slot(half)
        burst = ""
        for line in list(self.app.screen.query_one(VitalsTable).lines):
            one, sheet = sheets.pop(line.patient.case, (None, None))
            if one is None or sheet is None:
                burst += "\r"
                continue
            spo2 = "" if sheet.spo2 is None else str(sheet.spo2)
            burst += f"368{sheet.pulse}\t{sheet.breaths}\t{spo2}\r"
            self.typed += 1
            at = planned.end_of(half) if back else self.now
            reading = planned.measured(one, half, sheet, at, self.now, asked=False)
            if reading.alerts:
                await self.type(burst)
                burst = ""
                await self.answer()
                reading.told = self.now
        assert not sheets, "who is to be measured stands in the grid"
        await self.type(burst)
        await self.press("escape")

    async def correct(self, slip: Correction) -> None:
        """Type over a reading of the half-day before."""
        right = planned.corrected(slip, self.now)
        assert right is not None
        await self.board()
        await self.press("g", "left_square_bracket", "home")
        lines = self.app.screen.query_one(VitalsTable).lines
        place = next(at for at, line in enumerate(lines) if line.patient.case == slip.patient.case)
        await self.type("\r" * place + f"368{right.pulse}\t{right.breaths}\t{right.spo2}\r")
        if right.alerts:
            await self.answer()
            right.told = self.now
        await self.press("escape")

    async def answer(self) -> None:
        """A danger sign was typed: no second SpO2, and whom it was told."""
        if isinstance(self.app.screen, Spo2AgainScreen):
            await silence(self.app)
            await self.press("escape")
        assert isinstance(self.app.screen, AlertScreen), shown(self.app)
        await silence(self.app)
        await self.press("enter")  # no answer: scanners send it
        assert isinstance(self.app.screen, AlertScreen)
        await silence(self.app)
        await self.press("a")
        await silence(self.app)
        await self.type("BS Hà\r")
        assert not isinstance(self.app.screen, AlertScreen), shown(self.app)

    async def answer_first(self) -> None:
        """The alert that waits longest, from the board."""
        await self.board()
        await self.press("home")
        screen = self.app.screen
        assert isinstance(screen, F0ListScreen)
        assert screen.patient is not None
        name = screen.patient.full_name
        await self.press("a")
        assert isinstance(self.app.screen, AlertScreen)
        await silence(self.app)
        await self.press("a")
        await silence(self.app)
        await self.type("BS Hà\r")
        one = next(one for one in self.plan.everybody if one.name == name)
        one.chart.unheard(self.now)[0].told = self.now

    # ---- a case

    async def card(self, one: Patient) -> None:
        """The F0 tab of a patient, found by name."""
        await self.press("f2")
        await self.type(one.name)
        await self.press("enter")
        assert isinstance(self.app.screen, PersonCardScreen)
        assert one.name in shown(self.app).splitlines()[0]
        await self.press("right_square_bracket")

    async def do(self, deed: str, one: Patient) -> None:
        """What is done with a patient besides measuring."""
        app, pilot = self.app, self.pilot
        if deed == "release":
            self.negative_test(one)
        await self.card(one)
        match deed:
            case "refer":
                await self.press("x")
                await type_in(app, pilot, "BV Quận 11\tmệt", "ctrl+s", "escape")
                await on_line(app, pilot, "Chuyển viện", "enter", "2")
                await type_in(app, pilot, "BS Nam\tc", "ctrl+s")
            case "hospital" | "home":
                await self.press("d", "1")
                await type_in(app, pilot, "1" if deed == "home" else "2", "ctrl+s")
            case "reopen":
                await self.press("r")
                await self.type("chưa đi\r")
            case "release":
                assert "ĐƯỢC kết thúc" in shown(app)
                await self.press("k", "ctrl+s")
            case outcome:
                await self.press("k", {"recovered": "1", "moved_out": "4", "mistaken": "5"}[outcome])
                await type_in(app, pilot, "theo dõi đủ", "ctrl+s")
        planned.done(deed, one, self.now)

    def negative_test(self, one: Patient) -> None:
        """Of day 7, taken at the station under somebody's eyes."""
        [(person,)] = rows(self.app, 'SELECT person FROM "case" WHERE id = ?', one.case)
        swab(self.app.open_workspace, person, self.now, "negative", "BS Hà")
