"""The application: who is at the laptop, which screen is shown, what the status line counts. No health work
happens here.

On the way to the first paint: nothing that touches records, the network or cryptography may be imported here.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.screen import Screen
from textual.worker import Worker

from tui_app.clock import Clock, clock_from_environment, show_time
from tui_app.clock import today as day_of
from tui_app.errors import BadFile, GonhaError, NotOpened
from tui_app.i18n import set_language, t
from tui_app.refusals import why
from tui_app.scanner import ScannedLines
from tui_app.screens.exchange.sync_run import Exchange, SyncRun
from tui_app.screens.frame.places import (
    counted,
    is_elsewhere,
    last_words,
    note_refusal,
    note_use,
    place,
    warm_up,
)
from tui_app.settings import Places, Settings, asset, read_settings, write_settings
from tui_app.themes import NAMES, THEMES
from tui_app.widgets.symbols import SymbolSet, choose_symbols

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.services.station.status import Status

SAID_SECONDS = 6.0
IDLE_CHECK_SECONDS = 5.0


class GonhaApp(ScannedLines[None]):
    """The program on a laptop. ``user``: whom the login screen proposes; ``hint``: a line below it (the
    demo's password).

    ``ticks``: seconds of a clock that never goes back, for the idle lock; ``exchange``: stands in for
    `tui_app.services.exchange.syncing.sync_now` in tests.
    """

    TITLE = "Gõ Nhà"
    CSS_PATH = [asset("styles", "app.tcss")]
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "app.key_help", id="app.help", tooltip="app.key_help_tip"),
        Binding("question_mark", "help", id="app.help_letter", tooltip="app.key_help_tip", show=False),
        Binding("f2", "go('find')", "app.key_find", id="app.find", tooltip="app.key_find_tip", show=False),
        Binding(
            "f3", "go('today')", "app.key_today", id="app.today", tooltip="app.key_today_tip", show=False
        ),
        Binding("f4", "go('f0')", "app.key_f0", id="app.f0", tooltip="app.key_f0_tip", show=False),
        Binding("f5", "go('risk')", "app.key_risk", id="app.risk", tooltip="app.key_risk_tip", show=False),
        Binding(
            "f6",
            "go('reports')",
            "app.key_reports",
            id="app.reports",
            tooltip="app.key_reports_tip",
            show=False,
        ),
        Binding("f7", "go('sync')", "app.key_sync", id="app.sync", tooltip="app.key_sync_tip", show=False),
        Binding(
            "f8",
            "go('command')",
            "app.key_command",
            id="app.command",
            tooltip="app.key_command_tip",
            show=False,
        ),
        Binding("ctrl+s", "save", "app.key_save", id="app.save", tooltip="app.key_save_tip", show=False),
        Binding("ctrl+z", "undo", "app.key_undo", id="app.undo", tooltip="app.key_undo_tip", show=False),
        Binding(
            "ctrl+p",
            "palette",
            "app.key_palette",
            id="app.palette",
            tooltip="app.key_palette_tip",
            show=False,
        ),
        Binding(
            "ctrl+q",
            "quit",
            "app.key_quit",
            id="app.quit",
            tooltip="app.key_quit_tip",
            show=False,
            priority=True,
        ),
    ]

    status: var[Status | None] = var(None, init=False)
    """The last counts, None before the first and while locked."""
    said: var[str] = var("", init=False)
    """A short confirmation, gone after some seconds."""
    minute: var[str] = var("", init=False)
    """HH:MM in Viet Nam."""

    def __init__(
        self,
        places: Places,
        *,
        clock: Clock | None = None,
        user: str | None = None,
        hint: str | None = None,
        ticks: Callable[[], float] = time.monotonic,
        exchange: Exchange | None = None,
    ) -> None:
        super().__init__()
        self.places = places
        self.clock = clock or clock_from_environment()
        self.proposed_user = user
        self.hint = hint
        self.ticks = ticks
        self.workspace: Workspace | None = None
        self.has_workspace = False
        self.farewell = ""
        self._locked_user: str | None = None
        self._last_key_at = ticks()
        self._leaving = False
        self.sync_run = SyncRun(self, exchange)
        self.settings_problem: BadFile | None = None
        try:
            self.settings = read_settings(places.settings)
        except BadFile as error:
            self.settings, self.settings_problem = Settings(), error
        set_language(self.settings.language)
        choose_symbols(cast(SymbolSet, self.settings.symbols))
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.settings.theme if self.settings.theme in NAMES else "gonha"
        self.set_reactive(GonhaApp.minute, show_time(self.clock()))
        self._day = self.today()

    # ---- start

    def get_default_screen(self) -> Screen[Any]:
        """The first screen: set-up in an empty folder, else the login."""
        self.has_workspace = self.places.vault.exists() or is_elsewhere(self.places)
        if self.has_workspace:
            from tui_app.screens.frame.unlock import UnlockScreen

            return UnlockScreen()
        from tui_app.screens.frame.setup import SetupScreen

        return SetupScreen()

    def on_mount(self) -> None:
        """Paint first; then load what unlocking needs, while the password is typed."""
        asyncio.get_running_loop().set_exception_handler(self._stray_exception)
        self.call_after_refresh(self._after_first_paint)

    def _after_first_paint(self) -> None:
        self.run_worker(warm_up, thread=True, group="warm-up", exit_on_error=False)
        self.set_interval(IDLE_CHECK_SECONDS, self.lock_if_idle)
        self._wait_for_next_minute()
        if self.settings_problem is not None:
            self.show_error(self.settings_problem)

    # ---- what screens ask for

    @property
    def open_workspace(self) -> Workspace:
        """The unlocked workspace. Raises RuntimeError when locked."""
        if self.workspace is None:
            raise RuntimeError("the workspace is locked")
        return self.workspace

    @property
    def input_method(self) -> str | None:
        """``telex`` or ``vni`` when the built-in one is on; text fields ask for it at each key."""
        return None if self.settings.input_method == "none" else self.settings.input_method

    def today(self) -> date:
        """The calendar day in Viet Nam."""
        return day_of(self.clock)

    def show_error(self, error: GonhaError) -> None:
        """The one place where a refusal or failure is shown: what happened, what is safe, what to do.

        That a named record was refused is noted.
        """
        workspace = self.workspace
        if isinstance(error, NotOpened) and workspace is not None:
            note = partial(note_refusal, workspace, error)
            self.run_worker(note, thread=True, group="note", exit_on_error=True)
        self.notify(str(error), title=t("app.error_title"), severity="error", timeout=12, markup=False)

    def say(self, text: str) -> None:
        """Confirm something in the status line for some seconds."""
        self.said = text
        self.set_timer(SAID_SECONDS, lambda: self._unsay(text))

    def _unsay(self, text: str) -> None:
        if self.said == text:
            self.said = ""

    def refresh_status(self) -> None:
        """Count again in a worker; called after each save. A later call replaces an unanswered one."""
        if self.workspace is not None:
            self._count(self.workspace)

    def _count(self, workspace: Workspace) -> Worker[None]:
        async def work() -> None:
            status = await asyncio.to_thread(counted, workspace)
            if self.workspace is workspace:
                self.status = status

        # a coroutine that is replaced before it begins would be complained of on stderr
        return self.run_worker(work, group="status", exclusive=True)

    def tell_screens(self, what: str) -> None:
        """Call ``day_changed`` or ``records_changed`` on every screen that has it."""
        for screen in self.screen_stack:
            told = getattr(screen, what, None)
            if told is not None:
                told()

    # ---- unlocking and locking

    async def enter(self, workspace: Workspace) -> None:
        """Go on with an unlocked workspace: back to where this user was, else to Hôm nay."""
        self.workspace = workspace
        self.has_workspace = True
        self._last_key_at = self.ticks()
        self.run_worker(partial(note_use, workspace), thread=True, group="note", exit_on_error=True)
        same_user, self._locked_user = self._locked_user == workspace.user, None
        if same_user:
            await self.pop_screen()
        else:
            home = self.home_screen()
            while len(self.screen_stack) > 1:  # the first screen stays at the bottom, its password cleared
                await self.pop_screen()
            await self.push_screen(home)
        self.refresh_status()

    def home_screen(self) -> Screen[Any]:
        """Where work begins: Hôm nay."""
        return place("today")()

    async def lock(self, reason: str = "app.locked_by_hand", **params: object) -> None:
        """Hide everything behind the login screen, keep drafts, then close the encrypted file.

        The screens stay below, so that nothing typed is lost even where a screen keeps no draft; another user
        does not get to them.
        """
        workspace = self.workspace
        if workspace is None or self._locked_user is not None:
            return
        from tui_app.screens.frame.unlock import UnlockScreen

        self._locked_user = workspace.user
        working = list(self.screen_stack)
        self.clear_notifications()
        await self.push_screen(UnlockScreen(workspace.user, reason, **params))
        await self._keep_drafts(working)
        self.workspace, self.status, self.said = None, None, ""
        await asyncio.to_thread(workspace.close)

    async def lock_if_idle(self) -> None:
        """Lock when no key came for the minutes in the settings."""
        minutes = self.settings.lock_minutes
        if self.workspace is not None and self.ticks() - self._last_key_at >= minutes * 60:
            await self.lock("app.locked_idle", minutes=minutes)

    async def on_event(self, event: events.Event) -> None:
        """Any key or click counts as somebody being there."""
        if isinstance(
            event, (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
        ):
            self._last_key_at = self.ticks()
        await super().on_event(event)

    async def _keep_drafts(self, screens: list[Screen[Any]]) -> None:
        for screen in reversed(screens):
            keep = getattr(screen, "keep_draft", None)
            if keep is None:
                continue
            try:
                kept = keep()
                if isinstance(kept, Worker):
                    await kept.wait()
                elif inspect.isawaitable(kept):
                    await kept
            except GonhaError as error:
                self.show_error(error)

    # ---- places and keys that are the same everywhere

    @property
    def _is_chief(self) -> bool:
        return self.workspace is not None and self.workspace.role == "chief"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that have nothing to act on are neither shown nor taken."""
        if action == "go" and (self.workspace is None or (parameters == ("command",) and not self._is_chief)):
            return False
        if action in ("save", "undo"):
            return hasattr(self.screen, f"action_{action}")
        return super().check_action(action, parameters)

    async def action_go(self, name: str) -> None:
        """Go to a place: back to it when it lies below, else on top, so that Esc returns."""
        kind = place(name)
        stack = self.screen_stack
        depth = next((i for i, screen in enumerate(stack) if type(screen) is kind), None)
        if depth is None:
            await self.push_screen(kind())
            return
        above = stack[depth + 1 :]
        await self._keep_drafts(above)
        for _ in above:
            await self.pop_screen()
        begin_anew = getattr(self.screen, "begin_anew", None)
        if above and begin_anew is not None:
            begin_anew()

    async def action_save(self) -> None:
        """Ctrl+S means the screen's own save."""
        await self.run_action("screen.save")

    async def action_undo(self) -> None:
        """Ctrl+Z means the screen's own undo."""
        await self.run_action("screen.undo")

    @property
    def scans_wanted(self) -> bool:
        """Whether a scanner's line may be taken from the keys: the workspace is open and nobody types text."""
        return self.workspace is not None and not getattr(self.focused, "takes_typing", False)

    def scanned(self, line: str) -> None:
        """Open whom or what the line means; above a question it waits until that is answered."""
        from tui_app.screens.frame.base import WorkScreen
        from tui_app.screens.people.scanned import answer_scan

        screen = self.screen
        if isinstance(screen, WorkScreen) and not screen.is_modal:
            answer_scan(screen, line)
        else:
            self.say(t("identity.answer_first"))

    async def action_help(self) -> None:
        """Show the keys of the screen that is shown."""
        from tui_app.screens.frame.help import HelpScreen

        await self.push_screen(HelpScreen(self.screen))

    async def action_palette(self) -> None:
        """Show all commands."""
        from tui_app.screens.frame.palette import Command, PaletteScreen, commands

        async def run(command: Command | None) -> None:
            if command is not None:
                await command.run(self)

        await self.push_screen(PaletteScreen(commands(self)), run)

    def action_help_quit(self) -> None:
        """Ctrl+C copies or stops elsewhere; here it only says how to leave."""
        self.say(t("app.quit_hint"))

    async def action_quit(self) -> None:
        """Keep drafts, count what is unsent for the last words, and leave."""
        if self._leaving:
            return
        self._leaving = True
        workspace = self.workspace
        self.farewell = t("app.goodbye_never_opened")
        if workspace is not None:
            await self._keep_drafts(list(self.screen_stack))
            self.farewell = last_words(await asyncio.to_thread(counted, workspace))
            self.workspace = None
            await asyncio.to_thread(workspace.close)
        self.exit()

    # ---- settings

    async def change_settings(self, **changes: Any) -> None:
        """Take a change at once and keep it in settings.toml."""
        settings = self.settings.with_(**changes)
        self.settings = settings
        if "theme" in changes:
            self.theme = settings.theme
        choose_symbols(cast(SymbolSet, settings.symbols))
        set_language(settings.language)
        for screen in self.screen_stack:
            changed = getattr(screen, "language_changed", None)
            result = changed() if changed is not None else screen.refresh(layout=True)
            if inspect.isawaitable(result):
                await result
        try:
            await asyncio.to_thread(self._keep_settings, settings)
        except OSError as error:
            self.show_error(BadFile("vault.cannot_write", folder=str(self.places.home), reason=why(error)))

    def _keep_settings(self, settings: Settings) -> None:
        self.places.prepare()
        write_settings(self.places.settings, settings)

    # ---- time

    def _wait_for_next_minute(self) -> None:
        self.set_timer(60.2 - self.clock().second % 60, self._tick)

    def _tick(self) -> None:
        self.minute = show_time(self.clock())
        if self.workspace is not None and self.minute.endswith(":00"):
            self.run_worker(partial(note_use, self.workspace), thread=True, group="note", exit_on_error=True)
            self.refresh_status()
        if self._day != self.today():
            self._day = self.today()
            if self.workspace is not None:
                self.tell_screens("day_changed")
        self._wait_for_next_minute()

    # ---- failures

    def _fatal_error(self) -> None:
        """Stop without Textual's traceback, which prints the values of variables; `tui_app.terminal` says
        the rest.
        """
        self._close_messages_no_wait()

    def _stray_exception(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self._handle_exception(error)

    @property
    def crash(self) -> Exception | None:
        """The unexpected exception that ended the program, if one did."""
        return self._exception
