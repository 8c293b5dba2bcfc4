"""The board as it was known before: asked by day and time, shown as such, and only to be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.screens.conftest import type_burst
from tests.screens.f0_ward import HANG, HOA, MORNING, TI, measured, three_patients
from tests.screens.street import at_work, line_with, press, rows, settle, shown
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, Clock, pinned_clock
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.cases.f0_board import F0BoardScreen
from tui_app.screens.cases.f0_past import F0PastScreen, moment_typed
from tui_app.settings import Places
from tui_app.widgets.ask_rows import AskRows


@pytest.fixture
def clock() -> Clock:
    return pinned_clock(MORNING)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    """The cases are written four days ago; Hằng falls ill this morning, at 08:25."""

    def falling(workspace: Workspace) -> None:
        now, workspace.store.clock = workspace.store.clock, pinned_clock(MORNING - timedelta(days=4))
        found = three_patients(workspace)
        workspace.store.clock = now
        early = MORNING - timedelta(minutes=40)
        measured(workspace, found[HANG], early, temperature_c=38.6, pulse=88, respiratory_rate=28, spo2=91)
        measured(workspace, found[TI], MORNING, temperature_c=37.1, pulse=80, respiratory_rate=16, spo2=98)

    return falling


async def test_the_end_of_the_last_half_day_is_proposed_and_shown_as_it_was_known(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f4")
        assert HANG in line_with(app, "!! chưa báo")
        await press(app, pilot, "b")
        assert isinstance(app.screen, AskRows)
        await press(app, pilot, "enter", "enter")
        assert isinstance(app.screen, F0PastScreen)
        assert "F0 lúc 23:59 ngày 19/02/2022" in shown(app)


async def test_what_was_written_later_is_not_on_the_board_of_then(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f4", "b")
        await type_burst(app, "\x7f" * 10 + "20/2/2022\t" + "\x7f" * 5 + "8h10\r")
        await settle(app, pilot)
        assert isinstance(app.screen, F0PastScreen)
        assert "F0 lúc 08:10 ngày 20/02/2022" in shown(app).splitlines()[0]
        assert "Bảng như đã biết lúc 08:10 ngày 20/02/2022, chỉ để xem" in shown(app)
        line = line_with(app, "Lê Thị Hằng ")
        assert "98 98 97" in line
        assert "91" not in line
        assert "chưa báo" not in shown(app)
        assert "đã đo" not in line_with(app, f"{TI} ")


async def test_nothing_is_done_from_the_past_and_escape_is_now(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f4")
        app.push_screen(F0PastScreen(datetime(2022, 2, 19, 18, 0, tzinfo=VIETNAM)))
        await settle(app, pilot)
        before = rows(app, "SELECT count(*) FROM outbox")
        for key in ("g", "m", "c", "a", "n", "p", "ctrl+z", "ctrl+s"):
            await press(app, pilot, key)
            assert isinstance(app.screen, F0PastScreen), key
        assert rows(app, "SELECT count(*) FROM outbox") == before
        await press(app, pilot, "slash", *"hoa", "enter")
        assert HANG not in shown(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, F0PastScreen)
        assert HANG in shown(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, F0BoardScreen)
        assert HANG in line_with(app, "!! chưa báo")


async def test_enter_reads_how_a_patient_stood(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f4")
        app.push_screen(F0PastScreen(datetime(2022, 2, 20, 8, 30, tzinfo=VIETNAM)))
        await settle(app, pilot)
        await press(app, pilot, "home", "enter")
        assert isinstance(app.screen, WhyScreen)
        for words in (HANG, "!! nguy cấp", "91", "261/QĐ-BYT", "38,6 °C  08:25"):
            assert words in shown(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, F0PastScreen)


async def test_another_moment_can_be_asked_for_from_there(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f4")
        app.push_screen(F0PastScreen(datetime(2022, 2, 20, 8, 30, tzinfo=VIETNAM)))
        await settle(app, pilot)
        await press(app, pilot, "b")
        await type_burst(app, "\x7f" * 10 + "10/2/2022\r\r")
        await settle(app, pilot)
        assert "Đến lúc ấy máy này chưa biết ca nào" in shown(app)
        assert HOA not in shown(app)


async def test_a_moment_to_come_or_no_time_is_refused_in_its_field(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f4", "b")
        await type_burst(app, "\x7f" * 10 + "20/2/2022\t" + "\x7f" * 5 + "9:06\r")
        await settle(app, pilot)
        assert isinstance(app.screen, AskRows)
        assert "Lúc: lúc này chưa tới" in shown(app)
        await type_burst(app, "\x7f" * 5 + "25:00\r")
        await settle(app, pilot)
        assert "Lúc: ghi giờ và phút, ví dụ 17:30" in shown(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, F0BoardScreen)


@pytest.mark.parametrize(
    ("typed", "hour", "minute"),
    [("17:30", 17, 30), ("17h30", 17, 30), ("1730", 17, 30), ("17h", 17, 0), ("7", 7, 0), ("7.05", 7, 5)],
)
def test_a_time_as_people_write_it_counts_to_the_end_of_its_minute(
    typed: str, hour: int, minute: int
) -> None:
    found = moment_typed({"on": "19/02/2022", "time": typed}, MORNING)
    assert found == datetime(2022, 2, 19, hour, minute, 59, 999000, tzinfo=VIETNAM)
