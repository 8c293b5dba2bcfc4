"""Sync of many records: a laptop pushes all it holds, a fresh one pulls them; and the peer with the same documents.

Server and laptops are processes of their own over loopback, the laptops' databases encrypted and flushed to disk at
each commit. The peer is PouchDB against express-pouchdb; its folder holds ``bench.mjs``, ``docs.mjs`` and
``package.json`` and is copied before its packages are installed. The two take turns; figures are medians.
"""

from __future__ import annotations

import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync.server import admin
from sync.server.areas import areas_import
from tests.bench import documents
from tests.bench.processes import ROOT, Failed, Talk, cpu_seconds, environment, memory_mib
from tui_app.records import REGISTRY

COMMUNE = "27211"
AREAS = (
    "commune_code,commune_name,unit_code,unit_name,aliases",
    f"{COMMUNE},Phường Hòa Bình,01,Khu phố 1,KP1",
)
BATCH = 1000
INSTALL_SECONDS = 300
DEFAULT_PEER = ROOT.parent / "shared" / "peers" / "pouchdb"
KEYS = ("docs_per_s", "wall_s", "wire_bytes", "requests", "cpu_s", "client_cpu_s", "server_cpu_s")
MORE_KEYS = ("maxrss_mb", "server_maxrss_mb", "json_bytes", "noop_resync_s")


@dataclass(frozen=True)
class Peer:
    """The peer with its packages installed. ``folder``: the copy."""

    folder: Path

    def write_documents(self, path: Path, count: int) -> None:
        """Its own documents as NDJSON."""
        with path.open("wb") as out:
            subprocess.run(["node", "docs.mjs", str(count)], cwd=self.folder, stdout=out, check=True)

    def run(self, count: int) -> dict[str, dict[str, Any]]:
        """Push and pull of ``count`` documents: mode -> figures. Raises Failed."""
        command = ["node", "bench.mjs", str(count), str(BATCH), "leveldb"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            raise Failed(f"the peer ended with {done.returncode}: {done.stderr[-500:]}")
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return {line["mode"]: _peer_figures(line) for line in lines}


def find_peer(source: Path, folder: Path) -> Peer | None:
    """The peer of ``source``, copied into ``folder`` and installed; None without node or without its files."""
    if shutil.which("node") is None or shutil.which("npm") is None or not (source / "bench.mjs").exists():
        return None
    copy = folder / "peer"
    copy.mkdir()
    for file in source.iterdir():
        if file.is_file():
            (copy / file.name).write_bytes(file.read_bytes())
    install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        install, cwd=copy, capture_output=True, encoding="utf-8", timeout=INSTALL_SECONDS, check=False
    )
    if done.returncode:
        print(f"peer: npm install ended with {done.returncode}: {done.stderr[-300:]}", file=sys.stderr)
        return None
    return Peer(copy)


def _peer_figures(line: dict[str, Any]) -> dict[str, Any]:
    client, server = line["cpu_s"], line["server_cpu_s"]
    return line | {"cpu_s": client + server, "client_cpu_s": client}


class Server:
    """The server as its own process, over a fresh database with one unit."""

    def __init__(self, folder: Path, laptops: int = 2) -> None:
        self.folder = folder
        database = admin.init(folder)
        try:
            areas_import(database, REGISTRY, list(AREAS))
            self.codes = [
                admin.invite(database, f"laptop {n}", "chief", COMMUNE).code for n in range(laptops)
            ]
        finally:
            database.close()
        self.log = folder / "server.log"
        command = [sys.executable, "-m", "tui_app", "server", "run", "--dir", str(folder), "--port", "0"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def url(self) -> str:
        """Its address, once it is ready. Raises Failed."""
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up and self.process.poll() is None:
            found = re.search(r"http://127\.0\.0\.1:\d+", self.log.read_text(encoding="utf-8"))
            if found:
                return found.group()
            time.sleep(0.02)
        raise Failed(self.log.read_text(encoding="utf-8"))

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(15)


@contextmanager
def serving(folder: Path, laptops: int = 2) -> Iterator[Server]:
    """A server in ``folder`` until the end, with a code for each of its laptops."""
    server = Server(folder, laptops)
    try:
        yield server
    finally:
        server.stop()


def run_ours(path: Path, count: int, folder: Path) -> dict[str, dict[str, Any]]:
    """Push and pull of the ``count`` documents in ``path``: mode -> figures. Raises Failed when one is missing."""
    found: dict[str, dict[str, Any]] = {}
    with serving(folder / "server") as server:
        url, pid = server.url(), server.process.pid
        for mode, code in zip(("push", "pull"), server.codes, strict=True):
            with Talk("tests.bench.sync_laptop", mode, folder / mode, url, code, path) as laptop:
                laptop.hear()
                cpu = cpu_seconds(pid)
                laptop.say("go")
                figures = laptop.hear()["result"]
                server_cpu = cpu_seconds(pid) - cpu
                peak = memory_mib(pid, "VmHWM")
                laptop.say("again")
                figures |= laptop.hear()
            if figures["count"] != count or figures["pending"] or figures["mismatched"]:
                raise Failed(f"{mode}: {figures['count']} of {count} records, {figures['pending']} pending")
            found[mode] = figures | {
                "docs_per_s": count / figures["wall_s"],
                "client_cpu_s": figures["cpu_s"],
                "server_cpu_s": server_cpu,
                "cpu_s": figures["cpu_s"] + server_cpu,
                "server_maxrss_mb": peak,
            }
    return found


def measure_sync(peer: Peer | None, count: int, rounds: int, folder: Path) -> dict[str, Any]:
    """Ours and the peer in turn, ``rounds`` times each: side -> mode -> medians. ``peer``: absent without one."""
    path = folder / f"documents-{count}.ndjson"
    if peer is None:
        documents.write_made_up(path, count)
    else:
        peer.write_documents(path, count)
    ours, others = [], []
    for number in range(rounds):
        place = folder / f"sync-{count}-{number}"
        place.mkdir()
        ours.append(run_ours(path, count, place))
        shutil.rmtree(place)
        if peer is not None:
            others.append(peer.run(count))
    sides = {"ours": medians(ours)} | ({"peer": medians(others)} if others else {})
    return {"n": count, "rounds": rounds, **sides}


def medians(rounds: list[dict[str, dict[str, Any]]]) -> dict[str, dict[str, float]]:
    """mode -> the median of each figure."""
    return {
        mode: {
            key: statistics.median(one[mode][key] for one in rounds)
            for key in (*KEYS, *MORE_KEYS)
            if all(key in one[mode] for one in rounds)
        }
        for mode in ("push", "pull")
    }
