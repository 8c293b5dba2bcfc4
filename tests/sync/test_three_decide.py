"""Three people decide the same questions at once, on laptops that sync in any order; all end with the same answer or
with the same question, and no value is gone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.sync.ward import Laptop, Ward, agreed, calm
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id
from tui_app.services.exchange import resolving
from tui_app.services.exchange.questions import Question, questions
from tui_app.settings import Places

# What each of the three chooses: of 1951, 1952, 1953, which they gave themselves, or a year of their own.
ALIKE, TWO, THREE, OWN, ONE = (
    (1952, 1952, 1952),
    (1951, 1951, 1953),
    (1951, 1952, 1953),
    (1960, 1951, 1961),
    (None, 1953, None),
)
CASES = {
    ALIKE: ("resolved", {1951, 1952, 1953}),
    TWO: ("open", {1951, 1952, 1953}),
    THREE: ("open", {1951, 1952, 1953}),
    OWN: ("open", {1951, 1952, 1953, 1960, 1961}),
    ONE: ("resolved", {1951, 1952, 1953}),  # None: this one does not decide
}


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    """On SQLite only: what is tried here does not depend on where rows are kept."""
    made = Ward(tmp_path)
    yield made
    made.close()


def desk(laptop: Laptop) -> Workspace:
    opened: Any = SimpleNamespace(user=laptop.user, role="chief")
    return Workspace(Places(laptop.store.path.parent), opened, laptop.store, laptop.clock, new_id)


def someone(laptop: Laptop) -> str:
    door = laptop.create("household", address="12 Lê Lợi")
    return laptop.create("person", full_name="Lê Thị Hằng", household=door)


def asked(laptop: Laptop, person: str) -> Question:
    with laptop.store.read() as c:
        (found,) = questions(c, record=person)
    return found


def decide(laptop: Laptop, person: str, year: int) -> None:
    question = asked(laptop, person)
    for place, choice in enumerate(question.choices):
        if choice.value == year:
            resolving.take(desk(laptop), question.id, place)
            return
    resolving.give(desk(laptop), question.id, year)


def years(question: Question) -> set[Any]:
    return {choice.value for choice in question.choices}


def test_three_decide_at_once_and_sync_in_every_order(ward: Ward) -> None:
    team = [ward.laptop(user) for user in ("lan", "minh", "hoa")]
    calm(*team)
    for order in permutations(team):
        persons = {case: someone(team[0]) for case in CASES}
        calm(*team)
        for year, laptop in enumerate(team, 1951):
            for person in persons.values():
                laptop.change("person", person, birth_year=year)
        calm(*team)
        for case, person in persons.items():
            assert years(asked(team[0], person)) == {1951, 1952, 1953}
            for laptop, choice in zip(team, case, strict=True):
                if choice is not None:
                    decide(laptop, person, choice)
        for laptop in order:
            laptop.sync()
        calm(*team)
        agreed(ward, *team)
        for case, person in persons.items():
            question = asked(team[0], person)
            assert (question.state, years(question)) == CASES[case], (case, [one.user for one in order])
            row = team[0].row("person", person)
            assert row is not None
            assert row.body["birth_year"] in {choice for choice in case if choice}
        # The team talks about what is still open, one of them decides, and that is that.
        for case in (TWO, THREE, OWN):
            decide(order[0], persons[case], 1953)
        calm(*team)
        agreed(ward, *team)
        for case in (TWO, THREE, OWN):
            for laptop in team:
                question = asked(laptop, persons[case])
                assert (question.state, question.chosen, question.current) == ("resolved", 1953, 1953)


def test_a_question_grows_while_somebody_decides_it(ward: Ward) -> None:
    lan, minh, hoa = [ward.laptop(user) for user in ("lan", "minh", "hoa")]
    calm(lan, minh, hoa)
    person = someone(lan)
    calm(lan, minh, hoa)
    lan.change("person", person, birth_year=1951)
    minh.change("person", person, birth_year=1952)
    hoa.change("person", person, birth_year=1953)  # types it, and has no link for days
    calm(lan, minh)
    decide(lan, person, 1952)
    hoa.sync()
    lan.sync()
    calm(lan, minh, hoa)
    agreed(ward, lan, minh, hoa)
    question = asked(minh, person)
    assert (question.state, years(question)) == ("open", {1951, 1952, 1953})
    assert question.current == 1952
    decide(minh, person, 1953)
    calm(lan, minh, hoa)
    agreed(ward, lan, minh, hoa)
    assert asked(lan, person).state == "resolved"
    # A decided question is asked again when somebody who knew nothing of it comes with yet another value.
    lan.change("person", person, birth_year=1954)
    minh.change("person", person, birth_year=1955)
    calm(lan, minh, hoa)
    agreed(ward, lan, minh, hoa)
    question = asked(hoa, person)
    assert (question.state, years(question)) == ("open", {1954, 1955})
    past = [value["value"] for value in ward.server_body("conflict", question.id)["past"]]
    assert set(past) == {1951, 1952, 1953}
