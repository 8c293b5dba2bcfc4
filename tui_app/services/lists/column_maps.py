"""What the columns of a list mean, kept by a name, so that the next list of the same station is read alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tui_app.clock import to_wire
from tui_app.errors import BadFile, NotFound
from tui_app.intake.listing import read_mapping
from tui_app.intake.plan import PlannedColumn
from tui_app.intake.wordings import normal_title
from tui_app.store.engine import Store

KIND = "columns"


@dataclass(frozen=True, slots=True)
class Meaning:
    """Normal titles and what they are (`wordings.KINDS`). ``strict``: written for this very list, so that a title it
    lacks is a mistake; one kept by name may name more columns than a list has."""

    kinds: dict[str, str]
    strict: bool = True


@dataclass(frozen=True, slots=True)
class KeptMap:
    """A mapping by its name. ``at``: wire moment; ``titles``: as written, with what they are."""

    name: str
    at: str
    who: str
    titles: dict[str, str]


def meaning(c: Any, asked: str) -> Meaning:
    """The mapping of a ``--map`` option: a file, else the one kept under that name. Raises BadFile, NotFound."""
    path = Path(asked)
    if path.exists() or path.suffix == ".toml":
        return Meaning(read_mapping(path))
    found = next((one for one in kept(c) if one.name == asked), None)
    if found is None:
        names = ", ".join(one.name for one in kept(c)) or "–"
        raise NotFound("sheets.no_map", name=asked, names=names)
    return Meaning({normal_title(title): kind for title, kind in found.titles.items()}, strict=False)


def kept(c: Any) -> list[KeptMap]:
    """The mappings of this laptop, by name."""
    found = c.execute("SELECT name, at, who, chosen FROM saved_list WHERE kind = ? ORDER BY name", (KIND,))
    return [KeptMap(name, at, who, msgspec.json.decode(chosen)) for name, at, who, chosen in found]


def keep(store: Store, who: str, name: str, columns: Iterable[PlannedColumn]) -> int:
    """Keep what the columns of a list were read as, under a name; one of that name is replaced. How many columns.

    Raises BadFile for an empty name or a list of which nothing was understood.
    """
    titles = {column.title: column.kind for column in columns if column.kind}
    if not name.strip() or not titles:
        raise BadFile("sheets.nothing_to_keep")
    with store.write() as c:
        _drop(c, name.strip())
        c.execute(
            "INSERT INTO saved_list (kind, name, chosen, at, who) VALUES (?, ?, ?, ?, ?)",
            (KIND, name.strip(), msgspec.json.encode(titles).decode(), to_wire(store.clock()), who),
        )
    return len(titles)


def forget(store: Store, name: str) -> None:
    """Forget a mapping. Raises NotFound."""
    with store.write() as c:
        if not _drop(c, name):
            raise NotFound("sheets.no_map", name=name, names=", ".join(one.name for one in kept(c)) or "–")


def _drop(c: Any, name: str) -> bool:
    gone = c.execute(
        "DELETE FROM saved_list WHERE kind = ? AND name = ? RETURNING id", (KIND, name)
    ).fetchall()
    return bool(gone)
