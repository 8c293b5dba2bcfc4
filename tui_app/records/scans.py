"""What a scanner types: the line of an identity or insurance card, a label of ours, and what went wrong on the way.

Pure. A card's line is a claim, not a proof: nothing here asks whether it is true. Of the fields behind the seventh
(relatives on the card of 2024) nothing is kept (domain/rules.md §3.2). What a scanner set to another keyboard, a
Vietnamese input method or another encoding made of a line is recognised; what can be put right for certain is, and
said; the rest is explained.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tui_app.errors import FieldProblem
from tui_app.records import checks
from tui_app.records.numbers import PROVINCES, identity_doubts
from tui_app.records.tokens import looks_like_token, read_token
from tui_app.text import clean, nfc


class ScanKind(StrEnum):
    """What was scanned."""

    CITIZEN_CARD = "citizen_card"
    INSURANCE_CARD = "insurance_card"
    TOKEN = "token"
    GARBLED = "garbled"
    UNKNOWN = "unknown"


class Garbled(StrEnum):
    """What happened to a line between the card and here."""

    ENCODING = "encoding"
    LETTERS_LOST = "letters_lost"
    CAPS_LOCK = "caps_lock"
    LAYOUT = "layout"
    INPUT_METHOD = "input_method"
    CUT = "cut"
    TOKEN_WRONG = "token_wrong"


@dataclass(frozen=True, slots=True)
class Scan:
    """What a line says. ``fields``: as the person record names them, wire values, with ``address`` besides;
    ``issued_on``: of the card; ``token``: (type, token); ``garbled``: what went wrong, also where it was put right;
    ``doubts``: what a person should look at again."""

    kind: ScanKind
    fields: dict[str, str] = field(default_factory=dict)
    issued_on: date | None = None
    token: tuple[str, str] | None = None
    garbled: tuple[Garbled, ...] = ()
    doubts: tuple[FieldProblem, ...] = ()


_NUMBER = re.compile(r"\d{12}")
_OLD_CARD = re.compile(r"\d{9}|\d{12}")
_INSURANCE = re.compile(r"(?:[A-Za-z]{2}[1-5]\d{2})?\d{10}")
_DAY = re.compile(r"(\d{2})[/.-]?(\d{2})[/.-]?(\d{4})")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_SEXES = {"nam": "male", "nữ": "female", "nu": "female", "n?": "female"}
_SEPARATOR = re.compile(r"\d{12}([^0-9A-Za-z\sÀ-ỹ])")
_BEGINS = re.compile(r"\D{0,3}\d{12}(?!\d)")
_LOOKS_CUT = re.compile(r"\d{12}\|[^|]*(?:\|[^|]*){0,3}")
_SHIFTED = str.maketrans(")!@#$%^&*(", "0123456789")
_FRENCH = str.maketrans("à&é\"'(-è_ç", "0123456789")
_LAYOUTS = (_SHIFTED, _FRENCH)
_MISREAD = re.compile("[ÃÄÅÆá][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œžŸº»¼½¾¿]")
_ODD_LETTERS = re.compile(r"[\d@#$%^*=<>{}\\_~+!]")
_CAPS_LOCK = re.compile(r"[a-zà-ỹđ][A-ZÀ-ỸĐ]")
_KEPT = 7
"""Fields of the card of 2021; what comes after them is about other people."""


def read_scan(text: str) -> Scan:
    """The line of a scanner. Never raises; what is no line of a card or label is UNKNOWN."""
    line = nfc(text.strip("\r\n\t \ufeff"))
    token = read_token(line)
    if token is not None:
        return Scan(ScanKind.TOKEN, token=token)
    if looks_like_token(line):
        return Scan(ScanKind.GARBLED, garbled=(Garbled.TOKEN_WRONG,))
    line, garbled = _decoded(line)
    found = _card(line, garbled) or _insurance(line, garbled)
    if found is not None:
        return found
    return _explained(line, garbled)


def is_scan(text: str) -> bool:
    """Whether a line came from a scanner for certain, so that no screen should take its letters for keys."""
    return read_scan(text).kind is not ScanKind.UNKNOWN


# ---- putting right


def _decoded(line: str) -> tuple[str, list[Garbled]]:
    garbled: list[Garbled] = []
    if _MISREAD.search(line):
        read = _bytes_of(line)
        if read is not None:
            line = nfc(read)
            garbled.append(Garbled.ENCODING)
    if (found := _SEPARATOR.match(line)) and found[1] != "|" and line.count(found[1]) >= 5:
        line = line.replace(found[1], "|")
        garbled.append(Garbled.LAYOUT)
    return line, garbled


def _bytes_of(line: str) -> str | None:
    """The text whose UTF-8 bytes somebody read as Western letters, None when some were lost."""
    raw = bytearray()
    for letter in line:
        try:
            raw += letter.encode("cp1252")
        except UnicodeEncodeError:
            if ord(letter) > 255:
                return None
            raw.append(ord(letter))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


# ---- cards


def _card(line: str, garbled: list[Garbled]) -> Scan | None:
    parts = [clean(part) for part in line.split("|")]
    if len(parts) < 6 or not _NUMBER.fullmatch(parts[0]):
        return None
    old = parts[1]
    if _OLD_CARD.fullmatch(old) or not old:
        name, born, sex, address, issued = (*parts[2:_KEPT], "")[:5]
    else:
        old, (name, born, sex, address, issued) = "", parts[1:6]
    garbled = list(garbled)
    if _CAPS_LOCK.match(name):
        name, address = name.swapcase(), address.swapcase()
        garbled.append(Garbled.CAPS_LOCK)
    doubts: list[FieldProblem] = []
    fields = {"national_id": parts[0]}
    if len(old) == 9:
        fields["citizen_id_old"] = old
    name_wrong = _wrong_name(name)
    if name_wrong:
        garbled.append(name_wrong)
        doubts.append(FieldProblem("full_name", f"identity.name_{name_wrong}"))
    if name and name_wrong is not Garbled.LETTERS_LOST:
        fields["full_name"] = _named(name)
    birth = _day(born)
    if birth is not None:
        fields["birth_date"] = birth.isoformat()
    elif re.fullmatch(r"\d{4}", born):
        fields["birth_year"] = born
    else:
        doubts.append(FieldProblem("birth_date", "identity.day_unreadable"))
    said = _SEXES.get(sex.casefold())
    if said is not None:
        fields["sex"] = said
    else:
        doubts.append(FieldProblem("sex", "identity.sex_unreadable"))
    if address and "?" not in address and "\ufffd" not in address:
        fields["address"] = address
    year = birth.year if birth else int(born) if fields.get("birth_year") else None
    doubts += identity_doubts(parts[0], said, year)
    if parts[0][0] == "0" and parts[0][1:3] not in PROVINCES:
        doubts.append(FieldProblem("national_id", "import.id_province"))
    return Scan(
        ScanKind.CITIZEN_CARD, fields, issued_on=_day(issued), garbled=tuple(garbled), doubts=tuple(doubts)
    )


def _insurance(line: str, garbled: list[Garbled]) -> Scan | None:
    """The old card: number|name in hex|birth|1 Nam, 2 Nữ|address in hex|…; or its number alone (rules §3.3)."""
    parts = [part.strip() for part in line.split("|")]
    if not _INSURANCE.fullmatch(parts[0]) or (len(parts) < 5 and len(parts[0]) != 15):
        return None
    fields = {"insurance_number": parts[0].upper()}
    doubts: list[FieldProblem] = []
    if len(parts) >= 5:
        name, address = _hex(parts[1]), _hex(parts[4])
        if name:
            fields["full_name"] = _named(name)
        else:
            doubts.append(FieldProblem("full_name", "identity.name_encoding"))
        if address:
            fields["address"] = address
        birth = _day(parts[2])
        if birth is not None:
            fields["birth_date"] = birth.isoformat()
        elif re.fullmatch(r"\d{4}", parts[2]):
            fields["birth_year"] = parts[2]
        else:
            doubts.append(FieldProblem("birth_date", "identity.day_unreadable"))
        if parts[3] in ("1", "2"):
            fields["sex"] = "male" if parts[3] == "1" else "female"
    return Scan(ScanKind.INSURANCE_CARD, fields, garbled=tuple(garbled), doubts=tuple(doubts))


def _hex(written: str) -> str:
    if not _HEX.fullmatch(written):
        return ""
    try:
        return clean(bytes.fromhex(written).decode("utf-8"))
    except UnicodeDecodeError:
        return ""


def _day(written: str) -> date | None:
    found = _DAY.fullmatch(written)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _named(name: str) -> str:
    """A card's name in capitals as names are kept here: a capital at each syllable."""
    return checks.full_name(name).value or name


def _wrong_name(name: str) -> Garbled | None:
    if "?" in name or "\ufffd" in name:
        return Garbled.LETTERS_LOST
    if _MISREAD.search(name):
        return Garbled.ENCODING
    return Garbled.INPUT_METHOD if _ODD_LETTERS.search(name) else None


# ---- explaining


def _explained(line: str, garbled: list[Garbled]) -> Scan:
    """What a line that could not be read seems to have been."""
    for layout in _LAYOUTS:
        read = line.translate(layout)
        if read != line and not line[:12].isdecimal() and _BEGINS.match(read):
            return Scan(ScanKind.GARBLED, garbled=(*garbled, Garbled.LAYOUT))
    if _LOOKS_CUT.fullmatch(line):
        return Scan(ScanKind.GARBLED, {"national_id": line[:12]}, garbled=(*garbled, Garbled.CUT))
    if line.count("|") >= 5 and sum(map(str.isdecimal, line)) >= 20:
        return Scan(ScanKind.GARBLED, garbled=(*garbled, Garbled.INPUT_METHOD))
    return Scan(ScanKind.UNKNOWN, garbled=tuple(garbled))
