"""All kinds of reports."""

from __future__ import annotations

from tui_app.errors import NotFound
from tui_app.services.reports.daily import DAILY
from tui_app.services.reports.kinds import Kind
from tui_app.services.reports.longer import PERIODIC, WEEKLY

KINDS: dict[str, Kind] = {one.name: one for one in (DAILY, WEEKLY, PERIODIC)}


def kind_named(name: str) -> Kind:
    """The kind with this name, as typed on a command line or kept in a report. Raises NotFound."""
    try:
        return KINDS[name.replace("-", "_")]
    except KeyError:
        raise NotFound("reports.no_such_kind", kind=name, kinds=", ".join(KINDS)) from None
