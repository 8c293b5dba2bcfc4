"""Writing a reading within a save: the observation with its judgement, and the alert a danger sign opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.clock import from_wire, to_wire
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.observations import AlertState, alert_id
from tui_app.rules import slots
from tui_app.rules.findings import Judgement
from tui_app.rules.judging import judge
from tui_app.rules.rule_set import RuleSets
from tui_app.services.care.patient import Patient, reading, vitals_of
from tui_app.services.care.refusals import AmendedAlready
from tui_app.services.care.vitals import Vitals, out_of_range
from tui_app.store.rows import table
from tui_app.store.work import Work

KINDS = ("danger_sign", "severity")
"""What a reading is judged by; eligibility and risk class belong to the entry of a case."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A saved reading. ``alert``: id of the alert it opened, None when it found no danger sign that none had named;
    ``waits``: id of an earlier alert that named its danger signs and that nobody has answered."""

    observation: str
    alert: str | None
    judgement: Judgement
    waits: str | None = None


@dataclass(frozen=True, slots=True)
class Alerted:
    """What alerts of earlier rows have named: the rules, and the latest of them that is open."""

    rules: frozenset[str] = frozenset()
    waits: str | None = None


def judged(one: Patient, vitals: Vitals, at: datetime, sets: RuleSets) -> Judgement:
    """What the sets in force at ``at`` say of a reading."""
    return judge(reading(one, at, vitals), sets, kinds=KINDS)


def record(
    work: Work,
    one: Patient,
    vitals: Vitals,
    at: datetime,
    sets: RuleSets,
    slot: tuple[date, str] | None = None,
) -> Recorded:
    """Write a reading. Raises InvalidFields for values out of range, a moment to come, or when it says nothing."""
    problems = _problems(vitals, sets)
    if to_wire(at) > work.at:
        problems.append(FieldProblem("at", "care.moment_to_come"))
    if slot is not None and slot > slot_of(sets, from_wire(work.at)):
        problems.append(FieldProblem("slot", "care.moment_to_come"))
    if problems:
        raise InvalidFields(problems)
    day, half = slot or slot_of(sets, at)
    fields = {
        "case": one.case.id,
        "person": one.person.id,
        "at": to_wire(at),
        "slot_on": day.isoformat(),
        "slot": half,
    }
    said = judged(one, vitals, at, sets)
    return write(work, one, fields | vitals.fields(), said)


def amend(work: Work, one: Patient, old: Row, vitals: Vitals, reason: str, sets: RuleSets) -> Recorded:
    """Write a row that corrects ``old``: of the same moment and half-day, judged by the sets of that day."""
    if problems := _problems(vitals, sets):
        raise InvalidFields(problems)
    said = judged(one, vitals, from_wire(old.body["at"]), sets)
    fields = correcting(old, reason) | vitals.fields()
    return write(work, one, fields, said, before=alerted(work.connection, old))


def correcting(old: Row, reason: str) -> dict[str, Any]:
    """The fields of a row that corrects ``old`` before it says anything. Raises InvalidFields without a reason."""
    if not reason.strip():
        raise InvalidFields([FieldProblem("amend_reason", "problems.missing")])
    same = ("case", "person", "at", "slot_on", "slot")
    return {name: old.body[name] for name in same} | {"amends": old.id, "amend_reason": reason}


def kept(said: Judgement) -> dict[str, Any]:
    """A judgement as an observation keeps it."""
    return {"findings": [one.kept() for one in said.findings], "missing": list(said.missing)}


def refuse_amended(c: Any, observation: str) -> None:
    """Raises AmendedAlready when a later row corrects this one."""
    if c.execute("SELECT 1 FROM observation WHERE amends = ? AND NOT deleted", (observation,)).fetchone():
        raise AmendedAlready("care.amended_already")


def last_reading(c: Any, case: str) -> tuple[datetime, Vitals] | None:
    """When a case was last looked at and what was found, of the rows that stand; None when it never was."""
    for row in table("observation").where(
        c,
        '"case" = ? AND NOT EXISTS (SELECT 1 FROM observation AS later WHERE later.amends = observation.id'
        " AND NOT later.deleted) ORDER BY at DESC, id DESC",
        (case,),
    ):
        if (vitals := vitals_of(row)).says_something:
            return from_wire(row.body["at"]), vitals
    return None


def rejudge(
    work: Work, one: Patient, reason: str, sets: RuleSets, *, only: str | None = None
) -> Iterator[Recorded]:
    """Judge the standing readings of a case again, or ``only`` this one; rows amend those whose judgement changes."""
    c = work.connection
    asked = ('"case" = ? ORDER BY at, id', (one.case.id,)) if only is None else ("id = ?", (only,))
    for row in list(table("observation").where(c, *asked)):
        vitals = vitals_of(row)
        amended = c.execute(
            "SELECT 1 FROM observation WHERE amends = ? AND NOT deleted", (row.id,)
        ).fetchone()
        if amended or not vitals.says_something:
            continue
        said = judged(one, vitals, from_wire(row.body["at"]), sets)
        if _told(kept(said)["findings"]) != _told(row.body.get("findings") or []):
            yield amend(work, one, row, vitals, reason, sets)


def _problems(vitals: Vitals, sets: RuleSets) -> list[FieldProblem]:
    """Values no patient has, codes no set knows (a slip would be a sign nobody judges), and rows that say nothing."""
    problems = out_of_range(vitals)
    for name in ("symptoms", "signs"):
        unknown = [code for code in getattr(vitals, name) or () if code not in sets.words]
        if unknown:
            problems.append(FieldProblem(name, "care.unknown_code", code=", ".join(unknown)))
    if not vitals.says_something:
        problems.append(FieldProblem("observation", "care.nothing_measured"))
    return problems


def _told(findings: list[dict[str, Any]]) -> list[tuple[tuple[str, str], ...]]:
    return sorted(tuple(sorted((name, repr(value)) for name, value in one.items())) for one in findings)


def slot_of(sets: RuleSets, at: datetime) -> tuple[date, str]:
    """The half-day a moment lies in."""
    found = slots.slot_at(sets, at)
    return found.day, found.slot


def write(
    work: Work,
    one: Patient,
    fields: dict[str, Any],
    said: Judgement,
    *,
    before: Alerted = Alerted(),
    ident: str | None = None,
) -> Recorded:
    """Write an observation with what was said of it, and an alert when a danger sign is one that no alert
    ``before`` named. Raises InvalidFields."""
    observation = work.create("observation", fields | kept(said), place=one.case, ident=ident)
    rules = list(dict.fromkeys(found.rule for found in said.findings if found.kind == "danger_sign"))
    if before.rules.issuperset(rules):
        return Recorded(observation, None, said, before.waits if rules else None)
    alert = {
        "observation": observation,
        "case": one.case.id,
        "person": one.person.id,
        "at": work.at,
        "rules": rules,
        "state": AlertState.OPEN,
    }
    ident = alert_id(observation)
    work.create("alert", alert, place=one.case, ident=ident)
    return Recorded(observation, ident, said)


def alerted(c: Any, row: Row) -> Alerted:
    """What the alerts of a row, or of the rows it corrects, have named."""
    rules: set[str] = set()
    waits: str | None = None
    at: Row | None = row
    while at is not None:
        for alert in table("alert").read(c, [alert_id(at.id)]).values():
            rules |= set(alert.body.get("rules") or ())
            if alert.body.get("state") == AlertState.OPEN:
                waits = waits or alert.id
        before = str(at.body.get("amends") or "")
        at = table("observation").read(c, [before]).get(before) if before else None
    return Alerted(frozenset(rules), waits)
