"""The places function keys lead to, loaded when first gone to or in the background, and what the App counts
in threads.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tui_app.i18n import t

if TYPE_CHECKING:
    from textual.screen import Screen

    from tui_app.bootstrap import Workspace
    from tui_app.errors import NotOpened
    from tui_app.services.station.status import Status
    from tui_app.settings import Places

PLACES = {
    "find": ("tui_app.screens.people.find", "FindScreen"),
    "today": ("tui_app.screens.visits.today", "TodayScreen"),
    "f0": ("tui_app.screens.cases.f0_board", "F0BoardScreen"),
    "vaccination": ("tui_app.screens.vaccination.vaccination", "VaccinationScreen"),
    "coverage": ("tui_app.screens.vaccination.coverage", "CoverageScreen"),
    "levels": ("tui_app.screens.levels.levels", "LevelsScreen"),
    "risk": ("tui_app.screens.risk.risk", "RiskScreen"),
    "reports": ("tui_app.screens.reports.reports", "ReportsScreen"),
    "sync": ("tui_app.screens.exchange.sync", "SyncScreen"),
    "command": ("tui_app.screens.command.command", "CommandScreen"),
    "duplicates": ("tui_app.screens.duplicates.duplicates", "DuplicatesScreen"),
}
WARM = (
    "tui_app.bootstrap",
    "tui_app.store.engine",
    "tui_app.store.slots",
    "tui_app.store.safety",
    "tui_app.services.station.status",
    *(module for module, _ in PLACES.values()),
)


def place(name: str) -> type[Screen[Any]]:
    """The screen class of a place. Raises KeyError for another name."""
    module, kind = PLACES[name]
    found: type[Screen[Any]] = getattr(import_module(module), kind)
    return found


def warm_up() -> None:
    """Import what comes after the password, in a thread, so that unlocking does not pay for it."""
    from sync import collector

    for module in WARM:
        import_module(module)
    collector.set_aside()  # a full collection that walks modules can cost a page of a list more than painting it


def is_elsewhere(places: Places) -> bool:
    """Whether there is a workspace although its first file is missing."""
    from tui_app.store import vault

    return vault.exists(places)


def counted(workspace: Workspace) -> Status:
    """The counts of the status line; for a thread."""
    from tui_app.services.station.status import status

    with workspace.store.read() as c:
        return status(c)


def note_refusal(workspace: Workspace, error: NotOpened) -> None:
    """Note that a named record was asked for and refused; for a thread."""
    from tui_app.services.access.access import note_refused

    note_refused(workspace.store, workspace.user, error.reason, error.record_type, error.record)


def note_use(workspace: Workspace) -> None:
    """Remember who uses the program and how late it is; for a thread."""
    from tui_app.services.access.lease import note_time
    from tui_app.store import last_user

    note_time(workspace.store)
    last_user.note(workspace.places, workspace.user)


def last_words(status: Status) -> str:
    """What to say after the program has ended: what is unsent, what is only a draft."""
    words = [t("app.goodbye_unsent", unsent=status.unsent) if status.unsent else t("app.goodbye_clean")]
    if status.drafts:
        words.append(t("app.goodbye_drafts", drafts=status.drafts))
    return " ".join(words)
