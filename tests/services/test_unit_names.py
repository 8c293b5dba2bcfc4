"""What a unit was called on a day, and finding it by any name it has or had."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sync import outbox
from sync.protocol import Row
from tests.conftest import KEY, NOW
from tui_app.clock import pinned_clock
from tui_app.errors import NotFound
from tui_app.services.people import doors, people
from tui_app.services.people.finding import search
from tui_app.services.station.unit_names import former_names, held_on, named_on
from tui_app.services.station.units import Units
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows


def area(number: int, code: str, name: str, *former: dict[str, Any], **more: Any) -> Row:
    """A unit of Phường Phú Thọ."""
    body = {"commune_code": "27226", "commune_name": "Phường Phú Thọ", "unit_code": code, "unit_name": name}
    places = [f"{one['commune_code']}/{one['unit_code']}" for one in former]
    body |= {"former": list(former), "aliases": places, "valid_from": "2025-07-01"} | more  # type: ignore[dict-item]
    return Row(type="area", id=f"area-{number}", commune="x", area=f"area-{number}", seq=1, body=body)


def was(code: str, commune: str, unit_code: str, unit: str, **days: str) -> dict[str, Any]:
    names = {"commune_code": code, "commune_name": commune, "unit_code": unit_code, "unit_name": unit}
    return names | {"valid_to": "2025-06-30"} | days


ELEVEN = area(1, "01", "Khu phố 1 (Phường 11)", was("27226", "Phường 11", "01", "Khu phố 1"))
FIFTEEN = area(2, "27217-01", "Khu phố 1 (Phường 15)", was("27217", "Phường 15", "01", "Khu phố 1"))
EIGHT = area(3, "31", "Khu phố 31", was("27235", "Phường 8", "02", "Khu phố Hai"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "gonha.db", KEY, clock=pinned_clock(NOW), create=True)
    with made.write() as c:
        RecordRows().upsert(c, [ELEVEN, FIFTEEN, EIGHT])
        for row in (ELEVEN, FIFTEEN, EIGHT):
            outbox.hold_area(c, row.area, row.commune, "write")
    yield made
    made.close()


TWICE = area(
    4,
    "9",
    "Khu 9",
    was("27217", "Phường 15", "01", "Khu phố 1"),
    was("27220", "Phường 15 mới", "09", "Khu phố 9", valid_from="2025-07-01", valid_to="2026-06-30"),
    valid_from="2026-07-01",
).body


@pytest.mark.parametrize(
    ("day", "names"),
    [
        ("2021-08-18", ("27217", "Phường 15", "01", "Khu phố 1")),
        ("2025-06-30", ("27217", "Phường 15", "01", "Khu phố 1")),
        ("2025-07-01", ("27220", "Phường 15 mới", "09", "Khu phố 9")),
        ("2026-06-30T20:00:00.000Z", ("27220", "Phường 15 mới", "09", "Khu phố 9")),
        ("2026-07-01", ("27226", "Phường Phú Thọ", "9", "Khu 9")),
        (None, ("27226", "Phường Phú Thọ", "9", "Khu 9")),
    ],
)
def test_names_are_those_in_force_on_the_day(day: str | None, names: tuple[str, ...]) -> None:
    found = named_on(TWICE, day)
    assert tuple(found[name] for name in ("commune_code", "commune_name", "unit_code", "unit_name")) == names


def test_former_names_leave_out_those_of_now() -> None:
    assert list(former_names(TWICE)) == ["Khu phố 1", "Phường 15", "Khu phố 9", "Phường 15 mới"]
    assert list(former_names({"unit_name": "Khu phố 1"})) == []


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("27226/01", "area-1"),
        ("27217/01", "area-2"),
        ("27226/27217-01", "area-2"),
        ("27235/02", "area-3"),
        ("Khu phố 31", "area-3"),
        ("KP Hai", "area-3"),
        ("khu pho hai", "area-3"),
        ("Khu phố 1 (Phường 15)", "area-2"),
        ("Khu phố 1, Phường 15", "area-2"),
        ("KP1, P.11", "area-1"),
        ("KP1, P15, Quận 11", "area-2"),
        ("Khu phố Hai, Phường 8", "area-3"),
        ("Khu phố 31, Phường Phú Thọ", "area-3"),
        ("Khu phố 1", None),
        ("Khu phố 7", None),
    ],
)
def test_a_list_names_units_as_they_are_or_were_called(store: Store, text: str, unit: str | None) -> None:
    with store.read() as c:
        found = Units(c).named(text)
    assert (found.id if found else None) == unit


def test_a_default_unit_may_be_given_by_its_old_code(store: Store) -> None:
    with store.read() as c:
        default = Units(c, "27217/01").default
        assert default is not None
        assert default.id == "area-2"
        with pytest.raises(NotFound):
            Units(c, "27217/77")


def test_f2_finds_households_by_the_old_name_of_their_unit(store: Store) -> None:
    here = people.save_household(store, "lan", {"address": "1 Lê Lợi"}, area="area-3")
    people.save_household(store, "lan", {"address": "2 Lê Lợi"}, area="area-1")
    with store.read() as c:
        for words in ("khu pho hai", "phuong 8", "Khu phố 31", "27235/02"):
            assert [hit.id for hit in search(c, words).hits] == [here], words
        assert search(c, "khu pho tram").hits == ()


def test_the_filter_of_hom_nay_knows_old_names(store: Store) -> None:
    people.save_household(store, "lan", {"address": "1 Lê Lợi"}, area="area-2")
    with store.read() as c:
        (door,) = doors.doors(c, date(2026, 11, 22))
    assert door.matches(["phuong", "15"])
    assert door.matches(["27217/01"])
    assert not door.matches(["phuong", "8"])


def test_the_units_of_a_laptop_as_they_were_called_on_a_day(store: Store) -> None:
    with store.read() as c:
        assert held_on(c, date(2026, 1, 1))[0] == ["Phường Phú Thọ"]
        communes, units = held_on(c, date(2021, 8, 18))
    assert set(communes) == {"Phường 11", "Phường 15", "Phường 8"}
    assert units.count("Khu phố 1") == 1


def test_a_unit_that_ended_takes_no_new_household(store: Store) -> None:
    ended = replace_body(EIGHT, valid_to="2025-06-30")
    with store.write() as c:
        RecordRows().upsert(c, [ended])
    with store.read() as c:
        assert [unit.id for unit in people.areas_going_on(c)] == ["area-1", "area-2"]
        assert len(people.areas(c)) == 3


def replace_body(row: Row, **more: Any) -> Row:
    return msgspec.structs.replace(row, body=row.body | more)
