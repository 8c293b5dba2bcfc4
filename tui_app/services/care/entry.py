"""What the rules say when a case is opened: eligibility for care at home, severity, risk class; kept as events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM, from_wire, to_wire
from tui_app.records.cases import CaseEventKind, CaseRiskClass
from tui_app.rules.attention import grade_of
from tui_app.rules.findings import Finding, Judgement
from tui_app.rules.judging import judge
from tui_app.rules.rule_set import RuleSets
from tui_app.services.care.known import FIELD_OF
from tui_app.services.care.patient import Patient, reading, vitals_of
from tui_app.services.care.vitals import Vitals
from tui_app.store.rows import table
from tui_app.store.work import Work

KINDS = ("danger_sign", "eligibility", "severity", "risk_class")
UNSURE = "unsure"
"""What became of a question the rules could not answer, because inputs are missing."""
_CLASSES = tuple(level.value for level in CaseRiskClass)
_KIND_OF = {
    CaseEventKind.ELIGIBILITY: "eligibility",
    CaseEventKind.SEVERITY: "severity",
    CaseEventKind.RISK_CLASS: "risk_class",
}


def judged(one: Patient, at: datetime, sets: RuleSets, vitals: Vitals | None = None) -> Judgement:
    """What the sets in force at ``at`` say of the patient, with what was measured then if anything was."""
    return judge(reading(one, at, vitals), sets, kinds=KINDS)


def moment_of(day: date, now: datetime) -> datetime:
    """The moment an entry of a day is judged at: now on the day itself, else noon of it."""
    local = now.astimezone(VIETNAM)
    return now if local.date() == day else datetime.combine(day, time(12), VIETNAM)


def outcome_of(said: Judgement, kind: CaseEventKind) -> str | None:
    """What a judgement comes to: the gravest grade, the highest class, whether eligible; None when it cannot say."""
    if kind == CaseEventKind.SEVERITY:
        grade = grade_of(said.findings)
        return grade.outcome if grade else None
    outcomes = {one.outcome for one in of_kind(said.findings, kind)}
    if kind == CaseEventKind.RISK_CLASS:
        return max(outcomes & set(_CLASSES), key=_CLASSES.index, default=None)
    if not outcomes:
        return UNSURE
    return next(iter(outcomes)) if len(outcomes) == 1 else "not_eligible"


def of_kind(findings: Sequence[Finding], kind: CaseEventKind) -> tuple[Finding, ...]:
    """The findings an event of this kind rests on."""
    return tuple(one for one in findings if one.kind == _KIND_OF[kind])


def write(work: Work, case: Row, said: Judgement) -> None:
    """Keep what was said at entry as one event for each question."""
    for kind in _KIND_OF:
        became = outcome_of(said, kind)
        if became is not None:
            event(work, case, kind, became=became, findings=of_kind(said.findings, kind))


def event(
    work: Work,
    case: Row,
    kind: CaseEventKind,
    *,
    on: date | str | None = None,
    findings: Sequence[Finding] = (),
    **fields: Any,
) -> str:
    """Write an event of a case; ``on``: the day it holds for, the case's first one when not given. Returns its id."""
    said = {
        "case": case.id,
        "at": work.at,
        "event": kind,
        "on": on or case.body.get("started_on"),
        "findings": [one.kept() for one in findings] or None,
        **fields,
    }
    return work.create("case_event", said, place=case)


def rejudge(work: Work, one: Patient, reason: str, sets: RuleSets) -> None:
    """Judge the entry of a case again. Where an answer changes, an event amends the one before and says why; a grade or
    class of the case follows, unless a person has taken another one over since. A case that came from a file was not
    judged here."""
    events = list(table("case_event").where(work.connection, '"case" = ? ORDER BY at, id', (one.case.id,)))
    opened = next((row for row in events if row.body.get("event") == CaseEventKind.OPENED), None)
    if opened is None or all(row.body.get("event") != CaseEventKind.ELIGIBILITY for row in events):
        return
    day = date.fromisoformat(str(one.case.body["started_on"]))
    at = moment_of(day, from_wire(str(opened.body["at"])))
    said = judged(one, at, sets, _entry_vitals(work.connection, one.case.id, at))
    for kind in _KIND_OF:
        last = next((row for row in reversed(events) if row.body.get("event") == kind), None)
        _judge_again(work, one.case, kind, opened, last, said, reason)


def _judge_again(
    work: Work, case: Row, kind: CaseEventKind, opened: Row, last: Row | None, said: Judgement, reason: str
) -> None:
    became, findings = outcome_of(said, kind), of_kind(said.findings, kind)
    was = last.body.get("became") if last else None
    before = [Finding.of(kept) for kept in last.body.get("findings") or ()] if last else []
    of_entry = last is None or last.body["at"] == opened.body["at"] or bool(last.body.get("amends"))
    if not of_entry or became is None or (became == was and _as_kept(findings) == _as_kept(before)):
        return
    if kind in FIELD_OF and became != was:
        work.change("case", case.id, {FIELD_OF[kind]: became})
    amends = last.id if last else None
    event(work, case, kind, was=was, became=became, reason=reason, amends=amends, findings=findings)


def _as_kept(findings: Sequence[Finding]) -> list[str]:
    return sorted(repr(one.kept()) for one in findings)


def _entry_vitals(c: Any, case: str, at: datetime) -> Vitals | None:
    """What was measured when the case was opened, if anything was, as it stands now."""
    found = list(
        table("observation").where(
            c,
            '"case" = ? AND at = ? AND NOT EXISTS (SELECT 1 FROM observation AS later'
            " WHERE later.amends = observation.id AND NOT later.deleted) ORDER BY id",
            (case, to_wire(at)),
        )
    )
    return vitals_of(found[0]) if found else None
