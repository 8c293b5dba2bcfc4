"""Cases and readings that come from a file: nobody gets a second open case, a case is known from when it came, and
readings that bring no judgement are judged here by the sets of their day, as if typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sync.protocol import Row
from tui_app.clock import from_wire
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.cases import CaseEventKind
from tui_app.records.validation import checked
from tui_app.services.care import entry, recording
from tui_app.services.care.patient import patient, vitals_of
from tui_app.services.care.recording import Recorded
from tui_app.services.care.vitals import MEASURED
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.store.work import Work


def unjudged(fields: Mapping[str, Any]) -> bool:
    """Whether an observation's line says something and nobody has judged it."""
    said = any(fields.get(name) is not None for name in (*MEASURED, "symptoms", "signs"))
    return said and "findings" not in fields


def refuse_second_case(work: Work, ident: str, fields: Mapping[str, Any]) -> None:
    """Raises InvalidFields for an open case of somebody who has another open one, here or in the lines before."""
    held = work.find("case", ident)
    said = {**(held.body if held else {}), **fields}
    if said.get("ended_on"):
        return
    work.flush()
    other = work.connection.execute(
        'SELECT id FROM "case" WHERE person = ? AND id <> ? AND ended_on IS NULL AND NOT deleted',
        (said.get("person"), ident),
    ).fetchone()
    if other is not None:
        raise InvalidFields([FieldProblem("person", "care.case_open", case=other["id"])])


def note_opened(work: Work, ident: str) -> str | None:
    """Write that a new case was opened here now, unless the file brought when it was; the answer is the event's id.

    What was to be measured before is not this team's to catch up with, and a board of before did not have the case.
    """
    known = work.connection.execute(
        """SELECT 1 FROM case_event WHERE "case" = ? AND event = 'opened' AND NOT deleted""", (ident,)
    ).fetchone()
    if known is not None:
        return None
    case = work.get("case", ident)
    return entry.event(work, case, CaseEventKind.OPENED, became=case.body.get("place"))


def take_in(work: Work, ident: str, fields: Mapping[str, Any]) -> Recorded:
    """Write such an observation with its judgement and alert. Its case has to be here; its half-day is the one of its
    moment when the line names none. Raises InvalidFields."""
    c = work.connection
    case = work.find("case", str(fields.get("case")))
    if case is None or case.deleted:
        raise InvalidFields([FieldProblem("case", "care.case_not_here")])
    sets, one = rule_sets(c), patient(c, case)
    given: dict[str, Any] = {"person": one.person.id, **fields}
    body = checked("observation", given, new=False)
    if body.get("at") and not body.get("slot"):
        day, half = recording.slot_of(sets, from_wire(body["at"]))
        given |= {"slot_on": day.isoformat(), "slot": half}
    body = checked("observation", given, new=True)
    if body["at"] > work.at:
        raise InvalidFields([FieldProblem("at", "care.moment_to_come")])
    vitals = vitals_of(Row(type="observation", id=ident, commune="", area="", seq=0, body=body))
    said = recording.judged(one, vitals, from_wire(body["at"]), sets)
    old = work.find("observation", str(body.get("amends") or ""))
    before = recording.alerted(c, old) if old else recording.Alerted()
    return recording.write(work, one, body, said, before=before, ident=ident)
