"""Which rows live behind one door: by household number, by head, by merged cells, by address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tui_app.errors import FieldProblem
from tui_app.intake.address import Place, joined_address, parse_address, unit_key
from tui_app.intake.body import BodyRow
from tui_app.intake.persons import Cells, RowReader
from tui_app.intake.plan import BadRow, PlannedHousehold, PlannedPerson, Remark
from tui_app.intake.sheet import cell_name
from tui_app.records import checks
from tui_app.records.checked import cell_text, folded, says_nothing
from tui_app.text import alphabet_key


@dataclass(slots=True)
class _Door:
    """A household being put together."""

    household: PlannedHousehold
    place: Place
    head_name: str = ""
    notes: list[str] = field(default_factory=list)
    has_head: bool = False


@dataclass(slots=True)
class HouseholdBuilder:
    """Takes the rows of one sheet in their order and puts persons into households.

    ``household_style``: the sheet has a relation, head or number column, merged addresses or household
    titles, so a blank address means "as above". In a plain list of persons it means that the address is
    missing.
    """

    sheet: str
    household_style: bool = False
    doors: dict[tuple[Any, ...], _Door] = field(default_factory=dict)
    bad_rows: list[BadRow] = field(default_factory=list)
    _last: tuple[Any, ...] | None = None
    _last_section: tuple[str, ...] = ()
    _heads_at: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def add(self, body: BodyRow, reader: RowReader, person: PlannedPerson | None) -> None:
        """Place a person (None for a bad row, which still moves the household on, so that the next rows
        fit)."""
        words = {kind: _text(body.cells, kind) for kind in _KINDS}
        address = joined_address(words)
        code = words["household_code"] or (body.titled.code if body.titled else "")
        head = words["household_head"] or (body.titled.head if body.titled else "")
        if body.titled and not address:
            address = body.titled.address
        same_section = body.section == self._last_section
        key = self._key(body, reader.is_head, same_section, code, head, address)
        self._last, self._last_section = key, body.section
        door = self.doors.get(key)
        if door is None:
            door = self._open(key, body, words, address, code, head)
        if head and not door.head_name:
            door.head_name = head
        self._household_cells(door, body)
        if person is None:
            return
        if not door.household.address and not self.household_style and not address:
            where = cell_name(body.row, body.heading.name_column)
            person.warnings.append(Remark(where, FieldProblem("address", "import.address_missing")))
        household = door.household
        is_head = reader.is_head or (bool(head) and _same_name(head, person.fields["full_name"]))
        if is_head and household.head_index is None:
            household.head_index = len(household.persons)
        household.persons.append(person)

    def _key(
        self, body: BodyRow, is_head: bool, same_section: bool, code: str, head: str, address: str
    ) -> tuple[Any, ...]:
        last = self._last if same_section else None
        where = (self.sheet, body.section)
        place = folded(" ".join(parse_address(address).units)) if address else ""
        if body.titled and not code:
            return (*where, "title", body.titled.row)
        if code:
            if last is not None and last[2:4] == ("code", code) and place in ("", last[4]):
                return last
            return (*where, "code", code, place)
        if head:
            at = folded(address) or (
                last[-1] if last and last[2] == "head" and last[3] == folded(head) else ""
            )
            return (*where, "head", folded(head), at)
        if body.block is not None and not is_head:
            merged = (*where, "block", body.block)
            return last if last is not None and last[2:4] == merged[2:4] else (*merged, 0)
        if body.block is not None:
            merged = (*where, "block", body.block)
            heads = self._heads_at[merged] = self._heads_at.get(merged, 0) + 1
            return (*merged, heads - 1) if heads > 1 else (*merged, 0)
        if self.household_style and last is not None and not is_head and self._is_same_door(last, address):
            return last
        if not address:
            return (*where, "row", body.row)
        at_door = (*where, "address", folded(address))
        if is_head:
            heads = self._heads_at[at_door] = self._heads_at.get(at_door, 0) + 1
            return (*at_door, heads - 1)
        if last is not None and last[2:4] == at_door[2:4]:
            return last
        return (*at_door, 0)

    def _is_same_door(self, last: tuple[Any, ...], address: str) -> bool:
        return not address or folded(address) == folded(self.doors[last].household.address or "")

    def _open(
        self, key: tuple[Any, ...], body: BodyRow, words: dict[str, str], address: str, code: str, head: str
    ) -> _Door:
        place = parse_address(address) if address else Place()
        units: dict[str, str] = {}
        for unit in (words["group"], *place.units, words["unit"], *body.section):
            label = _unit_label(unit, words)
            if label:
                units.setdefault(folded(label), label)
        household = PlannedHousehold(
            key=f"{key[2]} {body.row + 1}",
            address=address or None,
            alley=place.alley or (next(iter(units.values()), None)),
            unit_text=", ".join(units.values()) or None,
            code=code or None,
        )
        door = self.doors[key] = _Door(household, place, head)
        return door

    def _household_cells(self, door: _Door, body: BodyRow) -> None:
        household = door.household
        for kind in ("phone", "household_phone"):
            entries = [
                *body.household.get(kind, ()),
                *(body.cells.get(kind, ()) if kind == "household_phone" else ()),
            ]
            for column, cell in entries:
                if household.phone is not None:
                    continue
                answer = checks.phone(cell)
                if answer.problem is not None:
                    self._refuse(body, column.index, answer.problem, cell_text(cell))
                elif answer.value:
                    household.phone = answer.value
                    _note(door, column.title, answer.rest)
        for kind in ("note", "support"):
            for column, cell in body.household.get(kind, ()):
                _note(door, "" if kind == "note" else column.title, cell_text(cell))

    def _refuse(self, body: BodyRow, column: int, problem: FieldProblem, value: str) -> None:
        bad = BadRow(self.sheet, body.row + 1, cell_name(body.row, column), problem, value)
        if bad not in self.bad_rows:
            self.bad_rows.append(bad)

    def finish(self) -> list[PlannedHousehold]:
        """The households that have someone, in the order of the file."""
        found = []
        for door in self.doors.values():
            household = door.household
            if not household.persons:
                continue
            if door.head_name and household.head_index is None:
                _note(door, "Chủ hộ", door.head_name)
                first = household.persons[0]
                first.warnings.append(Remark(f"A{first.row}", FieldProblem("head", "import.head_not_listed")))
            phones = [person.fields.get("phone") for person in household.persons]
            if household.phone is None and len(phones) > 1 and phones[0] and set(phones) == {phones[0]}:
                household.phone = phones[0]
            household.note = "; ".join(door.notes) or None
            found.append(household)
        return found


def set_walk_order(households: Iterable[PlannedHousehold]) -> None:
    """Number the doors of each unit (the widest named: the khu phố, not the tổ) along streets, alleys and
    house numbers, from 1."""
    by_unit: dict[str, list[PlannedHousehold]] = {}
    for household in households:
        widest = (household.unit_text or "").rpartition(", ")[2]
        by_unit.setdefault(unit_key(widest) or folded(widest), []).append(household)
    for doors in by_unit.values():
        doors.sort(key=_walk_key)
        for number, household in enumerate(doors, 1):
            household.walk_order = number


def _walk_key(household: PlannedHousehold) -> tuple[str, str]:
    place = parse_address(household.address) if household.address else Place(walk_key="~~")
    return place.walk_key, alphabet_key(household.code or "")


_KINDS = ("address", "house_number", "street", "unit", "group", "household_head", "household_code")
_BARE_NUMBER = {"group": "Tổ", "unit": "Khu phố"}


def _text(cells: Cells, kind: str) -> str:
    for _, cell in cells.get(kind, ()):
        text = cell_text(cell)
        if not says_nothing(text):
            return text
    return ""


def _unit_label(unit: str, words: dict[str, str]) -> str:
    """A bare number of a column "Tổ" or "Khu phố" with its word before it."""
    for kind, word in _BARE_NUMBER.items():
        if unit and unit == words[kind] and unit[0].isdigit():
            return f"{word} {unit}"
    return unit


def _same_name(one: str, other: str) -> bool:
    return folded(checks.full_name(one).value or "") == folded(other)


def _note(door: _Door, title: str, words: str) -> None:
    text = f"{title}: {words}" if title and words else words
    if text and text not in door.notes:
        door.notes.append(text)
