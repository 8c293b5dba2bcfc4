"""A small world for runs with faults: the real server application, laptops with the real client, one clock.

A world is prepared once and put back to its beginning before each run, which takes a few milliseconds.
``light``: laptops and server keep their data in memory and unencrypted, and the laptops call the server's routes
without HTTP in between; everything else is the same code.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from sync import outbox
from sync.client import Link, OneSync, Summary, SyncError, first_load
from sync.client.patience import Patience
from sync.client.session import Identity
from sync.protocol import Enrolled, ForkRequest, Row, Scope
from sync.server import admin, backups, grants, restoring
from sync.server.app import create_app
from sync.server.areas import areas_import
from tests.faults import quick
from tests.faults.ledger import Ledger
from tests.faults.sticks import Sticks
from tests.faults.stores import LightStore, QuickStore, Server
from tests.faults.wire import BadWire
from tui_app.records import REGISTRY
from tui_app.services.exchange import bundle_keys
from tui_app.services.exchange.link import identity, scope_met
from tui_app.services.station import facts
from tui_app.store.rows import RecordRows, table

COMMUNE = "27211"
UNITS = ("01", "02")
AREAS = (
    "commune_code,commune_name,unit_code,unit_name",
    "27211,Phường Hòa Bình,01,Khu phố 1",
    "27211,Phường Hòa Bình,02,Khu phố 2",
)
START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
KEY = bytes(range(32))
# laptop -> what its code was for; the last two have units of their own
TEAM = (("lan", COMMUNE), ("minh", COMMUNE), ("tâm", f"{COMMUNE}/01"), ("vân", f"{COMMUNE}/02"))


class Clock:
    """A second later at each look. ``off``: how far a laptop's clock is from the server's."""

    def __init__(self, of: Clock | None = None) -> None:
        self.now, self.of, self.off = START, of, timedelta()

    def __call__(self) -> datetime:
        if self.of is not None:
            return self.of() + self.off
        self.now += timedelta(seconds=1)
        return self.now


class Ids:
    """Ids that count up in the order of their making; ``place`` keeps those of two makers apart."""

    def __init__(self, count: Iterator[int], place: int) -> None:
        self._count, self._place = count, place

    def __call__(self) -> str:
        number = next(self._count)
        return f"{0x19300000 + (number >> 16):08x}-{number & 0xFFFF:04x}-7000-8000-{self._place:012x}"


class World:
    """The server, its laptops, and what was ever typed (`Ledger`)."""

    def __init__(self, folder: Path, *, light: bool = True, team: int = 3) -> None:
        self._replaced = work_at_once()
        self.folder, self.light = folder, light
        self._many = first_load.MANY
        self.repairs = 0  # areas whose digest was found to differ
        self.clock = Clock()
        self._loop = asyncio.new_event_loop()
        self.server = Server(folder / "server", self.clock())
        self.laptops: list[Laptop] = []
        try:
            self._make(team)
        except BaseException:  # what was replaced is of the whole process
            self.close()
            raise

    def _make(self, team: int) -> None:
        areas_import(self.server.database, REGISTRY, AREAS, now=self.clock())
        self._files, self.new_id = itertools.count(1), Ids(itertools.count(1), 0xEEEE)
        self.app = self._serving()
        found = self.rows("SELECT area, body FROM record WHERE type = 'area'")
        units = {msgspec.json.decode(body)["unit_code"]: area for area, body in found}
        self.areas = {unit: str(units[unit]) for unit in UNITS}
        for place in range(team):
            self.laptops.append(self._enrolled(place))
        for laptop in self.laptops:
            laptop.keep_empty()
            laptop.sync()
        self.server.keep_beginning(light=self.light)
        self._began = self.clock.now
        for laptop in self.laptops:
            laptop.keep_beginning()
        self.begin()

    def begin(self) -> None:
        """Everything as it was when the world was made."""
        self.clock.now = self._began
        self.server.begin()
        shutil.rmtree(self.folder / "cache", ignore_errors=True)  # another run reuses its counters
        self.loads_by_file(False)
        self.app = self._serving()
        count = itertools.count(1)
        for laptop in self.laptops:
            laptop.begin(count)
        self.ledger = Ledger(self)
        for file in getattr(self, "backups", ()):
            file.unlink(missing_ok=True)
        self.backups: list[Path] = []
        self.sticks = Sticks(self)
        self.restores = self.rescoped = self.repairs = 0

    def loads_by_file(self, yes: bool) -> None:
        """Whether even these small areas are first loaded as files, as large ones are."""
        first_load.MANY = 2 if yes else self._many

    def _serving(self) -> Any:
        return create_app(
            self.server.database,
            REGISTRY,
            clock=self.clock,
            new_id=self.new_id,
            cache=self.folder / "cache",
        )

    def _enrolled(self, place: int) -> Laptop:
        user, areas = TEAM[place]
        role = "chief" if _is_chief(place) else "member"
        code = admin.invite(self.server.database, user, role, areas, now=self.clock()).code
        stand_ins = (quick.serve, quick.Told) if self.light else ()
        wire = BadWire(lambda: self.app, self._loop, *stand_ins)
        keys = bundle_keys.fresh()
        enrolled = self.link(wire).enrol(code, user, keys.sealing_public, keys.signing_public)
        laptop = Laptop(self, place, user, wire, enrolled.device, enrolled.token)
        with laptop.store.write() as c:
            facts.put(c, facts.SERVER, "http://server")
            facts.put(c, facts.DEVICE, enrolled.device)
            bundle_keys.keep(c, keys, told=enrolled.device)
            bundle_keys.learn(c, enrolled.sealing_key, enrolled.signing_key)
        return laptop

    def link(self, wire: BadWire, *who: str, **more: Any) -> Link:
        """A laptop's way to the server. ``who``: its device and token, when it has them."""
        return (quick.QuickLink if self.light else Link)("http://server", *who, transport=wire, **more)

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the server's database answers."""
        with self.server.database.read() as tx:
            found: list[tuple[Any, ...]] = tx.all(sql, **values)
        return found

    def grant(self, laptop: Laptop, unit: str, *, given: bool) -> None:
        """Give a unit to a laptop, or take it away from now on."""
        change = grants.grant if given else grants.withdraw
        change(self.server.database, laptop.device, f"{COMMUNE}/{unit}", now=self.clock())
        self.rescoped += 1

    def back_up(self) -> None:
        """Make a backup of the server, as its operator would."""
        file = self.folder / f"backup-{next(self._files)}.gonha"
        backups.backup(self.server.database, file, now=self.clock())
        self.backups.append(file)

    def restore(self, which: int) -> None:
        """The server's disk died: it goes on from one of its backups."""
        self.ledger.server_dies()
        restoring.restore(
            self.server.database,
            self.backups[which % len(self.backups)],
            force=True,
            now=self.clock(),
            new_id=self.new_id,
        )
        self.app = self._serving()
        self.restores += 1
        self.ledger.server_restored()

    def settle(self, rounds: int = 8) -> list[str]:
        """Every laptop syncs until nothing moves any more. Returns what is wrong, if anything is."""
        for laptop in self.laptops:
            laptop.wire.faults, laptop.wire.meanwhile = [], None
        for _ in range(rounds):
            moved = False
            for laptop in self.laptops:
                try:
                    done = laptop.sync()
                except SyncError as error:
                    return [f"{laptop.user} cannot sync: {type(error).__name__} {error}"]
                # A restored server may have a record in two units until whoever had moved it was here again: a laptop
                # of both keeps one of them and says that it differs. It must not stay so: each look is a pull.
                if done.mismatched and not self.ledger.server_restores:
                    return [f"{laptop.user}: the digest of an area differs after a second look"]
                moved = moved or bool(done.pushed or done.pulled)
            if not moved:
                return self.ledger.check()
        return ["the laptops come to no end: each sync still moves something"]

    def close(self) -> None:
        """Let go of everything."""
        self.loads_by_file(False)
        for laptop in self.laptops:
            laptop.close()
        self.server.database.close()
        self._loop.close()
        for module, name, was in self._replaced:
            setattr(module, name, was)


def _is_chief(place: int) -> bool:
    return TEAM[place][1] == COMMUNE


class Laptop:
    """One laptop: its store, its clock, and the wire to the server."""

    def __init__(self, world: World, place: int, user: str, wire: BadWire, device: str, token: str) -> None:
        self.world, self.place, self.user, self.wire = world, place, user, wire
        self.device, self.token = device, token
        self.chief = _is_chief(place)
        self.clock = Clock(world.clock)
        self.ids = Ids(itertools.count(1), place + 1)
        self.path = world.folder / f"laptop{place}.db"
        self.store: Any = self._open(None)
        self.copies: list[tuple[bytes, str, str]] = []
        self.tries = 1  # of one request
        self._empty: bytes | LightStore = b""
        self._beginning: tuple[bytes | LightStore, str, str] = (b"", device, token)

    def _open(self, content: bytes | None, log: bytes = b"") -> Any:
        if self.world.light:
            return LightStore(self.clock, self.ids, content)
        if content is not None:
            self.path.write_bytes(content)
            for end in ("-wal", "-shm"):
                self.path.with_name(self.path.name + end).unlink(missing_ok=True)
            if log:
                self.path.with_name(self.path.name + "-wal").write_bytes(log)
        return QuickStore(self.path, KEY, clock=self.clock, ids=self.ids, create=content is None)

    def keep_empty(self) -> None:
        """What `start_empty` goes back to."""
        self._empty = self._kept()

    def start_empty(self) -> None:
        """As it was before it met the server for the first time."""
        self.put_back(self._empty)

    def keep_beginning(self) -> None:
        """What `begin` goes back to."""
        self._beginning = (self._kept(), self.device, self.token)

    def begin(self, count: Iterator[int]) -> None:
        """As it was when the world was made. ``count``: the numbers of new ids."""
        content, self.device, self.token = self._beginning
        self.clock.off = timedelta()
        self.copies, self.tries = [], 1
        self.ids = Ids(count, self.place + 1)
        self.wire.faults, self.wire.late, self.wire.met, self.wire.meanwhile = [], [], 0, None
        self.put_back(content)

    def _kept(self) -> bytes | LightStore:
        content = self.store.content()
        return LightStore(self.clock, self.ids, content) if self.world.light else content

    def put_back(self, content: bytes | LightStore, log: bytes = b"") -> None:
        """Continue from a copy of the database. ``log``: the write-ahead log beside it, if its file is encrypted."""
        if self.store not in (self._empty, self._beginning[0]):
            self.store.close()
        if isinstance(content, LightStore):
            content.forget(self.ids)
            self.store = content
        else:
            self.store = self._open(content, log)

    def close(self) -> None:
        """Let go of its databases."""
        for store in (self.store, self._empty, self._beginning[0]):
            if not isinstance(store, bytes):
                store.close()

    def copy(self) -> None:
        """Make a backup of the laptop."""
        self.copies.append((self.store.content(), self.device, self.token))

    def restore(self, which: int) -> None:
        """The laptop's disk died: it goes on from one of its own backups."""
        content, self.device, self.token = self.copies[which % len(self.copies)]
        self.put_back(content)
        self.world.restores += 1
        self.world.ledger.disk_lost(self)

    def sync(self) -> Summary:
        """One sync by the real client."""
        link = self.world.link(self.wire, self.device, self.token, now=self.clock)
        try:
            done = OneSync(
                link,
                self.store,
                RecordRows(),
                identity=_Kept(self),
                patience=Patience(tries=self.tries, pause=lambda seconds: None),
            ).run()
            self.world.repairs += len(done.repaired)
            return done
        finally:
            link.close()

    def area(self, unit: str) -> Row | None:
        """The unit, when this laptop holds it."""
        with self.store.read() as c:
            return next(iter(table("area").where(c, "unit_code = ?", (unit,))), None)

    def row(self, type_name: str, ident: str) -> Row | None:
        """A record as this laptop has it, deleted or not."""
        with self.store.read() as c:
            return table(type_name).read(c, [ident]).get(ident)

    def all(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the laptop's database answers."""
        with self.store.read() as c:
            return [tuple(row) for row in c.execute(sql, parameters)]

    def counts(self) -> dict[str, int]:
        """Ops by state."""
        with self.store.read() as c:
            return outbox.counts(c)


class _Kept(Identity):
    """Keeps who the laptop is as the services do in its database, and tells the run."""

    def __init__(self, laptop: Laptop) -> None:
        self._laptop, self._service = laptop, identity()

    def met(self, c: Any, scope: Scope) -> bool:
        """Whether the server was restored since."""
        return scope_met(c, scope, scope.now)

    def fork_request(self) -> ForkRequest:
        """With keys of its own."""
        return self._service.fork_request()

    def became(self, c: Any, enrolled: Enrolled) -> None:
        """A copied disk is a laptop of its own from now on."""
        self._service.became(c, enrolled)
        self._laptop.device, self._laptop.token = enrolled.device, enrolled.token


class _Desk:
    """`ThreadPoolExecutor` without its thread: what is handed in is done at once."""

    def __init__(self, *given: object) -> None: ...

    def __enter__(self) -> _Desk:
        return self

    def __exit__(self, *raised: object) -> None: ...

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """As `ThreadPoolExecutor.submit`."""
        done: Future[Any] = Future()
        try:
            done.set_result(work(*arguments))
        except Exception as error:  # noqa: BLE001 - whoever asks for the result gets it
            done.set_exception(error)
        return done


async def _at_once(work: Callable[..., Any], *arguments: Any) -> Any:
    return work(*arguments)


async def _one_by_one(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


_THREADLESS = {
    "run_in_threadpool": _at_once,
    "iterate_in_threadpool": _one_by_one,
    "ThreadPoolExecutor": _Desk,
}


def work_at_once() -> list[tuple[Any, str, Any]]:
    """No threads behind the routes and the client: a thread costs more than a request, and orders are the run's own.

    Returns what was replaced: module, name, what stood there.
    """
    replaced = []
    for name, module in list(sys.modules.items()):
        if name.startswith(("sync.server.", "sync.client.")):
            for word, stand_in in _THREADLESS.items():
                was = getattr(module, word, stand_in)
                if was is not stand_in:
                    replaced.append((module, word, was))
                    setattr(module, word, stand_in)
    return replaced
