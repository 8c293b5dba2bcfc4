"""A district's server for tests of its pages: three communes, laptops that file reports, readers who sign in."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import httpx

from sync.protocol import to_wire
from sync.server.app import create_app
from sync.server.areas import areas_import
from sync.server.limits import Limits
from sync.server.pages import accounts
from tests.sync.meeting import Laptop, Meeting, names
from tui_app.records import REGISTRY

THIRD = ("commune_code,commune_name,unit_code,unit_name", "27400,Xã Bình Lợi,01,Thôn Đông")
PASSWORD = "một câu thật dài"


class District(Meeting):
    """The server of `Meeting` with the records that laptops have, and one more commune."""

    def __init__(self, place: Path | str, limits: Limits | None = None) -> None:
        super().__init__(place)
        done = areas_import(self.database, REGISTRY, THIRD, now=self.clock(), new_id=self.new_id)
        assert done.problems == []
        for home, area in self._all("SELECT commune, area FROM record WHERE type = 'area'"):
            if home == "27400":
                self.areas["27400/01"] = area
        with self.database.write() as tx:  # it has known them for long
            tx.run("UPDATE op SET received = :then WHERE type = 'area'", then="2026-01-02T03:04:05.000Z")
        self.app = create_app(self.database, REGISTRY, clock=self.clock, new_id=self.new_id, limits=limits)
        self.transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.http = self.browser()

    def _all(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.database.read() as tx:
            return tx.all(statement, **values)

    def browser(self) -> httpx.AsyncClient:
        """Somebody with cookies of their own; a redirect is shown, not followed."""
        return httpx.AsyncClient(transport=self.transport, base_url="http://server")

    async def reader(self, areas: str, name: str = "huyen", role: str = "viewer") -> httpx.AsyncClient:
        """Somebody who is signed in."""
        accounts.add(self.database, name, role, areas, password=PASSWORD, now=self.clock())
        browser = self.browser()
        answer = await sign_in(browser, name, PASSWORD)
        assert answer.status_code == 303, answer.text
        return browser


async def sign_in(browser: httpx.AsyncClient, name: str, password: str) -> httpx.Response:
    """Fill in the form as it is shown."""
    shown = await browser.get("/district/login")
    return await browser.post(
        "/district/login", data={"form": hidden(shown.text), "name": name, "password": password}
    )


def hidden(page: str) -> str:
    """The form's own token."""
    found = re.search(r'name="form" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


async def file_report(
    laptop: Laptop, place: str, kind: str, first: date, last: date, figures: list[dict[str, Any]], **more: Any
) -> str:
    """A laptop files a report now and sends it at once. Returns its id."""
    meeting = laptop.meeting
    ident, now = meeting.new_id(), to_wire(meeting.clock())
    body = {
        "kind": kind,
        "period_from": first.isoformat(),
        "period_to": last.isoformat(),
        "version": 1,
        "figures": figures,
        "known_at": now,
        "written_at": now,
        **more,
    }
    answer = await laptop.push(laptop.op(place, ident, names(body), type="report"))
    assert [one.result for one in answer.results] == ["applied"], answer.lines
    return ident


def text_of(page: str) -> str:
    """What a person reads, on one line, cells apart."""
    body = re.sub(r"<title>.*?</title>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def rows_of(page: str) -> list[list[str]]:
    """The cells of every table row, as text."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, flags=re.DOTALL)
    return [[text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]
