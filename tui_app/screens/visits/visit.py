"""The visit: one screen, one row a person. A family that is well takes two keys, F9 and Ctrl+S."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui_app.codes import code_word
from tui_app.errors import NotOpened
from tui_app.i18n import t
from tui_app.records.visits import Symptom, VisitOutcome
from tui_app.screens.frame.draft_keeper import DraftKeeper
from tui_app.screens.visits.saved_visits import SavedVisit, forget_saved, last_saved, note_saved
from tui_app.screens.visits.visit_answers import SheetScreen
from tui_app.services.people import doors
from tui_app.services.people.doors import Door, DoorState
from tui_app.services.visits import visits
from tui_app.services.visits.visit_lines import VisitSheet
from tui_app.widgets import visit_sheet

OUTCOMES = {
    VisitOutcome.ABSENT: DoorState.ABSENT,
    VisitOutcome.REFUSED: DoorState.REFUSED,
    VisitOutcome.EMPTY: DoorState.EMPTY,
}


class VisitScreen(SheetScreen):
    """The sheet of one household, and after saving that of the next door.

    ``route``: the doors being walked, in their order; without it saving goes back to where one came from.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f9", "rest_well", "visit.key_rest_well", id="visit.rest_well", tooltip="visit.key_rest_well_tip"
        ),
        Binding("ctrl+s", "save", "visit.key_save", id="visit.save", tooltip="visit.key_save_tip"),
        Binding(
            "1",
            "sign(1)",
            "visit.key_sign",
            key_display="1–9",
            id="visit.sign1",
            tooltip="visit.key_sign_tip",
        ),
        *(
            Binding(str(n), f"sign({n})", show=False, system=True, id=f"visit.sign{n}")
            for n in range(2, len(Symptom) + 1)
        ),
        Binding("0", "well", "visit.key_well", id="visit.well", tooltip="visit.key_well_tip"),
        Binding(
            "plus",
            "test('positive')",
            "visit.key_positive",
            id="visit.plus",
            tooltip="visit.key_positive_tip",
        ),
        Binding("equals_sign", "test('positive')", show=False, system=True, id="visit.equals"),
        Binding(
            "minus",
            "test('negative')",
            "visit.key_negative",
            id="visit.minus",
            tooltip="visit.key_negative_tip",
        ),
        Binding(
            "v", "outcome('absent')", "visit.key_absent", id="visit.absent", tooltip="visit.key_absent_tip"
        ),
        Binding("n", "note", "visit.key_note", id="visit.note", tooltip="visit.key_note_tip"),
        Binding("u", "unwell", show=False, id="visit.unwell", tooltip="visit.key_unwell_tip"),
        Binding("i", "test('invalid')", show=False, id="visit.invalid", tooltip="visit.key_invalid_tip"),
        Binding("e", "ask('exposure')", show=False, id="visit.exposure", tooltip="visit.key_exposure_tip"),
        Binding("t", "ask('travel')", show=False, id="visit.travel", tooltip="visit.key_travel_tip"),
        Binding("d", "travel_from", show=False, id="visit.travel_from", tooltip="visit.key_travel_from_tip"),
        Binding("b", "outcome('empty')", show=False, id="visit.empty", tooltip="visit.key_empty_tip"),
        Binding("delete", "clear", show=False, id="visit.clear", tooltip="visit.key_clear_tip"),
        Binding("g", "household_note", show=False, id="visit.hnote", tooltip="visit.key_household_note_tip"),
        Binding("r", "outcome('refused')", show=False, id="visit.refused", tooltip="visit.key_refused_tip"),
        Binding("a", "add_person", show=False, id="visit.add", tooltip="visit.key_add_person_tip"),
        Binding("c", "card", show=False, id="visit.card", tooltip="visit.key_card_tip"),
        Binding("ctrl+z", "undo", show=False, id="visit.undo", tooltip="visit.key_undo_tip"),
        Binding("escape", "back", "visit.key_back", id="visit.back", tooltip="visit.key_back_tip"),
    ]

    def __init__(self, household: str, route: Sequence[Door] | None = None) -> None:
        super().__init__(household)
        self.route = list(route) if route is not None else None

    # ---- leaving the sheet

    def action_back(self) -> None:
        """Back; what is typed stays as a draft."""
        if self.query_one("#note").display:
            self._note_done()
            return
        keeper, sheet, opened = self._keeper, self.sheet, self._opened
        store = self.workspace.store

        def job() -> None:
            if keeper is not None and sheet is not None and sheet != opened:
                keeper.flush()
            elif keeper is not None and opened is not None and opened.drafted_at is None:
                keeper.close()
                visits.drop_draft(store, opened.household)

        self.save(job, self._leave)

    def _leave(self, _: object = None) -> None:
        self.dismiss()

    def action_undo(self) -> None:
        """Take the last step back; with none left, the household saved last."""
        if self._steps:
            self._set(self._steps.pop())
            return
        saved = last_saved(self.app)
        if saved is None:
            self.app.say(t("visit.nothing_to_undo"))
            return
        workspace, day = self.workspace, self.app.today()

        def job() -> VisitSheet:
            visits.withdraw_visit(workspace.store, workspace.user, saved.visit)
            with workspace.store.read() as c:
                return visits.visit_sheet(c, saved.household, day)

        def then(sheet: VisitSheet) -> None:
            forget_saved(self.app, saved)
            self._note_door(saved.household, DoorState.DRAFT if sheet.drafted_at else DoorState.LEFT)
            self._show_opened(sheet)
            self.app.say(t("visit.draft_restored", label=saved.label))

        self.save(job, then)

    # ---- saving

    def action_save(self) -> None:
        """Save the household and open the next door. Nobody asked: the first time only a warning."""
        sheet, keeper = self.sheet, self._keeper
        if sheet is None or keeper is None:
            return
        self.query_one("#note").display = False
        self._list.focus()
        if sheet.amends and sheet == self._opened and sheet.drafted_at is None:
            self.app.say(t("visit.nothing_changed"))
            self._go_on()
            return
        if not sheet.answered and not self._warned:
            self._warned = True
            key = "visit.nobody_answered" if sheet.lines else "visit.nobody_recorded"
            self.warn(t(key))
            return
        state = DoorState.MET if sheet.answered == len(sheet.lines) else DoorState.PARTLY
        key = "visit.saved_again" if sheet.amends else "visit.saved"
        label = visit_sheet.label(sheet.code, sheet.address)
        words = t(key, label=label, found=visit_sheet.found(sheet))
        store, who = self.workspace.store, self.workspace.user
        self._save(sheet, keeper, lambda: visits.record_visit(store, who, sheet), state, words)

    def action_outcome(self, code: str) -> None:
        """Nobody at home, nobody lives there, or refused: saved at once."""
        sheet, keeper, outcome = self.sheet, self._keeper, VisitOutcome(code)
        if sheet is None or keeper is None:
            return
        word = code_word("outcome", outcome).lower()
        if sheet.answered:
            self.warn(t("visit.answers_first", outcome=word))
            return
        store, who = self.workspace.store, self.workspace.user
        words = t("visit.saved_outcome", label=visit_sheet.label(sheet.code, sheet.address), outcome=word)

        def record() -> str:
            return visits.record_outcome(store, who, sheet.household, outcome, sheet.note)

        self._save(sheet, keeper, record, OUTCOMES[outcome], words)

    def _save(
        self,
        sheet: VisitSheet,
        keeper: DraftKeeper[VisitSheet],
        record: Callable[[], str],
        state: DoorState,
        words: str,
    ) -> None:
        store, who, day = self.workspace.store, self.workspace.user, self.app.today()
        following = doors.next_door(self.route, sheet.household) if self.route else None

        def job() -> tuple[str, VisitSheet | None]:
            keeper.close()
            try:
                visit = record()
            except BaseException:
                keeper.reopen()
                raise
            if following is None:
                return visit, None
            with store.read() as c, suppress(NotOpened):  # its unit was locked while the walk went on
                return visit, visits.visit_sheet(c, following.household, day)
            return visit, None

        def then(answer: tuple[str, VisitSheet | None]) -> None:
            visit, opened = answer
            label = visit_sheet.label(sheet.code, sheet.address)
            note_saved(self.app, SavedVisit(visit, sheet.household, label, who))
            self._note_door(sheet.household, state)
            if opened is not None:
                self._show_opened(opened)
            else:
                self.dismiss()
            done = opened is None and self.route is not None
            self.app.say(f"{words} {t('visit.all_doors_done')}" if done else words)

        self.save(job, then)

    def _go_on(self) -> None:
        following = doors.next_door(self.route, self.household) if self.route else None
        if following is not None:
            self._open(following.household)
        else:
            self.dismiss()

    def _note_door(self, household: str, state: DoorState) -> None:
        if self.route is not None:
            self.route = [
                replace(door, state=state) if door.household == household else door for door in self.route
            ]

    # ---- other places

    def action_add_person(self) -> None:
        """Add somebody to this household."""
        from tui_app.screens.people.person_form import PersonForm

        self.app.push_screen(PersonForm(household=self.household))

    def action_card(self) -> None:
        """Open the card of the person under the cursor."""
        from tui_app.screens.people.person_card import PersonCardScreen

        if self.line is not None:
            self.app.push_screen(PersonCardScreen(self.line.person))
