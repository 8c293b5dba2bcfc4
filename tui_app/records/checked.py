"""What a field check answers, and how a cell of a sheet or a form becomes text. Standard library only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Generic, TypeVar

from tui_app.errors import FieldProblem
from tui_app.text import clean, fold, nfc

T = TypeVar("T")

Cell = str | int | float | bool | date | datetime | time | None
"""What a spreadsheet cell or a form field may hold."""

_MISSING = frozenset(
    re.split(
        r",\s*",
        "-, --, ---, ., .., ..., …, ?, ??, /, k, ko, kh, khong, "
        "0, na, n/a, null, none, nil, khong co, khong ro, "
        "khong nho, khong biet, chua co, chua ro, chua cap, k co, ko co",
    )
)
_LONGEST_MISSING = 24  # in the decomposed form, where a letter may take three places
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_FLOAT_TAIL = re.compile(r"(\d+)[.,]0+")


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """A value that passed, or the reason it did not.

    ``value``: None when the cell was empty or was refused. ``problem``: why it was refused. ``warnings``:
    doubts about a value that was taken. ``rest``: words of the cell that the value does not hold; they
    belong in a note, never away.
    """

    value: T | None = None
    problem: FieldProblem | None = None
    warnings: tuple[FieldProblem, ...] = ()
    rest: str = ""


def refused(field: str, key: str, **params: Any) -> Checked[Any]:
    """A refused value: ``key`` is a catalogue entry that names what is wrong and the remedy."""
    return Checked(problem=FieldProblem(field, key, **params))


@lru_cache(512)  # a cell is looked at several times while its row is read; no more than that is remembered
def tidy(text: str) -> str:
    """`text.clean` with a short way for text that has only printable characters (nearly all cells)."""
    if text.isprintable():
        return " ".join(nfc(text).split())
    return clean(text)


folded = lru_cache(1024)(fold)
"""`text.fold`, remembered for the words of a row."""


def cell_text(cell: Cell) -> str:
    """The words a person sees in a cell: whole floats without ``.0``, dates as dd/mm/yyyy, nothing for
    None.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return tidy(cell)
    if isinstance(cell, bool):
        return "x" if cell else ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y" if cell.time() == time() else "%d/%m/%Y %H:%M")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    return str(cell)


def says_nothing(text: str) -> bool:
    """Whether cleaned text only says that there is no value: blank, a dash, "không có", "chưa rõ"."""
    return not text or (len(text) <= _LONGEST_MISSING and folded(text) in _MISSING)


def whole_number_text(text: str) -> str | None:
    """Undo what a spreadsheet does to long numbers: ``903123456.0`` and ``9.03123456E+08`` back to digits.

    None when the scientific form has fewer digits than the number had: they are gone and must not be
    invented. Text that is no such number comes back unchanged.
    """
    text = text.removeprefix("'").strip()
    tail = _FLOAT_TAIL.fullmatch(text)
    if tail and len(tail[1]) > 4:
        return tail[1]
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific is None:
        return text
    lead, fraction, exponent = scientific[1], scientific[2] or "", int(scientific[3])
    return lead + fraction.ljust(exponent, "0") if len(fraction) >= exponent - 1 else None
