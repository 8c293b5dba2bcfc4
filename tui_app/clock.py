"""Time and identifiers, handed to whoever needs them so that tests and rehearsals can pin both.

Inside: aware datetimes in UTC. Outside (screens, papers, "today"): Viet Nam time, which is UTC+7 all year
(no daylight saving), so no time-zone data has to be installed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")

Clock = Callable[[], datetime]
NewId = Callable[[], str]


def system_clock() -> datetime:
    """Now, aware, UTC."""
    return datetime.now(UTC)


def pinned_clock(moment: datetime) -> Clock:
    """A clock that always tells ``moment``. A naive moment is taken as Viet Nam time."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=VIETNAM)
    moment = moment.astimezone(UTC)
    return lambda: moment


def clock_from_environment() -> Clock:
    """The system clock, or the one pinned by ``GONHA_NOW`` (ISO 8601). Raises ValueError on other text."""
    pinned = os.environ.get("GONHA_NOW")
    return pinned_clock(datetime.fromisoformat(pinned)) if pinned else system_clock


def is_rehearsal() -> bool:
    """Whether ``GONHA_NOW`` pins the clock, so that what the laptop learns about time would be made up."""
    return bool(os.environ.get("GONHA_NOW"))


def today(clock: Clock) -> date:
    """The calendar day in Viet Nam."""
    return clock().astimezone(VIETNAM).date()


def to_wire(moment: datetime) -> str:
    """``2026-11-22T09:05:00.123Z``: UTC, milliseconds, sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_wire(text: str) -> datetime:
    """The aware moment written by `to_wire` (any ISO 8601 with an offset). Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset")
    return moment.astimezone(UTC)


def day_bounds(day: date) -> tuple[str, str]:
    """Start (included) and end (excluded) of a Viet Nam calendar day, in `to_wire` form."""
    start = datetime(day.year, day.month, day.day, tzinfo=VIETNAM)
    return to_wire(start), to_wire(start + timedelta(days=1))


def new_id() -> str:
    """A UUIDv7: sorts by the time it was made."""
    import uuid_utils

    return str(uuid_utils.uuid7())


def show_date(day: date | str | None) -> str:
    """dd/mm/yyyy for people; an unknown date is shown as such, never as a blank that looks like a zero."""
    if day is None or day == "":
        return "?"
    if isinstance(day, str):
        day = date.fromisoformat(day)
    return day.strftime("%d/%m/%Y")


def show_time(moment: datetime | str) -> str:
    """HH:MM in Viet Nam time."""
    if isinstance(moment, str):
        moment = from_wire(moment)
    return moment.astimezone(VIETNAM).strftime("%H:%M")


def show_moment(moment: datetime | str) -> str:
    """dd/mm/yyyy HH:MM in Viet Nam time."""
    if isinstance(moment, str):
        moment = from_wire(moment)
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
