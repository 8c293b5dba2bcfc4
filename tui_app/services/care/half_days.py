"""Half-days of monitoring that have passed, for questions about another moment."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tui_app.rules import slots
from tui_app.services.judging.rule_sets import rule_sets

_A_MOMENT = timedelta(milliseconds=1)


def last_moment(c: Any, day: date, slot: str | None, now: datetime) -> datetime:
    """The last moment of a half-day, or of the last half-day of a day when ``slot`` is None; now, while it goes on."""
    sets = rule_sets(c)
    here = slots.slot_at(sets, now)
    asked = slot or "pm"
    if (here.day, here.slot) == (day, asked) or (slot is None and here.day == day):
        return now
    return slots.begins(sets, slots.next_slot(sets, slots.SlotAt(day, asked))) - _A_MOMENT
