"""What a unit and its commune were called before: papers and reports keep the names of their own day, and people go on
searching by the old ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sync.unit_names import former_places, named_on, place_code

__all__ = ["called", "former_names", "former_places", "named_on", "place_code"]


def former_names(area: Mapping[str, Any]) -> Iterator[str]:
    """What the unit and its commune were called before, without what they are called now."""
    now = {area.get("unit_name"), area.get("commune_name")}
    for one in area.get("former") or ():
        for name in ("unit_name", "commune_name"):
            if one.get(name) and one[name] not in now:
                yield str(one[name])


def called(area: Mapping[str, Any]) -> list[str]:
    """Every way of calling a unit besides its name: aliases, former names and codes."""
    return list(dict.fromkeys([*(area.get("aliases") or ()), *former_names(area), *former_places(area)]))
