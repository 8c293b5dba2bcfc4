"""A household's sheet on the screen: opening it, answering, notes, and the draft that is kept at each step."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from tui_app.clock import show_time
from tui_app.i18n import t
from tui_app.records.visits import Symptom, TestOutcome
from tui_app.screens.frame.base import WorkScreen
from tui_app.screens.frame.draft_keeper import DraftKeeper
from tui_app.services.sweeps import sweep_words
from tui_app.services.sweeps.sweep_here import of_unit
from tui_app.services.sweeps.sweep_states import SweepHere
from tui_app.services.sweeps.sweep_travel import read_travel, travel_text
from tui_app.services.visits import visits
from tui_app.services.visits.visit_lines import VisitLine, VisitSheet
from tui_app.widgets import visit_sheet
from tui_app.widgets.person_at_door import Legend, PersonAtDoor
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource
from tui_app.widgets.text_field import TextField
from tui_app.widgets.warning_line import WarningLine

TESTS = {"positive": TestOutcome.POSITIVE, "negative": TestOutcome.NEGATIVE, "invalid": TestOutcome.INVALID}


class SheetScreen(WorkScreen[None]):
    """The sheet of one household, being answered. What leaves it (saving, undoing a save) is `VisitScreen`'s."""

    leaves_when_refused = True
    AUTO_FOCUS = "#sheet"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]

    def __init__(self, household: str) -> None:
        super().__init__()
        self.household = household
        self.sheet: VisitSheet | None = None
        self._opened: VisitSheet | None = None
        self._steps: list[VisitSheet] = []
        self._keeper: DraftKeeper[VisitSheet] | None = None
        self._warned = False
        self._noting = ""
        self._note_begun = False
        self._travelling = False
        self._sweep: SweepHere | None = None

    def compose(self) -> ComposeResult:
        """The sheet, what to know of the person, the digits' meaning, and a line for notes when one is written."""
        yield from self.frame_top("visit.column_name")
        with Horizontal(id="visit"):
            yield RowList([], id="sheet", empty=t("visit.nobody_lives"))
            yield PersonAtDoor()
        with Vertical(id="below"):
            yield WarningLine()
            yield Legend()
            yield TextField(id="note", max_length=300)
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Read the sheet; keys typed meanwhile wait for it."""
        self.query_one("#note").display = False
        self._open(self.household)

    # ---- opening

    def _open(self, household: str) -> None:
        hold = self.app.hold_keys()
        hold.__enter__()
        store, day = self.workspace.store, self.app.today()
        again = self.sheet is not None and self.sheet.household == household

        def job() -> VisitSheet:
            with store.read() as c:
                return visits.visit_sheet(c, household, day)

        def then(sheet: VisitSheet) -> None:
            here = self.line.person if again and self.line else None
            self._show_opened(sheet, at=here)
            if sheet.drafted_at and not again:
                self.app.say(t("visit.draft_found", time=show_time(sheet.drafted_at)))

        # not exclusive: a worker cancelled before it begins would never let the keys go
        self._run(job, then, "open", exclusive=False, finally_=lambda: hold.__exit__(None, None, None))

    def _show_opened(self, sheet: VisitSheet, at: str | None = None) -> None:
        workspace = self.workspace
        self.household = sheet.household
        self.sheet = self._opened = sheet
        self._steps.clear()
        self._warned = False
        self.warn("")
        self._keeper = DraftKeeper(partial(visits.keep_draft, workspace.store, workspace.user))
        self._sweep = sheet.sweep
        if sheet.sweep is not None:  # counted apart, so that nobody waits for it at the door
            day = self.app.today()
            self.read(lambda c: of_unit(c, sheet.household, day), self._sweep_counted, group="sweep")
        self._paint(at=at or (sheet.lines[0].person if sheet.lines else None))

    def _sweep_counted(self, found: SweepHere | None) -> None:
        self._sweep = found
        self._paint_title()

    def day_changed(self) -> None:
        """After midnight an untouched sheet belongs to the new day; a written one keeps its day until saved."""
        if self.sheet is not None and self.sheet == self._opened:
            self._open(self.household)

    def on_screen_resume(self) -> None:
        """Back from a form or a card: whoever was added or changed there is on the sheet."""
        if self.sheet is not None:
            worker = self.keep_draft()
            if worker is None:
                self._open(self.household)
            else:
                self.run_worker(self._reopen_after(worker), group="reopen", exclusive=True)

    async def _reopen_after(self, worker: Any) -> None:
        await worker.wait()
        self._open(self.household)

    # ---- showing

    def warn(self, words: str) -> None:
        """Say why a key did nothing; an empty text says nothing any more."""
        self.query_one(WarningLine).say(words)

    @property
    def _list(self) -> RowList:
        return self.query_one("#sheet", RowList)

    @property
    def line(self) -> VisitLine | None:
        """The person under the cursor."""
        if self.sheet is None or not self.sheet.lines:
            return None
        return self.sheet.lines[min(self._list.cursor, len(self.sheet.lines) - 1)]

    def _paint(self, at: str | None = None) -> None:
        sheet = self.sheet
        if sheet is None:
            return
        width = self._list.size.width
        self._list.set_columns(visit_sheet.columns(width))
        self._list.show(ListSource([visit_sheet.row_of(line, width) for line in sheet.lines]), at=at)
        self._paint_title()
        self._show_person()

    def _paint_title(self) -> None:
        sheet = self.sheet
        if sheet is None:
            return
        name = visit_sheet.label(sheet.code, sheet.address)
        title = t("visit.title", label=name) + (f" · {sheet.head_name}" if sheet.head_name else "")
        kind = (
            "counts_again"
            if sheet.amends
            else "counts_draft"
            if self._steps or sheet.drafted_at
            else "counts"
        )
        counts = t(f"visit.{kind}", answered=sheet.answered, persons=len(sheet.lines))
        self.set_title(title, " · ".join(filter(None, (sweep_words.short(self._sweep), counts))))

    def _show_person(self) -> None:
        self.query_one(PersonAtDoor).show(self.line, self.sheet.note if self.sheet else "")

    def on_resize(self, event: events.Resize) -> None:
        """The signs get words above them where there is room."""
        self.call_after_refresh(self._paint)

    def language_changed(self) -> None:
        """Make the sentences anew."""
        super().language_changed()
        self._list.empty = t("visit.nobody_lives")
        self._paint()

    @on(RowList.Highlighted, "#sheet")
    def _person_changed(self) -> None:
        self._show_person()

    @on(RowList.Selected, "#sheet")
    def _next_person(self) -> None:
        self._list.move_to(self._list.cursor + 1)

    # ---- answers

    def _change(self, sheet: VisitSheet, *, step: bool = True) -> None:
        if self.sheet is None or sheet == self.sheet:
            return
        if step:
            self._steps.append(self.sheet)
        self._set(sheet)

    def _set(self, sheet: VisitSheet) -> None:
        self.sheet = sheet
        self._warned = False
        self.warn("")
        if self._keeper is not None:
            self.run_worker(self._keeper.put(sheet), thread=True, group="draft", exit_on_error=True)
        self._paint()

    def _change_line(self, line: VisitLine) -> None:
        if self.sheet is not None:
            self._change(self.sheet.with_line(line))

    def action_sign(self, number: int) -> None:
        """Toggle the sign of this digit for the person under the cursor."""
        if self.line is not None:
            self._change_line(self.line.toggle(list(Symptom)[number - 1]))

    def action_well(self) -> None:
        """This person is well."""
        if self.line is not None:
            self._change_line(self.line.well())

    def action_unwell(self) -> None:
        """This person is unwell, with no sign of the list."""
        if self.line is not None:
            self._change_line(self.line.unwell())

    def action_test(self, name: str) -> None:
        """Note a rapid test's result; the same key again takes it away."""
        if self.line is not None:
            result = TESTS[name]
            self._change_line(replace(self.line, test=None if self.line.test == result else result))

    def action_ask(self, field: Literal["exposure", "travel"]) -> None:
        """Go round yes, no, not asked."""
        if self.line is not None:
            self._change_line(self.line.asked_next(field))

    def action_clear(self) -> None:
        """This person was not asked after all."""
        if self.line is not None:
            self._change_line(self.line.cleared())

    def action_rest_well(self) -> None:
        """Everybody without an answer is well, asked together."""
        if self.sheet is not None:
            self._change(self.sheet.rest_well())

    # ---- notes

    def action_note(self) -> None:
        """Write a note for this person."""
        if self.line is not None:
            self._write_note(
                self.line.person, self.line.note, t("visit.note_of_person", name=self.line.full_name)
            )

    def action_household_note(self) -> None:
        """Write a note for the visit."""
        if self.sheet is not None:
            self._write_note("", self.sheet.note, t("visit.note_of_household"))

    def action_travel_from(self) -> None:
        """Write where this person came from, and since when they are here."""
        line = self.line
        if line is not None and self.sheet is not None:
            places = self.sheet.sweep.epidemic_areas if self.sheet.sweep else ()
            shown = "  ".join(f"{n} {place}" for n, place in enumerate(places, 1))
            key = "visit.travel_places" if places else "visit.travel_anywhere"
            words = t(key, name=line.full_name, places=shown)
            self._write_note(line.person, travel_text(line.travel_from, line.arrived_on), words, travel=True)

    def _write_note(self, person: str, text: str, placeholder: str, *, travel: bool = False) -> None:
        field = self.query_one("#note", TextField)
        self._noting, self._note_begun, self._travelling = person, False, travel
        field.value, field.placeholder, field.display = text, placeholder, True
        field.focus()

    @on(TextField.Changed, "#note")
    def _note_typed(self, message: TextField.Changed) -> None:
        if self.sheet is None:
            return
        line = next((line for line in self.sheet.lines if line.person == self._noting), None)
        problem = ""
        if line is not None and self._travelling:
            places = self.sheet.sweep.epidemic_areas if self.sheet.sweep else ()
            travel = read_travel(message.value, places, self.app.today())
            sheet = self.sheet.with_line(line.travelled(travel.travel_from, travel.arrived_on))
            problem = t(travel.problem) if travel.problem else ""
        elif line is not None:
            sheet = self.sheet.with_line(replace(line, note=message.value))
        else:
            sheet = replace(self.sheet, note=message.value)
        self._change(sheet, step=not self._note_begun)  # a note is one step, however many letters
        self._note_begun = True
        if problem:
            self.warn(problem)

    @on(TextField.Submitted, "#note")
    def _note_done(self) -> None:
        field = self.query_one("#note", TextField)
        field.display = False
        self._list.focus()

    # ---- leaving the sheet

    def keep_draft(self) -> Any:
        """Put what is typed on disk; None when there is nothing to keep."""
        keeper = self._keeper
        if keeper is None or self.sheet is None or self.sheet == self._opened:
            return None
        return self.run_worker(keeper.flush, thread=True, group="draft", exit_on_error=True)
