"""Finding the unit (thôn, tổ, khu phố) that a list or a person means, among those this laptop holds."""

from __future__ import annotations

import re
from typing import Any

from sync.protocol import Row
from tui_app.errors import NotFound
from tui_app.store.rows import table
from tui_app.text import fold, words


class Units:
    """The units of this laptop by every way of writing them.

    ``default``: id, code or name of the unit for rows that name none; the only unit is the default by itself.
    ``without``: an area to leave out. Raises NotFound when there is no unit, or none called ``default``.
    """

    def __init__(self, c: Any, default: str | None = None, *, without: str = "") -> None:
        found = table("area").where(c, "id <> ?", (without,))
        self._rows = sorted(found, key=lambda row: str(row.body.get("unit_code", "")))
        self._by_name: dict[str, Row] = {}
        for row in self._rows:
            body = row.body
            code = body.get("unit_code")
            names = [
                body.get("unit_name"),
                row.id,
                code,
                f"{body.get('commune_code')}/{code}",
                *body.get("aliases", []),
            ]
            for name in filter(None, names):
                self._by_name.setdefault(_plain(name), row)
        if not self._rows:
            raise NotFound("errors.no_area")
        self.default = self._rows[0] if len(self._rows) == 1 else None
        if default is not None:
            self.default = self._by_name.get(_plain(default))
            if self.default is None:
                raise NotFound("batch.no_such_unit", unit=default, units=self.names)

    @property
    def names(self) -> str:
        """All units, for a message."""
        return ", ".join(str(row.body.get("unit_name", row.id)) for row in self._rows)

    def named(self, text: str | None) -> Row | None:
        """The unit meant by ``text`` ("Tổ 3, Khu phố 2": any part that names one), else the default, else None.

        A text that names only units we do not have gives None even when there is a default, unless there is one unit
        in all: rows of another team's unit must not slip into ours.
        """
        parts = [part for part in re.split(r"[,;–-]", text or "") if part.strip()]
        for part in parts:
            found = self._by_name.get(_plain(part))
            if found is not None:
                return found
        return self.default if not parts or len(self._rows) == 1 else None


def _plain(name: str) -> str:
    return " ".join(word.lstrip("0") or word for word in words(fold(name)))
