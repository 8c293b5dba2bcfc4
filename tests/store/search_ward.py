"""A few neighbours, written through the same door as saves and pulls, and what a search finds among them."""

from __future__ import annotations

from typing import Any

import sqlcipher3

from sync.protocol import Row
from tui_app.store import search
from tui_app.store.migrations import migrate
from tui_app.store.rows import RecordRows

ALLEY, HILL = "area-1", "area-2"


class Ward:
    """An empty database with the record and search tables."""

    def __init__(self) -> None:
        self.c: Any = sqlcipher3.connect(":memory:", isolation_level=None)
        self.c.row_factory = sqlcipher3.Row
        migrate(self.c, "2026-11-22T02:00:00.000Z", lambda: None)

    def household(self, ident: str, *, area: str = ALLEY, **fields: Any) -> Row:
        """Save a household."""
        return self._save("household", ident, area, fields)

    def person(
        self, name: str, *, ident: str = "", household: str = "h1", area: str = ALLEY, **fields: Any
    ) -> Row:
        """Save a person; the name is the id unless one is given."""
        return self._save(
            "person", ident or name, area, {"full_name": name, "household": household, **fields}
        )

    def save(self, row: Row) -> None:
        """Write a row as a save or a pull does."""
        RecordRows().upsert(self.c, [row])

    def found(self, query: str, **options: Any) -> list[str]:
        """The ids found, best first."""
        return [hit.id for hit in search.find(self.c, query, **options)]

    def _save(self, type_name: str, ident: str, area: str, fields: dict[str, Any]) -> Row:
        body = {name: value for name, value in fields.items() if value is not None}
        row = Row(type=type_name, id=ident, commune="27211", area=area, seq=0, body=body)
        self.save(row)
        return row
