"""Two laptops copy the same vaccination card: a dose of a day is one dose, and what differs is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.services.test_resolving import Two, all_questions
from tests.sync.ward import calm
from tui_app.records.vaccination import dose_id
from tui_app.services.vaccination import vaccination

CARD = {"given_on": date(2022, 3, 1), "product": "pfizer", "dose_type": "basic", "source": "card"}


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.ward.close()


def test_the_same_dose_added_twice_is_one_and_nothing_is_asked(two: Two) -> None:
    for laptop in (two.lan, two.minh):
        vaccination.add_dose(laptop.store, laptop.user, two.who, CARD)
    two.everyone()
    for laptop in (two.lan, two.minh):
        with laptop.store.read() as c:
            assert vaccination.dose_status(c, None, date(2022, 9, 14))[two.who].basic_given == 1
        assert all_questions(laptop) == []


def test_two_products_of_one_day_wait_for_a_person(two: Two) -> None:
    vaccination.add_dose(two.lan.store, two.lan.user, two.who, CARD)
    vaccination.add_dose(two.minh.store, two.minh.user, two.who, CARD | {"product": "abdala"})
    calm(two.lan, two.minh)
    asked = two.asked(two.lan)
    assert (asked.field, {choice.value for choice in asked.choices}) == ("product", {"comirnaty", "abdala"})
    assert asked.record == dose_id(two.who, date(2022, 3, 1))


def test_a_day_corrected_here_and_taken_back_there_is_no_dose_of_the_old_day(two: Two) -> None:
    ident = vaccination.add_dose(two.lan.store, two.lan.user, two.who, CARD)
    calm(two.lan, two.minh)
    vaccination.change_dose(two.lan.store, two.lan.user, ident, {"given_on": date(2022, 3, 2)})
    vaccination.remove_dose(two.minh.store, two.minh.user, ident, "nhầm")
    two.everyone()
    for laptop in (two.lan, two.minh):
        row = laptop.row("vaccination_dose", ident)
        assert row is not None
        assert row.deleted
        with laptop.store.read() as c:
            assert vaccination.dose_status(c, None, date(2022, 9, 14))[two.who].last_dose_on == date(
                2022, 3, 2
            )
