"""Today's roster made from a list: nobody twice, taken back, given out again; two laptops that give out the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from door_to_door import TODAY, WHO, household, person

from tests.sync.ward import Laptop, Ward, agreed, calm
from tui_app.records.campaigns import Task
from tui_app.services.risk import assignments, risk_groups, risk_lists, support_needs
from tui_app.services.risk.assignments import Given
from tui_app.services.risk.support_needs import NeedCount
from tui_app.store.engine import Store


def given(store: Store) -> list[Given]:
    with store.read() as c:
        return assignments.given_out(c, TODAY)


def test_each_person_is_given_out_once_a_day_and_task(store: Store) -> None:
    door = household(store, "12 Lê Lợi")
    hang, ti = person(store, door, "Lê Thị Hằng"), person(store, door, "Phạm Văn Tí")
    first = assignments.assign(store, WHO, [hang], reason="từ 65 tuổi")
    again = assignments.assign(store, WHO, [hang, ti, ti], reason="bệnh nền")
    assert (len(first.new), first.already) == (1, 0)
    assert (len(again.new), again.already) == (1, 1)
    assert {(one.full_name, one.household, one.task, one.reason) for one in given(store)} == {
        ("Lê Thị Hằng", door, "visit", "từ 65 tuổi"),
        ("Phạm Văn Tí", door, "visit", "bệnh nền"),
    }
    assert len(assignments.assign(store, WHO, [hang], Task.DOSE).new) == 1, "another task"


def test_what_was_given_out_is_taken_back_and_given_again(store: Store) -> None:
    hang = person(store, household(store, "12 Lê Lợi"), "Lê Thị Hằng")
    made = assignments.assign(store, WHO, [hang])
    assert assignments.withdraw(store, WHO, made.new) == 1
    assert given(store) == []
    assert assignments.withdraw(store, WHO, made.new) == 0, "taken back before"
    assert assignments.assign(store, WHO, [hang]).new == made.new
    assert len(given(store)) == 1
    with store.read() as c:
        assert assignments.persons_given(c, TODAY) == {hang}
        assert assignments.given_to(c, TODAY, [hang]) == list(made.new)


@pytest.fixture
def laptops(tmp_path: Path) -> Iterator[tuple[Ward, Laptop, Laptop, str]]:
    """Two laptops of a ward with one person."""
    ward = Ward(tmp_path)
    lan, minh = ward.laptop("lan"), ward.laptop("minh")
    lan.sync()
    door = lan.create("household", address="12 Lê Lợi")
    who = lan.create("person", full_name="Lê Thị Hằng", household=door, birth_date="1951-03-04")
    calm(lan, minh)
    yield ward, lan, minh, who
    ward.close()


def rows(laptop: Laptop, table: str) -> int:
    return int(laptop.all(f"SELECT count(*) FROM {table} WHERE NOT deleted")[0][0])


def test_two_laptops_that_give_out_the_same_make_one_row(laptops: tuple[Ward, Laptop, Laptop, str]) -> None:
    ward, lan, minh, who = laptops
    assignments.assign(lan.store, "lan", [who], reason="từ 65 tuổi", on=TODAY)
    assignments.assign(minh.store, "minh", [who], reason="quá hạn thăm", on=TODAY)
    calm(lan, minh)
    agreed(ward, lan, minh)
    for laptop in (lan, minh):
        assert rows(laptop, "assignment") == 1
        assert len(given(laptop.store)) == 1


def test_two_laptops_that_add_the_same_group_make_one_row_and_others_both_stay(
    laptops: tuple[Ward, Laptop, Laptop, str],
) -> None:
    ward, lan, minh, who = laptops
    for laptop, groups in ((lan, ("disabled", "tiểu thương chợ")), (minh, ("disabled", "no_support"))):
        for group in groups:
            risk_groups.add_to_group(laptop.store, laptop.user, who, group, started_on=TODAY)
    calm(lan, minh)
    agreed(ward, lan, minh)
    for laptop in (lan, minh):
        assert rows(laptop, "risk_membership") == 3
        with laptop.store.read() as c:
            (found,) = risk_lists.risk_book(c, TODAY).choose(["disabled"])
        assert set(found.groups) >= {"disabled", "no_support", "tiểu thương chợ", "age_65"}


def test_an_end_on_one_laptop_and_another_on_the_other_keeps_the_person_listed_until_decided(
    laptops: tuple[Ward, Laptop, Laptop, str],
) -> None:
    """An open conflict shows the more severe answer: whoever is in by one of the values is listed."""
    ward, lan, minh, who = laptops
    risk_groups.add_to_group(lan.store, "lan", who, "disabled", started_on=TODAY)
    calm(lan, minh)
    row = lan.all("SELECT id FROM risk_membership")[0][0]
    lan.change("risk_membership", row, ended_on="2026-11-22")
    minh.change("risk_membership", row, ended_on="2027-06-01")
    calm(lan, minh)
    agreed(ward, lan, minh)
    for laptop in (lan, minh):
        with laptop.store.read() as c:
            assert len(risk_lists.risk_book(c, TODAY).choose(["disabled"])) == 1


def test_the_same_need_written_on_two_laptops_is_one_person_in_need(
    laptops: tuple[Ward, Laptop, Laptop, str],
) -> None:
    ward, lan, minh, who = laptops
    for laptop in (lan, minh):
        support_needs.open_need(laptop.store, laptop.user, "food", person=who)
    calm(lan, minh)
    agreed(ward, lan, minh)
    for laptop in (lan, minh):
        with laptop.store.read() as c:
            assert support_needs.count(support_needs.needs(c)) == NeedCount(2, 1, 0)
            (found,) = risk_lists.risk_book(c, TODAY).choose(["in_need"])
        assert found.needs == ("food",)
