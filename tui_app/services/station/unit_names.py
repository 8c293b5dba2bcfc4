"""What a unit and its commune were called before: papers and reports keep the names of their own day, and people go on
searching by the old ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sync.unit_names import former_places, named_on, place_code
from tui_app.store.rows import table
from tui_app.text import each_begins, fold

__all__ = ["called", "former_names", "former_places", "held_on", "meant", "named_on", "place_code"]


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


def held_on(c: Any, day: date) -> tuple[list[str], list[str]]:
    """The communes and the units this laptop holds, as they were called on a day, by their codes."""
    held = "id IN (SELECT area FROM cursor) ORDER BY commune_name, unit_code, unit_name"
    names = [named_on(row.body, day) for row in table("area").where(c, held)]
    return tuple(  # type: ignore[return-value]
        list(dict.fromkeys(str(one[field]) for one in names if one.get(field)))
        for field in ("commune_name", "unit_name")
    )


def meant(c: Any, query: str) -> list[str]:
    """The units each word of a query begins a word of: of their name or their commune's, an alias, a former name or
    code. Ids, by code."""
    asked = fold(query).split()
    found = []
    for row in table("area").where(c, "1 ORDER BY unit_code, id"):
        texts = [row.body.get("unit_name"), row.body.get("commune_name"), *called(row.body)]
        words = {word for text in texts if text for word in fold(str(text)).split()}
        if asked and each_begins(asked, words):
            found.append(row.id)
    return found
