"""What a unit and its commune were called on a day, as its `area` record tells: communes are merged, codes change and
are given to others (rules §3.7), and the old names stay in ``former``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

NAMES = ("commune_code", "commune_name", "unit_code", "unit_name")


def named_on(area: Mapping[str, Any], day: date | str | None) -> dict[str, Any]:
    """An area's fields with the names that were in force on ``day``; those of now for None or a day no former name
    covers. ``day``: a date, or text that begins with one."""
    fields = dict(area)
    if day is None:
        return fields
    on = day.isoformat() if isinstance(day, date) else day[:10]
    fitting = [
        one
        for one in area.get("former") or ()
        if on <= (one.get("valid_to") or "9999") and on >= (one.get("valid_from") or "")
    ]
    if fitting:
        first = min(fitting, key=lambda one: one.get("valid_to") or "9999")
        fields |= {name: first.get(name) for name in NAMES}
    return fields


def place_code(area: Mapping[str, Any]) -> str:
    """``27211/01``: how operators write a unit."""
    return f"{area.get('commune_code', '')}/{area.get('unit_code', '')}"


def former_places(area: Mapping[str, Any]) -> Iterator[str]:
    """The codes a unit had before, the latest first."""
    now = place_code(area)
    for one in reversed(area.get("former") or ()):
        if place_code(one) != now:
            yield place_code(one)


def day_before(day: str) -> str:
    """The day before one, both ``2025-07-01``."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def day_after(day: str) -> str:
    """The day after one."""
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def until(area: Mapping[str, Any], effective: str) -> Mapping[str, Any] | None:
    """The names that ended the day before ``effective``: there once the unit was given new ones on that day."""
    last = day_before(effective)
    return next((one for one in area.get("former") or () if one.get("valid_to") == last), None)
