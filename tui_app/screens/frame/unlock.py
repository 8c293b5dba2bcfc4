"""The login: who, and the password.

Everything it needs before the first paint is light; the key is derived in a thread.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget

from tui_app.errors import GonhaError, VaultError, WrongPassword
from tui_app.i18n import t
from tui_app.screens.frame.page import Page
from tui_app.widgets.frame import Words
from tui_app.widgets.notice import Notice
from tui_app.widgets.pick import Pick
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace


class UnlockScreen(Page[None]):
    """Choose the user, type the password.

    ``user``: whom to propose; ``reason``: key and parameters of why one is here (locked after idling).
    """

    AUTO_FOCUS = "#password"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "unlock.key_unlock", id="unlock.open", tooltip="unlock.key_unlock_tip"),
        Binding(
            "ctrl+r", "recover", "unlock.key_recover", id="unlock.recover", tooltip="unlock.key_recover_tip"
        ),
    ]
    heading = "app.name"

    def __init__(self, user: str | None = None, reason: str = "", **params: object) -> None:
        super().__init__()
        self._user = user
        self._reason = (reason, params)
        self._may_try_at = 0.0
        self._waiting: Timer | None = None

    def above_fields(self) -> ComposeResult:
        """The motto, and the line of whoever started the program (the demo's password)."""
        yield Words("app.motto", classes="motto")
        if hint := self.app.hint:
            yield Notice(lambda: hint, id="hint")

    def fields(self) -> Iterable[tuple[str, Widget]]:
        """User and password."""
        yield "unlock.user", Pick([], id="user")
        yield "unlock.password", TextField(masked=True, max_length=1024, id="password")

    def on_mount(self) -> None:
        """Paint first: the users are read right after (that module costs a twentieth of the start).

        Keys typed before that wait, or an arrow would pass by a choice that is not there yet.
        """
        reason, params = self._reason
        if reason:
            self.tell(reason, error=False, **params)
        keys = self.app.hold_keys()

        def list_them() -> None:
            with keys:
                self._list_users()

        self.call_after_refresh(list_them)

    def _list_users(self) -> None:
        """A workspace that cannot even list its users says why, and asks for no password."""
        pick = self.query_one("#user", Pick)
        if pick.options:
            return
        from tui_app.store import last_user, vault

        try:
            users = [user.name for user in vault.users(self.app.places)]
            proposed = self._user or self.app.proposed_user or last_user.last(self.app.places)
        except VaultError as error:
            self.query_one("#password", TextField).disabled = True
            self.refused(error)
        else:
            pick.offer(users, proposed)

    @property
    def user(self) -> str:
        """The user chosen."""
        return self.query_one("#user", Pick).value

    @on(Pick.Changed)
    def _to_password(self) -> None:
        """Another user's password is another one."""
        self.query_one("#password", TextField).clear()

    def action_back(self) -> None:
        """There is nothing behind the login."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc is not offered."""
        return False if action == "back" else super().check_action(action, parameters)

    def submit(self) -> None:
        """Check the password in a thread; keys typed meanwhile wait for the screen it opens."""
        field = self.query_one("#password", TextField)
        self._list_users()
        if self._seconds_left() or not self.user:
            return
        if not field.value:
            self.tell("unlock.type_password")
            return
        user, password = self.user, field.value
        places, clock = self.app.places, self.app.clock

        def open_it() -> Workspace:
            from tui_app.bootstrap import open_workspace

            return open_workspace(places, user, password, clock=clock)

        async def enter(workspace: Workspace) -> None:
            field.clear()
            await self.app.enter(workspace)

        self.start(open_it, enter, busy="unlock.opening")

    def refused(self, error: GonhaError) -> None:
        """Say why; after several wrong passwords count the seconds down."""
        self.query_one("#password", TextField).clear()
        seconds = int(error.params.get("wait_seconds", 0)) if isinstance(error, WrongPassword) else 0
        if seconds:
            self._count_down(error, seconds)
        else:
            super().refused(error)

    # ---- waiting after wrong passwords

    def _seconds_left(self) -> int:
        return max(0, ceil(self._may_try_at - self.app.ticks()))

    def _count_down(self, error: GonhaError, seconds: int) -> None:
        self._may_try_at = self.app.ticks() + seconds

        def text() -> str:
            left = self._seconds_left()
            what = str(error).split(". ")[0]
            return f"{what}. {t('unlock.wait', seconds=left) if left else t('unlock.wait_over')}"

        self.notice.tell(text, error=True)
        if self._waiting is not None:
            self._waiting.stop()
        self._waiting = self.set_interval(1, self.count_down)

    def count_down(self) -> None:
        """Show the seconds that are left; called each second."""
        self.notice.refresh(layout=True)
        if not self._seconds_left() and self._waiting is not None:
            self._waiting.stop()
            self._waiting = None

    # ---- the other way in

    async def action_recover(self) -> None:
        """Set a new password with the recovery code."""
        from tui_app.screens.frame.recover import RecoverScreen

        self._list_users()
        if self.user and not self.busy:
            await self.app.push_screen(RecoverScreen(self.user))
