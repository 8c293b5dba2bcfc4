"""A sweep on the screen: its head line, its lists, its report, suspected cases into test and case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.screens.conftest import AREA, USER, type_burst
from tests.screens.street import at_work, line_with, press, rows, settle, shown, street
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.cases.case_open import OpenCaseForm
from tui_app.screens.sweeps.sweep import SweepScreen
from tui_app.screens.visits.today import TodayScreen
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweeps import Plan
from tui_app.settings import Places

TODAY = date(2026, 11, 22)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def made(workspace: Workspace) -> None:
        street(workspace)
        plan = Plan(
            name="Rà soát 22/11",
            areas=(AREA.area,),
            started_on=TODAY,
            ended_on=TODAY,
            epidemic_areas=("Đà Nẵng", "Bắc Giang"),
        )
        sweeps.start(workspace.store, USER, plan)

    return made


async def test_the_sweep_and_how_far_it_is_stand_in_the_head_line(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        assert "Rà soát 22/11 0/3 hộ" in shown(app).splitlines()[0]
        await press(app, pilot, "b")
        await settle(app, pilot)
        assert "nhà trống" in shown(app)
        assert rows(app, "SELECT outcome FROM household_visit") == [("empty",)]
        await press(app, pilot, "enter")
        await settle(app, pilot)
        assert "rà soát 1/3" in shown(app).splitlines()[0]
        await press(app, pilot, "f9", "ctrl+s", "escape")
        await settle(app, pilot)
        assert isinstance(app.screen, TodayScreen)
        assert "Rà soát 22/11 2/3 hộ" in shown(app).splitlines()[0]


async def test_an_empty_house_is_one_key_on_the_sheet_and_opens_the_next_door(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "b")
        assert "Hộ 0712" in shown(app).splitlines()[0]
        assert rows(app, "SELECT outcome, campaign IS NOT NULL FROM household_visit") == [("empty", 1)]


async def test_a_traveller_takes_a_key_a_digit_and_a_day(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "d")
        assert "1 Đà Nẵng  2 Bắc Giang" in shown(app)
        await type_burst(app, "2 18/11\r")
        await settle(app, pilot)
        assert "Đi xa về: Có, Bắc Giang 18/11" in shown(app)
        await press(app, pilot, "f9", "ctrl+s")
        assert rows(app, "SELECT travel, travel_from, arrived_on FROM screening") == [
            (1, "Bắc Giang", "2026-11-18")
        ]


async def test_a_day_that_has_not_come_is_told_and_not_kept(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "d")
        await type_burst(app, "1 23/11/2026")
        await settle(app, pilot)
        assert "Ngày này chưa đến" in shown(app)
        await press(app, pilot, "enter", "f9", "ctrl+s")
        assert rows(app, "SELECT travel_from, arrived_on FROM screening") == [("Đà Nẵng", None)]


async def test_a_travellers_answer_comes_back_with_the_draft(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "d")
        await type_burst(app, "Huế 20/11\r")
        await press(app, pilot, "escape")
        await settle(app, pilot)
        await press(app, pilot, "enter")
        await settle(app, pilot)
        assert "Đi xa về: Có, Huế 20/11" in shown(app)


async def test_counts_open_their_lists_and_esc_leads_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "v", "s")  # the first door was absent
        await settle(app, pilot)
        assert isinstance(app.screen, SweepScreen)
        assert "hạn báo cáo 23/11/2026 10:00" in shown(app)
        await press(app, pilot, "enter")
        await settle(app, pilot)
        assert "vắng 1 lần" in shown(app)
        assert "Khu phố 1" in shown(app).splitlines()[0]
        await press(app, pilot, "left_square_bracket", "left_square_bracket")  # round to the report
        await settle(app, pilot)
        assert "Hộ vắng nhà" in shown(app)
        await press(app, pilot, *["down"] * 4, "enter")  # Hộ vắng nhà
        await settle(app, pilot)
        assert "9 Lê Lợi" in line_with(app, "Lê Lợi")
        await press(app, pilot, "escape")
        await settle(app, pilot)
        assert isinstance(app.screen, SweepScreen)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, TodayScreen)


async def test_a_unit_files_and_what_comes_later_is_shown_as_a_difference(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "s")
        await settle(app, pilot)
        await press(app, pilot, "f")
        assert "Còn 3 hộ chưa đến" in shown(app)
        await press(app, pilot, "c")
        await settle(app, pilot)
        assert rows(app, "SELECT kind, version FROM report") == [("sweep", 1)]
        assert "lần 1" in shown(app)
        await press(app, pilot, "escape", "v", "s")
        await settle(app, pilot)
        assert "lần 1, 2 số đổi" in shown(app)
        await press(app, pilot, "f")
        await type_burst(app, "nhà số 9 vắng\r")
        await settle(app, pilot)
        assert rows(app, "SELECT version, reason FROM report ORDER BY version") == [
            (1, None),
            (2, "nhà số 9 vắng"),
        ]


async def test_a_suspected_case_gets_a_test_and_a_case(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "1", "2", "e", "ctrl+s", "escape", "s")
        await settle(app, pilot)
        await press(app, pilot, "left_square_bracket", "left_square_bracket")
        await settle(app, pilot)
        assert "ca nghi ngờ" in shown(app)
        await press(app, pilot, "t", "1")
        await settle(app, pilot)
        assert rows(app, "SELECT method, result, visit FROM test_result") == [("antigen", "positive", None)]
        assert "ca xác định" in shown(app)
        await press(app, pilot, "c")
        await settle(app, pilot)
        assert isinstance(app.screen, OpenCaseForm)
        await press(app, pilot, "ctrl+s")
        await settle(app, pilot)
        await press(app, pilot, "escape")
        await settle(app, pilot)
        assert "đã mở ca" in shown(app)
        await press(app, pilot, "c")
        assert isinstance(app.screen, SweepScreen)


async def test_the_chief_starts_a_sweep_by_the_form_and_changes_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "s")
        await settle(app, pilot)
        await press(app, pilot, "n")
        await settle(app, pilot)
        await type_burst(app, "Đợt hai")
        await press(app, pilot, "ctrl+s")
        await settle(app, pilot)
        assert rows(
            app, "SELECT started_on, ended_on, due_at FROM sweep_campaign WHERE name = 'Đợt hai'"
        ) == [("2026-11-22", "2026-11-22", "2026-11-23T03:00:00.000Z")]
        assert "Đợt hai" in shown(app).splitlines()[0]
        await press(app, pilot, "e")
        await settle(app, pilot)
        await type_burst(app, " bis\t\t\t\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f25/11/2026")
        await press(app, pilot, "ctrl+s")
        await settle(app, pilot)
        assert rows(app, "SELECT ended_on, due_at FROM sweep_campaign WHERE name = 'Đợt hai bis'") == [
            ("2026-11-25", "2026-11-26T03:00:00.000Z")
        ]
        await press(app, pilot, "x", "c")
        await settle(app, pilot)
        assert rows(app, "SELECT cancelled FROM sweep_campaign WHERE name = 'Đợt hai bis'") == [(1,)]


async def test_the_report_goes_into_a_file(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        file = ward.home / "bao-cao.csv"
        await press(app, pilot, "s")
        await settle(app, pilot)
        await press(app, pilot, "p")
        await press(app, pilot, *["backspace"] * 40)
        await type_burst(app, f"{file}\r")
        await settle(app, pilot)
        assert "Số hộ,3" in file.read_text(encoding="utf-8-sig")
