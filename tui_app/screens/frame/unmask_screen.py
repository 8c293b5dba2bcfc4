"""Screens that list values of several records: numbers stay masked until someone asks, and that is noted."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.timer import Timer

from tui_app.clock import to_wire
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.access.access import log_access

SHOW_SECONDS = 30.0  # numbers stay readable


class UnmaskScreen(WorkScreen[None]):
    """``H`` shows the numbers of the line under the cursor. Subclasses name its record and paint it anew."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "h",
            "show_numbers",
            "sync.key_show",
            show=False,  # the line under the masked number says it
            id="unmask.show",
            tooltip="sync.key_show_tip",
        ),
    ]
    noted_as = ""  # where the numbers were shown, for the journal of access

    def __init__(self) -> None:
        super().__init__()
        self.unmasked = False
        self._masking: Timer | None = None

    def masked_record(self) -> tuple[str, str] | None:
        """Type and id of the record whose number is hidden in the line under the cursor."""
        return None

    def paint_numbers(self) -> None:
        """Show the line under the cursor anew."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The key is there when a number is hidden."""
        if action == "show_numbers":
            return self.is_mounted and self.masked_record() is not None
        return super().check_action(action, parameters)

    def action_show_numbers(self) -> None:
        """Note who looks, then show for 30 seconds."""
        found = self.masked_record()
        if found is None:
            return
        workspace = self.workspace

        def note() -> None:
            with workspace.store.write() as c:
                at = to_wire(workspace.clock())
                log_access(c, workspace.user, at, "unmask", *found, self.noted_as)

        self.save(note, self._unmask)

    def _unmask(self, _: None) -> None:
        self.unmasked = True
        if self._masking is not None:
            self._masking.stop()
        self._masking = self.set_timer(SHOW_SECONDS, self.mask)
        self.paint_numbers()

    def mask(self) -> None:
        """Hide them again."""
        if self.unmasked:
            self.unmasked = False
            self.paint_numbers()

    def keep_draft(self) -> None:
        """Before the laptop is locked: no number stays on the screen behind the login."""
        self.mask()
