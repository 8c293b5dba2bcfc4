"""Choosing whom a request is about, by the same search that finds persons."""

from __future__ import annotations

from collections.abc import Callable

from tui_app.i18n import t
from tui_app.screens.people.find import FindScreen


class PickPersonScreen(FindScreen):
    """``chosen``: called with the person's id and name once this screen has gone."""

    heading = "privacy.pick_person"

    def __init__(self, chosen: Callable[[str, str], None]) -> None:
        super().__init__()
        self._chosen = chosen

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nobody is visited or made here."""
        return False if action in ("visit", "new") else super().check_action(action, parameters)

    def _open(self) -> None:
        hit = self.hit
        if hit is None or hit.kind != "person":
            self.app.say(t("privacy.no_person"))
            return
        self._note_found(hit)
        self.dismiss()
        self._chosen(hit.id, hit.title)
