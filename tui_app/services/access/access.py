"""Who looked at what: identity and telephone numbers are masked until someone asks, and that is noted.

The notes are records of type ``access_entry``: they meet the server like any other, and nobody changes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sync.protocol import Row
from tui_app.clock import day_bounds, from_wire, new_id, to_wire
from tui_app.errors import NotFound
from tui_app.records import BY_NAME
from tui_app.records.access import Access
from tui_app.services.access import gate
from tui_app.services.station.units import held
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work

MASKED = ("national_id", "citizen_id_old", "insurance_number", "phone")
SHOWN_DIGITS = 3
TYPE = "access_entry"
SAME_LOOK = timedelta(minutes=10)
"""A card opened again within this time by the same user is the same look at it."""


def masked(number: Any) -> str:
    """A number with all but its last three digits hidden."""
    text = str(number)
    return "•" * max(len(text) - SHOWN_DIGITS, 0) + text[-SHOWN_DIGITS:]


def mask_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with every identity and telephone number masked."""
    return {name: masked(value) if name in MASKED else value for name, value in fields.items()}


def unmasked(store: Store, who: str, ident: str, type_name: str = "person") -> dict[str, str]:
    """The numbers of a person or household; showing them is logged in the same transaction. Raises
    NotFound, NotOpened.
    """
    with store.write() as c:
        row = table(type_name).read(c, [ident]).get(ident)
        if row is None or row.deleted:
            raise NotFound("errors.record_not_found", kind=type_name)
        gate.check(c, row.area, type_name, ident)
        log_access(c, who, to_wire(store.clock()), Access.UNMASK, type_name, ident)
        return {name: str(row.body[name]) for name in MASKED if row.body.get(name)}


def note_opened(store: Store, who: str, type_name: str, ident: str) -> None:
    """Note that a card was opened; the same card again within ten minutes is not noted twice."""
    _note_look(store, who, Access.OPEN, type_name, ident, "")


def note_identity_search(store: Store, who: str, kind: str, person: str = "") -> None:
    """Note a search by an identity number of this kind and, once opened, whom it found. Never the number."""
    _note_look(store, who, Access.SEARCH_IDENTITY, "person" if person else "", person, kind)


def note_refused(store: Store, who: str, reason: str, type_name: str = "", record: str = "") -> None:
    """Note that somebody asked for named records and was refused, and why; once in ten minutes."""
    _note_look(store, who, Access.REFUSED, type_name, record, reason)


def note_journal_read(store: Store, who: str) -> None:
    """Note that the journal itself was looked at; once in ten minutes."""
    _note_look(store, who, Access.OPEN, TYPE, "", "")


def log_access(
    c: Any, who: str, at: str, what: str, type_name: str = "", record: str = "", detail: str = ""
) -> None:
    """Note access within the caller's transaction, in the unit of the record (else in this laptop's first unit).

    ``at``: wire moment. A laptop that holds no unit holds no named record either, so nothing is noted there.
    """
    place = _place(c, type_name, record)
    if place is not None:
        _write(c, who, at, what, place, type_name, record, detail)


def log_export(c: Any, who: str, at: str, areas: list[Row], type_name: str, detail: str) -> None:
    """Note an export in each unit whose records it takes, within the caller's transaction."""
    for area in areas:
        _write(c, who, at, Access.EXPORT, area, type_name, "", detail)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. ``at``: wire moment; ``name``: the person's name or household's address now,
    empty when the record is not here."""

    at: str
    who: str
    what: str
    record_type: str
    record: str
    detail: str
    name: str
    area: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines of the journal: ``record``: of one record, with those merged into it; ``who``: of one user;
    ``what``: a code of `Access`; ``first``, ``last``: days, both included. Empty or None: all."""

    record: str | None = None
    who: str = ""
    what: str = ""
    first: date | None = None
    last: date | None = None


def entries(
    c: Any,
    wanted: Wanted = Wanted(),
    *,
    record: str | None = None,
    day: date | None = None,
    limit: int = 1000,
) -> list[Entry]:
    """The journal, newest first: what is ``wanted``, of one record, of one day, or the last ``limit`` lines.

    Of records that may not be opened now the name is left out.
    """
    shut = gate.closed(c)
    conditions, values = ["NOT e.deleted"], list[Any]()
    record, first, last = record or wanted.record, day or wanted.first, day or wanted.last
    if record is not None:
        conditions.append("(e.record = ? OR e.record IN (SELECT id FROM merged_into WHERE kept = ?))")
        values += [record, record]
    for condition, value in (
        ("e.at >= ?", day_bounds(first)[0] if first else ""),
        ("e.at < ?", day_bounds(last)[1] if last else ""),
        ("e.who = ?", wanted.who),
        ("e.what = ?", wanted.what),
    ):
        if value:
            conditions.append(condition)
            values.append(value)
    found = c.execute(
        "SELECT e.at, e.who, e.what, e.record_type, e.record, e.detail,"
        " coalesce(p.full_name, h.address, h.code) AS name, e.area FROM access_entry AS e"
        " LEFT JOIN person AS p ON e.record_type = 'person' AND p.id = e.record"
        " LEFT JOIN household AS h ON e.record_type = 'household' AND h.id = e.record"
        f" WHERE {' AND '.join(conditions)} ORDER BY e.at DESC, e.id DESC LIMIT ?",
        (*values, limit),
    )
    return [
        Entry(
            *(
                value or ""
                for value in (*line[:6], "" if line["area"] in shut else line["name"], line["area"])
            )
        )
        for line in found
    ]


def users(c: Any) -> list[str]:
    """Whose lines the journal has, by name."""
    return [
        who for (who,) in c.execute("SELECT DISTINCT who FROM access_entry WHERE NOT deleted ORDER BY who")
    ]


def _note_look(store: Store, who: str, what: Access, type_name: str, record: str, detail: str) -> None:
    moment = store.clock()
    with store.read() as c:
        again = c.execute(
            "SELECT 1 FROM access_entry WHERE record IS ? AND what = ? AND who = ? AND detail IS ?"
            " AND at BETWEEN ? AND ? LIMIT 1",
            (record or None, what, who, detail or None, to_wire(moment - SAME_LOOK), to_wire(moment)),
        ).fetchone()
    if again is None:
        with store.write() as c:
            log_access(c, who, to_wire(moment), what, type_name, record, detail)


def _place(c: Any, type_name: str, record: str) -> Row | None:
    """The record, or where this laptop's first unit is."""
    if record and type_name in BY_NAME:
        row = table(type_name).read(c, [record]).get(record)
        if row is not None:
            return row
    return next(iter(held(c)), None)


def _write(
    c: Any, who: str, at: str, what: str, place: Row, type_name: str, record: str, detail: str
) -> None:
    fields = {
        "at": at,
        "who": who,
        "what": what,
        "record_type": type_name,
        "record": record,
        "detail": detail,
    }
    work = Work(c, who=who, clock=lambda: from_wire(at), ids=new_id)
    work.create(TYPE, fields, place=place)
    work.flush()
