"""The roster of a day or half-day, read from this laptop's records alone and made anew whenever it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain
from typing import Any

import msgspec

from sync.collector import resting
from tui_app.services.cases.board import Standing
from tui_app.services.people.doors import walking_place
from tui_app.services.roster.given import put_given, returned
from tui_app.services.roster.helped import checks, doses, needs
from tui_app.services.roster.lines import RosterLine, by_urgency, walk_of, worse_of
from tui_app.services.roster.patients import patients
from tui_app.services.roster.suspects import suspects
from tui_app.services.roster.sweep_doors import sweep_doors
from tui_app.services.roster.tests_due import contacts
from tui_app.services.roster.view import View, view_of


def roster(c: Any, now: datetime, slot: str | None = None, day: date | None = None) -> list[RosterLine]:
    """Everything there is to do on a day (today), the most urgent first, then in walking order.

    ``slot``: am or pm, of that half-day alone; of one that has passed as things stood at its end, of one to come as
    they stand now. Raises NotOpened for a viewer; locked units are left out.
    """
    view = view_of(c, now, day, slot)
    with resting():  # ten thousand lines that all stay: the search for garbage took a third of the time
        lines: dict[str, RosterLine] = {}
        for line in _found(c, view):
            there = lines.setdefault(line.key, line)
            if there is not line:
                there.reasons = [*there.reasons, *line.reasons]
                there.late = there.late or line.late
                there.state = worse_of(there.state, line.state)
        put_given(c, view, lines)
        return by_urgency(_placed(c, view, lines.values()))


def _found(c: Any, view: View) -> Iterator[RosterLine]:
    return chain(
        patients(c, view),
        contacts(c, view),
        suspects(c, view),
        doses(c, view),
        checks(c, view),
        needs(c, view),
        returned(c, view),
        sweep_doors(c, view),
    )


_PERSONS = """
SELECT id, area, household, full_name, phone, died_on IS NOT NULL OR moved_on IS NOT NULL AS gone FROM person
WHERE NOT deleted AND id IN (SELECT value FROM json_each(?))
"""
_HOUSEHOLDS = "SELECT id, area, code, address, alley, walk_order, phone FROM household WHERE NOT deleted"
_MANY = 2000  # households: from here on one look through all of them is quicker than one for each
_HEADS = """
SELECT h.id, p.full_name FROM household AS h JOIN person AS p ON p.id = h.head AND NOT p.deleted
WHERE h.id IN (SELECT value FROM json_each(?))
"""


def name_heads(c: Any, lines: Iterable[RosterLine]) -> None:
    """Let lines of whole households have the name of the head as theirs: for lists and papers."""
    nameless = [line for line in lines if not line.person]
    heads = dict(_rows(c, _HEADS, {line.household for line in nameless}))
    for line in nameless:
        line.full_name = heads.get(line.household) or ""


def _placed(c: Any, view: View, lines: Iterable[RosterLine]) -> Iterator[RosterLine]:
    """The lines with name and door; those that may not be named now, or whose person is gone, are left out."""
    lines = list(lines)
    persons = {row[0]: row for row in _rows(c, _PERSONS, {line.person for line in lines if line.person})}
    wanted = {row[2] for row in persons.values()} | {line.household for line in lines if not line.person}
    if len(wanted) < _MANY:
        found = _rows(c, f"{_HOUSEHOLDS} AND id IN (SELECT value FROM json_each(?))", wanted - {None, ""})
    else:
        found = c.execute(_HOUSEHOLDS)
    households = {row[0]: row for row in found}
    units = {ident: name or "" for ident, name in c.execute("SELECT id, unit_name FROM area")}
    for line in lines:
        if line.person:
            person = persons.get(line.person)
            if person is None or (person[5] and line.state is not Standing.DANGER):
                continue
            _, line.area, household, name, line.number, _ = person
            line.household, line.full_name = household or "", name or ""
        door = households.get(line.household)
        if door is not None:
            ident, area, code, address, alley, order, phone = door
            line.area = line.area or area
            line.code, line.address, line.alley = code or "", address or "", alley or ""
            line.number = line.number or phone
            line.unit = units.get(area, "")
            line.walk = walk_of(walking_place(line.unit, alley, order, address, ident), line)
        elif line.person:
            line.unit = units.get(line.area, "")
            line.walk = walk_of(walking_place(line.unit, None, None, None, ""), line)
        else:
            continue
        if line.area not in view.shut:
            yield line


def _rows(c: Any, query: str, ids: Iterable[str]) -> Any:
    return c.execute(query, (msgspec.json.encode(list(ids)).decode(),))
