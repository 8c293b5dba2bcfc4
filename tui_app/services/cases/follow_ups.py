"""The twelve months after a recovery: when somebody should be looked at again, and what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec

from sync.protocol import Row
from tui_app.clock import show_date
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.rules.follow_up import due_dates
from tui_app.rules.rule_set import RuleSets
from tui_app.services.access import gate
from tui_app.services.access.access import masked
from tui_app.services.care.refusals import AmendedAlready
from tui_app.services.cases.case_card import follow_up_dates, visits_of
from tui_app.services.judging.rule_sets import rule_sets
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
                recovered_on=date.fromisoformat(one.recovered_on),
                due_on=one.due_on,
                late_days=(day - one.due_on).days,
            )
        )
    return sorted(lines, key=lambda line: (line.due_on, line.case))


class Checks(NamedTuple):
    """The checks of one recovery. ``recovered_on``: ISO day; ``due_on``: the earliest due date no visit answers, None
    when all are answered; ``come``: the latest of those that have come; ``last``: the due date (ISO day) that the last
    visit answered, at the wire moment ``last_at``; both empty where there was none."""

    case: str
    person: str
    recovered_on: str
    due_on: date | None
    come: date | None = None
    last: str = ""
    last_at: str = ""


def checks(
    c: Any, day: date, until: str = "9999", *, come_within: timedelta | None = None, seen_since: str = ""
) -> Iterator[Checks]:
    """Of everybody who recovered within the time checks are due. ``until``: wire moment after which no visit counts.
    ``come_within``: at least those for whom a due date has come so long ago at most, and those who were seen from the
    wire moment ``seen_since`` on. The caller asks the gate."""
    sets = rule_sets(c)
    days = None if come_within is None else _recovered_then(sets, day - come_within, day)
    left: dict[
        tuple[str, str], tuple[date | None, date | None]
    ] = {}  # a ward has far fewer days than recoveries
    since = (day - timedelta(days=_A_YEAR)).isoformat()
    for case, person, ended_on, corrected, answered, last in c.execute(
        _CHECKS, (since, day.isoformat(), until, days, seen_since)
    ):
        if corrected:
            answered, last = _standing_checks(c, case, until)
        known = (ended_on, answered or "")
        if known not in left:
            done = frozenset(known[1].split(","))
            dates = due_dates(sets, date.fromisoformat(ended_on))
            open_ones = [due for due in dates if due.isoformat() not in done]
            come = [due for due in open_ones if due <= day]
            left[known] = (open_ones[0] if open_ones else None, come[-1] if come else None)
        at, _, due_on = (last or "").partition("|")
        yield Checks(case, person, ended_on, *left[known], due_on, at)


def _recovered_then(sets: RuleSets, first: date, last: date) -> str:
    """The days of recovery with a due date from ``first`` to ``last``, as a JSON list of ISO days."""
    every = (last - timedelta(days=back) for back in range(_A_YEAR + 1))
    found = [day.isoformat() for day in every if any(first <= due <= last for due in due_dates(sets, day))]
    return msgspec.json.encode(found).decode()


def _standing_checks(c: Any, case: str, until: str) -> tuple[str, str]:
    """The same of a case of which a visit was corrected or taken back."""
    visits = [row.body for row in visits_of(c, case) if str(row.body.get("at")) <= until]
    last = max((f"{one.get('at')}|{one.get('due_on') or ''}" for one in visits), default="")
    return ",".join(str(one.get("due_on")) for one in visits), last


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
_CHECKS = """
WITH answered AS MATERIALIZED (
    SELECT "case", max(amends IS NOT NULL) AS corrected, group_concat(due_on) AS due,
        max(at || '|' || coalesce(due_on, '')) AS last FROM follow_up_visit WHERE NOT deleted AND at <= ?3
    GROUP BY "case")
SELECT k.id, k.person, k.ended_on, a.corrected, a.due, a.last
FROM "case" AS k LEFT JOIN answered AS a ON a."case" = k.id
WHERE NOT k.deleted AND k.ended_on >= ?1 AND k.ended_on <= ?2 AND k.outcome = 'recovered'
    AND (?4 IS NULL OR k.ended_on IN (SELECT value FROM json_each(?4)) OR a.last >= ?5)
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
