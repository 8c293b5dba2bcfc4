"""A forgotten password: the recovery code from paper sets a new one. And changing one's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui_app.i18n import t
from tui_app.screens.frame.page import Page
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace


def new_password_fields() -> Iterable[tuple[str, Widget]]:
    """The new password, twice."""
    yield "app.password_new", TextField(masked=True, max_length=1024, id="new")
    yield "app.password_again", TextField(masked=True, max_length=1024, id="again")


class RecoverScreen(Page[None]):
    """Code and new password for ``user``; opens the workspace."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "unlock.key_set", id="recover.set", tooltip="unlock.key_set_tip"),
    ]
    heading = "unlock.recover_title"
    about = "unlock.recover_about"

    def __init__(self, user: str) -> None:
        super().__init__()
        self.user = user

    def fields(self) -> Iterable[tuple[str, Widget]]:
        """The code, then the password twice."""
        yield "unlock.recover_code", TextField(composing=False, max_length=60, id="code")
        yield from new_password_fields()

    def on_mount(self) -> None:
        """Where the station's key stands for the code, say so."""
        from tui_app.errors import VaultError
        from tui_app.store import vault

        self.set_title(lambda: f"{t(self.heading)} · {self.user}")
        try:
            if vault.recovery_kind(self.app.places) != "code":
                self.tell("unlock.recover_about_station")
        except VaultError as error:
            self.refused(error)

    def submit(self) -> None:
        """Check the code and set the password in a thread."""
        code, new = self.value("code"), self.value("new")
        if new != self.value("again"):
            self.tell("app.password_differs")
            return
        places, user, clock = self.app.places, self.user, self.app.clock

        def recover() -> Workspace:
            from tui_app.bootstrap import open_with
            from tui_app.store import vault

            return open_with(places, vault.recover(places, code, user, new, clock), clock=clock)

        async def enter(workspace: Workspace) -> None:
            await self.app.enter(workspace)
            self.app.say(t("unlock.recover_done"))

        self.start(recover, enter, busy="unlock.opening")


class PasswordScreen(Page[None]):
    """The unlocked user's own password."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "unlock.key_change", id="password.set", tooltip="unlock.key_change_tip"),
    ]
    about = "app.password_help"

    def on_mount(self) -> None:
        """Whose password it is."""
        user = self.app.open_workspace.user
        self.set_title(lambda: t("app.password_title", user=user))

    def fields(self) -> Iterable[tuple[str, Widget]]:
        """The old one, then the new one twice."""
        yield "app.password_old", TextField(masked=True, max_length=1024, id="old")
        yield from new_password_fields()

    def submit(self) -> None:
        """Change it in a thread."""
        old, new = self.value("old"), self.value("new")
        if new != self.value("again"):
            self.tell("app.password_differs")
            return
        places, user, clock = self.app.places, self.app.open_workspace.user, self.app.clock

        def change() -> None:
            from tui_app.store import vault

            vault.change_password(places, user, old, new, clock)

        def changed(_: None) -> None:
            self.dismiss(None)
            self.app.say(t("app.password_changed"))

        self.start(change, changed, busy="unlock.opening")
