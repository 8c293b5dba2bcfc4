"""Finding the heading of a list below its title rows, and what each column is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tui_app.intake.sheet import Grid
from tui_app.intake.wordings import dose_number, kind_of, kind_of_pair, normal_title
from tui_app.records.checked import Cell, cell_text

_NAME_KINDS = ("full_name", "family_name", "household_head")
_COLUMN_NUMBER = re.compile(r"\(?\s*(?:\d{1,2}|[A-Za-z])\s*\)?")
_NAME_START = re.compile(
    r"\s*(?:họ|ho|tên|ten|thành viên|thanh vien|nhân khẩu|nhan khau|name|full name)\b", re.I
)
_TALLEST = 3
_LEAST_KNOWN = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list. ``kind``: None when no wording is known; ``number``: n of "Mũi n"."""

    index: int
    title: str
    kind: str | None
    number: int | None = None


@dataclass(slots=True)
class Heading:
    """A heading block: its first row and the first row below it, counted from 0, and its columns from left
    to right."""

    first_row: int
    body_row: int
    columns: list[Column] = field(default_factory=list)

    def of(self, kind: str) -> list[Column]:
        """The columns of a kind, from left to right."""
        return [column for column in self.columns if column.kind == kind]

    @property
    def name_column(self) -> int:
        """Where the person's name is, counted from 0."""
        return next(column.index for column in self.columns if column.kind in ("full_name", "family_name"))


def find_heading(
    grid: Grid, row: int, mapping: Mapping[str, str] | None = None, *, heads: bool = False
) -> Heading | None:
    """The heading block whose name column's title is in ``row``; None when the row is no heading.

    ``mapping``: normal title -> kind, which goes before the usual wordings. ``heads``: a list that names
    only the heads of households will do (not below another heading, where "Chủ hộ" is a relation).
    """
    cells = grid.rows[row]
    if any(cell is not None and not isinstance(cell, str) for cell in cells):
        return None
    if not any(isinstance(cell, str) and _may_name(cell, mapping, heads) for cell in cells):
        return None
    first = row
    while first > 0 and row - first < _TALLEST - 1 and _continues_above(grid, first):
        first -= 1
    last = max([row, *(merge[2] for merge in grid.merges_from(first, row))])
    last = min(last, first + _TALLEST - 1)
    if last == row and _is_second_line(grid, row, cells):
        last = row + 1
    origins = _origins(grid, first, last)
    columns = _columns(grid, first, last, origins, mapping or {})
    known = {column.kind for column in columns if column.kind not in (None, "ordinal", "keep")}
    if not known & set(_NAME_KINDS) or len(known) < (_LEAST_KNOWN if not mapping else 1):
        return None
    body = last + 1
    if _is_column_numbers(grid, body):
        body += 1
    return Heading(first, body, columns)


def _may_name(cell: str, mapping: Mapping[str, str] | None, heads: bool) -> bool:
    if len(cell) > 60:
        return False
    if mapping and mapping.get(normal_title(cell)) in _NAME_KINDS:
        return True
    if _NAME_START.match(cell):
        return kind_of(cell) in ("full_name", "family_name")
    return heads and kind_of(cell) == "household_head"


def _origins(grid: Grid, first: int, last: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Merged cell -> its upper left cell, for merges that begin in the rows."""
    return {
        (r, c): (r0, c0)
        for r0, c0, r1, c1 in grid.merges_from(first, last)
        for r in range(r0, r1 + 1)
        for c in range(c0, c1 + 1)
    }


def _continues_above(grid: Grid, row: int) -> bool:
    """Whether the row above belongs to the same heading: a merge spans both, or it holds several shared
    titles."""
    above = grid.merges_from(row - _TALLEST, row - 1)
    if any(r0 < row <= r1 < row + _TALLEST for r0, _, r1, _ in above):
        return True
    wide = [c1 - c0 for r0, c0, r1, c1 in above if r0 == r1 == row - 1]
    return len(wide) >= 2 and max(wide) * 2 < len(grid.rows[row])


def _is_second_line(grid: Grid, row: int, cells: list[Cell]) -> bool:
    """Without merges (CSV): the next row has titles under wider ones, and nothing under the name."""
    if row + 1 >= len(grid.rows):
        return False
    below = grid.rows[row + 1]
    titles = [cell for cell in below if cell is not None]
    names = [i for i, cell in enumerate(cells) if isinstance(cell, str) and kind_of(cell) in _NAME_KINDS]
    if not titles or any(grid.cell(row + 1, i) is not None for i in names):
        return False
    return all(isinstance(cell, str) and not _COLUMN_NUMBER.fullmatch(cell) for cell in titles) and (
        2 * sum(1 for cell in titles if _is_lower_title(str(cell))) >= len(titles)
    )


def _is_lower_title(text: str) -> bool:
    normal = normal_title(text)
    return kind_of(text) is not None or normal in ("yr", "thang", "ngay", "ket qua", "kq", "loai")


def _is_column_numbers(grid: Grid, row: int) -> bool:
    """A row such as (1) (2) (3) or A B 1 2 under the titles."""
    if row >= len(grid.rows):
        return False
    texts = [cell_text(cell) for cell in grid.rows[row] if cell is not None]
    return len(texts) >= 3 and all(_COLUMN_NUMBER.fullmatch(text) for text in texts)


def _columns(
    grid: Grid,
    first: int,
    last: int,
    origins: dict[tuple[int, int], tuple[int, int]],
    mapping: Mapping[str, str],
) -> list[Column]:
    width = max(len(grid.rows[r]) for r in range(first, last + 1))
    columns: list[Column] = []
    taken: set[str] = set()
    carried: dict[int, str] = {}
    for c in range(width):
        lines: list[str] = []
        for r in range(first, last + 1):
            at = origins.get((r, c), (r, c))
            text = cell_text(grid.cell(*at)) if at[0] >= first else ""
            lower = any(grid.cell(below, c) is not None for below in range(r + 1, last + 1))
            if text:
                carried[r] = text
            elif lower and not grid.merges and r in carried:
                text = carried[r]  # a wide title of a CSV stands over the cells to its right
            if text and text not in lines:
                lines.append(text)
        if lines:
            column = _column(c, lines, mapping)
            if column.kind in _ONE_ONLY and column.kind in taken and not _shared_name(columns, column):
                column = Column(c, column.title, None)
            taken.add(column.kind or "")
            columns.append(column)
    return _settled(columns)


_ONE_ONLY = frozenset(
    ("full_name", "family_name", "birth_date", "sex", "address", "household_head", "ordinal", "age")
)


def _shared_name(columns: list[Column], column: Column) -> bool:
    """A title merged over two columns: family name left, given name right."""
    return column.kind == "full_name" and bool(columns) and columns[-1].title == column.title


def _column(index: int, lines: list[str], mapping: Mapping[str, str]) -> Column:
    title = " – ".join(lines)
    for text in (title, *reversed(lines)):
        if normal_title(text) in mapping:
            kind: str | None = mapping[normal_title(text)]
            break
    else:
        kind = kind_of(lines[0]) if len(lines) == 1 else kind_of_pair(lines[-2], lines[-1])
    return Column(index, title, kind, dose_number(lines[-1]) if kind == "dose" else None)


def _settled(columns: list[Column]) -> list[Column]:
    """Kinds that depend on the other columns: a list of heads only, an address of today before a
    registered one."""
    kinds = [column.kind for column in columns]
    if "full_name" not in kinds and "family_name" not in kinds and "household_head" in kinds:
        columns = [
            _as(column, "full_name" if column.kind == "household_head" else column.kind) for column in columns
        ]
    addresses = [column for column in columns if column.kind == "address" or _is_address(column.title)]
    today = next(
        (c for c in addresses if re.search(r"hien|dang o|cho o|noi o|tam tru", normal_title(c.title))), None
    )
    if len(addresses) > 1 and today is not None:
        columns = [
            _as(column, "address" if column is today else None) if column in addresses else column
            for column in columns
        ]
    if "birth_month" in kinds:
        columns = [_as(c, "birth_year") if c.kind == "male" and "female" not in kinds else c for c in columns]
    return columns


def _is_address(title: str) -> bool:
    return kind_of(title) == "address"


def _as(column: Column, kind: str | None) -> Column:
    return Column(column.index, column.title, kind, column.number)
