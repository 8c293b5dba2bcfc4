"""Where a person is named in records that are about somebody or something else: an erasure does not reach them, so
whoever decides has to know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from tui_app.records import BY_NAME
from tui_app.records.base import own_columns
from tui_app.services.people.values import kind_of, whose
from tui_app.services.requests.belongings import Belongings
from tui_app.store.rows import table
from tui_app.store.search_terms import national_phone
from tui_app.text import fold

SHORTEST = 6  # letters of a name or number that is told from other words
_NUMBERS = ("national_id", "citizen_id_old", "insurance_number", "phone")
IDS = frozenset(
    {"amends", "supersedes", "campaign", "record", "test", "dispense", "kept", "merged", "undoes", "subject"}
)
"""Text fields that hold ids."""
_NOT_WORDS = IDS | {"record_type", "seen", "given_name", "slot", "unit", "state", "field"}
_IN_LISTS = ("narrative", "values")
"""Fields whose parts hold words."""
_SKIPPED = frozenset({"area", "access_entry", "erasure", "rule_set", "station_value", "data_request"})
_OWN_NAME = {"person": "full_name"}  # somebody else of that name is not this person


@dataclass(frozen=True, slots=True)
class Mention:
    """A record that names the person. ``about``: whose it is, empty where nobody's; ``fields``: where."""

    type: str
    id: str
    about: str
    fields: tuple[str, ...]


def mentions(c: Any, found: Belongings) -> tuple[Mention, ...]:
    """The records on this laptop, except the person's own, that hold their whole name or one of their numbers; what
    was deleted, and what was said before, is not looked at."""
    wanted = _wanted(c, found)
    if not wanted:
        return ()
    own = set(found.keys)
    hits = [hit for name in BY_NAME if name not in _SKIPPED for hit in _in_type(c, name, wanted)]
    hits = [hit for hit in hits if hit[:2] not in own]
    names = whose(c, [hit[:2] for hit in hits])
    return tuple(Mention(kind, ident, names[kind, ident].name, fields) for kind, ident, fields in hits)


def _wanted(c: Any, found: Belongings) -> tuple[str, ...]:
    """The names, of more than one word, and the numbers, folded."""
    words: set[str] = set()
    for row in table("person").said(c, found.members).values():
        name = fold(str(row.body.get("full_name") or ""))
        words |= {name} if " " in name else set()
        words |= {fold(str(row.body[field])) for field in _NUMBERS if row.body.get(field)}
        if row.body.get("phone"):
            words.add(national_phone(row.body["phone"]))
    return tuple(word for word in words if len(word) >= SHORTEST)


def _in_type(c: Any, type_name: str, wanted: tuple[str, ...]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    fields = _fields(type_name)
    if not fields:
        return
    columns = ", ".join(f'"{field}"' for field in fields)
    said = " OR ".join(f'"{field}" IS NOT NULL' for field in fields)
    for ident, *texts in c.execute(f'SELECT id, {columns} FROM "{type_name}" WHERE NOT deleted AND ({said})'):
        at = tuple(
            field
            for field, text in zip(fields, texts, strict=True)
            if text and any(word in fold(str(text)) for word in wanted)
        )
        if at:
            yield type_name, ident, at


@cache
def _fields(type_name: str) -> tuple[str, ...]:
    return tuple(
        field
        for field in own_columns(BY_NAME[type_name])
        if ((kind_of(type_name, field) == "text" and field not in _NOT_WORDS) or field in _IN_LISTS)
        and field != _OWN_NAME.get(type_name)
    )
