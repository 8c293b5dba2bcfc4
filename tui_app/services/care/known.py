"""How a case stood at a moment, as it was known then: its fields now, with every later event taken back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from tui_app.clock import day_bounds
from tui_app.records.cases import CaseEventKind

FIELD_OF = {
    CaseEventKind.PLACE: "place",
    CaseEventKind.HAND_OVER: "managed_by",
    CaseEventKind.FOLLOWER: "followed_by",
    CaseEventKind.SEVERITY: "severity_grade",
    CaseEventKind.RISK_CLASS: "risk_class",
    CaseEventKind.FIRST_POSITIVE_ON: "first_positive_on",
    CaseEventKind.ONSET_ON: "onset_on",
}
"""Events that change one field of their case from ``was`` to ``became``."""
DAY_FIELDS = {
    "first_positive_on": CaseEventKind.FIRST_POSITIVE_ON,
    "onset_on": CaseEventKind.ONSET_ON,
}
"""The days from which everything about a case is counted, and the event that says that one was corrected."""
ANSWERED_UNTIL_THEN = CaseEventKind.ALERT_REOPENED
"""An event that takes an answer to an alert back: ``was`` is the wire moment of the answer, ``became`` the alert."""
_ENDS = (CaseEventKind.ENDED, CaseEventKind.REOPENED)


@dataclass(frozen=True, slots=True)
class Known:
    """``since``: wire moment from which readings at home could be expected: opened, opened again, or come home."""

    fields: dict[str, str | None]
    ended_on: str | None
    since: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a case, as far as a board needs it."""

    id: str
    at: str
    event: str
    was: str | None
    became: str | None
    on: str | None
    amends: str | None


def events_of(c: Any, cases: Iterable[str]) -> dict[str, list[Event]]:
    """case -> its events in the order they were written."""
    wanted = msgspec.json.encode(list(cases)).decode()
    found: dict[str, list[Event]] = defaultdict(list)
    for case, *event in c.execute(_EVENTS, (wanted,)):
        found[case].append(Event(*event))
    return found


_EVENTS = """
SELECT e."case", e.id, e.at, e.event, e.was, e.became, e."on", e.amends
FROM json_each(?) AS wanted CROSS JOIN case_event AS e ON e."case" = wanted.value
WHERE NOT e.deleted ORDER BY e.at, e.id
"""


def known(row: Mapping[str, Any], events: list[Event], until: str | None = None) -> Known | None:
    """The case at the moment ``until`` (now when None); None when it had not been opened then.

    ``row``: its fields now. A case that came without events is taken to begin with its first day.
    """
    later = [] if until is None else [event for event in events if event.at > until]
    before = events if until is None else [event for event in events if event.at <= until]
    opened = next((event.at for event in events if event.event == CaseEventKind.OPENED), None)
    opened = opened or day_bounds(date.fromisoformat(row["started_on"]))[0]
    if until is not None and opened > until:
        return None
    fields = {field: row[field] for field in FIELD_OF.values()}
    for event in reversed(later):
        if event.event in FIELD_OF:
            fields[FIELD_OF[CaseEventKind(event.event)]] = event.was
    return Known(fields, _ended_on(row, before, later), _since(opened, before))


def _ended_on(row: Mapping[str, Any], before: list[Event], later: list[Event]) -> str | None:
    if not any(event.event in _ENDS for event in later):
        return row["ended_on"]
    last = next((event for event in reversed(before) if event.event in _ENDS), None)
    return last.on if last is not None and last.event == CaseEventKind.ENDED else None


def _since(opened: str, before: list[Event]) -> str:
    came_home = [
        event.at
        for event in before
        if event.event == CaseEventKind.REOPENED
        or (event.event == CaseEventKind.PLACE and event.became == "home")
    ]
    return max([opened, *came_home])
