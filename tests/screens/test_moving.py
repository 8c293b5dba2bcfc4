"""A household and a person go to another unit, by keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sync import outbox
from sync.protocol import Row
from tests.screens.conftest import AREA, USER
from tests.screens.street import at_work, press, rows, shown, street
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.services.people import people
from tui_app.settings import Places
from tui_app.store.rows import RecordRows

FAR = "0190-area-2"


def two_units(workspace: Workspace) -> None:
    """The street, and one door in another unit."""
    street(workspace)
    with workspace.store.write() as c:
        body = {"unit_code": "02", "unit_name": "Khu phố 2", "commune_name": "Phường Hòa Bình"}
        RecordRows().upsert(c, [Row(type="area", id=FAR, commune="27211", area=FAR, seq=1, body=body)])
        outbox.hold_area(c, FAR, "27211", "write")
    people.save_household(workspace.store, USER, {"address": "7 Hàn Hải Nguyên"}, area=FAR)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return two_units


async def test_m_puts_a_household_into_another_unit(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, size=(100, 30)) as (app, pilot):
        await press(app, pilot, "o", "m")
        assert "Khu phố 2" in shown(app)
        assert AREA.body["unit_name"] not in shown(app).split("Chuyển hộ")[1].split("Esc")[0]
        await press(app, pilot, "1")
        moved = rows(app, "SELECT address FROM household WHERE area = ? ORDER BY address", FAR)
        assert moved == [("7 Hàn Hải Nguyên",), ("9 Lê Lợi",)]
        assert rows(app, "SELECT full_name FROM person WHERE area = ?", FAR) == [("Lê Thị Hằng",)]
        assert "Đã chuyển hộ 0709 · 9 Lê Lợi với 1 người sang Khu phố 2" in shown(app)
        assert "9 Lê Lợi, Khu phố 2" in shown(app)


async def test_a_person_is_offered_the_doors_of_other_units_after_those_of_the_own(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock, size=(100, 30)) as (app, pilot):
        await press(app, pilot, "f2", *"duc", "enter", "m")
        listed = [line for line in shown(app).splitlines() if "Lê Lợi" in line or "Nguyên" in line]
        assert ["Khu phố 2" in line for line in listed if "phường" not in line.lower()][-1]
        await press(app, pilot, *"nguyen")
        await press(app, pilot, "enter")
        (area,) = rows(app, "SELECT area FROM person WHERE full_name = 'Nguyễn Văn Đức'")
        assert area == (FAR,)
        assert rows(app, 'SELECT count(*) FROM outbox WHERE "set" LIKE \'%"area"%\'') == [(1,)]
