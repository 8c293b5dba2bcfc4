"""Laptops that merge the same persons differently, or take it back, end with the same person and the same records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sync.ward import Laptop, Ward, agreed, calm
from tui_app.services import merging
from tui_app.services.comparing import FIRST, SECOND


class Street:
    """Three laptops and three records of what may be one woman, each with a screening and a risk group."""

    def __init__(self, folder: Path) -> None:
        self.ward = Ward(folder)
        self.laptops = [self.ward.laptop(name) for name in ("lan", "minh", "tu")]
        lan = self.laptops[0]
        lan.sync()
        self.door = lan.create("household", address="12 Lê Lợi")
        self.persons = []
        for number in range(3):
            person = lan.create(
                "person",
                "01",
                full_name="Nguyễn Thị Bé",
                birth_year=1950,
                household=self.door,
                note=f"tờ {number}",
            )
            visit = lan.create("household_visit", household=self.door, at=lan.clock(), outcome="met")
            lan.create("screening", visit=visit, person=person, wellbeing="well")
            lan.create("case", person=person, source="screening", started_on="2026-11-20", place="home")
            self.persons.append(person)
        self.persons.sort()
        calm(*self.laptops)

    def settle(self) -> None:
        calm(*self.laptops)
        agreed(self.ward, *self.laptops)


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    made = Street(tmp_path)
    yield made
    made.ward.close()


def merge(laptop: Laptop, kept: str, other: str, **taken: Any) -> str:
    return merging.merge(laptop.store, laptop.user, "person", kept, other, taken).decision


def shown(laptop: Laptop) -> list[str]:
    return [ident for (ident,) in laptop.all("SELECT id FROM person WHERE NOT deleted ORDER BY id")]


def hanging(laptop: Laptop) -> set[tuple[str, int]]:
    return {
        (str(person), int(count))
        for person, count in laptop.all(
            "SELECT person, count(*) FROM screening WHERE NOT deleted GROUP BY person"
        )
    }


def test_opposite_merges_of_one_pair_meet(street: Street) -> None:
    (lan, minh, tu), (a, b, c) = street.laptops, street.persons
    merge(lan, b, a, note=SECOND)
    merge(minh, a, b, note=FIRST)
    street.settle()
    for laptop in street.laptops:
        assert shown(laptop) == [a, c]
        assert hanging(laptop) == {(a, 2), (c, 1)}
    assert tu.all('SELECT person, count(*) FROM "case" GROUP BY person') == [(a, 2), (c, 1)]


def test_three_in_a_ring(street: Street) -> None:
    (lan, minh, tu), (a, b, c) = street.laptops, street.persons
    merge(lan, b, a)
    merge(minh, c, b)
    merge(tu, a, c)
    street.settle()
    for laptop in street.laptops:
        assert shown(laptop) == [a]
        assert hanging(laptop) == {(a, 3)}


def test_merged_here_and_not_the_same_there_is_shown_apart(street: Street) -> None:
    (lan, minh, _), (a, b, c) = street.laptops, street.persons
    merge(lan, b, a)
    assert shown(lan) == [b, c]
    merging.not_same(minh.store, "minh", "person", a, b)
    street.settle()
    for laptop in street.laptops:
        assert shown(laptop) == [a, b, c]
        assert hanging(laptop) == {(a, 1), (b, 1), (c, 1)}


def test_undone_elsewhere_everything_is_as_it_was(street: Street) -> None:
    (lan, minh, tu), (a, b, c) = street.laptops, street.persons
    before = lan.export()
    decision = merge(lan, b, a, note=SECOND)
    street.settle()
    assert minh.row("person", b).body["note"] == minh.all("SELECT note FROM person WHERE id = ?", a)[0][0]
    assert merging.undo(minh.store, "minh", decision) == ()
    street.settle()
    after = [line for line in tu.export().splitlines() if b'"merge_decision"' not in line]
    assert after == before.splitlines()
    assert hanging(tu) == {(a, 1), (b, 1), (c, 1)}
