"""What persons and households need: opened, met or refused with a reason, followed by somebody; lists by kind in which
nobody counts twice (S0 §IV.5, S1 §II.4, S4 §4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.visits import SupportKind, SupportStatus
from tui_app.services.access import gate
from tui_app.services.access.access import masked
from tui_app.services.risk.open_words import open_words
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import each_begins, fold, name_key, place_words

OPEN = frozenset({SupportStatus.OPEN, SupportStatus.IN_PROGRESS})
NOTE_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Need:
    """One need. ``person``: empty for one of the whole household; ``opened_on``, ``closed_on``: ISO days or empty;
    ``words``: what a filter looks at, folded."""

    id: str
    kind: str
    status: str
    person: str
    household: str
    full_name: str
    address: str
    unit: str
    phone: str
    opened_on: str
    closed_on: str
    followed_by: str
    reason: str
    note: str
    words: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Neither met nor refused."""
        return self.status in OPEN

    def matches(self, folded_words: list[str]) -> bool:
        """Whether every word begins a word of name, address, unit or follower (folded)."""
        return each_begins(folded_words, self.words)


@dataclass(frozen=True, slots=True)
class NeedCount:
    """How many needs; of how many persons (each once) and of how many households as a whole (each once)."""

    needs: int
    persons: int
    households: int


def needs(
    c: Any,
    *,
    kinds: Collection[str] = (),
    open_only: bool = True,
    person: str | None = None,
    household: str | None = None,
) -> list[Need]:
    """Needs that may be named now, by unit and name. ``kinds``: all when empty; of a ``person``, or of a
    ``household`` and who lives there now."""
    gate.check_role(c)
    shut = gate.closed(c)
    if person is not None:
        rows = c.execute(f"{_NEEDS} AND s.person = ?", (person,))
    elif household is not None:
        rows = c.execute(f"{_NEEDS} AND coalesce(p.household, s.household) = ?", (household,))
    else:
        rows = c.execute(_NEEDS)
    found = [
        _need(row)
        for row in rows
        if row["area"] not in shut
        and (not kinds or row["kind"] in kinds)
        and (not open_only or row["status"] in OPEN)
    ]
    return sorted(found, key=lambda one: (not one.is_open, one.unit, name_key(one.full_name), one.id))


def count(lines: Iterable[Need]) -> NeedCount:
    """A person with two needs counts once, a household with two of its own counts once."""
    lines = list(lines)
    return NeedCount(
        len(lines),
        len({one.person for one in lines if one.person}),
        len({one.household for one in lines if not one.person}),
    )


def counts(lines: Iterable[Need]) -> dict[str, NeedCount]:
    """The same for each kind that occurs, in the order of `SupportKind`."""
    lines = list(lines)
    kinds = [str(kind) for kind in SupportKind]
    kinds += sorted({one.kind for one in lines} - set(kinds))
    found = {kind: count(one for one in lines if one.kind == kind) for kind in kinds}
    return {kind: counted for kind, counted in found.items() if counted.needs}


def open_need(
    store: Store,
    who: str,
    kind: str,
    *,
    person: str = "",
    household: str = "",
    note: str = "",
    followed_by: str = "",
) -> str:
    """A new need of a person, or of a household as a whole. Returns its id.

    Raises InvalidFields where the same kind is open for them already, or neither is named; NotFound.
    """
    with store.work(who) as work:
        place = work.get("person", person) if person else work.get("household", household)
        door = str(place.body.get("household") or "") if person else household
        _check(kind, note)
        if _same_open(work, kind, person, door):
            raise InvalidFields([FieldProblem("kind", "support.already_open")])
        fields = {
            "person": person or None,
            "household": door or None,
            "kind": kind,
            "status": str(SupportStatus.OPEN),
            "opened_on": today(store.clock).isoformat(),
            "followed_by": followed_by or None,
            "note": note.strip() or None,
        }
        return work.create("support_need", fields, place=place)


def follow(store: Store, who: str, need: str, followed_by: str) -> None:
    """Say who sees to it; from then on it is being helped with. Raises NotFound, InvalidFields when it is closed."""
    with store.work(who) as work:
        _open_one(work, need)
        status = SupportStatus.IN_PROGRESS if followed_by.strip() else SupportStatus.OPEN
        work.change("support_need", need, {"followed_by": followed_by.strip() or None, "status": str(status)})


def meet(store: Store, who: str, need: str, *, on: date | None = None, note: str = "") -> None:
    """The need is met. Raises NotFound, InvalidFields when it is closed already or the day is to come."""
    _close(store, who, need, SupportStatus.DONE, on, note)


def refuse(store: Store, who: str, need: str, reason: str, *, on: date | None = None) -> None:
    """It is not given, or not wanted; a reason has to be said. Raises NotFound, InvalidFields."""
    if not reason.strip():
        raise InvalidFields([FieldProblem("reason", "support.reason_missing")])
    _close(store, who, need, SupportStatus.DECLINED, on, reason)


def reopen(store: Store, who: str, need: str) -> None:
    """Take a meeting or refusal back; its reason stays written. Raises NotFound, InvalidFields when it is open."""
    with store.work(who) as work:
        row = work.get("support_need", need)
        if row.body.get("status") in OPEN:
            raise InvalidFields([FieldProblem("status", "support.is_open")])
        status = SupportStatus.IN_PROGRESS if row.body.get("followed_by") else SupportStatus.OPEN
        fields = {"status": str(status), "closed_on": None}
        work.change("support_need", need, fields)


def withdraw(store: Store, who: str, need: str) -> None:
    """Take a need back that was entered by mistake. Raises NotFound."""
    with store.work(who) as work:
        work.delete("support_need", need, "withdrawn")


def put_back(store: Store, who: str, before: Need) -> None:
    """Let a need stand again as it did before a change. Raises NotFound."""
    with store.work(who) as work:
        work.revive("support_need", before.id)
        fields = {
            "status": before.status,
            "closed_on": before.closed_on or None,
            "followed_by": before.followed_by or None,
        }
        work.change("support_need", before.id, fields | ({"reason": None} if before.is_open else {}))


def _close(store: Store, who: str, need: str, status: SupportStatus, on: date | None, reason: str) -> None:
    day = on or today(store.clock)
    if day > today(store.clock):
        raise InvalidFields([FieldProblem("closed_on", "problems.day_to_come")])
    with store.work(who) as work:
        _open_one(work, need)
        fields = {"status": str(status), "closed_on": day.isoformat(), "reason": reason.strip() or None}
        work.change("support_need", need, fields)


def _open_one(work: Work, need: str) -> Row:
    row = work.get("support_need", need)
    if row.deleted or row.body.get("status") not in OPEN:
        raise InvalidFields([FieldProblem("status", "support.is_closed")])
    return row


def _check(kind: str, note: str) -> None:
    problems = []
    if kind not in set(SupportKind):
        problems.append(FieldProblem("kind", "support.bad_kind", kinds=", ".join(SupportKind)))
    if len(note) > NOTE_LENGTH:
        problems.append(FieldProblem("note", "support.note_long", most=NOTE_LENGTH))
    if problems:
        raise InvalidFields(problems)


def _same_open(work: Work, kind: str, person: str, household: str) -> bool:
    mine, value = ("person = ?", person) if person else ("person IS NULL AND household = ?", household)
    rows = table("support_need").where(work.connection, f"kind = ? AND {mine}", (kind, value))
    return any(row.body.get("status") in OPEN for row in rows)


def _need(row: Any) -> Need:
    address, unit = place_words(row["address"], row["alley"]), row["unit_name"] or ""
    name, followed_by = row["full_name"] or "", row["followed_by"] or ""
    number = row["phone"]
    return Need(
        id=row["id"],
        kind=row["kind"] or "",
        status=row["status"] or "",
        person=row["person"] or "",
        household=row["household"] or "",
        full_name=name,
        address=address,
        unit=unit,
        phone=masked(number) if number else "",
        opened_on=row["opened_on"] or "",
        closed_on=row["closed_on"] or "",
        followed_by=followed_by,
        reason="" if row["status"] in OPEN else open_words(row["reason"]),
        note=open_words(row["note"]),
        words=tuple(fold(" ".join(filter(None, (name, address, unit, followed_by)))).split()),
    )


_NEEDS = """
SELECT s.id, s.area, s.kind, s.status, s.person, coalesce(p.household, s.household) AS household, p.full_name,
    h.address, h.alley, a.unit_name, coalesce(p.phone, h.phone) AS phone, s.opened_on, s.closed_on, s.followed_by,
    s.reason, s.note
FROM support_need AS s LEFT JOIN person AS p ON p.id = s.person
LEFT JOIN household AS h ON h.id = coalesce(p.household, s.household) LEFT JOIN area AS a ON a.id = s.area
WHERE NOT s.deleted AND p.died_on IS NULL AND p.moved_on IS NULL
    AND NOT coalesce(iif(s.person IS NULL, h.deleted, p.deleted), 0)
"""
