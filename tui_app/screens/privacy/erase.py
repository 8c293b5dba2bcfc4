"""What erasing a person for good would do: what goes, what stays, what forbids it. Nothing goes before a last yes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui_app.errors import NotFound, NotOpened
from tui_app.i18n import t
from tui_app.screens.frame.base import ReadingScreen
from tui_app.services.requests import erasing, words
from tui_app.services.requests.erasing import Plan
from tui_app.services.requests.rewording import Decisions, removed_by_default
from tui_app.widgets.dialogs import Confirm, Notice


@dataclass(frozen=True, slots=True)
class Done:
    """What was erased. ``request``: its id in the register now; ``scrubbed``: whether the file was written anew;
    ``copies``: names of folders that a restore put aside; ``left``: where records of others name them still."""

    request: str
    scrubbed: bool
    copies: tuple[str, ...]
    left: tuple[str, ...]


class EraseScreen(ReadingScreen[bool | None]):
    """``person``, ``name``: whom; ``request``: the id of their request for deletion. Answers whether it was done."""

    leaves_when_refused = True
    AUTO_FOCUS = "#whole"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "erase", "privacy.key_erase_now", id="erase.erase", tooltip="privacy.key_erase_now_tip"),
        Binding("w", "words", "privacy.key_words", id="erase.words", tooltip="privacy.key_words_tip"),
        Binding("escape", "back", "app.key_back", id="erase.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, person: str, name: str, request: str) -> None:
        super().__init__()
        self.person = person
        self.name_of_person = name or t("requests.nameless")
        self.request = request
        self.plan: Plan | None = None
        self.decided: Decisions = {}  # what shall stand where records of others name them
        self._erasing = False

    def compose(self) -> ComposeResult:
        """Lines that scroll."""
        yield from self.frame_top("privacy.title_erase")
        with VerticalScroll(id="whole"):
            yield Static(id="lines", markup=False)
        yield from self.frame_bottom()

    def reload(self) -> None:
        """Work out what erasing would do; nothing is removed. Not while it is done: whoever is gone by then would
        close the screen before it has told what was done."""
        if self._erasing:
            return
        store = self.workspace.store

        def show(plan: Plan) -> None:
            self.plan = plan
            proposed = removed_by_default(plan.named_in)
            named = {text for one in plan.named_in for text in one.named()}
            self.decided = {**proposed, **{text: new for text, new in self.decided.items() if text in named}}
            self._paint()

        gone = (NotOpened, NotFound)
        self._run(lambda: erasing.plan(store, self.person), show, "plan", nothing_left=gone)

    def _paint(self) -> None:
        if self.plan is None:
            return
        self.set_title(t("privacy.title_erase_of", name=self.name_of_person))
        self.query_one("#lines", Static).update("\n".join(words.plan_lines(self.plan, self.decided)))
        self.refresh_bindings()

    def language_changed(self) -> None:
        """Make the lines anew; the rules come in the language they were read in."""
        super().language_changed()
        self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the law keeps, or what still waits for the server, has no key."""
        if action == "erase":
            return self.plan is not None and self.plan.may_go
        if action == "words":
            return self.plan is not None and self.plan.may_go and bool(self.plan.named_in)
        return super().check_action(action, parameters)

    def action_words(self) -> None:
        """Say what shall stand where records of others name them."""
        from tui_app.screens.privacy.erase_words import ErasedWordsScreen

        def decided(found: Decisions | None) -> None:
            self.decided = found or self.decided
            self._paint()

        if self.plan is not None:
            self.app.push_screen(ErasedWordsScreen(self.plan, self.decided), decided)

    def action_erase(self) -> None:
        """Ask once more; Enter alone says no."""

        def answered(sure: bool | None) -> None:
            if sure:
                self._erase()

        text = t("privacy.ask_erase_text")
        if out := sum(new is not None for new in self.decided.values()):
            text += "\n\n" + t("privacy.ask_erase_words", count=out)
        ask = Confirm(
            t("privacy.ask_erase", name=self.name_of_person),
            text,
            yes=t("privacy.ask_erase_yes"),
            no=t("privacy.ask_erase_no"),
        )
        self.app.push_screen(ask, answered)

    def _erase(self) -> None:
        workspace, texts = self.workspace, dict(self.decided)

        def job() -> Done:
            from tui_app.store.restore import kept_workspaces

            try:
                done, kept = erasing.erase(
                    workspace.store, workspace.user, self.person, self.request, texts=texts
                )
            except BaseException:
                self._erasing = False
                raise
            scrubbed = workspace.store.scrub()
            copies = tuple(folder.name for folder in kept_workspaces(workspace.places))
            left = tuple(words.where(one, field) for one in done.named_in for field in one.fields)
            return Done(kept, scrubbed, copies, left)

        def show(done: Done) -> None:
            told = [t("privacy.erased", id=done.request[-6:]), t("requests.old_copies")]
            if done.left:
                told.append(t("privacy.left_named", where="; ".join(done.left)))
            if done.copies:
                told.append(t("requests.kept_workspaces", folders=", ".join(done.copies)))
            if not done.scrubbed:
                told.append(t("requests.scrub_later"))
            self.dismiss(True)
            self.app.push_screen(Notice(t("privacy.erased_title"), "\n\n".join(told)))

        self._erasing = True
        self.workers.cancel_group(self, "plan")
        self.app.say(t("privacy.erasing"))
        self.save(job, show)

    def action_back(self) -> None:
        """Back; nothing was removed."""
        self.dismiss(False)
