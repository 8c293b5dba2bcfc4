"""Until a person has decided, lists show the more severe of the values that met."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.services.test_resolving import Two, all_questions, desk
from tests.sync.ward import calm
from tui_app.clock import new_id
from tui_app.services.exchange import resolving
from tui_app.services.people import cards, doors
from tui_app.services.people.cards import PersonCard
from tui_app.services.people.severity import severest

DAY = date(2026, 11, 22)
AT = "2026-11-22T01:00:00.000Z"


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.ward.close()


def met(two: Two, type_name: str, mine: dict[str, Any], theirs: dict[str, Any], **both: Any) -> str:
    """The same row made on both laptops with other content: Lan's arrives first and is the one shown."""
    ident = new_id()
    two.lan.create(type_name, ident=ident, **both, **mine)
    two.minh.create(type_name, ident=ident, **both, **theirs)
    calm(two.lan, two.minh)
    return ident


def card(two: Two) -> PersonCard:
    with two.lan.store.read() as c:
        return cards.person_card(c, two.who, DAY)


def test_a_positive_result_shows_over_a_negative_one_until_decided(two: Two) -> None:
    met(two, "test_result", {"result": "negative"}, {"result": "positive"}, person=two.who, at=AT)
    (asked,) = all_questions(two.lan)
    assert (asked.current, asked.severe) == ("negative", True)
    assert card(two).events[0].fields["result"] == "positive"
    place = next(place for place, one in enumerate(asked.choices) if one.value == "negative")
    resolving.take(desk(two.lan), asked.id, place)
    assert card(two).events[0].fields["result"] == "negative"


def test_who_may_be_unwell_counts_as_unwell_on_the_walk_and_at_the_household(two: Two) -> None:
    visit = two.lan.create("household_visit", household=two.door, at=AT, outcome="met", asked="each")
    calm(two.lan, two.minh)
    met(two, "screening", {"wellbeing": "well"}, {"wellbeing": "unwell"}, visit=visit, person=two.who)
    with two.lan.store.read() as c:
        (door,) = doors.doors(c, DAY)
        household = cards.household_card(c, two.door, DAY)
    assert (door.asked, door.unwell) == (1, 1)
    assert household.visits[0].fields["unwell"] == 1
    assert card(two).events[0].fields["wellbeing"] == "unwell"


def test_a_contraindication_that_somebody_noted_is_shown(two: Two) -> None:
    two.differ("person", two.who, "contraindicated", False, True)
    held = two.lan.row("person", two.who)
    assert held is not None
    assert held.body["contraindicated"] is False, "no machine decides"
    assert card(two).fields["contraindicated"] is True


def test_fields_without_an_order_and_settled_ones_show_as_they_are(two: Two) -> None:
    two.differ("person", two.who, "birth_year", 1956, 1957)
    with two.lan.store.read() as c:
        assert severest(c, [two.who]) == {}
    assert card(two).fields["birth_year"] == 1956
    assert card(two).conflicts == ("birth_year",)


def test_a_value_of_a_newer_version_is_not_ranked(two: Two) -> None:
    met(two, "test_result", {"result": "negative"}, {"result": "positive"}, person=two.who, at=AT)
    with two.lan.store.write() as c:
        c.execute("""UPDATE conflict SET "values" = replace("values", 'positive', 'reactive')""")
    with two.lan.store.read() as c:
        assert set(severest(c, [card(two).events[0].record]).values()) == {"negative"}
