"""The first load of a ward on a fresh laptop: 15 000 persons, their households and 30 days of observation-like rows.

Half of a percent and more of the persons are followed at home, morning and evening; three quarters of those rows are
older than a week and come in the second part. Server and laptop are processes of their own over loopback.
"""

from __future__ import annotations

import json
import random
import statistics
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sync.protocol import Row, to_wire
from tests.bench.processes import Failed, Talk, cpu_seconds
from tests.bench.search_bench import MadeUpWard
from tests.bench.sync_bench import serving

PATIENTS, DAYS = 200, 30


def write_ward(path: Path, persons: int, seed: int = 20) -> int:
    """A ward as documents, a line each. Returns how many."""
    ward = MadeUpWard(persons, seed)
    now = datetime.now(UTC)
    count = 0
    with path.open("w", encoding="utf-8") as out:
        for document in _documents(ward, now):
            out.write(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def _documents(ward: MadeUpWard, now: datetime) -> Iterator[dict[str, Any]]:
    listed = to_wire(now - timedelta(days=DAYS))
    for row in (*ward.households, *ward.persons):
        yield _document(row, listed)
    chance = random.Random(7)
    for patient in ward.persons[:: max(1, len(ward.persons) // PATIENTS)][:PATIENTS]:
        for slot in range(2 * DAYS):
            at = to_wire(now - timedelta(hours=12 * slot + 1, minutes=chance.randint(0, 59)))
            yield {
                "type": "observation",
                "_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                "created_at": at,
                "person": patient.id,
                "at": at,
                "slot": f"{at[:10]} {'am' if slot % 2 else 'pm'}",
                "temperature": round(chance.gauss(37.3, 0.6), 1),
                "spo2": min(99, round(chance.gauss(96, 2))),
                "pulse": round(chance.gauss(84, 10)),
                "respiratory_rate": round(chance.gauss(19, 3)),
                "symptoms": chance.sample(("fever", "cough", "sore_throat", "fatigue", "anosmia"), 2),
            }


def _document(row: Row, at: str) -> dict[str, Any]:
    return {"type": row.type, "_id": row.id, "created_at": at, **row.body}


def measure_first_load(persons: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Medians of ``rounds`` fresh laptops: ``usable_s``, ``whole_s``, ``bytes``, ``cpu_s``, ``server_cpu_s``.

    Raises Failed when a laptop ends with fewer rows than the server has.
    """
    path = folder / "ward.ndjson"
    count = write_ward(path, persons)
    found: list[dict[str, float]] = []
    with serving(folder / "server", 1 + rounds) as server:
        url, pid = server.url(), server.process.pid
        first, *others = server.codes
        with Talk("tests.bench.sync_laptop", "push", folder / "writer", url, first, path) as laptop:
            _go(laptop, count)
        for number, code in enumerate(others):
            with Talk(
                "tests.bench.sync_laptop", "pull", folder / f"reader-{number}", url, code, path
            ) as laptop:
                cpu = cpu_seconds(pid)
                figures = _go(laptop, count)
                found.append(
                    {
                        "usable_s": figures["usable_s"],
                        "whole_s": figures["wall_s"],
                        "bytes": figures["wire_bytes"],
                        "cpu_s": figures["cpu_s"],
                        "server_cpu_s": cpu_seconds(pid) - cpu,
                    }
                )
    return {"rows": count} | {key: statistics.median(one[key] for one in found) for key in found[0]}


def _go(laptop: Talk, count: int) -> dict[str, Any]:
    laptop.hear()
    laptop.say("go")
    figures: dict[str, Any] = laptop.hear()["result"]
    laptop.say("again")
    laptop.hear()
    if figures["count"] != count or figures["pending"] or figures["mismatched"]:
        raise Failed(f"{figures['count']} of {count} records, {figures['pending']} pending")
    return figures
