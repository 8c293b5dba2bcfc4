"""A ward of 725 households is converted on a real server under real laptops: every household stays, with both names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sync.server.deciding import NewUnit, assign, split
from tests.sync.old_wards import EFFECTIVE, NOW, load, taken
from tests.sync.ward import Laptop, Ward
from tui_app.records import REGISTRY
from tui_app.services.station import unplaced
from tui_app.services.station.unit_names import named_on
from tui_app.services.station.units import Units
from tui_app.store.rows import table

HOUSEHOLDS = {"27226/01": 150, "27226/02": 140, "27217/01": 150, "27235/01": 120, "27235/02": 165}  # 725
TODAY = date(2026, 11, 22)


@pytest.fixture
def wards(tmp_path: Path, place: Path | str) -> Iterator[Ward]:
    made = Ward(tmp_path, place)
    load(made.database)
    yield made
    made.close()


def fill(laptop: Laptop) -> None:
    """725 households of two persons, each with a visit to every tenth."""
    with laptop.store.read() as c:
        units = Units(c)
        places = {code: units.named(code) for code in HOUSEHOLDS}
    with laptop.store.work(laptop.user) as work:
        for code, count in HOUSEHOLDS.items():
            place = places[code]
            assert place is not None
            for number in range(1, count + 1):
                door = work.create(
                    "household", {"code": f"{code}-{number}", "address": f"{number} Lê Lợi"}, place=place
                )
                for name in ("Nguyễn Văn Đức", "Trần Thị Thủy"):
                    work.create("person", {"household": door, "full_name": name}, place=place)
                if number % 10 == 0:
                    visit = {"household": door, "at": work.at, "outcome": "absent"}
                    work.create("household_visit", visit, place=place)


def doors(laptop: Laptop) -> dict[str, tuple[str, str, str]]:
    """household's code -> commune and unit now, and the unit before the conversion."""
    with laptop.store.read() as c:
        units = {row.id: row.body for row in table("area").where(c)}
        found = {}
        for row in table("household").where(c):
            now, before = units[row.area], named_on(units[row.area], date(2025, 6, 30))
            found[str(row.body["code"])] = (
                str(now["commune_name"]),
                str(now["unit_name"]),
                f"{before['unit_name']}, {before['commune_name']}",
            )
        return found


def count(laptop: Laptop, type_name: str) -> int:
    with laptop.store.read() as c:
        return int(c.execute(f"SELECT count(*) FROM {type_name} WHERE NOT deleted").fetchone()[0])


def test_a_ward_of_725_households_keeps_every_household_and_both_names(wards: Ward) -> None:
    chief = wards.laptop("lan", "27226,27217,27235")
    chief.sync()
    fill(chief)
    chief.sync()
    other = wards.laptop("minh", "27226,27217,27235")
    other.sync()
    assert (count(other, "household"), count(other, "person"), count(other, "household_visit")) == (
        725,
        1450,
        72,
    )

    done = taken(wards.database)
    assert (
        (done.before.households, done.before.persons)
        == (done.after.households, done.after.persons)
        == (725, 1450)
    )
    assert done.communes == [("27226", "Phường Phú Thọ", 3, 440, 880)]  # 150 + 140 + 150 households
    assert {one.place: one.households for one in done.waiting if one.households} == {
        "27235/01": 120,
        "27235/02": 165,
    }
    assign(wards.database, REGISTRY, "27235/01", "27226", now=NOW)
    parts = [NewUnit("27226", "31", "Khu phố 31"), NewUnit("27232", "31", "Khu phố 31 BT")]
    assert split(wards.database, REGISTRY, "27235/02", parts, now=NOW).households == 165

    chief.sync()
    with chief.store.read() as c:
        waiting = unplaced.unplaced(c, TODAY)
    assert len(waiting) == 165
    assert {target.name for target in waiting[0].targets} == {"Khu phố 31", "Khu phố 31 BT"}
    by_name = {target.name: target.id for target in waiting[0].targets}
    first, rest = [d.household for d in waiting[:100]], [d.household for d in waiting[100:]]
    assert unplaced.place(chief.store, "lan", first, by_name["Khu phố 31"]) == 200
    assert unplaced.place(chief.store, "lan", rest, by_name["Khu phố 31 BT"]) == 130
    chief.sync()
    other.sync()

    found = doors(other)
    assert found == doors(chief)
    assert len(found) == 725
    assert Counter(found.values()) == {
        ("Phường Phú Thọ", "Khu phố 1 (Phường 11)", "Khu phố 1, Phường 11"): 150,
        ("Phường Phú Thọ", "Khu phố 2", "Khu phố 2, Phường 11"): 140,
        ("Phường Phú Thọ", "Khu phố 1 (Phường 15)", "Khu phố 1, Phường 15"): 150,
        ("Phường Phú Thọ", "Khu phố Một", "Khu phố Một, Phường 8"): 120,
        ("Phường Phú Thọ", "Khu phố 31", "Khu phố Hai, Phường 8"): 100,
        ("Phường Bình Thới", "Khu phố 31 BT", "Khu phố Hai, Phường 8"): 65,
    }
    assert (count(other, "person"), count(other, "household_visit")) == (1450, 72)
    with other.store.read() as c:
        assert unplaced.unplaced(c, TODAY) == []
        people = c.execute(
            "SELECT count(*) FROM person AS p JOIN household AS h ON h.id = p.household AND h.area = p.area"
        ).fetchone()[0]
    assert people == 1450
    again = taken(wards.database)
    assert again.moved == []
    assert {one.reason for one in again.waiting} == {
        "missing"
    }  # the ward's own commune, of which the table says nothing
    assert (again.after.households, again.after.persons) == (725, 1450)
    wards.digests()


def test_what_was_typed_offline_during_the_conversion_arrives_in_its_unit(wards: Ward) -> None:
    member = wards.laptop("hoa", "27217/01")
    member.sync()
    taken(wards.database)
    door = member.create("household", code="x", address="1 Lê Lợi")
    member.sync()
    assert wards.server_body("household", door)["address"] == "1 Lê Lợi"
    assert doors(member)["x"] == ("Phường Phú Thọ", "Khu phố 1 (Phường 15)", "Khu phố 1, Phường 15")
    assert EFFECTIVE < TODAY


def test_a_laptop_of_the_split_unit_alone_is_given_its_parts(wards: Ward) -> None:
    member = wards.laptop("hoa", "27235/02")
    member.sync()
    door = member.create("household", unit="02", code="x", address="1 Lê Lợi")
    member.sync()
    taken(wards.database)
    split(wards.database, REGISTRY, "27235/02", [NewUnit("27226", "31"), NewUnit("27232", "31")], now=NOW)
    member.sync()
    with member.store.read() as c:
        (waiting,) = unplaced.unplaced(c, TODAY)
    assert waiting.household == door
    unplaced.place(member.store, "hoa", [door], waiting.targets[0].id)
    member.sync()
    assert wards.all("SELECT area FROM record WHERE id = :id AND gone IS NULL", id=door) == [
        (waiting.targets[0].id,)
    ]
