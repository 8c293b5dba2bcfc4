"""The login: who gets in, what a wrong password costs, what the four failures say, and how it locks again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from textual.app import ComposeResult

from tests.screens.conftest import CHEAP, NOW, PASSWORD, USER, all_done, type_burst
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.frame.base import WorkScreen
from tui_app.screens.frame.recover import RecoverScreen
from tui_app.screens.frame.unlock import UnlockScreen
from tui_app.services.station import drafts
from tui_app.settings import Places
from tui_app.store import vault
from tui_app.widgets.pick import Pick
from tui_app.widgets.text_field import TextField


class Desk(WorkScreen[None]):
    """Stands in for the first working screen; keeps what is typed as a draft."""

    def compose(self) -> ComposeResult:
        yield from self.frame_top("app.key_today", "3")
        yield TextField(id="note")
        yield from self.frame_bottom()

    def keep_draft(self) -> None:
        typed = self.query_one("#note", TextField).value
        if typed:
            drafts.keep(self.workspace.store, self.workspace.user, "desk", "note", {"note": typed})


class Shell(GonhaApp):
    """The application with a desk for its home."""

    def home_screen(self) -> Desk:
        return Desk()


class Hands:
    """Two clocks in one hand: the wall's and the one of the idle lock, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def ticks(self) -> float:
        return self.seconds

    def now(self) -> object:
        return NOW + timedelta(seconds=self.seconds)


def told(app: Shell) -> str:
    """What the page says."""
    assert isinstance(app.screen, UnlockScreen)
    return app.screen.notice.shown


async def log_in(app: Shell, password: str = PASSWORD) -> None:
    """Type a password and Enter."""
    await type_burst(app, password + "\r")
    await all_done(app)


async def test_the_right_password_opens_the_home_screen(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)):
        assert isinstance(app.screen, UnlockScreen)
        await log_in(app)
        assert isinstance(app.screen, Desk)
        assert app.open_workspace.user == USER
        assert app.status is not None
        assert app.status.place == "Phường Hòa Bình · Khu phố 1"


async def test_keys_typed_ahead_of_the_unlocking_reach_the_home_screen(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)):
        await log_in(app, PASSWORD + "\rbà Bé")
        assert app.screen.query_one("#note", TextField).value == "bà Bé"


async def test_another_user_is_chosen_by_letter(ward: Places, clock: Clock) -> None:
    opened = vault.unlock(ward, USER, PASSWORD, clock)
    vault.add_user(ward, opened, "Đức", "mat khau cua duc", "member")
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("up", "d")
        assert app.screen.query_one(Pick).value == "Đức"
        await pilot.press("down")
        await log_in(app, "mat khau cua duc")
        assert app.open_workspace.user == "Đức"


async def test_the_login_proposes_who_unlocked_it_last(ward: Places, clock: Clock) -> None:
    opened = vault.unlock(ward, USER, PASSWORD, clock)
    vault.add_user(ward, opened, "Đức", "mat khau cua duc", "member")

    async def proposed() -> str:
        app = Shell(ward, clock=clock)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            return app.screen.query_one(Pick).value

    assert await proposed() == USER, "nobody yet: the first one"
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("up", "d", "down")
        await log_in(app, "mat khau cua duc")
        assert app.open_workspace.user == "Đức"
        await app.workers.wait_for_complete()
        app.open_workspace.close()
    assert await proposed() == "Đức"
    assert "Đức".encode() not in ward.last_user.read_bytes()
    assert ward.last_user.stat().st_mode & 0o077 == 0
    vault.remove_user(ward, opened, "Đức")
    assert await proposed() == USER, "who left is proposed no more"


async def test_a_wrong_password_leaves_the_field_empty_and_says_that_nothing_is_lost(
    ward: Places, clock: Clock
) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)):
        await log_in(app, "sai mat khau")
        assert told(app).startswith("Tên hoặc mật khẩu không đúng. Dữ liệu vẫn còn nguyên.")
        assert app.screen.query_one("#password", TextField).value == ""


async def test_the_fourth_wrong_password_waits_two_seconds_and_counts_them_down(ward: Places) -> None:
    hands = Hands()
    app = Shell(ward, clock=hands.now, ticks=hands.ticks)  # type: ignore[arg-type]
    async with app.run_test(size=(80, 24)):
        for _ in range(4):
            await log_in(app, "sai mat khau")
        assert told(app).endswith("Chờ 2 giây rồi nhập lại.")
        await log_in(app)
        assert app.workspace is None  # even the right one waits
        hands.seconds = 1.0
        assert told(app).endswith("Chờ 1 giây rồi nhập lại.")
        hands.seconds = 2.1
        assert told(app).endswith("Nhập lại mật khẩu.")
        await log_in(app, "\x7f" * len(PASSWORD) + PASSWORD)
        assert app.open_workspace.user == USER


def no_keys(places: Places) -> None:
    places.vault.unlink()
    places.vault_copy.unlink()


def broken_keys(places: Places) -> None:
    for path in (places.vault, places.vault_copy):
        path.write_bytes(path.read_bytes()[:-40])


def keys_from_the_future(places: Places) -> None:
    from tui_app.store import vault_file

    for path in (places.vault, places.vault_copy):
        body = json.loads(path.read_text(encoding="utf-8"))
        body["version"] = vault_file.VERSION + 1
        body["checksum"] = vault_file._checksum(body)
        path.write_text(json.dumps(body), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (no_keys, "tệp khóa vault.json không thấy"),
        (broken_keys, "Tệp khóa vault.json bị hỏng"),
        (keys_from_the_future, "phiên bản gonha mới hơn"),
    ],
)
async def test_a_vault_that_cannot_be_read_says_why_before_any_password(
    ward: Places, clock: Clock, harm: Callable[[Places], None], says: str
) -> None:
    harm(ward)
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert says in told(app)
        assert app.screen.query_one("#password", TextField).disabled


async def test_a_missing_database_is_told_apart_from_a_wrong_password(ward: Places, clock: Clock) -> None:
    for path in ward.home.glob("gonha.db*"):
        path.unlink()
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)):
        await log_in(app)
        assert "không thấy cơ sở dữ liệu gonha.db" in told(app)


async def test_a_forgotten_password_is_set_anew_with_the_code(places: Places, clock: Clock) -> None:
    _, code = vault.create(places, USER, PASSWORD, "chief", clock, CHEAP)
    app = Shell(places, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+r")
        assert isinstance(app.screen, RecoverScreen)
        await type_burst(app, code[:-1] + "\rmot cau moi\rmot cau moi\r")
        await all_done(app)
        assert "Mã khôi phục gõ sai" in app.screen.notice.shown
        await pilot.press("shift+tab", "shift+tab")
        await type_burst(app, code[-1] + "\r\t\r")
        await all_done(app)
        assert isinstance(app.screen, Desk)
    assert vault.unlock(places, USER, "mot cau moi", clock).user == USER


# ---- locking


async def test_after_idle_minutes_it_locks_and_nothing_typed_is_lost(ward: Places, clock: Clock) -> None:
    hands = Hands()
    app = Shell(ward, clock=clock, ticks=hands.ticks)
    async with app.run_test(size=(80, 24)):
        await log_in(app)
        hands.seconds = 599.0
        await type_burst(app, "bà Bé ho")  # a key: the ten minutes begin again
        hands.seconds = 1198.0
        await app.lock_if_idle()
        assert isinstance(app.screen, Desk)
        hands.seconds = 1199.0
        await app.lock_if_idle()
        await all_done(app)
        assert "Đã khóa sau 10 phút" in told(app)
        assert app.workspace is None
        await log_in(app)
        assert isinstance(app.screen, Desk)
        assert app.screen.query_one("#note", TextField).value == "bà Bé ho"
        with app.open_workspace.store.read() as c:
            assert drafts.kept(c, "desk") == {"note": "bà Bé ho"}


async def test_another_user_does_not_get_to_the_screen_that_was_locked(ward: Places, clock: Clock) -> None:
    opened = vault.unlock(ward, USER, PASSWORD, clock)
    vault.add_user(ward, opened, "minh", "mat khau cua minh", "member")
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await log_in(app)
        await type_burst(app, "bà Bé ho")
        await app.lock()
        await pilot.press("up", "right", "down")  # typed before the list of users is there
        await log_in(app, "mat khau cua minh")
        assert isinstance(app.screen, Desk)
        assert app.open_workspace.user == "minh"
        assert app.screen.query_one("#note", TextField).value == ""
        assert len(app.screen_stack) == 2


async def test_no_key_reaches_the_work_while_it_is_locked(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await log_in(app)
        await app.lock()
        await pilot.press("f7", "escape", "f3")
        assert isinstance(app.screen, UnlockScreen)


# ---- leaving


def with_a_change(workspace: Workspace) -> None:
    with workspace.store.work(USER) as work:
        place = work.get("area", "0190-area-1")
        work.create("household", {"address": "12 Lê Lợi"}, place=place)


async def test_leaving_keeps_the_draft_and_says_what_is_unsent(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await log_in(app)
        with_a_change(app.open_workspace)
        await type_burst(app, "bà Bé ho")
        await pilot.press("ctrl+q")
        assert app.farewell == (
            "Đã thoát. 1 thay đổi chưa gửi, nằm an toàn trong máy này. 1 bản nháp chưa lưu, vẫn được giữ."
        )


async def test_ctrl_c_only_says_how_to_leave(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await log_in(app)
        await pilot.press("ctrl+c")
        assert isinstance(app.screen, Desk)
        assert "Ctrl+Q" in app.said
