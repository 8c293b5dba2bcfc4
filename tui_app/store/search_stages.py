"""How a query's words can fit a record, from the best way to the weakest: in FTS5's language and in SQL.

Tiers: 0–1 whole words with their marks, 2–3 whole words, 4–5 beginnings in the shapes typed (ê, ơ), 6–7
beginnings. In an even tier one of the words is the given name. Conditions speak of ``search_entry`` as ``e``;
words reach SQL only as parameters and as quoted tokens of letters and digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tui_app.store.search_terms import Word, tail_token

PREFIX = 4  # characters of the longest prefix in the index


@dataclass(frozen=True, slots=True)
class Match:
    """One set of entries in FTS5's language, with a smaller and a larger set that are quicker to read.

    FTS5 gathers all of a long beginning (``nguye*``) before its first row; whole words and beginnings as long as
    the prefix index knows come at once. ``fewer``: long words taken whole; ``more``: long beginnings cut short.
    """

    fewer: str
    exact: str
    more: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One way to fit. ``match`` and ``condition`` (SQL) mean the same entries.

    ``given``: one of the words is the given name (no ``match``: such people stand together in name order);
    ``whole``: whole words.
    """

    tier: int
    match: Match | None
    condition: str
    whole: bool

    @property
    def given(self) -> bool:
        """Whether one of the words must be the given name."""
        return self.match is None


@dataclass(frozen=True, slots=True)
class _Way:
    tier: int
    whole: bool
    condition: Callable[[int, Word], str]
    token: Callable[[Word], str]
    start: Callable[[Word], str]


def person_stages(asked: tuple[Word, ...]) -> list[Stage]:
    """The stages of a person's name, best first; every fitting name fits the last one."""
    marked = any(word.key for word in asked)
    stages = []
    for way in _MARKED_WAYS if marked else _PLAIN_WAYS:
        condition = every(way.condition(at, word) for at, word in enumerate(asked))
        given = " OR ".join(_given(at, word, way.whole) for at, word in enumerate(asked))
        stages.append(Stage(way.tier, None, f"{condition} AND ({given})", way.whole))
        whole = [way.token(word) for word in asked]
        match = _whole_match(whole) if way.whole else _begun_match(whole, [way.start(w) for w in asked])
        stages.append(Stage(way.tier + 1, match, condition, way.whole))
    return stages


def door_stages(asked: tuple[Word, ...]) -> list[Stage]:
    """The two stages of a household's address and code: whole words, beginnings."""
    tokens = ["@" + word.fold for word in asked]
    return [
        Stage(3, _whole_match(tokens), every(_whole(at, w) for at, w in enumerate(asked)), True),
        Stage(7, _begun_match(tokens, tokens), begins(asked), False),
    ]


def number_match(numbers: tuple[str, ...], beside: tuple[Word, ...], *, whole: bool) -> str:
    """Entries with a number that begins or ends so (is so, if ``whole``), and about the words beside it."""
    star = "" if whole else "*"
    either = " OR ".join(f'"{n}"{star} OR "{tail_token(n)}"{star}' for n in numbers)
    words = "".join(f" AND ({_begun(w.fold)} OR {_begun('@' + w.fold)})" for w in beside)
    return f"({either}){words}"


def begins(asked: tuple[Word, ...]) -> str:
    """SQL: each of the words begins a word of the entry."""
    return every(_begins(at, word) for at, word in enumerate(asked))


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


def _whole_match(tokens: list[str]) -> Match:
    match = every(f'"{token}"' for token in tokens)
    return Match(match, match, match)


def _begun_match(tokens: list[str], starts: list[str]) -> Match:
    """``tokens``: the words as typed; ``starts``: what their beginnings are."""
    pairs = list(zip(tokens, starts, strict=True))
    return Match(
        every(f'"{start}"*' if len(start) <= PREFIX else f'"{token}"' for token, start in pairs),
        every(f'"{start}"*' for start in starts),
        every(_begun(start) for start in starts),
    )


def _begun(start: str) -> str:
    return f'"{start[:PREFIX]}"*'


def _fold(word: Word) -> str:
    return word.fold


def _marked(word: Word) -> str:
    return word.token if word.key else word.fold


def _shape(word: Word) -> str:
    return word.letters_token if word.key else word.fold


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


_PLAIN_WAYS = (_Way(2, True, _whole, _fold, _fold), _Way(6, False, _begins, _fold, _fold))
_MARKED_WAYS = (
    _Way(0, True, _marked_whole, _marked, _marked),
    _PLAIN_WAYS[0],
    _Way(4, False, _shaped, _marked, _shape),
    _PLAIN_WAYS[1],
)
