"""A file of any usual kind (xlsx, xls, ods, csv) as grids of cells. Refuses what cannot be a list with a
remedy.

Rows and columns count from 0 inside; `cell_name` gives what a spreadsheet program shows ("F17").
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tui_app.errors import BadFile
from tui_app.intake.old_fonts import Converted, convert_grid, decode
from tui_app.records.checked import Cell
from tui_app.text import nfc

MAX_BYTES = 40_000_000
MAX_UNPACKED = 600_000_000
MAX_CELLS = 8_000_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"SQLite format 3",
    b"{\\rtf",
)
_FILLED_CELL = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})(\d{1,7})"[^>]*(?<!/)>')


@dataclass(slots=True)
class Grid:
    """One sheet: ``rows[r][c]`` is None for an empty cell.

    ``merges``: (first row, first column, last row, last column), all included. ``hidden``: the sheet is
    not shown.
    ``converted``: the columns whose text came in an old font and was changed to Unicode.
    """

    name: str
    rows: list[list[Cell]]
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden: bool = False
    converted: list[Converted] = field(default_factory=list)

    _by_first_row: dict[int, list[tuple[int, int, int, int]]] | None = None

    def merges_from(self, first: int, last: int) -> list[tuple[int, int, int, int]]:
        """The merges whose upper row is one of ``first`` to ``last``."""
        if self._by_first_row is None:
            self._by_first_row = {}
            for merge in self.merges:
                self._by_first_row.setdefault(merge[0], []).append(merge)
        return [merge for row in range(first, last + 1) for merge in self._by_first_row.get(row, ())]

    def cell(self, row: int, column: int) -> Cell:
        """The cell, None outside the grid."""
        if 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row]):
            return self.rows[row][column]
        return None


def column_name(column: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(65 + letter) + name
    return name


def cell_name(row: int, column: int) -> str:
    """The name a spreadsheet program shows for a cell, from row and column counted from 0."""
    return f"{column_name(column)}{row + 1}"


def read_grids(path: Path) -> tuple[str, list[Grid]]:
    """The SHA-256 of the file and its sheets. Raises BadFile for a file that is no list at all."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BadFile("import.file_too_big", name=path.name, limit=f"{MAX_BYTES // 1_000_000} MB")
        content = path.read_bytes()
    except FileNotFoundError:
        raise BadFile("import.file_missing", name=path.name) from None
    except OSError:
        raise BadFile("import.file_broken", name=path.name) from None
    digest = sha256(content).hexdigest()
    if not content.strip(b"\x00 \t\r\n"):
        raise BadFile("import.file_empty", name=path.name)
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<style")):
        raise BadFile("import.file_web_page", name=path.name)
    if content.startswith(_FOREIGN):
        raise BadFile("import.file_unknown", name=path.name)
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise BadFile("import.file_password", name=path.name)
        grids = _workbook(content, path.name)
    elif content.startswith(b"PK"):
        _refuse_bombs(content, path.name)
        grids = _workbook(content, path.name)
    else:
        grids = [_delimited(content, path)]
    for grid in grids:
        grid.converted = convert_grid(grid.rows)
    return digest, grids


def _refuse_bombs(content: bytes, name: str) -> None:
    """Look into the archive before the reader does: the reader reserves room for every cell up to the last
    one."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if any(member.flag_bits & 1 for member in members):
                raise BadFile("import.file_password", name=name)
            if sum(member.file_size for member in members) > MAX_UNPACKED:
                raise BadFile("import.file_too_big", name=name, limit=f"{MAX_UNPACKED // 1_000_000} MB")
            kinds = {member.filename for member in members}
            if not kinds & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
                raise BadFile("import.file_unknown", name=name)
            for member in members:
                if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                    _refuse_wide_sheet(archive.read(member), name)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        ValueError,
        OSError,
        NotImplementedError,
    ) as error:
        raise BadFile("import.file_broken", name=name) from error


def _refuse_wide_sheet(xml: bytes, name: str) -> None:
    # 15 000 rows of 24 columns: 0.12 s
    letters: set[bytes] = set()
    last_row = 0
    for column, row in _FILLED_CELL.findall(xml):
        letters.add(column)
        last_row = max(last_row, int(row))
    if not letters:
        return
    widest = 0
    for letter in max(letters, key=lambda column: (len(column), column)).decode():
        widest = widest * 26 + ord(letter) - 64
    if widest * last_row > MAX_CELLS:
        raise BadFile("import.file_too_big", name=name, limit=f"{MAX_CELLS:_} ô/cells".replace("_", " "))


def _workbook(content: bytes, name: str) -> list[Grid]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            grids = []
            for metadata in book.sheets_metadata:
                sheet = book.get_sheet_by_name(metadata.name)
                cells = sheet.to_python(skip_empty_area=False)
                rows: list[list[Cell]] = [[None if cell == "" else cell for cell in row] for row in cells]  # type: ignore[misc]
                merges = [(r0, c0, r1, c1) for (r0, c0), (r1, c1) in sheet.merged_cell_ranges or ()]
                hidden = metadata.visible != SheetVisibleEnum.Visible
                grids.append(Grid(nfc(metadata.name), rows, merges, hidden))
            return grids
    except PasswordError as error:
        raise BadFile("import.file_password", name=name) from error
    except (CalamineError, OSError, ValueError) as error:
        raise BadFile("import.file_broken", name=name) from error


def _delimited(content: bytes, path: Path) -> Grid:
    text = decode(content)
    if text is None:
        raise BadFile("import.file_unknown", name=path.name)
    delimiter = ""
    if text[:4].lower() == "sep=":
        delimiter, text = text[4], text.split("\n", 1)[-1]
    delimiter = delimiter or _delimiter(text)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows: list[list[Cell]] = [[cell.strip() or None for cell in row] for row in reader]
    except csv.Error as error:
        raise BadFile("import.file_broken", name=path.name) from error
    if sum(map(len, rows)) > MAX_CELLS:
        raise BadFile("import.file_too_big", name=path.name, limit=f"{MAX_CELLS:_} ô/cells".replace("_", " "))
    return Grid(path.stem, rows)


def _delimiter(text: str) -> str:
    """The separator that cuts most of the first lines into the same number of pieces, and the most of
    them."""
    lines = [line for line in text.splitlines()[:80] if line.strip()]

    def merit(separator: str) -> int:
        counts = [line.count(separator) for line in lines]
        usual = max(set(counts), key=lambda count: (count > 0, counts.count(count), count), default=0)
        return usual * counts.count(usual)

    return max(("\t", ";", ",", "|"), key=merit)
