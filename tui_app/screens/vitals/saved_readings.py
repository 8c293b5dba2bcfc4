"""What Ctrl+Z can take back: what was saved since the program was started, by the user who saved it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from tui_app.i18n import t
from tui_app.services.cases import cases, observing

if TYPE_CHECKING:
    from tui_app.app import GonhaApp
    from tui_app.store.engine import Store

TAKEN_BACK = "undo"


@dataclass(frozen=True, slots=True)
class SavedReading:
    """A reading. ``label``: how its patient is called in messages; ``before``: what the reading held that it
    corrected."""

    observation: str
    case: str
    label: str
    who: str
    before: observing.Vitals | None = None

    def take_back(self, store: Store) -> None:
        """By a row without values, or, when it was a correction, by one with the values from before. An alert it
        opened stays."""
        if self.before is not None:
            observing.amend_vitals(store, self.who, self.observation, self.before, TAKEN_BACK)
        else:
            observing.withdraw_vitals(store, self.who, self.observation, TAKEN_BACK)

    def words(self) -> str:
        """What to say when it was taken back."""
        return t("f0.taken_back", name=self.label)


@dataclass(frozen=True, slots=True)
class SilentCall:
    """A call nobody answered, noted as ``event``; the rest as with `SavedReading`."""

    event: str
    case: str
    label: str
    who: str

    def take_back(self, store: Store) -> None:
        """By a correcting event."""
        cases.undo(store, self.who, self.event)

    def words(self) -> str:
        """What to say when it was taken back."""
        return t("f0.no_answer_taken_back", name=self.label)


Saved = SavedReading | SilentCall
_saved: WeakKeyDictionary[GonhaApp, list[Saved]] = WeakKeyDictionary()


def note_saved(app: GonhaApp, saved: Saved) -> None:
    """Remember a save."""
    _saved.setdefault(app, []).append(saved)


def last_saved(app: GonhaApp) -> Saved | None:
    """The newest save of the user who is at the laptop that was not taken back yet."""
    who = app.open_workspace.user
    return next((one for one in reversed(_saved.get(app, [])) if one.who == who), None)


def forget_saved(app: GonhaApp, saved: Saved) -> None:
    """It was taken back."""
    if saved in _saved.get(app, []):
        _saved[app].remove(saved)
