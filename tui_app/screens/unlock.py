"""The login: who, and the password. Everything it needs before the first paint is light; the key is derived
in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import ceil
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from tui_app.errors import GonhaError, VaultError, WrongPassword
from tui_app.i18n import t
from tui_app.screens.base import FramedScreen
from tui_app.widgets.frame import Words
from tui_app.widgets.pick import Pick
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace


class Notice(Words):
    """What went wrong, or what goes on: an error's own words, or a catalogue entry. ``kind``: error, calm
    or nothing.
    """

    def __init__(self, text: str = "", *, id: str | None = None) -> None:
        super().__init__("", id=id)
        self._text: Callable[[], str] = lambda: text

    def tell(self, text: Callable[[], str], *, error: bool = False) -> None:
        """Show what ``text`` answers each time it is painted."""
        self._text = text
        self.set_class(error, "-error")
        self.refresh(layout=True)

    @property
    def shown(self) -> str:
        """What it says now."""
        return self._text()


class UnlockScreen(FramedScreen[None]):
    """Choose the user, type the password. ``user``: whom to propose; ``notice``: why one is here (locked
    after idling).
    """

    AUTO_FOCUS = "#password"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "unlock", "unlock.key_unlock", id="unlock.open", tooltip="unlock.key_unlock_tip"),
        Binding(
            "ctrl+r", "recover", "unlock.key_recover", id="unlock.recover", tooltip="unlock.key_recover_tip"
        ),
        Binding("up", "app.focus_previous", show=False, id="unlock.up"),
        Binding("down", "app.focus_next", show=False, id="unlock.down"),
    ]

    def __init__(self, user: str | None = None, *, notice: str = "") -> None:
        super().__init__()
        self._user = user
        self._notice = notice
        self._problem: GonhaError | None = None
        self._may_try_at = 0.0
        self._waiting: Timer | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """Name and motto, two lines to fill, one place for messages."""
        users = self._users()
        yield from self.frame_top("app.name")
        with Vertical(id="login"):
            yield Words("app.motto", classes="motto")
            with Horizontal(classes="line"):
                yield Words("unlock.user", classes="label")
                yield Pick(users, self._user or self.app.proposed_user, id="user")
            with Horizontal(classes="line"):
                yield Words("unlock.password", classes="label")
                yield TextField(masked=True, max_length=1024, id="password", disabled=not users)
            yield Notice(self._notice, id="notice")
            if self.app.hint:
                yield Notice(self.app.hint, id="hint")
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """A workspace that cannot even list its users says why at once."""
        if self._problem is not None:
            self._tell(self._problem)

    def _users(self) -> list[str]:
        from tui_app.store import vault

        try:
            return [user.name for user in vault.users(self.app.places)]
        except VaultError as error:
            self._problem = error
            return []

    @property
    def user(self) -> str:
        """The user chosen."""
        return self.query_one("#user", Pick).value

    # ---- unlocking

    @on(TextField.Submitted, "#password")
    def action_unlock(self) -> None:
        """Check the password in a thread; keys typed meanwhile wait for the screen it opens."""
        field = self.query_one("#password", TextField)
        if self._busy or self._seconds_left() or not self.user:
            return
        if not field.value:
            self._notice_line.tell(lambda: t("unlock.type_password"), error=True)
            return
        self._busy = True
        self._notice_line.tell(lambda: t("unlock.opening"))
        hold = self.app.hold_keys()
        hold.__enter__()
        user, password = self.user, field.value
        places, clock = self.app.places, self.app.clock

        def open_it() -> Workspace:
            from tui_app.bootstrap import open_workspace

            return open_workspace(places, user, password, clock=clock)

        async def work() -> None:
            try:
                workspace = await asyncio.to_thread(open_it)
                field.clear()
                self._notice_line.tell(str)
                await self.app.enter(workspace)
            except GonhaError as error:
                self._refused(error)
            finally:
                self._busy = False
                hold.__exit__(None, None, None)

        self.app.run_worker(work(), group="unlock")

    def _refused(self, error: GonhaError) -> None:
        self.query_one("#password", TextField).clear()
        seconds = int(error.params.get("wait_seconds", 0)) if isinstance(error, WrongPassword) else 0
        if seconds:
            self._count_down(error, seconds)
        else:
            self._tell(error)

    def _tell(self, error: GonhaError) -> None:
        self._notice_line.tell(lambda: str(error), error=True)

    @property
    def _notice_line(self) -> Notice:
        return self.query_one("#notice", Notice)

    # ---- waiting after wrong passwords

    def _seconds_left(self) -> int:
        return max(0, ceil(self._may_try_at - self.app.ticks()))

    def _count_down(self, error: GonhaError, seconds: int) -> None:
        self._may_try_at = self.app.ticks() + seconds

        def text() -> str:
            left = self._seconds_left()
            first = str(error).split(". ")[0]
            return f"{first}. {t('unlock.wait', seconds=left) if left else t('unlock.wait_over')}"

        self._notice_line.tell(text, error=True)
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_interval(1, self.count_down)

    def count_down(self) -> None:
        """Show the seconds that are left; called each second."""
        self._notice_line.refresh(layout=True)
        if not self._seconds_left() and self._waiting is not None:
            self._waiting.stop()
            self._waiting = None

    # ---- the other way in

    async def action_recover(self) -> None:
        """Set a new password with the recovery code."""
        from tui_app.screens.recover import RecoverScreen

        if self.user:
            await self.app.push_screen(RecoverScreen(self.user))
