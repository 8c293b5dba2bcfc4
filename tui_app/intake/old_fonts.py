"""Text of the time before Unicode: TCVN3 (.VnTime …) and VNI-Windows fonts, and the encodings of CSV files.

The tables follow TCVN 5712:1993 (VN3) and the VNI-Windows layout. Such text looks like ``NguyÔn ThÞ BÐ`` or
``Nguyeãn Thò Beù``: Latin letters that only the font turns into Vietnamese.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from tui_app.records.checked import Cell
from tui_app.text import nfc

Reading = Callable[[str], str]

_TCVN3_CODES = "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ"
_TCVN3_LETTERS = "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
_TCVN3 = str.maketrans(_TCVN3_CODES, _TCVN3_LETTERS)

# VNI writes a letter and then a sign; the sign alone tells the tone, or circumflex/breve with a tone.
_TONE = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEX = {"â": "", "à": "\u0300", "á": "\u0301", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BREVE = {"ê": "", "è": "\u0300", "é": "\u0301", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
_VNI_ALONE = {"ñ": "đ", "ö": "ư", "ô": "ơ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}


def _vni_table() -> dict[str, str]:
    table = dict(_VNI_ALONE)
    for base in "aeouy":
        table |= {base + sign: base + tone for sign, tone in _TONE.items()}
    for base in "aeo":
        table |= {base + sign: base + "\u0302" + tone for sign, tone in _CIRCUMFLEX.items()}
    table |= {"a" + sign: "a\u0306" + tone for sign, tone in _BREVE.items()}
    for written, letter in (("ô", "ơ"), ("ö", "ư")):
        table |= {written + sign: letter + tone for sign, tone in _TONE.items()}
    table = {written: nfc(letter) for written, letter in table.items()}
    for written, letter in list(table.items()):
        table[written.upper()] = letter.upper()
        table[written[0].upper() + written[1:]] = letter.upper()
    return table


_VNI = _vni_table()
_VNI_PIECES = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))

_UNICODE_ONLY = re.compile("[\u1ea0-\u1ef9ăđơưĂĐƠƯĩĨũŨ\u0300-\u0323]")
_OLD_ONLY = re.compile(
    "[" + "".join(sorted(set(_TCVN3_CODES) - set("ÈÉÊÌÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýÐ"))) + "ÐØÅÄËÏÑÖÛÜÆ]"
)

_SYLLABLE = re.compile(
    "(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?"
    "(?:uyê|uya|uyu|iêu|yêu|oai|oay|oao|oeo|uây|uôi|ươi|ươu|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|ôi|ơi|oo"
    "|ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|yê|[aăâeêioôơuưy])"
    "(?:ng|nh|ch|[cmnpt])?"
)
_WORD = re.compile(r"[^\W\d_]+")
_TONE_MARKS = dict.fromkeys(map(ord, "\u0300\u0301\u0309\u0303\u0323"))


@lru_cache(8192)
def is_syllable(word: str) -> bool:
    """Whether a word can be a Vietnamese syllable: a known start, middle and end, and at most one tone."""
    decomposed = unicodedata.normalize("NFD", word.lower())
    toneless = decomposed.translate(_TONE_MARKS)
    return len(decomposed) - len(toneless) <= 1 and bool(_SYLLABLE.fullmatch(nfc(toneless)))


def _well_spelled(text: str) -> int:
    """How many words with marks are syllables, less those that are not."""
    marked = [word for word in re.split(r"[\s,.;:/()\-\d]+", text) if word and not word.isascii()]
    good = sum(1 for word in marked if is_syllable(word))
    return 2 * good - len(marked)


def from_tcvn3(text: str) -> str:
    """Unicode for text of a TCVN3 font. Words in Latin capitals come back in capitals."""

    def capitals(word: re.Match[str]) -> str:
        latin = [letter for letter in word[0] if letter.isascii()]
        return word[0].upper() if len(latin) > 1 and "".join(latin).isupper() else word[0]

    return _WORD.sub(capitals, text.translate(_TCVN3))


def from_vni(text: str) -> str:
    """Unicode for text of a VNI-Windows font."""
    return nfc(_VNI_PIECES.sub(lambda piece: _VNI[piece[0]], text))


FONTS: dict[Reading, str] = {from_tcvn3: "TCVN3", from_vni: "VNI"}
SAMPLES = 3
"""Cells of a column that are shown as they were and as they are read."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A column that came in an old font. ``column``: from 0; ``font``: TCVN3 or VNI; ``samples``: (as it was, as it is
    read), the first few, for a person to look at before anything is saved."""

    column: int
    font: str
    samples: tuple[tuple[str, str], ...] = field(repr=False)


def convert_grid(rows: list[list[Cell]]) -> list[Converted]:
    """Change columns written in an old font to Unicode, in place. Answers which, from left to right.

    A column is taken for old when its cells hold signs that Unicode Vietnamese never has, and reading them
    as TCVN3 or VNI makes more words that are Vietnamese syllables; cells that are plainly Unicode (a typed
    title) stay.
    """
    suspects: dict[int, list[tuple[int, str]]] = {}
    old: set[int] = set()
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if type(cell) is str and not cell.isascii() and not _UNICODE_ONLY.search(cell):
                suspects.setdefault(c, []).append((r, cell))
                if c not in old and _OLD_ONLY.search(cell):
                    old.add(c)
    chosen: dict[int, Reading] = {}
    for c in old:
        best = max((from_tcvn3, from_vni), key=lambda reading: _gain(reading, suspects[c]))
        if _gain(best, suspects[c]) > 0:
            chosen[c] = best
    for c in suspects.keys() - old:  # a title alone may have no telling sign; the other columns tell the font
        for reading in set(chosen.values()):
            if _gain(reading, suspects[c]) > 0:
                chosen[c] = reading
    found = []
    for c, reading in sorted(chosen.items()):
        read = [(text, reading(text)) for _, text in suspects[c]]
        for (r, _), (_, text) in zip(suspects[c], read, strict=True):
            rows[r][c] = text
        changed = [pair for pair in dict.fromkeys(read) if pair[0] != pair[1]]
        found.append(Converted(c, FONTS[reading], tuple(changed[-SAMPLES:])))
    return found


def _gain(reading: Reading, cells: list[tuple[int, str]]) -> int:
    """How many more well spelled words a reading gives than the text as it is."""
    sample = "\n".join(text for _, text in cells[:300])
    return _well_spelled(reading(sample)) - _well_spelled(sample)


def decode(content: bytes) -> str | None:
    """The text of a CSV file: UTF-8, UTF-16, or the code page that gives the best spelled Vietnamese.

    None for bytes that are no text. Old fonts are left for `convert_grid`.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(content, "utf-16")
    if content[1:400:2].count(0) > 100 or (len(content) < 400 and content[1::2].count(0) * 3 > len(content)):
        return _strict(content, "utf-16-le")
    text = _strict(content, "utf-8-sig")
    if text is not None:
        return None if "\x00" in text else text
    if b"\x00" in content or sum(byte < 9 for byte in content[:4096]) > 8:
        return None
    vietnamese = nfc(content.decode("cp1258", "replace"))
    western = content.decode("cp1252", "replace")
    as_tcvn3, as_vni = from_tcvn3(western), from_vni(western)
    if _well_spelled(vietnamese) >= max(_well_spelled(as_tcvn3), _well_spelled(as_vni)):
        return vietnamese
    return western


def _strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None
