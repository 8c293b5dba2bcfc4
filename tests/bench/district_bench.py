"""Pages of a province: ``python -m tests.bench.district_bench FOLDER ROUNDS``.

200 communes of five units have filed a daily report for half a year and weekly ones beside, each with the figures of
the form and the ids it counted. The pages are asked for over ASGI with a session, as a browser gets them: one after the
other, right after every commune has sent a second version, and by two readers at once while rows are written. Beside
them, the reports of a day are only read from the same database.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Any

import httpx
import msgspec

from sync.protocol import to_wire
from sync.server import admin
from sync.server.app import create_app
from sync.server.areas import areas_import
from sync.server.database import Database
from sync.server.pages import accounts
from sync.server.pages.copying import bring_up
from sync.server.pages.filed import filed
from sync.server.pages.words import VIETNAM
from sync.server.rows import RecordRow
from sync.server.tables import RECORDS
from tests.sync.cluster import databases
from tests.sync.district import sign_in
from tui_app.records import REGISTRY
from tui_app.services.reports.form import NAMES

COMMUNES, UNITS, DAYS, COUNTED_BYTES = 200, 5, 180, 2000
LAST = date(2026, 11, 29)
NOW = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
PASSWORD = "một câu thật dài"
LOT = 2000
PAGES = {
    "board": "/district",
    "kind": "/district/kind/daily",
    "commune": "/district/commune/20000",
    "csv": "/district/kind/daily/figures.csv",
}


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds of each page on both databases, and of the copying before the first."""
    with databases() as made:
        url = made.make()
        try:
            found = {
                kind: asyncio.run(_measured(place, rounds))
                for kind, place in (("sqlite", folder / "district"), ("postgresql", url))
            }
        finally:
            made.drop(url)
    return {"communes": COMMUNES, "reports": COMMUNES * (DAYS + DAYS // 7), **found}


async def _measured(place: Path | str, rounds: int) -> dict[str, Any]:
    database = admin.init(place, NOW)
    try:
        _fill(database)
        started = time.perf_counter()
        bring_up(database, NOW)
        found: dict[str, Any] = {"copied_s": time.perf_counter() - started}
        app = create_app(database, REGISTRY, clock=lambda: NOW)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as http:
            await sign_in(http, "huyen", PASSWORD)
            await http.get(PAGES["board"])
            for name, path in PAGES.items():
                taken, cpu = [], []
                for _ in range(rounds + 1):
                    before, used = time.perf_counter(), time.process_time()
                    answer = await http.get(path)
                    taken.append((time.perf_counter() - before) * 1000)
                    cpu.append((time.process_time() - used) * 1000)
                    assert answer.status_code == 200
                found |= {
                    f"{name}_first_ms": taken[0],
                    f"{name}_p50_ms": statistics.median(taken[1:]),
                    f"{name}_p95_ms": statistics.quantiles(taken[1:], n=20)[18],
                    f"{name}_cpu_ms": statistics.median(cpu[1:]),
                    f"{name}_kib": len(answer.content) / 1024,
                }
            found["read_p50_ms"] = statistics.median(_read(database) for _ in range(rounds))
            found["after_batch_ms"] = [await _after_batch(database, http, n + 2) for n in range(3)]
            found["together_p95_ms"] = await _together(database, http, rounds)
        return found
    finally:
        database.close()


async def _asked(http: httpx.AsyncClient, path: str) -> float:
    started = time.perf_counter()
    assert (await http.get(path)).status_code == 200
    return (time.perf_counter() - started) * 1000


async def _after_batch(database: Database, http: httpx.AsyncClient, version: int) -> float:
    """The first page after every commune has sent another version of a day."""
    with database.write() as tx:
        homes = tx.all("SELECT commune, min(area) FROM area_head GROUP BY commune ORDER BY commune")
        tx.put(
            RECORDS,
            [
                _report(home, area, "daily", LAST, LAST, NOW, NOW, n, version)
                for n, (home, area) in enumerate(homes)
            ],
        )
    return await _asked(http, PAGES["board"])


async def _together(database: Database, http: httpx.AsyncClient, rounds: int) -> dict[str, float]:
    """Milliseconds of each page for two readers at once while rows are written, a commit for each 500."""
    over = threading.Event()

    def write() -> None:
        n = 0
        while not over.is_set():
            with database.write() as tx:
                tx.put(RECORDS, [_observation(n + one) for one in range(500)])
            n += 500

    found = {}
    writing = asyncio.create_task(asyncio.to_thread(write))
    try:
        for name, path in PAGES.items():
            taken: list[float] = []
            for _ in range(rounds):
                taken += await asyncio.gather(_asked(http, path), _asked(http, path))
            found[name] = statistics.quantiles(taken, n=20)[18]
    finally:
        over.set()
        await writing
    return found


def _observation(n: int) -> RecordRow:
    moment = to_wire(NOW)
    return RecordRow(
        "20000",
        "khác",
        "observation",
        f"o-{n}",
        n + 1,
        0,
        None,
        '{"spo2":97}',
        "{}",
        moment,
        "lan",
        "máy",
        moment,
    )


def _read(database: Database) -> float:
    started = time.perf_counter()
    with database.read() as tx:
        assert len(filed(tx, "daily", LAST, LAST)) == COMMUNES
    return (time.perf_counter() - started) * 1000


def _fill(database: Database) -> None:
    lines = ["commune_code,commune_name,unit_code,unit_name"]
    lines += [
        f"{20000 + 3 * n},Xã số {n},{unit:02},Thôn {unit}"
        for n in range(COMMUNES)
        for unit in range(1, UNITS + 1)
    ]
    assert areas_import(database, REGISTRY, lines, now=NOW - timedelta(days=2 * DAYS)).problems == []
    codes = [str(20000 + 3 * n) for n in range(COMMUNES)]
    accounts.add(database, "huyen", "viewer", ",".join(codes), password=PASSWORD, now=NOW)
    with database.read() as tx:
        homes = tx.all("SELECT commune, min(area) FROM area_head GROUP BY commune ORDER BY commune")
    lot: list[RecordRow] = []
    for row in _reports(homes):
        lot.append(row)
        if len(lot) == LOT:
            with database.write() as tx:
                tx.put(RECORDS, lot)
            lot = []
    with database.write() as tx:
        tx.put(RECORDS, lot)


def _reports(homes: list[tuple[Any, ...]]) -> Iterator[RecordRow]:
    """Every twelfth report of the last day is missing, every ninth came late."""
    for back in range(DAYS - 1, -1, -1):
        day = LAST - timedelta(days=back)
        due_at = datetime.combine(day + timedelta(days=1), clock_time(10), VIETNAM)
        for n, (home, area) in enumerate(homes):
            at = due_at + timedelta(minutes=5) if (n + back) % 9 == 0 else due_at - timedelta(hours=2)
            yield _report(home, area, "daily", day, day, at, due_at, n + back)
            if day.weekday() == 6:
                week = day - timedelta(days=6)
                yield _report(home, area, "weekly", week, day, due_at, due_at + timedelta(days=2), n + back)


def _report(
    home: str,
    area: str,
    kind: str,
    first: date,
    last: date,
    at: datetime,
    due_at: datetime,
    seed: int,
    version: int = 1,
) -> RecordRow:
    body = {
        "kind": kind,
        "period_from": first.isoformat(),
        "period_to": last.isoformat(),
        "version": version,
        "figures": [{"name": name, "value": (seed * 7 + n) % 41} for n, name in enumerate(NAMES)],
        "counted": [{"name": "f0_total", "ids": "x" * COUNTED_BYTES}],
        "written_at": to_wire(at),
        "due_at": to_wire(due_at),
    }
    raw = msgspec.json.encode(body).decode()
    ident = f"{kind}-{home}-{last.isoformat()}-{version}"
    moment = to_wire(at)
    return RecordRow(home, area, "report", ident, seed + 1, 0, None, raw, "{}", moment, "lan", "máy", moment)


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
