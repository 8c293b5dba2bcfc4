"""What the house looks at besides the documents: who gets worse between two readings, when an alert is late, and when
a drug handed out day by day is one treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSets
from tui_app.rules.set_checks import SEVERITY

_GRADES = SEVERITY[::-1]  # from the mildest


@dataclass(frozen=True, slots=True)
class Seen:
    """A reading as far as it is compared. ``spo2``: percent, None when it was not measured."""

    findings: tuple[Finding, ...]
    spo2: int | None = None


def late_after(sets: RuleSets, day: date) -> timedelta | None:
    """How long an alert may stand without an answer on a day; None where no set says."""
    held = sets.part("attention", day)
    return timedelta(minutes=held.attention[0].alert_late_minutes) if held else None


def one_treatment(sets: RuleSets, day: date) -> timedelta | None:
    """How long after a giving the same drug goes on with one treatment; None where no set says."""
    held = sets.part("attention", day)
    days = held.attention[0].one_treatment_days if held else None
    return None if days is None else timedelta(days=days)


def worse(sets: RuleSets, day: date, seen: Sequence[Seen]) -> tuple[Finding, ...]:
    """Why the last of these readings (oldest first) is worse than what was seen before it; empty when it is not.

    A danger sign the reading before did not have; a graver grade, or an SpO2 lower by what the house set of ``day``
    says, than at the last reading before it that had one. What was not measured is compared with nothing.
    """
    if not seen:
        return ()
    *before, last = seen
    known = _rules(before[-1]) if before else frozenset()
    found = [one for one in last.findings if one.kind == "danger_sign" and one.rule not in known]
    graver = _graver(before, last)
    return (*found, *graver, *_fallen(sets, day, before, last))


def grade_of(findings: Sequence[Finding]) -> Finding | None:
    """The gravest severity grade among findings."""
    graded = [one for one in findings if one.kind == "severity" and one.outcome in _GRADES]
    return max(graded, key=lambda one: _GRADES.index(one.outcome), default=None)


def _rules(seen: Seen) -> frozenset[str]:
    return frozenset(one.rule for one in seen.findings if one.kind == "danger_sign")


def _graver(before: Sequence[Seen], last: Seen) -> tuple[Finding, ...]:
    now = grade_of(last.findings)
    then = next((grade for one in reversed(before) if (grade := grade_of(one.findings))), None)
    if now is None or then is None or _GRADES.index(now.outcome) <= _GRADES.index(then.outcome):
        return ()
    return (now,)


def _fallen(sets: RuleSets, day: date, before: Sequence[Seen], last: Seen) -> tuple[Finding, ...]:
    held = sets.part("attention", day)
    then = next((one.spo2 for one in reversed(before) if one.spo2 is not None), None)
    if held is None or last.spo2 is None or then is None:
        return ()
    rule = held.attention[0]
    if then - last.spo2 < rule.spo2_fall:
        return ()
    return (
        Finding(
            kind="worse",
            rule=rule.id,
            rule_set=held.id,
            field="spo2",
            value=last.spo2,
            limit=f"≤ {then} − {rule.spo2_fall}",
            verified=held.sure(rule),
        ),
    )
