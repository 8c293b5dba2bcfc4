"""What was given out for a day, and what of the days before is not done; put upon the lines the records make."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tui_app.clock import day_bounds, from_wire
from tui_app.services.cases.board import Standing
from tui_app.services.risk.open_words import open_words
from tui_app.services.roster.deeds import Deeds
from tui_app.services.roster.lines import Reason, RosterLine, worse_of
from tui_app.services.roster.view import View

_GIVEN = """
SELECT id, "on", task, household, person, assigned_to, reason, note, slot, carried_from, done_at, changed_by
FROM assignment WHERE "on" >= ? AND "on" <= ? AND NOT deleted AND withdrawn IS NOT 1 ORDER BY "on", slot, id
"""
_PASSED = "measure"
"""A half-day that has passed is never measured any more: the board says that it is missing."""


def put_given(c: Any, view: View, lines: dict[str, RosterLine]) -> None:
    """Add to ``lines`` (by key) who goes there, and lines for what was given out and has no other reason."""
    first = view.day - view.rules.look_back("undone")
    rows = c.execute(_GIVEN, (first.isoformat(), view.day.isoformat())).fetchall()
    today = [row for row in rows if row["on"] == view.day.isoformat()]
    again = {(row["task"], _subject(row)) for row in today}
    before = [
        row for row in rows if row["on"] < view.day.isoformat() and (row["task"], _subject(row)) not in again
    ]
    deeds = Deeds(c, [_subject(row) for row in rows], day_bounds(first)[0], view.last)
    for row in before:
        if row["task"] != _PASSED:
            _put_undone(view, lines, row, deeds)
    for row in today:
        if not view.half or row["slot"] in (None, "", view.here.slot):
            _put(view, lines, row, deeds)


def _put(view: View, lines: dict[str, RosterLine], row: Any, deeds: Deeds) -> None:
    line = _line(lines, row)
    own = not line.given and not line.reasons
    reason = Reason(
        "given",
        row["carried_from"] or row["on"],
        view.rules.finding("given", "assigned_by", row["changed_by"] or None),
        open_words(row["reason"] or row["note"]),
    )
    # of two half-days the one that goes on says who goes there
    if not line.given or row["slot"] == view.here.slot:
        line.assigned_to, line.slot = row["assigned_to"] or "", row["slot"] or ""
    line.given += (row["id"],)
    line.carried_from = line.carried_from or row["carried_from"] or ""
    if own:
        line.state = _state(view, row, deeds)
        line.reasons.append(reason)
    elif row["reason"] or row["note"]:
        line.reasons.append(reason)
    if line.carried_from and not line.done:
        line.state = worse_of(line.state, Standing.OVERDUE)


def _state(view: View, row: Any, deeds: Deeds) -> Standing:
    at = deeds.done_at(row["task"], _subject(row), row["done_at"])
    return Standing.DONE if at >= view.starts else Standing.DUE


def _put_undone(view: View, lines: dict[str, RosterLine], row: Any, deeds: Deeds) -> None:
    at = deeds.done_at(row["task"], _subject(row), row["done_at"])
    given_on = row["carried_from"] or row["on"]
    if day_bounds(date.fromisoformat(row["on"]))[0] <= at < view.starts:
        return
    line = _line(lines, row)
    if not line.reasons:
        line.state = Standing.DONE if at >= view.starts else Standing.OVERDUE
    elif not line.done:
        line.state = worse_of(line.state, Standing.OVERDUE)
    if line.undone:  # given out on several days: the first says since when, the last who goes there
        line.reasons = [reason for reason in line.reasons if reason.code != "undone"]
        given_on = min(given_on, line.carried_from)
    text = open_words(row["reason"] or row["note"])
    line.reasons.append(Reason("undone", given_on, view.rules.finding("undone", "given_on", given_on), text))
    line.undone += (row["id"],)
    line.carried_from = given_on
    line.assigned_to = row["assigned_to"] or ""


def _line(lines: dict[str, RosterLine], row: Any) -> RosterLine:
    key = f"{row['task']}:{_subject(row)}"
    line = lines.get(key)
    if line is None:
        line = lines[key] = RosterLine(
            row["task"],
            _subject(row),
            Standing.DUE,
            [],
            person=row["person"] or "",
            household=row["household"] or "",
        )
    return line


def _subject(row: Any) -> str:
    return row["person"] or row["household"] or ""


_RETURNED = """
SELECT r.record_type, r.record, r.at, r.returned_to, r.reason, r.changed_by FROM review AS r
WHERE r.decision = 'returned' AND NOT r.deleted AND r.record IS NOT NULL AND r.at <= ?1 AND NOT EXISTS (
    SELECT 1 FROM review AS later WHERE later.record = r.record AND later.record_type = r.record_type
        AND NOT later.deleted AND later.at <= ?1 AND (later.at, later.id) > (r.at, r.id))
"""


def returned(c: Any, view: View) -> Iterable[RosterLine]:
    """Records that were sent back and not touched since, for whoever is to do them again."""
    from tui_app.records import BY_NAME

    for row in c.execute(_RETURNED, (view.last,)).fetchall():
        if row["record_type"] not in BY_NAME:
            continue
        place = _of_record(c, row["record_type"], row["record"])
        if place is None:
            continue
        person, household, changed_at = place
        if row["at"] < changed_at < view.starts:
            continue
        done = changed_at > row["at"]
        late = from_wire(row["at"]) < from_wire(view.starts)
        yield RosterLine(
            "returned",
            row["record"],
            Standing.DONE if done else Standing.OVERDUE if late else Standing.DUE,
            [
                Reason(
                    "returned",
                    row["at"],
                    view.rules.finding("returned", "record_type", row["record_type"]),
                    open_words(row["reason"]),
                )
            ],
            person=person,
            household=household,
            record=row["record"],
            assigned_to=row["returned_to"] or "",
        )


def _of_record(c: Any, record_type: str, record: str) -> tuple[str, str, str] | None:
    """Person, household and the wire moment it or a correction of it was written; None where it is not here."""
    from tui_app.records import BY_NAME
    from tui_app.records.base import own_columns

    fields = own_columns(BY_NAME[record_type])
    names = [f'"{name}"' if name in fields else "NULL" for name in ("person", "household")]
    amended = (
        f'(SELECT max(later.changed_at) FROM "{record_type}" AS later WHERE later.amends = t.id)'
        if "amends" in fields
        else "NULL"
    )
    found = c.execute(
        f'SELECT {names[0]}, {names[1]}, changed_at, {amended} FROM "{record_type}" AS t WHERE id = ? AND NOT deleted',
        (record,),
    ).fetchone()
    if found is None:
        return None
    return found[0] or "", found[1] or "", max(found[2] or "", found[3] or "")
