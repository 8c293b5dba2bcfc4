"""Vietnamese street addresses: the house number, the alley that is walked along, the units named in the
text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tui_app.text import alphabet_key, fold, natural_key

_PARTS = re.compile(r"\s*[,;]\s*|\s+-\s+")
_UNIT_WORDS = (
    (r"to dan pho|tdp|to dp|to nhan dan|to dan cu", "to dan pho"),
    (r"khu pho|kp|k\.p", "khu pho"),
    (r"khu vuc|kv", "khu vuc"),
    (r"khu dan cu|kdc", "khu dan cu"),
    (r"thon|ap|ban|buon|khom|xom|doi|lang|khu|to", ""),
)
_UNIT_PATTERNS = tuple(
    (re.compile(rf"(?:{words})(?:\s+|\s*[.:]\s*|\s*(?=\d))(?:so\s+)?(\S.{{0,40}})"), word or None)
    for words, word in _UNIT_WORDS
)
# Family names (Bàn, Lang, Đới) that only the marks tell from a unit.
_NEEDS_MARKS = {"ban": "bản", "lang": "làng", "doi": "đội"}
_WIDER = re.compile(
    r"(?:phuong|p|xa|x|thi tran|quan|q|huyen|h|tp|thanh pho|tinh|t)(?:\s*\.\s*|\s+)\S.*|tp\.?hcm|tphcm"
)
_NUMBER_LABEL = re.compile(r"^(?:số nhà|nhà số|số|sn|nhà)\s*[:.]?\s*(?=\S*\d)", re.I)
_NUMBER = re.compile(r"^(\d+\w{0,3}(?:/\d*\w{0,3})*(?:-\d+\w?)?)(?:\s+|\s*,\s*|$)(.*)")
_ALLEY = re.compile(r"^(?:hem|ngo|ngach|kiet|duong|pho)\b")
_ALLEY_NUMBERS = re.compile(r"\d+\w?(?:/\d+\w?)*")
_NAMED_STREET = re.compile(r"^(?:(?:hem|ngo|ngach|kiet)\s+\d\S*\s*)+")


@dataclass(frozen=True, slots=True)
class Place:
    """What an address says. ``alley``: "Hẻm 45 Lê Lợi", "Lê Lợi" or, without a street, the smallest unit.

    ``units``: the units named, the smallest first, as written. ``walk_key``: sorts doors along a street
    and its alleys.
    """

    number: str = ""
    alley: str = ""
    units: tuple[str, ...] = ()
    walk_key: str = ""


def unit_key(text: str) -> str | None:
    """A unit's name for comparing: ``khu pho 2`` for "KP2", "Khu phố 02", "khu pho 2"; None for text that
    is no unit."""
    folded = re.sub(r"\([^)]*\)?", "", fold(text)).strip(" .:;-")
    first = re.match(r"\w*", text.strip().lower())
    if first and fold(first[0]) in _NEEDS_MARKS and first[0] != _NEEDS_MARKS[fold(first[0])]:
        return None
    for pattern, word in _UNIT_PATTERNS:
        match = pattern.fullmatch(folded)
        if match:
            name = " ".join(re.sub(r"\b0+(?=\d)", "", match[1]).split()).strip(" .")
            return f"{word or re.match(r'[a-z]+', folded)[0]} {name}"  # type: ignore[index]
    return None


@lru_cache(32768)
def parse_address(text: str) -> Place:
    """Cut an address into number, alley and units. Never refuses: what is not understood is taken as the
    street."""
    units: list[str] = []
    street = number = ""
    for part in _PARTS.split(text.strip()):
        if not part:
            continue
        if unit_key(part) is not None and not (street == "" and _ALLEY.match(fold(part))):
            units.append(part)
        elif _WIDER.fullmatch(fold(part)) and (street or number or units):
            continue
        elif not number and not street:
            number, street = _number_and_street(part)
        elif not street:
            street = part
        elif not number and _NUMBER_LABEL.match(part):
            number = _number_and_street(part)[0]
        elif _ALLEY.match(fold(street)) and _ALLEY.match(fold(part)):
            street = f"{street} {part[:1].lower()}{part[1:]}"
    alley = street[:1].upper() + street[1:]
    steps = number
    if "/" in number and not _NAMED_STREET.match(fold(street)):
        way, _, number_inside = number.rpartition("/")
        alley, number = (
            (f"Hẻm {way} {street}".strip(), number_inside) if street else (f"Hẻm {way}", number_inside)
        )
    elif match := _NAMED_STREET.match(fold(street)):
        steps = "/".join([*_ALLEY_NUMBERS.findall(match[0]), number])
    name = _NAMED_STREET.sub("", fold(street))
    name = re.sub(r"^(?:duong|pho)\s+(?!so\b|\d)", "", name)
    if not alley and units:
        alley = units[0]
    key = f"{alphabet_key(name)}|{natural_key(steps)}" if (street or number) else f"~{natural_key(text)}"
    return Place(number, alley, tuple(units), key)


def _number_and_street(part: str) -> tuple[str, str]:
    rest = _NUMBER_LABEL.sub("", part).strip()
    match = _NUMBER.match(rest)
    return (match[1], match[2].strip()) if match else ("", rest)


class UnitIndex:
    """Finds the area that a list means by "KP2" or "Tổ 3, Khu phố 2", from names, codes and aliases of areas.

    ``areas``: (id, unit code, unit name, aliases) of each area.
    """

    def __init__(self, areas: Iterable[tuple[str, str | None, str | None, Iterable[str]]]) -> None:
        self._ids: dict[str, str] = {}
        self._ambiguous: set[str] = set()
        for area, code, name, aliases in areas:
            for label in {self._key(text) for text in (name, *aliases) if text} | (
                {f"#{code}"} if code else set()
            ):
                if self._ids.setdefault(label, area) != area:
                    self._ambiguous.add(label)

    @staticmethod
    def _key(text: str) -> str:
        return unit_key(text) or " ".join(fold(text).split())

    def find(self, unit_text: str | None) -> str | None:
        """The area's id: the first of the comma-separated names that one area only is called by; None when
        unsure."""
        for part in _PARTS.split(unit_text or ""):
            for label in (self._key(part), f"#{part.strip()}"):
                if part.strip() and label in self._ids and label not in self._ambiguous:
                    return self._ids[label]
        return None


def joined_address(parts: Mapping[str, str]) -> str:
    """One address from the columns house_number and street, or the address column, with what the others
    add."""
    main = parts.get("address", "")
    pieces = [parts.get("house_number", ""), parts.get("street", "")]
    front = " ".join(piece for piece in pieces if piece and fold(piece) not in fold(main))
    return ", ".join(piece for piece in (front, main) if piece)
