"""Contacts (F1, F2) of a case: noted in one step or by name, watched as the rule of the day says, looked after day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.checks import phone as check_phone
from tui_app.records.contacts import ContactKind, contact_id
from tui_app.rules.age import Age, age_on
from tui_app.rules.findings import Finding
from tui_app.rules.watch import watch
from tui_app.services import gate
from tui_app.services.access import masked
from tui_app.services.cards import live_row
from tui_app.services.rule_sets import rule_sets
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import clean, name_key

BECAME_CASE = "became_case"
"""Why a watch ended: the contact is a case now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """How and when somebody last met the case. ``level``: 1 or 2; ``protected``: as said, None when nobody asked."""

    last_met_on: date
    met: ContactKind = ContactKind.HOUSEHOLD
    level: int = 1
    protected: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One look at a contact. ``symptoms``: None when nobody asked, empty when there was none; ``away``: not found,
    and then nothing else is known. ``temperature_c``: °C, 30–45."""

    on: date
    temperature_c: float | None = None
    symptoms: tuple[str, ...] | None = None
    well: bool | None = None
    away: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A look at a contact that counts, with who took it down."""

    id: str
    day: Day
    at: str
    who: str


@dataclass(frozen=True, slots=True)
class ContactLine:
    """A contact as lists and sheet 5.5 show it. ``person``: empty for somebody who is not on this laptop;
    ``phone``: masked; ``watch_until``: None when the rule asks for no watch or nobody could say; ``checks``: oldest
    first."""

    id: str
    case: str
    person: str
    full_name: str
    phone: str
    address: str
    age: Age | None
    level: int
    met: str
    last_met_on: date
    protected: bool | None
    watch_until: date | None
    findings: tuple[Finding, ...]
    ended_on: date | None
    end_reason: str
    note: str
    checks: tuple[Check, ...]

    def watched(self, day: date) -> bool:
        """Whether somebody has to look after this contact on ``day``."""
        return self.ended_on is None and self.watch_until is not None and day <= self.watch_until

    def checked(self, day: date) -> bool:
        """Whether somebody did."""
        return any(check.day.on == day for check in self.checks)


def add_household(
    store: Store,
    who: str,
    case: str,
    meeting: Meeting,
    *,
    protected: Mapping[str, bool | None] | None = None,
    without: Collection[str] = (),
) -> list[str]:
    """Note everybody who lives with the patient, in one save; returns the ids of the new contacts.

    Who is known already is left as it is. ``protected``: person -> as said, over that of ``meeting``; ``without``:
    persons who did not meet the patient. Raises NotFound, NotOpened, InvalidFields.
    """
    said = protected or {}
    _not_to_come(store, "last_met_on", meeting.last_met_on)
    with store.work(who) as work:
        row = live_row(work.connection, "case", case)
        door = work.get("person", row.body["person"]).body["household"]
        living = table("person").where(
            work.connection, "household = ? AND died_on IS NULL AND moved_on IS NULL", (door,)
        )
        members = sorted(living, key=lambda member: name_key(member.body.get("full_name", "")))
        return [
            contact_id(case, member.id)
            for member in members
            if member.id != row.body["person"]
            and member.id not in without
            and _note(work, row, meeting, {"person": member.id}, said.get(member.id, meeting.protected))
        ]


def add_person(store: Store, who: str, case: str, person: str, meeting: Meeting) -> str:
    """Note somebody known; returns the contact's id. Who is noted already is left as it is."""
    _not_to_come(store, "last_met_on", meeting.last_met_on)
    with store.work(who) as work:
        row = live_row(work.connection, "case", case)
        live_row(work.connection, "person", person)
        if person == row.body["person"]:
            raise InvalidFields([FieldProblem("person", "contacts.self")])
        _note(work, row, meeting, {"person": person}, meeting.protected)
        return contact_id(case, person)


def add_named(
    store: Store, who: str, case: str, full_name: str, meeting: Meeting, *, phone: str = ""
) -> str:
    """Note somebody who is not on this laptop; returns the contact's id. Raises InvalidFields."""
    _not_to_come(store, "last_met_on", meeting.last_met_on)
    checked = check_phone(phone)
    if checked.problem is not None:
        raise InvalidFields([checked.problem])
    if not clean(full_name):
        raise InvalidFields([FieldProblem("full_name", "problems.missing")])
    with store.work(who) as work:
        row = live_row(work.connection, "case", case)
        fields = {"full_name": clean(full_name), "phone": checked.value}
        return work.create(
            "contact", _fields(work, row, meeting, meeting.protected) | fields, place=row
        )


def check(store: Store, who: str, contact: str, day: Day, *, amends: str | None = None) -> str:
    """Keep a look at a contact; returns its id. ``amends``: the look it corrects. Raises InvalidFields, NotFound."""
    if day.away and (day.temperature_c is not None or day.symptoms is not None or day.well is not None):
        raise InvalidFields([FieldProblem("away", "contacts.away_and_seen")])
    if day.well and day.symptoms:
        raise InvalidFields([FieldProblem("well", "contacts.well_and_symptoms")])
    _not_to_come(store, "on", day.on)
    with store.work(who) as work:
        row = live_row(work.connection, "contact", contact)
        fields = {
            "contact": contact,
            "at": work.at,
            "on": day.on,
            "temperature_c": day.temperature_c,
            "symptoms": None if day.symptoms is None else list(day.symptoms),
            "well": day.well,
            "away": day.away,
            "note": day.note,
            "amends": amends,
        }
        return work.create("contact_check", fields, place=row)


def end_watch(store: Store, who: str, contact: str, reason: str, *, on: date | None = None) -> None:
    """End the watch over a contact. Raises InvalidFields without a reason or for a day to come."""
    day = on or today(store.clock)
    _not_to_come(store, "ended_on", day)
    if not reason.strip():
        raise InvalidFields([FieldProblem("end_reason", "problems.missing")])
    with store.work(who) as work:
        live_row(work.connection, "contact", contact)
        work.change("contact", contact, {"ended_on": day, "end_reason": reason})


def watch_again(store: Store, who: str, contact: str) -> None:
    """Take back the end of a watch."""
    with store.work(who) as work:
        live_row(work.connection, "contact", contact)
        work.change("contact", contact, {"ended_on": None, "end_reason": None})


def contacts(c: Any, case: str, day: date) -> list[ContactLine]:
    """The contacts of a case, level 1 first, by name. ``day``: for their ages. Raises NotFound, NotOpened."""
    live_row(c, "case", case)
    return _lines(c, table("contact").where(c, '"case" = ?', (case,)), day)


def contact_line(c: Any, contact: str, day: date) -> ContactLine:
    """One contact. Raises NotFound, NotOpened."""
    (line,) = _lines(c, [live_row(c, "contact", contact)], day)
    return line


def to_look_after(c: Any, day: date) -> list[ContactLine]:
    """Every contact this laptop has to look after on ``day`` and nobody saw yet, by name."""
    rows = table("contact").where(c, "ended_on IS NULL AND watch_until >= ?", (day.isoformat(),))
    shut = gate.closed(c)
    lines = _lines(c, (row for row in rows if row.area not in shut), day)
    return [line for line in lines if not line.checked(day)]


def _note(work: Work, case: Row, meeting: Meeting, who: dict[str, Any], protected: bool | None) -> bool:
    """Note a known person; whether that was new."""
    ident = contact_id(case.id, who["person"])
    known = work.find("contact", ident)
    if known is not None and not known.deleted:
        return False
    work.ensure("contact", ident, _fields(work, case, meeting, protected) | who, place=case)
    return True


def _fields(work: Work, case: Row, meeting: Meeting, protected: bool | None) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "case": case.id,
        "level": meeting.level,
        "met": meeting.met,
        "last_met_on": meeting.last_met_on,
        "protected": protected,
        "note": meeting.note,
    }
    if meeting.level == 1:
        said = watch(rule_sets(work.connection), meeting.last_met_on, protected)
        kept = [said.finding.kept()] if said.finding else None
        fields |= {"watch_until": said.until, "findings": kept}
    return fields


def _not_to_come(store: Store, field: str, day: date) -> None:
    if day > today(store.clock):
        raise InvalidFields([FieldProblem(field, "problems.day_to_come")])


_CHECKS = """"contact" IN (SELECT value FROM json_each(?)) AND id NOT IN (
    SELECT amends FROM contact_check WHERE amends IS NOT NULL AND NOT deleted) ORDER BY "on", at, id"""


def _lines(c: Any, rows: Iterable[Row], day: date) -> list[ContactLine]:
    found = list(rows)
    looks: dict[str, list[Check]] = defaultdict(list)
    for row in table("contact_check").where(c, _CHECKS, (_ids(row.id for row in found),)):
        looks[row.body["contact"]].append(_check(row))
    persons = table("person").read(c, {row.body["person"] for row in found if "person" in row.body})
    doors = table("household").read(c, {person.body.get("household", "") for person in persons.values()})
    lines = []
    for row in found:
        person = persons.get(row.body.get("person", ""))
        known = person.body if person else {}
        door = doors.get(known.get("household", ""))
        lines.append(_line(row, known, door.body if door else {}, tuple(looks[row.id]), day))
    return sorted(lines, key=lambda line: (line.level, name_key(line.full_name), line.id))


def _line(
    row: Row, known: Mapping[str, Any], door: Mapping[str, Any], checks: tuple[Check, ...], day: date
) -> ContactLine:
    body = row.body
    phone = known.get("phone") or body.get("phone")
    return ContactLine(
        id=row.id,
        case=body["case"],
        person=body.get("person", ""),
        full_name=known.get("full_name") or body.get("full_name", ""),
        phone=masked(phone) if phone else "",
        address=door.get("address", ""),
        age=age_on(day, _day(known.get("birth_date")), known.get("birth_year")),
        level=body["level"],
        met=body["met"],
        last_met_on=date.fromisoformat(body["last_met_on"]),
        protected=body.get("protected"),
        watch_until=_day(body.get("watch_until")),
        findings=tuple(Finding.of(kept) for kept in body.get("findings") or ()),
        ended_on=_day(body.get("ended_on")),
        end_reason=body.get("end_reason", ""),
        note=body.get("note", ""),
        checks=checks,
    )


def _check(row: Row) -> Check:
    body = row.body
    symptoms = body.get("symptoms")
    day = Day(
        on=date.fromisoformat(body["on"]),
        temperature_c=body.get("temperature_c"),
        symptoms=None if symptoms is None else tuple(symptoms),
        well=body.get("well"),
        away=bool(body.get("away")),
        note=body.get("note", ""),
    )
    return Check(row.id, day, body["at"], row.who)


def _ids(ids: Iterable[str]) -> str:
    return msgspec.json.encode(list(ids)).decode()


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
