"""Showing masked numbers for half a minute; what the household's screen and the person's card share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from textual.timer import Timer

from tui_app.i18n import t
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.access import access

SHOWN_SECONDS = 30.0


class NumbersScreen(WorkScreen[None]):
    """``about``: type and id of the record whose numbers are masked. Subclasses paint with `numbers` in `paint`."""

    leaves_when_refused = True
    about: tuple[str, str] = ("", "")

    def __init__(self) -> None:
        super().__init__()
        self.numbers: Mapping[str, str] = {}
        self._hiding: Timer | None = None
        self._read_once = False

    @abstractmethod
    def paint(self) -> None:
        """Show everything anew."""

    def read_card(self, job: Callable[[Any], Any], show: Callable[[Any], None]) -> None:
        """Read the record; the first time keys typed ahead wait for it, since they may be about it."""
        if self._read_once:
            self.read(job, show, group="card")
        else:
            self._read_once = True
            self.ask(job, show)

    def action_numbers(self) -> None:
        """Show the numbers; that they were shown is logged before they are."""
        store, who = self.workspace.store, self.workspace.user
        type_name, record = self.about

        def then(numbers: dict[str, str]) -> None:
            self.numbers = numbers
            if self._hiding is not None:
                self._hiding.stop()
            self._hiding = self.set_timer(SHOWN_SECONDS, self.hide_numbers)
            self.app.say(t("person.shown_for", seconds=round(SHOWN_SECONDS)))
            self.paint()

        self.save(lambda: access.unmasked(store, who, record, type_name), then)

    def note_opened(self) -> None:
        """Note that this user opened the record, without making anyone wait."""
        store, who = self.workspace.store, self.workspace.user
        self.note(lambda: access.note_opened(store, who, *self.about))

    def hide_numbers(self) -> None:
        """Mask them again."""
        self.numbers = {}
        self.paint()

    def keep_draft(self) -> None:
        """Before the laptop is locked: no number stays on the screen behind the login."""
        self.hide_numbers()

    def with_numbers(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields with the numbers shown now in the place of the masked ones."""
        return {**fields, **self.numbers}
