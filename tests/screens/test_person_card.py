"""The person's card, driven by keys: masked numbers, tabs, moving, death, leaving, and taking it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.screens.conftest import PASSWORD, USER
from tests.screens.street import at_work, household, line_with, person, press, rows, settle, shown, street
from tui_app.bootstrap import Workspace, open_workspace
from tui_app.clock import Clock
from tui_app.screens.frame.numbers import SHOWN_SECONDS
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.screens.visits.visit import VisitScreen
from tui_app.services.exchange.record_history import RecordHistory, Told
from tui_app.services.people import people
from tui_app.settings import Places

CARD = ("f2", *"kieu", "enter")


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def more(workspace: Workspace) -> None:
        street(workspace)
        door = household(workspace, "44 Hai Bà Trưng", code="0801", phone="+84283855123")
        kieu = person(
            workspace,
            door,
            "Trần Thúy Kiều",
            national_id="079168001234",
            phone="+84903123456",
            birth_year=1961,
        )
        person(workspace, door, "Lê Văn Hai")
        people.save_person(
            workspace.store,
            USER,
            {},
            person=kieu,
            risk_groups=frozenset({"elderly"}),
            conditions=frozenset({"diabetes", "hiv"}),
            restricted=True,
        )

    return more


async def test_the_card_says_who_and_why_at_risk(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        assert "Trần Thúy Kiều · ? · 64–65 tuổi · sinh 1961" in shown(app).splitlines()[0]
        assert "Người cao tuổi (từ 22/11/2026)" in shown(app)
        assert "Đái tháo đường (điều trị: ?)" in shown(app)
        assert "HIV" not in shown(app)
        assert "0801 · 44 Hai Bà Trưng" in line_with(app, "0801")
        assert "▲ chưa gửi" in shown(app)


async def test_the_history_asks_the_server_when_told_to_and_says_when_it_cannot(
    ward: Places, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(workspace: Workspace, record: str) -> RecordHistory:
        by_minh = Told("o9", "2026-01-05T02:00:00.000Z", "2026-01-05T03:00:00.000Z", "minh", ("note",), False,
                       "applied", "A1B2C3D4E5F6")  # fmt: skip
        return RecordHistory("person", record, (by_minh,), "asked")

    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        assert "Hỏi máy chủ" not in shown(app), "only beside the history"
        await press(app, pilot, "]", "]", "]", "]", "]")
        assert "Hỏi máy chủ" in shown(app)
        assert "minh" not in shown(app)
        await press(app, pilot, "s")
        assert "chưa nối với máy chủ" in shown(app)
        monkeypatch.setattr("tui_app.screens.people.person_card.record_history", told)
        await press(app, pilot, "s")
        assert "minh" in line_with(app, "05/01/2026")
        assert "sửa: ghi chú" in line_with(app, "05/01/2026").lower()


async def test_numbers_are_masked_h_shows_them_for_thirty_seconds_and_is_logged(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        assert "079168001234" not in shown(app)
        assert "•••••••••234" in shown(app)
        noted = "SELECT who, what, record_type FROM access_entry ORDER BY id"
        assert rows(app, noted) == [("lan", "open", "person")]
        await press(app, pilot, "h")
        assert "079168001234" in shown(app)
        assert "0903 123 456" in shown(app)
        assert rows(app, noted) == [("lan", "open", "person"), ("lan", "unmask", "person")]
        card = app.screen
        assert isinstance(card, PersonCardScreen)
        assert SHOWN_SECONDS == 30
        card.hide_numbers()
        await settle(app, pilot)
        assert "079168001234" not in shown(app)


async def test_shown_numbers_are_gone_behind_the_lock(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "h")
        await app.lock()
        await app.enter(open_workspace(ward, USER, PASSWORD, clock=clock))
        await settle(app, pilot)
        assert isinstance(app.screen, PersonCardScreen)
        assert "079168001234" not in shown(app)


async def test_tabs_list_tests_visits_and_history(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "v")
        assert isinstance(app.screen, VisitScreen)
        await press(app, pilot, "1", "plus", "f9", "ctrl+s")
        assert "Xét nghiệm 1   Lượt thăm 1" in shown(app)
        assert "22/11/2026: sốt" in line_with(app, "Lần cuối được hỏi")
        assert "22/11/2026: Dương tính" in line_with(app, "Xét nghiệm cuối")
        await press(app, pilot, "right_square_bracket")
        assert "Có xét nghiệm dương tính mà chưa có ca" in shown(app)
        await press(app, pilot, "right_square_bracket")
        assert "chưa ghi mũi nào" in shown(app)
        await press(app, pilot, "right_square_bracket")
        assert "Test nhanh" in line_with(app, "22/11/2026 09:05")
        assert "Dương tính" in line_with(app, "22/11/2026 09:05")
        await press(app, pilot, "right_square_bracket")
        assert "sốt" in line_with(app, "hỏi từng người")
        await press(app, pilot, "right_square_bracket")
        assert "thêm người này" in shown(app)
        assert "chưa gửi" in line_with(app, "thêm người này")
        await press(app, pilot, "right_square_bracket")
        assert "Người cao tuổi" in shown(app)


async def test_empty_tabs_say_what_to_do(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, *["right_square_bracket"] * 3)
        assert "Chưa có xét nghiệm nào. V: thăm hộ này" in shown(app)


async def test_a_death_has_a_day_leaves_the_lists_and_can_be_taken_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "d", *"20/11/2026", "enter")
        assert "Đã mất ngày 20/11/2026" in shown(app)
        assert rows(app, "SELECT died_on FROM person WHERE full_name = 'Trần Thúy Kiều'") == [("2026-11-20",)]
        await press(app, pilot, "m")
        assert isinstance(app.screen, PersonCardScreen)  # the dead do not move
        await press(app, pilot, "u")
        assert rows(app, "SELECT died_on FROM person WHERE full_name = 'Trần Thúy Kiều'") == [(None,)]
        assert "Đã mất" not in shown(app)


async def test_the_day_is_today_when_nothing_is_typed_and_never_to_come(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "d", *"23/11/2026", "enter")
        assert "Ngày mất: nằm ở tương lai" in shown(app)
        await press(app, pilot, "ctrl+u", *"1958", "enter")
        assert "Ngày mất: cần đủ ngày/tháng/năm" in shown(app)
        await press(app, pilot, "ctrl+u", "enter")
        assert rows(app, "SELECT died_on FROM person WHERE full_name = 'Trần Thúy Kiều'") == [("2026-11-22",)]


async def test_escape_from_the_question_changes_nothing(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "d", "escape", "o", "enter", "escape")
        assert rows(app, "SELECT count(*) FROM person WHERE died_on IS NOT NULL OR moved_on IS NOT NULL") == [
            (0,)
        ]


async def test_leaving_asks_for_the_day_and_the_place(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "o", "enter", *"Dong Nai", "enter")
        assert rows(app, "SELECT moved_on, moved_to FROM person WHERE full_name = 'Trần Thúy Kiều'") == [
            ("2026-11-22", "Dong Nai")
        ]
        assert "Đã chuyển đi ngày 22/11/2026, đến Dong Nai" in shown(app)


async def test_a_person_moves_to_a_household_found_by_its_address(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "m", *"20 le", "enter")
        assert rows(
            app,
            "SELECT h.code FROM person AS p JOIN household AS h ON h.id = p.household"
            " WHERE p.full_name = 'Trần Thúy Kiều'",
        ) == [("0720",)]
        assert "0720 · 20 Lê Lợi" in shown(app)
        assert "Đã chuyển Trần Thúy Kiều sang 0720, 20 Lê Lợi" in shown(app)


async def test_english(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.change_settings(language="en")
        await press(app, pilot, *CARD)
        assert "Older person (since 22/11/2026)" in shown(app)
        assert "Diabetes (treatment: ?)" in shown(app)
        assert "Overview   F0   Doses 0   Tests 0   Visits 0" in shown(app)
