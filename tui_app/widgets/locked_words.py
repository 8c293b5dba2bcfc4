"""Which units are locked, in one line."""

from __future__ import annotations

from tui_app.i18n import t
from tui_app.services.access.gate import Shut


def locked_words(shut: Shut) -> str:
    """The locked units with what lies behind each lock, and what to do; empty when none is."""
    if not shut.units:
        return ""
    units = ", ".join(
        t("gate.today_unit", unit=unit.name, households=unit.households, persons=unit.persons)
        for unit in shut.units
    )
    return t("gate.today_locked", units=units)
