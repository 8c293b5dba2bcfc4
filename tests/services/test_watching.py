"""Syncing by itself: when something waits, when the link returns, now and then; and never in a busy loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.services.test_syncing import run, workspace
from tests.sync.ward import Laptop, Ward
from tests.sync.wire import unreachable
from tui_app.errors import GonhaError, NoLink, SyncRefused, VaultBusy
from tui_app.services.exchange import watching
from tui_app.services.exchange.syncing import Synced
from tui_app.services.exchange.watching import AT_LEAST, LAST_PROBE, LOOK, Watch


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    yield made
    made.close()


@pytest.fixture
def lan(ward: Ward) -> Laptop:
    laptop = ward.laptop("lan")
    laptop.sync()
    return laptop


class Desk:
    """A watch whose time passes only by waiting. ``plan``: what happens at each wait."""

    def __init__(self, lan: Laptop, plan: list[Callable[[], object] | None]) -> None:
        self.lan, self.plan = lan, plan
        self.now = 0.0
        self.waits: list[float] = []
        self.syncs: list[float] = []
        self.told: list[Any] = []
        self.answers: list[GonhaError] = []
        self.greets = [True]
        self.watch = Watch(
            workspace(lan), self.told.append, self._wait, lambda: False,
            exchange=self._sync, probe=lambda: self.greets.pop(0) if self.greets else True, ticks=lambda: self.now,
        )  # fmt: skip

    def _wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds
        if not self.plan:
            return True
        deed = self.plan.pop(0)
        if deed is not None:
            deed()
        return False

    def _sync(self, workspace: Any, **more: Any) -> Synced:
        self.syncs.append(self.now)
        if self.answers:
            raise self.answers.pop(0)
        return run(self.lan)


def test_a_save_is_sent_at_the_next_look(lan: Laptop) -> None:
    desk = Desk(lan, [None, None, lambda: lan.create("household", address="12 Lê Lợi"), None])
    desk.watch.run()
    assert desk.syncs == [0.0, 3 * LOOK]
    assert [synced.summary.pushed for synced in desk.told] == [0, 1]
    assert set(desk.waits) == {LOOK}


def test_writing_that_leaves_nothing_to_send_starts_no_sync(lan: Laptop) -> None:
    def draft() -> None:
        with lan.store.write() as c:
            c.execute("INSERT OR REPLACE INTO setting (key, value) VALUES ('x', '1')")

    desk = Desk(lan, [draft] * 5)
    desk.watch.run()
    assert desk.syncs == [0.0]


def test_without_anything_to_send_it_asks_every_quarter_of_an_hour(lan: Laptop) -> None:
    desk = Desk(lan, [None] * 700)
    desk.watch.run()
    assert desk.syncs == [0.0, AT_LEAST, 2 * AT_LEAST]


def test_without_a_link_it_looks_less_and_less_often_and_complains_once(lan: Laptop) -> None:
    desk = Desk(lan, [None] * 12)
    desk.answers = [NoLink("link.no_link")] * 2
    desk.greets = [False] * 9 + [True, False, True]
    desk.watch.run()
    assert len(desk.told) == 2, "one complaint, one sync"
    assert isinstance(desk.told[0], NoLink)
    probes = desk.waits[:12]
    for wait, plain in zip(probes, [5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300, 300], strict=True):
        assert 0.8 * plain <= wait <= 1.2 * plain
    assert max(probes) <= 1.2 * LAST_PROBE


def test_another_sync_on_this_laptop_is_tolerated(lan: Laptop) -> None:
    desk = Desk(lan, [None, None])
    desk.answers = [VaultBusy("link.already_running")]
    desk.watch.run()
    assert len(desk.syncs) == 2
    assert len(desk.told) == 1


def test_a_server_that_refuses_this_laptop_ends_it(lan: Laptop) -> None:
    desk = Desk(lan, [])
    desk.answers = [SyncRefused("link.refused_revoked", pending=0)]
    with pytest.raises(SyncRefused):
        desk.watch.run()


def test_told_to_stop_in_the_middle_of_a_sync_it_just_ends(lan: Laptop) -> None:
    stopped: list[bool] = []
    told: list[object] = []
    waited: list[float] = []

    def exchange(workspace: Any, **more: Any) -> Synced:
        stopped.append(True)
        raise GonhaError("link.cancelled", pushed=0, pending=0)

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return False

    Watch(workspace(lan), told.append, wait, lambda: bool(stopped), exchange=exchange).run()
    assert (stopped, told, waited) == ([True], [], []), "one sync, no complaint, no waiting for the next"


def test_the_greeting_is_the_probe(lan: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    from sync.client import Link

    link = Link("http://server", lan.device, lan.token, transport=lan.wire)
    monkeypatch.setattr(watching, "link_of", lambda c, clock: link)
    monkeypatch.setattr(link, "close", lambda: None)
    watch = Watch(workspace(lan), print, lambda s: False, lambda: False)
    probe: Any = SimpleNamespace(ask=watch._greets)
    assert probe.ask() is True
    lan.wire.then = [("/v1/hello", unreachable)]
    assert probe.ask() is False
