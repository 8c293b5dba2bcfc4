"""Support needs: open, met, refused with a reason; nobody counts twice (S0 §IV.5: no omission, no double)."""

from __future__ import annotations

from datetime import date

import pytest
from door_to_door import TODAY, WHO, household, person

from tui_app.errors import InvalidFields
from tui_app.services.people import people
from tui_app.services.risk import support_needs
from tui_app.services.risk.support_needs import Need, NeedCount
from tui_app.store.engine import Store


@pytest.fixture
def home(store: Store) -> tuple[str, str, str]:
    """A household of Hằng and Tí."""
    door = household(store, "12 Lê Lợi")
    return door, person(store, door, "Lê Thị Hằng"), person(store, door, "Phạm Văn Tí")


def needs(store: Store, **more: object) -> list[Need]:
    with store.read() as c:
        return support_needs.needs(c, **more)  # type: ignore[arg-type]


def only(store: Store) -> Need:
    (found,) = needs(store, open_only=False)
    return found


def test_a_person_with_two_needs_and_a_household_with_two_count_once(
    store: Store, home: tuple[str, str, str]
) -> None:
    door, hang, ti = home
    for kind, whose in (
        ("medicine", {"person": hang}),
        ("food", {"person": hang}),
        ("food", {"person": ti}),
        ("food", {"household": door}),
        ("money", {"household": door}),
    ):
        support_needs.open_need(store, WHO, kind, **whose)
    found = needs(store)
    assert support_needs.count(found) == NeedCount(needs=5, persons=2, households=1)
    assert support_needs.counts(found) == {
        "medicine": NeedCount(1, 1, 0),
        "food": NeedCount(3, 2, 1),
        "money": NeedCount(1, 0, 1),
    }
    assert [need.kind for need in needs(store, kinds=["money"])] == ["money"]


def test_a_person_or_household_that_was_deleted_needs_nothing(
    store: Store, home: tuple[str, str, str]
) -> None:
    door, hang, ti = home
    support_needs.open_need(store, WHO, "food", person=hang)
    support_needs.open_need(store, WHO, "money", household=door)
    kept = support_needs.open_need(store, WHO, "food", person=ti)
    with store.work(WHO) as work:
        work.delete("person", hang, "nhập nhầm")
        work.delete("household", door, "nhập nhầm")
    assert [need.id for need in needs(store)] == [kept]


def test_the_needs_of_a_door_are_those_of_who_lives_there_now(
    store: Store, home: tuple[str, str, str]
) -> None:
    door, hang, _ = home
    support_needs.open_need(store, WHO, "food", person=hang)
    other = household(store, "14 Lê Lợi")
    people.save_person(store, WHO, {"household": other}, person=hang)
    assert needs(store, household=door) == []
    assert [need.person for need in needs(store, household=other)] == [hang]


def test_the_same_need_is_not_opened_twice(store: Store, home: tuple[str, str, str]) -> None:
    _, hang, ti = home
    first = support_needs.open_need(store, WHO, "food", person=hang)
    with pytest.raises(InvalidFields):
        support_needs.open_need(store, WHO, "food", person=hang)
    support_needs.open_need(store, WHO, "food", person=ti)
    support_needs.meet(store, WHO, first)
    support_needs.open_need(store, WHO, "food", person=hang)


def test_met_refused_and_opened_again(store: Store, home: tuple[str, str, str]) -> None:
    ident = support_needs.open_need(store, WHO, "referral", person=home[1], note="xe đi lọc máu")
    assert (only(store).status, only(store).opened_on) == ("open", TODAY.isoformat())
    support_needs.follow(store, WHO, ident, "Tổ 3")
    assert (only(store).status, only(store).followed_by) == ("in_progress", "Tổ 3")
    support_needs.meet(store, WHO, ident)
    assert (only(store).status, only(store).closed_on) == ("done", TODAY.isoformat())
    assert needs(store) == []
    with pytest.raises(InvalidFields):
        support_needs.meet(store, WHO, ident)
    support_needs.reopen(store, WHO, ident)
    assert (only(store).status, only(store).closed_on) == ("in_progress", "")
    with pytest.raises(InvalidFields):
        support_needs.refuse(store, WHO, ident, "  ")
    support_needs.refuse(store, WHO, ident, "gia đình tự lo được")
    assert (only(store).status, only(store).reason) == ("declined", "gia đình tự lo được")


def test_one_entered_by_mistake_is_taken_away(store: Store, home: tuple[str, str, str]) -> None:
    ident = support_needs.open_need(store, WHO, "food", household=home[0])
    support_needs.withdraw(store, WHO, ident)
    assert needs(store, open_only=False) == []


@pytest.mark.parametrize("kind", ["", "gold"])
def test_a_kind_must_be_known(store: Store, home: tuple[str, str, str], kind: str) -> None:
    with pytest.raises(InvalidFields):
        support_needs.open_need(store, WHO, kind, person=home[1])


def test_a_day_to_come_closes_nothing(store: Store, home: tuple[str, str, str]) -> None:
    ident = support_needs.open_need(store, WHO, "food", person=home[1])
    with pytest.raises(InvalidFields):
        support_needs.meet(store, WHO, ident, on=date(2026, 11, 23))


def test_the_dead_need_nothing_any_more(store: Store, home: tuple[str, str, str]) -> None:
    support_needs.open_need(store, WHO, "food", person=home[1])
    people.mark_died(store, WHO, home[1], TODAY)
    assert needs(store) == []


def test_words_that_name_a_restricted_condition_are_on_no_list(
    store: Store, home: tuple[str, str, str]
) -> None:
    support_needs.open_need(store, WHO, "medicine", person=home[1], note="thuốc ARV điều trị HIV")
    support_needs.open_need(store, WHO, "referral", person=home[1], note="lọc máu thứ ba")
    assert sorted(need.note for need in needs(store)) == ["", "lọc máu thứ ba"]
