"""The moment a roster is made for, and what of the rules holds then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from tui_app.clock import VIETNAM, day_bounds, to_wire
from tui_app.rules import slots
from tui_app.rules.roster_rules import RosterRules
from tui_app.rules.rule_set import RuleSets
from tui_app.rules.slots import SlotAt
from tui_app.services.access import gate
from tui_app.services.care.half_days import last_moment
from tui_app.services.judging.rule_sets import rule_sets


@dataclass(frozen=True)
class View:
    """``moment``: that is asked about; ``until``: wire moment after which nothing counts, None where that is now or to
    come; ``here``: the half-day the moment lies in; ``half``: it was asked for that half-day alone; ``shut``: units
    that may not be named now."""

    sets: RuleSets
    moment: datetime
    until: str | None
    here: SlotAt
    half: bool
    shut: frozenset[str]

    @cached_property
    def day(self) -> date:
        """By the calendar of Viet Nam."""
        return self.moment.astimezone(VIETNAM).date()

    @cached_property
    def rules(self) -> RosterRules:
        """The roster's own."""
        return RosterRules(self.sets, self.day)

    @cached_property
    def starts(self) -> str:
        """Wire moment at which the day begins."""
        return day_bounds(self.day)[0]

    @cached_property
    def last(self) -> str:
        """Wire moment after which nothing counts, however far away."""
        return self.until or "9999"


def view_of(c: Any, now: datetime, day: date | None = None, slot: str | None = None) -> View:
    """The view of a day and half-day: now where that goes on, its end where it has passed, its beginning where it is to
    come. Raises NotOpened for a viewer."""
    gate.check_role(c)
    sets = rule_sets(c)
    current = slots.slot_at(sets, now)
    today = now.astimezone(VIETNAM).date()
    asked = SlotAt(day or today, slot or (current.slot if (day or today) == current.day else ""))
    moment, until = now, None
    if not asked.slot:
        asked = SlotAt(asked.day, "pm" if asked.day < today else "am")
    if asked < current:
        moment = last_moment(c, asked.day, asked.slot, now)
        until = to_wire(moment)
    elif asked > current:
        moment = slots.begins(sets, asked)
    return View(sets, moment, until, slots.slot_at(sets, moment), slot is not None, gate.closed(c))
