"""Contacts as a report counts them: a person once, on the day that somebody noted them, and how they stood at the end.

A contact that was kept before moments were noted counts on the later of the last contact and the case's first day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from tui_app.clock import VIETNAM, to_wire
from tui_app.services.cases.contacts import BECAME_CASE
from tui_app.services.reports.kinds import Choices, Period
from tui_app.services.reports.periods import reporting_days


class Watch(StrEnum):
    """How a contact stood: watched; became a case; the watch is over, ended by somebody or its days are past; the rule
    asks for none."""

    WATCHED = "watched"
    BECAME_CASE = "became_case"
    COMPLETED = "completed"
    NOT_WATCHED = "not_watched"


@dataclass(frozen=True, slots=True)
class CountedContact:
    """``id``: of the first record about them; ``level``: 1 or 2, the nearer; ``on``: reporting day, ISO; ``until``: the
    last day they are a contact on, ISO, empty while they are one."""

    id: str
    person: str
    level: int
    on: str
    watch: Watch
    until: str


def counted_contacts(
    c: Any, period: Period, as_of: datetime, choices: Choices, since: str = ""
) -> list[CountedContact]:
    """Everybody who was noted as a contact by the end of a period, as known at a moment."""
    last, until = period.last.isoformat(), to_wire(as_of)
    known_on = as_of.astimezone(VIETNAM).date().isoformat()
    day_of = reporting_days(choices)
    found: dict[str, CountedContact] = {}
    for row in c.execute(_CONTACTS):
        noted = row["noted_at"]
        if noted is None:
            on = max(row["last_met_on"], row["began"] or "")
            if on > known_on:
                continue
        elif noted > until:
            continue
        else:
            on = day_of(noted)
        if on > last or on < since:
            continue
        watch, ended = _watch(row, min(last, known_on))
        person = row["person"] or ""
        one = CountedContact(row["id"], person, row["level"], on, watch, ended)
        key = person or row["id"]
        found[key] = _together(found[key], one) if key in found else one
    return sorted(found.values(), key=lambda one: (one.on, one.id))


def _watch(row: Any, day: str) -> tuple[Watch, str]:
    ended, watch_until = row["ended_on"], row["watch_until"]
    if ended and ended <= day:
        return (Watch.BECAME_CASE if row["end_reason"] == BECAME_CASE else Watch.COMPLETED), ended
    if not watch_until:
        return Watch.NOT_WATCHED, ""
    return (Watch.WATCHED, "") if day <= watch_until else (Watch.COMPLETED, watch_until)


def _together(one: CountedContact, other: CountedContact) -> CountedContact:
    """A person who met two cases: noted when the first was, of the nearer level, watched while one watch goes on."""
    first = min(one, other, key=lambda contact: (contact.on, contact.id))
    level = min(one.level, other.level)
    nearer = [contact for contact in (one, other) if contact.level == level]
    watch = min((contact.watch for contact in nearer), key=list(Watch).index)
    until = "" if any(not contact.until for contact in nearer) else max(contact.until for contact in nearer)
    return CountedContact(first.id, first.person, level, first.on, watch, until)


_CONTACTS = """
SELECT n.id, n.person, n.level, n.last_met_on, n.noted_at, n.watch_until, n.ended_on, n.end_reason,
    coalesce(k.first_positive_on, k.started_on) AS began
FROM contact AS n LEFT JOIN "case" AS k ON k.id = n."case" WHERE NOT n.deleted
"""
