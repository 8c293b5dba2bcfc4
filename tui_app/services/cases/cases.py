"""Cases: opened, handed on, ended, opened again. What changed and why stays as events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.clock import from_wire, today
from tui_app.errors import FieldProblem, InvalidFields, NotFound
from tui_app.records.cases import CaseEventKind, CaseOutcome
from tui_app.rules import slots
from tui_app.rules.findings import Finding
from tui_app.services.care import entry, recording
from tui_app.services.care.known import DAY_FIELDS, FIELD_OF
from tui_app.services.care.opening import (
    FACTS,
    Opened,
    first_positive,
    open_case,
    refuse_days,
    refuse_second,
)
from tui_app.services.care.patient import patient
from tui_app.services.care.refusals import CannotUndo, CaseClosed
from tui_app.services.care.rejudging import rejudge_case
from tui_app.services.care.releasing import release_of
from tui_app.services.cases.case_card import (
    CaseCard,
    CaseHead,
    CaseLook,
    Suggestion,
    all_cases,
    case_card,
    cases_of,
    suggested,
)
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work

__all__ = [
    "FACTS",
    "CaseCard",
    "CaseHead",
    "CaseLook",
    "Opened",
    "Suggestion",
    "all_cases",
    "case_card",
    "cases_of",
    "end_case",
    "first_positive",
    "hand_over",
    "note_no_answer",
    "noted_with_person",
    "open_case",
    "reopen",
    "set_follower",
    "set_place",
    "suggested",
    "take_risk",
    "take_severity",
    "undo",
]


def set_place(store: Store, who: str, case: str, place: str, on: date, reason: str = "") -> str:
    """Care goes on at another place from a day. Returns the event's id. Raises NotFound, CaseClosed, InvalidFields."""
    return _change(store, who, case, CaseEventKind.PLACE, place, on, reason)


def hand_over(store: Store, who: str, case: str, managed_by: str, on: date, reason: str = "") -> str:
    """Another unit manages the case from a day. Returns the event's id. Raises as `set_place`."""
    return _change(store, who, case, CaseEventKind.HAND_OVER, managed_by, on, reason)


def set_follower(store: Store, who: str, case: str, followed_by: str, reason: str = "") -> str:
    """Another team or user follows the patient. Returns the event's id. Raises as `set_place`."""
    return _change(store, who, case, CaseEventKind.FOLLOWER, followed_by, None, reason)


def take_severity(store: Store, who: str, case: str, grade: str, reason: str = "") -> str:
    """A person takes a severity grade over, with the findings of the last reading. Returns the event's id."""
    return _change(store, who, case, CaseEventKind.SEVERITY, grade, None, reason)


def take_risk(store: Store, who: str, case: str, risk_class: str, reason: str = "") -> str:
    """A person takes a risk class over, with what the rules say today. Returns the event's id."""
    return _change(store, who, case, CaseEventKind.RISK_CLASS, risk_class, None, reason)


def note_no_answer(store: Store, who: str, case: str, note: str = "") -> str:
    """Note a call nobody answered, in the present half-day. Returns the event's id."""
    with store.work(who) as work:
        row = _open_row(work, case)
        here = slots.slot_at(rule_sets(work.connection), from_wire(work.at))
        kind = CaseEventKind.NO_ANSWER
        return entry.event(work, row, kind, on=here.day, became=here.slot, reason=note)


def undo(store: Store, who: str, event: str, reason: str = "") -> str:
    """Take a change of place, manager, follower, grade, class or day, or a call without answer, back by a correcting
    event. Returns its id.

    Raises NotFound, CaseClosed, CannotUndo when the case was changed again since, the event is of another kind, or it
    takes a call back itself.
    """
    with store.work(who) as work:
        old = work.get("case_event", event)
        body, kind = old.body, str(old.body["event"])
        row = (_row if kind in DAY_FIELDS else _open_row)(work, str(body["case"]))
        taken: dict[str, Any] = {"on": body.get("on"), "amends": event, "reason": reason}
        if list(table("case_event").where(work.connection, "amends = ?", (event,))):
            raise CannotUndo("care.undone_already")
        if kind == CaseEventKind.NO_ANSWER and not body.get("amends"):
            return entry.event(work, row, CaseEventKind.NO_ANSWER, was=body.get("became"), **taken)
        if kind not in FIELD_OF:
            raise CannotUndo("care.cannot_undo")
        changed = CaseEventKind(kind)
        field = FIELD_OF[changed]
        if row.body.get(field) != body.get("became"):
            raise CannotUndo("care.changed_since")
        work.change("case", row.id, {field: body.get("was")})
        back = entry.event(work, row, changed, was=body.get("became"), became=body.get("was"), **taken)
        if field in DAY_FIELDS:
            rejudge_case(work, row.id, field)
        return back


def end_case(
    store: Store,
    who: str,
    case: str,
    outcome: str,
    on: date,
    reason: str = "",
    test: str | None = None,
    *,
    person_too: bool = False,
) -> str:
    """End a case; alerts nobody has answered stay listed. ``test``: the test result it rests on; what the rules of
    the day say of the release is kept with the event, whose id is returned. ``person_too``: note the death, or that
    the person moved away, with the person as well.

    Raises NotFound, CaseClosed, InvalidFields (a day to come or before the start; a reason is needed for ``mistaken``
    and for a recovery the rules do not give).
    """
    with store.work(who) as work:
        row = _open_row(work, case)
        c = work.connection
        refuse_days(today(store.clock), ended_on=on)
        if on < date.fromisoformat(str(row.body["started_on"])):
            raise InvalidFields([FieldProblem("ended_on", "care.ends_before_start")])
        if test is not None and work.get("test_result", test).body.get("person") != row.body.get("person"):
            raise NotFound("errors.record_not_found", kind="test_result")
        findings: tuple[Finding, ...] = ()
        needs_reason = outcome == CaseOutcome.MISTAKEN
        if outcome == CaseOutcome.RECOVERED:
            answer = release_of(c, row, on)
            findings, needs_reason = answer.findings, answer.may_end is not True
        if needs_reason and not reason.strip():
            raise InvalidFields([FieldProblem("reason", "care.end_needs_reason")])
        work.change("case", case, {"outcome": outcome, "ended_on": on})
        if person_too and (field := _PERSON_FIELD.get(outcome, "")):
            work.change("person", str(row.body["person"]), {field: on})
        said: dict[str, Any] = {"became": outcome, "reason": reason, "test": test}
        return entry.event(work, row, CaseEventKind.ENDED, on=on, findings=findings, **said)


def reopen(store: Store, who: str, case: str, reason: str, *, person_too: bool = False) -> str:
    """Open an ended case again. ``person_too``: take the day of death or of moving away, which the end had noted with
    the person, back as well. Returns the event's id.

    Raises NotFound, CaseOpen, InvalidFields without a reason, and for somebody who is still noted as dead.
    """
    with store.work(who) as work:
        row = _row(work, case)
        if not reason.strip():
            raise InvalidFields([FieldProblem("reason", "problems.missing")])
        refuse_second(work.connection, str(row.body["person"]))
        was = row.body.get("outcome")
        person = work.get("person", str(row.body["person"]))
        field = noted_with_person(row.body, person.body)
        if person_too and field:
            work.change("person", person.id, {field: None})
        elif person.body.get("died_on"):
            raise InvalidFields([FieldProblem("person", "care.person_died")])
        work.change("case", case, {"outcome": None, "ended_on": None})
        day = today(store.clock)
        return entry.event(work, row, CaseEventKind.REOPENED, on=day, was=was, reason=reason)


def noted_with_person(case: Mapping[str, Any], person: Mapping[str, Any]) -> str:
    """The field of the person that the end of the case was noted in as well, a death or a move; empty without."""
    field = _PERSON_FIELD.get(str(case.get("outcome")), "")
    return field if field and person.get(field) == case.get("ended_on") else ""


_PERSON_FIELD: dict[str, str] = {CaseOutcome.DIED: "died_on", CaseOutcome.MOVED_OUT: "moved_on"}


def _change(
    store: Store, who: str, case: str, kind: CaseEventKind, value: str, on: date | None, reason: str
) -> str:
    with store.work(who) as work:
        row = _open_row(work, case)
        field, day = FIELD_OF[kind], today(store.clock)
        refuse_days(day, on=on)
        was, became = row.body.get(field), value.strip() or None
        if was == became:
            raise InvalidFields([FieldProblem(field, "care.no_change")])
        work.change("case", case, {field: became})
        findings = _findings_for(work, row, kind)
        said = {"was": was, "became": became, "reason": reason}
        return entry.event(work, row, kind, on=on or day, findings=findings, **said)


def _findings_for(work: Work, case: Row, kind: CaseEventKind) -> Sequence[Finding]:
    """What a grade or class that is taken over rests on: of the last reading, judged as it was then."""
    if kind not in (CaseEventKind.SEVERITY, CaseEventKind.RISK_CLASS):
        return ()
    c = work.connection
    last = recording.last_reading(c, case.id)
    at, vitals = (from_wire(work.at), None) if last is None else last
    said = entry.judged(patient(c, case), at, rule_sets(c), vitals)
    return entry.of_kind(said.findings, kind)


def _row(work: Work, case: str) -> Row:
    row = work.get("case", case)
    if row.deleted:
        raise NotFound("errors.record_not_found", kind="case")
    return row


def _open_row(work: Work, case: str) -> Row:
    row = _row(work, case)
    if row.body.get("ended_on"):
        raise CaseClosed("care.case_closed")
    return row
