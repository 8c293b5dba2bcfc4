"""Contacts as lists and sheet 5.5 show them, each with the days it was looked after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.rules.age import Age, age_on
from tui_app.rules.findings import Finding
from tui_app.services.access import gate
from tui_app.services.access.access import masked
from tui_app.services.people.cards import live_row
from tui_app.store.rows import table
from tui_app.text import name_key


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
