"""Work that is given out travels like any record: by the server and by the USB stick, from the chief to who goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.services.by_hand import Stick
from tests.sync.ward import Laptop, Ward, agreed, calm
from tui_app.clock import today
from tui_app.services.roster import giving
from tui_app.services.roster.lines import RosterLine
from tui_app.services.roster.roster import roster
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweeps import Plan


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    yield made
    made.close()


def lines(laptop: Laptop) -> dict[str, RosterLine]:
    """Household -> its line."""
    with laptop.store.read() as c:
        return {line.household: line for line in roster(c, laptop.store.clock())}


def swept(laptop: Laptop, day: date, *addresses: str) -> list[str]:
    """Doors of a sweep of one day."""
    doors = [laptop.create("household", address=address) for address in addresses]
    plan = Plan(name="Rà soát", areas=(laptop.area("01").id,), started_on=day, ended_on=day)
    sweeps.start(laptop.store, laptop.user, plan)
    return doors


def test_what_the_chief_gives_out_is_on_the_roster_of_who_goes_with_the_network_off(ward: Ward) -> None:
    chief, minh = ward.laptop("lan"), ward.laptop("minh")
    chief.sync()
    day = today(chief.store.clock)
    first, second = swept(chief, day, "12 Lê Lợi", "30 Lê Lợi")
    giving.give(chief.store, "lan", list(lines(chief).values()), "Tổ 1")
    giving.give(chief.store, "lan", [lines(chief)[second]], "minh")
    calm(chief, minh)
    agreed(ward, chief, minh)
    assert {door: line.to for door, line in lines(minh).items()} == {first: "Tổ 1", second: "minh"}
    assert lines(minh) == lines(chief)


def test_two_who_give_the_same_door_to_others_are_one_row_and_both_names_stay_listed(ward: Ward) -> None:
    chief, minh = ward.laptop("lan"), ward.laptop("minh")
    chief.sync()
    (door,) = swept(chief, today(chief.store.clock), "12 Lê Lợi")
    calm(chief, minh)
    giving.give(chief.store, "lan", list(lines(chief).values()), "Tổ 1")
    giving.give(minh.store, "minh", list(lines(minh).values()), "Tổ 2")
    calm(chief, minh)
    agreed(ward, chief, minh)
    assert lines(chief)[door].to == lines(minh)[door].to
    assert len(lines(chief)[door].given) == 1


def test_a_stick_carries_what_was_given_out(ward: Ward, tmp_path: Path) -> None:
    chief, minh = ward.laptop("lan"), ward.laptop("minh")
    near, far = Stick(ward, chief, tmp_path), Stick(ward, minh, tmp_path)
    near.round()
    far.round()
    (door,) = swept(chief, today(chief.store.clock), "12 Lê Lợi")
    giving.give(chief.store, "lan", list(lines(chief).values()), "minh")
    near.round()
    far.round()
    assert lines(minh)[door].to == "minh"
    giving.take_back(minh.store, "minh", list(lines(minh).values()))
    far.round()
    near.round()
    assert lines(chief)[door].to == ""
