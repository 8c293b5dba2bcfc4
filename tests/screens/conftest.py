"""A small unlocked workspace with a cheap password, and the application in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from textual import events

from sync import outbox
from sync.protocol import Row
from tests.screens.idle import idle_by_the_loop as idle_by_the_loop
from tui_app.bootstrap import Workspace, open_with
from tui_app.clock import Clock, pinned_clock
from tui_app.i18n import set_language
from tui_app.keys import OrderedKeys
from tui_app.settings import Places
from tui_app.store import vault
from tui_app.store.rows import RecordRows
from tui_app.store.vault_file import Cost
from tui_app.widgets.symbols import choose_symbols

NOW = datetime(2026, 11, 22, 2, 5, tzinfo=UTC)  # 09:05 in Viet Nam
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
USER, PASSWORD = "lan", "mot cau ngan de nho"
AREA = Row(
    type="area",
    id="0190-area-1",
    commune="27211",
    area="0190-area-1",
    seq=1,
    body={
        "commune_code": "27211",
        "commune_name": "Phường Hòa Bình",
        "unit_code": "01",
        "unit_name": "Khu phố 1",
    },
)


KEYS = {"\t": "tab", "\r": "enter", "\x7f": "backspace", "\x1b": "escape"}


async def type_burst(app: OrderedKeys[None], text: str) -> None:
    """Type all of ``text`` at once (``\\r`` is Enter, ``\\t`` Tab, ``\\x1b`` Esc) and wait until it is
    worked off.

    About forty times as quick as pressing the keys one by one with Pilot, which waits after each.
    """
    for char in text:
        app.post_message(events.Key(KEYS.get(char, char), char))
    await app.keys_settled()


async def all_done(app: OrderedKeys[None]) -> None:
    """Wait until no worker runs and the keys and messages they led to, further workers too, are worked off."""
    await app.keys_settled()
    for _ in range(20):
        await app.workers.wait_for_complete()
        await app.keys_settled()
        if all(worker.is_finished for worker in app.workers):
            return


@pytest.fixture(autouse=True)
def vietnamese_first() -> Iterator[None]:
    """Language and symbols are the process's: each test starts from the defaults."""
    set_language("vi")
    choose_symbols("unicode")
    yield
    set_language("vi")
    choose_symbols("unicode")


@pytest.fixture
def clock() -> Clock:
    """09:05 on 22/11/2026 (Viet Nam)."""
    return pinned_clock(NOW)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """An empty home."""
    return Places(tmp_path / "home")


@pytest.fixture
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """New workspaces use a password cost that takes no time."""
    monkeypatch.setattr(vault, "create", partial(vault.create, cost=CHEAP))


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    """What a test's ward holds besides one unit; override to add records."""
    return lambda workspace: None


@pytest.fixture
def ward(places: Places, clock: Clock, fill: Callable[[Workspace], None]) -> Places:
    """The home of a locked workspace: user ``lan``, chief, one unit."""
    opened, _ = vault.create(places, USER, PASSWORD, "chief", clock, CHEAP)
    workspace = open_with(places, opened, clock=clock, create=True)
    with workspace.store.write() as c:
        RecordRows().upsert(c, [AREA])
        outbox.hold_area(c, AREA.area, AREA.commune, "write")
    fill(workspace)
    workspace.close()
    return places


@pytest.fixture
def workspace(ward: Places, clock: Clock) -> Iterator[Workspace]:
    """The same, unlocked."""
    made = open_with(ward, vault.unlock(ward, USER, PASSWORD, clock), clock=clock)
    yield made
    made.close()
