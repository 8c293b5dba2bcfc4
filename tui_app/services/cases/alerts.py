"""Alerts: danger signs that somebody has to answer. A later normal value never closes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.clock import VIETNAM, from_wire, today
from tui_app.errors import FieldProblem, InvalidFields, NotFound
from tui_app.records.observations import AlertState
from tui_app.rules.attention import late_after
from tui_app.rules.findings import Finding, as_findings
from tui_app.services.access import gate
from tui_app.services.access.access import masked
from tui_app.services.care import entry
from tui_app.services.care.known import ANSWERED_UNTIL_THEN
from tui_app.services.care.refusals import AlertAnswered
from tui_app.services.care.vitals import MEASURED
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.severity import severest
from tui_app.store.engine import Store
from tui_app.store.work import Work

_ANSWERED = (AlertState.TOLD, AlertState.REFERRED)


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert. ``at``: wire moment it was opened; ``findings``: the danger signs, with rule, set and limit;
    ``vitals``: what was measured, field -> value; ``late``: unanswered for as long as the house allows; ``state``: the
    most open of the values while two laptops' answers wait for a decision; ``phone``: masked but for its tail.
    """

    id: str
    case: str
    person: str
    observation: str
    full_name: str
    phone: str
    at: str
    findings: tuple[Finding, ...]
    vitals: Mapping[str, Any]
    late: bool
    state: str
    told_to: str = ""
    answered_at: str = ""


def open_alerts(c: Any, now: datetime, *, answered: bool = False) -> list[AlertLine]:
    """Alerts nobody has answered, late ones first, then the oldest; with ``answered`` also those told or referred and
    not closed. Those of ended cases too. Units that are shut are left out."""
    shut = gate.closed(c)
    states = [AlertState.OPEN, *(_ANSWERED if answered else ())]
    asked = ", ".join(f"'{state}'" for state in states)
    found = c.execute(f"{_ALERTS} WHERE NOT a.deleted AND (a.state IN ({asked}) OR {_DISPUTED})").fetchall()
    lines = _lines(c, [row for row in found if row["area"] not in shut], now)
    kept = [line for line in lines if line.state in states]
    return sorted(kept, key=lambda line: (line.state != AlertState.OPEN, not line.late, line.at, line.id))


def alert_line(c: Any, alert: str, now: datetime) -> AlertLine:
    """One alert, in whatever state. Raises NotFound, NotOpened."""
    found = c.execute(f"{_ALERTS} WHERE NOT a.deleted AND a.id = ?", (alert,)).fetchone()
    if found is None:
        raise NotFound("errors.record_not_found", kind="alert")
    gate.check(c, found["area"], "alert", alert)
    return _lines(c, [found], now)[0]


def alerts_of(c: Any, case: str, now: datetime) -> list[AlertLine]:
    """All alerts of a case, newest first. The caller has asked the gate."""
    found = c.execute(
        f'{_ALERTS} WHERE NOT a.deleted AND a."case" = ? ORDER BY a.at DESC', (case,)
    ).fetchall()
    return _lines(c, found, now)


def tell(store: Store, who: str, alert: str, told_to: str, note: str = "") -> None:
    """Note whom the alert was told to. Raises NotFound, InvalidFields without a name, AlertAnswered when it is
    closed."""
    if not told_to.strip():
        raise InvalidFields([FieldProblem("told_to", "problems.missing")])
    _answer(store, who, alert, AlertState.TOLD, told_to=told_to, note=note)


def refer(store: Store, who: str, alert: str, referral: str) -> None:
    """Note the referral that answers the alert. Raises NotFound, AlertAnswered when it is closed."""
    _answer(store, who, alert, AlertState.REFERRED, referral=referral)


def close(store: Store, who: str, alert: str, reason: str) -> None:
    """Close an alert because a person says so, with the reason. Raises NotFound, InvalidFields without a reason,
    AlertAnswered when it is closed."""
    if not reason.strip():
        raise InvalidFields([FieldProblem("reason", "problems.missing")])
    _answer(store, who, alert, AlertState.CLOSED, note=reason)


def take_back(store: Store, who: str, alert: str, reason: str = "") -> None:
    """Undo an answer: the alert is open again, since the moment it was first opened. That it had been answered until
    then stays in the history of its case. Raises NotFound."""
    with store.work(who) as work:
        row = work.get("alert", alert)
        case = work.find("case", str(row.body.get("case")))
        if row.body.get("state") != AlertState.OPEN and case is not None:
            said: dict[str, Any] = {"was": row.body.get("answered_at"), "became": alert, "reason": reason}
            entry.event(work, case, ANSWERED_UNTIL_THEN, on=today(store.clock), **said)
        fields = dict.fromkeys(("told_to", "referral", "answered_by", "answered_at"))
        work.change("alert", row.id, {"state": AlertState.OPEN, **fields})


def answer(work: Work, alert: str, state: AlertState, **fields: str) -> Row:
    """Answer an alert within a save, so that a referral and the alert it answers are one. The first answer's moment
    stays. Raises NotFound, AlertAnswered when it is closed."""
    row = work.get("alert", alert)
    if row.body.get("state") == AlertState.CLOSED:
        raise AlertAnswered("care.alert_closed")
    if "referral" in fields:
        work.get("referral", fields["referral"])
    said = {name: text for name, text in fields.items() if text.strip()}
    if "note" in said and row.body.get("note"):
        said["note"] = f"{row.body['note']}; {said['note']}"
    first = row.body.get("answered_at") or work.at
    work.change("alert", alert, {"state": state, "answered_by": work.who, "answered_at": first, **said})
    return row


def _answer(store: Store, who: str, alert: str, state: AlertState, **fields: str) -> None:
    with store.work(who) as work:
        answer(work, alert, state, **fields)


_DISPUTED = """a.id IN (SELECT record FROM conflict WHERE state = 'open' AND NOT deleted
    AND record_type = 'alert' AND field = 'state')"""
_ALERTS = """
SELECT a.*, p.full_name, coalesce(p.phone, h.phone) AS number, o.findings, o.temperature_c, o.pulse,
    o.respiratory_rate, o.spo2, o.spo2_repeat, o.spo2_repeat_after, o.systolic_bp, o.diastolic_bp
FROM alert AS a LEFT JOIN person AS p ON p.id = a.person LEFT JOIN household AS h ON h.id = p.household
LEFT JOIN observation AS o ON o.id = a.observation
"""


def _lines(c: Any, found: list[Any], now: datetime) -> list[AlertLine]:
    worst = severest(c, [row["id"] for row in found])
    after = late_after(rule_sets(c), now.astimezone(VIETNAM).date())
    return [_line(row, worst.get((row["id"], "state"), row["state"]), now, after) for row in found]


def _line(row: Any, state: str, now: datetime, after: timedelta | None) -> AlertLine:
    rules = frozenset(msgspec.json.decode(row["rules"] or "[]"))
    findings = as_findings(row["findings"] or "[]")
    return AlertLine(
        id=row["id"],
        case=row["case"] or "",
        person=row["person"] or "",
        observation=row["observation"] or "",
        full_name=row["full_name"] or "",
        phone=masked(row["number"]) if row["number"] else "",
        at=row["at"],
        findings=tuple(one for one in findings if one.rule in rules and one.kind == "danger_sign"),
        vitals={name: row[name] for name in MEASURED if row[name] is not None},
        late=is_late(row["at"], state, now, after),
        state=state,
        told_to=row["told_to"] or "",
        answered_at=row["answered_at"] or "",
    )


def is_late(at: str, state: str, now: datetime, after: timedelta | None) -> bool:
    """Whether an alert opened at a wire moment has stood unanswered for as long as the house allows."""
    return state == AlertState.OPEN and after is not None and now >= from_wire(at) + after
