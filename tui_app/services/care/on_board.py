"""Who stands on the board at a moment: open cases, those that ended on the day, and those with an alert unanswered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from tui_app.records.cases import CaseEventKind
from tui_app.rules.findings import Finding, as_findings
from tui_app.services.care.known import Event, Known, events_of, known
from tui_app.services.people.severity import severest, shown_at


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An alert nobody has answered. ``at``: wire moment it was opened."""

    id: str
    at: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Patient:
    """``row``: the case with its person and door; ``alerts``: unanswered, oldest first; ``events``: written by then."""

    case: str
    row: Any
    known: Known
    alerts: tuple[Unanswered, ...]
    events: tuple[Event, ...]

    def no_answer(self, slot: tuple[date, str]) -> int:
        """How many calls in a half-day nobody answered, without those taken back."""
        calls = [event for event in self.events if event.event == CaseEventKind.NO_ANSWER]
        taken_back = {event.amends for event in calls}
        day = slot[0].isoformat()
        return sum(
            (event.on, event.became) == (day, slot[1]) and not event.amends and event.id not in taken_back
            for event in calls
        )


def patients(c: Any, day: date, until: str | None = None) -> list[Patient]:
    """Those on the board of a day; ``until``: as known at this wire moment, now when None. In no particular order."""
    alerted = unanswered(c, until)
    values = {"day": day.isoformat(), "until": until, "alerted": _json(list(alerted))}
    rows = c.execute(_PATIENTS.format(ended_since=_ENDED_SINCE if until else ""), values).fetchall()
    events = events_of(c, [row["id"] for row in rows])
    ids = [row["id"] for row in rows]
    met = severest(c, ids) if until is None else shown_at(c, ids, until)
    found = []
    for row in rows:
        written = events.get(row["id"], [])
        then = known(row, written, until)
        alerts = tuple(alerted.get(row["id"], ()))
        if then is None or (then.ended_on is not None and then.ended_on < day.isoformat() and not alerts):
            continue
        shown = {field: value for (case, field), value in met.items() if case == row["id"]}
        then.fields.update({field: value for field, value in shown.items() if field in then.fields})
        by_then = tuple(event for event in written if until is None or event.at <= until)
        found.append(Patient(row["id"], row, then, alerts, by_then))
    return found


def unanswered(c: Any, until: str | None) -> dict[str, list[Unanswered]]:
    """case -> its unanswered alerts, oldest first."""
    query = f"{_ALERTS} AND {_OPEN_NOW if until is None else _OPEN_THEN} ORDER BY a.at, a.id"
    rows = c.execute(query, {"until": until}).fetchall()
    worst = severest(c, [row["id"] for row in rows]) if until is None else {}
    found: dict[str, list[Unanswered]] = defaultdict(list)
    for row in rows:
        if until is None and worst.get((row["id"], "state"), row["state"]) != "open":
            continue
        rules = frozenset(msgspec.json.decode(row["rules"] or "[]"))
        findings = as_findings(row["findings"] or "[]")
        signs = tuple(one for one in findings if one.kind == "danger_sign" and one.rule in rules)
        found[row["case"]].append(Unanswered(row["id"], row["at"], signs))
    return found


def _json(values: list[str]) -> str:
    return msgspec.json.encode(values).decode()


_ALERTS = """
SELECT a.id, a."case", a.at, a.rules, a.state, o.findings
FROM alert AS a LEFT JOIN observation AS o ON o.id = a.observation WHERE NOT a.deleted
"""
_OPEN_NOW = """(a.state = 'open' OR a.id IN (SELECT record FROM conflict WHERE state = 'open' AND NOT deleted
    AND record_type = 'alert' AND field = 'state'))"""
_OPEN_THEN = """a.at <= :until AND (a.answered_at IS NULL OR a.answered_at > :until) AND NOT EXISTS (
    SELECT 1 FROM case_event AS e WHERE e."case" = a."case" AND e.event = 'alert_reopened' AND e.became = a.id
    AND NOT e.deleted AND e.was <= :until AND e.at > :until)"""
_PATIENTS = """
SELECT k.id, k.area, k.person, k.first_positive_on, k.onset_on, k.started_on, k.ended_on, k.place, k.managed_by,
    k.followed_by, k.severity_grade, k.risk_class, p.full_name, p.birth_date, p.birth_year, p.sex, p.household,
    coalesce(p.phone, h.phone) AS phone, h.address, h.alley, h.walk_order, a.unit_name
FROM "case" AS k LEFT JOIN person AS p ON p.id = k.person LEFT JOIN household AS h ON h.id = p.household
LEFT JOIN area AS a ON a.id = k.area
WHERE NOT k.deleted AND (k.ended_on IS NULL OR k.ended_on >= :day
    OR k.id IN (SELECT value FROM json_each(:alerted)) {ended_since})
"""
_ENDED_SINCE = """OR k.id IN (
    SELECT "case" FROM case_event WHERE event IN ('ended', 'reopened') AND NOT deleted AND at > :until)"""
