"""Laptops that merge the same persons differently, or take it back, end with the same persons and the same records."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sync.ward import Laptop, Ward, agreed, calm
from tui_app.records.people import membership_id
from tui_app.records.sameness import disputes, shown_as
from tui_app.services.duplicates import merging
from tui_app.services.duplicates.comparing import FIRST, SECOND, compare, decisions
from tui_app.services.duplicates.duplicates import candidates
from tui_app.services.duplicates.late_changes import changed_since
from tui_app.store import search

NAMES = ("lan", "minh", "tu")


class Street:
    """Three laptops and four records of what may be one woman, each with a screening, a case and a risk group."""

    def __init__(self, folder: Path) -> None:
        self.ward = Ward(folder)
        self.laptops = [self.ward.laptop(name) for name in NAMES]
        lan = self.laptops[0]
        lan.sync()
        self.door = lan.create("household", address="12 Lê Lợi")
        self.persons = sorted(self._person(lan, number) for number in range(4))
        calm(*self.laptops)
        self.started = hanging(lan)

    def _person(self, lan: Laptop, number: int) -> str:
        fields = {
            "full_name": "Nguyễn Thị Bé",
            "birth_year": 1950,
            "household": self.door,
            "note": f"tờ {number}",
        }
        person = lan.create("person", **fields)
        visit = lan.create("household_visit", household=self.door, at=lan.clock(), outcome="met")
        lan.create("screening", visit=visit, person=person, wellbeing="well")
        lan.create("case", person=person, source="screening", started_on="2026-11-20", place="home")
        group = {"person": person, "risk_group": "elderly"}
        lan.create("risk_membership", ident=membership_id(person, "elderly"), **group)
        return person

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


def hanging(laptop: Laptop) -> dict[str, set[str]]:
    """person -> the screenings and cases shown with them."""
    found: dict[str, set[str]] = {}
    for table in ("screening", '"case"'):
        for person, ident in laptop.all(f"SELECT person, id FROM {table} WHERE NOT deleted"):
            found.setdefault(str(person), set()).add(str(ident))
    return found


def groups(laptop: Laptop) -> list[tuple[Any, ...]]:
    return laptop.all(
        "SELECT person, count(*) FROM risk_membership WHERE NOT deleted GROUP BY person ORDER BY person"
    )


def test_opposite_merges_of_one_pair_meet(street: Street) -> None:
    (lan, minh, tu), (a, b, c, d) = street.laptops, street.persons
    merge(lan, b, a, note=SECOND)
    merge(minh, a, b, note=FIRST)
    street.settle()
    for laptop in street.laptops:
        assert shown(laptop) == [a, c, d]
        assert hanging(laptop)[a] == street.started[a] | street.started[b]
        assert groups(laptop) == [(a, 1), (c, 1), (d, 1)], "of one person and group one row is shown"
    assert tu.all('SELECT person, count(*) FROM "case" GROUP BY person') == [(a, 2), (c, 1), (d, 1)]


def test_what_one_chose_in_an_opposite_merge_is_asked_again(street: Street) -> None:
    (lan, minh, tu), (a, b, *_) = street.laptops, street.persons
    merge(lan, b, a, full_name=merging.Given("Nguyễn Thị Bế"))
    merge(minh, a, b)
    street.settle()
    with tu.store.read() as c:
        assert changed_since(c, "person") == [(b, a, ("full_name",))]
        (first, *_) = candidates(c)
        assert (first.first.id, first.second.id, first.strength) == (a, b, "review")
        assert [(one.field, one.second) for one in compare(c, "person", a, b).fields if one.clinical] == [
            ("full_name", "Nguyễn Thị Bế")
        ]
    merge(tu, a, b, full_name=SECOND)
    street.settle()
    for laptop in street.laptops:
        assert laptop.all("SELECT full_name FROM person WHERE NOT deleted AND id = ?", a) == [
            ("Nguyễn Thị Bế",)
        ]
        with laptop.store.read() as c:
            assert changed_since(c, "person") == []


def test_three_in_a_ring(street: Street) -> None:
    (lan, minh, tu), (a, b, c, d) = street.laptops, street.persons
    merge(lan, b, a)
    merge(minh, c, b)
    merge(tu, a, c)
    street.settle()
    for laptop in street.laptops:
        assert shown(laptop) == [a, d]
        assert hanging(laptop)[a] == street.started[a] | street.started[b] | street.started[c]


def test_merged_here_and_not_the_same_there_waits_for_a_person(street: Street) -> None:
    (lan, minh, tu), (a, b, c, d) = street.laptops, street.persons
    merge(lan, b, a)
    assert shown(lan) == [b, c, d]
    merging.not_same(minh.store, "minh", "person", a, b)
    street.settle()
    for laptop in street.laptops:
        assert shown(laptop) == [a, b, c, d], "nobody is hidden while people disagree"
        assert hanging(laptop) == street.started
        with laptop.store.read() as c_:
            (first, *_) = candidates(c_)
            assert (first.first.id, first.second.id, first.strength) == (a, b, "disputed")
    merge(tu, b, a)  # the chief has asked: they are one
    street.settle()
    for laptop in street.laptops:
        assert shown(laptop) == [b, c, d]


def test_undone_elsewhere_everything_is_as_it_was(street: Street) -> None:
    (lan, minh, tu), (a, b, *_) = street.laptops, street.persons
    before = lan.export()
    decision = merge(lan, b, a, note=SECOND)
    street.settle()
    assert minh.all("SELECT note FROM person WHERE id = ?", b) == minh.all(
        "SELECT note FROM person WHERE id = ?", a
    )
    assert merging.undo(minh.store, "minh", decision) == ()
    street.settle()
    after = [line for line in tu.export().splitlines() if b'"merge_decision"' not in line]
    assert after == before.splitlines()


def test_what_was_typed_elsewhere_since_is_not_taken_back(street: Street) -> None:
    (lan, minh, tu), (a, b, *_) = street.laptops, street.persons
    decision = merge(lan, b, a, note=SECOND)
    street.settle()
    minh.change("person", b, note="đã gặp")
    street.settle()
    assert merging.undo(tu.store, "tu", decision) == ("note",)
    street.settle()
    assert lan.all("SELECT note FROM person WHERE id = ?", b) == [("đã gặp",)]


def test_what_was_typed_at_the_hidden_record_comes_up(street: Street) -> None:
    (lan, minh, _), (a, b, *_) = street.laptops, street.persons
    merge(lan, b, a)
    minh.change("person", a, sex="female")
    minh.create("test_result", person=a, at=minh.clock(), result="positive")
    street.settle()
    for laptop in street.laptops:
        assert laptop.all("SELECT person, result FROM test_result") == [(b, "positive")]
        with laptop.store.read() as c:
            assert changed_since(c, "person") == [(a, b, ("sex",))]


def test_the_one_kept_was_deleted_elsewhere_as_the_double(street: Street) -> None:
    (lan, minh, _), (a, b, c, d) = street.laptops, street.persons
    merge(lan, b, a)
    minh.delete("person", b, "trùng")
    street.settle()
    for laptop in street.laptops:
        assert shown(laptop) == [a, c, d]
        assert hanging(laptop)[a] == street.started[a] | street.started[b]


def test_a_laptop_that_loads_everything_afterwards_sees_the_same(street: Street) -> None:
    (lan, minh, _), (a, b, c, d) = street.laptops, street.persons
    merge(lan, b, a)
    merge(minh, c, d)
    street.settle()
    late = street.ward.laptop("hoa")
    street.laptops.append(late)
    street.settle()
    assert shown(late) == [b, c]
    with late.store.read() as connection:
        assert search.check(connection) == 0


def test_a_server_restored_to_before_the_merge_gets_everything_as_it_was_said(street: Street) -> None:
    (lan, *_), (a, b, *_) = street.laptops, street.persons
    before = street.ward.back_up()
    lan.create("screening", visit="v", person=a, wellbeing="unwell")
    merge(lan, b, a)
    street.settle()
    street.ward.restore(before)
    for _ in range(2):
        street.settle()
    said = street.ward.all("SELECT body FROM record WHERE type = 'screening'")
    assert sorted(msgspec.json.decode(body)["person"] for (body,) in said) == sorted([*street.persons, a])
    for laptop in street.laptops:
        assert a not in shown(laptop)
        assert len(hanging(laptop)[b]) == 5


def test_opposite_merges_of_households_meet(street: Street) -> None:
    (lan, minh, _), first = street.laptops, street.door
    second = lan.create("household", address="12 lê lợi", note="tờ 2")
    lan.change("person", street.persons[0], household=second)
    street.settle()
    merging.merge(lan.store, "lan", "household", first, second, {"address": FIRST})
    merging.merge(minh.store, "minh", "household", second, first, {"address": FIRST})
    street.settle()
    door = min(first, second)
    for laptop in street.laptops:
        assert laptop.all("SELECT id FROM household WHERE NOT deleted") == [(door,)]
        assert laptop.all("SELECT household, count(*) FROM person GROUP BY household") == [(door, 4)]
        assert laptop.all("SELECT household, count(*) FROM household_visit GROUP BY household") == [(door, 4)]


def test_opposite_merges_over_two_units_meet_and_hide_nobody_where_one_unit_is_held(street: Street) -> None:
    (lan, minh, _), (a, *_) = street.laptops, street.persons
    there = lan.create("household", "02", address="3 Hòa Hưng")
    other = lan.create("person", "02", full_name="Nguyễn Thị Bé", birth_year=1950, household=there)
    lan.create("test_result", "02", person=other, at=lan.clock(), result="negative")
    street.settle()
    one_unit = street.ward.laptop("hoa", "27211/01")
    merge(lan, other, a, household=FIRST)
    merge(minh, a, other, household=FIRST)
    street.settle()
    one_unit.sync()
    kept = min(a, other)
    for laptop in street.laptops:
        assert ({a, other} & set(shown(laptop))) == {kept}
        assert laptop.all("SELECT person FROM test_result") == [(kept,)]
        assert hanging(laptop)[kept] >= street.started[a]
    # each was moved to the other's unit, so this laptop holds the one that is hidden elsewhere: it shows that one
    assert {a, other} & set(shown(one_unit)) == {other}
    assert one_unit.digests() == {area: street.ward.digests()[area] for area in one_unit.digests()}


PERSON = st.integers(0, 3)
WHO = st.integers(0, 2)
STEP = st.one_of(
    st.tuples(st.just("merge"), WHO, PERSON, PERSON),
    st.tuples(st.just("merge"), WHO, PERSON, PERSON),
    st.tuples(st.just("apart"), WHO, PERSON, PERSON),
    st.tuples(st.just("undo"), WHO, st.integers(0, 5), PERSON),
    st.tuples(st.just("type"), WHO, PERSON, PERSON),
    st.tuples(st.just("visit"), WHO, PERSON, PERSON),
    st.tuples(st.just("sync"), WHO, PERSON, PERSON),
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=2, max_size=9))
def test_any_order_of_deciding_and_meeting_ends_alike(steps: list[tuple[str, int, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        street = Street(Path(folder))
        try:
            for what, who, one, other in steps:
                do(street, street.laptops[who], what, one, other)
            street.settle()
            alike(street)
            lan = street.laptops[0]
            with lan.store.read() as c:
                stand = [row.id for row in merging.standing_decisions(c, "person")]
            for decision in stand:
                with lan.store.read() as c:
                    still = {row.id for row in merging.standing_decisions(c, "person")}
                if decision in still:
                    merging.undo(lan.store, "lan", decision)
            street.settle()
            for laptop in street.laptops:
                assert shown(laptop) == street.persons
                assert hanging(laptop) == street.started
        finally:
            street.ward.close()


def do(street: Street, laptop: Laptop, what: str, one: int, other: int) -> None:
    """One step, where it makes sense on this laptop now."""
    seen = shown(laptop)
    first, second = (seen[place % len(seen)] for place in (one, other))
    if what == "sync":
        laptop.sync()
    elif what == "type":
        laptop.change("person", street.persons[one], note=f"{laptop.user} {other}")
    elif what == "visit":  # perhaps on a sheet that was opened before the person was merged
        person = street.persons[one]
        made = laptop.create("screening", visit="v", person=person, wellbeing="unwell")
        street.started[person].add(made)
        laptop.create(
            "risk_membership", person=person, risk_group="orphan", ident=membership_id(person, "orphan")
        )
    elif what == "undo":
        with laptop.store.read() as c:
            known = sorted(row.id for row in merging.standing_decisions(c, "person"))
        if known:
            merging.undo(laptop.store, laptop.user, known[one % len(known)])
    elif first != second:
        if what == "merge":
            merge(laptop, first, second, note=FIRST)
        else:
            merging.not_same(laptop.store, laptop.user, "person", first, second)


def alike(street: Street) -> None:
    """All laptops show the same: what follows from the decisions, with every record at a person who is shown."""
    for laptop in street.laptops:
        with laptop.store.read() as c:
            known = decisions(c, "person")
            assert search.check(c) == 0
        hidden = shown_as(known, frozenset(street.persons))
        assert shown(laptop) == [one for one in street.persons if one not in hidden]
        wanted: dict[str, set[str]] = {}
        for person, records in street.started.items():
            wanted.setdefault(hidden.get(person, person), set()).update(records)
        assert hanging(laptop) == wanted
        disputed = {one for group in disputes(known) for one in group}
        assert not disputed - set(shown(laptop)) - hidden.keys()
