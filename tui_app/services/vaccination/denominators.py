"""Denominators from elsewhere, such as the population database (S0 §IV.3.1): typed in with their source and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from tui_app.clock import to_wire, today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.rules.coverage import goals
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.store.engine import Store
from tui_app.text import clean

KIND = "denominator"


@dataclass(frozen=True, slots=True)
class Denominator:
    """``count``: persons; ``source``: ``denominator_source``, in words; ``as_of``: the day it was true on."""

    count: int
    source: str
    as_of: date


def denominators(c: Any) -> dict[str, Denominator]:
    """Key of a target -> the denominator that was typed in last."""
    found = c.execute("SELECT name, chosen FROM saved_list WHERE kind = ? ORDER BY id", (KIND,))
    answer: dict[str, Denominator] = {}
    for name, chosen in found:
        kept = msgspec.json.decode(chosen)
        answer[name] = Denominator(kept["count"], kept["source"], date.fromisoformat(kept["as_of"]))
    return answer


def type_in(store: Store, who: str, goal: str, count: int, source: str, as_of: date) -> None:
    """Keep a denominator for a target of a plan, by its key. Raises InvalidFields for nobody, no source, a day to come
    or a target that no plan has; NotOpened."""
    day, source = today(store.clock), clean(source)
    problems = [FieldProblem("denominator", "coverage.no_count")] if count <= 0 else []
    if not source:
        problems.append(FieldProblem("denominator_source", "problems.missing"))
    if as_of > day:
        problems.append(FieldProblem("as_of", "problems.day_to_come"))
    with store.write() as c:
        gate.check_role(c)
        if goal not in {one.key for one in goals(rule_sets(c), max(day, as_of))}:
            problems.append(FieldProblem("goal", "coverage.no_goal"))
        if problems:
            raise InvalidFields(problems)
        _forget(c, goal)
        chosen = msgspec.json.encode({"count": count, "source": source, "as_of": as_of.isoformat()}).decode()
        c.execute(
            "INSERT INTO saved_list (kind, name, chosen, at, who) VALUES (?, ?, ?, ?, ?)",
            (KIND, goal, chosen, to_wire(store.clock()), who),
        )


def take_away(store: Store, goal: str) -> bool:
    """Forget the denominator of a target; returns whether there was one."""
    with store.write() as c:
        return _forget(c, goal)


def _forget(c: Any, goal: str) -> bool:
    return bool(c.execute("DELETE FROM saved_list WHERE kind = ? AND name = ?", (KIND, goal)).rowcount)
