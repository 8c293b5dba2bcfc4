"""The operator's table of a conversion of communes: old code, new code, new name, note (rules §3.7). Pure reading.

The national table has a line of groups above its titles, lines with a province only, and notes in a few wordings; a
spreadsheet may have eaten the zeros a code begins with.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sync.server.problems import AdminError

CODE_DIGITS = 5
_TITLES = {
    "old": ("ma xa cu", "ma phuong xa cu", "ma don vi cu", "ma cu", "old code", "old_code"),
    "new": ("ma xa moi", "ma phuong xa moi", "ma don vi moi", "ma moi", "new code", "new_code"),
    "name": ("ten xa moi", "ten phuong xa moi", "ten don vi moi", "ten moi", "new name", "new_name"),
    "note": ("ghi chu", "note"),
}
_SEARCHED = 20  # lines at the top among which the titles are


class Part(StrEnum):
    """What of an old commune goes into a new one, by the note."""

    WHOLE = "whole"
    PART = "part"
    LAND = "land"
    PEOPLE = "people"
    KEPT = "kept"
    UNKNOWN = "unknown"


_EVERYBODY = frozenset({Part.WHOLE, Part.PEOPLE, Part.KEPT})


@dataclass(frozen=True, slots=True)
class Pair:
    """One line: (part of) an old commune becomes (part of) a new one."""

    old: str
    new: str
    name: str
    note: str

    @property
    def part(self) -> Part:
        """What goes there: "Nhập toàn bộ", "Giữ nguyên", "Nhập một phần", "Nhập một phần diện tích", "Nhập một phần
        diện tích, toàn bộ dân số"."""
        said = folded(self.note)
        before, people, _ = said.partition("dan so")
        if people:  # "toàn bộ diện tích, một phần dân số": how much stands before whom it is said of
            return Part.PEOPLE if before.rfind("toan bo") > before.rfind("mot phan") else Part.PART
        if "mot phan" in said:
            return Part.LAND if "dien tich" in said else Part.PART
        if "toan bo" in said:
            return Part.WHOLE
        return Part.KEPT if "giu nguyen" in said else Part.UNKNOWN


@dataclass(slots=True)
class ConversionTable:
    """``problems``: (line number, word for the catalogue, what it names)."""

    pairs: list[Pair] = field(default_factory=list)
    problems: list[tuple[int, str, str]] = field(default_factory=list)


def folded(text: str) -> str:
    """Without marks, case and needless spaces."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def code_of(text: str) -> str:
    """A commune's code with the zeros it begins with."""
    text = text.strip()
    return text.zfill(CODE_DIGITS) if text.isdecimal() else text


def read_table(lines: Iterable[str]) -> ConversionTable:
    """Read the table; comma, semicolon or tab between cells. A line that cannot be used is listed, the rest counts.

    Raises AdminError when no line has the titles of all four columns.
    """
    kept = [line.removeprefix("\ufeff") for line in lines]
    columns, rows = _below_titles(kept)
    done, seen = ConversionTable(), dict[tuple[str, str], str]()
    for number, cells in rows:
        values = {name: _cell(cells, place) for name, place in columns.items()}
        old, new = code_of(values["old"]), code_of(values["new"])
        if not old and not new:
            continue  # a province's line, or an empty one
        problem = next((name for name in ("old", "new", "name") if not values[name]), None)
        pair = Pair(old, new, values["name"], values["note"])
        if problem:
            done.problems.append((number, "missing", problem))
        elif not all(letter.isalnum() or letter in "-_." for letter in old + new):
            done.problems.append((number, "bad_code", f"{old} {new}"))
        elif (old, new) not in seen:
            seen[old, new] = folded(pair.note)
            done.pairs.append(pair)
            if pair.part == Part.UNKNOWN:
                done.problems.append((number, "unknown_note", pair.note or "?"))
        elif seen[old, new] != folded(pair.note):
            done.problems.append((number, "told_twice", f"{old} {new}"))
    return done


def _below_titles(lines: Sequence[str]) -> tuple[dict[str, int], list[tuple[int, list[str]]]]:
    for delimiter in ",;\t":
        rows = list(csv.reader(lines, delimiter=delimiter))
        for place, cells in enumerate(rows[:_SEARCHED]):
            said = [folded(cell) for cell in cells]
            columns = {
                name: next((at for at, title in enumerate(said) if title in titles), -1)
                for name, titles in _TITLES.items()
            }
            if all(at >= 0 for at in columns.values()):
                return columns, list(enumerate(rows[place + 1 :], place + 2))
    raise AdminError("conversion_columns")


def _cell(cells: Sequence[str], place: int) -> str:
    text = unicodedata.normalize("NFC", cells[place]) if place < len(cells) else ""
    return " ".join(text.split())


def goes_whole(pairs: Sequence[Pair]) -> Pair | None:
    """Where everybody of an old commune goes, by its lines; None when a person has to decide: it is split, or only a
    part of it is told of, or two new ones take all of it. Land alone takes nobody along."""
    everybody = [pair for pair in pairs if pair.part in _EVERYBODY]
    others = [pair for pair in pairs if pair.part not in _EVERYBODY]
    if len(everybody) == 1 and all(pair.part == Part.LAND for pair in others):
        return everybody[0]
    return None
