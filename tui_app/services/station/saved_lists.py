"""Choices of a list kept by name on this laptop (`saved_list`): what is chosen, never who is on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from tui_app.clock import to_wire
from tui_app.errors import FieldProblem, InvalidFields, NotFound
from tui_app.store.engine import Store
from tui_app.text import clean

NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class SavedList:
    """``chosen``: as the list that uses it understands it; ``at``: wire moment it was kept."""

    id: int
    name: str
    chosen: Mapping[str, Any]
    at: str
    who: str


def keep(store: Store, who: str, kind: str, name: str, chosen: Mapping[str, Any]) -> None:
    """Keep a choice; one of the same name takes its place. Raises InvalidFields for a name that cannot be used."""
    said = clean(name)
    if not said or len(said) > NAME_LENGTH:
        raise InvalidFields([FieldProblem("name", "risk.bad_list_name", most=NAME_LENGTH)])
    with store.write() as c:
        c.execute("DELETE FROM saved_list WHERE kind = ? AND name = ?", (kind, said))
        c.execute(
            "INSERT INTO saved_list (kind, name, chosen, at, who) VALUES (?, ?, ?, ?, ?)",
            (kind, said, msgspec.json.encode(chosen).decode(), to_wire(store.clock()), who),
        )


def saved(c: Any, kind: str) -> list[SavedList]:
    """All kept choices of a kind, the latest first."""
    found = c.execute(
        "SELECT id, name, chosen, at, who FROM saved_list WHERE kind = ? ORDER BY at DESC, id DESC", (kind,)
    )
    return [
        SavedList(ident, name, msgspec.json.decode(text), at, who) for ident, name, text, at, who in found
    ]


def chosen(c: Any, kind: str, name: str) -> Mapping[str, Any]:
    """The choice of this name. Raises NotFound, which says which there are."""
    known = saved(c, kind)
    for one in known:
        if one.name == clean(name):
            return one.chosen
    raise NotFound("risk.no_saved_list", name=name, names=", ".join(one.name for one in known) or "–")


def forget(store: Store, ident: int) -> None:
    """Keep it no longer."""
    with store.write() as c:
        c.execute("DELETE FROM saved_list WHERE id = ?", (ident,))
