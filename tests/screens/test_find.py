"""Find, driven by keys: every key searches, a scanner's Enter waits for its line, numbers stay masked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual import events

from tests.screens.street import at_work, household, line_with, person, press, rows, settle, shown, street
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.people.find import FindScreen
from tui_app.screens.people.household import HouseholdScreen
from tui_app.screens.people.household_form import HouseholdForm
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.screens.visits.visit import VisitScreen
from tui_app.settings import Places
from tui_app.widgets.row_list import RowList

CARD = "079068001234|021234567|TRAN THI THUY|04031968|Nữ|12 Lê Lợi, Phường Hòa Bình|15042021"


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def more(workspace: Workspace) -> None:
        street(workspace)
        door = household(workspace, "44 Hai Bà Trưng", code="0801", phone="+84283855123")
        person(workspace, door, "Trương Thị Hường", phone="+84903123456", birth_year=1970)
        person(workspace, door, "Trần Thúy Kiều", national_id="079068001234", birth_year=1968)
        person(workspace, door, "Trần Văn Cũ", died_on="2026-01-02")

    return more


async def test_each_key_narrows_and_marks_are_not_needed(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"thuy")
        assert "Trần Thị Thủy" in shown(app)
        assert "Trần Thúy Kiều" in shown(app)
        line = line_with(app, "Trần Thị Thủy")
        assert "58" in line
        assert "12 Lê Lợi" in line
        assert "Khu phố 1" in line
        await press(app, pilot, *" kieu")
        assert "Trần Thị Thủy" not in shown(app)
        assert "1 kết quả" in shown(app)


async def test_what_was_typed_is_underlined_in_the_name(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"huo")
        row = app.screen.query_one(RowList).cursor_row
        assert row is not None
        name = row.cells[0]
        assert str(name) == "Trương Thị Hường"
        assert [str(name)[span.start : span.end] for span in name.spans] == ["Hườ"]  # type: ignore[union-attr]


async def test_the_end_of_a_telephone_finds_it_masked(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"3456")
        line = line_with(app, "Trương Thị Hường")
        assert "456" in line
        assert "3456" not in line


async def test_enter_opens_the_card_and_escape_comes_back_to_the_results(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"huong", "enter")
        assert isinstance(app.screen, PersonCardScreen)
        assert "Trương Thị Hường" in shown(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, FindScreen)
        assert "Trương Thị Hường" in shown(app)


async def test_f2_on_a_card_finds_somebody_else(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"huong", "enter", "f2")
        assert isinstance(app.screen, FindScreen)
        await press(app, pilot, *"van cu")
        assert "Trần Văn Cũ (đã mất)" in shown(app)


async def test_the_arrows_choose_while_typing_goes_on(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"nguyen", "down", "down", "enter")
        assert "Nguyễn Thị Hoa" in shown(app).splitlines()[0]  # by given name: Bé, Đức, Hoa, Minh


async def test_a_household_is_found_by_its_address_and_opens(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"hai ba trung 44", "enter")
        assert isinstance(app.screen, HouseholdScreen)
        assert "Hộ 0801 · 44 Hai Bà Trưng" in shown(app)


async def test_a_scanned_card_with_its_enter_opens_the_person(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2")
        app.post_message(events.Paste(CARD + "\n"))
        await settle(app, pilot)
        assert "Họ và tên: thẻ Tran Thi Thuy, hồ sơ Trần Thúy Kiều" in shown(app)
        await press(app, pilot, "1")
        assert isinstance(app.screen, PersonCardScreen)
        assert "Trần Thúy Kiều" in shown(app).splitlines()[0]


async def test_a_burst_of_letters_and_enter_opens_what_they_meant(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2")
        for letter in "huong":
            app.post_message(events.Key(letter, letter))
        app.post_message(events.Key("enter", "\r"))
        await settle(app, pilot)
        assert "Trương Thị Hường" in shown(app).splitlines()[0]


async def test_who_died_is_found_and_said(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"van cu")
        assert "Trần Văn Cũ (đã mất)" in shown(app)


async def test_nothing_found_says_how_to_add(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"zzz", "enter")
        assert "Không thấy “zzz”" in shown(app)
        assert "Ctrl+N" in shown(app)
        assert isinstance(app.screen, FindScreen)
        await press(app, pilot, "ctrl+n")
        assert isinstance(app.screen, HouseholdForm)


async def test_f9_opens_the_visit_of_the_household(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"huong", "f9")
        assert isinstance(app.screen, VisitScreen)
        await press(app, pilot, "f9", "ctrl+s")
        assert isinstance(app.screen, FindScreen)
        assert rows(app, "SELECT outcome FROM household_visit") == [("met",)]


async def test_escape_empties_first_and_then_goes_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"duc", "escape")
        assert "Gõ vài chữ của tên" in shown(app)
        await press(app, pilot, "escape")
        assert "Hôm nay" in shown(app)


async def test_english(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.change_settings(language="en")
        await press(app, pilot, "f2", *"duc")
        assert "1 found" in shown(app)
        assert "Telephone" in shown(app)
