"""Comparing the doses recorded here with a list from the national system, and taking over what a person accepts.

Somebody of the list is the person here who has the same identity number, else the same name, birth and telephone.
Anything less is a question. Nothing is written until a row is accepted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from sync.protocol import Row
from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, today
from tui_app.errors import UserError
from tui_app.intake.dose_list import DoseList, ListedPerson, read_dose_list
from tui_app.intake.likeness import marks_differ
from tui_app.rules.rule_set import RuleSets
from tui_app.services.access import gate
from tui_app.services.access.access import masked
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.lists.import_batches import remember
from tui_app.services.vaccination.dose_differences import Difference, compare, write
from tui_app.services.vaccination.dose_status import HERE
from tui_app.store.rows import table
from tui_app.store.search_terms import insurance_digits
from tui_app.text import fold

STATES = ("differing", "only_there", "ambiguous", "only_here", "matched")
_PEOPLE = f"""
SELECT p.id, p.area, p.full_name, p.birth_date, p.birth_year, p.national_id, p.citizen_id_old, p.insurance_number,
    p.phone, a.unit_name FROM person AS p LEFT JOIN area AS a ON a.id = p.area WHERE {HERE}"""
_GONE = f"""
SELECT p.area, p.national_id, p.citizen_id_old, p.insurance_number, p.full_name, coalesce(p.birth_date, p.birth_year)
FROM person AS p WHERE NOT p.deleted AND NOT ({HERE})"""
_NUMBERS = """
SELECT person, number FROM person_identifier WHERE NOT deleted AND number IS NOT NULL
AND (valid_to IS NULL OR valid_to >= ?1)"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody here. ``birth``: dd/mm/yyyy or a year; ``doses``: recorded here, oldest first."""

    person: str
    full_name: str
    birth: str
    unit: str
    doses: tuple[Row, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Compared:
    """A person of the list, or one who is only here. ``row``: of the list, 0 for who is only here; ``here``: who it is,
    None while nobody or more than one may be; ``candidates``: who may be meant; ``why``: catalogue key of what keeps
    them apart; ``differences``: dose by dose."""

    state: str
    row: int
    full_name: str
    birth: str
    listed: ListedPerson | None = field(default=None, repr=False)
    here: Candidate | None = None
    candidates: tuple[Candidate, ...] = ()
    why: str = ""
    differences: tuple[Difference, ...] = ()

    @property
    def key(self) -> str:
        """Its key in a list."""
        return self.listed.place if self.listed else f"here:{self.here.person if self.here else ''}"

    @property
    def to_write(self) -> tuple[Difference, ...]:
        """What accepting it would write."""
        return tuple(one for one in self.differences if one.kind in ("only_there", "differs"))


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What comparing a list came to."""

    listed: DoseList
    rows: tuple[Compared, ...]

    def of(self, state: str) -> list[Compared]:
        """The rows in a state."""
        return [one for one in self.rows if one.state == state]


@dataclass(frozen=True, slots=True)
class Accepted:
    """``batch``: id to undo it by, empty when nothing was to be written."""

    batch: str
    added: int
    changed: int


def reconcile(
    workspace: Workspace, path: Path, *, mapping: Path | None = None, chosen: Mapping[str, str] | None = None
) -> Reconciliation:
    """Compare; writes nothing. ``chosen``: key of a row -> the person a user said it is.

    Raises BadFile when the list cannot be used, NotOpened for a viewer.
    """
    day = today(workspace.clock)
    listed = read_dose_list(path, day, mapping)
    with workspace.store.read() as c:
        return compare_list(c, listed, day, chosen or {})


def compare_list(c: Any, listed: DoseList, day: date, chosen: Mapping[str, str]) -> Reconciliation:
    """The same for a list that was read."""
    gate.check_role(c)
    people, sets = _People(c, day), rule_sets(c)
    rows = [_compared(one, people, sets, day, chosen.get(one.place)) for one in listed.persons]
    meant: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(rows):
        if one.here is not None:
            meant[one.here.person].append(place)
    for places in meant.values():  # two persons of the list cannot be one here
        if len(places) > 1:
            for place in places:
                here = rows[place].here
                assert here is not None
                rows[place] = replace(
                    rows[place],
                    state="ambiguous",
                    why="reconcile.why_twice",
                    candidates=(here,),
                    differences=(),
                )
    named = {one.person for row in rows for one in (*row.candidates, *((row.here,) if row.here else ()))}
    rows += [
        Compared("only_here", 0, one.full_name, one.birth, here=one)
        for one in people.with_doses()
        if one.person not in named
    ]
    return Reconciliation(listed, tuple(rows))


def accept(workspace: Workspace, found: Reconciliation, rows: Iterable[str]) -> Accepted:
    """Write what the accepted rows say, each dose with source ``system``, as one import that can be undone.

    Raises UserError for a row that cannot be accepted, NotOpened when a unit is locked.
    """
    by_key = {one.key: one for one in found.rows}
    wanted = []
    for key in dict.fromkeys(rows):
        one = by_key.get(key)
        if one is None or one.here is None or one.state != "differing":
            raise UserError("reconcile.not_to_accept", row=key)
        wanted.append(one)
    with workspace.store.work(workspace.user) as work:
        made: list[tuple[str, str]] = []
        changed: list[tuple[str, str, dict[str, Any]]] = []
        for one in wanted:
            assert one.here is not None
            person = work.get("person", one.here.person)
            gate.check(work.connection, person.area, "person", person.id)
            for difference in one.to_write:
                write(work, person, difference, made, changed)
        batch = ""
        if made or changed:
            counts = {"persons": len(wanted), "doses": len(made), "changed": len(changed)}
            batch = remember(work, found.listed.file_name, "", made, counts, changed)
        return Accepted(batch, len(made), len(changed))


def _compared(
    listed: ListedPerson, people: _People, sets: RuleSets, day: date, chosen: str | None
) -> Compared:
    birth = _birth_words(listed)
    one = Compared("only_there", listed.row, listed.full_name, birth, listed)
    here, candidates, why = people.find(listed, chosen)
    if here is None:
        state = "ambiguous" if candidates else "only_there"
        return replace(one, state=state, candidates=candidates, why=why)
    differences = (*people.told(here.person, listed), *compare(listed.doses, here.doses, sets, day))
    return replace(one, state="differing" if differences else "matched", here=here, differences=differences)


class _People:
    """Everybody who counts here, by number and by name."""

    def __init__(self, c: Any, day: date) -> None:
        shut = gate.closed(c)
        doses: dict[str, list[Row]] = defaultdict(list)
        for row in table("vaccination_dose").where(c, "1 ORDER BY given_on IS NULL, given_on, number"):
            doses[str(row.body.get("person"))].append(row)
        self._rows: dict[str, Any] = {}
        self._here: dict[str, Candidate] = {}
        self._by_number: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for p in c.execute(_PEOPLE, (day.isoformat(),)):
            if p["area"] in shut:
                continue
            birth = show_date(p["birth_date"]) if p["birth_date"] else str(p["birth_year"] or "")
            ident = p["id"]
            self._rows[ident] = p
            self._here[ident] = Candidate(
                ident, p["full_name"] or "", birth, p["unit_name"] or "", tuple(doses.get(ident, ()))
            )
            for name in ("national_id", "citizen_id_old", "insurance_number"):
                if p[name]:
                    self._by_number[_lasting(p[name])].add(ident)
            self._by_name[fold(p["full_name"] or "")].append(ident)
        self._gone: set[Any] = set()
        for area, *numbers, name, born in c.execute(_GONE, (day.isoformat(),)):
            if area not in shut:
                self._gone |= {*map(_lasting, filter(None, numbers)), (fold(name or ""), str(born or ""))}
        for person, number in c.execute(_NUMBERS, (day.isoformat(),)):
            if person in self._here:
                self._by_number[_lasting(number)].add(person)

    def with_doses(self) -> list[Candidate]:
        """Who has doses recorded here."""
        return [one for one in self._here.values() if one.doses]

    def find(
        self, listed: ListedPerson, chosen: str | None
    ) -> tuple[Candidate | None, tuple[Candidate, ...], str]:
        """Who is meant; or who may be, and why it is a question."""
        if chosen is not None and chosen in self._here:
            return self._here[chosen], (), ""
        by_number = self._with_a_number_of(listed)
        if len(by_number) == 1:
            (ident,) = by_number
            if self._same_name(ident, listed) or self._same_birth(ident, listed):
                return self._here[ident], (), ""
            return None, (self._here[ident],), "reconcile.why_number_other_person"
        if by_number:
            return None, self._sorted(by_number), "reconcile.why_number_twice"
        alike = [
            one for one in self._by_name.get(fold(listed.full_name), ()) if self._same_birth(one, listed)
        ]
        exact = [
            one
            for one in alike
            if listed.phone
            and self._rows[one]["phone"] == listed.phone
            and not marks_differ(
                self._rows[one]["full_name"], listed.full_name
            )  # twins share day and telephone
        ]
        if len(exact) == 1 and not (listed.numbers and self._rows[exact[0]]["national_id"]):
            return self._here[exact[0]], (), ""
        if not alike:
            return None, (), "reconcile.why_gone" if self._is_gone(listed) else ""
        why = "reconcile.why_other_number" if len(exact) == 1 else "reconcile.why_name_only"
        return None, self._sorted(alike), why

    def _with_a_number_of(self, listed: ListedPerson) -> set[str]:
        numbers = map(_lasting, listed.numbers)
        return {ident for number in numbers for ident in self._by_number.get(number, ())}

    def _is_gone(self, listed: ListedPerson) -> bool:
        """Whether that is somebody who died or moved away."""
        born = listed.birth
        words = (born.date.isoformat() if born.date else str(born.year)) if born else ""
        return bool({*map(_lasting, listed.numbers), (fold(listed.full_name), words)} & self._gone)

    def told(self, ident: str, listed: ListedPerson) -> tuple[Difference, ...]:
        """What the list says of the person besides the doses and is otherwise here: told, never written."""
        row = self._rows[ident]
        fields: dict[str, tuple[Any, Any]] = {}
        if not self._same_name(ident, listed):
            fields["full_name"] = (row["full_name"], listed.full_name)
        if listed.birth is not None and not self._same_birth(ident, listed):
            fields["birth_date"] = (self._here[ident].birth, _birth_words(listed))
        if listed.numbers and ident not in self._with_a_number_of(listed):
            fields["national_id"] = (
                row["national_id"] and masked(row["national_id"]),
                masked(listed.numbers[0]),
            )
        if listed.phone and listed.phone != row["phone"]:
            fields["phone"] = (row["phone"] and masked(row["phone"]), masked(listed.phone))
        return (Difference("person", fields, listed.row),) if fields else ()

    def _sorted(self, idents: Iterable[str]) -> tuple[Candidate, ...]:
        return tuple(sorted((self._here[one] for one in idents), key=lambda one: (one.unit, one.person)))

    def _same_name(self, ident: str, listed: ListedPerson) -> bool:
        return fold(self._rows[ident]["full_name"] or "") == fold(listed.full_name)

    def _same_birth(self, ident: str, listed: ListedPerson) -> bool:
        """The same day; where only the year is known on a side, the same year."""
        born, row = listed.birth, self._rows[ident]
        if born is None:
            return False
        if born.date and row["birth_date"]:
            return bool(born.date.isoformat() == row["birth_date"])
        year = int(row["birth_date"][:4]) if row["birth_date"] else row["birth_year"]
        return bool(born.known_year == year)


def _lasting(number: str) -> str:
    """A number as it is compared: of an old insurance card the ten digits that stay (rules §3.3)."""
    return insurance_digits(number) if len(number) == 15 else number


def _birth_words(listed: ListedPerson) -> str:
    if listed.birth is None:
        return ""
    return show_date(listed.birth.date) if listed.birth.date else str(listed.birth.year)
