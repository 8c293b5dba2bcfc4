"""What the server has said it has: a receipt a change, kept for thirty days; a record's last one, and a day's.

Only what is known is said. A row that carries the server's counter is on the server although its receipt is gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sync import outbox
from tui_app.clock import day_bounds
from tui_app.clock import today as day_of
from tui_app.records import BY_NAME, JOURNALS
from tui_app.services.access import gate
from tui_app.services.people.values import Whose, whose

TAKEN = ("applied", "duplicate", "merged", "conflict")
RESULTS = ("applied", "merged", "conflict", "held", "rejected")


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a record stands with the server.

    ``state``: ``unsent`` (a change waits), ``stopped`` (one was held or rejected), ``sent``, ``never`` (only this
    laptop has it). ``receipt``, ``at``: of the last change with an answer, empty when it is not known any more.
    """

    state: str
    receipt: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One record's changes that got the same answer on a day. ``at``: of the last answer; ``receipts``: one a
    change, oldest first, none for what was held or rejected."""

    type: str
    record: str
    whose: Whose
    result: str
    at: str
    receipts: tuple[str, ...]
    changes: int


@dataclass(frozen=True, slots=True)
class Day:
    """What met the server on a day. ``notes``: notes of access that went along; ``complete``: whether this laptop
    still keeps all receipts of that day."""

    day: date
    deliveries: tuple[Delivery, ...]
    notes: int
    complete: bool

    @property
    def totals(self) -> dict[str, int]:
        """Changes by result."""
        found: Counter[str] = Counter()
        for one in self.deliveries:
            found[one.result] += one.changes
        return {name: found[name] for name in RESULTS}


def standings(c: Any, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Receipt]:
    """How each record (type, id) stands with the server."""
    return {key: standing_of(c, *key) for key in keys}


def standing_of(c: Any, type_name: str, record: str) -> Receipt:
    """How one record stands with the server."""
    states: Counter[str] = Counter()
    receipt = at = ""
    for state, given, answered, settled in c.execute(
        "SELECT state, receipt, answered_at, settled FROM outbox WHERE record = ? AND type = ? ORDER BY n",
        (record, type_name),
    ):
        states["settled" if settled else state] += 1
        if state == "acked" and (answered or "") >= at:
            receipt, at = given or "", answered or ""
    if states["new"] or states["sent"]:
        return Receipt("unsent", receipt, at)
    if states["held"] or states["rejected"]:
        return Receipt("stopped", receipt, at)
    if at or _on_server(c, type_name, record):
        return Receipt("sent", receipt, at)
    return Receipt("never")


def day(c: Any, asked: date, now: date) -> Day:
    """All answers of a calendar day, newest first; records of units that are shut to this user now have no name.
    ``now``: today."""
    start, end = day_bounds(asked)
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    notes = 0
    shut, hidden = gate.closed(c), set()
    for kind, record, area, state, result, receipt, at in c.execute(
        "SELECT type, record, area, state, result, receipt, answered_at FROM outbox"
        " WHERE answered_at >= ? AND answered_at < ? AND state NOT IN ('new', 'sent') ORDER BY answered_at, n",
        (start, end),
    ):
        if kind in JOURNALS:
            notes += 1
            continue
        said = said_result(state, result)
        if area in shut:
            hidden.add((kind, record))
        found.setdefault((kind, record, said), []).append((at, receipt or ""))
    about = whose(c, [(kind, record) for kind, record, _ in found])
    deliveries = [
        Delivery(
            type=kind,
            record=record,
            whose=Whose(code=about[kind, record].code) if (kind, record) in hidden else about[kind, record],
            result=said,
            at=answers[-1][0],
            receipts=tuple(receipt for _, receipt in answers if receipt),
            changes=len(answers),
        )
        for (kind, record, said), answers in found.items()
    ]
    deliveries.sort(key=lambda one: (one.at, one.type, one.record), reverse=True)
    return Day(asked, tuple(deliveries), notes, asked > now - timedelta(days=outbox.KEEP_DAYS))


def said_result(state: str, result: str | None) -> str:
    """One of `RESULTS` for a change that was answered. ``result``: the server's first word on it."""
    return state if state != "acked" else "applied" if result in (None, "", "duplicate") else str(result)


def last_day(c: Any, clock: Any) -> date:
    """Today when something was answered today, else the last day on which something was; today when nothing was."""
    from tui_app.clock import VIETNAM, from_wire

    found = c.execute(
        "SELECT max(answered_at) FROM outbox WHERE state NOT IN ('new', 'sent') AND answered_at IS NOT NULL"
    ).fetchone()[0]
    return from_wire(found).astimezone(VIETNAM).date() if found else day_of(clock)


def _on_server(c: Any, type_name: str, record: str) -> bool:
    if type_name not in BY_NAME:
        return False
    found = c.execute(f'SELECT seq FROM "{type_name}" WHERE id = ?', (record,)).fetchone()
    return found is not None and found[0] > 0
