"""Who is meant by the words for a carer, among those of a household (domain/rules.md §1.1, list D)."""

from __future__ import annotations

from collections.abc import Iterable

from tui_app.text import words as runs

_KIN = frozenset(
    (
        *(
            "con",
            "chau",
            "vo",
            "chong",
            "me",
            "ba",
            "bo",
            "cha",
            "anh",
            "chi",
            "em",
            "co",
            "di",
            "chu",
            "bac",
            "ong",
        ),
        *("cau", "mo", "thim", "dau", "re", "gai", "trai", "ruot", "nuoi", "hang", "xom"),
    )
)
"""Words for who somebody is to another, folded: as a given name (Ba, Chi) they name nobody by themselves."""


def carers_named(words: str, members: Iterable[tuple[str, str]]) -> list[str]:
    """Which members of a household the words for a carer name: by the whole name, else by a given name only one has.

    ``words``, and the names of ``members`` (id, name): folded. "con gái" names nobody, however few daughters there are.
    """
    said = runs(words)
    known = [(ident, runs(name)) for ident, name in members if runs(name)]
    whole = [ident for ident, name in known if len(name) > 1 and _within(name, said)]
    if whole:
        return whole
    given = [(ident, name[-1]) for ident, name in known if name[-1] in said and name[-1] not in _KIN]
    return [ident for ident, name in given if sum(other == name for _, other in given) == 1]


def _within(part: list[str], whole: list[str]) -> bool:
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))
