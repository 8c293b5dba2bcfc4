"""The roster on Hôm nay, driven by keys: who stands there and why, marks by range and alley, given out, undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.screens.conftest import USER
from tests.screens.street import at_work, household, line_with, person, press, rows, settle, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.visits.today import TodayScreen
from tui_app.screens.visits.visit import VisitScreen
from tui_app.services.cases import cases
from tui_app.services.risk import support_needs
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweeps import Plan
from tui_app.settings import Places
from tui_app.widgets.text_field import TextField

HANG, HOA = "Lê Thị Hằng", "Nguyễn Thị Hoa"


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    """A sweep over 9 and 12 Lê Lợi (hẻm 45) and 7 Lê Lai (hẻm 9); Hằng at 12 is ill, Hoa at 7 needs food."""

    def ward(workspace: Workspace) -> None:
        household(workspace, "9 Lê Lợi", alley="hẻm 45", walk_order=1)
        home = household(workspace, "12 Lê Lợi", alley="hẻm 45", walk_order=2)
        other = household(workspace, "7 Lê Lai", alley="hẻm 9")
        ill, hoa = person(workspace, home, HANG), person(workspace, other, HOA)
        today = workspace.clock().date()
        cases.open_case(
            workspace.store,
            USER,
            ill,
            source="screening",
            started_on=today,
            first_positive_on=today,
            followed_by="Tổ 1",
        )
        support_needs.open_need(workspace.store, USER, "food", person=hoa)
        plan = Plan(name="Rà soát", areas=("0190-area-1",), started_on=today, ended_on=today)
        sweeps.start(workspace.store, USER, plan)

    return ward


def given(app: GonhaApp) -> list[tuple[object, ...]]:
    """Address, task and to whom, of what is given out."""
    return rows(
        app,
        "SELECT h.address, s.task, s.assigned_to FROM assignment AS s JOIN household AS h ON h.id = s.household"
        " WHERE s.withdrawn IS NOT 1 ORDER BY h.address, s.task",
    )


async def test_the_last_tab_has_all_there_is_to_do_with_why(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket")
        text = shown(app)
        assert "Danh sách" in text
        assert "5 việc" in text
        line = line_with(app, "đo buổi sáng, chưa")
        assert HANG in line
        assert "Tổ 1" in line
        assert "4 chưa giao" in text
        await press(app, pilot, "home", "down", "i")
        assert "cần lương thực, từ 22/11/2026" in shown(app)
        assert "Trạm quy ước" in shown(app)
        await press(app, pilot, "escape", "home", "enter")
        assert isinstance(app.screen, VisitScreen)


async def test_an_alley_and_a_range_are_given_by_a_few_keys_and_undone_by_one(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket")
        await press(app, pilot, "end", "a")
        assert "đã chọn 3" in shown(app)
        await press(app, pilot, "g", "1")
        assert given(app) == [
            ("12 Lê Lợi", "measure", "Tổ 1"),
            ("12 Lê Lợi", "visit", "Tổ 1"),
            ("9 Lê Lợi", "visit", "Tổ 1"),
        ]
        assert "Đã giao 3 việc cho Tổ 1" in shown(app)
        await press(app, pilot, "ctrl+z")
        assert given(app) == []
        await press(app, pilot, "home", "space", "home", "down", "e")
        assert "đã chọn 2" in shown(app)
        await press(app, pilot, "g", "2", *"Minh", "enter")
        assert given(app) == [("7 Lê Lai", "support", "Minh"), ("7 Lê Lai", "visit", "Minh")]
        await press(app, pilot, "end", "g", "up", "enter")
        assert "chưa giao cho ai" in shown(app).splitlines()[-1], "nothing was taken from nobody"
        assert len(given(app)) == 2


async def test_a_visit_done_from_here_is_done_here_at_once(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket")
        await press(app, pilot, "t", "home")
        assert "theo đường đi" in shown(app)
        await press(app, pilot, "enter")
        await press(app, pilot, "f9", "ctrl+s")
        await press(app, pilot, "escape")
        assert "7 Lê Lai" in line_with(app, "●  Xong")
        assert "4 việc" in shown(app)


async def test_saving_opens_the_next_door_of_the_list_and_the_cursor_goes_on(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket", "home", "enter")
        assert "Hộ 7 Lê Lai" in shown(app)
        await press(app, pilot, "f9", "ctrl+s")
        assert "Hộ 9 Lê Lợi" in shown(app)
        assert "Không còn hộ nào" not in shown(app)
        await press(app, pilot, "escape")
        assert "cần lương thực" in line_with(app, ">"), "the line after the one that was done"


async def test_doors_given_out_here_are_counted_at_once(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket", "end", "a", "g", "1")
        assert "Được giao 2" in shown(app)
        await press(app, pilot, "ctrl+z")
        assert "Được giao" not in shown(app)


async def test_the_card_of_one_to_be_measured_opens_at_the_readings(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket", "slash")
        assert "người đi" in shown(app), "the filter says what it looks at here"
        await press(app, pilot, *"hang", "enter", "enter")
        assert "SpO2 % từ" in shown(app)


async def test_a_word_of_the_chief_is_added_and_said_done(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket")
        await press(app, pilot, "end", "n", "enter")
        assert "Ghi việc cần làm" in shown(app)
        await press(app, pilot, *"mang sach", "enter")
        assert rows(app, "SELECT task, note FROM assignment") == [("other", "mang sach")]
        await press(app, pilot, "end")
        assert HANG in line_with(app, "việc khác · mang sach")
        await press(app, pilot, "x")
        assert HANG in line_with(app, "●  Xong")
        await press(app, pilot, "end", "x")
        assert "Việc này đã xong" in shown(app)
        await press(app, pilot, "c")
        assert "Không có việc nào ngày trước chưa làm" in shown(app)


async def test_the_sheet_of_a_team_goes_into_a_file(ward: Places, clock: Clock, tmp_path: Path) -> None:
    file = tmp_path / "to1.pdf"
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket")
        await press(app, pilot, "p", "2")
        app.screen.query_one(TextField).value = str(file)
        await press(app, pilot, "enter")
        assert file.read_bytes().startswith(b"%PDF")
        assert rows(app, "SELECT record_type, detail FROM access_entry WHERE what = 'export'") == [
            ("assignment", "roster")
        ]


async def test_the_chosen_tab_stands_in_view_where_there_is_no_room_for_all(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock, size=(56, 24)) as (app, pilot):
        tabs = "Tất cả 3   Còn lại 3   Xong 0   Vắng, từ chối 0"
        assert f"{tabs}   Dan…" in shown(app)
        await press(app, pilot, "left_square_bracket")
        assert "…   Còn lại 3   Xong 0   Vắng, từ chối 0   Danh sách" in shown(app)


async def test_the_filter_moves_no_column(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket")
        before = line_with(app, "Giao cho")
        await press(app, pilot, "slash")
        assert line_with(app, "Giao cho") == before


async def test_a_question_over_the_list_does_not_read_it_again(
    ward: Places, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket")
        read: list[str] = []
        monkeypatch.setattr(TodayScreen, "reload", lambda self, at=None: read.append("doors"))
        await press(app, pilot, "g", "escape", "i", "escape")
        assert read == []
        await press(app, pilot, "f4", "f3")
        assert read == ["doors"]


async def test_caps_lock_takes_no_key_away(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "left_square_bracket", "end", "A", "G", "1")
        assert len(given(app)) == 3
        await press(app, pilot, "slash", *"HANG")
        assert app.screen.query_one("#filter", TextField).value == "HANG"


async def test_what_was_read_behind_another_screen_is_read_again(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        today = app.screen
        assert isinstance(today, TodayScreen)
        assert today.fresh
        await press(app, pilot, "f4")
        today.reload()  # was on its way when the other screen came
        await settle(app, pilot)
        assert not today.fresh
