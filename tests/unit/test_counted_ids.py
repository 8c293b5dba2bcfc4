"""The records behind a report's figures fit into one row, or are said to be left out."""

from __future__ import annotations

import msgspec

from tui_app.clock import new_id
from tui_app.services.sweeps.counted_ids import ids_of, kept_ids
from tui_app.services.sweeps.sweep_figures import Figure, differences, kept, read_back


def test_few_are_kept_as_they_are() -> None:
    assert kept_ids({"a": ["x", "y"], "b": []}) == [{"name": "a", "ids": ["x", "y"]}]


def test_many_are_packed_and_come_back() -> None:
    lists = {"a": [new_id() for _ in range(40)], "b": [new_id()], "c": ["0190-area-1"]}
    packed = kept_ids(lists, plain=10)
    assert [sorted(one) for one in packed] == [["name", "packed"], ["name", "packed"], ["ids", "name"]]
    assert ids_of(packed) == {name: tuple(ids) for name, ids in lists.items()}


def test_the_longest_lists_are_left_out_first_where_there_is_no_room() -> None:
    lists = {"long": [new_id() for _ in range(50)], "short": [new_id()]}
    found = kept_ids(lists, plain=10, room=100)
    assert found[0] == {"name": "long", "left_out": 50}
    assert ids_of(found) == {"long": None, "short": tuple(lists["short"])}


def test_a_ward_of_forty_thousand_in_one_unit_still_fits_a_line_of_the_wire() -> None:
    """sync.framing.MAX_LINE: 1 MiB."""
    people, doors = tuple(new_id() for _ in range(40_000)), tuple(new_id() for _ in range(10_000))
    figures = [
        Figure("state_met_all", "household", 10_000, doors),
        Figure("asked_all", "person", 40_000, people),
    ]
    values, counted = kept(figures)
    assert len(msgspec.json.encode([values, counted])) < 1 << 20
    back = read_back(values, counted)
    assert (back[0].ids, back[0].listed) == (doors, True)
    assert (back[1].value, back[1].listed) == (40_000, False)
    assert differences(back, figures) == ()  # what was not listed is compared by its value
    fewer = [figures[0], Figure("asked_all", "person", 39_999, people[1:])]
    assert [(one.name, one.was, one.now) for one in differences(back, fewer)] == [
        ("asked_all", 40_000, 39_999)
    ]
