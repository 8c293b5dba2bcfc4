"""What the household's and the person's form share: reading, drafts at each letter, problems under fields, saving."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_time, to_wire
from tui_app.errors import FieldProblem, GonhaError, InvalidFields
from tui_app.i18n import t
from tui_app.screens.frame.base import WorkScreen
from tui_app.screens.frame.draft_keeper import DraftKeeper
from tui_app.services.people.entries import Entry
from tui_app.services.station import drafts
from tui_app.widgets.dialogs import Confirm
from tui_app.widgets.form import Form, FormRow
from tui_app.widgets.warning_line import WarningLine


@dataclass(frozen=True, slots=True)
class Opened:
    """What a form opens with. ``fields``: the record; ``values``: how the form shows it; ``more``: what rows need."""

    fields: Mapping[str, Any]
    values: Mapping[str, str]
    more: Any = None
    draft: Mapping[str, Any] | None = field(default=None)


class FormScreen(WorkScreen[str | None]):
    """A form over one record. It is dismissed with the record's id once saved, with None on Esc.

    What differs from the record is kept as a draft at each change and comes back when the form is opened again; only
    what was changed is saved, so that fields changed elsewhere meanwhile stay as they are.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "person.key_save", id="form.save", tooltip="person.key_save_tip"),
        Binding("ctrl+x", "discard", show=False, id="form.discard", tooltip="person.key_discard_tip"),
        Binding("escape", "back", "app.key_back", id="form.back", tooltip="person.key_back_tip"),
    ]

    given: Mapping[str, str] = {}
    """What stands in the fields as if it had been typed; kept as a draft like that."""

    def __init__(self) -> None:
        super().__init__()
        self._opened: Opened | None = None
        self._keeper: DraftKeeper[dict[str, str]] | None = None

    # ---- what a form says

    @property
    @abstractmethod
    def draft_key(self) -> str:
        """Under which key its draft is kept."""

    @abstractmethod
    def words(self) -> str:
        """The title."""

    @abstractmethod
    def opened(self, c: Any) -> Opened:
        """Read what the form shows (in a worker)."""

    @abstractmethod
    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """The rows, from top to bottom."""

    @abstractmethod
    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""

    @abstractmethod
    def store(self, entry: Entry, typed: Mapping[str, str]) -> str:
        """Save (in a worker); the answer is the record's id."""

    @abstractmethod
    def saved(self, record: str, entry: Entry) -> str:
        """What to say after saving."""

    # ---- opening

    def compose(self) -> ComposeResult:
        """The frame; the form comes when the record was read."""
        yield from self.frame_top(self.words())
        yield WarningLine()
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """Read; keys typed meanwhile wait for the form."""
        self.load()

    def load(self) -> None:
        """Read the record and show it, with its draft on top."""
        hold = self.app.hold_keys()
        hold.__enter__()
        workspace = self.workspace

        def job() -> Opened:
            with workspace.store.read() as c:
                opened = self.opened(c)
                draft = drafts.kept(c, self.draft_key)
            return Opened(opened.fields, opened.values, opened.more, draft)

        async def work() -> None:
            try:
                await self._show(await asyncio.to_thread(job))
            except GonhaError as error:
                self.app.show_error(error)
                self.dismiss(None)
            finally:
                hold.__exit__(None, None, None)

        self.run_worker(work(), group="open")

    async def _show(self, opened: Opened) -> None:
        self._opened = opened
        workspace = self.workspace
        key, kind = self.draft_key, self.draft_key.partition(":")[0]

        def keep(typed: dict[str, str]) -> None:
            if typed:
                body = {"values": typed, "at": to_wire(workspace.store.clock())}
                drafts.keep(workspace.store, workspace.user, key, kind, body)
            else:
                drafts.discard(workspace.store, key)

        self._keeper = DraftKeeper(keep)
        values = dict(opened.values)
        if opened.draft is not None:
            values |= opened.draft["values"]
            self.app.say(t("person.draft_found", time=show_time(opened.draft["at"])))
        await self._put_form({**values, **self.given})
        if self.given:
            self._changed()

    async def _put_form(self, values: Mapping[str, str]) -> None:
        opened = self._opened
        if opened is None:
            return
        await self.query(Form).remove()
        form = Form(self.rows(opened), id="form")
        form.set_values(values)
        await self.mount(form, before=self.query_one(WarningLine))
        form.focus_first()
        self.set_title(self.words())

    async def language_changed(self) -> None:  # type: ignore[override]
        """Labels and options are made anew; what was typed stays."""
        super().language_changed()
        if self._opened is not None:
            await self._put_form(self.query_one(Form).values())

    # ---- typing

    def typed(self) -> dict[str, str]:
        """The fields that differ from the record."""
        if self._opened is None:
            return {}
        now = self.query_one(Form).values()
        return {name: value for name, value in now.items() if value != self._opened.values.get(name, "")}

    @on(Form.Changed)
    def _changed(self) -> None:
        self.query_one(WarningLine).say("")
        if self._keeper is not None:
            self.run_worker(self._keeper.put(self.typed()), thread=True, group="draft", exit_on_error=True)

    def on_descendant_blur(self) -> None:
        """Leaving a field: say what is doubtful so far."""
        if self._opened is not None and self.query(Form):
            self._say_doubts(self.entry(self.typed(), self._opened))

    def _say_doubts(self, entry: Entry) -> None:
        self.query_one(WarningLine).say(" ".join(str(doubt) for doubt in entry.warnings))

    def keep_draft(self) -> Any:
        """Put what is typed on disk."""
        if self._keeper is None:
            return None
        return self.run_worker(self._keeper.flush, thread=True, group="draft", exit_on_error=True)

    # ---- leaving

    def action_back(self) -> None:
        """Back; what was typed stays as a draft."""
        keeper = self._keeper
        if keeper is None:
            self.dismiss(None)
            return
        self.save(keeper.flush, lambda _: self._leave(None))

    def _leave(self, record: str | None) -> None:
        self.dismiss(record)

    def action_discard(self) -> None:
        """Throw what was typed away, after asking."""
        if self.typed():
            text = t("person.discard_text")
            self.app.push_screen(
                Confirm(t("person.discard"), text, yes=t("person.discard_yes")), self._discarded
            )
        else:
            self.action_back()

    def _discarded(self, sure: bool | None) -> None:
        keeper, store, key = self._keeper, self.workspace.store, self.draft_key
        if not sure or keeper is None:
            return

        def job() -> None:
            keeper.close()
            drafts.discard(store, key)

        self.save(job, lambda _: self._leave(None))

    # ---- saving

    @on(Form.Submitted)
    def _submitted(self) -> None:
        self.action_save()

    def action_save(self) -> None:
        """Check, then save; problems show under their fields."""
        self._save(self._finish)

    def _finish(self, record: str, words: str) -> None:
        self.app.say(words)
        self._leave(record)

    def _save(self, then: Any) -> None:
        opened, keeper = self._opened, self._keeper
        if opened is None or keeper is None:
            return
        typed = self.typed()
        entry = self.entry(typed, opened)
        if self._show_problems(entry.problems):
            return

        def job() -> str | InvalidFields:
            keeper.close()
            try:
                return self.store(entry, typed)
            except InvalidFields as refused:
                keeper.reopen()
                return refused
            except BaseException:
                keeper.reopen()
                raise

        def show(answer: str | InvalidFields) -> None:
            if isinstance(answer, InvalidFields):
                self._show_problems(answer.problems)
                return
            doubts = " ".join(str(doubt) for doubt in entry.warnings)
            then(answer, f"{self.saved(answer, entry)} {doubts}".strip())

        self.save(job, show)

    def _show_problems(self, problems: Sequence[FieldProblem]) -> bool:
        form = self.query_one(Form)
        elsewhere = form.set_problems([_in_form(problem) for problem in problems])
        self.query_one(WarningLine).say(" ".join(str(problem) for problem in elsewhere))
        return bool(problems)


def _in_form(problem: FieldProblem) -> FieldProblem:
    """A birth year is typed into the field of the birth date."""
    if problem.field == "birth_year":
        return FieldProblem("birth_date", problem.key, **problem.params)
    return problem
