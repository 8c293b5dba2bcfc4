"""The login: who gets in, what a wrong password costs, what the four failures say."""

from __future__ import annotations

from textual.app import ComposeResult

from tests.screens.conftest import PASSWORD, USER, all_done, type_burst
from tui_app.app import GonhaApp
from tui_app.clock import Clock
from tui_app.screens.base import WorkScreen
from tui_app.screens.unlock import UnlockScreen
from tui_app.settings import Places
from tui_app.widgets.text_field import TextField


class Desk(WorkScreen[None]):
    """Stands in for the first working screen."""

    def compose(self) -> ComposeResult:
        yield from self.frame_top("app.key_today", "3")
        yield TextField(id="note")
        yield from self.frame_bottom()


class Shell(GonhaApp):
    """The application with a desk for its home."""

    def home_screen(self) -> Desk:
        return Desk()


async def test_the_right_password_opens_the_home_screen(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)):
        assert isinstance(app.screen, UnlockScreen)
        await type_burst(app, PASSWORD + "\r")
        await all_done(app)
        assert isinstance(app.screen, Desk)
        assert app.open_workspace.user == USER
