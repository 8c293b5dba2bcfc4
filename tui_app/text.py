"""Vietnamese text: normal form, folding for search, alphabetical order. Standard library only.

Order of letters and tones: quy tắc ABC (domain/rules.md §3.5); Python's own sort and the system locale are wrong for it.
"""

from __future__ import annotations

import re
import unicodedata

_LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK = {letter: chr(ord("A") + position) for position, letter in enumerate(_LETTERS)}
# ngang, huyền, hỏi, ngã, sắc, nặng
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_SHAPES = {"\u0302", "\u0306", "\u031b"}  # circumflex, breve, horn: part of the letter
_SPACES = re.compile(r"\s+")
_WORDS = re.compile(r"[^\W_]+")


def nfc(text: str) -> str:
    """The composed form. Every entrance (keyboard, file, wire) passes text through here once."""
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """NFC, control characters gone, runs of white space made one space, ends trimmed."""
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in nfc(text))
    return _SPACES.sub(" ", text).strip()


def fold(text: str) -> str:
    """Letters without tones and marks, đ as d, case gone: what search compares.

    >>> fold("Nguyễn Thị Bé") == fold("NGUYEN THI BE")
    True

    Both spellings oà/òa and uỷ/ủy fold to the same letters because tones are dropped.
    """
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("đ", "d")


def words(text: str) -> list[str]:
    """The letter-and-digit runs of already folded text, in order."""
    return _WORDS.findall(text)


def given_name(full_name: str) -> str:
    """The last syllable: how Vietnamese people are called and sorted."""
    return full_name.rsplit(None, 1)[-1] if full_name.strip() else ""


def alphabet_key(text: str) -> str:
    """A string that sorts as Vietnamese does: syllable by syllable, letters first, then the tone.

    Plain text, so it can be stored in a column and compared byte by byte by SQLite.
    """
    return " ".join(_syllable_key(syllable) for syllable in clean(text).casefold().split())


def name_key(full_name: str) -> str:
    """Sort key of a person in a roster: given name first, then family and middle names."""
    parts = clean(full_name).rsplit(None, 1)
    if len(parts) < 2:
        return alphabet_key(full_name)
    return alphabet_key(parts[1]) + "  " + alphabet_key(parts[0])


def natural_key(text: str) -> str:
    """Sort key for addresses: runs of digits compare as numbers, so 9 comes before 12 and 12 before 12/3."""
    pieces = re.split(r"(\d+)", clean(text).casefold())
    return "".join(p.lstrip("0").rjust(8, "0") if p.isdigit() else alphabet_key(p) for p in pieces)


def _syllable_key(syllable: str) -> str:
    letters: list[str] = []
    tone = "0"
    base = ""

    def flush() -> None:
        if base:
            letters.append(_RANK.get(base, base if base.isdigit() else "~" + base))

    for char in unicodedata.normalize("NFD", syllable):
        if char in _TONES:
            tone = _TONES[char]
        elif char in _SHAPES and base:
            base = unicodedata.normalize("NFC", base + char)
        elif not unicodedata.combining(char):
            flush()
            base = char
    flush()
    return "".join(letters) + "!" + tone
