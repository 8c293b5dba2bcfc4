"""Households of a unit that was split: marked, placed, gone from the list."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from sync import outbox
from sync.protocol import Row
from tests.screens.conftest import AREA
from tests.screens.street import at_work, press, rows, settle, shown, street
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.people.unplaced import UnplacedScreen
from tui_app.settings import Places
from tui_app.store.rows import RecordRows


def part(number: int, name: str) -> Row:
    body = {
        "commune_code": f"2722{number}",
        "commune_name": f"Phường Mới {number}",
        "unit_code": "31",
        "unit_name": name,
        "former": [{"commune_code": "27211", "commune_name": "Phường Hòa Bình", "unit_code": "01"}],
        "valid_from": "2025-07-01",
    }
    return Row(type="area", id=f"part-{number}", commune="27211", area=f"part-{number}", seq=1, body=body)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def made(workspace: Workspace) -> None:
        street(workspace)
        ended = msgspec.structs.replace(AREA, body=AREA.body | {"valid_to": "2025-06-30"})
        parts = [part(1, "Khu phố 1A"), part(2, "Khu phố 1B")]
        with workspace.store.write() as c:
            RecordRows().upsert(c, [ended, *parts])
            for one in parts:
                outbox.hold_area(c, one.area, one.commune, "write")

    return made


async def test_marked_households_go_to_a_part_in_one_save_with_everybody(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.push_screen(UnplacedScreen())
        await settle(app, pilot)
        assert "12 Lê Lợi" in shown(app)
        await press(app, pilot, "space", "space", "enter")  # the first two
        assert "Xếp 2 hộ vào đơn vị nào?" in shown(app)
        assert "1 Khu phố 1A · Phường Mới 1" in shown(app)
        await press(app, pilot, "1")
        await settle(app, pilot)
        assert rows(app, "SELECT area, count(*) FROM household GROUP BY area ORDER BY area") == [
            (AREA.area, 1),
            ("part-1", 2),
        ]
        assert rows(app, "SELECT area, count(*) FROM person GROUP BY area ORDER BY area") == [
            (AREA.area, 2),
            ("part-1", 6),
        ]
        assert "Đã xếp 2 hộ, 6 người." in shown(app)
        await press(app, pilot, "enter", "2")
        await settle(app, pilot)
        assert "Không còn hộ nào chờ xếp" in shown(app)


async def test_all_that_a_filter_leaves_are_marked_with_one_key(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.push_screen(UnplacedScreen())
        await settle(app, pilot)
        await press(app, pilot, "a")
        assert "đã chọn 3" in shown(app)
        await press(app, pilot, "a", "enter")
        assert "Xếp 1 hộ" in shown(app)  # nothing is marked: the one under the cursor
        await press(app, pilot, "escape", "escape")
        assert not isinstance(app.screen, UnplacedScreen)


async def test_hom_nay_says_that_households_wait_and_opens_the_list(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        assert "3 hộ chưa xếp vào đơn vị mới" in shown(app)
        await press(app, pilot, "u")
        await settle(app, pilot)
        assert isinstance(app.screen, UnplacedScreen)
        await press(app, pilot, "a", "enter", "1")
        await settle(app, pilot)
        await press(app, pilot, "escape")
        await settle(app, pilot)
        assert "chưa xếp" not in shown(app)
