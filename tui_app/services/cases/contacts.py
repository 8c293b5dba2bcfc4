"""Contacts (F1, F2) of a case: noted in one step or by name, watched as the rule of the day says, seen day by day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields, UserError
from tui_app.records.cases import CaseSource
from tui_app.records.checks import phone as check_phone
from tui_app.records.contacts import ContactKind, contact_id
from tui_app.rules.watch import watch
from tui_app.services.cases.cases import Opened, open_case
from tui_app.services.cases.contact_lists import Day
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
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


def add_named(store: Store, who: str, case: str, full_name: str, meeting: Meeting, *, phone: str = "") -> str:
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
        return work.create("contact", _fields(work, row, meeting, meeting.protected) | fields, place=row)


def check(store: Store, who: str, contact: str, day: Day, *, amends: str | None = None) -> str:
    """Keep a look at a contact; returns its id. ``amends``: the look it corrects. Raises NotFound, InvalidFields, also
    for a look that says nothing and for a symptom no set knows."""
    if not day.away and day.temperature_c is None and day.symptoms is None and day.well is None:
        raise InvalidFields([FieldProblem("contact_check", "contacts.nothing_seen")])
    if day.away and (day.temperature_c is not None or day.symptoms is not None or day.well is not None):
        raise InvalidFields([FieldProblem("away", "contacts.away_and_seen")])
    if day.well and day.symptoms:
        raise InvalidFields([FieldProblem("well", "contacts.well_and_symptoms")])
    _not_to_come(store, "on", day.on)
    with store.work(who) as work:
        row = live_row(work.connection, "contact", contact)
        known = rule_sets(work.connection).words
        if unknown := [code for code in day.symptoms or () if code not in known]:
            raise InvalidFields([FieldProblem("symptoms", "care.unknown_code", code=", ".join(unknown))])
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


def correct(
    store: Store,
    who: str,
    contact: str,
    *,
    last_met_on: date | None = None,
    met: ContactKind | None = None,
    protected: bool | None = None,
) -> date | None:
    """What was learned later about a contact; what is None stays. Answers until when they are watched now, by the
    rule of the day they last met. Raises NotFound, NotOpened, InvalidFields for a day to come.
    """
    if last_met_on is not None:
        _not_to_come(store, "last_met_on", last_met_on)
    with store.work(who) as work:
        body = live_row(work.connection, "contact", contact).body
        learned = {"last_met_on": last_met_on, "met": met, "protected": protected}
        fields: dict[str, Any] = {name: value for name, value in learned.items() if value is not None}
        day = last_met_on or date.fromisoformat(body["last_met_on"])
        said = body.get("protected") if protected is None else protected
        fields |= _watched(work, body["level"], day, said)
        work.change("contact", contact, fields)
        return fields.get("watch_until")


def end_watch(store: Store, who: str, contact: str, reason: str, *, on: date | None = None) -> None:
    """End the watch over a contact. Raises InvalidFields without a reason or for a day to come."""
    day = on or today(store.clock)
    _not_to_come(store, "ended_on", day)
    if not reason.strip():
        raise InvalidFields([FieldProblem("end_reason", "problems.missing")])
    with store.work(who) as work:
        live_row(work.connection, "contact", contact)
        work.change("contact", contact, {"ended_on": day, "end_reason": reason})


def becomes_case(
    store: Store, who: str, contact: str, *, started_on: date, first_positive_on: date, managed_by: str = ""
) -> Opened:
    """A contact tested positive: a case of their own is opened and the watch ends. Raises UserError for somebody who
    is not on this laptop yet, and as `cases.open_case` does.
    """
    with store.read() as c:
        person = live_row(c, "contact", contact).body.get("person")
    if person is None:
        raise UserError("contacts.not_a_person")
    opened = open_case(
        store,
        who,
        person,
        source=CaseSource.POSITIVE_TEST,
        started_on=started_on,
        first_positive_on=first_positive_on,
        managed_by=managed_by,
    )
    end_watch(store, who, contact, BECAME_CASE)
    return opened


def watch_again(store: Store, who: str, contact: str) -> None:
    """Take back the end of a watch."""
    with store.work(who) as work:
        live_row(work.connection, "contact", contact)
        work.change("contact", contact, {"ended_on": None, "end_reason": None})


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
        "noted_at": work.at,
        "protected": protected,
        "note": meeting.note,
    }
    return fields | _watched(work, meeting.level, meeting.last_met_on, protected)


def _watched(work: Work, level: int, last_met_on: date, protected: bool | None) -> dict[str, Any]:
    """Until when the rule of the day has a contact watched; nobody watches the contact of a contact."""
    if level != 1:
        return {}
    said = watch(rule_sets(work.connection), last_met_on, protected)
    return {"watch_until": said.until, "findings": [said.finding.kept()] if said.finding else None}


def _not_to_come(store: Store, field: str, day: date) -> None:
    if day > today(store.clock):
        raise InvalidFields([FieldProblem(field, "problems.day_to_come")])
