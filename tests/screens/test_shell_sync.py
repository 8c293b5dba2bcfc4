"""Đồng bộ: what waits is said by kind, a sync runs behind other screens and can be stopped, numbers stay
masked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sync.client import Cancelled, NoLink, Progress, Summary
from sync.protocol import Row
from tests.screens.conftest import AREA, PASSWORD, all_done, type_burst
from tests.screens.test_shell_unlock import Desk, Shell
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.exchange.sync import SyncScreen
from tui_app.screens.frame.setup import JoinPage
from tui_app.services.exchange.link import in_words
from tui_app.services.exchange.syncing import Synced
from tui_app.services.station import facts
from tui_app.settings import Places
from tui_app.store.rows import RecordRows
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.notice import Notice
from tui_app.widgets.text_field import TextField

HOUSE = Row(
    type="household",
    id="h1",
    commune=AREA.commune,
    area=AREA.area,
    seq=2,
    body={"address": "12 Lê Lợi", "phone": "+84912345678"},
)
CONFLICT = Row(
    type="conflict",
    id="c1",
    commune=AREA.commune,
    area=AREA.area,
    seq=3,
    body={
        "record_type": "household",
        "record": "h1",
        "field": "phone",
        "state": "open",
        "values": [
            {
                "value": "+84912345678",
                "who": "lan",
                "device": "device-aaa111",
                "at": "2026-11-21T02:00:00.000Z",
                "op": "o1",
            },
            {
                "value": "+84987654321",
                "who": "minh",
                "device": "device-bbb222",
                "at": "2026-11-21T03:30:00.000Z",
                "op": "o2",
            },
        ],
    },
)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    """A laptop that has met its server: one household, one conflict, one change that waits."""

    def fill_it(workspace: Workspace) -> None:
        with workspace.store.write() as c:
            facts.put(c, facts.SERVER, "https://gonha.example")
            facts.put(c, facts.DEVICE, "device-aaa111")
            facts.put(c, facts.TOKEN, "token")
            RecordRows().upsert(c, [HOUSE, CONFLICT])
        with workspace.store.work("lan") as work:
            work.change("household", "h1", {"note": "chó dữ"})

    return fill_it


@dataclass
class Server:
    """Stands in for one exchange: waits where a test wants it to."""

    answer: Any = None
    go_on: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)
    stopped: bool = False

    def __call__(
        self, workspace: Workspace, progress: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> Synced:
        progress(Progress("push", 3, 12))
        self.reached.set()
        while not self.go_on.wait(0.005):
            if cancelled():
                self.stopped = True
                raise in_words(Cancelled())
        if isinstance(self.answer, Exception):
            raise self.answer
        return Synced(self.answer or Summary(pushed=1, pulled=4), 0.5, 0)


async def at_sync(app: Shell) -> SyncScreen:
    """Log in and go to Đồng bộ."""
    await type_burst(app, PASSWORD + "\r")
    await all_done(app)
    await app.action_go("sync")
    await all_done(app)
    assert isinstance(app.screen, SyncScreen)
    return app.screen


def words(screen: SyncScreen, name: str) -> str:
    """What a place on the screen says."""
    return screen.query_one(f"#{name}", Notice).shown


async def test_what_waits_is_said_by_kind(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)):
        screen = await at_sync(app)
        assert words(screen, "waiting") == "▲ 1 thay đổi: 1 hộ"
        assert words(screen, "attention") == "⚠ 1 ô có hai giá trị khác nhau, cần chọn"
        assert app.status is not None
        assert (app.status.unsent, app.status.open_conflicts) == (1, 1)


async def test_a_sync_runs_behind_other_screens_and_says_what_happened(ward: Places, clock: Clock) -> None:
    server = Server()
    app = Shell(ward, clock=clock, exchange=server)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_sync(app)
        await pilot.press("s")
        assert server.reached.wait(5)
        assert words(screen, "now") == "Đang gửi… 3/12"
        await pilot.press("escape")
        assert isinstance(app.screen, Desk)
        server.go_on.set()
        await all_done(app)
        assert app.said == "Đã gửi 1, nhận 4, còn chờ 0."


async def test_a_sync_is_stopped_by_x(ward: Places, clock: Clock) -> None:
    server = Server()
    app = Shell(ward, clock=clock, exchange=server)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_sync(app)
        await pilot.press("s")
        assert server.reached.wait(5)
        await pilot.press("x")
        await all_done(app)
        assert server.stopped
        assert not app.sync_run.running


async def test_without_a_link_the_error_says_that_nothing_is_lost(ward: Places, clock: Clock) -> None:
    server = Server(answer=in_words(NoLink("refused")))
    app = Shell(ward, clock=clock, exchange=server)
    async with app.run_test(size=(80, 24)) as pilot:
        await at_sync(app)
        server.go_on.set()
        await pilot.press("s")
        await all_done(app)
        shown = [notice.message for notice in app._notifications]
        assert len(shown) == 1
        assert "không mất gì" in shown[0]


async def test_a_real_sync_without_a_server_is_recorded_as_no_link(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_sync(app)
        with app.open_workspace.store.write() as c:
            facts.put(c, facts.SERVER, "http://127.0.0.1:9")  # the discard port: nobody listens
        await pilot.press("s")
        await all_done(app)
        await all_done(app)  # the screen reads once more after the sync
        assert screen.state is not None
        assert [session.outcome for session in screen.state.sessions] == ["no_link"]
        assert "Mất mạng" in words(screen, "detail")
        assert words(screen, "waiting") == "▲ 1 thay đổi: 1 hộ"


async def test_conflicting_numbers_are_masked_until_asked_for_and_that_is_noted(
    ward: Places, clock: Clock
) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await at_sync(app)
        await pilot.press("right_square_bracket")
        await all_done(app)
        told = words(screen, "detail").splitlines()
        assert told[0] == "•••••••••678   lan, máy này, 21/11/2026 09:00"
        assert told[1] == "•••••••••321   minh, máy bbb222, 21/11/2026 10:30"
        await pilot.press("h")
        await all_done(app)
        assert words(screen, "detail").startswith("0912 345 678   lan")
        with app.open_workspace.store.read() as c:
            noted = c.execute("SELECT who, what, record_type, record FROM access_entry").fetchall()
        assert [tuple(row) for row in noted] == [("lan", "unmask", "household", "h1")]


async def test_a_laptop_alone_is_told_how_to_join(ward: Places, clock: Clock) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await type_burst(app, PASSWORD + "\r")
        await all_done(app)
        with app.open_workspace.store.write() as c:
            facts.put(c, facts.SERVER, None)
        await app.action_go("sync")
        await all_done(app)
        assert isinstance(app.screen, SyncScreen)
        assert "Nhấn J" in words(app.screen, "now")
        await pilot.press("s")
        assert not app.sync_run.running
        await pilot.press("j")
        assert isinstance(app.screen, JoinPage)
        await type_burst(app, "127.0.0.1:9\r\r")
        assert "Chưa điền mã mời" in app.screen.notice.shown


async def test_a_wrong_clock_is_said_after_the_sync_and_stays_in_what_needs_a_person(
    ward: Places, clock: Clock
) -> None:
    server = Server(Summary(pushed=1, clock="warn", clock_offset=-900.0))
    app = Shell(ward, clock=clock, exchange=server)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_sync(app)
        server.go_on.set()
        await pilot.press("s")
        await all_done(app)
        (told,) = [notice.message for notice in app._notifications]
        assert told.startswith("Đồng hồ máy này lệch 15 phút (nhanh hơn máy chủ).")
        with app.open_workspace.store.write() as c:
            c.execute(
                "INSERT INTO sync_session (started_at, outcome, summary) VALUES"
                " ('2026-11-22T02:00:00.000Z', 'done', '{\"clock\": \"warn\", \"clock_offset\": -900.0}')"
            )
        screen.records_changed()
        await all_done(app)
        assert words(screen, "attention").startswith("! Đồng hồ máy này lệch 15 phút")
        assert "Đồng hồ máy này lệch 15 phút" in words(screen, "detail")


async def test_the_sheet_of_a_day_is_written_from_the_receipts(
    ward: Places, clock: Clock, tmp_path: Path
) -> None:
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await at_sync(app)
        with app.open_workspace.store.write() as c:
            c.execute(
                "UPDATE outbox SET state = 'acked', result = 'applied', receipt = 'A1B2C3D4E5F6',"
                " answered_at = '2026-11-22T02:00:00.000Z' WHERE type = 'household'"
            )
        screen.records_changed()
        await all_done(app)
        await pilot.press("left_square_bracket")
        await all_done(app)
        assert "Ngày 22/11/2026: 1 thay đổi của 1 hồ sơ, 0 chưa được nhận" in words(screen, "detail")
        assert "A1B2C3D4E5F6" in words(screen, "detail")
        await pilot.press("p")
        assert isinstance(app.screen, Ask)
        field = app.screen.query_one(TextField)
        assert field.value.endswith("giao-nhan-2026-11-22.xlsx")
        field.value = str(tmp_path / "phieu.xlsx")
        await pilot.press("enter")
        await all_done(app)
        assert (tmp_path / "phieu.xlsx").read_bytes()[:2] == b"PK"
        assert app.said == "Đã ghi 1 dòng vào phieu.xlsx."
        await pilot.press("left")
        await all_done(app)
        assert screen.place is not None
        assert screen.place.day.day.isoformat() == "2026-11-21"
        await pilot.press("right", "right")
        await all_done(app)
        assert screen.place.day.day.isoformat() == "2026-11-22", "not beyond today"
