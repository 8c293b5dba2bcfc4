"""PostgreSQL under many writers and under failures, through the real application: no row missed, no op twice."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from sync.protocol import Op
from sync.server.area_rows import AreaRows
from sync.server.tables import RECORDS
from tests.bench.server_bench import serving
from tests.sync.cluster import Cluster, Databases, running
from tests.sync.meeting import Laptop, Meeting, names
from tests.sync.ward import Laptop as RealLaptop
from tests.sync.ward import Ward, agreed, calm

UNIT = "27211/01"
WRITERS, PUSHES, EACH = 8, 6, 5


class Dawdling(AreaRows):
    """Takes its time between the counter and the rows, as a large push does."""

    def write(self) -> None:
        time.sleep(random.random() * 0.02)
        super().write()


class BareSequence(AreaRows):
    """Counters from a sequence of the database instead of a head that is locked first."""

    def __init__(self, tx: Any, commune: str, area: str, now: str) -> None:
        found = tx.one("SELECT nextval('bare'), gen, digest FROM area_head WHERE area = :area", area=area)
        self.tx, self.now, self.commune, self.area = tx, now, commune, area
        self.seq = self.was_seq = int(found[0])
        self.gen, self.digest = str(found[1]), int(found[2])
        self.stored, self.others, self._before, self._dirty = {}, False, {}, {}

    def write(self) -> None:
        """Rows with their counters; the head says the highest that was written."""
        time.sleep(0.5 if self.seq // 100 % 2 else 0)  # a poll of a busy machine falls into it
        self.tx.put(RECORDS, [self._row(key) for key in self._dirty])
        self.tx.run(
            "UPDATE area_head SET seq = greatest(seq, :seq) WHERE area = :area", seq=self.seq, area=self.area
        )


async def written_and_seen(meeting: Meeting) -> tuple[set[str], list[tuple[int, str]]]:
    """What eight laptops wrote, and what one that polled beside them got: (counter, record)."""
    laptops = [await meeting.laptop(UNIT) for _ in range(WRITERS)]
    reader = await meeting.laptop(UNIT)
    area, seen, running = meeting.areas[UNIT], [], True

    async def write(number: int, laptop: Laptop) -> set[str]:
        made = set()
        for push in range(PUSHES):
            ops = [
                laptop.op(UNIT, f"r{number}-{push}-{i}", names({"full_name": "An", "note": str(i)}))
                for i in range(EACH)
            ]
            answer = await laptop.push(*ops)
            assert [result.result for result in answer.results] == ["applied"] * EACH
            made |= {op.record for op in ops}
        return made

    async def poll() -> None:
        cursor, last = ("", 0), False
        while True:
            answer = await reader.pull({area: cursor}, limit=7)
            seen.extend((row.seq, row.id) for row in answer.rows)
            ends = [line for line in answer.lines if type(line).__name__ == "Cursor"]
            cursor = (ends[-1].gen, ends[-1].seq) if ends else cursor
            if last and not answer.rows:
                return
            last = not running

    polling = asyncio.create_task(poll())
    made = await asyncio.gather(*(write(number, laptop) for number, laptop in enumerate(laptops)))
    running = False
    await polling
    return set().union(*made), seen


async def test_a_polling_reader_beside_eight_writers_gets_every_row_in_order(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.server.area.AreaRows", Dawdling)
    meeting = Meeting(postgres_url)
    made, seen = await written_and_seen(meeting)
    assert [seq for seq, _ in seen] == list(range(1, len(made) + 2))
    assert {ident for _, ident in seen} == made | {meeting.areas[UNIT]}
    await meeting.close()


async def test_with_counters_from_a_bare_sequence_the_reader_misses_rows(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Meeting(postgres_url)
    with meeting.database.write() as tx:
        tx.run("CREATE SEQUENCE bare INCREMENT 100 START 100")
    monkeypatch.setattr("sync.server.area.AreaRows", BareSequence)
    made, seen = await written_and_seen(meeting)
    assert made - {ident for _, ident in seen}
    await meeting.close()


# -- connections that end ------------------------------------------------------------------------------------------


def ending(rows: type[AreaRows], when: str) -> type[AreaRows]:
    """Ends its own connection once, at some point of a push."""
    done: list[str] = []

    class Ending(rows):  # type: ignore[valid-type, misc]
        def fetch(self, keys: Any) -> None:
            super().fetch(keys)
            self.end("read")

        def write(self) -> None:
            self.end("ops written")
            super().write()
            self.end("all written")

        def end(self, here: str) -> None:
            if here == when and not done:
                done.append(here)
                connection = self.tx._c
                with psycopg.connect(connection.info.dsn, autocommit=True) as other:
                    other.execute("SELECT pg_terminate_backend(%s, 2000)", (connection.info.backend_pid,))

    return Ending


@pytest.mark.parametrize("when", ["read", "ops written", "all written"])
async def test_a_connection_that_ends_in_the_middle_of_a_push_leaves_nothing_of_it(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    meeting = Meeting(postgres_url)
    one = await meeting.laptop(UNIT)
    before = [one.op(UNIT, f"a{i}", names({"full_name": "An"})) for i in range(3)]
    assert (await one.push(*before)).status == 200
    ops = [one.op(UNIT, f"b{i}", names({"full_name": "Bình"})) for i in range(20)]
    monkeypatch.setattr("sync.server.area.AreaRows", ending(AreaRows, when))
    refused = await one.push(*ops)
    assert (refused.status, refused.problem) == (503, "busy")
    assert int(refused.response.headers["Retry-After"]) > 0
    assert kept(meeting) == ({op.id for op in before}, {op.record for op in before})
    assert [result.result for result in (await one.push(*ops)).results] == ["applied"] * 20
    again = (await one.push(*ops)).results
    assert [(result.result, result.reason) for result in again] == [("duplicate", "applied")] * 20
    assert kept(meeting) == ({op.id for op in before + ops}, {op.record for op in before + ops})
    await meeting.close()


def kept(meeting: Meeting) -> tuple[set[str], set[str]]:
    """The ids of the ops and the records that laptops made."""
    with meeting.database.read() as tx:
        ops = [ident for (ident,) in tx.all("SELECT id FROM op WHERE device <> 'server'")]
        records = [ident for (ident,) in tx.all("SELECT id FROM record WHERE type = 'person'")]
        assert len(ops) == len(set(ops))
        assert tx.all("SELECT area, seq FROM record GROUP BY area, seq HAVING count(*) > 1") == []
    return set(ops), set(records)


async def test_a_database_that_stops_and_starts_under_load_loses_nothing() -> None:
    with running() as cluster:
        databases = Databases(cluster.url())
        meeting = Meeting(databases.make())
        laptops = [await meeting.laptop(UNIT) for _ in range(4)]
        until = time.monotonic() + 60
        enough = asyncio.Event()
        refused: list[int] = []

        async def work(number: int, laptop: Laptop) -> list[Op]:
            sent: list[Op] = []
            while not enough.is_set():
                ops = [
                    laptop.op(UNIT, f"r{number}-{len(sent)}-{i}", names({"full_name": "An"}))
                    for i in range(5)
                ]
                while (answer := await laptop.push(*ops)).status != 200:
                    assert (answer.status, answer.problem) == (503, "busy")
                    assert answer.response.headers["Retry-After"] == "5"
                    refused.append(number)
                    assert time.monotonic() < until
                    await asyncio.sleep(0.02)
                assert {result.result for result in answer.results} <= {"applied", "duplicate"}
                sent += ops
            return sent

        async def trouble() -> None:
            for at_once in (False, True):
                await asyncio.sleep(0.3)
                cluster.stop(at_once=at_once)
                await asyncio.sleep(0.3)
                cluster.start()
            await asyncio.sleep(0.5)
            enough.set()

        *sent, _ = await asyncio.gather(*(work(n, laptop) for n, laptop in enumerate(laptops)), trouble())
        every = [op for ops in sent for op in ops]  # type: ignore[union-attr]
        assert kept(meeting) == ({op.id for op in every}, {op.record for op in every})
        assert refused
        await meeting.close()


# -- two servers on one database -----------------------------------------------------------------------------------


class Real(httpx.BaseTransport):
    """To a server process, whatever name the address has."""

    def __init__(self, port: int) -> None:
        self.port, self.inner = port, httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Ask the process."""
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return self.inner.handle_request(request)

    def end(self) -> None:
        """Close for good."""
        self.inner.close()


def test_two_server_processes_on_one_database_serve_laptops_that_end_alike(
    tmp_path: Path, postgres_url: str
) -> None:
    ward = Ward(tmp_path, postgres_url)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with (
        serving(postgres_url, tmp_path / "one") as (one, _),
        serving(postgres_url, tmp_path / "two") as (two, _),
    ):
        lan, minh = ward.laptop("lan"), ward.laptop("minh")
        for laptop, port in ((lan, one), (minh, two)):
            laptop.wire.end()
            laptop.wire = Real(port)  # type: ignore[assignment]
        calm(lan, minh)
        person = lan.create("household", address="1 Lê Lợi", phone="+84903000001")
        calm(lan, minh)
        lan.change("household", person, phone="+84903000002")
        minh.change("household", person, note="có chó")
        at_once(*(busily(laptop) for laptop in (lan, minh)))
        calm(lan, minh)
        agreed(ward, lan, minh)
        row = lan.row("household", person)
        assert row is not None
        assert (row.body["phone"], row.body["note"]) == ("+84903000002", "có chó")
        made = [str(ident) for ident in (r[1] for r in ward.server_rows() if r[0] == "household")]
        assert len(made) == 1 + 2 * 4 * 10
    ward.close()


def busily(laptop: RealLaptop) -> Callable[[], None]:
    """Four syncs, each after ten new doors in both units."""

    def work() -> None:
        for sync in range(4):
            for door in range(10):
                laptop.create("household", unit=f"0{door % 2 + 1}", address=f"{sync}/{door} {laptop.user}")
            laptop.sync()

    return work


def at_once(*works: Callable[[], None]) -> None:
    failed: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - looked at below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_cluster_leaves_neither_a_process_nor_a_file() -> None:
    cluster = Cluster()
    cluster.start()
    process, folder = cluster.process, cluster.folder
    cluster.end()
    assert process is not None
    assert process.poll() is not None
    assert not folder.exists()
