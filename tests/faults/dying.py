"""``python -m tests.faults.dying laptop|server [--postgresql] [--kills N] [--seed S]``: processes that are killed while
they work.

A laptop saves and syncs over a socket with a server process; the one that is to die is killed (SIGKILL) just before
its n-th statement to its database, commits included, or after a random time. After each kill everything is opened again
and synced: the databases are sound, what was reported as saved is at the server once, and both hold the same.
Prints one JSON object; exit 1 when something is not so.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import random
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import sqlcipher3.dbapi2

from sync import outbox
from sync.client import Link, OneSync, SyncError, digest
from sync.client.patience import Patience
from sync.server import admin
from sync.server.areas import areas_import
from sync.server.run import run
from tests.sync.cluster import databases
from tui_app.clock import system_clock
from tui_app.records import REGISTRY
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows, table

AREAS = ("commune_code,commune_name,unit_code,unit_name", "27211,Phường Hòa Bình,01,Khu phố 1")
KEY = bytes(range(32))
OPS_A_SAVE = 3


@dataclass
class Death:
    """When the process dies: before its ``statement``-th statement, or ``after`` seconds; never when both are 0."""

    statement: int = 0
    after: float = 0.0
    count: int = field(default=0, init=False)

    def arm(self) -> None:
        """Count the statements of every connection that is opened from now on in this process."""
        if self.after:
            timer = threading.Timer(self.after, _die)
            timer.daemon = True
            timer.start()
        if self.statement:
            for module in (sqlite3, sqlcipher3.dbapi2, sys.modules["sqlcipher3"]):
                _count_statements(module, self)
            _count_postgres(self)

    def __call__(self, statement: str) -> None:
        """Called before each statement."""
        self.count += 1
        if self.count == self.statement:
            _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _count_statements(module: Any, death: Death) -> None:
    real = module.connect

    def connect(*arguments: Any, **more: Any) -> Any:
        connection = real(*arguments, **more)
        connection.set_trace_callback(death)
        return connection

    module.connect = connect


def _count_postgres(death: Death) -> None:
    """The same for a server on PostgreSQL, whose statements all go through a cursor."""
    real = psycopg.Cursor.execute

    def execute(cursor: Any, *arguments: Any, **more: Any) -> Any:
        death("")
        return real(cursor, *arguments, **more)

    psycopg.Cursor.execute = execute  # type: ignore[method-assign]


class Child:
    """A forked process: ``work(tell)`` runs in it, ``told`` is what it has said so far."""

    def __init__(self, work: Callable[[Callable[[Any], None]], None], death: Death | None = None) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reading)
            code = 1
            try:
                if death is not None:
                    death.arm()
                work(lambda said: _say(writing, said))
                code = 0
            except BaseException:  # noqa: BLE001 - the parent sees the code, a person the trace
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        os.close(writing)
        self._reading = reading
        self.status: int | None = None

    def hear(self) -> Any:
        """The next thing it says; None when it is gone."""
        size = self._exactly(8)
        said = self._exactly(int.from_bytes(size, "big")) if size else b""
        return pickle.loads(said) if said else None

    def end(self) -> tuple[list[Any], bool]:
        """Wait for its end: what it said, and whether it was killed. Raises when it failed by itself."""
        told = []
        while (said := self.hear()) is not None:
            told.append(said)
        os.close(self._reading)
        _, status = os.waitpid(self.pid, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise AssertionError("a process failed by itself")
        return told, os.WIFSIGNALED(status)

    def kill(self) -> None:
        """As a power cut does."""
        os.kill(self.pid, signal.SIGKILL)
        self.end()

    def _exactly(self, size: int) -> bytes:
        got = b""
        while len(got) < size:
            part = os.read(self._reading, size - len(got))
            if not part:
                return b""
            got += part
        return got


def _say(handle: int, said: Any) -> None:
    content = pickle.dumps(said)
    os.write(handle, len(content).to_bytes(8, "big") + content)


class Rig:
    """A server's database, a port, and the databases of two laptops. None is open in this process itself.

    ``place``: the address of the server's database, a folder in ``folder`` when not given."""

    def __init__(self, folder: Path, place: str = "") -> None:
        self.folder, self.place = folder, place or str(folder / "server")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.saved: list[str] = []  # ops of saves that were reported as done
        self.person = ""
        self.server: Child | None = None
        self.laptops = Child(self._prepare).hear()

    def _prepare(self, tell: Callable[[Any], None]) -> None:
        database = admin.init(self.place)
        areas_import(database, REGISTRY, AREAS)
        codes = [admin.invite(database, user, "chief", "27211").code for user in ("lan", "minh")]
        database.close()
        tell(codes)

    def enrol(self) -> None:
        """Both laptops become devices of the server."""

        def work(tell: Callable[[Any], None]) -> None:
            devices = []
            for code in self.laptops:
                link = Link(self.url)
                given = link.enrol(code, "máy")
                link.close()
                devices.append((given.device, given.token))
            tell(devices)

        self.devices = Child(work).hear()
        told, _ = self.child(self._first).end()
        self.person = told[0]

    def _first(self, tell: Callable[[Any], None]) -> None:
        store = self.store(0, create=True)
        self.sync(store, 0)
        with store.work("lan") as work:
            place = self._place(store)
            person = work.create("person", {"full_name": "Lê Thị Hằng", "household": "h1"}, place=place)
        self.sync(store, 0)
        store.close()
        tell(person)

    def child(self, work: Callable[[Callable[[Any], None]], None], death: Death | None = None) -> Child:
        """A process of a laptop."""
        return Child(work, death)

    def store(self, which: int, *, create: bool = False) -> Store:
        """The database of a laptop, as it ships: encrypted, every commit on the disk."""
        return Store(self.folder / f"laptop{which}.db", KEY, create=create)

    def sync(self, store: Store, which: int, tries: int = 1) -> None:
        """One sync by the real client."""
        device, token = self.devices[which]
        link = Link(self.url, device, token, now=system_clock)
        try:
            OneSync(link, store, RecordRows(), patience=Patience(tries=tries)).run()
        finally:
            link.close()

    def _place(self, store: Store) -> Any:
        with store.read() as c:
            return next(iter(table("area").where(c)))

    def serve(self, death: Death | None = None) -> None:
        """Start the server's process and wait until it answers."""

        def work(tell: Callable[[Any], None]) -> None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            run(admin.open_database(self.place), REGISTRY, port=self.port)

        self.server = Child(work, death)
        for _ in range(400):
            try:
                httpx.get(f"{self.url}/v1/hello", timeout=1.0)
                return
            except httpx.HTTPError:
                if death is not None and _gone(self.server.pid):
                    return  # it died while it opened its database
                time.sleep(0.02)
        raise AssertionError("the server does not answer")

    def stop(self) -> None:
        """Kill the server's process."""
        if self.server is not None:
            self.server.kill()
            self.server = None

    def day(self, number: int, *, syncs: bool = True) -> Callable[[Callable[[Any], None]], None]:
        """A save of three ops, which is reported, and a sync."""

        def work(tell: Callable[[Any], None]) -> None:
            store = self.store(0)
            place = self._place(store)
            with store.work("lan") as save:
                save.create(
                    "person",
                    {"full_name": "Trần Thị Thủy", "household": "h1", "note": f"{number}"},
                    place=place,
                )
                save.create(
                    "household_visit",
                    {
                        "household": "h1",
                        "at": "2026-11-22T02:00:00.000Z",
                        "outcome": "absent",
                        "note": f"{number}",
                    },
                    place=place,
                )
                save.change("person", self.person, {"note": f"lần {number}"})
            tell([row[0] for row in self._ops(store)[-OPS_A_SAVE:]])
            if syncs:
                try:
                    self.sync(store, 0)
                except SyncError as error:
                    tell(type(error).__name__)
            store.close()

        return work

    def _ops(self, store: Store) -> list[tuple[str, str]]:
        with store.read() as c:
            return [(i, s) for i, s in c.execute("SELECT id, state FROM outbox ORDER BY n")]

    def verify(self) -> None:
        """Open everything again, sync both laptops, and compare. Raises AssertionError."""
        told, _ = self.child(self._verified).end()
        assert told == ["sound"], told

    def _verified(self, tell: Callable[[Any], None]) -> None:
        first = not (self.folder / "laptop1.db").exists()
        stores = [self.store(0), self.store(1, create=first)]
        ops = dict(self._ops(stores[0]))
        assert len(ops) % OPS_A_SAVE == 1, "a part of a save is there without the rest"
        assert set(self.saved) <= ops.keys(), "a save that was reported is not there"
        for which in (0, 1, 0):
            self.sync(stores[which], which, tries=3)
        answered = dict(self._ops(stores[0]))
        assert set(answered.values()) == {"acked"}, answered
        digests, counted = [], []
        for store in stores:
            with store.read() as c:
                assert c.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
                assert c.execute("SELECT count(*) FROM base").fetchone()[0] == 0
                area = next(iter(outbox.cursors(c)))
                digests.append(digest(outbox.marks(c, RecordRows(), area)))
                notes = [
                    [
                        str(note)
                        for (note,) in c.execute(f"SELECT note FROM {kind} WHERE note NOT LIKE 'lần %'")
                    ]
                    for kind in ("person", "household_visit")
                ]
                counted.append(sorted(map(sorted, notes)))
            store.close()
        server = admin.open_database(self.place)
        with server.read() as tx:
            if server.kind == "sqlite":
                assert tx.one("PRAGMA integrity_check") == ("ok",)
            ((head,),) = tx.all("SELECT digest FROM area_head")
            there = dict(tx.all("SELECT id, result FROM op"))
        server.close()
        assert digests == [head, head], "the laptops differ from the server"
        assert there.keys() >= answered.keys(), "an answered op is not at the server"
        persons, visits = counted[0]
        assert persons == visits, "a save is there in part"
        assert len(set(persons)) == len(persons) == (len(ops) - 1) // OPS_A_SAVE, (
            "a record is there twice, or not at all"
        )
        assert counted[0] == counted[1]
        tell("sound")


def _gone(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def laptop_dies(rig: Rig, kills: int, chance: random.Random) -> dict[str, int]:
    """Kill the laptop at later and later statements of its day, then at random times."""
    rig.serve()
    rig.enrol()
    died, statement, step = 0, 1, max(1, 200 // max(kills, 1))
    for number in range(kills):
        death = Death(statement=statement) if number % 4 else Death(after=chance.uniform(0.001, 0.15))
        told, killed = rig.child(rig.day(number), death).end()
        rig.saved += told[0] if told else []
        died += killed
        statement = statement + chance.randint(1, 2 * step) if killed or number % 4 == 0 else 1
        rig.verify()
    rig.stop()
    return {"kills": died, "saves": len(rig.saved) // OPS_A_SAVE}


def server_dies(rig: Rig, kills: int, chance: random.Random) -> dict[str, int]:
    """Kill the server at later and later statements while a laptop syncs, then at random times."""
    rig.serve()
    rig.enrol()
    died, statement, step = 0, 1, max(1, 60 // max(kills, 1))
    for number in range(kills):
        rig.stop()
        death = Death(statement=statement) if number % 4 else Death(after=chance.uniform(0.3, 1.0))
        rig.serve(death)
        told, killed = rig.child(rig.day(number)).end()
        assert not killed
        rig.saved += told[0]
        assert rig.server is not None
        dead = _gone(rig.server.pid)
        died += dead
        statement = statement + chance.randint(1, 2 * step) if dead or number % 4 == 0 else 1
        rig.stop() if not dead else rig.server.end()
        rig.server = None
        rig.serve()
        rig.verify()
    rig.stop()
    return {"kills": died, "saves": len(rig.saved) // OPS_A_SAVE}


def main(arguments: list[str] | None = None) -> int:
    """Kill, verify, print. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.dying", description=__doc__)
    parser.add_argument("who", choices=("laptop", "server"))
    parser.add_argument("--postgresql", action="store_true", help="the server keeps its data in PostgreSQL")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as later:
        place = later.enter_context(databases()).make() if given.postgresql else ""
        rig = Rig(Path(folder), place)
        try:
            dies = laptop_dies if given.who == "laptop" else server_dies
            figures = dies(rig, given.kills, random.Random(given.seed))
        finally:
            rig.stop()
    kind = "postgresql" if given.postgresql else "sqlite"
    print(json.dumps({"who": given.who, "database": kind, "seed": given.seed, **figures, "lost": 0}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
