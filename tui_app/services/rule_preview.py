"""Who would be judged otherwise by a rule set that is about to be installed: every open case by its latest reading."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tui_app.clock import VIETNAM
from tui_app.rules.findings import Judgement, Reading
from tui_app.rules.judging import judge
from tui_app.services import gate
from tui_app.services.rule_offers import check_chief, check_text
from tui_app.services.rule_sets import installed, together

_DATES = ("birth_date", "delivered_on", "last_dose_on", "first_positive_on", "onset_on")
_SAME = (
    *("birth_year", "sex", "temperature_c", "pulse", "respiratory_rate", "spo2", "spo2_repeat"),
    *("spo2_repeat_after", "systolic_bp", "diastolic_bp", "basic_doses"),
)
_ANSWERS = ("pregnant", "self_care", "can_report", "carer_able")


@dataclass(frozen=True, slots=True)
class Change:
    """A case whose latest reading would be judged otherwise. ``before``, ``after``: ``kind:outcome`` or
    ``danger_sign:rule``, only what differs."""

    case: str
    full_name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """``from_day``: the first day judged by the set; ``cases``: how many open cases were looked at; ``counts``: how
    many would change, by kind of finding."""

    rule_set: str
    from_day: date
    cases: int
    changes: tuple[Change, ...]
    counts: Counter[str]


def preview_install(c: Any, text: str, now: datetime) -> Preview:
    """What the set of ``text`` would change from now on, or from its first day when that is later. Nothing is kept.

    Raises BadRuleSet for a text that cannot be used, NotOpened for who may not see names.
    """
    check_chief(c)
    found = check_text(c, text, "")
    before = together(installed(c))
    after = together((*installed(c), (found.id, text)))
    today = now.astimezone(VIETNAM).date()
    day = max(today, found.effective_from)
    at = now if day == today else datetime(day.year, day.month, day.day, 12, tzinfo=VIETNAM)
    changes, counts, cases = [], Counter[str](), 0
    for case, full_name, reading in _latest(c, at):
        cases += 1
        old, new = _said(judge(reading, before)), _said(judge(reading, after))
        if old != new:
            gone, come = sorted(old - new), sorted(new - old)
            changes.append(Change(case, full_name, tuple(gone), tuple(come)))
            counts.update({said.split(":")[0] for said in (*gone, *come)})
    return Preview(found.id, day, cases, tuple(changes), counts)


def _said(judgement: Judgement) -> set[str]:
    """What a judgement says, whichever set says it."""
    found = {
        f"{finding.kind}:{finding.outcome or finding.field}"
        for finding in judgement.findings
        if finding.kind != "measurement"
    }
    return found | {f"unsure:{rule.partition('/')[2]}" for rule in judgement.unsure}


def _latest(c: Any, at: datetime) -> Iterator[tuple[str, str, Reading]]:
    """Each open case with its latest reading that stands, as though it were taken at ``at``."""
    shut = gate.closed(c)
    rows = c.execute(
        "SELECT k.id AS case_id, k.area AS case_area, p.full_name, p.id AS person_id, p.birth_date, p.birth_year,"
        " p.sex, k.pregnant, k.delivered_on, k.basic_doses, k.last_dose_on, k.first_positive_on, k.onset_on,"
        " k.self_care, k.can_report, k.carer_able, o.temperature_c, o.pulse, o.respiratory_rate, o.spo2,"
        " o.spo2_repeat, o.spo2_repeat_after, o.systolic_bp, o.diastolic_bp, o.symptoms, o.signs,"
        " (SELECT json_group_array(condition) FROM person_condition AS d WHERE d.person = p.id AND NOT d.deleted)"
        " AS conditions"
        ' FROM "case" AS k JOIN person AS p ON p.id = k.person JOIN observation AS o ON o.id ='
        ' (SELECT x.id FROM observation AS x WHERE x."case" = k.id AND NOT x.deleted AND x.id NOT IN'
        ' (SELECT y.amends FROM observation AS y WHERE y."case" = k.id AND y.amends IS NOT NULL)'
        " ORDER BY x.at DESC, x.id DESC LIMIT 1)"
        " WHERE NOT k.deleted AND k.ended_on IS NULL ORDER BY p.full_name, k.id"
    )
    for row in rows.fetchall():
        if row["case_area"] not in shut:
            yield str(row["case_id"]), str(row["full_name"]), _reading(row, at)


def _reading(row: Any, at: datetime) -> Reading:
    conditions = frozenset(json.loads(row["conditions"]))
    known: dict[str, Any] = {name: row[name] for name in _SAME}
    known |= {name: None if row[name] is None else date.fromisoformat(row[name]) for name in _DATES}
    known |= {name: None if row[name] is None else bool(row[name]) for name in _ANSWERS}
    return Reading(
        at=at,
        **known,
        symptoms=_codes(row["symptoms"]),
        signs=_codes(row["signs"]),
        conditions=conditions or None,
    )


def _codes(text: str | None) -> frozenset[str] | None:
    found = None if text is None else json.loads(text)
    return None if found is None else frozenset(found)
