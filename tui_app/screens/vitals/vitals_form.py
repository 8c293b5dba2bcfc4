"""One patient's reading in full: vital signs, the questions of the monitoring sheet, how reached, a note."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.vitals.saved_readings import Saved
from tui_app.screens.vitals.vitals_entry import EntryScreen
from tui_app.services.cases.board import BoardLine
from tui_app.widgets.ages import age_text
from tui_app.widgets.vitals_entry import VitalsEntry
from tui_app.widgets.vitals_words import before_words
from tui_app.widgets.warning_line import WarningLine


class VitalsFormScreen(EntryScreen):
    """``patient``: as the board shows them. Goes back where it came from once the reading is saved."""

    leaves_when_refused = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "f0.key_save", id="vitals.save", tooltip="f0.key_save_tip"),
        Binding("f9", "rest_no", "f0.key_rest_no", id="vitals.rest_no", tooltip="f0.key_rest_no_tip"),
        Binding("ctrl+z", "undo", show=False, id="vitals.undo", tooltip="f0.key_undo_tip"),
        Binding("escape", "back", "app.key_back", id="vitals.back", tooltip="f0.key_form_back_tip"),
    ]

    def __init__(self, patient: BoardLine) -> None:
        super().__init__()
        self._first = patient

    def compose(self) -> ComposeResult:
        """What was before, the fields and questions."""
        yield from self.frame_top("f0.form")
        yield VitalsEntry()
        yield WarningLine()
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Read the sheet and the draft."""
        self.open_patient(self._first)

    def opened(self) -> None:
        """Start at the temperature."""
        patient = self._first
        day = t("f0.day_number", day="?" if patient.day is None else patient.day)
        name = f"{patient.full_name} {age_text(patient.age)} · {day}"
        self.set_title(name, before_words(patient, self.app.today().isoformat()))
        self.entry.form.focus_first()

    def after_save(self) -> None:
        """Back to the board."""
        self.dismiss(self.unsaid)

    def action_undo(self) -> None:
        """Take the reading saved last back."""

        def done(_: Saved) -> None:
            self.open_patient(self._first)

        self.take_back(done)

    def action_back(self) -> None:
        """Back; what is typed stays as a draft."""
        self.flush_then(self.dismiss)
