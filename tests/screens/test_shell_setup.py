"""The first start: a workspace is made, and the recovery code is really on paper before work begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.screens.conftest import all_done, type_burst
from tests.screens.test_shell_unlock import Desk, Shell
from tui_app.clock import Clock
from tui_app.screens.frame.setup import LocalPage, RecoveryCodeScreen, SetupScreen
from tui_app.settings import Places
from tui_app.store import vault

pytestmark = pytest.mark.usefixtures("cheap_passwords")
PASSWORD = "mot cau de nho"


async def to_the_code(app: Shell) -> RecoveryCodeScreen:
    """Answer the questions of a local set-up."""
    await type_burst(app, f"1Phuong Hoa Binh\rlan\r{PASSWORD}\r{PASSWORD}\r")
    await all_done(app)
    assert isinstance(app.screen, RecoveryCodeScreen)
    return app.screen


async def test_a_new_laptop_asks_for_commune_user_and_password_and_shows_the_code(
    places: Places, clock: Clock
) -> None:
    app = Shell(places, clock=clock)
    async with app.run_test(size=(80, 24)):
        assert isinstance(app.screen, SetupScreen)
        screen = await to_the_code(app)
        assert [user.name for user in vault.users(places)] == ["lan"]
        await type_burst(app, "WXYZ\r")
        assert app.screen is screen
        assert "nhóm cuối" in screen.notice.shown
        await type_burst(app, "\x7f\x7f\x7f\x7f" + screen.code[-4:].lower() + "\r")
        await all_done(app)
        assert isinstance(app.screen, Desk)
        assert app.status is not None
        assert app.status.commune_name == "Phuong Hoa Binh"
        assert app.open_workspace.role == "chief"


async def test_the_code_is_the_one_that_opens_the_vault(places: Places, clock: Clock) -> None:
    app = Shell(places, clock=clock)
    async with app.run_test(size=(80, 24)):
        screen = await to_the_code(app)
        code = screen.code
    assert vault.recover(places, code, "lan", "mot mat khau khac", clock).user == "lan"


async def test_two_different_passwords_make_nothing(places: Places, clock: Clock, tmp_path: Path) -> None:
    app = Shell(places, clock=clock)
    async with app.run_test(size=(80, 24)):
        await type_burst(app, "1Hoa Binh\rlan\rmot cau mot\rmot cau hai\r")
        assert isinstance(app.screen, LocalPage)
        assert "không giống nhau" in app.screen.notice.shown
    assert not vault.exists(places)


async def test_going_back_and_coming_again_keeps_what_was_typed_but_no_password(
    places: Places, clock: Clock
) -> None:
    app = Shell(places, clock=clock)
    async with app.run_test(size=(80, 24)):
        await type_burst(app, "1Hoa Binh\rlan\rbi mat\x1b1")
        assert isinstance(app.screen, LocalPage)
        assert app.screen.value("commune") == "Hoa Binh"
        assert app.screen.value("user") == "lan"
        assert app.screen.value("password") == ""
