"""Xung đột: a digit decides, Ctrl+Z asks again, and what a person may not see stays masked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.screens.conflict_ward import THEIRS, conflict, fill_ward, server_row
from tests.screens.street import at_work, line_with, press, rows, settle, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.exchange.conflict import ConflictScreen
from tui_app.screens.exchange.inbox import InboxScreen
from tui_app.screens.exchange.sync import SyncScreen
from tui_app.screens.people.household import HouseholdScreen
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.settings import Places
from tui_app.store.rows import RecordRows
from tui_app.widgets.choice_lines import ChoiceLine, ChoiceLines
from tui_app.widgets.notice import Notice


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return fill_ward


async def at_conflicts(app: GonhaApp, pilot: object, at: str | None = None) -> ConflictScreen:
    screen = ConflictScreen(at=at)
    await app.push_screen(screen)
    await settle(app, pilot)  # type: ignore[arg-type]
    return screen


def lines(screen: ConflictScreen) -> tuple[ChoiceLine, ...]:
    return screen.query_one(ChoiceLines).lines


def says(screen: ConflictScreen) -> str:
    return screen.query_one("#says", Notice).shown


def asked(screen: ConflictScreen) -> str:
    assert screen.asked is not None
    return screen.asked.id


async def test_the_own_value_is_1_theirs_2_and_each_says_who_where_and_when(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await at_conflicts(app, pilot, "c1")
        assert [(line.key, line.value) for line in lines(screen)] == [
            ("1", "1957"),
            ("2", "1956"),
            ("3", "Chưa chắc: để đó, viết vào ghi chú điều cần hỏi lại"),
        ]
        assert [line.by for line in lines(screen)][:2] == [
            "lan, máy này, 21/11/2026 10:30",
            "minh, máy bbb222, 21/11/2026 09:00",
        ]
        assert lines(screen)[1].mark == "đang hiện"
        assert "giữ “1956” đến khi có người chọn" in says(screen)
        assert "2 ô cần chọn" in shown(app)
        assert "⚠ 2" in shown(app).splitlines()[-1]


async def test_1_takes_the_own_value_and_goes_on_to_the_next_question(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await at_conflicts(app, pilot, "c1")
        await press(app, pilot, "1")
        assert rows(app, "SELECT birth_year FROM person WHERE id = 'p1'") == [(1957,)]
        assert rows(app, "SELECT state, chosen FROM conflict WHERE id = 'c1'") == [("resolved", "1957")]
        assert asked(screen) == "c3"
        assert app.said == "Đã chọn Năm sinh: 1957."
        assert "đã chọn" in line_with(app, "Lê Thị Hằng")
        assert app.status is not None
        assert app.status.open_conflicts == 1


async def test_ctrl_z_takes_decisions_back_one_by_one(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await at_conflicts(app, pilot, "c1")
        await press(app, pilot, "1")
        await press(app, pilot, "2")
        assert rows(app, "SELECT id, state FROM conflict WHERE state = 'resolved' ORDER BY id") == [
            ("c1", "resolved"),
            ("c3", "resolved"),
        ]
        await press(app, pilot, "ctrl+z")
        assert asked(screen) == "c3"
        await press(app, pilot, "ctrl+z")
        assert asked(screen) == "c1"
        assert rows(app, "SELECT id FROM conflict WHERE state = 'resolved'") == []
        assert rows(app, "SELECT birth_year FROM person WHERE id = 'p1'") == [(1956,)]


async def test_a_question_decided_before_is_asked_again_from_the_list(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_conflicts(app, pilot, "c1")
        await press(app, pilot, "1", "escape")
        screen = await at_conflicts(app, pilot, "c1")
        assert "Đã chọn “1957”" in says(screen)
        assert [line.key for line in lines(screen)] == ["", ""]
        await press(app, pilot, "ctrl+z")
        assert rows(app, "SELECT state FROM conflict WHERE id = 'c1'") == [("open",)]
        assert rows(app, "SELECT birth_year FROM person WHERE id = 'p1'") == [(1956,)]


async def test_3_joins_two_notes(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await at_conflicts(app, pilot, "c2")
        assert lines(screen)[2].value == "Giữ cả hai, ghép lại: “chó dữ; cổng sau”"
        await press(app, pilot, "3")
        assert rows(app, "SELECT note FROM household WHERE id = 'h1'") == [("chó dữ; cổng sau",)]


async def test_3_on_a_birth_year_writes_down_what_to_ask(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_conflicts(app, pilot, "c1")
        await press(app, pilot, "3", "enter")
        assert "Chưa viết điều cần hỏi." in shown(app)
        await press(app, pilot, *"xem so ho khau", "enter")
        assert rows(app, "SELECT note FROM person WHERE id = 'p1'") == [
            ("Cần hỏi lại Năm sinh: xem so ho khau",)
        ]
        assert rows(app, "SELECT state FROM conflict WHERE id = 'c1'") == [("open",)]


async def test_x_swaps_a_settled_field_and_ctrl_z_swaps_it_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_conflicts(app, pilot, "c2")
        for key, note in (("x", "chó dữ"), ("ctrl+z", "cổng sau")):
            await press(app, pilot, key)
            assert rows(app, "SELECT note FROM household WHERE id = 'h1'") == [(note,)]
        assert rows(app, "SELECT state FROM conflict WHERE id = 'c2'") == [("settled",)]


async def test_x_means_nothing_on_an_open_question(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_conflicts(app, pilot, "c1")
        await press(app, pilot, "x", "9")
        assert rows(app, "SELECT birth_year FROM person WHERE id = 'p1'") == [(1956,)]


async def test_a_number_is_masked_until_h_and_that_is_noted(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await at_conflicts(app, pilot, "c3")
        assert [line.value for line in lines(screen)][:2] == ["•••••••••002", "•••••••••321"]
        await press(app, pilot, "h")
        assert [line.value for line in lines(screen)][:2] == ["0903 000 002", "0987 654 321"]
        noted = "SELECT who, record_type, record, detail FROM access_entry WHERE what = 'unmask'"
        assert rows(app, noted) == [("lan", "household", "h2", "conflict")]
        screen.keep_draft()
        assert lines(screen)[0].value == "•••••••••002", "nothing stays readable behind the login"


async def test_a_decision_says_no_masked_number_aloud(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_conflicts(app, pilot, "c3")
        await press(app, pilot, "2")
        assert app.said == "Đã chọn Điện thoại: •••••••••321."


async def test_a_third_value_has_the_digit_4(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        at = "2026-11-21T02:00:00.000Z"
        given = [(name, "minh", THEIRS, at) for name in ("Lê Hằng", "Lê Thị Hằng", "Lê Thị Hằn")]
        with app.open_workspace.store.write() as c:
            RecordRows().upsert(c, [conflict("c4", ("person", "p1", "full_name"), "open", *given)])
        screen = await at_conflicts(app, pilot, "c4")
        assert [(line.key, line.value) for line in lines(screen) if line.by] == [
            ("1", "Lê Hằng"),
            ("2", "Lê Thị Hằng"),
            ("4", "Lê Thị Hằn"),
        ]
        await press(app, pilot, "4")
        assert rows(app, "SELECT full_name FROM person WHERE id = 'p1'") == [("Lê Thị Hằn",)]


async def test_what_is_not_here_can_be_looked_at_only(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        row = conflict(
            "c5", ("person", "p9", "birth_year"), "open", (1, "minh", THEIRS, ""), (2, "hoa", THEIRS, "")
        )
        with app.open_workspace.store.write() as c:
            RecordRows().upsert(c, [row])
        screen = await at_conflicts(app, pilot, "c5")
        assert "không có trên máy này" in says(screen)
        await press(app, pilot, "1")
        assert rows(app, "SELECT state FROM conflict WHERE id = 'c5'") == [("open",)]


async def test_an_unknown_type_is_named_by_its_own_word_and_can_be_decided(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        known = server_row("vitals", "v1", 9, spo2=95)
        row = conflict(
            "c6", ("vitals", "v1", "spo2"), "open", (95, "minh", THEIRS, ""), (91, "hoa", THEIRS, "")
        )
        with app.open_workspace.store.write() as c:
            RecordRows().upsert(c, [known, row])
        await at_conflicts(app, pilot, "c6")
        assert "vitals" in shown(app)
        await press(app, pilot, "2")
        assert rows(app, "SELECT json_extract(row, '$.body.spo2') FROM later_row") == [(91,)]


async def test_f7_leads_to_the_conflict_and_to_the_change_under_the_cursor(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f7", "right_square_bracket", "down", "enter")
        assert isinstance(app.screen, ConflictScreen)
        assert app.screen.asked is not None
        here = app.screen.asked.id
        await press(app, pilot, "escape")
        assert isinstance(app.screen, SyncScreen)
        assert here == "c3"
        await press(app, pilot, "right_square_bracket", "enter")
        assert isinstance(app.screen, InboxScreen)


async def test_enter_opens_the_record(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_conflicts(app, pilot, "c1")
        await press(app, pilot, "o")
        assert isinstance(app.screen, PersonCardScreen)
        await press(app, pilot, "escape")
        await at_conflicts(app, pilot, "c3")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, HouseholdScreen)


async def test_both_languages_and_a_narrow_screen(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_conflicts(app, pilot, "c2")
        await app.change_settings(language="en")
        await settle(app, pilot)
        assert "Merged by itself" in shown(app)
        assert "Keep both, joined" in shown(app)


async def test_nothing_in_conflict_says_so(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        with app.open_workspace.store.write() as c:
            c.execute("DELETE FROM conflict")
        await at_conflicts(app, pilot)
        assert "Không có ô nào bị hai máy ghi khác nhau." in shown(app)
        await press(app, pilot, "1", "3", "x", "n", "ctrl+z")


async def test_the_card_of_a_person_in_conflict_leads_to_its_questions_only(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock, (110, 40)) as (app, pilot):
        await app.push_screen(PersonCardScreen("p1"))
        await settle(app, pilot)
        assert "⚠ xung đột: Năm sinh" in shown(app)
        assert "biên nhận 0F1E2D3C4B5A" in shown(app)
        await press(app, pilot, "c")
        assert isinstance(app.screen, ConflictScreen)
        assert list(app.screen.questions) == ["c1"]
        await press(app, pilot, "1", "escape")
        assert isinstance(app.screen, PersonCardScreen)
        assert "⚠ xung đột" not in shown(app)
        await press(app, pilot, "c")
        assert isinstance(app.screen, PersonCardScreen), "nothing is left to choose"


async def test_a_household_shows_its_conflict_and_how_it_stands_with_the_server(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.push_screen(HouseholdScreen("h2"))
        await settle(app, pilot)
        assert "▲ chưa gửi" in line_with(app, "Máy chủ")
        await press(app, pilot, "c")
        assert isinstance(app.screen, ConflictScreen)
        assert list(app.screen.questions) == ["c3"]
        await press(app, pilot, "escape")
        await app.push_screen(HouseholdScreen("h1"))
        await settle(app, pilot)
        assert "biên nhận A1B2C3D4E5F6 · 22/11/2026 08:30" in line_with(app, "Máy chủ")
