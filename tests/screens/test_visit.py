"""The visit, driven by keys: as few as promised, nothing lost, nothing blank that was not asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.screens.conftest import PASSWORD, USER
from tests.screens.street import at_work, household, line_with, person, press, rows, settle, shown, street
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace, open_workspace
from tui_app.clock import Clock
from tui_app.screens.visits.today import TodayScreen
from tui_app.screens.visits.visit import VisitScreen
from tui_app.services.people import people
from tui_app.settings import Places

FEVER_COUGH = '["fever","cough"]'


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return street


def screenings(app: GonhaApp) -> list[tuple[object, ...]]:
    """Who was found how, in the order of the sheet."""
    return rows(
        app,
        "SELECT p.full_name, s.wellbeing, s.asked, s.symptoms FROM screening AS s"
        " JOIN person AS p ON p.id = s.person ORDER BY s.id",
    )


def title(app: GonhaApp) -> str:
    return shown(app).splitlines()[0]


async def test_a_healthy_household_of_five_takes_two_keys(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter")  # the way to the door is not counted
        await press(app, pilot, *["f9", "ctrl+s"])
        assert screenings(app) == [
            ("Nguyễn Văn Đức", "well", "all", "[]"),
            ("Trần Thị Thủy", "well", "all", "[]"),
            ("Nguyễn Thị Hoa", "well", "all", "[]"),
            ("Nguyễn Văn Minh", "well", "all", "[]"),
            ("Nguyễn Thị Bé", "well", "all", "[]"),
        ]
        assert "Hộ 0720 · 20 Lê Lợi" in title(app)
        assert "Đã lưu 0712 · 12 Lê Lợi: 5 khỏe." in shown(app)


async def test_fever_cough_and_a_positive_test_in_a_family_of_five_take_six_keys(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter")
        await press(app, pilot, *["down", "1", "2", "plus", "f9", "ctrl+s"])
        assert screenings(app)[1] == ("Trần Thị Thủy", "unwell", "each", FEVER_COUGH)
        assert [found[1] for found in screenings(app)] == ["well", "unwell", "well", "well", "well"]
        assert rows(
            app,
            "SELECT p.full_name, t.method, t.result FROM test_result AS t JOIN person AS p ON p.id = t.person",
        ) == [("Trần Thị Thủy", "antigen", "positive")]
        assert "4 khỏe, 1 không khỏe, 1 dương tính" in shown(app)


async def test_keys_typed_ahead_of_the_sheet_land_on_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "f9", "ctrl+s", "f9", "ctrl+s", "f9", "ctrl+s")
        assert isinstance(app.screen, TodayScreen)
        assert rows(app, "SELECT count(DISTINCT household), count(*) FROM household_visit") == [(3, 3)]
        assert "3 xong" in shown(app)
        assert "Không còn hộ nào" in shown(app)


async def test_what_is_missing_is_a_question_mark_and_not_a_blank(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter")
        row = line_with(app, "Nguyễn Văn Minh")
        assert row.split() == ["?", "Nguyễn", "Văn", "Minh", "32", "?", "chưa", "hỏi", "?", "chưa"]
        await press(app, pilot, "0")
        assert "khỏe" in shown(app).splitlines()[2]
        assert "0/5" not in title(app)
        assert "1/5 người đã hỏi" in title(app)


async def test_a_first_save_with_nobody_asked_only_warns(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter", "ctrl+s")
        assert rows(app, "SELECT count(*) FROM household_visit") == [(0,)]
        assert "Chưa hỏi ai" in shown(app)
        assert isinstance(app.screen, VisitScreen)
        await press(app, pilot, "ctrl+s")
        assert rows(app, "SELECT outcome FROM household_visit") == [("met",)]
        assert {found[1] for found in screenings(app)} == {"not_asked"}


async def test_saving_with_some_unasked_says_so_and_leaves_the_door_partly(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter", "0", "ctrl+s")
        assert "1 khỏe, 4 chưa hỏi" in shown(app)
        await press(app, pilot, "escape")
        assert "◐ một phần" in line_with(app, "12 Lê Lợi")
        assert "1/5" in line_with(app, "12 Lê Lợi")


async def test_the_same_door_again_goes_on_with_its_answers(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter", "3", "ctrl+s", "escape", "enter")
        assert "đã thăm hôm nay" in title(app)
        assert "1/5" in title(app)
        await press(app, pilot, "f9", "ctrl+s", "escape")
        assert "● xong" in line_with(app, "12 Lê Lợi")
        assert rows(app, "SELECT count(*) FROM household_visit WHERE amends IS NOT NULL") == [(1,)]


async def test_a_met_door_opened_and_saved_without_a_change_makes_no_record(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "f9", "ctrl+s", "escape", "home", "enter", "ctrl+s")
        assert rows(app, "SELECT count(*) FROM household_visit") == [(1,)]
        assert "Không có gì thay đổi" in shown(app)


async def test_signs_toggle_and_the_last_one_gone_is_unasked(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "9")
        assert ". . . . . . . . x" in shown(app).splitlines()[2]
        await press(app, pilot, "9")
        assert "chưa hỏi" in shown(app).splitlines()[2]


async def test_other_answers_of_a_person(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "u", "e", "t", "t", "i", "ctrl+s")
        assert rows(app, "SELECT wellbeing, symptoms, exposure, travel FROM screening") == [
            ("unwell", "[]", 1, 0)
        ]
        assert rows(app, "SELECT result FROM test_result") == [("invalid",)]


async def test_clearing_a_person_makes_them_unasked(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter", "1", "plus", "delete")
        assert "0/5" in title(app)
        assert "+" not in shown(app).splitlines()[2]


async def test_a_note_is_typed_below_and_saved_with_its_person(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "0", "n", *"ve que 9", "enter", "g", *"cho du", "enter", "ctrl+s")
        assert rows(app, "SELECT note, wellbeing FROM screening") == [("ve que 9", "well")]
        assert rows(app, "SELECT note FROM household_visit") == [("cho du",)]


async def test_enter_and_down_go_to_the_next_person(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter")
        await press(app, pilot, "0", "enter", "1", "down", "0", "up", "2", "ctrl+s")
        assert [found[1] for found in screenings(app)] == ["well", "unwell", "well", "not_asked", "not_asked"]
        assert screenings(app)[1][3] == FEVER_COUGH


async def test_escape_keeps_a_draft_and_the_list_shows_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter", "down", "1", "escape")
        assert "✎ nháp" in line_with(app, "12 Lê Lợi")
        await press(app, pilot, "enter")
        assert "Đã lấy lại bản nháp lúc 09:05" in shown(app)
        assert "x . . . . . . . ." in line_with(app, "Trần Thị Thủy  ")


async def test_looking_at_a_sheet_leaves_no_draft(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "1", "ctrl+z", "escape")
        assert rows(app, "SELECT count(*) FROM draft") == [(0,)]
        assert "○ chưa đến" in line_with(app, "9 Lê Lợi")


async def test_a_draft_survives_a_program_that_ends_without_a_word(ward: Places, clock: Clock) -> None:
    app = GonhaApp(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.enter(open_workspace(ward, USER, PASSWORD, clock=clock))
        await settle(app, pilot)
        await press(app, pilot, "down", "enter", "down", "3", "plus")
        app.workspace = None  # nothing is saved, closed or said: the process is gone
    async with at_work(ward, clock) as (again, pilot):
        assert "✎ nháp" in line_with(again, "12 Lê Lợi")
        await press(again, pilot, "down", "enter")
        row = line_with(again, "Trần Thị Thủy  ")
        assert ". . x . . . . . ." in row
        assert "+ dương" in row
        await press(again, pilot, "f9", "ctrl+s")
        assert screenings(again)[1][3] == '["dyspnoea"]'
        assert rows(again, "SELECT count(*) FROM draft") == [(0,)]


async def test_locking_keeps_the_sheet(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter", "2")
        await app.lock()
        await settle(app, pilot)
        await app.enter(open_workspace(ward, USER, PASSWORD, clock=clock))
        await settle(app, pilot)
        assert ". x . . . . . . ." in shown(app)
        await press(app, pilot, "f9", "ctrl+s")
        assert screenings(app)[0][3] == '["cough"]'


async def test_ctrl_z_undoes_step_by_step_then_the_household_saved_last(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "down", "enter", "1", "f9", "ctrl+s")
        assert "Hộ 0720" in title(app)
        await press(app, pilot, "0", "ctrl+z")
        assert "0/2" in title(app)
        await press(app, pilot, "ctrl+z")
        assert "Hộ 0712" in title(app)
        assert "5/5" in title(app)
        assert rows(app, "SELECT outcome FROM household_visit ORDER BY id") == [("met",), ("withdrawn",)]
        await press(app, pilot, "ctrl+s")
        assert rows(app, "SELECT count(*) FROM screening") == [(10,)]


async def test_absent_on_the_sheet_saves_and_goes_on(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "v")
        assert rows(app, "SELECT outcome FROM household_visit") == [("absent",)]
        assert "Hộ 0712" in title(app)
        await press(app, pilot, "0", "v")
        assert rows(app, "SELECT count(*) FROM household_visit") == [(1,)]
        assert "Phiếu đã có câu trả lời" in shown(app)


async def test_what_the_door_should_know_of_the_person(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, size=(120, 40)) as (app, pilot):
        store = app.open_workspace.store
        ((one,),) = rows(app, "SELECT id FROM person WHERE full_name = 'Trần Thị Thủy'")
        people.save_person(
            store, USER, {}, person=str(one), risk_groups=frozenset(), conditions=frozenset({"hypertension"})
        )
        await press(app, pilot, "down", "enter", "down")
        assert "Nguy cơ: Tăng huyết áp" in shown(app)
        assert "Chưa thăm lần nào" in shown(app)


async def test_the_last_answer_is_shown_on_another_day(ward: Places, clock: Clock) -> None:
    from datetime import timedelta

    from tui_app.clock import pinned_clock

    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "2", "ctrl+s")
    tomorrow = pinned_clock(clock() + timedelta(days=1))
    async with at_work(ward, tomorrow) as (app, pilot):
        await press(app, pilot, "enter")
        assert "Lần trước 22/11: ho" in shown(app)
        assert "0/1" in title(app)


async def test_english_and_the_words_above_the_signs(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, size=(200, 50)) as (app, pilot):
        await app.change_settings(language="en")
        await press(app, pilot, "down", "enter", "down", "1")
        assert "1fever 2cough 3breath" in shown(app)
        assert "unwell" in line_with(app, "Trần Thị Thủy   ")


class TestNobody:
    @pytest.fixture
    def fill(self) -> Callable[[Workspace], None]:
        def empty_house(workspace: Workspace) -> None:
            household(workspace, "1 Lê Lợi", code="0001")

        return empty_house

    async def test_a_household_without_persons_says_what_to_do(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await press(app, pilot, "enter")
            assert "A để thêm người" in shown(app)
            await press(app, pilot, "1", "0", "f9", "plus", "n", "ctrl+s")
            assert rows(app, "SELECT count(*) FROM household_visit") == [(0,)]
            await press(app, pilot, "v")
            assert rows(app, "SELECT outcome FROM household_visit") == [("absent",)]


class TestMany:
    @pytest.fixture
    def fill(self) -> Callable[[Workspace], None]:
        def dormitory(workspace: Workspace) -> None:
            door = household(workspace, "Nhà trọ 5", code="0005")
            for number in range(1, 41):
                person(workspace, door, f"Công Nhân {'ABCDEFGH'[number % 8]}{'xyzuv'[number % 5]}")

        return dormitory

    async def test_a_house_of_forty_scrolls_and_saves(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await press(app, pilot, "enter", "end", "1", "f9", "ctrl+s")
            assert rows(app, "SELECT wellbeing, count(*) FROM screening GROUP BY wellbeing") == [
                ("unwell", 1),
                ("well", 39),
            ]
