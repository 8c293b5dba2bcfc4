"""What one server process takes in: ops a second over HTTP into PostgreSQL and into SQLite, batches of 500.

The server runs as a process of its own and is asked by a few laptops at once, each in its own unit, with bodies that
were packed before. Beside it, in the same run: the rows of the same records written by a bare upsert, one JSON
parameter a batch, a commit each, with nothing read, merged or kept beside it; by one writer, and by as many as there
are laptops. Every commit waits for the disk.
"""

from __future__ import annotations

import http.client
import json
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import uuid_utils

from sync.framing import encode_body
from sync.protocol import PROTOCOL, SCHEMA, Header, Op, Trailer, to_wire
from sync.server import admin
from sync.server.areas import areas_import
from sync.server.database import Database
from sync.server.postgres import PostgresDatabase
from sync.server.rows import RecordRow
from sync.server.tables import RECORDS, Bulk
from tests.bench import documents
from tests.bench.processes import Failed, cpu_seconds, environment
from tests.sync.cluster import Databases, running
from tui_app.records import REGISTRY

COMMUNE = "27211"
BATCH, LAPTOPS = 500, 3
# as an operator would run it: nothing is told before it is on disk
SAFE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}
ROOMY = {"shared_buffers": "256MB", "max_wal_size": "1GB"}
BARE = Bulk("bare", RECORDS.columns, RECORDS.key)
_encode = msgspec.json.Encoder().encode


def measure_server(count: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Ops a second into each database and of the bare upsert: medians of ``rounds`` of ``count`` ops each."""
    path = folder / "server-documents.ndjson"
    documents.write_made_up(path, count)
    found: dict[str, list[dict[str, float]]] = {
        "sqlite": [],
        "postgresql": [],
        "bare": [],
        "bare at once": [],
    }
    with running(**SAFE, **ROOMY) as cluster:
        databases = Databases(cluster.url())
        try:
            for number in range(rounds):
                found["sqlite"].append(
                    _served(folder / f"server-{number}", folder / f"server-{number}", path)
                )
                url = databases.make()
                found["postgresql"].append(_served(url, folder / f"server-log-{number}", path))
                databases.drop(url)
                for side, writers in (("bare", 1), ("bare at once", LAPTOPS)):
                    url = databases.make()
                    found[side].append(_bare(url, path, writers))
                    databases.drop(url)
        finally:
            databases.end()
    return {
        "n": count,
        "batch": BATCH,
        "laptops": LAPTOPS,
        "rounds": rounds,
        **{
            side: {key: statistics.median(one[key] for one in figures) for key in figures[0]}
            for side, figures in found.items()
        },
    }


def _served(place: Path | str, folder: Path, path: Path) -> dict[str, float]:
    """Every document as an op through a server over the database at ``place``."""
    folder.mkdir(exist_ok=True)
    database = admin.init(place)
    units = [f"{COMMUNE},Phường Hòa Bình,{unit:02},Khu phố {unit}" for unit in range(1, LAPTOPS + 1)]
    areas_import(database, REGISTRY, ["commune_code,commune_name,unit_code,unit_name", *units])
    codes = [
        admin.invite(database, f"lan {unit}", "chief", f"{COMMUNE}/{unit:02}").code
        for unit in range(1, LAPTOPS + 1)
    ]
    try:
        with serving(place, folder) as (port, pid):
            laptops = [_Laptop(port, code) for code in codes]
            every = list(documents.read(path))
            for number, laptop in enumerate(laptops):
                laptop.pack(every[number::LAPTOPS])
            cpu = cpu_seconds(pid)
            seconds = together([laptop.push for laptop in laptops])
            cpu = cpu_seconds(pid) - cpu
        if _kept(database) != len(every):
            raise Failed(f"{_kept(database)} of {len(every)} ops were kept")
    finally:
        database.close()
    return {"ops_per_s": len(every) / seconds, "server_cpu_s": cpu, "wall_s": seconds}


def _kept(database: Database) -> int:
    with database.read() as tx:
        found = tx.one("SELECT count(*) FROM op WHERE result = 'applied' AND device <> 'server'")
    assert found is not None
    return int(found[0])


@contextmanager
def serving(place: Path | str, folder: Path) -> Iterator[tuple[int, int]]:
    """One server process over ``place`` until the end: its port and its process id. Raises Failed."""
    where = ["--database", place] if isinstance(place, str) else ["--dir", str(place)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tui_app", "server", "run", *where, "--port", "0"],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield _port(process, folder / "log"), process.pid
    finally:
        process.terminate()
        process.wait(15)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", log.read_text(encoding="utf-8"))
        if found:
            return int(found[1])
        time.sleep(0.02)
    raise Failed(log.read_text(encoding="utf-8"))


class _Laptop:
    """Sends bodies that were packed before, one after the other over one connection."""

    def __init__(self, port: int, code: str) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        answer = self._ask("/v1/enrol", json.dumps({"code": code, "device": "bench"}).encode(), {})
        enrolled = json.loads(answer)
        self._device, self._token = enrolled["device"], enrolled["token"]
        self._area = enrolled["scope"]["areas"][0]["area"]
        self._bodies: list[bytes] = []

    def pack(self, found: Sequence[dict[str, Any]]) -> None:
        """Make the bodies of pushes that create the documents."""
        n = 0
        for start in range(0, len(found), BATCH):
            ops = []
            for document in found[start : start + BATCH]:
                n += 1
                row = documents.record(document, self._area, COMMUNE, "lan")
                ops.append(
                    Op(
                        id=str(uuid_utils.uuid7()),
                        device=self._device,
                        n=n,
                        commune=COMMUNE,
                        area=self._area,
                        type=row.type,
                        record=row.id,
                        at=to_wire(datetime.now(UTC)),
                        who="lan",
                        set={name: (None, value) for name, value in row.body.items()},
                    )
                )
            header = Header(
                kind="push",
                protocol=PROTOCOL,
                schema=SCHEMA,
                device=self._device,
                now=to_wire(datetime.now(UTC)),
            )
            self._bodies.append(encode_body(map(_encode, [header, *ops, Trailer(count=len(ops))]), "zstd"))

    def push(self) -> None:
        """Send every body. Raises Failed when one is refused."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Encoding": "zstd",
            "Accept-Encoding": "zstd",
        }
        for body in self._bodies:
            self._ask("/v1/push", body, headers)
        self._http.close()

    def _ask(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        self._http.request("POST", path, body, {"Sync-Protocol": str(PROTOCOL), **headers})
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise Failed(f"{path}: {answer.status} {content[:200]!r}")
        return content


def _bare(url: str, path: Path, writers: int) -> dict[str, float]:
    """The records alone, by upserts of one JSON parameter, over so many connections."""
    admin.init(url).close()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE bare (LIKE record INCLUDING ALL)")
    now = to_wire(datetime.now(UTC))
    every = [documents.record(document, "area", COMMUNE, "lan") for document in documents.read(path)]
    rows = [
        RecordRow(
            COMMUNE,
            f"area {number % writers}",
            row.type,
            row.id,
            number,
            0,
            None,
            str(_encode(row.body), "utf-8"),
            "{}",
            now,
            "lan",
            "device",
            now,
        )
        for number, row in enumerate(every)
    ]
    database = PostgresDatabase(url)

    def writing(mine: list[RecordRow]) -> Callable[[], None]:
        def write() -> None:
            for start in range(0, len(mine), BATCH):
                with database.write() as tx:
                    tx.put(BARE, mine[start : start + BATCH])

        return write

    try:
        seconds = together([writing(rows[number::writers]) for number in range(writers)])
    finally:
        database.close()
    return {"ops_per_s": len(rows) / seconds, "wall_s": seconds}


def together(works: Sequence[Callable[[], None]]) -> float:
    """Do all at once, each in a thread; returns seconds. Raises the first error."""
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - told to whoever waits below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if errors:
        raise errors[0]
    return seconds
