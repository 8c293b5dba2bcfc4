"""A sweep in a few words, for screens and commands, and its deadline as people type it."""

from __future__ import annotations

import re
from datetime import date, datetime

from tui_app.clock import VIETNAM, from_wire, show_date, show_moment
from tui_app.i18n import t
from tui_app.services.sweeps.sweep_states import SweepHere
from tui_app.services.sweeps.sweeps import Sweep

_CLOCK_FIRST = re.compile(r"(\d{1,2})[:h](\d{2})?\s+(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII).fullmatch


def dates(found: Sweep) -> str:
    """From when to when."""
    if found.ended_on == found.started_on:
        return show_date(found.started_on)
    return f"{show_date(found.started_on)} – {show_date(found.ended_on) if found.ended_on else '…'}"


def due(found: Sweep) -> str:
    """The deadline."""
    return t("sweep.due", at=show_moment(found.due_at)) if found.due_at else t("sweep.no_due")


def state(found: Sweep, day: date) -> str:
    """Called off, to come, running or over."""
    if found.cancelled:
        return t("sweep.is_cancelled")
    if found.runs_on(day):
        return t("sweep.is_running")
    return t("sweep.is_to_come" if day < found.started_on else "sweep.is_over")


def short(found: SweepHere | None) -> str:
    """How far the unit of a door is; empty without a sweep."""
    if found is None:
        return ""
    if found.done is None:
        return t("sweep.head_uncounted")
    return t("sweep.head_short", done=found.done, households=found.households)


def long(found: SweepHere | None) -> str:
    """The sweep's name, how far it is, and how many others run; empty without one."""
    if found is None:
        return ""
    words = t("sweep.head", name=found.name, done=found.done, households=found.households)
    return f"{words} {t('sweep.head_others', count=found.others)}" if found.others else words


def moment_text(moment: str | None) -> str:
    """A wire moment as it would be typed."""
    return from_wire(moment).astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y") if moment else ""


def read_moment(typed: str) -> datetime | None:
    """``10:00 19/08/2021``, ``10h 19/8/2021`` or ISO 8601; without an offset Viet Nam time. None for nothing. Raises
    ValueError."""
    if not typed.strip():
        return None
    if found := _CLOCK_FIRST(typed.strip()):
        hour, minute, day, month, year = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, tzinfo=VIETNAM)
    read = datetime.fromisoformat(typed.strip())
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)
