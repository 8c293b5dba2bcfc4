"""What a person, a household and a query are made of, for search: words, marked words, numbers. No database.

Words are folded (`text.fold`). A marked word keeps its shapes and its tone, the tone as a digit at the end,
so that oà and òa are one word. Numbers are digits only; Vietnamese telephones start with 0.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from tui_app.text import alphabet_key, clean, fold, name_key, natural_key, nfc, words

PERSON, HOUSEHOLD = "person", "household"
LIVING, GONE, DOOR = 0, 1, 2  # where an entry stands: a person who counts, one who died or moved, a household
MOST_WORDS = 8
LONGEST_WORD = 40

_JOINED = re.compile(r"([^\W_]+)['’‘ʼ`´-]\s*(?=([^\W_]+))")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_OLD_INSURANCE = re.compile(r"[a-z]{2}\d{13}")
_IDENTITY = re.compile(r"\d{12}")


class Terms(msgspec.Struct, frozen=True, gc=False):
    """What the index keeps of one record.

    ``place``: LIVING, GONE or DOOR; ``words``: folded, given name first, with a space on both sides of each;
    ``key``: sort key; ``numbers``: digits with a space before each.
    """

    place: int
    words: str
    key: str
    numbers: str

    def document(self) -> str:
        """The tokens of the full-text index: words, ``!`` marked words, ``@`` words of a door.

        A number stands as it is, and turned round after ``#``, so that its tail is a beginning too.
        """
        found = self.words.split()
        if self.place == DOOR:
            found = ["@" + word for word in found]
        else:
            found += map(_marked_token, self.key.split())
        for digits in self.numbers.split():
            found += (digits, tail_token(digits))
        return " ".join(found)


def tail_token(digits: str) -> str:
    """The token whose beginnings are the tails of ``digits``."""
    return "#" + digits[::-1]


def terms_of(type_name: str, body: dict[str, Any], also: Sequence[dict[str, Any]] = ()) -> Terms:
    """The terms of a record body of type person or household; missing fields are just not findable.

    ``also``: bodies of records merged into it, by whose words and numbers it is found too.
    """
    own = _terms_of(type_name, body)
    if not also:
        return own
    more = [_terms_of(type_name, one) for one in also]
    return Terms(
        own.place,
        _spaced([*own.words.split(), *(word for one in more for word in one.words.split())]) + " ",
        "  ".join(dict.fromkeys([own.key, *(one.key for one in more)])),
        _spaced([*own.numbers.split(), *(digits for one in more for digits in one.numbers.split())]),
    )


def _terms_of(type_name: str, body: dict[str, Any]) -> Terms:
    if type_name == HOUSEHOLD:
        return _household(body)
    name = clean(_text(body.get("full_name")))
    numbers = [reading(_text(body[field])) for field, reading in _NUMBERS if field in body]
    gone = body.get("died_on") is not None or body.get("moved_on") is not None
    return Terms(GONE if gone else LIVING, _name_words(name), name_key(name), _spaced(numbers))


def _household(body: dict[str, Any]) -> Terms:
    code = fold(_text(body.get("code")))
    address = clean(f"{_text(body.get('address'))} {_text(body.get('alley'))}")
    found = words(f"{fold(address)} {code}")
    found += [piece.lstrip("0") for piece in words(code) if piece.startswith("0")]
    key = natural_key(address) or natural_key(code)
    return Terms(DOOR, _spaced(found) + " ", key, _spaced([national_phone(_text(body.get("phone")))]))


def _name_words(name: str) -> str:
    """Words of a name, the given name first; K'Brôi is findable as k, broi and kbroi."""
    family, _, given = name.rpartition(" ")
    first, others = _plain_words(given), _plain_words(family)
    if first is not None and others is not None:
        return _spaced([*first, *others]) + " "
    folded = fold(name)
    family, _, given = folded.rpartition(" ")
    found = words(given)[::-1] + words(family)
    found += [one + next_one for one, next_one in _JOINED.findall(folded)]
    return _spaced(found) + " "


@lru_cache(maxsize=8192)
def _plain_words(part: str) -> tuple[str, ...] | None:
    """The folded words of a part of a name, None where one holds more than letters and digits."""
    found = tuple(fold(part).split())
    return found if all(map(str.isalnum, found)) else None


def _spaced(parts: list[str]) -> str:
    return "".join([f" {part[:LONGEST_WORD]}" for part in dict.fromkeys(parts) if part])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _digits(text: str) -> str:
    return text if text.isdecimal() and text.isascii() else _NOT_DIGITS.sub("", text)


def national_phone(text: str) -> str:
    """A telephone number's digits, with 0 for +84, 0084 and 84; what is no such number as its bare digits."""
    digits = _digits(text.removeprefix("+"))
    if text.startswith("+84"):
        return "0" + digits[2:]
    if digits.startswith("0084"):
        return "0" + digits[4:]
    return "0" + digits[2:] if digits.startswith("84") and len(digits) in (11, 12) else digits


def insurance_digits(text: str) -> str:
    """The part of a health insurance number that stays: the last 10 digits of an old card's 15 characters."""
    digits = _digits(text)
    return digits[-10:] if len(digits) == 13 else digits


_NUMBERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("phone", national_phone),
    ("national_id", _digits),
    ("citizen_id_old", _digits),
    ("insurance_number", insurance_digits),
)


@lru_cache(maxsize=8192)
def _marked_token(syllable_key: str) -> str:
    return "!" + syllable_key.translate(_LETTER_OF).replace("!", "")


_LETTER_OF = {ord(alphabet_key(c)[0]): c for c in "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"}


def key_range(folded: str, *, whole: bool) -> tuple[str, str]:
    """The stretch of sort keys, from and up to, that holds every name whose first syllable folds to this."""
    low = alphabet_key(folded).partition("!")[0]
    high = alphabet_key("".join(_LAST_SHAPE.get(char, char) for char in folded)).partition("!")[0]
    return (low + "!", high + "!~") if whole else (low, high + "~")


_LAST_SHAPE = {"a": "â", "d": "đ", "e": "ê", "o": "ơ", "u": "ư"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query. ``key``: the sort key of the word as typed if it carries marks, else empty."""

    fold: str
    key: str = ""

    @property
    def letters_key(self) -> str:
        """The key without the tone, for a word still being typed."""
        return self.key.partition("!")[0]

    @property
    def token(self) -> str:
        """The marked token, with its tone."""
        return _marked_token(self.key)

    @property
    def letters_token(self) -> str:
        """The marked token without its tone, for a word still being typed."""
        return _marked_token(self.letters_key)


@dataclass(frozen=True, slots=True)
class Query:
    """What a person typed, understood.

    ``words``: everything as words; ``numbers``: writings of the one number in it, if it holds one of three
    digits or more; ``number_words``: the words beside it; ``whole``: the number is complete (a card).
    """

    words: tuple[Word, ...] = ()
    numbers: tuple[str, ...] = ()
    number_words: tuple[Word, ...] = field(default=())
    whole: bool = False

    @property
    def digits(self) -> bool:
        """Whether any word begins with a digit, so that it could be the beginning of somebody's number."""
        return any(word.fold[0].isdecimal() for word in self.words)


def parse(text: str) -> Query:
    """Any text a person types, pastes or scans; never raises. A query without letters and digits is empty."""
    if card := _card(text):
        return card
    found = [_word(word) for word in words(clean(text).lower())[:MOST_WORDS]]
    found = [word for word in found if word.fold]
    runs = _digit_runs([word.fold for word in found])
    if len(runs) == 1:
        start, end = runs[0]
        digits = "".join(word.fold for word in found[start:end])
        if len(digits) >= 3:
            return Query(tuple(found), _writings(digits, text), (*found[:start], *found[end:]))
    if len(found) == 1 and _OLD_INSURANCE.fullmatch(found[0].fold):
        return Query(numbers=(found[0].fold[-10:],), whole=True)
    return Query(tuple(found))


def _card(text: str) -> Query | None:
    """The line of an identity or insurance card: fields between strokes, number first (rules §3.2, §3.3)."""
    if "|" not in text:
        return None
    fields = [part.strip() for part in nfc(text).split("|")]
    if _IDENTITY.fullmatch(fields[0]):
        old = fields[1] if re.fullmatch(r"\d{9}", fields[1]) else ""
        return Query(numbers=tuple(n for n in (fields[0], old) if n), whole=True)
    if _OLD_INSURANCE.fullmatch(fields[0].lower()):
        return Query(numbers=(fields[0][-10:],), whole=True)
    return None


def _word(typed: str) -> Word:
    typed = typed[:LONGEST_WORD]
    folded = fold(typed)
    return Word(folded, "" if folded == typed else alphabet_key(typed))


def _digit_runs(found: list[str]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for position, word in enumerate(found):
        if word.isdecimal() and word.isascii():
            if runs and runs[-1][1] == position:
                runs[-1] = (runs[-1][0], position + 1)
            else:
                runs.append((position, position + 1))
    return runs


def _writings(digits: str, text: str) -> tuple[str, ...]:
    plus = "+" in text and digits.startswith("84")
    home = "0" + digits[2:] if digits.startswith("84") and len(digits) > 3 else ""
    if digits.startswith("0084") and len(digits) > 5:
        home = "0" + digits[4:]
    return (home,) if plus and home else tuple(n for n in (digits, home) if n)
