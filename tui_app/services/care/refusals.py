"""Why something about a case is not done; what was there stays as it is."""

from __future__ import annotations

from tui_app.errors import GonhaError


class CaseOpen(GonhaError):
    """The person has an open case already. ``params["case"]``: its id."""


class CaseClosed(GonhaError):
    """The case has ended: open it again first."""


class AlertAnswered(GonhaError):
    """The alert is closed."""


class AmendedAlready(GonhaError):
    """A later row corrects this reading: correct that one."""


class CannotUndo(GonhaError):
    """The case was changed again since, or this is taken back in another way."""
