"""What is asked at entry and answered or corrected later: kept with the case, which is judged again by the sets of
its first day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.services.care import entry
from tui_app.services.care.known import DAY_FIELDS
from tui_app.services.care.opening import FACTS, refuse_days
from tui_app.services.care.refusals import CaseClosed
from tui_app.services.care.rejudging import rejudge_case
from tui_app.services.people.cards import live_row
from tui_app.store.engine import Store


def answer_entry(store: Store, who: str, case: str, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Keep answers for `FACTS` and judge the entry and the readings again, in one save; returns what changed.

    A grade or class that a person took over stays. Raises NotFound, NotOpened, CaseClosed, InvalidFields when nothing
    is new or a day has not come.
    """
    with store.work(who) as work:
        row = live_row(work.connection, "case", case)
        if row.body.get("ended_on"):
            raise CaseClosed("care.case_closed")
        told = {name: facts[name] for name in FACTS if name in facts}
        days = {name: value for name, value in told.items() if isinstance(value, date)}
        refuse_days(today(store.clock), **days)
        new = {name: value for name, value in told.items() if _wire(value) != row.body.get(name)}
        if not new:
            raise InvalidFields([FieldProblem(next(iter(told), FACTS[0]), "care.no_change")])
        work.change("case", case, new)
        rejudge_case(work, case, next(iter(new)))
    return tuple(new)


def correct_days(
    store: Store, who: str, case: str, days: Mapping[str, date | None], reason: str
) -> tuple[str, ...]:
    """Correct the first positive day or the day of onset, of an ended case too, and judge the case again: the number
    of the day and the end of isolation count from them. ``days``: by field, None where there is none.

    Returns the ids of the events that say so. Raises NotFound, NotOpened, InvalidFields without a reason, when nothing
    is new, or for a day to come or after the end.
    """
    with store.work(who) as work:
        row, day = live_row(work.connection, "case", case), today(store.clock)
        told = {name: days[name] for name in DAY_FIELDS if name in days}
        new = {name: value for name, value in told.items() if _wire(value) != row.body.get(name)}
        if not reason.strip():
            raise InvalidFields([FieldProblem("reason", "problems.missing")])
        refuse_days(day, **new)
        _refuse_after_end(row.body.get("ended_on"), new)
        if not new:
            raise InvalidFields([FieldProblem(next(iter(told), "first_positive_on"), "care.no_change")])
        work.change("case", case, new)
        events = [
            entry.event(
                work,
                row,
                DAY_FIELDS[name],
                on=day,
                was=row.body.get(name),
                became=_wire(value),
                reason=reason,
            )
            for name, value in new.items()
        ]
        rejudge_case(work, case, next(iter(new)))
    return tuple(events)


def _refuse_after_end(ended_on: str | None, days: Mapping[str, date | None]) -> None:
    late = [name for name, on in days.items() if ended_on and on and on.isoformat() > ended_on]
    if late:
        raise InvalidFields([FieldProblem(name, "care.after_end") for name in late])


def _wire(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
