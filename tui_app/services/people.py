"""Households and persons: new, edited, moved to another door, dead or gone away; and what a person's card shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.clock import to_wire, today
from tui_app.errors import FieldProblem, InvalidFields, NotFound
from tui_app.records.people import RESTRICTED_CONDITIONS, membership_id
from tui_app.rules.age import Age, age_on
from tui_app.services import drafts
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import name_key

MASKED = ("national_id", "citizen_id_old", "insurance_number", "phone")


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """A unit this laptop may write in."""

    id: str
    commune: str
    name: str
    commune_name: str


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a household, as a list shows them. ``gone``: died or moved away."""

    id: str
    full_name: str
    age: Age | None
    sex: str
    relation: str
    gone: bool


@dataclass(frozen=True, slots=True)
class Event:
    """A dated line of a card, with the record behind it."""

    at: str
    kind: str
    record: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PersonCard:
    """All a person's card shows. ``fields``: the person record; identity and telephone numbers are masked there."""

    id: str
    fields: Mapping[str, Any]
    age: Age | None
    household: Mapping[str, Any]
    household_id: str
    unit: str
    risk_groups: tuple[str, ...]
    conditions: tuple[str, ...]
    events: tuple[Event, ...]
    unsent: int
    conflicts: tuple[str, ...]


def areas(c: Any) -> list[AreaChoice]:
    """The units whose rows this laptop holds, by name."""
    found = c.execute("SELECT id, commune, unit_name, commune_name FROM area WHERE NOT deleted")
    choices = [AreaChoice(r["id"], r["commune"], r["unit_name"] or "", r["commune_name"] or "") for r in found]
    return sorted(choices, key=lambda a: name_key(a.name))


def household_fields(c: Any, household: str) -> dict[str, Any]:
    """A household's fields, for its form. Raises NotFound."""
    return dict(_row(c, "household", household).body)


def person_fields(c: Any, person: str) -> dict[str, Any]:
    """A person's fields, unmasked, for the form; the caller logs the access. Raises NotFound."""
    return dict(_row(c, "person", person).body)


def members(c: Any, household: str, day: date) -> list[Member]:
    """Everybody recorded at a household, the living and present first, head first among them."""
    head = household_fields(c, household).get("head")
    rows = list(table("person").where(c, "household = ?", (household,)))
    listed = [_member(row, day) for row in rows]
    return sorted(listed, key=lambda m: (m.gone, m.id != head, name_key(m.full_name)))


def save_household(
    store: Store, who: str, fields: Mapping[str, Any], *, household: str | None = None, area: str | None = None
) -> str:
    """Create a household in ``area``, or change the one given; its draft goes with it. Raises InvalidFields, NotFound."""
    key = f"household:{household or 'new'}"
    if household is None and not (fields.get("address") or fields.get("code")):
        raise InvalidFields([FieldProblem("address", "problems.missing")])
    with store.work(who) as work:
        drafts.drop(work.connection, key)
        if household is not None:
            work.change("household", household, fields)
            return household
        if area is None:
            raise NotFound("errors.no_area")
        return work.create("household", fields, place=work.get("area", area))


def save_person(
    store: Store,
    who: str,
    fields: Mapping[str, Any],
    *,
    person: str | None = None,
    household: str | None = None,
    risk_groups: frozenset[str] | None = None,
    conditions: frozenset[str] | None = None,
) -> str:
    """Create a person in a household, or change the one given; set the groups and conditions when they are given.

    The first person of a household without a head becomes its head. Raises InvalidFields, NotFound.
    """
    problems = _birth_problems(fields, today(store.clock))
    if problems:
        raise InvalidFields(problems)
    with store.work(who) as work:
        drafts.drop(work.connection, f"person:{person or 'new:' + str(household)}")
        if person is None:
            door = work.get("household", household or "")
            person = work.create("person", {**fields, "household": door.id}, place=door)
            if not door.body.get("head"):
                work.change("household", door.id, {"head": person})
        else:
            work.change("person", person, fields)
        place = work.get("person", person)
        day = today(store.clock).isoformat()
        _set_memberships(work, place, "risk_membership", "risk_group", risk_groups, day)
        _set_memberships(work, place, "person_condition", "condition", conditions, day)
        return person


def move_person(store: Store, who: str, person: str, household: str) -> None:
    """Put a person into another household of the same unit. Raises NotFound, InvalidFields for another unit."""
    with store.work(who) as work:
        row, door = work.get("person", person), work.get("household", household)
        if row.area != door.area:
            raise InvalidFields([FieldProblem("household", "problems.other_unit")])
        old = work.find("household", row.body["household"])
        work.change("person", person, {"household": household})
        if old is not None and old.body.get("head") == person:
            work.change("household", old.id, {"head": None})
        if not door.body.get("head"):
            work.change("household", household, {"head": person})


def mark_died(store: Store, who: str, person: str, day: date) -> None:
    """Record a death; the person leaves every list from then on. Raises InvalidFields for a day to come."""
    _mark(store, who, person, {"died_on": day.isoformat()}, day)


def mark_moved(store: Store, who: str, person: str, day: date, moved_to: str = "") -> None:
    """Record that a person left the area, and where to if known. Raises InvalidFields for a day to come."""
    _mark(store, who, person, {"moved_on": day.isoformat(), "moved_to": moved_to}, day)


def unmark(store: Store, who: str, person: str) -> None:
    """Take back a death or a leaving that was entered by mistake."""
    with store.work(who) as work:
        work.change("person", person, {"died_on": None, "moved_on": None, "moved_to": None})


def person_card(c: Any, person: str, day: date) -> PersonCard:
    """Everything the card shows, numbers masked. Raises NotFound."""
    row = _row(c, "person", person)
    door = table("household").read(c, [str(row.body.get("household"))]).get(str(row.body.get("household")))
    unit = c.execute("SELECT unit_name FROM area WHERE id = ?", (row.area,)).fetchone()
    groups = table("risk_membership").where(c, "person = ? AND (ended_on IS NULL OR ended_on >= ?)", (person, day.isoformat()))
    conditions = table("person_condition").where(c, "person = ?", (person,))
    unsent = c.execute("SELECT count(*) FROM outbox WHERE record = ? AND state IN ('new', 'sent')", (person,))
    open_fields = table("conflict").where(c, "record = ? AND state = 'open'", (person,))
    return PersonCard(
        id=person,
        fields={name: masked(value) if name in MASKED else value for name, value in row.body.items()},
        age=_age(row, day),
        household=door.body if door else {},
        household_id=door.id if door else "",
        unit=unit["unit_name"] if unit else "",
        risk_groups=tuple(sorted(g.body["risk_group"] for g in groups)),
        conditions=tuple(
            sorted(k.body["condition"] for k in conditions if k.body["condition"] not in RESTRICTED_CONDITIONS)
        ),
        events=tuple(_events(c, person)),
        unsent=unsent.fetchone()[0],
        conflicts=tuple(sorted(k.body["field"] for k in open_fields)),
    )


def unmasked(store: Store, who: str, person: str) -> dict[str, str]:
    """The identity and telephone numbers of a person; that they were shown is logged in the same transaction."""
    with store.write() as c:
        row = _row(c, "person", person)
        log_access(c, who, to_wire(store.clock()), "unmask", "person", person)
        return {name: str(row.body[name]) for name in MASKED if row.body.get(name)}


def log_access(c: Any, who: str, at: str, what: str, type_name: str = "", record: str = "", detail: str = "") -> None:
    """Note that a named record was opened, shown, exported or refused."""
    c.execute(
        "INSERT INTO access_entry (at, who, what, type, record, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (at, who, what, type_name, record, detail),
    )


def masked(number: Any) -> str:
    """A number with all but its last three digits hidden."""
    text = str(number)
    return "•" * max(len(text) - 3, 0) + text[-3:]


def _mark(store: Store, who: str, person: str, fields: dict[str, Any], day: date) -> None:
    if day > today(store.clock):
        raise InvalidFields([FieldProblem(next(iter(fields)), "problems.day_to_come")])
    with store.work(who) as work:
        work.change("person", person, fields)


def _row(c: Any, type_name: str, ident: str) -> Row:
    row = table(type_name).read(c, [ident]).get(ident)
    if row is None or row.deleted:
        raise NotFound("errors.record_not_found", kind=type_name)
    return row


def _age(row: Row, day: date) -> Age | None:
    born = row.body.get("birth_date")
    return age_on(day, date.fromisoformat(born) if born else None, row.body.get("birth_year"))


def _member(row: Row, day: date) -> Member:
    body = row.body
    return Member(
        id=row.id,
        full_name=body.get("full_name", ""),
        age=_age(row, day),
        sex=body.get("sex", ""),
        relation=body.get("relation_to_head", ""),
        gone=bool(body.get("died_on") or body.get("moved_on")),
    )


def _birth_problems(fields: Mapping[str, Any], day: date) -> list[FieldProblem]:
    born = fields.get("birth_date")
    if isinstance(born, str) and born > day.isoformat() or isinstance(born, date) and born > day:
        return [FieldProblem("birth_date", "problems.day_to_come")]
    return []


def _set_memberships(
    work: Work, person: Row, type_name: str, field: str, codes: frozenset[str] | None, day: str
) -> None:
    if codes is None:
        return
    now = {row.body[field]: row for row in table(type_name).where(work.connection, "person = ?", (person.id,))}
    kept = {code for code, row in now.items() if not row.body.get("ended_on")}
    for code in sorted(codes - kept):
        fields: dict[str, Any] = {"person": person.id, field: code}
        if type_name == "risk_membership":
            fields |= {"started_on": day, "ended_on": None}
        work.ensure(type_name, membership_id(person.id, code), fields, place=person)
    for code in sorted(kept - codes):
        if type_name == "risk_membership":
            work.change(type_name, now[code].id, {"ended_on": day})
        else:
            work.delete(type_name, now[code].id, "withdrawn")


def _events(c: Any, person: str) -> list[Event]:
    found = [
        Event(v["at"], "screening", v["id"], {"wellbeing": v["wellbeing"], "symptoms": v["symptoms"], "asked": v["asked"], "note": v["note"]})
        for v in c.execute(
            "SELECT s.id, v.at, s.wellbeing, s.symptoms, s.asked, s.note FROM screening AS s"
            " JOIN household_visit AS v ON v.id = s.visit WHERE s.person = ? AND NOT s.deleted"
            " AND NOT EXISTS (SELECT 1 FROM household_visit AS w WHERE w.amends = v.id)",
            (person,),
        )
    ]
    found += [
        Event(str(row.body["at"]), "test_result", row.id, row.body)
        for row in table("test_result").where(
            c,
            "person = ? AND NOT EXISTS (SELECT 1 FROM household_visit AS w WHERE w.amends = test_result.visit)",
            (person,),
        )
    ]
    return sorted(found, key=lambda e: e.at, reverse=True)
