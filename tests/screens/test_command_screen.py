"""Điều hành and the review of a day by keys: numbers, what lies behind them, approving, returning, closing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sync import outbox
from tests.screens.conftest import AREA, USER, type_burst
from tests.screens.f0_ward import HANG, MORNING, TI, measured, three_patients
from tests.screens.street import at_work, line_with, press, rows, settle, shown
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock, pinned_clock, to_wire
from tui_app.records.visits import VisitOutcome
from tui_app.screens.command.command import CommandScreen
from tui_app.screens.command.review import ReviewScreen
from tui_app.screens.exchange.sync import SyncScreen
from tui_app.screens.frame.counted import CountedScreen
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.services.risk import assignments
from tui_app.services.visits import visits
from tui_app.settings import Places
from tui_app.widgets.row_list import RowList


@pytest.fixture
def clock() -> Clock:
    """09:05 on 20/02/2022: before any morning reading is overdue."""
    return pinned_clock(MORNING)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def made(workspace: Workspace) -> None:
        found = three_patients(workspace)
        measured(workspace, found[HANG], MORNING, temperature_c=38.6, respiratory_rate=28, spo2=89)
        measured(workspace, found[TI], MORNING, temperature_c=36.9, respiratory_rate=17, spo2=98)

    return made


async def test_the_numbers_and_the_records_behind_them(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f8")
        assert isinstance(app.screen, CommandScreen)
        assert "Điều hành · 20/02/2022" in shown(app)
        # the three were entered this morning, so nobody followed them yesterday
        assert line_with(app, "Đang theo dõi tại nhà").split()[-3:-1] == ["3", "0"]
        assert "!!" in line_with(app, "chưa xử trí")
        assert line_with(app, "minh").split()[2:] == ["–", "0", "0", "1", "0", "0", "0"]
        await press(app, pilot, "down", "down", "enter")
        assert isinstance(app.screen, CountedScreen)
        assert HANG in shown(app)
        assert TI not in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, PersonCardScreen)
        await press(app, pilot, "escape", "escape")
        assert isinstance(app.screen, CommandScreen)


async def test_teams_laptops_and_flaws(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f8", "tab", "enter")
        assert isinstance(app.screen, CountedScreen)
        assert "Đang theo dõi 2" in shown(app)
        await press(app, pilot, "escape", "right_square_bracket")
        assert "(máy này)" in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, SyncScreen)
        await press(app, pilot, "escape")
        await press(app, pilot, "right_square_bracket")
        assert line_with(app, "Người không có số giấy tờ nào").split()[-1] == "3"
        await press(app, pilot, "enter")
        assert isinstance(app.screen, CountedScreen)
        assert HANG in shown(app)


async def test_the_day_before_and_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f8", "left")
        assert "Điều hành · 19/02/2022" in shown(app)
        assert "!!" not in line_with(app, "Đang theo dõi tại nhà")
        await press(app, pilot, "right", "right")
        assert "Điều hành · 20/02/2022" in shown(app)


async def test_an_evening_approve_return_close_and_open_again(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f8", "d")
        assert isinstance(app.screen, ReviewScreen)
        # two readings of this morning; three cases were written today as well
        assert "Chưa duyệt 5" in shown(app)
        assert f"{HANG} !! · SpO2 89" in " ".join(line_with(app, "> ?").split()), "danger signs first"
        assert "!! · SpO2 89 · 38,6 °C · thở 28" in shown(app), "all of it below the list"
        await press(app, pilot, "c")
        assert rows(app, "SELECT decision FROM review") == [], "the day is not closed while something waits"
        await press(app, pilot, "a")
        assert rows(app, "SELECT record_type, decision, changed_by FROM review") == [
            ("observation", "approved", USER)
        ]
        await press(app, pilot, "r")
        await type_burst(app, "\r")
        assert "phải ghi lý do" in shown(app)
        await type_burst(app, "do lai SpO2\r")
        await settle(app, pilot)
        returned = rows(app, "SELECT reason, returned_to FROM review WHERE decision = 'returned'")
        assert returned == [("do lai SpO2", USER)]
        await press(app, pilot, "d")
        assert "Duyệt cả 3 hồ sơ" in shown(app)
        await press(app, pilot, "c")  # có
        await settle(app, pilot)
        assert "Không còn gì chưa duyệt" in shown(app)
        await press(app, pilot, "c", "c")
        await settle(app, pilot)
        assert rows(app, "SELECT decision FROM review WHERE record_type = 'day'") == [("closed",)]
        assert "đã khóa" in shown(app)
        await press(app, pilot, "o")
        await type_burst(app, "nop muon\r")
        await settle(app, pilot)
        assert rows(app, "SELECT decision, reason FROM review WHERE record_type = 'day' ORDER BY id") == [
            ("closed", None),
            ("reopened", "nop muon"),
        ]
        assert "chưa khóa" in shown(app)


async def test_one_authors_work_is_approved_alone(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        with app.open_workspace.store.work("minh") as work:
            place = work.get("area", AREA.area)
            door = work.create("household", {"address": "30 Lê Lợi"}, place=place)
            said = {"household": door, "at": work.at, "outcome": "absent"}
            work.create("household_visit", said, place=place)
        await press(app, pilot, "f8", "tab")
        while "minh" not in str(app.screen.query_one("#lines", RowList).cursor_row):
            await press(app, pilot, "down")
        await press(app, pilot, "d")
        assert "Duyệt · 20/02/2022 · minh" in shown(app)
        assert "Chưa duyệt 1" in shown(app)
        await press(app, pilot, "d")
        await press(app, pilot, "c")
        assert rows(app, "SELECT record_type FROM review") == [("household_visit",)]
        await press(app, pilot, "escape")
        assert "Chưa duyệt 5" in shown(app)


async def test_doors_left_and_done_stand_behind_their_number(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        store = app.open_workspace.store
        people = [ident for (ident,) in rows(app, "SELECT id FROM person ORDER BY full_name")]
        assignments.assign(store, USER, people[:2], assigned_to="Tổ 3")
        door = rows(app, "SELECT household FROM person WHERE id = ?", people[0])[0][0]
        visits.record_outcome(store, USER, door, VisitOutcome.REFUSED)
        await press(app, pilot, "f8")
        assert "1/2" in line_with(app, "Hộ xong/giao")
        await press(app, pilot, "down", "down", "down", "down", "enter")
        assert "Hộ còn lại 1" in shown(app)
        assert "Hộ đã xong 1" in shown(app)


async def test_units_that_are_locked_are_said_to_be_left_out(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        with app.open_workspace.store.write() as c:
            since = to_wire(clock() - timedelta(days=15))
            outbox.hold_area(c, AREA.area, AREA.commune, "write", since)
        await press(app, pilot, "f8")
        assert "Chưa tính đơn vị đang khóa: Khu phố 1" in shown(app)
        await press(app, pilot, "d")
        assert "Chưa tính đơn vị đang khóa: Khu phố 1" in shown(app)
