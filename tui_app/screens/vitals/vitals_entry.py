"""What the single form and the telephone round share: one patient's entry, its draft, and its saving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.worker import Worker

from tui_app.clock import show_time, to_wire
from tui_app.i18n import t
from tui_app.rules.sheet import Sheet, sheet
from tui_app.screens.frame.draft_keeper import DraftKeeper
from tui_app.screens.vitals.taking import Reading, TakingScreen
from tui_app.services.cases.board import BoardLine
from tui_app.services.cases.observing import Recorded, Vitals, check_vitals
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.station import drafts
from tui_app.widgets.vitals_entry import VitalsEntry
from tui_app.widgets.vitals_words import reading_words
from tui_app.widgets.warning_line import WarningLine

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace

KIND = "vitals_form"


class EntryScreen(TakingScreen[str]):
    """Subclasses compose a `VitalsEntry` and a `WarningLine`, open patients, and say what comes after a save. Answers
    what could not be judged of the last reading."""

    preset: ClassVar[Mapping[str, str]] = {}
    """What every entry begins with."""

    def __init__(self) -> None:
        super().__init__()
        self.patient: BoardLine | None = None
        self._keeper: DraftKeeper[dict[str, Any]] | None = None
        self._warned = False

    def after_save(self) -> None:
        """The entry is saved and its alert answered."""

    def opened(self) -> None:
        """The patient's entry is shown."""

    # ---- opening

    def open_patient(self, patient: BoardLine) -> None:
        """Show a patient's entry with what was typed before; keys typed meanwhile wait for it."""
        day = self.app.today()

        def job(c: Any) -> tuple[Sheet, dict[str, Any] | None]:
            return sheet(rule_sets(c), day, patient.age), drafts.kept(c, _key(patient))

        def show(answer: tuple[Sheet, dict[str, Any] | None]) -> None:
            asked, draft = answer
            self.patient, self._warned = patient, False
            self._keeper = DraftKeeper(partial(_keep, self.workspace, _key(patient), self.preset))
            body = draft or {"typed": {}, "answers": {}}
            self.entry.fill({**self.preset, **body["typed"]}, asked, body["answers"])
            self.say_why(self.unsaid)
            if draft:
                self.app.say(t("visit.draft_found", time=show_time(draft["at"])))
            self.opened()

        self.open_held(job, show)

    @property
    def entry(self) -> VitalsEntry:
        """The fields and questions."""
        return self.query_one(VitalsEntry)

    def say_why(self, words: str) -> None:
        """Why a key did nothing; empty: nothing any more."""
        self.query_one(WarningLine).say(words)

    def language_changed(self) -> None:
        """Make the questions anew."""
        super().language_changed()
        self.entry.sheet.relabel()

    # ---- typing

    @on(VitalsEntry.Changed)
    def _entry_changed(self) -> None:
        self._warned = False
        self.say_why("")
        if self._keeper is not None:
            body = self.entry.body()
            self.run_worker(self._keeper.put(body), thread=True, group="draft", exit_on_error=True)

    def action_rest_no(self) -> None:
        """The questions left open are answered no, asked together."""
        self.entry.sheet.rest_no()

    def keep_draft(self) -> Worker[None] | None:
        """Put what is typed on disk."""
        if self._keeper is None:
            return None
        return self.run_worker(self._keeper.flush, thread=True, group="draft", exit_on_error=True)

    def flush_then(self, then: Any) -> None:
        """Put what is typed on disk, then go on."""
        keeper = self._keeper
        self.save(keeper.flush if keeper is not None else lambda: None, lambda _: then())

    # ---- saving

    def action_save(self) -> None:
        """Check, then save. A sheet asked by half is saved at the second time only."""
        patient, typed = self.patient, self.entry.typed()
        if patient is None:
            return
        checked = check_vitals(typed)
        self.entry.mark_problems(checked.problems)
        self.say_why(" ".join(str(problem) for problem in checked.problems))
        vitals = checked.vitals and self._with_answers(checked.vitals)
        if vitals is None:
            return
        if not vitals.says_something:
            self.say_why(t("f0.nothing_typed"))
            return
        left = self.entry.sheet.half_asked
        if left and not self._warned:
            self._warned = True
            self.say_why(t("f0.half_asked", count=left))
            return
        reading = Reading(patient.case, patient.full_name, vitals, draft=_key(patient), keeper=self._keeper)

        def taken(recorded: Recorded, _: Vitals) -> None:
            self.say_saved(recorded, patient.full_name, reading_words(typed))
            self.after_save()

        self.take(reading, taken)

    def _with_answers(self, vitals: Vitals) -> Vitals:
        asked = self.entry.sheet
        return replace(vitals, symptoms=asked.said("symptoms"), signs=asked.said("signs"))


def _key(patient: BoardLine) -> str:
    return f"{KIND}:{patient.case}"


def _keep(workspace: Workspace, key: str, preset: Mapping[str, str], body: dict[str, Any]) -> None:
    if body["typed"] != preset or body["answers"]:
        body = {**body, "at": to_wire(workspace.store.clock())}
        drafts.keep(workspace.store, workspace.user, key, KIND, body)
    else:
        drafts.discard(workspace.store, key)
