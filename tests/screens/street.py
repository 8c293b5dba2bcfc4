"""A small street, the application at work in it, and short ways to read what it shows and stored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from tests.screens.conftest import AREA, PASSWORD, USER
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace, open_workspace
from tui_app.clock import Clock
from tui_app.services.people import people
from tui_app.settings import Places

FAMILY = [
    ("Nguyễn Văn Đức", 1961, "male"),
    ("Trần Thị Thủy", 1968, "female"),
    ("Nguyễn Thị Hoa", 1990, "female"),
    ("Nguyễn Văn Minh", 1994, "male"),
    ("Nguyễn Thị Bé", 2018, "female"),
]


def household(workspace: Workspace, address: str, **fields: Any) -> str:
    """A new household."""
    return people.save_household(workspace.store, USER, {"address": address, **fields}, area=AREA.area)


def person(workspace: Workspace, door: str, name: str, **fields: Any) -> str:
    """A new person."""
    return people.save_person(workspace.store, USER, {"full_name": name, **fields}, household=door)


def street(workspace: Workspace) -> None:
    """Three doors of Lê Lợi: 9 (one person), 12 (the family of five, code 0712), 20 (two persons)."""
    first = household(workspace, "9 Lê Lợi", code="0709")
    person(workspace, first, "Lê Thị Hằng", birth_year=1955, sex="female")
    home = household(workspace, "12 Lê Lợi", code="0712")
    for name, year, sex in FAMILY:
        person(workspace, home, name, birth_date=f"{year}-03-04", sex=sex)
    last = household(workspace, "20 Lê Lợi", code="0720")
    person(workspace, last, "Phạm Văn Tí", birth_date="1984-07-15", sex="male")
    person(workspace, last, "Phạm Thị Ngọc", birth_date="1986-01-30", sex="female")


async def settle(app: GonhaApp, pilot: Pilot[None]) -> None:
    """Wait until every worker has answered (or was replaced by a newer one) and its answer is shown."""
    await app.keys_settled()
    for _ in range(2):
        for worker in list(app.workers):
            with suppress(WorkerCancelled):
                await worker.wait()
        await pilot.pause()


@asynccontextmanager
async def at_work(
    places: Places, clock: Clock, size: tuple[int, int] = (80, 24), user: str = USER
) -> AsyncIterator[tuple[GonhaApp, Pilot[None]]]:
    """The application, unlocked by ``user`` (all have the same password), at *Hôm nay*."""
    app = GonhaApp(places, clock=clock)
    async with app.run_test(size=size) as pilot:
        await app.enter(open_workspace(places, user, PASSWORD, clock=clock))
        await settle(app, pilot)
        yield app, pilot
        if app.workspace is not None:
            await settle(app, pilot)
            app.workspace.close()


async def press(app: GonhaApp, pilot: Pilot[None], *keys: str) -> None:
    """Press keys and wait for what they set off."""
    await pilot.press(*keys)
    await settle(app, pilot)


def shown(app: GonhaApp) -> str:
    """What the screen shows, line by line."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def line_with(app: GonhaApp, words: str) -> str:
    """The one line that shows ``words``."""
    lines = [line for line in shown(app).splitlines()[:-2] if words in line]  # the message line says it too
    assert len(lines) == 1, (words, shown(app))
    return lines[0]


def rows(app: GonhaApp, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What the database answers."""
    with app.open_workspace.store.read() as c:
        return [tuple(row) for row in c.execute(sql, parameters)]
