"""Changes the server did not take: the reason in words, and a key for each way on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.screens.conflict_ward import fill_ward
from tests.screens.street import at_work, press, rows, settle, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.exchange.inbox import InboxScreen
from tui_app.screens.people.person_form import PersonForm
from tui_app.settings import Places
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.facts import Facts
from tui_app.widgets.notice import Notice
from tui_app.widgets.text_field import TextField

HELD = "SELECT n FROM outbox WHERE state = 'held'"
SETTLED = "SELECT json_extract(settled, '$.how') FROM outbox WHERE settled IS NOT NULL"


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return fill_ward


async def at_inbox(app: GonhaApp, pilot: Any, query: str = HELD) -> InboxScreen:
    """The inbox, on the change that ``query`` finds."""
    screen = InboxScreen(at=rows(app, query)[0][0])
    await app.push_screen(screen)
    await settle(app, pilot)
    return screen


REJECTED = "SELECT n FROM outbox WHERE state = 'rejected'"


def typed(screen: InboxScreen) -> dict[str, str]:
    return {label: value.plain for label, value in screen.query_one(Facts)._facts}


def says(screen: InboxScreen) -> str:
    return screen.query_one("#says", Notice).shown


async def type_into(app: GonhaApp, pilot: Any, text: str) -> None:
    """Answer the question that stands open."""
    assert isinstance(app.screen, Ask)
    app.screen.query_one(TextField).value = text
    await press(app, pilot, "enter")


async def test_it_says_what_was_typed_why_it_was_stopped_and_what_to_do(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await at_inbox(app, pilot)
        assert says(screen).startswith("Bị giữ lại: đơn vị này chỉ được xem. Chuyển giao (G)")
        assert typed(screen) == {"Năm sinh": "1984 → 1985", "Điện thoại": "(trống) → •••••••••009"}
        assert "2 việc" in shown(app)
        await press(app, pilot, "h")
        assert typed(screen)["Điện thoại"] == "(trống) → 0903 000 009"


async def test_r_withdraws_with_a_reason_and_keeps_the_change(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await at_inbox(app, pilot)
        assert rows(app, "SELECT birth_year FROM person WHERE id = 'p2'") == [(1985,)]
        await press(app, pilot, "r", "enter")
        assert "Ghi lý do rút lại." in shown(app)
        await type_into(app, pilot, "nhầm người")
        assert rows(app, "SELECT birth_year FROM person WHERE id = 'p2'") == [(1984,)]
        assert rows(app, SETTLED) == [("withdrawn",)]
        assert app.status is not None
        assert app.status.stopped == 1
        await press(app, pilot, "t")
        assert "lan rút lại lúc 22/11/2026 09:05: nhầm người" in says(screen)
        await press(app, pilot, "r", "s", "e")
        assert rows(app, SETTLED) == [("withdrawn",)], "what is settled is only looked at"
        await press(app, pilot, "escape")
        assert "1 việc" in shown(app)


async def test_s_sends_the_change_again(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_inbox(app, pilot)
        await press(app, pilot, "s")
        assert rows(app, HELD) == []
        assert rows(app, "SELECT count(*) FROM outbox WHERE record = 'p2' AND state = 'new'") == [(1,)]


async def test_e_opens_the_form_with_what_was_typed_and_saving_answers_the_change(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_inbox(app, pilot)
        await press(app, pilot, "e")
        assert isinstance(app.screen, PersonForm)
        assert app.screen.typed() == {"birth_date": "1985", "phone": "0903000009"}
        await press(app, pilot, "ctrl+s")
        assert isinstance(app.screen, InboxScreen)
        assert rows(app, "SELECT birth_year, phone FROM person WHERE id = 'p2'") == [(1985, "+84903000009")]
        assert rows(app, SETTLED) == [("resent",)]
        assert app.said == "Đã sửa; sẽ gửi ở lần đồng bộ tới."


async def test_leaving_the_form_settles_nothing(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_inbox(app, pilot)
        await press(app, pilot, "e", "escape")
        assert isinstance(app.screen, InboxScreen)
        assert (len(rows(app, HELD)), rows(app, SETTLED)) == (1, [])


async def test_a_record_without_a_form_asks_for_the_field_at_fault(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await at_inbox(app, pilot, REJECTED)
        assert typed(screen)["Nhu cầu"] == "Lương thực (máy chủ không nhận ô này)"
        await press(app, pilot, "e")
        assert "Sửa Nhu cầu rồi gửi lại" in shown(app)
        await type_into(app, pilot, "medicine")
        assert rows(app, "SELECT kind FROM support_need WHERE id = 's1' AND NOT deleted") == [("medicine",)]
        assert rows(app, SETTLED) == [("resent",)]


async def test_a_wrong_value_is_refused_and_nothing_is_settled(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_inbox(app, pilot, REJECTED)
        await press(app, pilot, "e")
        await type_into(app, pilot, "gạo")
        assert [notice.severity for notice in app._notifications] == ["error"]
        assert rows(app, SETTLED) == []


async def test_g_writes_marked_changes_into_a_file_and_notes_who_takes_them(
    ward: Places, clock: Clock, tmp_path: Path
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await at_inbox(app, pilot)
        await press(app, pilot, "home", "space", "space", "g")
        assert "Chuyển giao 2 thay đổi" in shown(app)
        await type_into(app, pilot, "Minh, Tổ 2")
        assert "Cảnh báo: tệp có tên và số của người dân" in shown(app)
        await type_into(app, pilot, str(tmp_path / "ban-giao.txt"))
        assert "kết thúc bằng .xlsx" in shown(app)
        await type_into(app, pilot, str(tmp_path / "ban-giao.xlsx"))
        assert (tmp_path / "ban-giao.xlsx").stat().st_size > 1000
        assert rows(app, SETTLED) == [("handed",), ("handed",)]
        assert app.said == "Đã ghi 2 thay đổi vào ban-giao.xlsx."
        assert "chưa giữ lại" in shown(app)
        assert screen.chosen == []
        noted = "SELECT count(*) FROM access_entry WHERE what = 'export' AND detail = 'hand-over'"
        assert rows(app, noted) == [(2,)]


async def test_a_folder_that_is_not_there_settles_nothing(ward: Places, clock: Clock, tmp_path: Path) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_inbox(app, pilot)
        await press(app, pilot, "g")
        await type_into(app, pilot, "Minh")
        await type_into(app, pilot, str(tmp_path / "nowhere" / "x.xlsx"))
        assert [notice.severity for notice in app._notifications] == ["error"]
        assert rows(app, SETTLED) == []


async def test_both_languages(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, (120, 40)) as (app, pilot):
        await at_inbox(app, pilot)
        await app.change_settings(language="en")
        await settle(app, pilot)
        assert "Held: this unit can only be read." in shown(app)
