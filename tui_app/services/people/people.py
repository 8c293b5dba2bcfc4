"""Households and persons: new, edited, dead or gone away. Shown by `cards`, put elsewhere by `moving`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields, NotFound
from tui_app.records.people import RESTRICTED_CONDITIONS, membership_id
from tui_app.services.care import rejudging
from tui_app.services.care.patient import JUDGED
from tui_app.services.people.cards import live_row
from tui_app.services.station import drafts
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import name_key


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """A unit this laptop may write in."""

    id: str
    commune: str
    name: str
    commune_name: str


def areas(c: Any) -> list[AreaChoice]:
    """The units whose rows this laptop holds, by name."""
    found = c.execute("SELECT id, commune, unit_name, commune_name FROM area WHERE NOT deleted")
    choices = [
        AreaChoice(r["id"], r["commune"], r["unit_name"] or "", r["commune_name"] or "") for r in found
    ]
    return sorted(choices, key=lambda a: name_key(a.name))


def areas_going_on(c: Any) -> list[AreaChoice]:
    """Those that did not end: where a household may be put from today on."""
    ended = "SELECT id FROM area WHERE valid_to < date(gonha_now(), '+7 hours')"
    gone = {area for (area,) in c.execute(ended)}
    return [unit for unit in areas(c) if unit.id not in gone]


def household_fields(c: Any, household: str) -> dict[str, Any]:
    """A household's fields, for its form. Raises NotFound."""
    return dict(live_row(c, "household", household).body)


def person_fields(c: Any, person: str) -> dict[str, Any]:
    """A person's fields, unmasked, for the form; the caller logs the access. Raises NotFound."""
    return dict(live_row(c, "person", person).body)


def person_codes(
    c: Any, person: str, day: date, *, restricted: bool = False
) -> tuple[frozenset[str], frozenset[str]]:
    """The risk groups and conditions a person has on ``day``; restricted ones only when asked for."""
    groups = c.execute(
        "SELECT risk_group FROM risk_membership WHERE person = ? AND NOT deleted"
        " AND (ended_on IS NULL OR ended_on > ?)",
        (person, day.isoformat()),
    )
    conditions = c.execute(
        "SELECT condition FROM person_condition WHERE person = ? AND NOT deleted", (person,)
    )
    hidden = frozenset() if restricted else RESTRICTED_CONDITIONS
    return frozenset(code for (code,) in groups), frozenset(code for (code,) in conditions) - hidden


def save_household(
    store: Store,
    who: str,
    fields: Mapping[str, Any],
    *,
    household: str | None = None,
    area: str | None = None,
) -> str:
    """Create a household in ``area``, or change the one given; its draft goes. Raises InvalidFields,
    NotFound.
    """
    key = f"household:{household or 'new'}"
    with store.work(who) as work:
        drafts.drop(work.connection, key)
        now = {**work.get("household", household).body, **fields} if household else fields
        if not (now.get("address") or now.get("code")):
            raise InvalidFields([FieldProblem("address", "problems.missing")])
        if household is not None:
            work.change("household", household, fields)
            return household
        if area is None:
            raise NotFound("errors.no_area")
        found = {**fields, "added_on": today(store.clock)}
        return work.create("household", found, place=work.get("area", area))


def save_person(
    store: Store,
    who: str,
    fields: Mapping[str, Any],
    *,
    person: str | None = None,
    household: str | None = None,
    risk_groups: frozenset[str] | None = None,
    conditions: frozenset[str] | None = None,
    restricted: bool = False,
) -> str:
    """Create a person in a household, or change the one given; set the groups and conditions when they are
    given.

    Restricted conditions are left as they are unless ``restricted`` says that ``conditions`` speaks for them
    too. The first person of a household without a head becomes its head. Where birth date, sex or conditions of
    somebody followed at home change, what was judged by them is judged again. Raises InvalidFields, NotFound.
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
            before = work.get("person", person).body
        else:
            before = work.get("person", person).body
            work.change("person", person, fields)
        place = work.get("person", person)
        day = today(store.clock).isoformat()
        _set_memberships(work, place, "risk_membership", "risk_group", risk_groups, day)
        kept = frozenset() if restricted else RESTRICTED_CONDITIONS
        others = _set_memberships(work, place, "person_condition", "condition", conditions, day, kept)
        changed = {name for name in JUDGED if before.get(name) != place.body.get(name)}
        rejudging.corrected(work, person, changed | ({"conditions"} if others else set()))
        return person


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


def _mark(store: Store, who: str, person: str, fields: dict[str, Any], day: date) -> None:
    if day > today(store.clock):
        raise InvalidFields([FieldProblem(next(iter(fields)), "problems.day_to_come")])
    with store.work(who) as work:
        work.change("person", person, fields)


def _birth_problems(fields: Mapping[str, Any], day: date) -> list[FieldProblem]:
    born = fields.get("birth_date")
    if (isinstance(born, str) and born > day.isoformat()) or (isinstance(born, date) and born > day):
        return [FieldProblem("birth_date", "problems.day_to_come")]
    return []


def _set_memberships(
    work: Work,
    person: Row,
    type_name: str,
    field: str,
    codes: frozenset[str] | None,
    day: str,
    untouched: frozenset[str] = frozenset(),
) -> bool:
    """Returns whether anything changed."""
    if codes is None:
        return False
    now = list(table(type_name).where(work.connection, "person = ?", (person.id,)))
    kept = {row.body[field] for row in now if (row.body.get("ended_on") or "9999") > day}
    for code in sorted(codes - kept):
        fields: dict[str, Any] = {"person": person.id, field: code}
        if type_name == "risk_membership":
            fields |= {"started_on": day, "ended_on": None}
        work.ensure(type_name, membership_id(person.id, code), fields, place=person)
    gone = kept - codes - untouched  # of one code a merged person may have several rows
    for row in sorted(
        (row for row in now if row.body[field] in gone), key=lambda row: (row.body[field], row.id)
    ):
        if type_name != "risk_membership":
            work.delete(type_name, row.id, "withdrawn")
        elif (row.body.get("ended_on") or "9999") > day:
            work.change(type_name, row.id, {"ended_on": day})
    return bool(codes - kept or kept - codes - untouched)
