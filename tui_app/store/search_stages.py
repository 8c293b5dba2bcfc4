"""How a query's words can fit a record, from the best way to the weakest: in FTS5's language and in SQL.

Tiers: 0–1 whole words with their marks, 2–3 whole words, 4–5 beginnings in the shapes typed (ê, ơ), 6–7
beginnings. In an even tier one of the words is the given name. Conditions speak of ``search_entry`` as ``e``;
words reach SQL only as parameters and as quoted tokens of letters and digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tui_app.store.search_terms import Word


@dataclass(frozen=True, slots=True)
class Stage:
    """One way to fit. ``match``: in FTS5's language; ``condition``: the same in SQL.

    ``given``: one of the words is the given name (no ``match``: such people stand together in name order);
    ``whole``: whole words.
    """

    tier: int
    match: str
    condition: str
    given: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Way:
    tier: int
    whole: bool
    condition: Callable[[int, Word], str]
    token: Callable[[Word], str]


def person_stages(asked: tuple[Word, ...]) -> list[Stage]:
    """The stages of a person's name, best first; every fitting name fits the last one."""
    marked = any(word.key for word in asked)
    stages = []
    for way in _MARKED_WAYS if marked else _PLAIN_WAYS:
        condition = every(way.condition(at, word) for at, word in enumerate(asked))
        given = " OR ".join(_given(at, word, way.whole) for at, word in enumerate(asked))
        match = every(way.token(word) for word in asked)
        stages.append(Stage(way.tier, "", f"{condition} AND ({given})", True, way.whole))
        stages.append(Stage(way.tier + 1, match, condition, False, way.whole))
    return stages


def door_stages(asked: tuple[Word, ...]) -> list[Stage]:
    """The two stages of a household's address and code: whole words, beginnings."""
    return [
        Stage(3, every(f'"@{w.fold}"' for w in asked), every(_whole(at, w) for at, w in enumerate(asked))),
        Stage(7, every(f'"@{w.fold}"*' for w in asked), every(_begins(at, w) for at, w in enumerate(asked))),
    ]


def parameters(asked: tuple[Word, ...]) -> dict[str, Any]:
    """What the conditions of the stages refer to."""
    values: dict[str, Any] = {}
    for at, word in enumerate(asked):
        values |= {f"w{at}": f" {word.fold} ", f"b{at}": f" {word.fold}"}
        if word.key:
            values |= {f"k{at}": f" {word.key} ", f"l{at}": f" {word.letters_key}"}
    return values


def tier(stages: list[Stage]) -> str:
    """SQL for the tier of the best stage that an entry of the last one fits."""
    if len(stages) == 1:
        return str(stages[0].tier)
    cases = " ".join(f"WHEN {stage.condition} THEN {stage.tier}" for stage in stages[:-1])
    return f"CASE {cases} ELSE {stages[-1].tier} END"


def every(conditions: Iterable[str]) -> str:
    """All of the conditions; no conditions is no condition."""
    return " AND ".join(conditions) or "1"


def begun_token(word: Word) -> str:
    """A word of a name that begins so."""
    return f'"{word.fold}"*'


def _whole_token(word: Word) -> str:
    return f'"{word.fold}"'


def _marked_token(word: Word) -> str:
    return f'"{word.token}"' if word.key else _whole_token(word)


def _shaped_token(word: Word) -> str:
    return f'"{word.letters_token}"*' if word.key else begun_token(word)


def _whole(at: int, word: Word) -> str:
    return f"instr(e.words, :w{at})"


def _begins(at: int, word: Word) -> str:
    return f"instr(e.words, :b{at})"


def _marked_whole(at: int, word: Word) -> str:
    return f"instr(' ' || e.name_key || ' ', :k{at})" if word.key else _whole(at, word)


def _shaped(at: int, word: Word) -> str:
    return f"instr(' ' || e.name_key, :l{at})" if word.key else _begins(at, word)


def _given(at: int, word: Word, whole: bool) -> str:
    extra, name = (2, "w") if whole else (1, "b")
    return f"substr(e.words, 1, {len(word.fold) + extra}) = :{name}{at}"


_PLAIN_WAYS = (_Way(2, True, _whole, _whole_token), _Way(6, False, _begins, begun_token))
_MARKED_WAYS = (
    _Way(0, True, _marked_whole, _marked_token),
    _PLAIN_WAYS[0],
    _Way(4, False, _shaped, _shaped_token),
    _PLAIN_WAYS[1],
)
