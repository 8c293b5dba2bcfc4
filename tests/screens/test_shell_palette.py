"""Commands by name, settings that take at once and are kept, keys explained from the bindings."""

from __future__ import annotations

from tests.screens.conftest import PASSWORD, all_done, type_burst
from tests.screens.test_shell_unlock import Desk, Shell
from tui_app.clock import Clock
from tui_app.screens.frame.help import HelpScreen, KeyTable
from tui_app.screens.frame.palette import PaletteScreen
from tui_app.screens.frame.recover import PasswordScreen
from tui_app.screens.frame.unlock import UnlockScreen
from tui_app.settings import Places, read_settings
from tui_app.store import vault
from tui_app.widgets.frame import KeyLine, TitleLine
from tui_app.widgets.text_field import TextField


async def opened(app: Shell) -> None:
    """Log in."""
    await type_burst(app, PASSWORD + "\r")
    await all_done(app)
    assert isinstance(app.screen, Desk)


async def test_a_command_is_found_without_marks_and_the_language_changes_at_once(
    ward: Places, clock: Clock
) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app)
        assert app.screen.query_one(TitleLine).shown == "Hôm nay 3"
        await pilot.press("ctrl+p")
        assert isinstance(app.screen, PaletteScreen)
        await type_burst(app, "tieng anh\r")
        await all_done(app)
        assert isinstance(app.screen, Desk)
        assert app.screen.query_one(TitleLine).shown == "Today 3"
        assert ("F1", "Keys") in app.screen.query_one(KeyLine).shown
    assert read_settings(ward.settings).language == "en"


async def test_what_was_typed_stays_in_the_field_while_the_theme_changes(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app)
        await type_burst(app, "bà Bé ho")
        await pilot.press("ctrl+p")
        await type_burst(app, "khong mau\r")
        await all_done(app)
        assert app.theme == "gonha-mono"
        assert app.screen.query_one("#note", TextField).value == "bà Bé ho"
    assert read_settings(ward.settings).theme == "gonha-mono"


async def test_the_built_in_telex_is_switched_on(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app)
        await pilot.press("ctrl+p")
        await type_burst(app, "telex\r")
        await all_done(app)
        await type_burst(app, "Nguyeenx")
        assert app.screen.query_one("#note", TextField).value == "Nguyễn"


async def test_esc_leaves_the_palette_and_nothing_is_done(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app)
        await pilot.press("ctrl+p", "down", "escape")
        assert isinstance(app.screen, Desk)
    assert not ward.settings.exists()


async def test_lock_by_command(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app)
        await pilot.press("ctrl+p")
        await type_burst(app, "khoa may\r")
        await all_done(app)
        assert isinstance(app.screen, UnlockScreen)
        assert app.workspace is None


async def test_a_locked_palette_offers_no_screens(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await type_burst(app, "dong bo\r")
        assert isinstance(app.screen, PaletteScreen)  # nothing was found, so nothing ran


async def test_the_password_is_changed_by_its_owner(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app)
        await pilot.press("ctrl+p")
        await type_burst(app, "doi mat khau\r")
        await all_done(app)
        assert isinstance(app.screen, PasswordScreen)
        await type_burst(app, f"{PASSWORD}\rmot cau moi\rmot cau khac\r")
        assert "không giống nhau" in app.screen.notice.shown
        await type_burst(app, "\x7f" * 12 + "mot cau moi\r")
        await all_done(app)
        assert isinstance(app.screen, Desk)
        assert app.said == "Đã đổi mật khẩu."
    assert vault.unlock(ward, "lan", "mot cau moi", clock).user == "lan"


async def test_help_lists_the_keys_of_the_screen_in_both_languages(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f1")
        assert isinstance(app.screen, HelpScreen)
        lines = dict(app.screen.query_one(KeyTable).lines())
        assert lines["Ctrl+R"] == "Đặt mật khẩu mới bằng mã khôi phục trên giấy của trạm"
        assert "F3" not in lines  # locked: Hôm nay cannot be reached
        await app.change_settings(language="en")
        lines = dict(app.screen.query_one(KeyTable).lines())
        assert lines["Ctrl+R"] == "Set a new password with the station's recovery code on paper"
        await pilot.press("escape")
        await opened(app)
        await pilot.press("f1")
        assert "F3" in dict(app.screen.query_one(KeyTable).lines())
