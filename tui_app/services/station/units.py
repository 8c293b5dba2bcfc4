"""Finding the unit (thôn, tổ, khu phố) that a list or a person means, among those this laptop holds."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from sync.outbox import MISSING
from sync.protocol import Row
from tui_app.errors import NotFound
from tui_app.intake.address import UnitIndex
from tui_app.services.station.unit_names import former_names, former_places, place_code
from tui_app.store.rows import table
from tui_app.text import fold

_LONG = {"p": "phuong", "x": "xa", "tt": "thi tran"}
_SHORT = re.compile(r"^(p|x|tt)(?:\.\s*|\s+|(?=\d))")


class Units:
    """The units of this laptop by every way of writing them, the names and codes from before a conversion of communes
    among them: what a unit is called now comes first, and a commune named beside it says which of two is meant.

    ``default``: the unit for rows that name none; the only unit is the default by itself. ``without``: an area to
    leave out. Raises NotFound when there is no unit, or none called ``default``.
    """

    def __init__(self, c: Any, default: str | None = None, *, without: str = "") -> None:
        rows = _shared(c, list(table("area").where(c, "id <> ? ORDER BY unit_code, id", (without,))))
        self._by_id = {row.id: row for row in rows}
        self._index = UnitIndex(
            (r.id, r.body.get("unit_code"), r.body.get("unit_name"), r.body.get("aliases", ())) for r in rows
        )
        self._before = UnitIndex((r.id, None, None, former_names(r.body)) for r in rows)
        self._places = _places(rows)
        self._communes = _by_commune(rows)
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
        text = text or ""
        if text in self._by_id:
            return self._by_id[text]
        if place := self._places.get(text.strip()):  # 27211/01, as the server's commands write it
            return self._by_id[place]
        code = text.rpartition("/")[2]
        ways = (
            self._in_commune(text),
            *(self._index.find(said) for said in (text, code)),
            self._before.find(text),
        )
        return self._by_id.get(next(filter(None, ways), ""))

    def _in_commune(self, text: str) -> str | None:
        """The unit meant by a text that names its commune, as both are or were called together."""
        for part in re.split(r"[,()]", text):
            index = self._communes.get(_commune_key(part))
            if index is not None and (found := index.find(text)):
                return found
        return None


def _places(rows: list[Row]) -> dict[str, str]:
    """``27211/01`` -> the unit that has this code now, else the only one that had it."""
    found: dict[str, str | None] = {}
    for row in rows:
        for place in former_places(row.body):
            found[place] = None if place in found and found[place] != row.id else row.id
    found |= {place_code(row.body): row.id for row in rows}
    return {place: area for place, area in found.items() if area is not None}


def _by_commune(rows: list[Row]) -> dict[str, UnitIndex]:
    """A commune's name, now or before -> the units by what they were called in it."""
    units: dict[str, list[tuple[str, str | None, str | None, tuple[str, ...]]]] = defaultdict(list)
    for row in rows:
        for one in (row.body, *(row.body.get("former") or ())):
            if one.get("commune_name"):
                called = (row.id, one.get("unit_code"), one.get("unit_name"), ())
                units[_commune_key(str(one["commune_name"]))].append(called)
    return {commune: UnitIndex(several) for commune, several in units.items()}


def _commune_key(text: str) -> str:
    """``phuong 15`` for "P.15", "P15", "Phường 15"."""
    folded = " ".join(fold(text).split())
    return _SHORT.sub(lambda found: f"{_LONG[found[1]]} ", folded)


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
