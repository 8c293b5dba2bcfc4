"""The half-days of monitoring: which one a moment belongs to, and when its readings are due and overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tui_app.rules.findings import Finding
from tui_app.rules.readings import VIETNAM
from tui_app.rules.rule_set import RuleSet, RuleSets
from tui_app.rules.set_parts import SlotTimes


@dataclass(frozen=True, slots=True, order=True)
class SlotAt:
    """A half-day. ``slot``: am or pm; they sort by time."""

    day: date
    slot: str


def slot_at(sets: RuleSets, moment: datetime) -> SlotAt:
    """The half-day an aware moment belongs to, in Viet Nam time."""
    local = moment.astimezone(VIETNAM)
    times = _times(sets, local.date())
    begun = [one for one in times if one.starts <= local.time()]
    if begun:
        return SlotAt(local.date(), begun[-1].slot)
    return SlotAt(local.date() - timedelta(days=1), times[-1].slot)


def bounds(sets: RuleSets, day: date, slot: str) -> tuple[datetime, datetime, datetime]:
    """When the round of a half-day opens, when its readings are due and from when on they are overdue; aware."""
    found = next(one for one in _times(sets, day) if one.slot == slot)
    return tuple(_moment(day, at) for at in (found.opens, found.due, found.overdue))  # type: ignore[return-value]


def begins(sets: RuleSets, at: SlotAt) -> datetime:
    """The first moment that belongs to a half-day; aware."""
    found = next(one for one in _times(sets, at.day) if one.slot == at.slot)
    return _moment(at.day, found.starts)


def next_slot(sets: RuleSets, at: SlotAt) -> SlotAt:
    """The half-day after."""
    names = [one.slot for one in _times(sets, at.day)]
    place = names.index(at.slot)  # type: ignore[arg-type]
    if place + 1 < len(names):
        return SlotAt(at.day, names[place + 1])
    tomorrow = at.day + timedelta(days=1)
    return SlotAt(tomorrow, _times(sets, tomorrow)[0].slot)


def previous_slot(sets: RuleSets, at: SlotAt) -> SlotAt:
    """The half-day before."""
    names = [one.slot for one in _times(sets, at.day)]
    place = names.index(at.slot)  # type: ignore[arg-type]
    if place:
        return SlotAt(at.day, names[place - 1])
    yesterday = at.day - timedelta(days=1)
    return SlotAt(yesterday, _times(sets, yesterday)[-1].slot)


def due_finding(sets: RuleSets, at: SlotAt, last: SlotAt | None) -> Finding:
    """That a reading belongs to a half-day, by the set that says when it is due. ``last``: half-day of the last one."""
    one = _set(sets, at.day)
    times = next(found for found in one.slot if found.slot == at.slot)
    return Finding(
        kind="slot",
        rule=at.slot,
        rule_set=one.id,
        field="last_reading",
        value=None if last is None else {"slot_on": last.day.isoformat(), "slot": last.slot},
        limit=f"{times.due:%H:%M}–{times.overdue:%H:%M}",
        verified=one.sure(times),
    )


def _set(sets: RuleSets, day: date) -> RuleSet:
    """The set that says when half-days are; the oldest one before any is in force, so that every moment has one."""
    found = sets.part("slots", day)
    if found is None:
        found = min(
            (held.rule_set for held in sets.held if held.subject == "slots"),
            key=lambda one: one.effective_from,
        )
    return found


def _times(sets: RuleSets, day: date) -> list[SlotTimes]:
    """The half-days of a day in order."""
    return sorted(_set(sets, day).slot, key=lambda one: one.starts)


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=VIETNAM)
