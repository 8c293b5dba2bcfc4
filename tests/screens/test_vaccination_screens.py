"""The lists of vaccination, coverage and reconciling, by keys, on 28/09/2022 with the plans of rules §1.3 in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.screens.conftest import USER
from tests.screens.street import at_work, household, line_with, person, press, rows, shown
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, Clock, pinned_clock
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.screens.vaccination.coverage import CoverageScreen
from tui_app.screens.vaccination.figure import FigureScreen
from tui_app.screens.vaccination.reconcile import ReconcileScreen
from tui_app.screens.vaccination.vaccination import VaccinationScreen
from tui_app.services.vaccination import vaccination
from tui_app.settings import Places

OPENED = ("ctrl+p", *"tiem chung", "enter")


@pytest.fixture
def clock() -> Clock:
    return pinned_clock(datetime(2022, 9, 28, 9, 5, tzinfo=VIETNAM))


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def ward(workspace: Workspace) -> None:
        door = household(workspace, "12 Lê Lợi")
        mother = person(
            workspace, door, "Lê Thị Hằng", birth_year=1951, mobility_limited=True, phone="+84903000011"
        )
        son = person(workspace, door, "Phạm Văn Tí", birth_date="1980-05-01")
        person(workspace, door, "Nguyễn Thị Bé", birth_year=2010)
        for who, days in ((mother, ("2022-03-01", "2022-04-01")), (son, ("2022-06-01", "2022-06-28"))):
            for day in days:
                dose = {"given_on": day, "product": "comirnaty", "dose_type": "basic", "source": "card"}
                vaccination.add_dose(workspace.store, USER, who, dose)

    return ward


async def test_four_lists_with_their_counts_lead_to_the_person(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED)
        assert isinstance(app.screen, VaccinationScreen)
        assert "Đến hạn 1   Quá hạn 1   Tại nhà 2   Chưa ghi đủ 1" in shown(app)
        assert "28/09/2022" in line_with(app, "Phạm Văn Tí")
        await press(app, pilot, "right_square_bracket")
        assert "01/07/2022" in line_with(app, "Lê Thị Hằng")
        await press(app, pilot, "right_square_bracket")
        assert "+ Phạm Văn Tí" in shown(app)
        await press(app, pilot, "slash", *"hang", "enter")
        assert "Phạm Văn Tí" not in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, PersonCardScreen)
        assert "Quá hạn: mũi nhắc lại 1" in shown(app)


async def test_a_dose_from_the_list_takes_the_person_off_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, "n", *"28/09/2022", "ctrl+s")
        assert "Đến hạn 0   Quá hạn 1" in shown(app)
        assert rows(app, "SELECT dose_type FROM vaccination_dose WHERE given_on = '2022-09-28'") == [
            ("booster",)
        ]


async def test_a_list_is_written_with_real_dates_and_noted(
    ward: Places, clock: Clock, tmp_path: Path
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, "p")
        await press(app, pilot, *["backspace"] * 60, *str(tmp_path / "den-han.xlsx"), "enter")
        assert rows(app, "SELECT what, detail FROM access_entry WHERE what = 'export'") == [
            ("export", "vaccination-list")
        ]
    sheet = load_workbook(tmp_path / "den-han.xlsx").active
    assert sheet is not None
    (line,) = [row for row in sheet.iter_rows(values_only=True) if row[1] == "Phạm Văn Tí"]
    assert line[9] == datetime(2022, 9, 28)


async def test_every_figure_opens_its_lists(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, "b")
        assert isinstance(app.screen, CoverageScreen)
        assert "0/1   0,0 %   ≥ 90 % chưa đạt" in line_with(app, "Từ 50 tuổi và nguy cơ cao")
        await press(app, pilot, *["down"] * 7, "enter")
        assert isinstance(app.screen, FigureScreen)
        assert "Chưa có 1" in shown(app)
        assert "Lê Thị Hằng" in shown(app)
        await press(app, pilot, "escape", "w")
        assert isinstance(app.screen, WhyScreen)
        said = " ".join(shown(app).split())
        assert "Kế hoạch 207/KH-UBND Quận 11" in said
        assert "danh sách trên máy" in said


async def test_a_typed_denominator_and_another_day(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, "b", *["down"] * 7, "m", *"40", "enter", *"CSDL dan cu", "enter")
        assert "0/40" in line_with(app, "Từ 50 tuổi và nguy cơ cao")
        await press(app, pilot, "w")
        assert "CSDL dan cu, ngày 28/09/2022" in " ".join(shown(app).split())
        await press(app, pilot, "escape", "x")
        assert "0/1" in line_with(app, "Từ 50 tuổi và nguy cơ cao")
        await press(app, pilot, "d", *"01/10/2021", "enter")
        assert "01/10/2021" in shown(app)
        assert "Quản lý" not in shown(app)  # KH 207/KH-UBND is of 14/09/2022


async def test_a_list_is_compared_accepted_and_taken_back(ward: Places, clock: Clock, tmp_path: Path) -> None:
    listed = tmp_path / "he-thong.csv"
    listed.write_text(
        "Họ và tên,Ngày sinh,CCCD,Điện thoại,Mũi tiêm,Ngày tiêm,Loại vắc xin\n"
        "Lê Thị Hằng,1951,,0903000011,3,01/09/2022,Pfizer\n"
        "Phạm Văn Tí,01/05/1980,,,3,01/09/2022,Pfizer\n",
        encoding="utf-8",
    )
    new = "SELECT number, source FROM vaccination_dose WHERE given_on = '2022-09-01' AND NOT deleted"
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *OPENED, "i", *str(listed), "enter")
        assert isinstance(app.screen, ReconcileScreen)
        assert "Khác nhau 1   Chỉ có ở danh sách 0   Chưa rõ là ai 1" in shown(app)
        await press(app, pilot, "a")
        assert "Ghi 1 mũi của 1 người" in " ".join(shown(app).split())
        await press(app, pilot, "escape")
        assert rows(app, new) == []
        await press(app, pilot, "a", "c")
        assert rows(app, new) == [(3, "system")]
        await press(app, pilot, "ctrl+z")
        assert rows(app, new) == []
        await press(app, pilot, "right_square_bracket", "right_square_bracket", "enter", "1")
        assert "Khác nhau 2" in shown(app)
