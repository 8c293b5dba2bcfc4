"""What every working screen shares: its frame, the workspace, reading and saving off the UI thread, errors
in one place.

A Binding's ``description`` is the short word of the key line and its ``tooltip`` the sentence of the help
screen; both are catalogue keys (``visit.key_absent``), looked up when shown, so that a change of language
is live. A key with ``show=False`` appears in help only.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.app import ComposeResult
from textual.screen import Screen
from textual.worker import Worker

from tui_app.errors import GonhaError, NotFound, NotOpened
from tui_app.settings import asset
from tui_app.widgets.frame import FrameBottom, KeyLine, TitleLine
from tui_app.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from tui_app.app import GonhaApp
    from tui_app.bootstrap import Workspace

T = TypeVar("T")
SHELL_STYLE = asset("styles", "shell.tcss")


class FramedScreen(Screen[T]):
    """A screen with a title line above and the keys and the status line below; needs no workspace."""

    app: GonhaApp

    def frame_top(self, title: str = "", counts: str = "") -> ComposeResult:
        """The first thing `compose` yields from. ``title``, ``counts``: text, or catalogue keys."""
        yield TitleLine(title, counts)

    def frame_bottom(self) -> ComposeResult:
        """The last thing `compose` yields from: the status line at the very bottom, the keys above it."""
        with FrameBottom():
            yield KeyLine()
            yield StatusLine()

    def set_title(self, title: str | Callable[[], str], counts: str | Callable[[], str] = "") -> None:
        """Say where one is (left) and the counts that belong to it (right): text, catalogue key or
        function.
        """
        self.query_one(TitleLine).show(title, counts)

    def language_changed(self) -> None:
        """Called when the words changed. Widgets that look words up while painting need nothing more; a
        screen that keeps finished sentences makes them anew here and calls this first.
        """
        for widget in self.walk_children():
            widget.refresh(layout=True)
        self.refresh(layout=True)


class WorkScreen(FramedScreen[T]):
    """A screen over an unlocked workspace. No query and no save runs on the UI thread: see `read` and `save`.

    What a screen may add, and the App then calls: ``keep_draft()`` before the workspace is locked or left
    (plain, a coroutine or a Worker), ``day_changed()`` after midnight, ``records_changed()`` after a sync,
    ``begin_anew()`` when the key of the place brings one back to it, ``action_save`` and ``action_undo`` for Ctrl+S and
    Ctrl+Z.
    """

    CSS_PATH = [path for path in (SHELL_STYLE, asset("styles", "work.tcss")) if path.exists()]

    leaves_when_refused: ClassVar[bool] = False
    """Whether the screen shows one named record, so that without it, or once it is gone, there is nothing to see."""

    @property
    def is_behind_dialogs(self) -> bool:
        """Whether nothing but questions lies over the screen."""
        from tui_app.widgets.dialogs import Dialog  # the login is painted without it

        stack = self.app.screen_stack
        return self in stack and all(isinstance(one, Dialog) for one in stack[stack.index(self) + 1 :])

    @property
    def workspace(self) -> Workspace:
        """The unlocked workspace. Raises RuntimeError when the app is locked."""
        return self.app.open_workspace

    def read(
        self, job: Callable[[Any], Any], show: Callable[[Any], None], *, group: str = "read"
    ) -> Worker[None]:
        """Run ``job(connection)`` in a thread and hand its answer to ``show`` on the UI thread.

        A newer call of the same ``group`` replaces an older one that has not answered. Locked meanwhile, it
        does nothing: the screen is resumed after unlocking and reads then.
        """
        workspace = self.app.workspace
        if workspace is None:
            return self.run_worker(_nothing(), group=group, exclusive=True)
        store = workspace.store

        def ask() -> Any:
            with store.read() as c:
                return job(c)

        return self._run(ask, show, group, nothing_left=(NotOpened, NotFound))

    def ask(self, job: Callable[[Any], Any], then: Callable[[Any], None]) -> Worker[None]:
        """The same for a reading that decides what opens next: keys typed meanwhile wait for it."""
        if self.app.workspace is None:
            return self.run_worker(_nothing(), group="ask")
        store, hold = self.app.workspace.store, self.app.hold_keys()
        hold.__enter__()

        def read() -> Any:
            with store.read() as c:
                return job(c)

        # not exclusive: a worker cancelled before it begins would never let the keys go
        return self._run(read, then, "ask", exclusive=False, finally_=lambda: hold.__exit__(None, None, None))

    def save(self, job: Callable[[], Any], then: Callable[[Any], None]) -> Worker[None]:
        """Run a saving service in a thread; ``then`` gets its answer on the UI thread, and only once it is
        on disk.

        Keys typed meanwhile wait, so that they reach what ``then`` opens. The save goes on when the screen
        is closed.
        """
        hold = self.app.hold_keys()
        hold.__enter__()

        def done() -> None:
            hold.__exit__(None, None, None)
            self.app.refresh_status()

        return self._run(job, then, "save", exclusive=False, finally_=done)

    def note(self, job: Callable[[], Any]) -> Worker[None]:
        """Run a job that nobody waits for, such as noting an access; it goes on when the screen is closed."""
        return self._run(job, lambda _: None, "note", exclusive=False)

    def _run(
        self,
        job: Callable[[], Any],
        then: Callable[[Any], None],
        group: str,
        *,
        exclusive: bool = True,
        finally_: Callable[[], None] = lambda: None,
        nothing_left: tuple[type[GonhaError], ...] = (NotOpened,),
    ) -> Worker[None]:
        import asyncio

        async def work() -> None:
            try:
                answer = await asyncio.to_thread(job)
                if self.is_attached and not self._pruning:  # its widgets go before the screen itself does
                    then(answer)
            except GonhaError as error:
                self.app.show_error(error)
                if self.leaves_when_refused and isinstance(error, nothing_left) and self.is_current:
                    self.dismiss(None)
            finally:
                finally_()

        keeper = self if exclusive else self.app  # a screen that goes away takes its workers with it
        return keeper.run_worker(work, group=group, exclusive=exclusive, exit_on_error=True)


class ReadingScreen(WorkScreen[T]):
    """A screen of what was read, which is read again whenever it comes to the front, after a sync and on a new day."""

    fresh = False
    """Whether what is shown was read since something else than a question lay over the screen. A screen whose reading
    takes long sets it to `is_behind_dialogs` once it has read: what was asked before another screen changed something
    may arrive behind that one."""

    @abstractmethod
    def reload(self) -> None:
        """Read it as it stands now."""

    def on_screen_suspend(self) -> None:
        """Behind a question nothing changes that the screen does not see."""
        self.fresh = self.fresh and self.is_behind_dialogs

    def on_screen_resume(self) -> None:
        """The screen is in front again."""
        if not self.fresh:
            self.reload()

    def records_changed(self) -> None:
        """After a sync."""
        self.reload()

    def day_changed(self) -> None:
        """A new day."""
        self.reload()


async def _nothing() -> None:
    return None
