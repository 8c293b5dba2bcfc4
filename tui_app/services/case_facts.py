"""What is asked at entry and answered later: kept with the case, which is judged again by the sets of its first day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.services.cards import live_row
from tui_app.services.care.opening import FACTS, refuse_days
from tui_app.services.care.refusals import CaseClosed
from tui_app.services.care.rejudging import rejudge
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
        work.flush()  # the judgement reads the case anew
        rejudge(work, str(row.body["person"]), next(iter(new)))
    return tuple(new)


def _wire(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
