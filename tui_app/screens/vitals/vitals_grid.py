"""The vitals grid: all of one's patients in one half-day, typed down a column or along a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import Worker

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.rules import slots
from tui_app.screens.frame.draft_keeper import DraftKeeper
from tui_app.screens.vitals.saved_readings import Saved
from tui_app.screens.vitals.taking import DANGER, Reading, TakingScreen
from tui_app.screens.vitals.vitals_drafts import HalfDay, beside, draft_key, keep_row, vitals_line
from tui_app.services.cases import observing
from tui_app.services.cases.observing import GridRow, Recorded, Vitals
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.station import drafts
from tui_app.widgets.vitals_lines import VitalsLine, columns
from tui_app.widgets.vitals_table import VitalsTable
from tui_app.widgets.vitals_words import reading_words
from tui_app.widgets.warning_line import WarningLine


@dataclass(frozen=True, slots=True)
class _Opened:
    """``present``: the half-day it is now; ``drafts``: by case."""

    present: HalfDay
    slot: HalfDay
    rows: Sequence[GridRow]
    drafts: Mapping[str, dict[str, Any]]


class VitalsGridScreen(TakingScreen[str]):
    """Answers what could not be judged of the readings saved in the half-day shown last.

    ``followed_by``: only this follower's patients; ``at``: case to begin with, else the first not yet measured."""

    AUTO_FOCUS = "#vitals"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "down", "f0.key_next_row", id="grid.down", tooltip="f0.keys_down"),
        Binding("tab", "right", "f0.key_next_cell", id="grid.right", tooltip="f0.keys_right"),
        Binding("ctrl+s", "save", "f0.key_save_row", id="grid.save", tooltip="f0.key_save_row_tip"),
        Binding("ctrl+z", "undo", "f0.key_undo", id="grid.undo", tooltip="f0.key_undo_tip"),
        Binding(
            "left_square_bracket",
            "slot(-1)",
            "f0.key_slot_before",
            id="grid.slot_before",
            tooltip="f0.key_slot_before_tip",
        ),
        Binding(
            "right_square_bracket",
            "slot(1)",
            show=False,
            id="grid.slot_after",
            tooltip="f0.key_slot_after_tip",
        ),
        Binding("escape", "back", "app.key_back", id="grid.back", tooltip="f0.key_grid_back_tip"),
    ]

    def __init__(self, followed_by: str | None = None, *, at: str | None = None) -> None:
        super().__init__()
        self.followed_by = followed_by
        self.slot: HalfDay | None = None
        self._present: HalfDay | None = None
        self._at = at
        self._said = ("", "")
        self._keepers: dict[str, DraftKeeper[dict[str, str]]] = {}
        self._unsaid: dict[str, tuple[str, str]] = {}  # case -> name, what could not be judged of its reading

    def compose(self) -> ComposeResult:
        """The table, and below it why a value is refused."""
        yield from self.frame_top("f0.grid")
        yield VitalsTable(id="vitals", empty=t("widgets.list_loading"))
        yield WarningLine(id="why")
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Read the half-day; keys typed meanwhile wait for it."""
        self._open(self.slot)

    # ---- reading

    def _open(self, slot: HalfDay | None, at: str | None = None) -> None:
        now, team = self.app.clock(), self.followed_by

        def job(c: Any) -> _Opened:
            present = slots.slot_at(rule_sets(c), now)
            here = (present.day, present.slot)
            asked = slot or here
            rows = observing.grid(c, now, asked, followed_by=team)
            kept = drafts.kept_under(c, draft_key("", asked))
            return _Opened(here, asked, rows, {key.rpartition(":")[2]: body for key, body in kept.items()})

        self.open_held(job, lambda opened: self._show(opened, at))

    def _show(self, opened: _Opened, at: str | None) -> None:
        self._present, self.slot = opened.present, opened.slot
        self._keepers.clear()
        lines = [vitals_line(row, opened.drafts.get(row.line.case)) for row in opened.rows]
        first = next((line.patient.case for line in lines if not line.observation), None)
        self._table.empty = t("f0.grid_empty")
        self._table.show_lines(lines, self.app.today().isoformat(), at=at or self._at or first)
        self._at = None
        self._say_unsaid()
        self._count()

    def records_changed(self) -> None:
        """After a sync: other laptops may have measured; what is typed here is a draft and comes back."""
        worker, line = self.keep_draft(), self._table.line
        self.run_worker(self._reopen_after(worker, line.patient.case if line else None), group="reopen")

    async def _reopen_after(self, worker: Worker[None], at: str | None) -> None:
        await worker.wait()
        self._open(self.slot, at)

    # ---- showing

    @property
    def _table(self) -> VitalsTable:
        return self.query_one("#vitals", VitalsTable)

    def _count(self) -> None:
        if self.slot is None:
            return
        lines = self._table.lines
        day, half = self.slot
        title = t("f0.grid_title", slot=code_word("slot", half), date=show_date(day))
        if self.followed_by:
            title += f" · {self.followed_by}"
        done, drafted = sum(bool(line.observation) for line in lines), sum(line.is_changed for line in lines)
        counts = t("f0.grid_counts", done=done, all=len(lines))
        said = (title, f"{counts} · {t('f0.grid_drafts', count=drafted)}" if drafted else counts)
        if said != self._said:  # painting it costs at each key
            self._said = said
            self.set_title(*said)

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._table.set_columns(columns())
        self._count()

    # ---- typing

    @on(VitalsTable.Typed)
    def _typed(self, message: VitalsTable.Typed) -> None:
        line = message.line
        keeper = self._keeper(line.patient.case)
        body = dict(line.typed) if line.is_changed else {}
        self.run_worker(keeper.put(body), thread=True, group="draft", exit_on_error=True)
        self._count()

    def _keeper(self, case: str) -> DraftKeeper[dict[str, str]]:
        if case not in self._keepers:
            assert self.slot is not None
            write = partial(keep_row, self.workspace, draft_key(case, self.slot))
            self._keepers[case] = DraftKeeper(write)
        return self._keepers[case]

    @on(VitalsTable.Refused)
    def _refused(self, message: VitalsTable.Refused) -> None:
        if message.why:
            self.query_one("#why", WarningLine).say(f"{message.why} {t('f0.refused_keys')}")
        else:
            self._say_unsaid()

    def _say_unsaid(self) -> None:
        self.query_one("#why", WarningLine).say(self._unsaid_words())

    def _unsaid_words(self) -> str:
        """What could not be judged of the readings saved in this half-day: of one in full, of several whose."""
        said = list(self._unsaid.values())
        if len(said) == 1:
            return said[0][1]
        return t("f0.unsaid_several", names=", ".join(name for name, _ in said)) if said else ""

    @on(VitalsTable.Left)
    def _left(self, message: VitalsTable.Left) -> None:
        self._save_line(message.line)

    # ---- saving

    def _save_line(self, line: VitalsLine, then: Callable[[], None] = lambda: None) -> None:
        vitals = line.vitals()
        if vitals is None or not vitals.says_something:
            then()  # emptied cells of a saved reading: taking it back is Ctrl+Z
            return
        case, keeper = line.patient.case, self._keeper(line.patient.case)
        typed, before = dict(line.typed), line.reading
        reading = Reading(
            case,
            line.patient.full_name,
            vitals,
            slot=self.slot,
            amends=line.observation,
            before=before,
            draft=draft_key(case, self.slot) if self.slot else "",
            keeper=keeper,
        )

        def taken(recorded: Recorded, saved: Vitals) -> None:
            self._keepers.pop(case, None)
            line.saved, line.reading, line.observation = typed, saved, recorded.observation
            line.at = self.taken_at
            line.alert = any(found.kind == DANGER for found in recorded.judgement.findings)
            if any(one is line for one in self._table.lines):
                self._table.repaint_line(line)
            else:  # read anew while it was saved
                self._open(self.slot, at=case)
            self._count()
            self._unsaid.pop(case, None)
            if self.unsaid:
                self._unsaid[case] = (line.patient.full_name, self.unsaid)
            self._say_unsaid()
            self.say_saved(recorded, line.patient.full_name, reading_words(typed))
            then()

        self.take(reading, taken)

    def action_save(self) -> None:
        """Save the line under the cursor and go to the next one."""
        self._table.steer("enter")

    def action_undo(self) -> None:
        """Take the line saved last back: its cells are as they were before."""

        def done(saved: Saved) -> None:
            self._unsaid.pop(saved.case, None)
            self._table.begin_row()
            self._open(self.slot, at=saved.case)

        self.take_back(done)

    # ---- other half-days, leaving

    def action_slot(self, by: int) -> None:
        """The half-day before or after, never one to come."""
        if self.slot is None or self._present is None:
            return
        asked = beside(self.slot, by)
        if asked > self._present:
            return
        line = self._table.line

        def leave() -> None:
            self._unsaid.clear()
            self._open(asked, at=line.patient.case if line else None)

        self._leave_line(leave)

    def action_down(self) -> None:
        """The next patient."""
        self._table.steer("enter")

    def action_right(self) -> None:
        """The next cell."""
        self._table.steer("tab")

    def action_back(self) -> None:
        """Save the line if it can be, and go back; what cannot be saved stays as a draft."""
        self._leave_line(self._flush)

    def _leave_line(self, then: Callable[[], None]) -> None:
        line = self._table.line
        if line is not None and line.is_changed and self._table.may_leave():
            self._save_line(line, then)
        else:
            then()

    def _flush(self) -> None:
        self.save(partial(_flush_all, list(self._keepers.values())), self._leave)

    def _leave(self, _: object) -> None:
        self.dismiss(self._unsaid_words())

    def keep_draft(self) -> Worker[None]:
        """Put what is typed on disk."""
        flush = partial(_flush_all, list(self._keepers.values()))
        return self.run_worker(flush, thread=True, group="draft", exit_on_error=True)


def _flush_all(keepers: Sequence[DraftKeeper[dict[str, str]]]) -> None:
    for keeper in keepers:
        keeper.flush()
