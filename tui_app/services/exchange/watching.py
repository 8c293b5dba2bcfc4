"""Syncing by itself: at once when there is something to send, when the link returns, and every quarter of an hour.

Between two syncs it only looks, every few seconds, whether the database file was written; without a link it asks the
server for its greeting, at intervals that grow from 5 seconds to 5 minutes.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sync import outbox
from tui_app.bootstrap import Workspace
from tui_app.errors import GonhaError, NoLink, VaultBusy
from tui_app.services.exchange.link import link_of
from tui_app.services.exchange.syncing import Synced, sync_now

if TYPE_CHECKING:
    from sync.client import Link

LOOK = 3.0  # seconds between two looks at the database file
AT_LEAST = 15 * 60.0  # seconds between two syncs that nobody asked for
FIRST_PROBE, LAST_PROBE = 5.0, 300.0  # seconds before the server is looked for again

Stamp = tuple[tuple[int, int], ...]


class Watch:
    """Keeps a workspace in step with its server until it is told to stop.

    ``told``: gets each finished sync, and the error where one could not be done; ``wait``: sleeps so many seconds,
    returns whether it is to stop; ``stopped``: whether it is; ``exchange``, ``probe``, ``ticks``: stand-ins for tests.
    """

    def __init__(
        self,
        workspace: Workspace,
        told: Callable[[Synced | GonhaError], object],
        wait: Callable[[float], bool],
        stopped: Callable[[], bool],
        *,
        exchange: Callable[..., Synced] = sync_now,
        probe: Callable[[], bool] | None = None,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspace, self._told, self._wait, self._stopped = workspace, told, wait, stopped
        self._exchange, self._probe, self._ticks = exchange, probe or self._greets, ticks
        self._pause = FIRST_PROBE
        self._complained = ""

    def run(self) -> None:
        """Go on until told to stop. Raises SyncRefused when the server no longer wants this laptop."""
        while not self._stopped():
            try:
                synced = self._exchange(self._workspace, cancelled=self._stopped)
            except VaultBusy:  # the app, or another watch, is at it: good
                if self._wait(self._grown()):
                    return
            except NoLink as error:
                self._complain(error)
                if not self._until_it_greets():
                    return
            except GonhaError:
                if self._stopped():
                    return
                raise
            else:
                self._pause, self._complained = FIRST_PROBE, ""
                self._told(synced)
                if not self._until_something_waits():
                    return

    def _complain(self, error: GonhaError) -> None:
        """Say it once, not at every try."""
        if error.key != self._complained:
            self._told(error)
        self._complained = error.key

    def _until_it_greets(self) -> bool:
        """Wait for the server. Returns False when told to stop."""
        while True:
            if self._wait(self._grown()):
                return False
            if self._probe():
                return True

    def _until_something_waits(self) -> bool:
        """Wait until a sync is worth it. Returns False when told to stop."""
        due = self._ticks() + AT_LEAST
        seen: Stamp | None = None
        while self._ticks() < due:
            if self._wait(min(LOOK, max(due - self._ticks(), 0.0))):
                return False
            stamp = self._stamp()
            if stamp != seen and self._something_waits():
                return True
            seen = stamp
        return True

    def _grown(self) -> float:
        """Seconds to wait now; the next time it is longer."""
        pause, self._pause = self._pause, min(self._pause * 2, LAST_PROBE)
        return pause * random.uniform(0.8, 1.2)

    def _stamp(self) -> Stamp:
        """When the database was last written, as the file system tells."""
        path = self._workspace.store.path
        found = []
        for file in (path, path.with_name(path.name + "-wal")):
            try:
                stat = file.stat()
            except FileNotFoundError:
                found.append((0, 0))
            else:
                found.append((stat.st_mtime_ns, stat.st_size))
        return tuple(found)

    def _something_waits(self) -> bool:
        with self._workspace.store.read() as c:
            return outbox.sendable_count(c) > 0

    def _greets(self) -> bool:
        """Whether our server answers now."""
        from sync.client import SyncError

        with self._workspace.store.read() as c:
            link: Link = link_of(c, self._workspace.clock)
        try:
            link.hello(quick=True)
        except SyncError:
            return False
        finally:
            link.close()
        return True


def watch(workspace: Workspace, told: Callable[[Synced | GonhaError], Any], stop: Any) -> None:
    """Sync until ``stop`` (a `threading.Event`) is set. Raises SyncRefused."""
    Watch(workspace, told, stop.wait, stop.is_set).run()
