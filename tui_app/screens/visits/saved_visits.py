"""What Ctrl+Z can take back: the visits saved since the program was started, by the user who saved them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from tui_app.app import GonhaApp


@dataclass(frozen=True, slots=True)
class SavedVisit:
    """One save. ``label``: how its household is called in messages."""

    visit: str
    household: str
    label: str
    who: str


_saved: WeakKeyDictionary[GonhaApp, list[SavedVisit]] = WeakKeyDictionary()


def note_saved(app: GonhaApp, saved: SavedVisit) -> None:
    """Remember a save."""
    _saved.setdefault(app, []).append(saved)


def last_saved(app: GonhaApp) -> SavedVisit | None:
    """The newest save of the user who is at the laptop that was not taken back yet."""
    who = app.open_workspace.user
    return next((one for one in reversed(_saved.get(app, [])) if one.who == who), None)


def forget_saved(app: GonhaApp, saved: SavedVisit) -> None:
    """It was taken back."""
    if saved in _saved.get(app, []):
        _saved[app].remove(saved)
