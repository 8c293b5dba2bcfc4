"""The twelve months after a recovery: when somebody should be looked at again, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tui_app.errors import FieldProblem, InvalidFields
from tui_app.services import gate
from tui_app.services.access import masked
from tui_app.services.case_card import follow_up_dates
from tui_app.store.engine import Store
from tui_app.store.rows import table
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
    shut = gate.closed(c)
    lines = []
    for row in c.execute(_RECOVERED, ((day - timedelta(days=_A_YEAR)).isoformat(),)).fetchall():
        due = _next_due(c, row["id"], {"outcome": row["outcome"], "ended_on": row["ended_on"]})
        if row["area"] in shut or due is None or due > day + timedelta(days=within_days):
            continue
        lines.append(
            FollowUpLine(
                case=row["id"],
                person=row["person"],
                full_name=row["full_name"] or "",
                phone=masked(row["phone"]) if row["phone"] else "",
                address=place_words(row["address"], row["alley"]),
                unit=row["unit_name"] or "",
                recovered_on=date.fromisoformat(row["ended_on"]),
                due_on=due,
                late_days=(day - due).days,
            )
        )
    return sorted(lines, key=lambda line: (line.due_on, line.case))


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

    Returns its id. Raises NotFound, InvalidFields when the case did not end with a recovery or nothing was asked.
    """
    with store.work(who) as work:
        row, c = work.get("case", case), work.connection
        if not follow_up_dates(c, row.body):
            raise InvalidFields([FieldProblem("case", "care.not_recovered")])
        if well is None and symptoms is None and not needs.strip():
            raise InvalidFields([FieldProblem("well", "care.nothing_measured")])
        fields = {
            "case": case,
            "person": row.body["person"],
            "at": work.at,
            "due_on": due_on or _next_due(c, case, row.body),
            "well": well,
            "symptoms": None if symptoms is None else list(symptoms),
            "needs": needs,
            "note": note,
        }
        return work.create("follow_up_visit", fields, place=row)


_A_YEAR = 400  # days: the last due date of twelve months, and time to be late for it
_RECOVERED = """
SELECT k.id, k.area, k.person, k.outcome, k.ended_on, p.full_name, coalesce(p.phone, h.phone) AS phone,
    h.address, h.alley, a.unit_name
FROM "case" AS k JOIN person AS p ON p.id = k.person LEFT JOIN household AS h ON h.id = p.household
LEFT JOIN area AS a ON a.id = k.area
WHERE NOT k.deleted AND k.ended_on >= ? AND k.outcome = 'recovered' AND NOT p.deleted AND p.died_on IS NULL
    AND p.moved_on IS NULL
"""


def _next_due(c: Any, case: str, body: Any) -> date | None:
    """The earliest due date no visit answers."""
    visits = table("follow_up_visit").where(c, '"case" = ?', (case,))
    answered = {str(row.body.get("due_on")) for row in visits}
    return next((due for due in follow_up_dates(c, body) if due.isoformat() not in answered), None)
