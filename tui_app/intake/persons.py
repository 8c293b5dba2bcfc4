"""One row of a list, made into a person: every cell goes to a field, to a coded list or to the note, none
is dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tui_app.errors import FieldProblem
from tui_app.intake.headers import Column
from tui_app.intake.plan import (
    BadRow,
    PlannedCondition,
    PlannedPerson,
    PlannedSupport,
    PlannedTest,
    Remark,
)
from tui_app.intake.sheet import cell_name
from tui_app.intake.wordings import KINDS
from tui_app.records import checks
from tui_app.records.checked import Cell, Checked, cell_text, folded, says_nothing
from tui_app.records.code_words import can_move, has_it, support_needs, unknown_word
from tui_app.records.people import RESTRICTED_CONDITIONS

_HEAD_WORDS = re.compile(r"\b(?:chu ho|chu nha)\b")
_ANTIGEN = re.compile(r"\b(?:test nhanh|nhanh|khang nguyen|kn|antigen|ag)\b")
_PCR = re.compile(r"\bpcr\b")
_NEGATIVE = re.compile(r"am tinh|\bam\b|\bneg|\(-\)|(?:^|\s)-(?:\s|$)|\bat\b")
_POSITIVE = re.compile(r"duong tinh|\bduong\b|\bpos|\(\+\)|(?:^|\s)\+(?:\s|$)|\bdt\b")
_DAY = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2,4}")
_MARKS = frozenset(("x", "v", "+", "1", "✓", "✔", "co", "•", "*"))
_NO_MARKS = frozenset(("", "0", "-", "khong", "ko", "k"))
_NO_DOSES = re.compile(
    r"\b(?:chua|khong)\b(?! (?:ro|biet|nho|cap nhat|xac dinh|co thong tin|thong tin|hoi|khai|kiem tra)\b)()"
)
"""No dose; "chưa rõ" and "chưa cập nhật" are not none."""
_CONTRAINDICATED = re.compile(r"chong chi dinh|\bccd\b")
_NOT_CONTRAINDICATED = re.compile(r"\b(?:khong|ko|k|het)(?: co| phai| bi)? (?:chong chi dinh|ccd)\b")
_RISK_KINDS = tuple(kind for kind in KINDS if kind.startswith("risk_") and kind != "risk_group")
_PARTS_OF_BIRTH = ("birth_day", "birth_month", "birth_year")

Cells = dict[str, list[tuple[Column, Cell]]]
"""The filled cells of a row by kind of column; unknown columns are under ``keep``."""


@dataclass(slots=True)
class RowReader:
    """Reads the cells of one row. After `read`, either ``bad`` holds what is wrong or ``person`` is whole."""

    sheet: str
    row: int
    today: date
    cells: Cells
    person: PlannedPerson = field(init=False)
    bad: list[BadRow] = field(default_factory=list)
    is_head: bool = False
    _told_none: bool = False

    def __post_init__(self) -> None:
        self.person = PlannedPerson(self.sheet, self.row + 1, {})

    def read(self, name_column: int) -> PlannedPerson | None:
        """The person, or None when a cell is wrong. ``name_column``: where a missing name is reported."""
        self._name(name_column)
        self._sex_and_birth()
        self._numbers()
        self._codes()
        self._health()
        self._doses()
        self._tests()
        self._words()
        fields = self.person.fields
        for doubt in checks.identity_doubts(
            fields.get("national_id"), fields.get("sex"), self.person.birth_year
        ):
            self._warn(self._first_column("national_id"), doubt)
        return None if self.bad else self.person

    def _first_column(self, kind: str) -> Column:
        return self.cells[kind][0][0]

    def _warn(self, column: Column, problem: FieldProblem) -> None:
        self.person.warnings.append(Remark(cell_name(self.row, column.index), problem))

    def _refuse(self, column: int, problem: FieldProblem, cell: Cell) -> None:
        self.bad.append(
            BadRow(self.sheet, self.row + 1, cell_name(self.row, column), problem, cell_text(cell))
        )

    def _keep(self, column: Column, words: str) -> None:
        if words:
            self.person.note_rest.append(f"{column.title}: {words}" if column.title else words)

    def _take(self, column: Column, cell: Cell, answer: Checked[Any], name: str) -> Any:
        """Take a checked value into the field ``name``: refusals make the row bad, doubts and spare words
        are kept."""
        if answer.problem is not None:
            self._refuse(column.index, answer.problem, cell)
            return None
        for doubt in answer.warnings:
            self._warn(column, doubt)
        self._keep(column, answer.rest)
        if answer.value is not None:
            self.person.fields[name] = answer.value
        return answer.value

    def _take_softly(self, column: Column, cell: Cell, answer: Checked[Any], name: str) -> None:
        """As `_take`, but words that are not understood go to the note with a doubt, and the row stays
        good."""
        if answer.problem is None:
            self._take(column, cell, answer, name)
        else:
            self._keep(column, cell_text(cell))
            self._warn(column, unknown_word(name))

    def _take_known(self, column: Column, cell: Cell, answer: Checked[bool], name: str) -> None:
        """As `_take`, without the words, which have a field of their own; "chưa rõ" goes to the note with a doubt."""
        if answer.value is not None:
            self.person.fields[name] = answer.value
        elif cell_text(cell):
            self._keep(column, cell_text(cell))
            self._warn(column, unknown_word(name))

    def _name(self, name_column: int) -> None:
        parts = [*self.cells.get("family_name", ()), *self.cells.get("full_name", ())]
        parts.sort(key=lambda part: part[0].index)
        whole = " ".join(cell_text(cell) for _, cell in parts)
        answer = checks.full_name(whole)
        if answer.value is None and answer.problem is None:
            self._refuse(name_column, FieldProblem("full_name", "import.name_missing"), whole)
            return
        column = parts[0][0]
        if _HEAD_WORDS.search(folded(answer.rest)):
            self.is_head = True
            answer = Checked(answer.value, None, answer.warnings, "")
        self._take(column, whole, answer, "full_name")

    def _sex_and_birth(self) -> None:
        fields = self.person.fields
        for column, cell in self.cells.get("sex", ()):
            self._take(column, cell, checks.sex(cell), "sex")
        for side in ("male", "female"):
            for column, cell in self.cells.get(side, ()):
                text = folded(cell_text(cell))
                if text in _NO_MARKS:
                    continue
                if fields.setdefault("sex", side) != side:
                    self._refuse(column.index, FieldProblem("sex", "import.sex_both"), cell)
                elif text not in _MARKS and checks.sex(cell).value != side:
                    self._birth(column, cell, checks.birth(cell, self.today))
        for column, cell in self.cells.get("birth_date", ()):
            answer = checks.birth(cell, self.today)
            if answer.problem is not None and "tuoi" in folded(column.title):
                answer = checks.age(cell, self.today)
            self._birth(column, cell, answer)
        given = [self.cells[kind][0] if self.cells.get(kind) else None for kind in _PARTS_OF_BIRTH]
        if given[2] is not None:
            written = [cell_text(part[1]) if part else "00" for part in given]
            text = "/".join(part or "00" for part in written)
            self._birth(
                given[2][0],
                text,
                checks.birth(text if "".join(written[:2]) != "0000" else written[2], self.today),
            )
        if self.person.birth_year is None:
            for column, cell in self.cells.get("age", ()):
                self._birth(column, cell, checks.age(cell, self.today))

    def _birth(self, column: Column, cell: Cell, answer: Checked[checks.Birth]) -> None:
        fields = self.person.fields
        if answer.problem is None and answer.value is not None:
            known = self.person.birth_year
            if known is not None and known != answer.value.known_year:
                self._refuse(column.index, FieldProblem("birth_year", "import.birth_differs"), cell)
                return
        born = self._take(column, cell, answer, "birth_date")
        if born is not None:
            fields.pop("birth_date")
            if born.date is not None:
                fields.pop("birth_year", None)
                fields["birth_date"] = born.date
            elif "birth_date" not in fields:
                fields["birth_year"] = born.year

    def _numbers(self) -> None:
        for column, cell in self.cells.get("national_id", ()):
            for name, answer in checks.identity(cell):
                self._take(column, cell, answer, name)
        for column, cell in self.cells.get("insurance_number", ()):
            self._take(column, cell, checks.insurance_number(cell), "insurance_number")
        for column, cell in self.cells.get("phone", ()):
            if "phone" in self.person.fields:
                self._keep(column, cell_text(cell))
            else:
                self._take(column, cell, checks.phone(cell), "phone")

    def _codes(self) -> None:
        for column, cell in self.cells.get("ethnicity", ()):
            self._take_softly(column, cell, checks.ethnicity(cell), "ethnicity")
        for column, cell in self.cells.get("residence_type", ()):
            self._take_softly(column, cell, checks.residence_type(cell), "residence_type")
        for column, cell in self.cells.get("can_move", ()):
            self._take_softly(column, cell, can_move(cell), "mobility_limited")
        for column, cell in self.cells.get("mobility_limited", ()):
            self._take_softly(column, cell, checks.yes_or_no(cell, "mobility_limited"), "mobility_limited")
        for column, cell in self.cells.get("contraindicated", ()):
            answer = has_it(cell)
            if answer.rest:
                self.person.fields["contraindication_reason"] = answer.rest
            self._take_known(column, cell, answer, "contraindicated")
        for _, cell in self.cells.get("unvaccinated_reason", ()):
            text = cell_text(cell)
            plain = folded(text)
            if _CONTRAINDICATED.search(plain) and not _NOT_CONTRAINDICATED.search(plain):
                self.person.fields |= {"contraindicated": True, "contraindication_reason": text}
            elif not says_nothing(text):
                self.person.fields["unvaccinated_reason"] = text

    def _health(self) -> None:
        person = self.person
        found: list[PlannedCondition] = []
        for column, cell in self.cells.get("conditions", ()):
            said = checks.conditions(cell if isinstance(cell, str) else cell_text(cell))
            if folded(cell_text(cell)) == "x":
                person.risk_groups.append("underlying_condition")
                continue
            found += [PlannedCondition(condition.code, condition.words) for condition in said.found]
            person.risk_groups += said.risk_groups
            self._keep(column, said.rest)
        for column, cell in self.cells.get("treated_at", ()):
            place = cell_text(cell)
            if says_nothing(place):
                continue
            if found:
                found = [PlannedCondition(condition.code, condition.note, place) for condition in found]
            else:
                self._keep(column, place)
        person.conditions = list({condition.code: condition for condition in reversed(found)}.values())[::-1]
        if {condition.code for condition in person.conditions} - RESTRICTED_CONDITIONS:
            person.risk_groups.append("underlying_condition")  # a restricted one alone puts nobody on a list
        for column, cell in self.cells.get("risk_group", ()):
            codes, rest = checks.risk_groups(cell)
            person.risk_groups += codes
            self._keep(column, rest)
        for kind in _RISK_KINDS:
            for column, cell in self.cells.get(kind, ()):
                answer = has_it(cell)
                if answer.value:
                    self._keep(column, answer.rest)
                    person.risk_groups.append(kind.removeprefix("risk_"))
                elif answer.value is None and not says_nothing(cell_text(cell)):
                    self._keep(column, cell_text(cell))
        person.risk_groups = list(dict.fromkeys(person.risk_groups))
        for _, cell in self.cells.get("support", ()):
            person.support += [PlannedSupport(kind, words) for kind, words in support_needs(cell)]

    def _doses(self) -> None:
        said: int | None = None
        for column, cell in self.cells.get("reported_doses", ()):
            text = folded(cell_text(cell))
            count = re.match(r"(?:da tiem |mui )?(\d)\b", text) or _NO_DOSES.match(text)
            if count is None:
                self._keep(column, cell_text(cell))
                self._warn(column, unknown_word("reported_doses"))
                continue
            said = int(count[1] or 0)
            if count[0] != text:
                self._keep(column, cell_text(cell))
        given = [
            (c, cell) for c, cell in self.cells.get("dose", ()) if folded(cell_text(cell)) not in _NO_MARKS
        ]
        for column, cell in given:
            self._keep(column, cell_text(cell))
        if said is None and given:
            said = max((column.number or 0) for column, _ in given) or len(given)
        if said is not None:
            self.person.fields["reported_doses"] = said

    def _tests(self) -> None:
        entries = [
            (column, cell)
            for kind in ("test", "test_date", "test_method", "test_result")
            for column, cell in self.cells.get(kind, ())
            if not says_nothing(cell_text(cell)) or folded(cell_text(cell)) == "-"
        ]
        if not entries:
            return
        words = " ".join(cell_text(cell) for _, cell in entries)
        titles = " ".join(column.title for column, _ in entries)
        plain = folded(words)
        method = "pcr" if _PCR.search(plain) else "antigen" if _ANTIGEN.search(plain) else None
        if method is None:
            method = (
                "pcr"
                if _PCR.search(folded(titles))
                else "antigen"
                if _ANTIGEN.search(folded(titles))
                else None
            )
        negative, positive = bool(_NEGATIVE.search(plain)), bool(_POSITIVE.search(plain))
        written_day = _DAY.search(words)
        on = checks.day(written_day[0], self.today, "at").value if written_day else None
        if method and on and negative != positive:
            self.person.tests.append(PlannedTest(on, method, "negative" if negative else "positive"))
            return
        for column, cell in entries:
            self._keep(column, cell_text(cell))
        self._warn(entries[0][0], FieldProblem("result", "import.test_kept_in_note"))

    def _words(self) -> None:
        fields = self.person.fields
        for kind in ("relation_to_head", "occupation", "carer"):
            for _, cell in self.cells.get(kind, ()):
                text = cell_text(cell)
                if not says_nothing(text):
                    fields[kind] = text
        if _HEAD_WORDS.search(folded(fields.get("relation_to_head", ""))):
            self.is_head = True
        notes = [cell_text(cell) for _, cell in self.cells.get("note", ())]
        if any(notes):
            fields["note"] = "; ".join(note for note in notes if note)
        for column, cell in self.cells.get("keep", ()):
            self._keep(column, cell_text(cell))
