"""The district's pages in a real browser that runs no script: signed in to, read, printed, signed out of."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pypdf
import pytest

from sync.protocol import to_wire
from sync.server import admin
from sync.server.areas import areas_import
from sync.server.pages import accounts
from sync.server.rows import RecordRow
from sync.server.run import run
from sync.server.tables import RECORDS
from tests.sync import browser
from tui_app.records import REGISTRY

pytestmark = pytest.mark.skipif(
    bool(browser.missing()), reason=f"{browser.missing()} is not installed (Debian: chromium chromium-driver)"
)
AREAS = (
    "commune_code,commune_name,unit_code,unit_name",
    "27211,Phường Hòa Bình,01,Khu phố 1",
    "27300,Xã Long Hòa,01,Ấp 1",
)
PASSWORD = "một câu thật dài"


def a_report(home: str, area: str, day: date, figures: list[dict[str, Any]]) -> RecordRow:
    """A daily report as the server keeps it, received at noon of its day."""
    at = to_wire(datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=5))
    text = day.isoformat()
    body = {"kind": "daily", "period_from": text, "period_to": text, "figures": figures, "written_at": at}
    raw = msgspec.json.encode(body).decode()
    return RecordRow(home, area, "report", f"r-{home}-{text}", 9, 0, None, raw, "{}", at, "lan", "máy", at)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a server with two communes; one has reported for a fortnight, the other never."""
    database = admin.init(tmp_path / "server")
    areas_import(database, REGISTRY, AREAS, now=datetime.now(UTC) - timedelta(days=30))
    accounts.add(database, "huyen", "viewer", "27211,27300", password=PASSWORD)
    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    with database.write() as tx:
        ((area,),) = tx.all("SELECT area FROM area_head WHERE commune = '27211'")
        days = [yesterday - timedelta(days=back) for back in range(14)]
        tx.put(
            RECORDS,
            [
                a_report("27211", area, day, [{"name": "f0_new", "value": 3 + n}])
                for n, day in enumerate(days)
            ],
        )
    ready, said = threading.Event(), dict[str, Any]()

    def listening(url: str, stop: Any) -> None:
        said.update(url=url, stop=stop)
        ready.set()

    serving = threading.Thread(
        target=run, args=(database, REGISTRY), kwargs={"port": 0, "on_ready": listening}
    )
    serving.start()
    try:
        assert ready.wait(20)
        yield f"{said['url']}/district?on={yesterday.isoformat()}"
    finally:
        said["stop"]()
        serving.join(30)
        database.close()


def test_a_person_signs_in_reads_prints_and_signs_out(server: str, tmp_path: Path) -> None:
    with browser.browser(tmp_path / "profile", scripts=False) as window:
        window.size(1280, 900)
        window.open(server)
        window.fill("input[name=name]", "huyen")
        window.fill("input[name=password]", PASSWORD)
        window.click("main button")
        window.wait_for(".tiles")
        window.open(server)

        assert window.text(".tiles article:first-child .count") == "1 / 2 xã, phường"
        assert "Xã Long Hòa" in window.text(".absent")
        # one sheet of its own, and it is in force
        assert window.run("return getComputedStyle(document.querySelector('.tiles')).display") == "grid"
        # nothing hangs over the side of the window
        assert window.run("return document.documentElement.scrollWidth <= innerWidth") is True

        window.click(".tiles article:first-child h2 a")
        window.wait_for(".trend polyline")
        line = window.run(
            "return document.querySelectorAll('.trend')[1].querySelector('polyline').points.length"
        )
        assert line == 14
        paper = pypdf.PdfReader(io.BytesIO(window.paper()))
        printed = paper.pages[0].extract_text()
        assert "Phường Hòa Bình" in printed
        assert f"Tính đến ngày {server[-2:]}/" in printed
        assert "Đăng xuất" not in printed
        assert paper.pages[0].mediabox.width > paper.pages[0].mediabox.height

        window.size(360, 760)  # a telephone: tables may be pushed sideways, the page not
        assert window.run("return [innerWidth, document.documentElement.scrollWidth <= innerWidth]") == [
            360,
            True,
        ]

        window.click("header nav form button")
        window.wait_for("input[name=password]")
        window.open(server)
        assert window.url.endswith("/district/login")
        assert window.messages() == []
