"""The one place where restricted conditions are seen and written: a dialog of its own, each look noted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual.widget import Widget
from textual.widgets import Static

from tui_app.codes import code_word, yes_no
from tui_app.i18n import t
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.services.access import restricted
from tui_app.widgets.dialogs import Dialog

if TYPE_CHECKING:
    from tui_app.screens.frame.base import WorkScreen

CODES = tuple(sorted(RESTRICTED_CONDITIONS))


class RestrictedDialog(Dialog[frozenset[str] | None]):
    """Answers with what is to be written once it was changed by a digit and Enter, None for Esc."""

    def __init__(self, name: str, codes: frozenset[str]) -> None:
        super().__init__(
            t("risk.restricted_title", name=name),
            t("risk.restricted_text"),
            hint=t("risk.restricted_hint"),
            back=None,
        )
        self._codes = codes
        self._lines = Static(self._words(), markup=False)

    def asked(self) -> Sequence[Widget]:
        """A line a condition."""
        return (self._lines,)

    def _words(self) -> str:
        return "\n".join(
            f"{number} {code_word('condition', code)}: {yes_no(code in self._codes)}"
            for number, code in enumerate(CODES, 1)
        )

    def answer_key(self, key: str, character: str) -> bool:
        """A digit switches, Enter keeps."""
        if key == "enter":
            self.dismiss(self._codes)
        elif character.isdecimal() and 1 <= int(character) <= len(CODES):
            self._codes ^= {CODES[int(character) - 1]}
            self._lines.update(self._words())
        else:
            return False
        return True


def show_restricted(screen: WorkScreen[Any], person: str, name: str) -> None:
    """Read them, noted, and show them; what is changed is saved."""
    store, who = screen.workspace.store, screen.workspace.user

    def show(codes: frozenset[str]) -> None:
        def answered(wanted: frozenset[str] | None) -> None:
            if wanted is not None and wanted != codes:
                screen.save(
                    lambda: restricted.write_restricted(store, who, person, wanted),
                    lambda _: screen.app.say(t("risk.restricted_saved")),
                )

        screen.app.push_screen(RestrictedDialog(name, codes), answered)

    screen.save(lambda: restricted.restricted_of(store, who, person), show)
