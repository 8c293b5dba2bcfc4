"""Who a scanned card or typed number means, and the numbers a person has had besides those of the record.

A card is a claim, so nothing is written because it was scanned: what differs from the record is shown, and a person
decides. Searches by an identity number are noted with its kind by whoever calls (house.md §5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records import checks
from tui_app.records.identity import IdentifierKind, IdentifierSource, identifier_id
from tui_app.records.scans import Scan, ScanKind, read_scan
from tui_app.records.tokens import leads_to, token
from tui_app.services.access import gate
from tui_app.services.people.cards import live_row
from tui_app.services.people.finding import IDENTITY
from tui_app.services.station import drafts
from tui_app.store import merged
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.search import find
from tui_app.store.search_terms import insurance_digits
from tui_app.text import clean, fold

LIKELY = 20
"""Persons of one name that are compared with a card."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A field where a card and the record do not say the same; wire values."""

    field: str
    on_card: str
    in_record: str


@dataclass(frozen=True, slots=True)
class Match:
    """A person a card may mean. ``by``: the field whose number is the same, empty for the same name and birth only;
    ``gone``: died or moved away."""

    person: str
    full_name: str
    birth: str
    address: str
    by: str
    gone: bool
    differs: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a scan means here. ``record``: (type, id) a token leads to; ``matches``: by number first."""

    scan: Scan
    record: tuple[str, str] | None = None
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number of a person. ``id``: of its record, empty for one of the person's own row."""

    id: str
    kind: str
    number: str
    valid_from: str
    valid_to: str
    source: str
    note: str

    def valid(self, day: date) -> bool:
        """Whether it holds on a day."""
        return (not self.valid_from or self.valid_from <= day.isoformat()) and (
            not self.valid_to or day.isoformat() <= self.valid_to
        )


def recognise(c: Any, text: str) -> Recognised:
    """What a scanner's line means on this laptop; of locked units nothing is told. Raises NotOpened for a viewer."""
    gate.check_role(c)
    scan = read_scan(text)
    if scan.token is not None:
        return Recognised(scan, by_token(c, *scan.token))
    if scan.kind not in (ScanKind.CITIZEN_CARD, ScanKind.INSURANCE_CARD):
        return Recognised(scan)
    by_number: dict[str, str] = {}
    for field in IDENTITY:
        if number := scan.fields.get(field):
            for person in find_by_number(c, number):
                by_number.setdefault(person, field)
    found = by_number or dict.fromkeys(_alike(c, scan.fields), "")
    return Recognised(scan, matches=tuple(_matches(c, scan.fields, found)))


def find_by_number(c: Any, number: str) -> list[str]:
    """The persons, gone ones too, who have or had this complete identity number, in no particular order.

    Insurance numbers are compared on their last ten digits (rules §3.3). Of locked units nobody is told.
    """
    digits = insurance_digits(number)
    shut = gate.closed(c)
    people = table("person").read(c, [hit.id for hit in find(c, digits) if hit.kind == "person"])
    found = [row.id for row in people.values() if row.area not in shut and _had(c, row, digits)]
    kept = c.execute(
        "SELECT i.person, p.area FROM person_identifier AS i JOIN person AS p ON p.id = i.person"
        " WHERE (i.number IN (?1, ?2) OR (i.kind = 'insurance_number' AND length(?1) IN (10, 12)"
        " AND substr(i.number, -10) = substr(?1, -10))) AND NOT i.deleted AND NOT p.deleted",
        (digits, clean(number).upper()),
    )
    return list(dict.fromkeys([*found, *(person for person, area in kept if area not in shut)]))


def by_token(c: Any, type_name: str, wanted: str) -> tuple[str, str] | None:
    """(type, id) of the record that a label or card leads to, None when it is not here or may not be opened. That of a
    record which was merged leads to the one kept.

    Every id is looked at (`python -m tests.bench --only scan`): never on the UI thread.
    """
    areas = dict(tuple(row) for row in c.execute(f'SELECT id, area FROM "{type_name}" WHERE deleted <> 1'))
    found = leads_to(wanted, areas)
    shown = found and merged.shown_for(c, found)
    return None if not shown or areas.get(shown) in gate.closed(c) else (type_name, shown)


# ---- the numbers of a person


def identifiers(c: Any, person: str) -> list[Identifier]:
    """All numbers of a person, those of the record first, then the newest. The caller notes that they were shown.

    Raises NotFound, NotOpened.
    """
    row = live_row(c, "person", person)
    own = [
        Identifier("", name, str(row.body[name]), "", "", "", "") for name in IDENTITY if row.body.get(name)
    ]
    more = [
        Identifier(
            one.id,
            one.body["kind"],
            one.body.get("number", ""),
            one.body.get("valid_from", ""),
            one.body.get("valid_to", ""),
            one.body.get("source", ""),
            one.body.get("note", ""),
        )
        for one in table("person_identifier").where(c, "person = ?", (person,))
    ]
    more.sort(key=lambda one: (one.valid_to == "", one.valid_to, one.valid_from, one.number), reverse=True)
    return own + more


def add_identifier(
    store: Store,
    who: str,
    person: str,
    kind: IdentifierKind,
    number: str,
    *,
    valid_from: date | None = None,
    valid_to: date | None = None,
    source: IdentifierSource = IdentifierSource.SAID,
    note: str = "",
    draft: str = "",
) -> str:
    """Keep a number besides those of the record: an earlier one, a passport. The same one again is the same record.

    ``draft``: the form's draft, which goes with the save. Raises InvalidFields for a number of the wrong shape or days
    in the wrong order, NotFound.
    """
    checked = _checked(kind, number)
    if valid_from and valid_to and valid_to < valid_from:
        raise InvalidFields([FieldProblem("valid_to", "identity.days_reversed")])
    with store.work(who) as work:
        drafts.drop(work.connection, draft)
        row = work.get("person", person)
        ident = identifier_id(person, kind, checked)
        work.ensure(
            "person_identifier",
            ident,
            {
                "person": person,
                "kind": kind,
                "number": checked,
                "valid_from": valid_from and valid_from.isoformat(),
                "valid_to": valid_to and valid_to.isoformat(),
                "source": source,
                "note": note,
            },
            place=row,
        )
    return ident


def end_identifier(store: Store, who: str, ident: str, last_day: date | None) -> None:
    """Say until which day a number held (cancelled, replaced); None: it holds again. Raises NotFound."""
    with store.work(who) as work:
        work.change("person_identifier", ident, {"valid_to": last_day and last_day.isoformat()})


def remove_identifier(store: Store, who: str, ident: str) -> None:
    """Take back a number that never was this person's. Raises NotFound."""
    with store.work(who) as work:
        work.delete("person_identifier", ident, "withdrawn")


def restore_identifier(store: Store, who: str, ident: str) -> None:
    """Bring back a number that was taken away. Raises NotFound."""
    with store.work(who) as work:
        work.revive("person_identifier", ident)


def temporary_code(person: str) -> str:
    """The code of somebody without any number, a newborn: the token of their card, never twelve digits."""
    return token("person", person)


# ---- how


def _checked(kind: IdentifierKind, number: str) -> str:
    if kind is IdentifierKind.NATIONAL_ID:
        found = checks.national_id(number, "number")
    elif kind is IdentifierKind.CITIZEN_ID_OLD:
        found = checks.citizen_id_old(number, "number")
    elif kind is IdentifierKind.INSURANCE_NUMBER:
        found = checks.insurance_number(number, "number")
    else:
        found = checks.Checked(clean(number).upper() or None)
    if found.problem is not None:
        raise InvalidFields([found.problem])
    if found.value is None:
        raise InvalidFields([FieldProblem("number", "problems.missing")])
    return found.value


def _had(c: Any, row: Row, digits: str) -> bool:
    """Whether the person or a record merged into theirs has the number."""
    behind = table("person").said(c, merged.members(c, row.id)).values()
    return any(_has(one.body, digits) for one in (row, *behind))


def _has(body: dict[str, Any], digits: str) -> bool:
    insured = insurance_digits(str(body.get("insurance_number") or ""))
    if digits in (body.get("national_id"), body.get("citizen_id_old")):
        return True
    return bool(insured) and insured[-10:] == digits[-10:] and len(digits) in (10, 12)


def _alike(c: Any, fields: dict[str, str]) -> Iterable[str]:
    """Persons of the card's name and birth who have no other number of that kind."""
    name = fields.get("full_name", "")
    if not name:
        return
    shut = gate.closed(c)
    hits = [hit.id for hit in find(c, name, limit=LIKELY) if hit.kind == "person"]
    for row in table("person").read(c, hits).values():
        same_name = fold(row.body.get("full_name", "")) == fold(name)
        other = fields.get("national_id") and row.body.get("national_id")
        if same_name and not other and row.area not in shut and _same_birth(row.body, fields):
            yield row.id


def _same_birth(body: dict[str, Any], fields: dict[str, str]) -> bool:
    """The same day, or the same year where one of the two knows no more."""
    mine, card = body.get("birth_date"), fields.get("birth_date")
    if mine and card:
        return bool(mine == card)
    return bool(_year(body)) and _year(body) == _year(fields)


def _year(fields: dict[str, Any]) -> str:
    return str(fields.get("birth_date") or fields.get("birth_year") or "")[:4]


def _matches(c: Any, fields: dict[str, str], found: dict[str, str]) -> list[Match]:
    people = table("person").read(c, found)
    homes = [str(row.body.get("household")) for row in people.values()]
    doors = table("household").read(c, homes)
    matches = []
    for ident, by in found.items():
        body = people[ident].body
        door = doors.get(str(body.get("household")))
        matches.append(
            Match(
                ident,
                body.get("full_name", ""),
                str(body.get("birth_date") or body.get("birth_year") or ""),
                (door.body.get("address") or door.body.get("code") or "") if door else "",
                by,
                bool(body.get("died_on") or body.get("moved_on")),
                tuple(_differences(body, fields)),
            )
        )
    return sorted(matches, key=lambda one: (one.by == "", one.gone, one.person))


def _differences(body: dict[str, Any], fields: dict[str, str]) -> Iterable[Difference]:
    for name in ("full_name", "birth_date", "birth_year", "sex", *IDENTITY):
        card, mine = fields.get(name), body.get(name)
        if card is None:
            continue
        if name == "full_name" and fold(str(mine or "")) == fold(card):
            continue
        if name == "birth_year" and str(mine or body.get("birth_date") or "")[:4] == card:
            continue
        if name == "insurance_number" and mine and str(mine)[-10:] == card[-10:]:
            continue
        if str(mine or "") != card:
            yield Difference(
                name, card, str(mine or (body.get("birth_year") if name == "birth_date" else "") or "")
            )
