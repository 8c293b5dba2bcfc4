"""The rows below a heading: persons, group titles, repeated headings, totals, signatures, and what merged
cells mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tui_app.intake.address import unit_key
from tui_app.intake.headers import Heading, find_heading
from tui_app.intake.persons import Cells
from tui_app.intake.plan import SkippedText
from tui_app.intake.sheet import Grid
from tui_app.records.checked import Cell, cell_text, folded

_TOTAL = re.compile(
    r"(?:tong cong|tong so|tong:|cong:|tong (?:\d|ho|nguoi)"
    r"|danh sach (?:nay |tren )?(?:gom|co)\b).*|tong|cong"
)
_SIGNATURE = re.compile(
    r".*(?:nguoi lap (?:bieu|bang|danh sach)|lap bang|xac "
    r"nhan cua|ky(?:,| va)? ?(?:ghi ro|ten)|tm\. ?uy ban|t/m"
    r"|kt\. ?chu tich|truong tram|chu tich|to truong|truong "
    r"(?:khu pho|thon|ap|ban)|can bo y te|, ngay .{0,6}thang).*"
)
_PAGE = re.compile(r"(?:trang|page) ?\d.*")
_NUMBERED = re.compile(r"^(?:[ivxlc]+|\d+|[a-h])\s*[./):-]\s*(?=[^\W\d])", re.I)
_NUMERAL = re.compile(r"[ivxlc]+|[a-h]")
_HOUSEHOLD_TITLE = re.compile(r"(?:ho so|ho|so ho|ho thu)\s*[:.]?\s*(\d+\w?)\b\s*[:.\-–)]*\s*(.*)")
_HEAD_IN_TITLE = re.compile(r"(?:^|\b)chủ hộ\s*[:.]?\s*(?:ông|bà|ông/bà)?\s*([^,;:(\d\-–]+)", re.I)
_ADDRESS_IN_TITLE = re.compile(r"(?:địa chỉ|đ/c)\s*[:.]?\s*(.+)$", re.I)

# A merged cell over several rows speaks for all of them, except for these kinds.
_NEVER_FILLED = frozenset(("full_name", "family_name", "ordinal"))
# A merged cell of these kinds speaks for the household, not for each of its persons.
OF_HOUSEHOLD = frozenset(("phone", "note", "support"))
HOUSEHOLD_KINDS = frozenset(
    (
        "address",
        "house_number",
        "street",
        "unit",
        "group",
        "household_head",
        "household_code",
        "household_phone",
    )
)


@dataclass(slots=True)
class BodyRow:
    """A row about a person. ``cells``: by kind, with merged cells filled down.

    ``household``: cells merged over the rows of a household that are not the person's own. ``block``: the
    first row of the merged address, head or number this row lies in. ``section``: units named by the group
    titles above.
    ``titled``: number of the household title above ("Hộ số 5"), with the head and address it names.
    """

    row: int
    heading: Heading
    cells: Cells
    household: Cells
    block: int | None
    section: tuple[str, ...]
    titled: HouseholdTitle | None


@dataclass(slots=True)
class HouseholdTitle:
    """A row of its own that opens a household."""

    row: int
    code: str
    head: str
    address: str


@dataclass(slots=True)
class SheetRows:
    """The rows of one sheet, read by iterating. ``headings``: those met so far; ``skipped``: rows that are
    no person."""

    grid: Grid
    mapping: Mapping[str, str]
    headings: list[Heading] = field(default_factory=list)
    skipped: list[SkippedText] = field(default_factory=list)
    _section: list[str] = field(default_factory=list)
    _titled: HouseholdTitle | None = None
    _signed: bool = False
    _fills: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[BodyRow]:
        grid = self.grid
        row = self._first_heading()
        self._fills = {
            (r, c0): (r0, c0) for r0, c0, r1, _ in grid.merges if r1 > r0 for r in range(r0, r1 + 1)
        }
        while row < len(grid.rows):
            heading = find_heading(grid, row, self.mapping)
            if heading is not None:
                self._skip(row, "heading")
                self._enter(heading)
                row = heading.body_row
                continue
            body = self._read(row)
            if body is not None:
                yield body
            row += 1

    def _first_heading(self) -> int:
        for row in range(len(self.grid.rows)):
            heading = find_heading(self.grid, row, self.mapping, heads=True)
            if heading is not None:
                for above in range(heading.first_row):
                    self._title_row(above)
                self._enter(heading)
                return heading.body_row
        return len(self.grid.rows)

    def _title_row(self, row: int) -> None:
        texts = [cell_text(cell) for cell in self.grid.rows[row] if cell is not None]
        if len(texts) == 1 and unit_key(texts[0]) is not None:
            self._open_section(texts[0])
        elif texts:
            self._skip(row, "title")

    def _enter(self, heading: Heading) -> None:
        if self.headings:  # the block is found from its name line; lines above it were read as rows already
            self.skipped = [
                text for text in self.skipped if not heading.first_row < text.row <= heading.body_row - 1
            ]
        self.headings.append(heading)
        self._signed = False

    def _skip(self, row: int, why: str) -> None:
        text = " | ".join(cell_text(cell) for cell in self.grid.rows[row] if cell is not None)
        self.skipped.append(SkippedText(self.grid.name, row + 1, why, text))

    def _read(self, row: int) -> BodyRow | None:
        cells = self.grid.rows[row]
        filled = [(index, cell) for index, cell in enumerate(cells) if cell is not None]
        if not filled:
            return None
        heading = self.headings[-1]
        name_column = heading.name_column
        first = filled[0][1]
        if len(filled) <= 4 and isinstance(first, str) and self._is_not_person(row, filled):
            return None
        own = self._own_cells(row, heading)
        said = len(own) - ("ordinal" in own)
        if "full_name" not in own and "family_name" not in own:
            if self._fills.get((row, name_column), (row, 0))[0] != row:
                self._skip(row, "continued")
                return None
            if said < 2:
                if said:
                    self._skip(row, "text")
                return None
        elif self._signed and "ordinal" not in own and said < 4:
            self._skip(row, "signature")
            return None
        self._signed = False
        return self._body_row(row, heading, own)

    def _is_not_person(self, row: int, filled: Sequence[tuple[int, Cell]]) -> bool:
        texts = [cell_text(cell) for _, cell in filled]
        joined = folded(" ".join(texts))
        if _TOTAL.fullmatch(joined) or _TOTAL.fullmatch(folded(texts[0])):
            self._skip(row, "total")
            return True
        if _PAGE.fullmatch(joined):
            self._skip(row, "page")
            return True
        if not texts[0].isdigit() and any(_SIGNATURE.fullmatch(folded(text)) for text in texts):
            self._signed = True
            self._skip(row, "signature")
            return True
        if len(filled) > 2:
            return False
        title = _group_title(texts)
        if title is not None:
            self._open_section(title)
            self._skip(row, "group")
            return True
        return self._household_title(row, " ".join(texts))

    def _open_section(self, title: str) -> None:
        """A group title: a smaller unit (tổ) goes below the larger one before it, an equal or larger one
        replaces it."""
        plain = re.sub(r"\([^)]*\)?", "", title).strip(" .:-")
        names = [name for name in re.split(r"\s*[,–]\s*|\s+-\s+", plain) if unit_key(name) is not None] or [
            plain
        ]
        for name in names:
            word = (unit_key(name) or "").rpartition(" ")[0]
            kept = [other for other in self._section if _is_larger(other, word)]
            self._section = [name, *kept]
        self._titled = None

    def _household_title(self, row: int, text: str) -> bool:
        match = _HOUSEHOLD_TITLE.match(folded(text))
        if match is None:
            return False
        head, address = _HEAD_IN_TITLE.search(text), _ADDRESS_IN_TITLE.search(text)
        self._titled = HouseholdTitle(
            row, match[1], head[1].strip() if head else "", address[1].strip() if address else ""
        )
        self._skip(row, "household")
        return True

    def _own_cells(self, row: int, heading: Heading) -> Cells:
        own: Cells = {}
        cells = self.grid.rows[row]
        for column in heading.columns:
            cell = cells[column.index] if column.index < len(cells) else None
            if cell is not None:
                own.setdefault(column.kind or "keep", []).append((column, cell))
        return own

    def _body_row(self, row: int, heading: Heading, own: Cells) -> BodyRow:
        household: Cells = {}
        block: int | None = None
        if self._fills:
            for column in heading.columns:
                origin = self._fills.get((row, column.index))
                if origin is None or column.kind in _NEVER_FILLED:
                    continue
                cell = self.grid.cell(*origin)
                kind = column.kind or "keep"
                if kind in HOUSEHOLD_KINDS:
                    block = origin[0] if block is None else block
                if cell is None:
                    continue
                if kind in OF_HOUSEHOLD:
                    own.pop(kind, None)
                    household[kind] = [(column, cell)]
                elif origin[0] != row:
                    own.setdefault(kind, []).append((column, cell))
        return BodyRow(row, heading, own, household, block, tuple(self._section), self._titled)


def _group_title(texts: list[str]) -> str | None:
    """The unit that a row of one text (or a number and a text) names, as "II. KHU PHỐ 2 - Tổ 3"; None for
    no unit."""
    title = texts[-1]
    if len(texts) == 2 and not _NUMERAL.fullmatch(folded(texts[0])):
        return None
    title = _NUMBERED.sub("", title)
    first = re.split(r"\s*[,–]\s*|\s+-\s+", title)[0]
    return title if unit_key(first) is not None else None


def _is_larger(title: str, word: str) -> bool:
    """Whether the unit of ``title`` can hold a unit called ``word``: a tổ lies in a khu phố, thôn or ấp."""
    other = (unit_key(title) or "").rpartition(" ")[0]
    return word.startswith(("to", "doi")) and not other.startswith(("to", "doi"))
