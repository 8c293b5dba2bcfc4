"""All kinds of reports."""

from __future__ import annotations

from tui_app.services.reports.kinds import Kind
from tui_app.services.reports.outbreak import OUTBREAK

KINDS: dict[str, Kind] = {one.name: one for one in (OUTBREAK,)}
