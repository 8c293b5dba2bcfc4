"""What Ctrl+Z can take back of what was given out for today since the program was started, by who gave it out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from tui_app.app import GonhaApp

_given: WeakKeyDictionary[GonhaApp, list[tuple[str, tuple[str, ...]]]] = WeakKeyDictionary()


def note_given(app: GonhaApp, assignments: tuple[str, ...]) -> None:
    """Remember a giving out."""
    if assignments:
        _given.setdefault(app, []).append((app.open_workspace.user, assignments))


def last_given(app: GonhaApp) -> tuple[str, ...]:
    """The newest one of the user who is at the laptop, empty when there is none."""
    who = app.open_workspace.user
    return next((given for by, given in reversed(_given.get(app, [])) if by == who), ())


def forget_given(app: GonhaApp, assignments: tuple[str, ...]) -> None:
    """It was taken back."""
    _given[app] = [one for one in _given.get(app, []) if one[1] != assignments]
