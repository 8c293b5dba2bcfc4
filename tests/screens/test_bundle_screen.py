"""USB ra, USB vào: one path, and what became of it on the same page; a refusal leaves the path to be corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync import outbox
from sync.protocol import EnrolRequest, Row
from sync.server import admin, bundles
from sync.server.areas import areas_import
from sync.server.database import Database
from sync.server.scope import enrol
from tests.screens.conftest import NOW, PASSWORD, all_done, type_burst
from tests.screens.test_shell_unlock import Shell
from tests.sync.ward import AREAS
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock, to_wire
from tui_app.records import REGISTRY
from tui_app.screens.exchange.bundle import BundleInPage, BundleOutPage
from tui_app.screens.exchange.sync import SyncScreen
from tui_app.services.exchange import bundle_keys
from tui_app.services.station import facts
from tui_app.settings import Places
from tui_app.store.rows import RecordRows, table


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Database]:
    database = admin.init(tmp_path / "server", NOW)
    areas_import(database, REGISTRY, AREAS, now=NOW)
    yield database
    database.close()


@pytest.fixture
def fill(server: Database) -> Callable[[Workspace], None]:
    """A laptop enrolled at a real server, which it meets by stick; one household waits."""

    def fill_it(workspace: Workspace) -> None:
        keys = bundle_keys.fresh()
        code = admin.invite(server, "lan", "chief", "27211", now=NOW).code
        asked = EnrolRequest(code=code, public_key=keys.sealing_public, signing_key=keys.signing_public)
        with server.write() as tx:
            enrolled = enrol(tx, asked, "0190-device-of-lan", to_wire(NOW))
        with workspace.store.write() as c:
            facts.put(c, facts.SERVER, "https://gonha.example")
            facts.put(c, facts.DEVICE, enrolled.device)
            bundle_keys.keep(c, keys, told=enrolled.device)
            bundle_keys.learn(c, enrolled.sealing_key, enrolled.signing_key)
            local = next(table("area").where(c))
            RecordRows().forget_area(c, local.area)
            c.execute("DELETE FROM cursor")
            area = enrolled.scope.areas[0]
            outbox.hold_area(c, area.area, area.commune, "write")
        place = Row(type="area", id=area.area, commune=area.commune, area=area.area, seq=0)
        with workspace.store.work("lan") as work:
            work.create("household", {"address": "12 Lê Lợi"}, place=place)

    return fill_it


async def at_sync(app: Shell) -> SyncScreen:
    await type_burst(app, PASSWORD + "\r")
    await all_done(app)
    await app.action_go("sync")
    await all_done(app)
    assert isinstance(app.screen, SyncScreen)
    return app.screen


async def test_out_and_in_by_the_keys_of_the_screen(
    ward: Places, clock: Clock, server: Database, tmp_path: Path
) -> None:
    stick = tmp_path / "usb"
    stick.mkdir()
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(100, 30)):
        await at_sync(app)
        await type_burst(app, "o")
        assert isinstance(app.screen, BundleOutPage)
        await type_burst(app, f"{stick}/ra.gonha\r")
        await all_done(app)
        assert "Đã ghi 1 thay đổi vào" in app.screen.notice.shown
        assert "chưa gửi cho đến khi" in app.screen.notice.shown

        taken = bundles.take(server, REGISTRY, (stick / "ra.gonha").read_bytes(), now=NOW)
        assert taken.results == {"applied": 1}
        (stick / "ve.gonha").write_bytes(taken.answer)

        await type_burst(app, "\x1bi")
        assert isinstance(app.screen, BundleInPage)
        await type_burst(app, f"{stick}/ve.gonha\r")
        await all_done(app)
        assert "Đã nhận trả lời cho 1 thay đổi" in app.screen.notice.shown
        assert app.status is not None
        assert app.status.unsent == 0
        await type_burst(app, "\x1b")
        screen = app.screen
        assert isinstance(screen, SyncScreen)
        assert screen.state is not None
        assert screen.state.sessions[0].figures["applied"] == 1


async def test_a_refused_file_is_said_on_the_page_and_the_path_stays(
    ward: Places, clock: Clock, tmp_path: Path
) -> None:
    letter = tmp_path / "thu.txt"
    letter.write_text("Kính gửi trạm", encoding="utf-8")
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(100, 30)):
        await at_sync(app)
        await type_burst(app, "i\r")
        assert app.screen.notice.shown == "Gõ đường dẫn trước đã."  # type: ignore[attr-defined]
        await type_burst(app, f"{letter}\r")
        await all_done(app)
        page = app.screen
        assert isinstance(page, BundleInPage)
        assert "không phải tệp USB của Gõ Nhà" in page.notice.shown
        await type_burst(app, "\x1bi")
        page = app.screen
        assert isinstance(page, BundleInPage)
        assert page.value("title_in") == str(letter)


async def test_a_laptop_that_works_alone_is_offered_no_stick(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    with workspace.store.write() as c:
        facts.put(c, facts.SERVER, None)
    workspace.close()
    app = Shell(ward, clock=clock)
    async with app.run_test(size=(80, 24)):
        screen = await at_sync(app)
        assert not screen.check_action("bundle_out", ())
        await type_burst(app, "o")
        assert app.screen is screen
