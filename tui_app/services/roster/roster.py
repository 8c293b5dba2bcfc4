"""The roster of a day or half-day, read from this laptop's records alone and made anew whenever it is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import chain
from typing import Any

import msgspec

from tui_app.services.board import Standing
from tui_app.services.doors import walking_place
from tui_app.services.roster.given import put_given, returned
from tui_app.services.roster.helped import checks, doses, needs
from tui_app.services.roster.lines import RosterLine, by_urgency, walk_of, worse_of
from tui_app.services.roster.patients import patients
from tui_app.services.roster.sweep_doors import sweep_doors
from tui_app.services.roster.tests_due import contacts
from tui_app.services.roster.view import View, view_of


def roster(c: Any, now: datetime, slot: str | None = None, day: date | None = None) -> list[RosterLine]:
    """Everything there is to do on a day (today), the most urgent first, then in walking order.

    ``slot``: am or pm, of that half-day alone; of one that has passed as things stood at its end, of one to come as
    they stand now. Raises NotOpened for a viewer; locked units are left out.
    """
    view = view_of(c, now, day, slot)
    lines: dict[str, RosterLine] = {}
    for line in _found(c, view):
        there = lines.setdefault(line.key, line)
        if there is not line:
            there.reasons += line.reasons
            there.late = there.late or line.late
            there.state = worse_of(there.state, line.state)
    put_given(c, view, lines)
    return by_urgency(_placed(c, view, lines.values()))


def _found(c: Any, view: View) -> Iterator[RosterLine]:
    return chain(
        patients(c, view),
        contacts(c, view),
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
_HOUSEHOLDS = """
SELECT h.id, h.area, h.code, h.address, h.alley, h.walk_order, h.phone, p.full_name AS head FROM household AS h
LEFT JOIN person AS p ON p.id = h.head AND NOT p.deleted
WHERE NOT h.deleted AND h.id IN (SELECT value FROM json_each(?))
"""


def _placed(c: Any, view: View, lines: Iterable[RosterLine]) -> Iterator[RosterLine]:
    """The lines with name and door; those that may not be named now, or whose person is gone, are left out."""
    lines = list(lines)
    persons = _rows(c, _PERSONS, {line.person for line in lines if line.person})
    doors = {row[2] for row in persons.values()} | {line.household for line in lines if not line.person}
    households = _rows(c, _HOUSEHOLDS, doors - {None, ""})
    units = {ident: name or "" for ident, name in c.execute("SELECT id, unit_name FROM area")}
    for line in lines:
        person = persons.get(line.person)
        if line.person:
            if person is None or (person[5] and line.state is not Standing.DANGER):
                continue
            line.area, line.household = person[1], person[2] or ""
            line.full_name, line.number = person[3] or "", person[4]
        door = households.get(line.household)
        if door is None and person is None:
            continue
        if door is not None:
            line.area = line.area or door[1]
            line.code, line.address, line.alley = door[2] or "", door[3] or "", door[4] or ""
            line.full_name = line.full_name or door[7] or ""
            line.number = line.number or door[6]
            line.unit = units.get(door[1], "")
            line.walk = walk_of(walking_place(line.unit, door[4], door[5], door[3], door[0]), line)
        else:
            line.unit = units.get(line.area, "")
            line.walk = walk_of(walking_place(line.unit, None, None, None, ""), line)
        if line.area not in view.shut:
            yield line


def _rows(c: Any, query: str, ids: Iterable[str]) -> dict[str, Any]:
    wanted = msgspec.json.encode(list(ids)).decode()
    return {row[0]: row for row in c.execute(query, (wanted,))}
