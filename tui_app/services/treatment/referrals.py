"""Patients sent on: made from what is known, acknowledged by who takes them in, withdrawn with a reason.

A referral moves nobody by itself: the place of care changes when a person says that the patient is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM, to_wire
from tui_app.errors import FieldProblem, InvalidFields, UserError
from tui_app.records.cases import CasePlace
from tui_app.records.observations import AlertState
from tui_app.services.access import gate
from tui_app.services.cases import alerts
from tui_app.services.cases.cases import set_place
from tui_app.services.people.cards import live_row
from tui_app.services.treatment.referral_slip import check_standing, measured, standing_readings
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What a person says of a referral. ``alert``: the one it answers."""

    reason: str
    sent_to: str
    sent_from: str = ""
    transport: str = ""
    note: str = ""
    alert: str | None = None


@dataclass(frozen=True, slots=True)
class ReferralLine:
    """A referral for a list. ``at``, ``acknowledged_at``: wire moments."""

    id: str
    case: str
    person: str
    full_name: str
    at: str
    sent_from: str
    sent_to: str
    reason: str
    acknowledged_at: str
    acknowledged_by: str
    withdrawn: bool


def make(store: Store, who: str, case: str, sending: Sending, *, at: datetime | None = None) -> str:
    """Send a patient on and answer the alert it comes from, in one save; returns the referral's id.

    Kept with it: the last reading that measured something before ``at``, and what its rules said. Raises NotFound,
    NotOpened, InvalidFields, AlertAnswered when the alert is closed, UserError when it is of another case.
    """
    if at is not None and at > store.clock():
        raise InvalidFields([FieldProblem("at", "problems.day_to_come")])
    with store.work(who) as work:
        row = live_row(work.connection, "case", case)
        moment = to_wire(at) if at else work.at
        last = next((o for o in standing_readings(work.connection, case, moment) if measured(o)), None)
        fields = {
            "case": case,
            "person": row.body["person"],
            "at": moment,
            "reason": clean(sending.reason),
            "sent_from": clean(sending.sent_from) or row.body.get("managed_by"),
            "sent_to": clean(sending.sent_to),
            "transport": sending.transport,
            "observation": last.id if last else None,
            "findings": last.body.get("findings") if last else None,
            "note": sending.note,
        }
        referral = work.create("referral", fields, place=row)
        if sending.alert is not None:
            _answer(work, case, sending.alert, referral)
        return referral


def acknowledge(
    store: Store, who: str, referral: str, by: str, *, at: datetime | None = None, admitted: bool = False
) -> None:
    """Note that the patient arrived. ``by``: who said so there; ``admitted``: a person says that care goes on in
    hospital from that day, which changes the place of the case unless it is there already. Raises InvalidFields without
    a name or for a moment to come, UserError for one that was withdrawn, CaseClosed; then nothing is noted.
    """
    moment = at or store.clock()
    if moment > store.clock():
        raise InvalidFields([FieldProblem("acknowledged_at", "problems.day_to_come")])
    if not clean(by):
        raise InvalidFields([FieldProblem("acknowledged_by", "problems.missing")])
    with store.read() as c:
        row = live_row(c, "referral", referral)
        check_standing(row)
        place = live_row(c, "case", row.body["case"]).body.get("place")
    if admitted and place != CasePlace.HOSPITAL:
        day = moment.astimezone(VIETNAM).date()
        set_place(store, who, row.body["case"], CasePlace.HOSPITAL, day, row.body["sent_to"])
    with store.work(who) as work:
        check_standing(live_row(work.connection, "referral", referral))
        work.change("referral", referral, {"acknowledged_at": to_wire(moment), "acknowledged_by": clean(by)})


def withdraw(store: Store, who: str, referral: str, reason: str) -> None:
    """Take a referral back; an alert it answered is open again. Raises InvalidFields without a reason, UserError for
    one whose patient arrived.
    """
    if not clean(reason):
        raise InvalidFields([FieldProblem("reason", "problems.missing")])
    with store.work(who) as work:
        row = live_row(work.connection, "referral", referral)
        check_standing(row)
        if row.body.get("acknowledged_at"):
            raise UserError("referral.has_arrived")
        note = "; ".join(filter(None, (row.body.get("note"), clean(reason))))
        work.change("referral", referral, {"withdrawn": True, "note": note})
        for alert in table("alert").where(work.connection, "referral = ?", (referral,)):
            if alert.body["state"] == AlertState.REFERRED:
                forgotten = dict.fromkeys(("told_to", "referral", "answered_by", "answered_at"))
                work.change("alert", alert.id, {"state": AlertState.OPEN, **forgotten})


def referrals(c: Any, case: str | None = None, *, waiting: bool = False) -> list[ReferralLine]:
    """Referrals that may be seen, newest first: of a case or all. ``waiting``: only those whose arrival nobody told."""
    if case is not None:
        live_row(c, "case", case)
    gate.check_role(c)
    shut = gate.closed(c)
    found = [
        row
        for row in table("referral").where(
            c, '(? IS NULL OR "case" = ?) ORDER BY at DESC, id DESC', (case, case)
        )
        if row.area not in shut
        and not (waiting and (row.body.get("withdrawn") or row.body.get("acknowledged_at")))
    ]
    persons = table("person").read(c, {row.body["person"] for row in found})
    return [_line(row, persons.get(row.body["person"])) for row in found]


def _answer(work: Work, case: str, alert: str, referral: str) -> None:
    if live_row(work.connection, "alert", alert).body["case"] != case:
        raise UserError("referral.other_alert")
    alerts.answer(work, alert, AlertState.REFERRED, referral=referral)


def _line(row: Row, person: Row | None) -> ReferralLine:
    body = row.body
    return ReferralLine(
        id=row.id,
        case=body["case"],
        person=body["person"],
        full_name=person.body.get("full_name", "") if person else "",
        at=body["at"],
        sent_from=body.get("sent_from", ""),
        sent_to=body["sent_to"],
        reason=body["reason"],
        acknowledged_at=body.get("acknowledged_at", ""),
        acknowledged_by=body.get("acknowledged_by", ""),
        withdrawn=bool(body.get("withdrawn")),
    )
