"""Real sockets: the real client, a server that listens, and a proxy in between that fails in every way it knows."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx
import pytest

from sync.client import Link, NoLink, NotOurServer, OneSync, SyncError, link
from sync.client.patience import Patience
from sync.server import admin
from sync.server.areas import areas_import
from sync.server.run import run
from tests.faults.proxy import PORTAL, TOO_LARGE, TOO_MANY, Plan, Proxy, Shape, said
from tests.faults.stores import QuickStore
from tui_app.clock import system_clock
from tui_app.records import REGISTRY
from tui_app.store.rows import RecordRows, table

AREAS = ("commune_code,commune_name,unit_code,unit_name", "27211,Phường Hòa Bình,01,Khu phố 1")
KEY = bytes(range(32))


class Served:
    """A server that listens on a free port of loopback until `stop`."""

    def __init__(self, folder: Path) -> None:
        self.database = admin.init(folder)
        areas_import(self.database, REGISTRY, AREAS)
        ready = threading.Event()

        def told(url: str, stop: object) -> None:
            self.url, self._stop = url, stop
            ready.set()

        self._thread = threading.Thread(
            target=run, args=(self.database, REGISTRY), kwargs={"port": 0, "on_ready": told}, daemon=True
        )
        self._thread.start()
        assert ready.wait(20)

    def stop(self) -> None:
        self._stop()  # type: ignore[operator]
        self._thread.join(20)
        self.database.close()


@dataclass
class Laptop:
    store: QuickStore
    url: str
    device: str
    token: str

    def sync(self, tries: int = 1) -> None:
        way = Link(self.url, self.device, self.token, now=system_clock)
        try:
            OneSync(way, self.store, RecordRows(), patience=Patience(tries=tries, pause=lambda s: None)).run()
        finally:
            way.close()

    def work(self, count: int) -> None:
        with self.store.read() as c:
            place = next(iter(table("area").where(c)))
        for _ in range(count):
            with self.store.work("lan") as work:
                work.create("person", {"full_name": "Lê Thị Hằng", "household": "h1"}, place=place)

    def count(self, what: str) -> int:
        with self.store.read() as c:
            return int(c.execute(f"SELECT count(*) FROM {what}").fetchone()[0])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("server"))
    yield served
    served.stop()


@pytest.fixture
def proxy(server: Served) -> Iterator[Proxy]:
    between = Proxy(int(server.url.rpartition(":")[2]))
    yield between
    between.close()


@pytest.fixture
def laptop(server: Served, proxy: Proxy, tmp_path: Path) -> Iterator[Laptop]:
    code = admin.invite(server.database, "lan", "chief", "27211").code
    way = Link(server.url)
    enrolled = way.enrol(code, "máy")
    way.close()
    store = QuickStore(tmp_path / "laptop.db", KEY, create=True)
    made = Laptop(store, proxy.url, enrolled.device, enrolled.token)
    made.sync()
    yield made
    store.close()


PLANS = {
    "the request is cut": Plan(cut_up=200),
    "the request is cut in its body": Plan(cut_up=700),
    "the answer is cut at once": Plan(cut_down=0),
    "the answer is cut in its head": Plan(cut_down=60),
    "the answer is cut in its body": Plan(cut_down=450),
    "the server's side ends politely": Plan(half_close=300),
    "a login page answers": PORTAL,
    "too many": TOO_MANY,
    "too large": TOO_LARGE,
    "half a page": said("502 Bad Gateway", b"<html>"),
}


@pytest.mark.parametrize("what", PLANS)
def test_trouble_on_the_line_loses_nothing_and_the_next_sync_finishes(
    what: str, server: Served, proxy: Proxy, laptop: Laptop
) -> None:
    laptop.work(3)
    before = count_at(server)
    proxy.plans = [PLANS[what]]
    with pytest.raises(SyncError):
        laptop.sync()
    assert laptop.count("outbox") == 3
    laptop.sync()
    assert laptop.count("outbox WHERE state = 'acked'") == 3
    assert count_at(server) == before + 3


def test_a_login_page_is_not_our_server(proxy: Proxy, laptop: Laptop) -> None:
    proxy.plans = [PORTAL]
    with pytest.raises(NotOurServer):
        laptop.sync()


def test_a_stalled_answer_ends_in_no_link(
    server: Served, proxy: Proxy, laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = httpx.Timeout(0.5)
    monkeypatch.setattr(link, "TIMEOUT", quick)
    monkeypatch.setattr(Link._ask, "__defaults__", (None, quick))
    laptop.work(2)
    proxy.plans = [Plan(stall_after=100)]
    with pytest.raises(NoLink):
        laptop.sync()
    laptop.sync()
    assert laptop.count("outbox WHERE state = 'acked'") == 2


def test_a_request_that_arrives_twice_counts_once(server: Served, proxy: Proxy, laptop: Laptop) -> None:
    laptop.work(3)
    before = count_at(server)
    proxy.usual = lambda: Plan(twice=True)
    laptop.sync()
    assert count_at(server) == before + 3


def test_a_slow_link_delivers_all(server: Served, proxy: Proxy, laptop: Laptop) -> None:
    laptop.work(20)
    before = count_at(server)
    proxy.shape = Shape(rate=64_000, delay=0.02, loss=0.05)
    laptop.sync()
    assert count_at(server) == before + 20


def test_a_weeks_work_goes_through_a_link_that_fails_all_the_time(
    server: Served, proxy: Proxy, laptop: Laptop
) -> None:
    random = Random(7)
    plans = list(PLANS.values())

    def usual() -> Plan:
        if random.random() < 0.25:
            return random.choice(plans)
        return Plan(cut_up=random.randrange(200, 9000), cut_down=random.randrange(200, 20_000))

    laptop.work(150)
    before = count_at(server)
    proxy.usual = usual
    stopped = 0
    for _ in range(200):
        try:
            laptop.sync(tries=3)
        except SyncError:
            stopped += 1
        else:
            if not laptop.count("outbox WHERE state IN ('new', 'sent')"):
                break
    assert stopped > 0
    assert laptop.count("outbox WHERE state = 'acked'") == 150
    assert count_at(server) == before + 150
    assert laptop.count("person") == count_at(server)


def count_at(server: Served) -> int:
    with server.database.read() as tx:
        found = tx.one("SELECT count(*) FROM record WHERE type = 'person'")
    assert found is not None
    return int(found[0])
