"""A day approved on one laptop is approved on the others; a returned record comes back to its author's laptop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.services.test_resolving import Two
from tests.sync.ward import Laptop, calm
from tui_app.clock import VIETNAM
from tui_app.services.cases import cases, observing
from tui_app.services.cases.observing import Vitals
from tui_app.services.command import approval
from tui_app.services.command.approval import DayReview, State
from tui_app.services.visits import visits

DAY = date(2026, 11, 22)  # the day of the ward's clock
MORNING = datetime(2026, 11, 22, 8, tzinfo=VIETNAM)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.ward.close()


def review(laptop: Laptop) -> DayReview:
    with laptop.store.read() as c:
        return approval.day_review(c, DAY)


def states(laptop: Laptop) -> dict[str, State]:
    return {line.done.row.id: line.state for line in review(laptop).lines}


def work(laptop: Laptop, person: str) -> tuple[str, str, str]:
    """A case, a reading with every kind of value, and a visit of the person's door, by this laptop's user."""
    store, who = laptop.store, laptop.user
    given = {"started_on": DAY, "first_positive_on": DAY, "facts": {"basic_doses": 2, "self_care": True}}
    case = cases.open_case(store, who, person, source="screening", **given).case
    vitals = Vitals(temperature_c=37.0, pulse=80, spo2=97, symptoms=("cough",), signs=())
    reading = observing.record_vitals(store, who, case, vitals, at=MORNING).observation
    with store.read() as c:
        door = c.execute("SELECT household FROM person WHERE id = ?", (person,)).fetchone()[0]
        sheet = visits.visit_sheet(c, door, DAY)
    return case, reading, visits.record_visit(store, who, sheet.rest_well())


def test_a_day_approved_on_one_laptop_is_approved_on_the_other(two: Two) -> None:
    made = work(two.minh, two.who)
    calm(two.minh, two.lan)
    assert states(two.lan) == dict.fromkeys(made, State.UNDECIDED)
    approval.approve(two.lan.store, "lan", DAY, review(two.lan).undecided)
    approval.close(two.lan.store, "lan", DAY)
    calm(two.lan, two.minh)
    for laptop in (two.lan, two.minh):
        assert states(laptop) == dict.fromkeys(made, State.APPROVED)
        assert review(laptop).closed


def test_a_returned_record_reaches_its_author_and_its_correction_the_chief(two: Two) -> None:
    case, reading, visit = work(two.minh, two.who)
    calm(two.minh, two.lan)
    line = next(one for one in review(two.lan).lines if one.done.row.id == reading)
    approval.give_back(two.lan.store, "lan", DAY, line, "SpO2 của ai?")
    calm(two.lan, two.minh)
    with two.minh.store.read() as c:
        (back,) = approval.returned(c, two.minh.user)
        assert approval.returned(c, two.lan.user) == []
    assert back.last is not None
    assert (back.done.row.id, back.last.reason) == (reading, "SpO2 của ai?")
    vitals = Vitals(temperature_c=37.0, pulse=80, spo2=96, symptoms=("cough",), signs=())
    corrected = observing.amend_vitals(two.minh.store, "minh", reading, vitals, "reading").observation
    calm(two.minh, two.lan)
    assert states(two.lan) == dict.fromkeys((case, corrected, visit), State.UNDECIDED)
    with two.minh.store.read() as c:
        assert approval.returned(c) == []


def test_a_change_that_was_on_its_way_while_the_chief_approved_is_undecided(two: Two) -> None:
    case, _, _ = work(two.minh, two.who)
    calm(two.minh, two.lan)
    cases.set_place(two.minh.store, "minh", case, "hospital", DAY)  # not sent yet
    approval.approve(two.lan.store, "lan", DAY, review(two.lan).undecided)
    approval.close(two.lan.store, "lan", DAY)
    calm(two.lan, two.minh)
    calm(two.lan, two.minh)
    for laptop in (two.lan, two.minh):
        assert states(laptop)[case] == State.CHANGED
        assert review(laptop).closed
