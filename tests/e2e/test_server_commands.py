"""The operator's commands as typed: their answers for people, for programs, and without a terminal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from sync.server import admin
from sync.server.app import create_app
from tests.e2e.test_commands import Desk, desk
from tui_app.records import REGISTRY
from tui_app.settings import asset

__all__ = ["desk"]
NAME = "Nguyễn Thị Bí Mật"


class Station:
    """A prepared server in a folder, and its commands."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.folder = desk, desk.folder / "server"
        assert self("init").code == 0
        assert self("areas", "import", str(asset("samples", "areas.csv"))).code == 0

    def __call__(self, *arguments: str) -> Any:
        return self.desk("server", *arguments, "--dir", str(self.folder))

    def enrol(self, user: str = "lan", areas: str = "27211") -> str:
        """A laptop; its id."""
        import asyncio

        code = self("invite", "--user", user, "--role", "member", "--areas", areas, "--json").json()["code"]
        database = admin.open_database(self.folder)

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(create_app(database, REGISTRY))
            async with httpx.AsyncClient(transport=transport, base_url="http://server") as http:
                return await http.post(
                    "/v1/enrol", json={"code": code, "device": "máy"}, headers={"Sync-Protocol": "1"}
                )

        try:
            answer = asyncio.run(ask())
        finally:
            database.close()
        assert answer.status_code == 200
        return str(msgspec.json.decode(answer.content)["device"])


@pytest.fixture
def station(desk: Desk) -> Station:
    return Station(desk)


def test_an_invitation_is_drawn_as_a_qr_when_asked(station: Station) -> None:
    asked = ("invite", "--user", "lan", "--role", "member", "--areas", "27211")
    plain = station(*asked).out.decode()
    assert re.search(r"\w{4}-\w{4}-\w{4}", plain)
    assert "█" not in plain
    drawn = station(*asked, "--qr", "--url", "https://tram.example").out.decode()
    assert "█▀" in drawn or "▀█" in drawn
    assert "\x1b" not in drawn, "colours only at a terminal"
    assert station(*asked, "--qr", "--json").out.count(b"\n") == 1


def test_units_are_given_and_handed_over(station: Station) -> None:
    device = station.enrol(areas="27211/01")
    granted = station("grant", device, "--areas", "27211/02", "--json")
    assert granted.json() == {"device": device, "granted": ["27211/02"]}
    handed = station("withdraw", device, "--areas", "27211/01", "--until", "2026-11-22T17:00", "--json")
    assert handed.json() == {
        "device": device,
        "withdrawn": ["27211/01"],
        "until": "2026-11-22T10:00:00.000Z",  # 17:00 in Viet Nam
    }
    listed = station("devices", "--json").json()
    assert listed["places"] == [
        {"place": "27211/01", "until": "2026-11-22T10:00:00.000Z"},
        {"place": "27211/02", "until": None},
    ]
    assert "27211/01 (đến 22/11/2026 17:00), 27211/02" in station("devices").out.decode()
    assert station("grant", device, "--areas", "27211/03").code == 0
    assert station("withdraw", device, "--areas", "99999").code == 1
    bad = station("withdraw", device, "--areas", "27211/02", "--until", "hôm qua")
    assert (bad.code, "hôm qua" in bad.err) == (1, True)


def test_a_revoked_laptop_is_told_once_and_gets_nothing_more(station: Station) -> None:
    device = station.enrol()
    assert station("revoke", device, "--json").json() == {"device": device, "revoked": [device]}
    again = station("revoke", device)
    assert (again.code, device in again.err) == (0, True)
    assert station("grant", device, "--areas", "27211/01").code == 1
    assert station("devices", "--json").json()["revoked"] is not None


def test_a_mistyped_folder_makes_no_server(desk: Desk, tmp_path: Path) -> None:
    wrong = tmp_path / "nowhere"
    for command in (["devices"], ["revoke", "x"], ["grant", "x", "--areas", "27211"]):
        answer = desk("server", *command, "--dir", str(wrong))
        assert (answer.code, str(wrong) in answer.err, wrong.exists()) == (1, True, False)
