"""The vaccination tab of a person's card, by keys, on 14/09/2022 (boosters by the text of 24/06/2022)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.screens.street import at_work, household, line_with, person, press, rows, shown
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, Clock, pinned_clock
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.vaccination.dose_form import DoseForm
from tui_app.settings import Places

KEPT = "SELECT given_on, product, dose_type, source, deleted FROM vaccination_dose ORDER BY given_on"
CARD = ("f2", *"pham van ti", "enter", "right_square_bracket", "right_square_bracket")


@pytest.fixture
def clock() -> Clock:
    return pinned_clock(datetime(2022, 9, 14, 9, 5, tzinfo=VIETNAM))


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def ward(workspace: Workspace) -> None:
        person(workspace, household(workspace, "12 Lê Lợi"), "Phạm Văn Tí", birth_date="1980-05-01")

    return ward


async def test_two_doses_in_a_few_keys_then_what_is_due_and_why(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        assert "Chưa rõ: chưa ghi mũi nào" in shown(app)
        await press(
            app, pilot, "n", *"01/03/2022", "enter", "2", "tab", "1", "ctrl+s"
        )  # 2: Comirnaty, 1: basic
        await press(app, pilot, "n", *"01/04/2022", "ctrl+s")  # product and type are proposed
        assert rows(app, KEPT) == [
            ("2022-03-01", "comirnaty", "basic", "card", 0),
            ("2022-04-01", "comirnaty", "basic", "card", 0),
        ]
        assert "Quá hạn: mũi nhắc lại 1" in line_with(app, "01/07/2022")
        assert "Tiêm chủng 2" in shown(app)
        await press(app, pilot, "home", "enter")
        assert isinstance(app.screen, WhyScreen)
        said = " ".join(shown(app).split())
        assert "Mũi 3 từ 18 tuổi: từ 3 tháng sau mũi trước" in said
        assert "dose_3_adult" in said
        assert "chưa đối chiếu" in said  # the products are recalled


async def test_a_dose_is_corrected_and_taken_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "n", *"01/03/2022", "enter", "7", "tab", "1", "ctrl+s", "end", "enter")
        assert isinstance(app.screen, DoseForm)
        await press(app, pilot, *["backspace"] * 10, *"02/03/2022", "ctrl+s")
        live = [row for row in rows(app, KEPT) if not row[4]]
        assert live == [("2022-03-02", "abdala", "basic", "card", 0)]
        await press(app, pilot, "end", "x", "enter")
        assert "Ghi lý do" in shown(app)
        await press(app, pilot, *"nham nguoi", "enter")
        assert [row for row in rows(app, KEPT) if not row[4]] == []


async def test_a_day_that_is_taken_is_refused_under_its_field(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "n", *"01/03/2022", "enter", "2", "ctrl+s")
        await press(app, pilot, "n", *"01/03/2022", "ctrl+s")
        assert isinstance(app.screen, DoseForm)
        assert "ngày này đã có một mũi" in shown(app)


async def test_postponed_then_contraindicated_then_cleared(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "n", *"01/03/2022", "enter", "2", "tab", "1", "ctrl+s")
        await press(app, pilot, "p", *"14/09/2022", "enter")
        assert "Ghi ngày sau hôm nay" in shown(app)
        await press(app, pilot, *["backspace"] * 10, *"1/10/22", "enter", *"dang sot", "enter")
        assert "Hoãn tiêm đến 01/10/2022" in shown(app)
        await press(app, pilot, "k", *"phan ve", "enter")
        assert "Chống chỉ định" in line_with(app, "1/2")
        kept = "SELECT contraindicated, contraindication_reason, postponed_until FROM person"
        assert rows(app, kept) == [(1, "phan ve", "2022-10-01")]
        await press(app, pilot, "r")
        assert rows(app, kept) == [(0, None, None)]
        assert "Quá hạn: mũi cơ bản" in shown(app)


async def test_opening_a_case_proposes_the_recorded_doses(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "n", *"01/03/2022", "enter", "2", "tab", "1", "ctrl+s")
        await press(app, pilot, "left_square_bracket", "n", "3", "ctrl+s", "enter")
        assert rows(app, 'SELECT basic_doses, last_dose_on FROM "case"') == [(1, "2022-03-01")]


async def test_that_no_dose_was_given_is_noted_with_its_reason(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "0", *"so tiem", "enter")
        assert rows(app, "SELECT reported_doses, unvaccinated_reason FROM person") == [(0, "so tiem")]
        assert "Quá hạn: mũi cơ bản" in shown(app)
        await press(app, pilot, "home", "enter")
        assert "Lý do: so tiem" in shown(app)
