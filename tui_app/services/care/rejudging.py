"""Judging anew what rested on a wrong birth date, sex, list of conditions or value: in the save that corrects it."""

from __future__ import annotations

from collections.abc import Collection

from tui_app.services.care import entry
from tui_app.services.care.known import DAY_FIELDS
from tui_app.services.care.opening import FACTS
from tui_app.services.care.patient import JUDGED, patient
from tui_app.services.care.recording import Recorded
from tui_app.services.care.recording import rejudge as rejudge_readings
from tui_app.services.care.vitals import MEASURED
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.store.rows import table
from tui_app.store.work import Work

REASONS = ("birth_date", "sex", "conditions")
"""Why a reading was judged again: the field that was wrong."""
READING = "reading"
"""The same, where the reading itself was."""


def corrected(work: Work, person: str, fields: Collection[str]) -> list[Recorded]:
    """Judge a person's open case again when fields a judgement rests on were changed in this save; else do nothing.

    ``fields``: of a person, or ``conditions`` for the list of them.
    """
    meant = {"birth_date" if name == "birth_year" else name for name in fields}
    reason = next((name for name in REASONS if name in meant), None)
    return rejudge(work, person, reason) if reason else []


def decided(work: Work, type_name: str, record: str, field: str) -> list[Recorded]:
    """Judge again after a person decided between values of a field that a judgement rests on."""
    if type_name == "person" and field in JUDGED:
        return corrected(work, record, {field})
    if type_name == "case" and field in (*FACTS, *DAY_FIELDS):
        return rejudge_case(work, record, field)
    if type_name == "observation" and field in (*MEASURED, "symptoms", "signs"):
        return _reading(work, record)
    row = work.find(type_name, record) if type_name == "person_condition" else None
    return corrected(work, str(row.body.get("person")), {"conditions"}) if row else []


def _reading(work: Work, observation: str) -> list[Recorded]:
    """Judge one reading again, of an ended case too: what it says was decided just now."""
    case = work.find("case", str(work.get("observation", observation).body.get("case")))
    if case is None or case.deleted:
        return []
    work.flush()
    c = work.connection
    return list(rejudge_readings(work, patient(c, case), READING, rule_sets(c), only=observation))


def rejudge(work: Work, person: str, reason: str) -> list[Recorded]:
    """Judge the readings and the entry of a person's open case again, each by the sets of its day.

    ``reason``: the field that was wrong; it is kept with every row that amends one. What was changed before in the
    same save counts.
    """
    cases = list(table("case").where(work.connection, "person = ? AND ended_on IS NULL", (person,)))
    return [again for case in cases for again in rejudge_case(work, case.id, reason)]


def rejudge_case(work: Work, case: str, reason: str) -> list[Recorded]:
    """Judge the readings and the entry of one case again, as `rejudge` does, whether it has ended or not."""
    work.flush()
    c = work.connection
    one, sets = patient(c, work.get("case", case)), rule_sets(c)
    found = list(rejudge_readings(work, one, reason, sets))
    entry.rejudge(work, one, reason, sets)
    return found
