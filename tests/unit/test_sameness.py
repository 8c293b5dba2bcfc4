"""Which of several records is shown follows from the set of decisions alone."""

from __future__ import annotations

from itertools import permutations

import pytest

from tui_app.records.sameness import Decided, disputes, shown_as

LIVE = frozenset("abcd")


def said(text: str) -> list[Decided]:
    """``a>b``: a was merged into b; ``a/b``: they are not the same; ``!2``: the second of these is taken back."""
    made: list[Decided] = []
    for number, word in enumerate(text.split(), 1):
        if word.startswith("!"):
            undone = made[int(word[1:]) - 1]
            made.append(Decided(f"d{number}", "undone", undone.kept, undone.merged, undone.id))
        elif ">" in word:
            merged, kept = word.split(">")
            made.append(Decided(f"d{number}", "same", kept, merged))
        else:
            one, other = word.split("/")
            made.append(Decided(f"d{number}", "not_same", one, other))
    return made


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a>b", {"a": "b"}),
        ("b>a", {"b": "a"}),
        ("a>b b>a", {"b": "a"}),  # in opposite ways: the smallest id
        ("a>b b>c", {"a": "c", "b": "c"}),  # what was kept last was merged into nothing
        ("a>b a>c", {"a": "b", "c": "b"}),
        ("a>b b>c c>a", {"b": "a", "c": "a"}),
        ("a>b a>b !1", {"a": "b"}),  # the other decision stands
        ("a>b !1", {}),
        ("a>b b>c !1", {"b": "c"}),
        ("a>b c>d", {"a": "b", "c": "d"}),
        ("a>b a/b", {}),  # disagreement: both stay to be seen
        ("a>b a/b !2", {"a": "b"}),
        ("a>b c>b a/c", {}),
        ("a>b a/b a>c", {"a": "c"}),  # only what is disputed stands apart
        ("a/b", {}),
    ],
)
def test_shown_in_any_order(text: str, shown: dict[str, str]) -> None:
    for order in permutations(said(text)):
        assert shown_as(order, LIVE) == shown


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("a>b a/b", ["ab"]),
        ("a>b c>b a/c", ["abc"]),
        ("a>b a/b !1", []),
        ("a>b a/c", []),
        ("a/b", []),
    ],
)
def test_disagreement_is_found(text: str, groups: list[str]) -> None:
    for order in permutations(said(text)):
        assert disputes(order) == [frozenset(group) for group in groups]


def test_a_record_that_was_deleted_elsewhere_is_not_the_one_shown() -> None:
    assert shown_as(said("a>b"), frozenset("a")) == {"b": "a"}
    assert shown_as(said("a>b"), frozenset()) == {}
