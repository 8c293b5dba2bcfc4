"""What Ctrl+Z can take back: readings saved since the program was started, by the user who saved them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from tui_app.app import GonhaApp
    from tui_app.services.observing import Vitals


@dataclass(frozen=True, slots=True)
class SavedReading:
    """One save. ``label``: how its patient is called in messages; ``before``: what the reading held that it
    corrected."""

    observation: str
    case: str
    label: str
    who: str
    before: Vitals | None = None


_saved: WeakKeyDictionary[GonhaApp, list[SavedReading]] = WeakKeyDictionary()


def note_reading(app: GonhaApp, saved: SavedReading) -> None:
    """Remember a save."""
    _saved.setdefault(app, []).append(saved)


def last_reading(app: GonhaApp) -> SavedReading | None:
    """The newest save of the user who is at the laptop that was not taken back yet."""
    who = app.open_workspace.user
    return next((one for one in reversed(_saved.get(app, [])) if one.who == who), None)


def forget_reading(app: GonhaApp, saved: SavedReading) -> None:
    """It was taken back."""
    if saved in _saved.get(app, []):
        _saved[app].remove(saved)
