"""Cấp độ by keys on 22/11/2026: a scale, its inputs, what is typed in, what is set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.screens.conftest import USER
from tests.screens.street import at_work, household, line_with, person, press, rows, shown
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.levels.level import LevelScreen
from tui_app.screens.levels.level_history import KeptLevelScreen
from tui_app.screens.levels.level_records import LevelRecordsScreen
from tui_app.screens.levels.levels import LevelsScreen
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.screens.vaccination.figure import FigureScreen
from tui_app.services.cases.cases import open_case
from tui_app.settings import Places

OPENED = ("ctrl+p", *"nguong dich", "enter")
TODAY = date(2026, 11, 22)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def ward(workspace: Workspace) -> None:
        door = household(workspace, "12 Lê Lợi")
        patient = person(workspace, door, "Lê Thị Hằng", birth_year=1951)
        open_case(
            workspace.store,
            USER,
            patient,
            source="screening",
            started_on=TODAY,
            first_positive_on=TODAY,
        )

    return ward


async def test_a_scale_leads_to_its_inputs_and_an_input_to_the_person(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED)
        assert isinstance(app.screen, LevelsScreen)
        assert "Kịch bản 1" in line_with(app, "Kịch bản ứng phó")
        assert "không tính được" in line_with(app, "Cấp độ dịch")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, LevelScreen)
        assert "1" in line_with(app, "ca đang điều trị").split()
        await press(app, pilot, "enter")
        assert isinstance(app.screen, LevelRecordsScreen)
        assert "Tại nhà" in line_with(app, "Lê Thị Hằng")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, PersonCardScreen)


async def test_what_no_list_tells_is_typed_in_with_its_source(ward: Places, clock: Clock) -> None:
    """One household is recorded: 1 × 5 %, rounded up, is one to be cared for (S1 §I.2.3)."""
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, *["down"] * 4, "enter")
        assert "không tính được" in shown(app)
        await press(app, pilot, "down", "n", *"hai", "enter")
        assert "số nguyên" in shown(app)  # the question stays open
        await press(app, pilot, *["backspace"] * 3, "0", "enter", "enter")
        assert "Ghi nguồn" in shown(app)
        await press(app, pilot, *"Tram", "enter")
        assert "0/1 hộ" in line_with(app, "Năng lực chăm sóc: chưa đạt")
        assert "Tram" in line_with(app, "số hộ F0 chăm sóc được")
        assert rows(app, "SELECT name, value, source FROM station_value") == [("care_capacity", "0", "Tram")]
        await press(app, pilot, "w")
        assert "ngưỡng ≥ 1" in " ".join(shown(app).split())


async def test_a_level_is_set_and_its_history_opens_what_was_counted(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, "enter", "k", *"hop sang", "enter")
        assert "Kịch bản 1 22/11/2026, tính" in line_with(app, "Đang áp dụng")
        await press(app, pilot, "c", "2", *"BCD huyen", "enter", "l")
        assert "Kịch bản 1" in line_with(app, "công bố: BCD huyen")  # what it was before
        await press(app, pilot, "down", "enter")
        assert isinstance(app.screen, KeptLevelScreen)
        assert "trên máy" in line_with(app, "ca đang điều trị")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, LevelRecordsScreen)
        assert "Lê Thị Hằng" in shown(app)


async def test_the_published_level_is_typed_in_where_nothing_can_be_worked_out(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, "down", "enter")
        assert "không có văn bản nào có hiệu lực ngày 22/11/2026" in shown(app)
        await press(app, pilot, "c", "3", *"UBND tinh", "enter", "escape")
        assert "không tính được" in line_with(app, "Cấp 3 (cam)")


async def test_thresholds_take_five_years_in_one_line_and_the_deviation_is_a_choice(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, *["down"] * 3, "enter", "n", "1", *"So A6", "enter")
        await press(app, pilot, *["down"] * 3, "n", *"4 6 8 90", "enter")
        assert "5 số" in shown(app)
        await press(app, pilot, *"* 12", "enter", *"So A6", "enter")
        assert "4 6 8 90* 12 2021–2025: So A6" in line_with(app, "cùng tháng")
        await press(app, pilot, *["down"] * 2, "n", "2", *"So Y te", "enter")
        assert "tổng thể (n)" in line_with(app, "Độ lệch chuẩn")
        assert rows(app, "SELECT count(*), sum(epidemic) FROM baseline_count") == [(5, 1)]
        await press(app, pilot, "k")
        assert "Ghi Ngưỡng dịch ngày 22/11/2026: không tính được" in shown(app)
        await press(app, pilot, "enter", "l", "enter")
        assert "4 6 8 90* 12 So A6" in line_with(app, "cùng tháng")


async def test_a_share_opens_its_persons_on_the_day_it_is_counted_for(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, "d", *"01/12/2021", "enter")
        assert "Chưa đối chiếu văn bản gốc: Cấp độ dịch" in shown(app)
        await press(app, pilot, "down", "enter")
        assert "0/1 = 0 %" in line_with(app, "Từ 18 tuổi")
        await press(app, pilot, *["down"] * 2, "enter")
        assert isinstance(app.screen, FigureScreen)
        assert "Lê Thị Hằng" in shown(app)


async def test_the_three_scales_of_colours_stand_side_by_side(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, "m")
        said = " ".join(shown(app).split())
        assert "vàng = nguy cơ," in said  # QĐ 2686
        assert "vàng = cấp 2," in said  # NQ 128
