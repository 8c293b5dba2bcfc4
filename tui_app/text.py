"""Vietnamese text: normal form, folding for search, alphabetical order. Standard library only.

Order of letters and tones: quy tắc ABC (domain/rules.md §3.5); Python's own sort and the system locale are
wrong for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: chr(ord("A") + position) for position, letter in enumerate(_LETTERS)}
# ngang, huyền, hỏi, ngã, sắc, nặng
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SHAPES = {"\u0302", "\u0306", "\u031b"}  # circumflex, breve, horn: part of the letter
_SPACES = re.compile(r"\s+")
# letters that look like đ and come from old fonts, Latin-1 tables and careless keyboards
_BARRED_D = str.maketrans({"ð": "đ", "ɖ": "đ"})
_DIGITS = re.compile(r"(\d+)")
_WORDS = re.compile(r"[^\W_]+")


def nfc(text: str) -> str:
    """The composed form. Every entrance (keyboard, file, wire) passes text through here once."""
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """NFC, control characters made spaces, invisible ones gone, white space made one space, ends trimmed.

    Invisible: zero-width spaces and joiners, soft hyphens, byte order marks; spreadsheets hide them in words.
    """
    text = nfc(text)
    if text.isprintable():  # then the only white space in it is the plain space
        return text.strip() if "  " not in text else " ".join(text.split())
    text = "".join(_visible(c) for c in text)
    return _SPACES.sub(" ", text).strip()


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    return "" if category == "Cf" else " " if category in ("Cc", "Zl", "Zp") else char


def fold(text: str) -> str:
    """Letters without tones and marks, đ as d, case gone: what search compares.

    >>> fold("Nguyễn Thị Bé") == fold("NGUYEN THI BE")
    True

    Both spellings oà/òa and uỷ/ủy fold to the same letters because tones are dropped.
    """
    return " ".join(map(_fold_piece, text.split(" ")))


@lru_cache(maxsize=8192)
def _fold_piece(text: str) -> str:
    folded = text.casefold()
    if folded.isascii():
        return folded
    decomposed = unicodedata.normalize("NFD", folded.translate(_BARRED_D))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("đ", "d")


def each_begins(asked: Iterable[str], said: Collection[str]) -> bool:
    """Whether every word asked for begins a word of those said (both folded): how a list is filtered.

    >>> each_begins(["ng", "be"], ["nguyen", "thi", "be"])
    True
    """
    return all(any(word.startswith(one) for word in said) for one in asked)


def words(text: str) -> list[str]:
    """The letter-and-digit runs of already folded text, in order."""
    return _WORDS.findall(text)


def given_name(full_name: str) -> str:
    """The last syllable: how Vietnamese people are called and sorted."""
    return full_name.rsplit(None, 1)[-1] if full_name.strip() else ""


def place_words(*parts: str | None) -> str:
    """Parts of an address, the narrowest first, without one that an earlier part says already.

    >>> place_words("12 hẻm 45 Lê Lợi", "Hẻm 45 Lê Lợi", "Khu phố 2")
    '12 hẻm 45 Lê Lợi, Khu phố 2'
    """
    said: list[str] = []
    for part in filter(None, parts):
        if not any(fold(part) in fold(other) for other in said):
            said.append(part)
    return ", ".join(said)


def alphabet_key(text: str) -> str:
    """A string that sorts as Vietnamese does: syllable by syllable, letters first, then the tone.

    Plain text, so it can be stored in a column and compared byte by byte by SQLite. Apostrophes, hyphens and
    brackets do not count (K'Brôi sorts as kbrôi); a stroke does, for house numbers.
    """
    return _key(clean(text))


@lru_cache(maxsize=8192)
def _key(cleaned: str) -> str:
    return " ".join(filter(None, map(_syllable_key, cleaned.split(" "))))


def name_key(full_name: str) -> str:
    """Sort key of a person in a roster: given name first, then family and middle names."""
    family, _, given = clean(full_name).rpartition(" ")
    return _key(given) + "  " + _key(family) if family else _key(given)


def natural_key(text: str) -> str:
    """Sort key for addresses: runs of digits compare as numbers, so 9 comes before 12 and 12 before 12/3."""
    pieces = _DIGITS.split(clean(text))
    return "".join(p.lstrip("0").rjust(8, "0") if at % 2 else _key(p) for at, p in enumerate(pieces))


@lru_cache(maxsize=8192)
def _syllable_key(syllable: str) -> str:
    letters: list[str] = []
    tone = "0"
    base = ""

    def flush() -> None:
        if base:
            letters.append(_RANK.get(base, base if base.isdigit() else "~" + base))

    for char in unicodedata.normalize("NFD", syllable.casefold().translate(_BARRED_D)):
        if char in _TONES:
            tone = _TONES[char]
        elif char in _SHAPES and base:
            base = unicodedata.normalize("NFC", base + char)
        elif char == "/" or unicodedata.category(char)[0] in "LN":
            flush()
            base = char
    flush()
    return "".join(letters) + "!" + tone if letters else ""


def decimal(number: float) -> str:
    """A number as people write it here: a decimal comma, no needless zeros.

    >>> decimal(38.0), decimal(37.5), decimal(-2)
    ('38', '37,5', '-2')
    """
    return f"{number:.10g}".replace(".", ",")
