"""A daily delta over a slow link: a laptop sends 500 records, another one fetches them, each through the proxy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.bench import documents
from tests.bench.processes import Failed, Talk
from tests.bench.sync_bench import serving
from tests.faults.proxy import Proxy, Shape

DELTA = 500
SHAPE = Shape(rate=128_000 / 8, delay=0.15, loss=0.02)


def measure_slow_link(folder: Path) -> dict[str, Any]:
    """Push and pull of the delta over a link of ``SHAPE``: mode -> figures. Raises Failed when a record is missing."""
    place = folder / "slowlink"
    place.mkdir()
    path = place / "documents.ndjson"
    documents.write_made_up(path, DELTA)
    found: dict[str, Any] = {}
    with serving(place / "server") as server:
        for mode, code in zip(("push", "pull"), server.codes, strict=True):
            proxy = Proxy(int(server.url().rpartition(":")[2]), shape=SHAPE)
            with Talk("tests.bench.sync_laptop", mode, place / mode, proxy.url, code, path) as laptop:
                laptop.hear()
                laptop.say("go")
                figures = laptop.hear()["result"]
                laptop.say("again")
                figures |= laptop.hear()
            proxy.close()
            if figures["count"] != DELTA or figures["pending"] or figures["mismatched"]:
                raise Failed(f"{mode}: {figures['count']} of {DELTA} records, {figures['pending']} pending")
            found[mode] = figures
    return found
