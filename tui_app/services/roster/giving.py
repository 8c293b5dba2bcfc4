"""Giving lines of the roster to persons and teams, taking them back, carrying over what was not done, and adding what
no record asks for. All of it is records, and meets the server and the USB stick like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.campaigns import Task, assignment_id
from tui_app.services.access import gate
from tui_app.services.cases.board import Standing
from tui_app.services.roster.lines import RETURNED, RosterLine
from tui_app.store.engine import Store
from tui_app.store.work import Work
from tui_app.text import clean

NAME_LENGTH, NOTE_LENGTH = 80, 300
_FIELDS = ("assigned_to", "withdrawn", "slot", "carried_from", "done_at", "note")


@dataclass(frozen=True, slots=True)
class Changed:
    """What a save changed. ``before``: assignment -> its fields as they were, None for one that was not there;
    ``left``: lines it was not for, such as those sent back to who wrote them."""

    before: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    left: int = 0

    @property
    def count(self) -> int:
        """How many were changed."""
        return len(self.before)


def give(
    store: Store, who: str, lines: Sequence[RosterLine], to: str, *, slot: str = "", on: date | None = None
) -> Changed:
    """Give lines to a person or team for a day (today), or for a half-day of it; empty ``to``: whoever goes there.

    One that was given to somebody else goes over. Raises InvalidFields, NotOpened, NotFound.
    """
    day, name = on or today(store.clock), clean(to)
    if len(name) > NAME_LENGTH:
        raise InvalidFields([FieldProblem("assigned_to", "roster.name_long", most=NAME_LENGTH)])
    kept, before = [line for line in lines if line.task != RETURNED], dict[str, Mapping[str, Any] | None]()
    with store.work(who) as work:
        for line in kept:
            same_day = [] if slot else line.given
            for ident in same_day or [assignment_id(day, line.task, line.subject, slot)]:
                _put(work, before, ident, line, day, slot, {"assigned_to": name or None, "withdrawn": None})
    return Changed(before, len(lines) - len(kept))


def carry_over(store: Store, who: str, lines: Iterable[RosterLine]) -> Changed:
    """Give out for today what was given out before and is not done, to whom it was given. Raises NotOpened,
    NotFound."""
    day, before = today(store.clock), dict[str, Mapping[str, Any] | None]()
    with store.work(who) as work:
        for line in lines:
            if not line.undone or line.done or line.given:
                continue
            ident = assignment_id(day, line.task, line.subject)
            said = work.get("assignment", line.undone[-1]).body
            fields = {
                "assigned_to": line.assigned_to or None,
                "withdrawn": None,
                "carried_from": line.carried_from,
                "reason": said.get("reason"),
                "note": said.get("note"),
            }
            _put(work, before, ident, line, day, "", fields)
    return Changed(before)


def take_back(store: Store, who: str, lines: Iterable[RosterLine]) -> Changed:
    """Take back what was given out of these lines, today's and what is left of the days before. Raises NotFound."""
    before: dict[str, Mapping[str, Any] | None] = {}
    with store.work(who) as work:
        for line in lines:
            for ident in (*line.given, *line.undone):
                _change(work, before, ident, {"withdrawn": True})
    return Changed(before)


def add(
    store: Store,
    who: str,
    note: str,
    *,
    person: str = "",
    household: str = "",
    to: str = "",
    task: Task = Task.OTHER,
    on: date | None = None,
) -> Changed:
    """Put something of one's own on the roster of a day (today), for a person or a household.

    Another note for the same one on a day is added to the first. Raises InvalidFields without words, NotFound,
    NotOpened.
    """
    text, day = clean(note), on or today(store.clock)
    problems = []
    if not text:
        problems.append(FieldProblem("note", "problems.missing"))
    if len(text) > NOTE_LENGTH:
        problems.append(FieldProblem("note", "roster.note_long", most=NOTE_LENGTH))
    if problems:
        raise InvalidFields(problems)
    before: dict[str, Mapping[str, Any] | None] = {}
    with store.work(who) as work:
        place = work.get("person", person) if person else work.get("household", household)
        door = str(place.body.get("household") or "") if person else household
        ident = assignment_id(day, task, person or household)
        row = work.find("assignment", ident)
        known = str(row.body.get("note") or "") if row and not row.body.get("withdrawn") else ""
        line = RosterLine(task, person or household, Standing.DUE, [], person=person, household=door)
        words = text if known in ("", text) else f"{known}; {text}"[:NOTE_LENGTH]
        fields = {"note": words, "withdrawn": None, "done_at": None}
        _put(work, before, ident, line, day, "", fields | ({"assigned_to": clean(to)} if clean(to) else {}))
    return Changed(before)


def say_done(store: Store, who: str, line: RosterLine) -> Changed:
    """Note that something is done which no record shows. Raises InvalidFields where a record is to be written, or
    nothing was given out."""
    if any(reason.code not in ("given", "undone") for reason in line.reasons):
        raise InvalidFields([FieldProblem("done_at", "roster.write_it_down")])
    if not (line.given or line.undone):
        raise InvalidFields([FieldProblem("done_at", "roster.not_given")])
    before: dict[str, Mapping[str, Any] | None] = {}
    with store.work(who) as work:
        for ident in (*line.given, *line.undone):
            _change(work, before, ident, {"done_at": work.at})
    return Changed(before)


def put_back(store: Store, who: str, changed: Changed) -> int:
    """Undo a save: how many assignments are as they were before it. Raises NotFound."""
    with store.work(who) as work:
        return sum(
            work.change("assignment", ident, {"withdrawn": True} if fields is None else fields)
            for ident, fields in changed.before.items()
        )


def _put(
    work: Work,
    before: dict[str, Mapping[str, Any] | None],
    ident: str,
    line: RosterLine,
    day: date,
    slot: str,
    fields: Mapping[str, Any],
) -> None:
    row = work.find("assignment", ident)
    if row is not None and not row.deleted:
        back = {"withdrawn": False} if row.body.get("withdrawn") else {}
        wanted = {name: value for name, value in fields.items() if name != "withdrawn"} | back
        _change(work, before, ident, wanted)
        return
    place = _place(work, line)
    whole = {
        "on": day.isoformat(),
        "task": line.task,
        "household": line.household or None,
        "person": line.person or None,
        "slot": slot or None,
        **fields,
    }
    work.ensure("assignment", ident, whole, place=place)
    before[ident] = None


def _place(work: Work, line: RosterLine) -> Row:
    """The record of whom the line is about. Raises NotOpened where it may not be named now."""
    kind, ident = ("person", line.person) if line.person else ("household", line.household)
    place = work.get(kind, ident)
    gate.check(work.connection, place.area, kind, ident)
    return place


def _change(
    work: Work, before: dict[str, Mapping[str, Any] | None], ident: str, fields: Mapping[str, Any]
) -> None:
    body = work.get("assignment", ident).body
    was = {name: body.get(name) for name in _FIELDS}
    if work.change("assignment", ident, fields):
        before.setdefault(ident, was)
