"""Persons and households that go to another household or another unit, with everything that hangs on them.

Within a unit only the household changes. Between units every record goes along by an op of its own, so that the
team there gets the person's history; visits stay with the door that was knocked on. Both units must be held for
writing: otherwise the person is marked as gone here and added there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sync import outbox
from sync.protocol import Row
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records import BY_NAME, JOURNALS
from tui_app.records.base import own_columns
from tui_app.services.access import gate
from tui_app.services.people.cards import live_row
from tui_app.services.people.people import AreaChoice, areas, areas_going_on
from tui_app.store import merged
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import name_key, natural_key


def move_person(store: Store, who: str, person: str, household: str) -> None:
    """Put a person into another household, of another unit too. Raises NotFound, InvalidFields for a unit that this
    laptop may not write in.
    """
    with store.work(who) as work:
        row, door = work.get("person", person), work.get("household", household)
        _let_through(work.connection, row, door)
        old = work.find("household", row.body["household"])
        carry_people(work, [person], door)
        work.change("person", person, {"household": household})
        for need in list(table("support_need").where(work.connection, "person = ?", (person,))):
            if old is not None and need.body.get("household") == old.id:
                work.change("support_need", need.id, {"household": household})
        if old is not None and old.body.get("head") == person:
            work.change("household", old.id, {"head": None})
        if not door.body.get("head"):
            work.change("household", household, {"head": person})


def move_household(store: Store, who: str, household: str, area: str) -> int:
    """Put a household with its visits and everybody recorded there into another unit. Returns how many persons went.

    Raises NotFound, InvalidFields for a unit that this laptop may not write in.
    """
    return move_households(store, who, [household], area)


def move_households(store: Store, who: str, households: Sequence[str], area: str) -> int:
    """Put several into another unit, all of them or none. Returns how many persons went. Raises as `move_household`."""
    with store.work(who) as work:
        return sum(carry_household(work, household, work.get("area", area)) for household in households)


def carry_household(work: Work, household: str, place: Row) -> int:
    """The same within a unit of work."""
    c = work.connection
    door = work.get("household", household)
    _let_through(c, door, place)
    _move_group(work, "household", household, place)
    for type_name in _carriers("household"):
        for row in list(table(type_name).where(c, "household = ?", (household,))):
            work.move(type_name, row.id, place)
    people = [row.id for row in table("person").where(c, "household = ?", (household,))]
    carry_people(work, people, place)
    return len(people)


def units_to_move_to(c: Any, household: str) -> list[AreaChoice]:
    """The other units a household can be put into, by name. Raises NotFound, NotOpened."""
    here = live_row(c, "household", household)
    return [unit for unit in areas_going_on(c) if unit.id != here.area and unit.id in open_for_writing(c)]


def doors_to_move_to(c: Any, person: str) -> list[tuple[str, str, str]]:
    """The other households a person can be put into, those of the person's unit first, in walking order: id, address
    with alley (and unit where it is another), head's name. Raises NotFound, NotOpened.
    """
    row = live_row(c, "person", person)
    open_units = open_for_writing(c)
    wanted = {row.area} | (open_units if row.area in open_units else set())
    found = c.execute(_DOORS, (row.body.get("household") or "",))
    return _called(c, [door for door in found if door["area"] in wanted], row.area)


def doors_for_new(c: Any) -> list[tuple[str, str, str]]:
    """The households somebody new can be written into, as `doors_to_move_to` gives them. Raises NotOpened."""
    gate.check_role(c)
    open_units = open_for_writing(c)
    found = [door for door in c.execute(_DOORS, ("",)) if door["area"] in open_units]
    return _called(c, found, min(open_units) if len(open_units) == 1 else "")


def _called(c: Any, found: list[Any], here: str) -> list[tuple[str, str, str]]:
    """Doors as people call them, those of the unit ``here`` first."""
    names = {unit.id: unit.name for unit in areas(c)}
    found.sort(
        key=lambda door: (
            door["area"] != here,
            name_key(names.get(door["area"], "")),
            natural_key(door["alley"] or ""),
            door["walk_order"] or 1 << 30,
            natural_key(door["address"] or ""),
        )
    )

    def place(door: Any) -> str:
        words = ", ".join(filter(None, (door["code"], door["address"], door["alley"])))
        elsewhere = names.get(door["area"], "") if door["area"] != here else ""
        return f"{words} · {elsewhere}" if elsewhere else words

    return [(door["id"], place(door), door["head_name"] or "") for door in found]


_DOORS = """
SELECT h.id, h.area, h.code, h.address, h.alley, h.walk_order, p.full_name AS head_name FROM household AS h
LEFT JOIN person AS p ON p.id = h.head AND NOT p.deleted WHERE NOT h.deleted AND h.id <> ?
"""


def _let_through(c: Any, row: Row, place: Row) -> None:
    if row.area != place.area and not {row.area, place.area} <= open_for_writing(c):
        raise InvalidFields([FieldProblem("household", "problems.other_unit")])


def open_for_writing(c: Any) -> frozenset[str]:
    """The units whose records may be shown and changed here."""
    found = c.execute("SELECT area FROM cursor WHERE mode IN ('write', ?)", (outbox.LOCAL,))
    return frozenset(area for (area,) in found) - gate.closed(c)


def carry_people(work: Work, people: list[str], place: Row) -> None:
    """Let persons, and whatever names them, live in the unit of ``place``."""
    for person in people:
        _move_group(work, "person", person, place)
        for type_name, row in [
            *_of_person(work.connection, person),
            *_named_contacts(work.connection, person),
        ]:
            work.move(type_name, row, place)


def _move_group(work: Work, subject: str, shown: str, place: Row) -> None:
    """Move a person or household with those merged into it and what was decided about them."""
    c = work.connection
    for ident in (shown, *merged.members(c, shown)):
        work.move(subject, ident, place)
        for row in list(table(merged.DECISION).where(c, "kept = ? OR merged = ?", (ident, ident))):
            work.move(row.type, row.id, place)


def _named_contacts(c: Any, person: str) -> Iterator[tuple[str, str]]:
    """The contacts of a person's cases who are nobody recorded here, with their days."""
    met = """person IS NULL AND "case" IN (SELECT id FROM "case" WHERE person = ?)"""
    for row in list(table("contact").where(c, met, (person,))):
        yield "contact", row.id
        for day in list(table("contact_check").where(c, "contact = ?", (row.id,))):
            yield "contact_check", day.id


def _of_person(c: Any, person: str) -> Iterator[tuple[str, str]]:
    for type_name in _carriers("person"):
        # those that a merge hides beside one that says the same go along too
        found = c.execute(f'SELECT id FROM "{type_name}" WHERE person = ? AND deleted <> 1', (person,))
        for (ident,) in found.fetchall():
            yield type_name, ident
            for below, field in _BELOW.get(type_name, ()):
                for part in list(table(below).where(c, f'"{field}" = ?', (ident,))):
                    yield below, part.id


_BELOW = {"case": (("case_event", "case"),), "contact": (("contact_check", "contact"),)}
"""Types that name no person and go along with a record that does: type -> (their type, the field that names it)."""


@cache
def _carriers(field: str) -> tuple[str, ...]:
    """The types whose records name a person or household in ``field``; persons themselves go one by one."""
    return tuple(
        name
        for name, record in BY_NAME.items()
        if field in own_columns(record) and name not in JOURNALS and name != "person"
    )
