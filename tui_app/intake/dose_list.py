"""A list of vaccinations exported from the national system: persons with their doses, a row a dose or a row a person.

Nothing here touches a database. Columns are known by their titles, or by a ``--map`` file as for other lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tui_app.errors import BadFile, FieldProblem
from tui_app.intake.headers import Column, Heading, find_heading
from tui_app.intake.listing import read_mapping
from tui_app.intake.plan import BadRow
from tui_app.intake.sheet import Grid, cell_name, column_name, read_grids
from tui_app.intake.wordings import KINDS, normal_title
from tui_app.records import checks
from tui_app.records.checked import Cell, Checked, cell_text, says_nothing
from tui_app.records.vaccination import DoseType
from tui_app.text import fold

DOSE_KINDS = ("given_on", "product", "lot", "place", "dose_type", "number")
PERSON_KINDS = ("full_name", "birth_date", "birth_year", "national_id", "insurance_number", "phone")
_TITLES: tuple[tuple[str, str], ...] = (
    ("dose_type", r".*\bloai (?:mui|lieu)\b.*|.*\bphan loai mui\b.*"),
    ("lot", r".*\b(?:so )?lo\b(?: vac ?xin| vaccine)?.*|.*\blot\b.*|.*\bbatch\b.*"),
    ("place", r".*\b(?:noi|co so|diem|don vi) tiem\b.*"),
    ("product", r".*\b(?:loai|ten) (?:vac ?xin|vaccine)\b.*|.*\b(?:vac ?xin|vaccine)(?: \d)?$"),
    (
        "given_on",
        r".*\bngay(?: thang)?(?: \w+)* tiem\b.*|.*\bthoi gian tiem\b.*|.*\bmui (?:thu )?\d(?: > ngay)?$",
    ),
    ("number", r"(?:mui|lan|lieu)(?: (?:thu|so|tiem))*$|so thu tu mui$"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _TITLES)
_NUMBERED = re.compile(r"\b(?:mui|lieu|lan)(?: (?:thu|so|tiem))* ?(\d)\b")
_TYPES = (
    (DoseType.BOOSTER, re.compile(r".*\b(?:nhac|booster|tang cuong)\b.*")),
    (DoseType.ADDITIONAL, re.compile(r".*\b(?:bo sung|additional)\b.*")),
    (DoseType.BASIC, re.compile(r".*\b(?:co ban|basic|primary)\b.*")),
)


@dataclass(frozen=True, slots=True)
class ListedDose:
    """A dose of the list. ``product``: as it is written there; ``row``: from 1."""

    row: int
    given_on: date | None
    number: int | None = None
    product: str | None = None
    dose_type: str | None = None
    lot: str | None = None
    place: str | None = None


@dataclass(slots=True)
class ListedPerson:
    """A person of the list. ``row``: the first row about them, from 1; ``place``: names that row among all sheets;
    ``numbers``: identity numbers, any kind."""

    place: str
    row: int
    full_name: str
    birth: checks.Birth | None
    numbers: tuple[str, ...]
    phone: str | None
    doses: list[ListedDose] = field(default_factory=list)

    @property
    def key(self) -> tuple[Any, ...]:
        """The rows of one person have the same key."""
        return self.numbers or (fold(self.full_name), self.birth, self.phone)


@dataclass(slots=True)
class DoseList:
    """What a file holds. ``columns``: (column, title, kind or None); ``bad_rows``: cells that could not be read. A dose
    whose day could not be read is left out; the rest of its row is used."""

    file_name: str
    digest: str
    sheet: str = ""
    persons: list[ListedPerson] = field(default_factory=list)
    columns: list[tuple[str, str, str | None]] = field(default_factory=list)
    bad_rows: list[BadRow] = field(default_factory=list)


def read_dose_list(path: Path, today: date, map_file: Path | None = None) -> DoseList:
    """Read a list. ``today``: no dose and no birth may be after it. Raises BadFile when it cannot be used at all."""
    mapping = read_mapping(map_file, (*KINDS, *DOSE_KINDS)) if map_file else {}
    digest, grids = read_grids(path)
    found = DoseList(path.name, digest)
    known: dict[tuple[Any, ...], ListedPerson] = {}
    for grid in grids:
        if not grid.hidden:
            _read_sheet(grid, today, mapping, found, known)
    if not found.columns:
        raise BadFile("import.no_header", name=path.name)
    if not any(kind in ("given_on", "product") for _, _, kind in found.columns):
        raise BadFile("reconcile.no_dose_column", name=path.name)
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """A column as this list means it. ``number``: of the dose it is about, None for the one the row is about."""

    column: Column
    kind: str | None
    number: int | None


def _read_sheet(
    grid: Grid,
    today: date,
    mapping: Mapping[str, str],
    found: DoseList,
    known: dict[tuple[Any, ...], ListedPerson],
) -> None:
    places: list[_Place] = []
    row = 0
    while row < len(grid.rows):
        heading = find_heading(grid, row, mapping)
        if heading is not None:
            places = list(_places(heading, mapping))
            if not found.columns:
                found.sheet = grid.name
                found.columns = [(column_name(p.column.index), p.column.title, p.kind) for p in places]
            row = heading.body_row
            continue
        if places:
            _read_row(_Row(grid, row, today, places, found), known)
        row += 1


def _places(heading: Heading, mapping: Mapping[str, str]) -> Iterator[_Place]:
    for column in heading.columns:
        normal = normal_title(column.title.replace(" – ", " > "))
        mapped = next(
            (
                mapping[normal_title(part)]
                for part in (column.title, *column.title.split(" – "))
                if normal_title(part) in mapping
            ),
            None,
        )
        own = next((kind for kind, pattern in _COMPILED if pattern.fullmatch(normal)), None)
        numbered = _NUMBERED.search(normal)
        kind = mapped or own or (column.kind if column.kind in PERSON_KINDS else None)
        if kind == "dose":
            kind = "given_on"
        yield _Place(column, kind, int(numbered[1]) if numbered and kind in DOSE_KINDS else None)


@dataclass(slots=True)
class _Row:
    """One row being read; what cannot be read is noted with its cell."""

    grid: Grid
    row: int
    today: date
    places: list[_Place]
    found: DoseList

    @property
    def place(self) -> str:
        """The row's number; with its sheet's name on any sheet but the first."""
        number = str(self.row + 1)
        return number if self.grid.name == self.found.sheet else f"{self.grid.name}:{number}"

    def cells(self, *kinds: str) -> Iterator[tuple[_Place, Cell]]:
        """The filled cells of these kinds."""
        for place in self.places:
            cell = self.grid.cell(self.row, place.column.index)
            if place.kind in kinds and cell is not None:
                yield place, cell

    def take(self, place: _Place, checked: Checked[Any]) -> Any:
        """The value; a refusal is noted."""
        if checked.problem is not None:
            at = cell_name(self.row, place.column.index)
            value = cell_text(self.grid.cell(self.row, place.column.index))
            self.found.bad_rows.append(BadRow(self.grid.name, self.row + 1, at, checked.problem, value))
        return checked.value


def _read_row(row: _Row, known: dict[tuple[Any, ...], ListedPerson]) -> None:
    person = _person(row)
    doses = list(_doses(row))
    if person is None:
        if doses:
            problem = FieldProblem("full_name", "problems.missing")
            row.found.bad_rows.append(BadRow(row.grid.name, row.row + 1, "", problem))
        return
    here = known.get(person.key)
    if here is None:
        known[person.key] = here = person
        row.found.persons.append(person)
    here.doses += [one for one in doses if one not in here.doses]


def _person(row: _Row) -> ListedPerson | None:
    name, birth, phone = None, None, None
    numbers: list[str] = []
    for place, cell in row.cells(*PERSON_KINDS):
        match place.kind:
            case "full_name":
                name = row.take(place, checks.full_name(cell)) or name
            case "birth_date" | "birth_year":
                birth = row.take(place, checks.birth(cell, row.today)) or birth
            case "phone":
                phone = row.take(place, checks.phone(cell)) or phone
            case "insurance_number":
                numbers += filter(None, [row.take(place, checks.insurance_number(cell))])
            case _:
                numbers += filter(None, [row.take(place, checked) for _, checked in checks.identity(cell)])
    if not name or not (birth or numbers or phone):
        return None
    return ListedPerson(row.place, row.row + 1, name, birth, tuple(dict.fromkeys(numbers)), phone)


def _doses(row: _Row) -> Iterator[ListedDose]:
    """A dose for each number the columns name, or one for the row."""
    for number in dict.fromkeys(place.number for place in row.places if place.kind in DOSE_KINDS):
        values: dict[str, Any] = {}
        for place, cell in row.cells(*DOSE_KINDS):
            if place.number == number and not says_nothing(cell_text(cell)):
                values[str(place.kind)] = _dose_value(row, place, cell)
        unreadable = "given_on" in values and values["given_on"] is None
        values = {name: value for name, value in values.items() if value is not None}
        says = values.keys() & {"given_on", "product"} or (number is None and "number" in values)
        if says and not unreadable:
            yield ListedDose(row.row + 1, values.pop("given_on", None), **({"number": number} | values))


def _dose_value(row: _Row, place: _Place, cell: Cell) -> Any:
    text = cell_text(cell)
    match place.kind:
        case "given_on":
            return row.take(place, checks.day(cell, row.today, "given_on"))
        case "number":
            digits = re.findall(r"\d", text)
            return int(digits[0]) if digits and digits[0] != "0" else None
        case "dose_type":
            return next((str(kind) for kind, words in _TYPES if words.match(fold(text))), None)
        case _:
            return text
