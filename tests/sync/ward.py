"""A real server and real laptops in one process: encrypted stores, the client as it ships, a wire that can fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from sync import client, digests, outbox
from sync.client import Identity, Link, OneSync, Patience, Progress, Summary
from sync.protocol import Enrolled, ForkRequest, Row, Scope
from sync.server import admin
from sync.server.app import create_app
from sync.server.areas import areas_import
from sync.server.backups import backup
from sync.server.restoring import restore
from sync.server.sqlite import SqliteDatabase
from tests.sync.wire import Wire
from tui_app.records import REGISTRY
from tui_app.services.exchange.link import went_back
from tui_app.services.lists import exporting
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows, table

COMMUNE = "27211"
AREAS = (
    "commune_code,commune_name,unit_code,unit_name",
    "27211,Phường Hòa Bình,01,Khu phố 1",
    "27211,Phường Hòa Bình,02,Khu phố 2",
)
START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
KEY = bytes(range(32))


class QuickStore(Store):
    """A store that does not wait for the disk: what these tests cut is the wire, not the power."""

    def _connect(self, key: bytes) -> Any:
        connection = super()._connect(key)
        connection.execute("PRAGMA synchronous = OFF")
        return connection


class Clock:
    """A clock that moves a second at each look, and further when told."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class Ward:
    """The server with its two units, and the way to enrol laptops. ``place``: where the server keeps its database,
    a folder in ``folder`` when not given.
    """

    def __init__(self, folder: Path, place: Path | str | None = None) -> None:
        self.folder, self.clock = folder, Clock()
        self.database = admin.init(place or folder / "server", self.clock())
        if isinstance(self.database, SqliteDatabase):
            self.database._writer.execute("PRAGMA synchronous = OFF")
        areas_import(self.database, REGISTRY, AREAS, now=self.clock())
        self.app = create_app(self.database, REGISTRY, clock=self.clock)
        self.laptops: list[Laptop] = []
        with self.database.read() as tx:
            self.areas = [area for (area,) in tx.all("SELECT area FROM area_head ORDER BY area")]

    def laptop(self, user: str, areas: str = COMMUNE, role: str = "chief") -> Laptop:
        """A laptop that was just enrolled and has synced nothing yet."""
        code = admin.invite(self.database, user, role, areas, now=self.clock()).code
        wire = Wire(self.app)
        enrolled = Link("http://server", transport=wire).enrol(code, user)
        made = Laptop(self.folder / f"{user}.db", user, wire, enrolled.device, enrolled.token, self.clock)
        self.laptops.append(made)
        return made

    def back_up(self, name: str = "backup") -> Path:
        """A backup of the server as it is now."""
        backup(self.database, self.folder / name)
        return self.folder / name

    def restore(self, file: Path) -> None:
        """The server goes back to a backup."""
        restore(self.database, file, force=True, now=self.clock())

    def server_rows(self) -> dict[tuple[str, str], tuple[int, bool]]:
        """(type, id) -> (seq, deleted) of everything the server has."""
        with self.database.read() as tx:
            found = tx.all("SELECT type, id, seq, deleted FROM record")
        return {(kind, ident): (int(seq), bool(deleted)) for kind, ident, seq, deleted in found}

    def do(self, sql: str, **values: Any) -> None:
        """Change the server's database behind its back."""
        with self.database.write() as tx:
            tx.run(sql, **values)

    def all(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the server's database answers."""
        with self.database.read() as tx:
            return list(tx.all(sql, **values))

    def recount(self) -> None:
        """Make the announced digests right after a change behind the server's back."""
        for (area,) in self.all("SELECT area FROM area_head"):
            rows = self.all(
                "SELECT type, id, seq FROM record WHERE area = :a AND deleted = 0 AND gone IS NULL", a=area
            )
            marks = iter([(kind, ident, int(seq)) for kind, ident, seq in rows])
            self.do("UPDATE area_head SET digest = :d WHERE area = :a", d=client.digest(marks), a=area)

    def digests(self) -> dict[str, str]:
        """area -> digest as the server announces it, after checking that its rows add up to it."""
        with self.database.read() as tx:
            heads = dict(tx.all("SELECT area, digest FROM area_head"))
            rows = tx.all("SELECT area, type, id, seq FROM record WHERE deleted = 0 AND gone IS NULL")
        for area, announced in heads.items():
            marks = iter([(kind, ident, int(seq)) for of, kind, ident, seq in rows if of == area])
            assert client.digest(marks) == announced
        return heads  # type: ignore[return-value]

    def server_body(self, type_name: str, ident: str) -> dict[str, Any]:
        """A record as the server has it."""
        with self.database.read() as tx:
            found = tx.one("SELECT body FROM record WHERE type = :t AND id = :i", t=type_name, i=ident)
        assert found is not None
        body: dict[str, Any] = msgspec.json.decode(found[0])
        return body

    def upto(self, area: str, seq: int) -> list[str]:
        """The live records of an area that stand at or below a counter."""
        with self.database.read() as tx:
            found = tx.all("SELECT id, seq FROM record WHERE area = :area AND deleted = 0", area=area)
        return [str(ident) for ident, at in found if int(at) <= seq]

    def server_ops(self) -> dict[str, str]:
        """op id -> result."""
        with self.database.read() as tx:
            return dict(tx.all("SELECT id, result FROM op"))  # type: ignore[arg-type]

    def close(self) -> None:
        for laptop in self.laptops:
            laptop.close()
        self.database.close()


class Laptop:
    """One laptop: its encrypted store and its way to the server."""

    def __init__(
        self, path: Path, user: str, wire: Wire, device: str, token: str, clock: Callable[[], datetime]
    ) -> None:
        self.user, self.wire, self.device, self.token, self.clock = user, wire, device, token, clock
        self.store = QuickStore(path, KEY, clock=clock, create=True)
        self.cancelled: Callable[[], bool] = lambda: False
        self.tries = 1  # of one request; most tests want to see what a single fault does
        self.pauses: list[float] = []
        self.steps: list[Progress] = []

    def sync(self) -> Summary:
        """One sync by the real client. It never really waits; ``pauses`` lists for how long it would have."""
        link = Link("http://server", self.device, self.token, transport=self.wire, now=self.clock)
        self.pauses, self.steps = [], []
        try:
            return OneSync(
                link,
                self.store,
                RecordRows(),
                progress=self.steps.append,
                cancelled=lambda: self.cancelled(),
                identity=Kept(self),
                patience=Patience(tries=self.tries, pause=self.pauses.append),
            ).run()
        finally:
            link.close()

    def tried(self) -> client.SyncError | None:
        """One sync that may stop; why it did."""
        try:
            self.sync()
        except client.SyncError as error:
            return error
        return None

    def area(self, unit: str = "01") -> Row:
        """A unit of this laptop, by its code."""
        with self.store.read() as c:
            return next(table("area").where(c, "unit_code = ?", (unit,)))

    def create(self, type_name: str, unit: str = "01", ident: str | None = None, **fields: Any) -> str:
        """A new record of a unit."""
        place = self.area(unit)
        with self.store.work(self.user) as work:
            return work.create(type_name, fields, place=place, ident=ident)

    def change(self, type_name: str, ident: str, **fields: Any) -> None:
        """Edit a record."""
        with self.store.work(self.user) as work:
            work.change(type_name, ident, fields)

    def delete(self, type_name: str, ident: str, reason: str = "nhập nhầm") -> None:
        """Mark a record deleted."""
        with self.store.work(self.user) as work:
            work.delete(type_name, ident, reason)

    def row(self, type_name: str, ident: str) -> Row | None:
        """A record as this laptop has it, deleted or not."""
        with self.store.read() as c:
            return table(type_name).read(c, [ident]).get(ident)

    def counts(self) -> dict[str, int]:
        """Ops by state."""
        with self.store.read() as c:
            return outbox.counts(c)

    def all(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the laptop's database answers."""
        with self.store.read() as c:
            return [tuple(row) for row in c.execute(sql, parameters)]

    def export(self) -> bytes:
        """What ``gonha export`` prints, without the note that it was printed."""
        with self.store.read() as c:
            return b"".join(msgspec.json.encode(line) + b"\n" for line in exporting.records(c))

    def digests(self) -> dict[str, str]:
        """area -> digest of what this laptop holds, after checking that what it keeps is what its rows add up to."""
        with self.store.read() as c:
            counted = {area: digests.counted(c, RecordRows(), area) for area in outbox.cursors(c)}
            assert {area: digests.of(c, RecordRows(), area) for area in counted} == counted
            return counted

    def close(self) -> None:
        self.store.close()
        self.wire.end()


class Kept(Identity):
    """Who a laptop is to the server."""

    def __init__(self, laptop: Laptop) -> None:
        self._laptop = laptop

    def met(self, c: Any, scope: Scope) -> bool:
        """Whether the server was restored since."""
        return went_back(c, scope)

    def fork_request(self) -> ForkRequest:
        return ForkRequest(device=self._laptop.user + " (2)")

    def became(self, c: Any, enrolled: Enrolled) -> None:
        self._laptop.device, self._laptop.token = enrolled.device, enrolled.token


def agreed(ward: Ward, *laptops: Laptop) -> None:
    """Everybody holds what the server holds, to the byte, and nothing waits."""
    heads = ward.digests()
    for laptop in laptops:
        held = laptop.digests()
        assert held
        assert held == {area: heads[area] for area in held}
        assert (laptop.counts()["new"], laptop.counts()["sent"]) == (0, 0)
        assert laptop.export() == laptops[0].export()
        assert laptop.all("SELECT * FROM base") == []


def calm(*laptops: Laptop) -> None:
    """Sync until everybody has everything: each once to send, each once more to receive."""
    for _ in range(2):
        for laptop in laptops:
            laptop.sync()
