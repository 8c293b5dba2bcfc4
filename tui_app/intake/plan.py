"""What reading a list gives: households and persons ready to be checked against the database and written.

Nothing here touches a database. Names of person fields are those of `tui_app.records.people.Person`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tui_app.errors import FieldProblem


@dataclass(frozen=True, slots=True)
class Remark:
    """A doubt about a value that was taken. ``cell``: as a spreadsheet program names it, "F17"."""

    cell: str
    problem: FieldProblem


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was skipped, once for every cell that is wrong.

    ``row``: from 1. ``value``: what the cell holds; it may be personal, so it is for the screen only,
    never for a log.
    """

    sheet: str
    row: int
    cell: str
    problem: FieldProblem
    value: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PlannedCondition:
    """An underlying condition by its code; ``note``: the words of the list when they say more than the
    code."""

    code: str
    note: str | None = None
    treated_at: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """A test with all that a `test_result` needs; the list gives a day, never an hour."""

    on: date
    method: str
    result: str


@dataclass(frozen=True, slots=True)
class PlannedSupport:
    """A need: kind ``medicine``, ``food``, ``referral``, ``money`` or ``other``, and its words."""

    kind: str
    words: str


@dataclass(slots=True)
class PlannedPerson:
    """A person of the list.

    ``fields``: record fields with values ready for storing (dates as `date`). ``note_rest``: "title:
    words" of every cell that no field holds, in the order of the columns; `note` joins them, so nothing of
    the list is lost.
    """

    sheet: str
    row: int
    fields: dict[str, Any]
    conditions: list[PlannedCondition] = field(default_factory=list)
    risk_groups: list[str] = field(default_factory=list)
    tests: list[PlannedTest] = field(default_factory=list)
    support: list[PlannedSupport] = field(default_factory=list)
    note_rest: list[str] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)

    @property
    def note(self) -> str | None:
        """The note to store: the note column, then all that no field holds."""
        return "; ".join(filter(None, [self.fields.get("note"), *self.note_rest])) or None

    @property
    def birth_year(self) -> int | None:
        """The year of either form of birth."""
        born: date | None = self.fields.get("birth_date")
        return born.year if born else self.fields.get("birth_year")


@dataclass(slots=True)
class PlannedHousehold:
    """A door of the list.

    ``key``: what made these rows one household, for messages and tests. ``alley``: street or alley, the
    thing walked along. ``unit_text``: the smallest units named, the smallest first ("Tổ 3, Khu phố 2").
    ``code``: the household number of the list. ``head_index``: place of the head in ``persons``.
    ``walk_order``: from 1, counted in each
    ``unit_text`` along streets, alleys and house numbers.
    """

    key: str
    address: str | None = None
    alley: str | None = None
    unit_text: str | None = None
    code: str | None = None
    phone: str | None = None
    note: str | None = None
    head_index: int | None = None
    walk_order: int = 0
    persons: list[PlannedPerson] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PlannedColumn:
    """Where a column of the file goes: ``kind`` is a name of `wordings.KINDS`; None goes to the note, with
    its title."""

    sheet: str
    column: str
    title: str
    kind: str | None


@dataclass(frozen=True, slots=True)
class Conversion:
    """A column written in an old font. ``font``: TCVN3 or VNI; ``samples``: (as it was, as it is read); they may be
    personal, so they are for the screen only."""

    sheet: str
    column: str
    font: str
    samples: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SkippedText:
    """A row that is no person: a group title, a total, a signature, a page heading. ``why`` names which."""

    sheet: str
    row: int
    why: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two persons who may be one. ``reason``: catalogue key; ``score``: 0–100.

    ``first`` and ``second`` are `PlannedPerson` or, for ``first``, an existing person.
    """

    first: Any
    second: PlannedPerson
    reason: str
    score: int


@dataclass(slots=True)
class ImportPlan:
    """What an import would do. ``header_rows``: rows counted from 1, by sheet.
    ``conversions``: columns whose text came in an old font. ``skipped_sheets``: name
    and reason key."""

    file_name: str
    file_digest: str
    sheets: list[str] = field(default_factory=list)
    skipped_sheets: list[tuple[str, str]] = field(default_factory=list)
    conversions: list[Conversion] = field(default_factory=list)
    header_rows: dict[str, list[int]] = field(default_factory=dict)
    columns: list[PlannedColumn] = field(default_factory=list)
    households: list[PlannedHousehold] = field(default_factory=list)
    bad_rows: list[BadRow] = field(default_factory=list)
    skipped_rows: list[SkippedText] = field(default_factory=list)
    duplicates_in_file: list[Likeness] = field(default_factory=list)

    @property
    def persons(self) -> list[PlannedPerson]:
        """All persons, household by household."""
        return [person for household in self.households for person in household.persons]

    @property
    def warnings(self) -> list[tuple[PlannedPerson, Remark]]:
        """Every doubt with its person."""
        return [(person, remark) for person in self.persons for remark in person.warnings]
