"""What a unit and its commune were called on a day: communes are merged and their codes change (rules §3.7), papers and
reports keep the names of their own day, and people go on searching by the old ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
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


def former_names(area: Mapping[str, Any]) -> Iterator[str]:
    """What the unit and its commune were called before, without what they are called now."""
    now = {area.get("unit_name"), area.get("commune_name")}
    for one in area.get("former") or ():
        for name in ("unit_name", "commune_name"):
            if one.get(name) and one[name] not in now:
                yield str(one[name])


def place_codes(area: Mapping[str, Any]) -> Iterator[str]:
    """The codes of the unit as operators write them (``27211/01``): the present one first, then former ones, the latest
    first."""
    for one in (area, *reversed(area.get("former") or ())):
        if one.get("commune_code") and one.get("unit_code"):
            yield f"{one['commune_code']}/{one['unit_code']}"
