"""Hồ sơ trùng and two records side by side: driven by keys, judged by what is shown and stored."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from tests.screens.conftest import USER
from tests.screens.street import at_work, household, line_with, person, press, rows, settle, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.duplicates import duplicates
from tui_app.screens.duplicates.duplicates import DuplicatesScreen
from tui_app.screens.duplicates.merge import MergeScreen
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.services.duplicates import merging
from tui_app.services.duplicates.duplicates import Pair
from tui_app.settings import Places

BE = "SELECT full_name, sex FROM person WHERE NOT deleted AND phone LIKE '%001' ORDER BY id"


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    """One woman on two lists, one man with a number twice, twins, and one household written twice."""

    def made(workspace: Workspace) -> None:
        first = household(workspace, "12 Lê Lợi", phone="+84903000001")
        person(workspace, first, "Nguyễn Thị Bé", birth_date="1955-03-12", sex="female", phone="+84903000001")
        for name in ("Trần Văn An", "Trần Văn Ân"):
            person(workspace, first, name, birth_date="1980-02-01", sex="male")
        second = household(workspace, "14 Lê Lợi")
        person(workspace, second, "Lê Văn Tư", birth_year=1950, national_id="079150000001")
        person(workspace, second, "NGUYEN THI BE", birth_year=1955, sex="male", phone="+84903000001")
        third = household(workspace, "9 Nguyễn Trãi", code="0709")
        person(workspace, third, "Lê Văn Tư", birth_date="1950-05-03", national_id="079150000001")
        fourth = household(workspace, "9 nguyễn trãi", code="0711")
        person(workspace, fourth, "Lê Văn Tư", birth_date="1950-05-03", national_id="079150000777")

    return made


async def queue(app: GonhaApp, pilot: object) -> DuplicatesScreen:
    await app.action_go("duplicates")
    await settle(app, pilot)  # type: ignore[arg-type]
    assert isinstance(app.screen, DuplicatesScreen)
    return app.screen


async def test_pairs_stand_by_how_sure_they_are_and_say_why(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await queue(app, pilot)
        assert [(pair.first.name, str(pair.strength)) for pair in screen.pairs] == [
            ("Lê Văn Tư", "strong"),
            ("Trần Văn An", "possible"),
            ("Nguyễn Thị Bé", "possible"),  # the sexes differ: one step less sure
        ]
        assert "cùng số định danh, cùng tên, năm sinh khớp" in shown(app)
        await press(app, pilot, "right_square_bracket", "right_square_bracket")
        assert [pair.first.name for pair in screen._shown] == ["Lê Văn Tư"]
        await press(app, pilot, "slash", *"be")
        assert "Không cặp nào khớp “be”." in shown(app)
        await press(app, pilot, "escape")
        assert len(screen._shown) == 1


async def test_a_merge_waits_until_everything_is_chosen(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await queue(app, pilot)
        await press(app, pilot, "down", "down", "enter")
        assert isinstance(app.screen, MergeScreen)
        assert "phải chọn" in line_with(app, "Giới tính  ")
        await press(app, pilot, "equals_sign")
        assert isinstance(app.screen, MergeScreen)
        assert app.said == "Còn 2 ô phải chọn: Họ và tên, Giới tính."
        await press(app, pilot, "1", "equals_sign", "2")
        await press(app, pilot, "equals_sign", *"CCCD", "enter")
        assert app.screen is screen
        assert app.said == "Đã gộp. Ctrl+Z để lấy lại."
        assert rows(app, "SELECT verdict, reason FROM merge_decision") == [("same", "CCCD")]
        assert rows(app, BE) == [("Nguyễn Thị Bé", "male")]
        assert [pair.first.name for pair in screen.pairs] == ["Lê Văn Tư", "Trần Văn An"]
        await press(app, pilot, "ctrl+z")
        assert app.said == "Đã lấy lại; mọi thứ như trước."
        assert len(screen.pairs) == 3
        assert rows(app, BE) == [("Nguyễn Thị Bé", "female"), ("NGUYEN THI BE", "male")]


async def test_a_value_can_be_typed_and_the_sides_swapped(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await queue(app, pilot)
        await press(app, pilot, "enter")
        merge = app.screen
        assert isinstance(merge, MergeScreen)
        kept, other = merge.first, merge.second
        await press(app, pilot, "x")
        assert (merge.first, merge.second) == (other, kept)
        assert merge.field is not None
        assert merge.field.field == "birth_date"
        await press(app, pilot, "e", *"4/5/1950", "enter")
        assert "→ 04/05/1950" in shown(app)
        await press(app, pilot, "equals_sign", "enter")
        assert rows(app, "SELECT birth_date, birth_year FROM person WHERE id = ?", other) == [
            ("1950-05-04", None)
        ]


async def test_two_that_are_two_are_not_offered_again(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await queue(app, pilot)
        await press(app, pilot, "down", "enter", "n", *"sinh doi", "enter")
        assert [pair.first.name for pair in screen.pairs] == ["Lê Văn Tư", "Nguyễn Thị Bé"]
        await press(app, pilot, "left_square_bracket")
        assert "Không phải một" in line_with(app, "Trần Văn Ân")
        assert len(screen.decisions) == 1
        await press(app, pilot, "ctrl+z")
        assert len(screen.pairs) == 3


async def test_numbers_are_masked_until_asked_for_and_that_is_noted(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await queue(app, pilot)
        ids = {
            name: ident
            for ident, name in rows(app, "SELECT id, full_name FROM person WHERE national_id IS NULL")
        }
        only = rows(app, "SELECT id FROM person WHERE national_id = '079150000777'")[0][0]
        await app.push_screen(MergeScreen("person", only, ids["Trần Văn An"]))
        await settle(app, pilot)
        assert "•••••••••777" in shown(app)
        await press(app, pilot, "h")
        assert "079150000777" in shown(app)
        assert rows(app, "SELECT record, detail FROM access_entry WHERE what = 'unmask'") == [(only, "merge")]


async def test_comparing_says_how_far_it_is_and_stops_at_escape(
    ward: Places, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, released = threading.Event(), threading.Event()
    asked_to_stop: list[bool] = []

    def slowly(
        c: object, told: Callable[[int, int], None], stopped: Callable[[], bool], **_: object
    ) -> list[Pair]:
        told(2000, 9000)
        began.set()
        released.wait(30)
        asked_to_stop.append(stopped())
        return []

    async with at_work(ward, clock) as (app, pilot):
        monkeypatch.setattr(duplicates, "candidates", slowly)
        screen = DuplicatesScreen()
        await app.push_screen(screen)
        await asyncio.to_thread(began.wait, 30)
        await pilot.pause()
        assert "Đang so 2000/9000 cặp… Esc: dừng." in shown(app)
        await pilot.press("escape")
        released.set()
        await settle(app, pilot)
        assert asked_to_stop == [True]
        assert app.screen is screen
        assert "Đã dừng khi so được 2000/9000 cặp. R: so lại từ đầu." in shown(app)
        monkeypatch.undo()
        await press(app, pilot, "r")
        assert len(screen.pairs) == 3
        await press(app, pilot, "escape")
        assert app.screen is not screen


async def test_households_have_their_own_queue(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await queue(app, pilot)
        await press(app, pilot, "g")
        assert [(pair.first.name, pair.reasons) for pair in screen.pairs] == [
            ("Lê Văn Tư", ("address", "same_head"))
        ]
        await press(app, pilot, "enter")
        assert "Người trong hộ 2 chuyển theo: Lê Văn Tư." in shown(app)
        await press(app, pilot, "equals_sign", "enter")
        assert rows(app, "SELECT count(*) FROM household WHERE NOT deleted") == [(3,)]
        assert rows(app, "SELECT count(DISTINCT household) FROM person WHERE full_name = 'Lê Văn Tư'") == [
            (2,)
        ]


async def test_the_card_leads_to_the_double_and_back_to_what_was_merged(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        (kept,) = rows(app, "SELECT id FROM person WHERE full_name = 'Lê Văn Tư' AND birth_year = 1950")[0]
        card = PersonCardScreen(kept)
        await app.push_screen(card)
        await settle(app, pilot)
        assert "Có thể trùng với Lê Văn Tư 1950. Phím = để so." in shown(app)
        await press(app, pilot, "equals_sign")
        assert isinstance(app.screen, MergeScreen)
        await press(app, pilot, "equals_sign", *"CCCD", "enter")
        assert app.screen is card
        assert "Có thể trùng" not in shown(app)
        await press(app, pilot, "left_square_bracket")
        assert "Gộp từ Lê Văn Tư · CCCD" in shown(app)
        await press(app, pilot, "equals_sign")
        assert isinstance(app.screen, MergeScreen)
        await press(app, pilot, "ctrl+z")
        assert rows(app, "SELECT count(*) FROM person WHERE NOT deleted AND full_name = 'Lê Văn Tư'") == [
            (3,)
        ]


async def test_a_card_of_a_record_that_was_merged_meanwhile_shows_the_one_kept(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        found = rows(
            app, "SELECT id FROM person WHERE national_id = '079150000001' ORDER BY birth_year IS NULL"
        )
        kept, other = (ident for (ident,) in found)
        card = PersonCardScreen(other)
        await app.push_screen(card)
        await settle(app, pilot)
        merging.merge(app.open_workspace.store, USER, "person", kept, other, {})
        card.records_changed()
        await settle(app, pilot)
        assert card.person == kept
