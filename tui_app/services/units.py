"""Finding the unit (thôn, tổ, khu phố) that a list or a person means, among those this laptop holds."""

from __future__ import annotations

from typing import Any

from sync.outbox import MISSING
from sync.protocol import Row
from tui_app.errors import NotFound
from tui_app.intake.address import UnitIndex
from tui_app.store.rows import table


class Units:
    """The units of this laptop by every way of writing them.

    ``default``: the unit for rows that name none; the only unit is the default by itself. ``without``: an area to
    leave out. Raises NotFound when there is no unit, or none called ``default``.
    """

    def __init__(self, c: Any, default: str | None = None, *, without: str = "") -> None:
        rows = _shared(c, list(table("area").where(c, "id <> ? ORDER BY unit_code, id", (without,))))
        self._by_id = {row.id: row for row in rows}
        self._index = UnitIndex(
            (r.id, r.body.get("unit_code"), r.body.get("unit_name"), r.body.get("aliases", ())) for r in rows
        )
        if not rows:
            raise NotFound("errors.no_area")
        self.default = rows[0] if len(rows) == 1 else None
        if default is not None:
            self.default = self._meant(default)
            if self.default is None:
                raise NotFound("batch.no_such_unit", unit=default, units=self.names)

    @property
    def ids(self) -> list[str]:
        """All units, by their code."""
        return list(self._by_id)

    @property
    def names(self) -> str:
        """All units, for a message."""
        return ", ".join(str(row.body.get("unit_name", row.id)) for row in self._by_id.values())

    def named(self, text: str | None) -> Row | None:
        """The unit meant by ``text`` ("Tổ 3, Khu phố 2": any part that names one), else the default, else None.

        A text that names only units we do not have gives None even when there is a default, unless there is one unit
        in all: rows of another team's unit must not slip into ours.
        """
        if found := self._meant(text):
            return found
        return self.default if not (text or "").strip() or len(self._by_id) == 1 else None

    def _meant(self, text: str | None) -> Row | None:
        if text in self._by_id:
            return self._by_id[text]
        code = (text or "").rpartition("/")[2]  # 27211/01, as the server's commands write it
        return self._by_id.get(self._index.find(text) or self._index.find(code) or "")


def _shared(c: Any, rows: list[Row]) -> list[Row]:
    """Without units that a restored server does not name and knows under another id: new work goes to that one."""
    missing = {area for (area,) in c.execute("SELECT area FROM cursor WHERE mode = ?", (MISSING,))}
    known = {_code(row) for row in rows if row.id not in missing}
    return [row for row in rows if row.id not in missing or _code(row) not in known]


def _code(row: Row) -> tuple[Any, Any]:
    return row.body.get("commune_code"), row.body.get("unit_code")


def held(c: Any) -> list[Row]:
    """The units whose records this laptop holds, as places to put a record in, by their id."""
    found = c.execute("SELECT area, commune FROM cursor ORDER BY area")
    return [Row(type="area", id=area, area=area, commune=commune, seq=0) for area, commune in found]
