"""Where rows go that are about the station as a whole."""

from __future__ import annotations

from typing import Any

from sync.protocol import Row
from tui_app.errors import NotFound
from tui_app.services.station.units import held


def station_place(c: Any) -> Row:
    """The first unit this laptop holds, as the ``place`` of a new record: every laptop that holds the whole commune
    finds the same. Raises NotFound on a laptop that holds none."""
    place = next(iter(held(c)), None)
    if place is None:
        raise NotFound("errors.no_area")
    return place
