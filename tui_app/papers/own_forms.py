"""Reports that have a form of their own: which kind is drawn by what, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from tui_app.bootstrap import Workspace
from tui_app.papers.letterhead import Letterhead
from tui_app.services.reports.filed import Filed
from tui_app.services.reports.filing import Report

OwnForm = Callable[[Workspace, Report, Filed | None, Letterhead], bytes]
_DRAWN = {
    "outbreak": ("tui_app.papers.outbreak_daily", ("pdf",)),
    "vaccination_weekly": ("tui_app.papers.vaccination_weekly", ("pdf", "xlsx", "csv")),
}


def own_form(kind: str, file_format: str) -> OwnForm | None:
    """What draws a kind in a format, None for one that looks like every report. Such a module has a function
    ``report_<format>``."""
    module, formats = _DRAWN.get(kind, ("", ()))
    if file_format not in formats:
        return None
    drawn: OwnForm = getattr(import_module(module), f"report_{file_format}")
    return drawn
