"""One laptop of the sync comparison as its own process: it prepares, waits for a line, syncs once, and tells.

``python -m tests.bench.sync_laptop push|pull HOME URL CODE DOCUMENTS``. The laptop is enrolled and its encrypted
workspace made before the clock starts; a pushing one has also met the server once and holds an op for each document.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpcore
import httpx
import uuid_utils

from sync import outbox
from sync.client import Link, Progress
from sync.protocol import Row
from tests.bench import documents
from tests.bench.processes import memory_mib
from tui_app.bootstrap import Workspace
from tui_app.services.exchange import syncing
from tui_app.services.station import facts, setup
from tui_app.settings import Places
from tui_app.store.rows import RecordRows

PASSWORD = "mat khau cua phep do"
LOT = 1000


class _Counted(httpcore.NetworkStream):
    """A connection that counts its bytes, headers and all."""

    def __init__(self, stream: httpcore.NetworkStream, counter: CountingTransport) -> None:
        self._stream, self._counter = stream, counter

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, timeout)
        self._counter.bytes += len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._counter.bytes += len(buffer)
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def __init__(self, counter: CountingTransport) -> None:
        self._counter = counter

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = super().connect_tcp(host, port, timeout, local_address, socket_options)
        return _Counted(stream, self._counter)


class CountingTransport(httpx.HTTPTransport):
    """The usual transport, with a count of requests and of bytes on the socket, both ways."""

    def __init__(self) -> None:
        super().__init__(verify=False)  # as `Link` does without TLS: certificates nobody looks at take 15 ms
        self.bytes = self.requests = 0
        self._pool = httpcore.ConnectionPool(network_backend=_Backend(self))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        return super().handle_request(request)


def _load(workspace: Workspace, path: Path) -> dict[str, Any]:
    """Save the documents as this laptop's own new records, with an op each."""
    started = time.perf_counter()
    with workspace.store.read() as c:
        area = next(iter(outbox.held_areas(c)))
        commune = c.execute("SELECT commune FROM cursor").fetchone()[0]
    size = 0
    rows: list[Row] = []
    for document in documents.read(path):
        size += len(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
        rows.append(documents.record(document, area, commune, workspace.user))
    for start in range(0, len(rows), LOT):
        lot = rows[start : start + LOT]
        with workspace.store.write() as c:
            RecordRows().upsert(c, lot)
            outbox.add(c, map(_created, lot), [])
    return {"local_load_s": time.perf_counter() - started, "json_bytes": size, "n": len(rows)}


def _created(row: Row) -> outbox.Change:
    return outbox.Change(
        id=str(uuid_utils.uuid7()),
        commune=row.commune,
        area=row.area,
        type=row.type,
        record=row.id,
        at=row.at,
        who=row.who,
        base_seq=0,
        set={name: (None, value) for name, value in row.body.items()},
    )


def _count(workspace: Workspace) -> int:
    with workspace.store.read() as c:
        tables = set(documents.TYPES.values())
        return sum(c.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables)


def _synced(workspace: Workspace, marks: dict[str, float]) -> tuple[syncing.Synced, CountingTransport]:
    """One sync; ``marks``: when each step was first told of, by the clock of `time.perf_counter`."""
    transport = CountingTransport()
    with workspace.store.read() as c:
        server, device, token = (facts.get(c, key) for key in (facts.SERVER, facts.DEVICE, facts.TOKEN))
    link = Link(server, device, token, transport=transport, now=workspace.clock)
    try:

        def tell(progress: Progress) -> None:
            marks.setdefault(progress.step, time.perf_counter())

        return syncing.sync_now(workspace, tell, link=link), transport
    finally:
        link.close()


def main(mode: str, home: str, url: str, code: str, path: str) -> None:
    """Do it; see the module."""
    workspace, _ = setup.init_server(Places(Path(home)), server=url, code=code, user=mode, password=PASSWORD)
    try:
        told: dict[str, Any] = {}
        if mode == "push":
            syncing.sync_now(workspace)
            told = _load(workspace, Path(path))
        print(json.dumps({"ready": told}), flush=True)
        sys.stdin.readline()
        cpu, started = time.process_time(), time.perf_counter()
        marks: dict[str, float] = {}
        synced, transport = _synced(workspace, marks)
        wall, cpu = time.perf_counter() - started, time.process_time() - cpu
        summary = synced.summary
        result = told | {
            "mode": mode,
            "wall_s": wall,
            "usable_s": marks.get("usable", started + wall) - started,
            "cpu_s": cpu,
            "maxrss_mb": memory_mib(what="VmHWM"),
            "wire_bytes": transport.bytes,
            "requests": transport.requests,
            "docs": summary.applied if mode == "push" else summary.pulled,
            "count": _count(workspace),
            "pending": summary.pending,
            "mismatched": len(summary.mismatched),
        }
        print(json.dumps({"result": result}), flush=True)
        sys.stdin.readline()
        started = time.perf_counter()
        _synced(workspace, {})
        print(json.dumps({"noop_resync_s": time.perf_counter() - started}), flush=True)
    finally:
        workspace.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
