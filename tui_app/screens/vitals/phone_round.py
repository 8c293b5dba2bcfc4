"""The telephone round: the next patient to call with the number, one key for no answer, the entry, and on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import Worker

from tui_app.i18n import t
from tui_app.records.observations import Contacted
from tui_app.rules import slots
from tui_app.screens.vitals.saved_readings import Saved, SilentCall, note_saved
from tui_app.screens.vitals.vitals_entry import EntryScreen
from tui_app.services.cases import calling, cases
from tui_app.services.cases.board import BoardLine, board
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.widgets.call_card import CallCard
from tui_app.widgets.vitals_entry import VitalsEntry
from tui_app.widgets.warning_line import WarningLine


class PhoneRoundScreen(EntryScreen):
    """``patients``: whom to call, in this order. Who did not answer comes again at the end."""

    leaves_when_refused = True
    AUTO_FOCUS = "#call"
    preset: ClassVar[Mapping[str, str]] = {"contacted": Contacted.TELEPHONE.value}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "type", "f0.key_type", id="round.type", tooltip="f0.key_type_tip"),
        Binding("n", "no_answer", "f0.key_no_answer", id="round.no_answer", tooltip="f0.key_no_answer_tip"),
        Binding("s", "skip", "f0.key_skip", id="round.skip", tooltip="f0.key_skip_tip"),
        Binding("ctrl+s", "save", "f0.key_save_next", id="round.save", tooltip="f0.key_save_next_tip"),
        Binding("f9", "rest_no", "f0.key_rest_no", id="round.rest_no", tooltip="f0.key_rest_no_tip"),
        Binding("f10", "no_answer", show=False, id="round.no_answer_typing", tooltip="f0.key_no_answer_tip"),
        Binding("ctrl+z", "undo", show=False, id="round.undo", tooltip="f0.key_undo_tip"),
        Binding("escape", "back", "app.key_back", id="round.back", tooltip="f0.key_round_back_tip"),
    ]

    def __init__(self, patients: Sequence[BoardLine]) -> None:
        super().__init__()
        self._waiting = list(patients)
        self._done: list[BoardLine] = []
        self._all = len(self._waiting)
        self._calls: dict[str, int] = {}
        self._hidden = False
        self._number: str | None = None  # of the patient to call, once it is read

    def compose(self) -> ComposeResult:
        """Whom to call, and the entry below."""
        yield from self.frame_top("f0.round")
        yield CallCard(id="call")
        yield VitalsEntry()
        yield WarningLine()
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The first one."""
        self._next()

    # ---- whom to call

    def _next(self) -> None:
        if not self._waiting:
            self.app.say(t("f0.round_done", count=len(self._done)))
            self.dismiss(self.unsaid)
            return
        patient = self._waiting[0]
        self._show_number(None)
        self.open_patient(patient)
        self._read_number()

    def _read_number(self) -> None:
        store, who, person = self.workspace.store, self.workspace.user, self._waiting[0].person
        self._run(lambda: calling.number_to_call(store, who, person), self._show_number, "number")

    def on_screen_resume(self) -> None:
        """Unlocked again: show the number again."""
        if self._hidden:
            self._hidden = False
            self._read_number()

    def keep_draft(self) -> Worker[None] | None:
        """Before the laptop is locked: no number stays on the screen behind the login."""
        self._hidden = True
        self._show_number(None)
        return super().keep_draft()

    def _show_number(self, number: str | None) -> None:
        self._number = number
        patient = self._waiting[0]
        calls = self._calls.get(patient.case, patient.no_answer)
        self.query_one(CallCard).show(patient, number, calls, self.app.today().isoformat())

    # ---- what other laptops did

    def records_changed(self) -> None:
        """After a sync: others may have measured, called or ended some of those who wait."""
        now = self.app.clock()

        def job(c: Any) -> list[BoardLine]:
            here = slots.slot_at(rule_sets(c), now)
            return calling.to_call(board(c, now), (here.day, here.slot))

        self.read(job, self._read_again, group="round")

    def _read_again(self, found: list[BoardLine]) -> None:
        """Whom nobody has to call any more is left out; but not the one whose answers are being typed."""
        if not self._waiting:
            return
        lines, first, rest = {line.case: line for line in found}, self._waiting[0], self._waiting[1:]
        self._calls.clear()  # the lines count them
        self._waiting = [lines[one.case] for one in rest if one.case in lines]
        self._all = len(self._done) + len(self._waiting) + 1
        called = first.case in lines or not self.is_current or not self._nothing_typed
        if called:
            self.patient = lines.get(first.case, first)
            self._waiting.insert(0, self.patient)
            self._show_number(self._number)
            self._say_counts()
        else:
            self._all -= 1
            self.app.say(t("f0.round_met_elsewhere", name=first.full_name))
            self._next()

    @property
    def _nothing_typed(self) -> bool:
        body = self.entry.body()
        return body["typed"] == self.preset and not body["answers"]

    def _say_counts(self) -> None:
        self.set_title(
            "f0.round", t("f0.round_counts", done=len(self._done), all=self._all, left=len(self._waiting))
        )

    def opened(self) -> None:
        """The number first: nothing is typed before somebody answers."""
        self._say_counts()
        self.set_focus(self.query_one(CallCard))

    def action_type(self) -> None:
        """Somebody answered: type what they say."""
        self.entry.form.focus_first()

    def on_key(self, event: events.Key) -> None:
        """A digit on the number already is the temperature."""
        if self.focused is self.query_one(CallCard) and event.character and event.character.isdigit():
            event.stop()
            self.action_type()
            self.app.hand_back([event])

    def action_no_answer(self) -> None:
        """Nobody answered: noted, and on to the next; this one comes again at the end."""
        patient = self.patient
        if patient is None:
            return
        store, who = self.workspace.store, self.workspace.user

        def done(event: str) -> None:
            note_saved(self.app, SilentCall(event, patient.case, patient.full_name, who))
            self._count_call(patient, 1)
            # a sync may have left the patient out meanwhile
            self._waiting.sort(key=lambda one: one.case == patient.case)
            self.app.say(t("f0.no_answer_noted", name=patient.full_name))
            self._next()

        self.save(lambda: cases.note_no_answer(store, who, patient.case), done)

    def action_skip(self) -> None:
        """Later: to the end of the line, nothing noted."""
        if self._waiting:
            self.flush_then(self._later)

    def _later(self) -> None:
        self._waiting.append(self._waiting.pop(0))
        self._next()

    def after_save(self) -> None:
        """The next one."""
        self._done.append(self._waiting.pop(0))
        self._next()

    def action_undo(self) -> None:
        """Take the reading, or the call without answer, that was saved last back; its patient is called now."""

        def done(saved: Saved) -> None:
            patient = next((one for one in (*self._waiting, *self._done) if one.case == saved.case), None)
            if patient is None:  # saved before this round, of somebody who is not called in it
                return
            if isinstance(saved, SilentCall):
                self._count_call(patient, -1)
            self._waiting = [patient, *(one for one in self._waiting if one is not patient)]
            self._done = [one for one in self._done if one is not patient]
            self._next()

        self.flush_then(lambda: self.take_back(done))

    def _count_call(self, patient: BoardLine, by: int) -> None:
        self._calls[patient.case] = max(0, self._calls.get(patient.case, patient.no_answer) + by)

    def action_back(self) -> None:
        """From the entry to the number, from there back to the board; what is typed stays as a draft."""
        card = self.query_one(CallCard)
        if self.focused is card:
            self.flush_then(self.dismiss)
        else:
            self.set_focus(card)
