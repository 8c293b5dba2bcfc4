"""Bringing a list in: what a plan would do here, and doing it as one save."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sync.protocol import Row
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, to_wire, today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.intake import listing
from tui_app.intake.likeness import ExistingPerson, marks_differ, possible_duplicates
from tui_app.intake.lines import read_ndjson
from tui_app.intake.plan import BadRow, ImportPlan, Likeness, PlannedHousehold, PlannedPerson
from tui_app.records import JOURNALS, REGISTRY
from tui_app.records.people import membership_id
from tui_app.records.validation import checked
from tui_app.services.access import gate
from tui_app.services.care import rejudging, taking_in
from tui_app.services.care.patient import JUDGED
from tui_app.services.lists.column_maps import Meaning
from tui_app.services.lists.import_batches import refuse_twice, remember
from tui_app.services.station.units import Units
from tui_app.services.visits.known_doors import KnownDoors
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import fold

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}").fullmatch


Progress = Callable[[str, int, int], None]
"""Told of ``reading``, ``comparing``, ``writing`` and ``saving``, with how many persons of how many (0: not known)."""
_TOLD_EVERY = 200  # households


def _unseen(stage: str, done: int, total: int) -> None:
    """Nobody looks."""


@dataclass
class ImportReport:
    """What an import did, or would do. ``batch``: empty when nothing was written.

    ``types``: of the lines of an export, how many records of each type are new or changed; ``bad_rows``: skipped,
    each with its cell and reason; ``already_here``: persons of the list this laptop has; ``likenesses``: pairs that may
    be one person, all imported.
    """

    plan: ImportPlan
    batch: str = ""
    households: int = 0
    households_met: int = 0
    persons: int = 0
    records: int = 0
    types: dict[str, int] = field(default_factory=dict)
    bad_rows: list[BadRow] = field(default_factory=list)
    already_here: list[PlannedPerson] = field(default_factory=list)
    likenesses: list[Likeness] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """What the list held, to remember it by."""
        return {
            "households": self.households,
            "persons": self.persons,
            "bad_rows": len(self.bad_rows),
        }


def import_list(
    workspace: Workspace,
    path: Path,
    *,
    mapping: Meaning | None = None,
    area: str | None = None,
    dry_run: bool = False,
    progress: Progress = _unseen,
) -> ImportReport:
    """Read a ward list and save what is good in it, in one transaction; or only say what would happen.

    ``area``: the unit for rows whose unit the list does not name, needed when this laptop has several; ``progress``:
    told of each stage. Raises BadFile when the file as a whole cannot be used or was imported before.
    """
    day = today(workspace.clock)
    meant = mapping or Meaning({})
    progress("reading", 0, 0)
    plan = listing.read_list(path, day, meant.kinds, strict=meant.strict)
    progress("comparing", 0, len(plan.persons))
    with workspace.store.read() as c:
        gate.check_role(c)
        if not dry_run:
            refuse_twice(c, plan.file_digest)
        units = Units(c, area)
        pairs = possible_duplicates(plan.households, _existing(c))
        doors = KnownDoors(c)
    report = ImportReport(plan, bad_rows=list(plan.bad_rows), likenesses=list(plan.duplicates_in_file))
    placed = [
        (household, place) for household in plan.households if (place := _place(household, units, report))
    ]
    homes = _sort_out(placed, pairs, report)
    if dry_run:
        _count(placed, doors, homes, report)
        return report
    with workspace.store.work(workspace.user) as work:
        made: list[tuple[str, str]] = []
        for number, (household, place) in enumerate(placed):
            if number % _TOLD_EVERY == 0:
                progress("writing", report.persons, len(plan.persons))
            _write_household(work, household, place, doors, homes, report, made)
        progress("saving", report.persons, len(plan.persons))
        report.records = len(made)
        if made:  # a list of which nothing could be used may come again, with the unit named
            report.batch = remember(work, plan.file_name, plan.file_digest, made, report.counts)
    return report


def import_records(workspace: Workspace, path: Path, *, dry_run: bool = False) -> ImportReport:
    """Take the lines of an export through the checks of the screens; a record that is here is changed, not doubled.

    Lines that cannot be used are listed; the others go in, in one transaction.
    """
    found, bad = read_ndjson(path)
    report = ImportReport(ImportPlan(path.name, ""))
    report.bad_rows = [BadRow(path.name, line, "", FieldProblem("line", key)) for line, key in bad]
    with workspace.store.work(workspace.user) as work:
        work.connection.execute("SAVEPOINT tried")
        places = {row.id: row for row in table("area").where(work.connection)}
        taken = _Taken()
        later: list[tuple[int, str, dict[str, Any]]] = []
        for number, line in found:
            kind, ident, area = line.pop("type"), line.pop("id"), line.pop("area", None)
            if kind == "observation" and taking_in.unjudged(line) and work.find(kind, ident) is None:
                later.append((number, ident, line))  # it is judged by its case and person, which may follow
                continue
            try:
                if kind == "case":
                    taking_in.refuse_second_case(work, ident, line)
                taken.note(kind, ident, _take_record(work, kind, ident, area, line, places, taken))
            except InvalidFields as error:
                report.bad_rows += [BadRow(path.name, number, p.field, p) for p in error.problems]
        work.flush()
        for ident in [ident for kind, ident in taken.made if kind == "case"]:
            if opened := taking_in.note_opened(work, ident):
                taken.note("case_event", opened, "new")
        for number, ident, line in later:
            try:
                saved = taking_in.take_in(work, ident, line)
            except InvalidFields as error:
                report.bad_rows += [BadRow(path.name, number, p.field, p) for p in error.problems]
                continue
            taken.note("observation", ident, "new")
            if saved.alert:
                taken.note("alert", saved.alert, "new")
        for person, fields in taken.corrected.items():
            rejudging.corrected(work, person, fields)
        made = taken.made
        report.records, report.types = taken.types.total(), dict(taken.types)
        report.persons = sum(kind == "person" for kind, _ in made)
        report.households = sum(kind == "household" for kind, _ in made)
        if dry_run:
            work.forget()
            work.connection.execute("ROLLBACK TO tried")
        elif report.records:
            report.batch = remember(work, path.name, "", made, report.counts)
    return report


@dataclass
class _Taken:
    """What the lines of an import came to. ``made``: (type, id) of new records; ``types``: how many new and changed
    ones of each type; ``corrected``: person -> the changed fields that a judgement rests on."""

    made: list[tuple[str, str]] = field(default_factory=list)
    types: Counter[str] = field(default_factory=Counter)
    corrected: dict[str, set[str]] = field(default_factory=dict)

    def note(self, kind: str, ident: str, came_to: Literal["new", "changed", "same"]) -> None:
        """One more record."""
        if came_to != "same":
            self.types[kind] += 1
        if came_to == "new":
            self.made.append((kind, ident))

    def note_change(self, before: Row, after: Row) -> None:
        """A person that was here before."""
        fields = {name for name in JUDGED if before.body.get(name) != after.body.get(name)}
        if fields:
            self.corrected[after.id] = fields


def _existing(c: Any) -> Iterator[ExistingPerson]:
    """Everybody here, once more with each number they had before or that a record merged into theirs has."""
    for p in c.execute(f"{_PEOPLE} UNION ALL {_FORMER_NUMBERS} UNION ALL {_MERGED_NUMBERS}"):
        year = int(p["birth_date"][:4]) if p["birth_date"] else p["birth_year"]
        known = p["full_name"] or "", year, p["national_id"], p["phone"], p["address"], p["birth_date"]
        yield ExistingPerson(p["id"], *known, p["household"])


_LIVES = "LEFT JOIN household AS h ON h.id = p.household WHERE NOT p.deleted"
_PEOPLE = f"""SELECT p.id, p.full_name, p.birth_date, p.birth_year, p.national_id, p.phone, h.address, p.household
FROM person AS p {_LIVES}"""
_FORMER_NUMBERS = f"""SELECT p.id, p.full_name, p.birth_date, p.birth_year, i.number, NULL, h.address, p.household
FROM person_identifier AS i JOIN person AS p ON p.id = i.person {_LIVES} AND NOT i.deleted AND i.kind = 'national_id'"""
_MERGED_NUMBERS = f"""SELECT p.id, p.full_name, p.birth_date, p.birth_year, m.national_id, NULL, h.address, p.household
FROM merged_into AS k JOIN person AS m ON m.id = k.id JOIN person AS p ON p.id = k.kept {_LIVES}
AND m.national_id IS NOT NULL"""


def _place(household: PlannedHousehold, units: Units, report: ImportReport) -> Row | None:
    place = units.named(household.unit_text)
    if place is None:
        problem = FieldProblem("area", "batch.unknown_unit", units=units.names)
        report.bad_rows += [BadRow(p.sheet, p.row, "", problem) for p in household.persons]
    return place


def _sort_out(
    placed: Iterable[tuple[PlannedHousehold, Row]], pairs: list[Likeness], report: ImportReport
) -> dict[int, str]:
    """Leave out persons this laptop certainly has; note those who only look alike. Returns where those left out live:
    id of a planned household -> household."""
    likely = {id(pair.second): pair for pair in pairs}
    homes: dict[int, str] = {}
    for household, _ in placed:
        head = household.persons[household.head_index] if household.head_index is not None else None
        fresh: list[PlannedPerson] = []
        for person in household.persons:
            pair = likely.get(id(person))
            if pair is not None and _certain(pair, household):
                report.already_here.append(person)
                if pair.first.household:
                    homes.setdefault(id(household), pair.first.household)
                continue
            if pair is not None:
                report.likenesses.append(pair)
            fresh.append(person)
        household.persons = fresh
        household.head_index = next((i for i, person in enumerate(fresh) if person is head), None)
    return homes


def _certain(pair: Likeness, household: PlannedHousehold) -> bool:
    """The same number and name, or the same name, birth and address: this person is here already.

    Where both names have marks they are the same with them, and two full dates of birth are one: nobody is left out for
    a brother.
    """
    known: ExistingPerson = pair.first
    fields = pair.second.fields
    name, born = str(fields.get("full_name", "")), str(fields.get("birth_date") or "")
    if fold(known.full_name) != fold(name):
        return False
    if pair.reason == "import.same_national_id":
        return True
    if pair.reason != "import.same_name_birth" or marks_differ(known.full_name, name):
        return False
    if known.birth_date and born and known.birth_date != born:
        return False
    return bool(household.address) and fold(known.address or "") == fold(household.address or "")


def _count(
    placed: list[tuple[PlannedHousehold, Row]], doors: KnownDoors, homes: dict[int, str], report: ImportReport
) -> None:
    for household, place in placed:
        if household.persons:
            known = doors.of(place.area, household, homes.get(id(household))) is not None
            if not known:
                doors.add(place.area, household, household.key)
            report.households_met += known
            report.households += not known
        report.persons += len(household.persons)


def _write_household(
    work: Work,
    household: PlannedHousehold,
    place: Row,
    doors: KnownDoors,
    homes: dict[int, str],
    report: ImportReport,
    made: list[tuple[str, str]],
) -> None:
    if not household.persons:
        return
    people = [work.ids() for _ in household.persons]
    door = doors.of(place.area, household, homes.get(id(household)))
    if door is None:
        fields = {
            "code": household.code,
            "address": household.address,
            "alley": household.alley,
            "walk_order": household.walk_order or None,
            "head": people[household.head_index] if household.head_index is not None else None,
            "phone": household.phone,
            "note": household.note,
        }
        door = work.create("household", fields, place=place)
        made.append(("household", door))
        report.households += 1
        doors.add(place.area, household, door)
    else:
        report.households_met += 1
    for ident, person in zip(people, household.persons, strict=True):
        _write_person(work, ident, door, person, place, made)
        report.persons += 1


def _write_person(
    work: Work, ident: str, door: str, person: PlannedPerson, place: Row, made: list[tuple[str, str]]
) -> None:
    fields = {**person.fields, "household": door, "note": person.note}
    work.create("person", fields, place=place, ident=ident)
    made.append(("person", ident))
    for condition in person.conditions:
        row = membership_id(ident, condition.code)
        values = {
            "person": ident,
            "condition": condition.code,
            "note": condition.note,
            "treated_at": condition.treated_at,
        }
        work.ensure("person_condition", row, values, place=place)
        made.append(("person_condition", row))
    for group in person.risk_groups:
        row = membership_id(ident, group)
        work.ensure(
            "risk_membership", row, {"person": ident, "risk_group": group, "source": "list"}, place=place
        )
        made.append(("risk_membership", row))
    for test in person.tests:
        at = to_wire(datetime(test.on.year, test.on.month, test.on.day, tzinfo=VIETNAM))
        values = {
            "person": ident,
            "at": at,
            "method": test.method,
            "result": test.result,
            "note": "list: day only",
        }
        made.append(("test_result", work.create("test_result", values, place=place)))
    for need in person.support:
        values = {"person": ident, "household": door, "kind": need.kind, "status": "open", "note": need.words}
        made.append(("support_need", work.create("support_need", values, place=place)))


def _take_record(
    work: Work,
    type_name: str,
    ident: str,
    area: object,
    fields: dict[str, Any],
    places: dict[str, Row],
    taken: _Taken,
) -> Literal["new", "changed", "same"]:
    kind = REGISTRY.get(type_name)
    if kind is None or kind.server_written or type_name in (*JOURNALS, "conflict"):
        raise InvalidFields([FieldProblem("type", "batch.type_not_taken", type=type_name)])
    if not isinstance(area, str) or area not in places:
        raise InvalidFields([FieldProblem("area", "batch.area_not_here")])
    if not _ID(ident):
        raise InvalidFields([FieldProblem("id", "batch.bad_id")])
    here = work.find(type_name, ident)
    if here is None:
        work.create(type_name, fields, place=places[area], ident=ident)
        return "new"
    if kind.append_only:
        given = checked(type_name, fields, new=True)
        if any(here.body.get(name) != value for name, value in given.items()):
            raise InvalidFields([FieldProblem("id", "batch.append_only_differs")])
        changed = work.revive(type_name, ident)
    else:
        changed = work.change(type_name, ident, fields, undelete=True)
        if type_name == "person":
            taken.note_change(here, work.get(type_name, ident))
    return "changed" if changed else "same"
