"""F0 tại nhà (F4): every patient followed at home, worst first, then late; the way to grid, calls and card."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.rules import slots
from tui_app.screens.cases.f0_list import LIST_KEYS, F0ListScreen
from tui_app.screens.vitals.alert import AlertScreen
from tui_app.screens.vitals.saved_readings import Saved
from tui_app.services.cases import calling
from tui_app.widgets.row_list import RowList
from tui_app.widgets.warning_line import WarningLine


class F0BoardScreen(F0ListScreen):
    """The board with its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "f0.key_open", id="f0.open", tooltip="f0.key_open_tip"),
        Binding("g", "grid", "f0.key_grid", id="f0.grid", tooltip="f0.key_grid_tip"),
        Binding("m", "measure", "f0.key_measure", id="f0.measure", tooltip="f0.key_measure_tip"),
        Binding("c", "call", "f0.key_call", id="f0.call", tooltip="f0.key_call_tip"),
        Binding("a", "answer", "f0.key_answer", id="f0.answer", tooltip="f0.key_answer_tip"),
        Binding("n", "suggested", "case.key_suggested", id="f0.suggested", tooltip="case.key_suggested_tip"),
        Binding("p", "book", "case.key_book", show=False, id="f0.book", tooltip="case.key_book_tip"),
        *LIST_KEYS,
        Binding("b", "past", "f0.key_past", id="f0.past", tooltip="f0.key_past_tip"),
        Binding("ctrl+z", "undo", show=False, id="f0.undo", tooltip="f0.key_undo_tip"),
        Binding("escape", "unfilter", show=False, id="f0.unfilter", tooltip="f0.key_unfilter_tip"),
    ]

    # ---- what is done with a patient

    @on(RowList.Selected, "#patients")
    def action_open(self) -> None:
        """Open the patient's card at the F0 tab."""
        from tui_app.screens.people.person_card import PersonCardScreen

        if self.patient is not None:
            self.app.push_screen(PersonCardScreen(self.patient.person, "f0"))

    def action_suggested(self) -> None:
        """See who has a positive test and no case."""
        from tui_app.screens.cases.suggested_cases import SuggestedCasesScreen

        self.app.push_screen(SuggestedCasesScreen())

    def action_book(self) -> None:
        """Write the station's book of a period into a file."""
        from tui_app.screens.frame.paper_file import write_station_book

        write_station_book(self)

    def action_past(self) -> None:
        """Ask for a day and a time, and show the board as it was known then."""
        from tui_app.screens.cases.f0_past import F0PastScreen, ask_moment, end_of_last_half_day

        if self._sets is not None:
            proposed = end_of_last_half_day(self._sets, self.app.clock())
            ask_moment(self, proposed, lambda moment: self.app.push_screen(F0PastScreen(moment)))

    def action_grid(self) -> None:
        """Type this half-day's vital signs of all patients of the team chosen, else of one's own, else of all."""
        from tui_app.screens.vitals.vitals_grid import VitalsGridScreen

        if not self.lines:
            return
        who = self.workspace.user
        mine = who if any(line.followed_by == who for line in self.lines) else None
        team = mine if self.team is None else self.team
        self.app.push_screen(VitalsGridScreen(team), self._measured)

    def action_measure(self) -> None:
        """Take one patient's vital signs, symptoms and signs."""
        from tui_app.screens.vitals.vitals_form import VitalsFormScreen

        if self.patient is not None:
            self.app.push_screen(VitalsFormScreen(self.patient), self._measured)

    def _measured(self, unsaid: str | None) -> None:
        """Say what could not be judged of the reading just saved, until another one is."""
        self.query_one("#unsaid", WarningLine).say(unsaid or "")

    def action_call(self) -> None:
        """Call those still to be measured, one after the other, as they are listed here."""
        from tui_app.screens.vitals.phone_round import PhoneRoundScreen

        if self._sets is None:
            return
        here = slots.slot_at(self._sets, self.app.clock())
        waiting = calling.to_call(self._of_team(), (here.day, here.slot))
        if waiting:
            self.app.push_screen(PhoneRoundScreen(waiting), self._measured)
        else:
            self.app.say(t("f0.nobody_to_call"))

    def action_answer(self) -> None:
        """Answer the alert of the patient under the cursor."""
        if self.patient is not None and self.patient.alert is not None:
            self.app.push_screen(AlertScreen(self.patient.alert, must_answer=False))
        elif self.patient is not None:
            self.app.say(t("f0.no_alert", name=self.patient.full_name))

    def action_undo(self) -> None:
        """Take the reading saved last in this session back."""

        def done(_: Saved) -> None:
            self._measured("")
            self.reload()

        self.take_back(done)
