"""Who would be judged otherwise by a rule set that is about to be installed: every open case by its latest reading."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM
from tui_app.rules.findings import Judgement, Reading
from tui_app.rules.judging import judge
from tui_app.rules.rule_set import RuleSets
from tui_app.services.access import gate
from tui_app.services.care.patient import patient, reading, vitals_of
from tui_app.services.care.releasing import release_of
from tui_app.services.judging.rule_offers import check_chief, check_text
from tui_app.services.judging.rule_sets import fitting, installed, together
from tui_app.store.rows import table


@dataclass(frozen=True, slots=True)
class Change:
    """A case that would be judged otherwise, by its latest reading or its end. ``before``, ``after``: ``kind:outcome``,
    ``danger_sign:field``, ``unsure:rule`` or ``release:`` with the earliest day, only what differs."""

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
    used = fitting(installed(c))
    before, after = together(used), together((*used, (found.id, text)))
    today = now.astimezone(VIETNAM).date()
    day = max(today, found.effective_from)
    at = now if day == today else datetime(day.year, day.month, day.day, 12, tzinfo=VIETNAM)
    changes, counts, cases = [], Counter[str](), 0
    for case, full_name, latest in _latest(c, at):
        cases += 1
        old, new = (_said(judge(latest, sets)) | _end(c, case, day, sets) for sets in (before, after))
        if old != new:
            gone, come = sorted(old - new), sorted(new - old)
            changes.append(Change(case.id, full_name, tuple(gone), tuple(come)))
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


def _end(c: Any, case: Row, day: date, sets: RuleSets) -> set[str]:
    """When the isolation of a case may end, whichever set says it."""
    earliest = release_of(c, case, day, sets).earliest
    return set() if earliest is None else {f"release:{earliest.isoformat()}"}


_LAST = """
SELECT id FROM (
    SELECT o.id, row_number() OVER (PARTITION BY o."case" ORDER BY o.at DESC, o.id DESC) AS place
    FROM observation AS o
    WHERE o."case" IN (SELECT value FROM json_each(?)) AND NOT o.deleted AND NOT EXISTS (
        SELECT 1 FROM observation AS later WHERE later.amends = o.id AND NOT later.deleted)
    AND coalesce(o.temperature_c, o.pulse, o.respiratory_rate, o.spo2, o.spo2_repeat, o.systolic_bp,
        o.diastolic_bp, o.symptoms, o.signs) IS NOT NULL)
WHERE place = 1"""


def _latest(c: Any, at: datetime) -> Iterator[tuple[Row, str, Reading]]:
    """Each open case with its latest reading that stands and says something, as though it were taken at ``at``."""
    shut = gate.closed(c)
    cases = {row.id: row for row in table("case").where(c, "ended_on IS NULL") if row.area not in shut}
    ids = [ident for (ident,) in c.execute(_LAST, (json.dumps(list(cases)),))]
    persons = table("person").read(c, [str(row.body.get("person")) for row in cases.values()])
    for observation in table("observation").read(c, ids).values():
        case = cases[str(observation.body["case"])]
        who = persons.get(str(case.body.get("person")))
        if who is not None:
            said = reading(patient(c, case, who), at, vitals_of(observation))
            yield case, str(who.body.get("full_name")), said
