"""What a locked unit and a viewer look like on the screens, and that a refusal is noted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sync import outbox
from tests.screens.conftest import AREA
from tests.screens.street import at_work, press, rows, settle, shown, street
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock, to_wire
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.settings import Places

NOTED = "SELECT what, detail FROM access_entry ORDER BY id"


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return street


async def test_a_locked_unit_shows_its_counts_and_opens_nobody(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, size=(100, 30)) as (app, pilot):
        store = app.open_workspace.store
        with store.read() as c:
            someone = c.execute("SELECT id FROM person").fetchone()[0]
        with store.write() as c:
            outbox.hold_area(c, AREA.area, AREA.commune, "write", to_wire(clock() - timedelta(days=15)))
        app.screen.reload()  # type: ignore[attr-defined]
        app.refresh_status()
        await settle(app, pilot)
        assert "Khu phố 1 (3 hộ, 8 người)" in shown(app)
        assert "12 Lê Lợi" not in shown(app)
        assert "1 đơn vị khóa" in shown(app)
        await press(app, pilot, "f2", *"duc")
        assert "Nguyễn Văn Đức" not in shown(app)
        assert "1 kết quả ở đơn vị đang khóa" in shown(app)
        await app.push_screen(PersonCardScreen(someone))
        await settle(app, pilot)
        assert not isinstance(app.screen, PersonCardScreen)
        assert ["Khu phố 1 đang khóa" in told.message for told in app._notifications] == [True]
        assert rows(app, NOTED) == [("refused", "lease")]


async def test_a_viewer_sees_how_many_and_nobody(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, size=(100, 30)) as (app, pilot):
        app.open_workspace.store.role = "viewer"
        app.screen.reload()  # type: ignore[attr-defined]
        await settle(app, pilot)
        assert "3 hộ, 8 người" in shown(app)
        assert "Lê Lợi" not in shown(app)
        await press(app, pilot, "n")
        assert ["chỉ xem số liệu" in told.message for told in app._notifications] == [True]
        assert rows(app, NOTED) == [("refused", "role")]
        await press(app, pilot, "f2", *"duc")
        assert "Nguyễn Văn Đức" not in shown(app)
        assert "không tìm được người và hộ" in shown(app)


async def test_a_search_by_identity_is_noted_with_whom_it_opened(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, size=(100, 30)) as (app, pilot):
        store = app.open_workspace.store
        with store.work("lan") as work:
            (one,) = work.connection.execute("SELECT id FROM person WHERE full_name LIKE '%Đức'").fetchone()
            work.change("person", one, {"national_id": "079061001234"})
        await press(app, pilot, "f2", *"079061001234")
        await press(app, pilot, "enter")
        found = rows(app, "SELECT what, record, detail FROM access_entry WHERE what <> 'open'")
        # two jobs note them, in no order that is promised
        assert set(found) == {
            ("search_identity", None, "national_id"),
            ("search_identity", one, "national_id"),
        }
        assert len(found) == 2
        assert rows(app, "SELECT record FROM access_entry WHERE what = 'open'") == [(one,)]


async def test_the_chief_sees_on_the_card_who_opened_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, size=(100, 30)) as (app, pilot):
        await press(app, pilot, "f2", *"duc", "enter")
        await press(app, pilot, "h")
        await press(app, pilot, "escape", "enter")
        await press(app, pilot, "left_square_bracket")
        assert "Mở hồ sơ" in shown(app)
        assert "Xem số đầy đủ" in shown(app)
