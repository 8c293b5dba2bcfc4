"""Hôm nay, driven by keys: the walk, one key for an absence, taking it back, filter and tabs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.screens.street import at_work, household, line_with, press, rows, settle, shown, street
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock, pinned_clock
from tui_app.settings import Places
from tui_app.widgets.row_list import RowList
from tui_app.widgets.text_field import TextField


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return street


def cursor(app: object) -> str:
    """The household code under the cursor."""
    row = app.screen.query_one(RowList).cursor_row  # type: ignore[attr-defined]
    return row.cells[1] if row else ""


async def test_doors_stand_in_walking_order_with_what_is_known(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, _):
        places = [shown(app).index(address) for address in ("9 Lê Lợi", "12 Lê Lợi", "20 Lê Lợi")]
        assert places == sorted(places)
        line = line_with(app, "12 Lê Lợi")
        for part in ("○ chưa đến", "0712", "Nguyễn Văn Đức", "0/5", "?", "chưa"):
            assert part in line
        assert "Hôm nay · 22/11/2026" in shown(app)
        assert "3 chưa đến" in shown(app)


async def test_absent_is_one_key_saved_at_once_and_goes_to_the_next_door(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "v")
        assert rows(app, "SELECT outcome FROM household_visit") == [("absent",)]
        assert "– vắng" in line_with(app, "9 Lê Lợi")
        assert cursor(app) == "0712"
        assert "1 vắng" in shown(app)
        assert "Đã ghi 0709 · 9 Lê Lợi: vắng nhà" in shown(app)


async def test_two_absences_typed_ahead_are_two_doors(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "v", "v")
        assert rows(app, "SELECT count(DISTINCT household), count(*) FROM household_visit") == [(2, 2)]


async def test_ctrl_z_takes_the_last_save_back_by_another_record(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "r")
        assert "× từ chối" in line_with(app, "9 Lê Lợi")
        await press(app, pilot, "ctrl+z")
        assert rows(app, "SELECT outcome FROM household_visit ORDER BY id") == [("refused",), ("withdrawn",)]
        assert "○ chưa đến" in line_with(app, "9 Lê Lợi")
        assert cursor(app) == "0709"
        await press(app, pilot, "ctrl+z")
        assert rows(app, "SELECT count(*) FROM household_visit") == [(2,)]
        assert "Không có gì để hoàn tác" in shown(app)


async def test_undo_goes_back_save_by_save(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "v", "v", "ctrl+z", "ctrl+z")
        assert "3 chưa đến" in shown(app)
        assert cursor(app) == "0709"


async def test_a_door_met_today_does_not_become_absent_by_a_slip(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "f9", "ctrl+s", "escape", "home", "v")
        assert rows(app, "SELECT outcome FROM household_visit") == [("met",)]
        assert "● xong" in line_with(app, "9 Lê Lợi")
        assert "Hộ này đã gặp hôm nay" in shown(app)


async def test_the_filter_narrows_as_one_types_without_marks(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "slash", "d", "u", "c")
        assert "12 Lê Lợi" in shown(app)
        assert "20 Lê Lợi" not in shown(app)
        await press(app, pilot, "x")
        assert "Không có hộ nào khớp “ducx”" in shown(app)
        await press(app, pilot, "escape")
        assert "20 Lê Lợi" in shown(app)
        assert not app.screen.query_one("#filter", TextField).display


async def test_letters_in_the_filter_are_letters(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "slash", "v", "n", "r")
        assert app.screen.query_one("#filter", TextField).value == "vnr"
        assert rows(app, "SELECT count(*) FROM household_visit") == [(0,)]


async def test_enter_in_the_filter_goes_to_the_list_and_keeps_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "slash", "2", "0", "enter", "v")
        assert rows(
            app, "SELECT h.address FROM household_visit v JOIN household h ON h.id = v.household"
        ) == [("20 Lê Lợi",)]


async def test_tabs_split_left_done_and_absent(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "v")
        await press(app, pilot, "right_square_bracket")
        assert "0709 " not in shown(app).replace("0709 ·", "")
        assert "12 Lê Lợi" in shown(app)
        await press(app, pilot, "left_square_bracket", "left_square_bracket")
        assert "9 Lê Lợi" in shown(app)
        assert "12 Lê Lợi" not in shown(app)
        assert "Còn lại 2" in shown(app)


async def test_the_list_is_new_after_midnight(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "v")
        from datetime import timedelta

        app.clock = pinned_clock(clock() + timedelta(days=1))
        app.screen.day_changed()  # type: ignore[attr-defined]
        await settle(app, pilot)
        assert "○ chưa đến" in line_with(app, "9 Lê Lợi")
        assert "22/11" in line_with(app, "9 Lê Lợi")
        assert "Hôm nay · 23/11/2026" in shown(app)


async def test_english_changes_at_once(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.change_settings(language="en")
        await settle(app, pilot)
        assert "○ left" in line_with(app, "12 Lê Lợi")
        assert "Today · 22/11/2026" in shown(app)
        assert "Enter Visit" in shown(app)


async def test_plain_symbols_for_raster_fonts(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.change_settings(symbols="ascii")
        await settle(app, pilot)
        await press(app, pilot, "v")
        assert "- vắng" in line_with(app, "9 Lê Lợi")
        assert "o chưa đến" in line_with(app, "12 Lê Lợi")


class TestEmpty:
    @pytest.fixture
    def fill(self) -> Callable[[Workspace], None]:
        return lambda workspace: None

    async def test_an_empty_list_says_what_to_do_next(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            assert "N: thêm hộ" in shown(app)
            assert "gonha import" in shown(app)
            await press(app, pilot, "v", "enter")
            assert rows(app, "SELECT count(*) FROM household_visit") == [(0,)]


class TestLong:
    @pytest.fixture
    def fill(self) -> Callable[[Workspace], None]:
        def ward_of_sixty(workspace: Workspace) -> None:
            for number in range(1, 61):
                household(workspace, f"{number} Trần Hưng Đạo", code=f"{number:04d}")

        return ward_of_sixty

    async def test_the_cursor_keeps_its_door_over_a_visit(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await press(app, pilot, "end", "up", "enter", "escape")
            assert cursor(app) == "0059"
            await press(app, pilot, "v")
            assert cursor(app) == "0060"
            await press(app, pilot, "v")
            assert cursor(app) == "0001"
