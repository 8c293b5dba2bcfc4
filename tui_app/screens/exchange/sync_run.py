"""One sync in the background: it goes on while other screens are used, and can be stopped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tui_app.errors import GonhaError
from tui_app.i18n import t

if TYPE_CHECKING:
    from sync.client import Progress
    from tui_app.app import GonhaApp
    from tui_app.bootstrap import Workspace
    from tui_app.services.exchange.syncing import Synced

Exchange = Callable[..., Any]  # as `tui_app.services.exchange.syncing.sync_now`


class SyncRun:
    """The App's one sync at a time. ``progress``: where it is, None when none runs."""

    def __init__(self, app: GonhaApp, exchange: Exchange | None = None) -> None:
        self._app = app
        self._exchange = exchange
        self._stop = threading.Event()
        self.running = False
        self.progress: Progress | None = None

    def start(self) -> bool:
        """Begin in a thread. False when one runs already or the program is locked."""
        workspace = self._app.workspace
        if self.running or workspace is None:
            return False
        self.running, self.progress = True, None
        self._stop.clear()
        self._app.run_worker(self._work(workspace), group="sync")
        return True

    def stop(self) -> None:
        """Ask it to stop between two requests; what was answered stays."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and has not yet."""
        return self.running and self._stop.is_set()

    def words(self) -> str:
        """What it is doing, with numbers where they are known."""
        if self.stopping:
            return t("sync.stopping")
        now = self.progress
        if now is None:
            return t("sync.step_scope")
        words = t(f"sync.step_{now.step}")
        if now.total:
            return f"{words} {now.done}/{now.total}"
        return f"{words} {now.done}" if now.done else words

    async def _work(self, workspace: Workspace) -> None:
        from tui_app.services.exchange.link import notes

        app = self._app
        try:
            synced = await asyncio.to_thread(self._go, workspace)
        except GonhaError as error:
            app.show_error(error)
        else:
            app.say(outcome_words(synced))
            for note in notes(synced.summary):
                app.notify(note, title=t("sync.title"), severity="warning", timeout=12, markup=False)
        finally:
            self.running, self.progress = False, None
            if app.workspace is not workspace:  # locked meanwhile: the store was closed then, and used since
                await asyncio.to_thread(workspace.close)
        app.refresh_status()
        if app.workspace is workspace:
            app.tell_screens("records_changed")

    def _go(self, workspace: Workspace) -> Synced:
        from tui_app.services.exchange.syncing import sync_now

        synced: Synced = (self._exchange or sync_now)(workspace, self._tell, self._stop.is_set)
        return synced

    def _tell(self, progress: Progress) -> None:
        self.progress = progress
        if progress.step == "usable":  # people and today's work are here, long before the sync ends
            self._app.call_from_thread(self._app.tell_screens, "records_changed")


def outcome_words(synced: Synced) -> str:
    """What a finished sync did, in one line: only what happened."""
    done = synced.summary
    words = t("sync.finished", pushed=done.pushed, pulled=done.pulled, pending=done.pending)
    if synced.waits_for_person:
        stopped = done.held + done.rejected
        words += " " + t("sync.finished_waiting", conflicts=synced.open_conflicts, stopped=stopped)
    return words
