"""The walking order of an alley, changed by keys, numbered anew in one save and given back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.screens.conftest import USER, type_burst
from tests.screens.street import at_work, household, press, rows, settle, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.people.walking import WalkingScreen
from tui_app.screens.visits.today import TodayScreen
from tui_app.services.people import walking
from tui_app.settings import Places

DOORS = ["9 Lê Lợi", "12 Lê Lợi", "20 Lê Lợi", "31 Lê Lợi"]


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def made(workspace: Workspace) -> None:
        for address in DOORS:
            household(workspace, address, alley="Lê Lợi")
        household(workspace, "1 Hàn Hải Nguyên", alley="Hàn Hải Nguyên")

    return made


def order(app: GonhaApp) -> dict[str, int | None]:
    return dict(rows(app, "SELECT address, walk_order FROM household WHERE alley = 'Lê Lợi' ORDER BY id"))  # type: ignore[arg-type]


async def at_walk(app: GonhaApp, pilot: Any) -> None:
    await press(app, pilot, "down", "w")
    await settle(app, pilot)
    assert isinstance(app.screen, WalkingScreen)


async def test_a_door_goes_down_and_to_a_typed_place_and_all_are_numbered_in_one_save(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_walk(app, pilot)
        assert "Lê Lợi · Khu phố 1" in shown(app).splitlines()[0]
        await press(app, pilot, "j")  # 9 goes below 12
        await press(app, pilot, "down", "down", "g")  # 31 …
        await type_burst(app, "1\r")  # … to the front
        await settle(app, pilot)
        assert "4 hộ đổi số · chưa lưu" in shown(app)
        assert set(order(app).values()) == {None}
        await press(app, pilot, "ctrl+s")
        await settle(app, pilot)
        assert order(app) == {"9 Lê Lợi": 3, "12 Lê Lợi": 2, "20 Lê Lợi": 4, "31 Lê Lợi": 1}
        moments = rows(app, "SELECT DISTINCT changed_at FROM household WHERE alley = 'Lê Lợi'")
        assert len(moments) == 1
        await press(app, pilot, "ctrl+z")
        await settle(app, pilot)
        assert set(order(app).values()) == {None}


async def test_the_list_of_the_day_follows_the_new_order(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_walk(app, pilot)
        await press(app, pilot, "j", "j", "j", "ctrl+s", "escape")
        await settle(app, pilot)
        assert isinstance(app.screen, TodayScreen)
        listed = [line for line in shown(app).splitlines() if "Lê Lợi" in line]
        assert [next(door for door in DOORS if f" {door}" in line) for line in listed] == [
            *DOORS[1:],
            DOORS[0],
        ]


async def test_steps_are_undone_one_by_one_and_leaving_unsaved_is_asked_for_once(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await at_walk(app, pilot)
        await press(app, pilot, "j", "j", "ctrl+z")
        assert "2 hộ đổi số" not in shown(app)  # none has a number yet: all four would get one
        await press(app, pilot, "escape")
        assert "chưa lưu" in shown(app)
        assert isinstance(app.screen, WalkingScreen)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, TodayScreen)
        assert set(order(app).values()) == {None}


def test_a_walk_puts_a_door_where_it_is_told_and_never_beyond_the_ends(workspace: Workspace) -> None:
    with workspace.store.read() as c:
        door = c.execute("SELECT id FROM household WHERE address = '20 Lê Lợi'").fetchone()[0]
        walk = walking.walk(c, door)
    assert [step.address for step in walk.steps] == DOORS
    assert [step.address for step in walk.moved(door, 1).steps] == [DOORS[2], DOORS[0], DOORS[1], DOORS[3]]
    assert walk.moved(door, 99).place_of(door) == 4
    assert walk.moved(door, -3).place_of(door) == 1
    assert walk.moved(door, 3) == walk


def test_only_doors_whose_number_changes_are_saved(workspace: Workspace) -> None:
    store = workspace.store
    with store.read() as c:
        doors = [row[0] for row in c.execute("SELECT id FROM household WHERE alley = 'Lê Lợi' ORDER BY id")]
    assert set(walking.set_order(store, USER, doors)) == set(doors)
    assert walking.set_order(store, USER, doors) == {}
    assert walking.set_order(store, USER, [doors[1], doors[0], *doors[2:]]) == {
        doors[0]: {"walk_order": 1},
        doors[1]: {"walk_order": 2},
    }


async def test_a_door_goes_to_another_alley_and_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "w")  # the only door of Hàn Hải Nguyên
        await settle(app, pilot)
        await press(app, pilot, "a")
        await press(app, pilot, *["backspace"] * 20)
        await type_burst(app, "Lê Lợi\r")
        await settle(app, pilot)
        assert order(app)["1 Hàn Hải Nguyên"] is None  # nobody there has a number yet
        assert "Lê Lợi · Khu phố 1" in shown(app).splitlines()[0]
        await press(app, pilot, "ctrl+z")
        await settle(app, pilot)
        assert "1 Hàn Hải Nguyên" not in order(app)


def test_in_another_alley_it_comes_after_the_last_number(workspace: Workspace) -> None:
    store = workspace.store
    with store.read() as c:
        doors = [row[0] for row in c.execute("SELECT id FROM household ORDER BY id")]
    walking.set_order(store, USER, doors[:4])
    assert walking.put_in_alley(store, USER, doors[4], " Lê  Lợi ") == {
        doors[4]: {"alley": "Hàn Hải Nguyên", "walk_order": None}
    }
    with store.read() as c:
        assert walking.walk(c, doors[0]).place_of(doors[4]) == 5
