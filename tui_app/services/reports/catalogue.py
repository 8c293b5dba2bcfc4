"""All kinds of reports."""

from __future__ import annotations

from tui_app.services.reports.kinds import Kind

KINDS: dict[str, Kind] = {one.name: one for one in ()}
