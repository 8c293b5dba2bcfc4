"""The twelve months after a recovery: when somebody should be looked at again, and what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.clock import show_date
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.rules.follow_up import due_dates
from tui_app.services import gate
from tui_app.services.access import masked
from tui_app.services.care.refusals import AmendedAlready
from tui_app.services.case_card import follow_up_dates, visits_of
from tui_app.services.rule_sets import rule_sets
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import place_words


@dataclass(frozen=True, slots=True)
class FollowUpLine:
    """A person to be looked at after a recovery. ``due_on``: the earliest due date without a visit; ``late_days``:
    days since then, negative before it."""

    case: str
    person: str
    full_name: str
    phone: str
    address: str
    unit: str
    recovered_on: date
    due_on: date
    late_days: int


def follow_ups_due(c: Any, day: date, *, within_days: int = 7) -> list[FollowUpLine]:
    """Recovered persons whose next due date has come or comes within so many days, the latest first."""
    shut, soon = gate.closed(c), day + timedelta(days=within_days)
    due = {one.case: one for one in checks(c, day) if one.due_on is not None and one.due_on <= soon}
    lines = []
    for row in c.execute(_RECOVERED, (msgspec.json.encode(list(due)).decode(),)):
        if row["area"] in shut:
            continue
        one = due[row["id"]]
        assert one.due_on is not None
        lines.append(
            FollowUpLine(
                case=row["id"],
                person=row["person"],
                full_name=row["full_name"] or "",
                phone=masked(row["phone"]) if row["phone"] else "",
                address=place_words(row["address"], row["alley"]),
                unit=row["unit_name"] or "",
                recovered_on=one.recovered_on,
                due_on=one.due_on,
                late_days=(day - one.due_on).days,
            )
        )
    return sorted(lines, key=lambda line: (line.due_on, line.case))


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of one recovery. ``due_on``: the earliest due date no visit answers, None when all are;
    ``last``: the due date the last visit answered, which was at the wire moment ``last_at``."""

    case: str
    person: str
    recovered_on: date
    due_on: date | None
    last: date | None = None
    last_at: str = ""


def checks(c: Any, day: date, until: str = "9999") -> Iterator[Checks]:
    """Of everybody who recovered within the time checks are due. ``until``: wire moment after which no visit counts.
    The caller asks the gate."""
    sets = rule_sets(c)
    answered: dict[str, dict[str, str]] = defaultdict(dict)
    for case, due_on, at in c.execute(_ANSWERED, (until,)):
        answered[case][due_on or ""] = at
    dates: dict[str, tuple[date, ...]] = {}  # a ward has far fewer days than recoveries
    since = (day - timedelta(days=_A_YEAR)).isoformat()
    for case, person, ended_on in c.execute(_RECOVERIES, (since, day.isoformat())):
        if ended_on not in dates:
            dates[ended_on] = due_dates(sets, date.fromisoformat(ended_on))
        due, done = dates[ended_on], answered.get(case)
        if not done:
            yield Checks(case, person, date.fromisoformat(ended_on), due[0] if due else None)
            continue
        left = next((one for one in due if one.isoformat() not in done), None)
        last, at = max(done.items(), key=lambda pair: pair[1])
        answers = date.fromisoformat(last) if last else None
        yield Checks(case, person, date.fromisoformat(ended_on), left, answers, at)


def record_follow_up(
    store: Store,
    who: str,
    case: str,
    *,
    due_on: date | None = None,
    well: bool | None = None,
    symptoms: Sequence[str] | None = None,
    needs: str = "",
    note: str = "",
) -> str:
    """Save a visit after recovery; ``due_on`` is the due date it answers, the earliest open one when not given.

    ``symptoms``: codes, an empty list when there was none, None when nobody asked. Returns its id. Raises NotFound,
    InvalidFields when the case did not end with a recovery, nothing was asked, a code is not known, or ``due_on`` is
    none of its due dates.
    """
    with store.work(who) as work:
        row, c = work.get("case", case), work.connection
        dates = follow_up_dates(c, row.body)
        if not dates:
            raise InvalidFields([FieldProblem("case", "care.not_recovered")])
        if due_on is not None and due_on not in dates:
            listed = ", ".join(map(show_date, dates))
            raise InvalidFields([FieldProblem("due_on", "care.not_a_due_date", dates=listed)])
        found = {
            "case": case,
            "person": row.body["person"],
            "at": work.at,
            "due_on": due_on or _next_due(c, case, row.body),
            "note": note,
        }
        return work.create("follow_up_visit", found | _said(c, well, symptoms, needs), place=row)


def amend_follow_up(
    store: Store,
    who: str,
    visit: str,
    reason: str,
    *,
    well: bool | None = None,
    symptoms: Sequence[str] | None = None,
    needs: str = "",
    note: str = "",
) -> str:
    """Correct a visit by a new row for the same moment and due date; the reason is kept in its note.

    Returns the new row's id. Raises NotFound, AmendedAlready, InvalidFields as `record_follow_up` and without a
    reason.
    """
    with store.work(who) as work:
        old = _standing(work, visit)
        said = _said(work.connection, well, symptoms, needs)
        return work.create("follow_up_visit", _correcting(old, note, reason) | said, place=old)


def withdraw_follow_up(store: Store, who: str, visit: str, reason: str) -> str:
    """Take a visit back by a correcting row that says nothing: its due date waits again. Returns the new row's id.

    Raises NotFound, AmendedAlready, InvalidFields without a reason.
    """
    with store.work(who) as work:
        old = _standing(work, visit)
        return work.create("follow_up_visit", _correcting(old, "", reason), place=old)


def _standing(work: Work, visit: str) -> Row:
    old = work.get("follow_up_visit", visit)
    if next(iter(table("follow_up_visit").where(work.connection, "amends = ?", (visit,))), None):
        raise AmendedAlready("care.visit_amended")
    return old


def _correcting(old: Row, note: str, reason: str) -> dict[str, Any]:
    if not reason.strip():
        raise InvalidFields([FieldProblem("reason", "problems.missing")])
    same = {name: old.body.get(name) for name in ("case", "person", "at", "due_on")}
    return same | {"amends": old.id, "note": "; ".join(filter(None, (note.strip(), reason.strip())))}


def _said(c: Any, well: bool | None, symptoms: Sequence[str] | None, needs: str) -> dict[str, Any]:
    """What a visit found. Raises InvalidFields when nothing was asked or a code is not known."""
    if well is None and symptoms is None and not needs.strip():
        raise InvalidFields([FieldProblem("well", "care.nothing_measured")])
    unknown = [code for code in symptoms or () if code not in rule_sets(c).words]
    if unknown:
        raise InvalidFields([FieldProblem("symptoms", "care.unknown_code", code=", ".join(unknown))])
    return {"well": well, "symptoms": None if symptoms is None else list(symptoms), "needs": needs}


_A_YEAR = 400  # days: the last due date of twelve months, and time to be late for it
_RECOVERIES = """
SELECT id, person, ended_on FROM "case"
WHERE NOT deleted AND ended_on >= ? AND ended_on <= ? AND outcome = 'recovered'
"""
_ANSWERED = """
SELECT v."case", v.due_on, v.at FROM follow_up_visit AS v WHERE NOT v.deleted AND v.at <= ?1
    AND NOT (v.amends IS NOT NULL AND v.well IS NULL AND v.symptoms IS NULL AND v.needs IS NULL)
    AND NOT EXISTS (SELECT 1 FROM follow_up_visit AS later WHERE later."case" = v."case" AND later.amends = v.id
        AND NOT later.deleted)
"""
_RECOVERED = """
SELECT k.id, k.area, k.person, p.full_name, coalesce(p.phone, h.phone) AS phone, h.address, h.alley, a.unit_name
FROM "case" AS k JOIN person AS p ON p.id = k.person LEFT JOIN household AS h ON h.id = p.household
LEFT JOIN area AS a ON a.id = k.area
WHERE k.id IN (SELECT value FROM json_each(?)) AND NOT p.deleted AND p.died_on IS NULL AND p.moved_on IS NULL
"""


def _next_due(c: Any, case: str, body: Any) -> date | None:
    """The earliest due date no visit answers."""
    answered = {str(row.body.get("due_on")) for row in visits_of(c, case)}
    return next((due for due in follow_up_dates(c, body) if due.isoformat() not in answered), None)
