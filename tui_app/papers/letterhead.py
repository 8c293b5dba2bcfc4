"""Whose paper it is: what stands at its head on the left, and the place and date on the right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.i18n import t
from tui_app.services.station.unit_names import named_on
from tui_app.services.station.units import held
from tui_app.store.rows import table

_BY_HAND = "……"
_UNKNOWN_PLACE = "……………"


@dataclass(frozen=True, slots=True)
class Letterhead:
    """``above``: the commune, in capitals; ``office``: the station; ``place``: before the date; ``on``: the day of the
    paper, None where it is left to be written."""

    above: str
    office: str
    place: str
    on: date | None = None

    @property
    def place_and_day(self) -> str:
        """As offices write it: a nought before days below 10 and months 1 and 2 only (NĐ 30/2020/NĐ-CP, PL I)."""
        said = (
            day_parts(self.on) if self.on else {"day": _BY_HAND, "month": _BY_HAND, "year": f"20{_BY_HAND}"}
        )
        return t("papers.place_and_day", place=self.place, **said)


def day_parts(on: date) -> dict[str, str]:
    """Day, month and year of a date that is written in words."""
    month = f"{on:%m}" if on.month < 3 else str(on.month)
    return {"day": f"{on:%d}", "month": month, "year": str(on.year)}


def letterhead(area: Mapping[str, Any], on: date | None = None, *, managed_by: str = "") -> Letterhead:
    """The head of a paper about a record of a unit. ``managed_by``: the station's own name where the case says it."""
    commune = area.get("commune_name", "")
    return Letterhead(
        commune.upper(), (managed_by or t("papers.station")).upper(), commune or _UNKNOWN_PLACE, on
    )


def station_head(c: Any, on: date, *, named: date | None = None) -> Letterhead:
    """The head of a paper about the whole station. ``named``: the day whose name of the commune it bears (``on``)."""
    first = [unit.id for unit in held(c)[:1]]
    area = next(iter(table("area").read(c, first).values()), None)
    return letterhead(named_on(area.body, named or on) if area else {}, on)
