"""Whose paper it is, where it is about the whole station."""

from __future__ import annotations

from datetime import date
from typing import Any

from tui_app.papers.words import Letterhead, letterhead
from tui_app.services.station.unit_names import named_on
from tui_app.services.station.units import held
from tui_app.store.rows import table


def station_head(c: Any, on: date) -> Letterhead:
    """The head of a paper about the whole station, with the name its commune had on the day."""
    first = [unit.id for unit in held(c)[:1]]
    area = next(iter(table("area").read(c, first).values()), None)
    return letterhead(named_on(area.body, on) if area else {}, on=on)
