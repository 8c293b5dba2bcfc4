"""A backup put back. Its server's history begins anew, so that laptops notice and offer again what it lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import uuid_utils

from sync.conflicts import CONFLICT
from sync.protocol import row_hash, to_wire
from sync.server import lineage
from sync.server.area_rows import AreaRows
from sync.server.backups import Page, check_backup, pages, tables
from sync.server.database import Database, Transaction
from sync.server.erasing import Erasing, Target, erase
from sync.server.intake import Place
from sync.server.keys import make_keys
from sync.server.problems import AdminError
from sync.server.tables import Bulk
from sync.server.whereabouts import whereabouts


@dataclass(slots=True)
class Restored:
    """What a restore did. ``rows``: by table; ``invites_ended``: codes nobody had used, which are void now;
    ``still_revoked``, ``kept_devices``: laptops that the backup did not know as revoked, or not at all;
    ``kept_units``: units that it did not know; ``erased_again``: records and fields that were erased since.
    """

    file: str
    made_at: str
    rows: dict[str, int]
    areas: int = 0
    invites_ended: int = 0
    still_revoked: list[str] = field(default_factory=list)
    kept_devices: list[str] = field(default_factory=list)
    kept_units: int = 0
    erased_again: int = 0


def restore(
    database: Database,
    file: Path,
    *,
    password: str | None = None,
    force: bool = False,
    now: datetime | None = None,
    new_id: Callable[[], str] = lambda: str(uuid_utils.uuid7()),
) -> Restored:
    """Put a backup into a prepared database, in one transaction.

    Every area gets a new history that begins at its counter of now. Codes that nobody used are void. Where
    the database that is replaced is of the same server, its laptops, their units, what was revoked, which
    units were added since the backup and who may read the pages are kept. Raises AdminError, and then nothing has
    changed: for a file that cannot be used (`check_backup`), and for a database that holds something unless ``force``.
    """
    info = check_backup(file, password)
    at = now or datetime.now(UTC)
    moment = to_wire(at)
    done = Restored(info.file, info.made_at, info.rows)
    with database.write() as tx:
        tx.turn()
        if not force and _holds_something(tx):
            raise AdminError("restore_not_empty")
        before = _Replaced.of(tx, moment)
        for table in tables():
            tx.run(f"DELETE FROM {table}")
        for page in pages(file, password):
            shape, row = _shape(page.table, page.columns)
            tx.put(shape, [row(*values) for values in page.rows])
        make_keys(tx)
        tx.run("DELETE FROM page_session")  # whoever read the pages signs in again
        if before.same_server(tx):
            done.kept_units = before.keep_units(tx, new_id)
        done.areas = _new_history(tx, before.histories if before.same_server(tx) else {}, new_id, at)
        done.invites_ended = tx.run(
            "UPDATE invite SET expires = :now WHERE used IS NULL AND expires > :now", now=moment
        )
        before.carry_over(tx, done)
        if before.same_server(tx):
            done.erased_again = _erase_again(tx, [before.erased, before.erased_texts], moment)
    return done


def _erase_again(tx: Transaction, erased: Iterable[Page], moment: str) -> int:
    """What was erased since the backup was made stays erased. Returns how many records and fields that is."""
    fresh: list[dict[str, Any]] = []
    known_in: dict[str, set[Target]] = defaultdict(
        set
    )  # commune -> what was erased there, or on its way from there
    for page in erased:
        lines = [dict(zip(page.columns, row, strict=True)) for row in page.rows]
        key = tables()[page.table].key
        known = set(tx.all(f"SELECT {', '.join(key)} FROM {page.table}"))
        fresh += [line for line in lines if tuple(line[name] for name in key) not in known]
        for line in lines:
            known_in[line["commune"]].add(_target(line))
    # what is said in questions goes with the field they are about
    fresh = [line for line in fresh if "field" not in line or line["type"] != CONFLICT]
    waiting: dict[tuple[Place, str], set[Target]] = defaultdict(set)
    for line in fresh:
        waiting[(line["commune"], line["area"]), line["erasure"]].add(_target(line))
    followed: set[tuple[Place, str, Target]] = set()
    while waiting:
        (place, ident), keys = waiting.popitem()
        if not tx.one("SELECT 1 FROM area_head WHERE commune = :c AND area = :a", c=place[0], a=place[1]):
            onward = _in_commune(tx, place[0], keys)  # they had gone to another commune and were erased there
        else:
            rows = AreaRows(tx, *place, moment)
            by = Erasing(ident, ident, "", "", moment, moment)
            onward = erase(rows, keys, by)  # where they lived in the backup
            rows.write()
        for to, further in onward.items():
            if new := {key for key in further & known_in[to[0]] if (to, ident, key) not in followed}:
                waiting[to, ident] |= new
                followed |= {(to, ident, key) for key in new}
    return len(fresh)


def _target(line: dict[str, Any]) -> Target:
    """What was erased, as an erasure names it."""
    key = (line["type"], line["record"])
    return (*key, line["field"]) if "field" in line else key


def _in_commune(tx: Transaction, commune: str, targets: set[Target]) -> dict[Place, set[Target]]:
    """Where in a commune the records of these live."""
    found: dict[Place, set[Target]] = defaultdict(set)
    for one in whereabouts(tx, {target[:2] for target in targets}, commune):
        if one.to is None and one.place[0] == commune:
            found[one.place] |= {target for target in targets if target[:2] == one.key}
    return found


def _holds_something(tx: Transaction) -> bool:
    return any(tx.one(f"SELECT 1 FROM {table} LIMIT 1") for table in tables() if table != "server_state")


def _new_history(tx: Transaction, replaced: lineage.Lineage, new_id: Callable[[], str], now: datetime) -> int:
    tx.run(
        "INSERT INTO server_state (name, value) VALUES ('history', :id)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        id=new_id(),
    )
    return lineage.begin_anew(tx, replaced, new_id, now)


@dataclass(frozen=True, slots=True)
class _Replaced:
    """What the database that is being replaced says of its laptops and histories: newer than the backup's word."""

    receipt_key: str
    devices: Page
    grants: Page
    histories: lineage.Lineage
    units: Page
    readers: Page
    erased: Page
    erased_texts: Page

    @classmethod
    def of(cls, tx: Transaction, now: str) -> _Replaced:
        histories = lineage.with_present(tx, now)
        units = _all(tx, "record", "type = 'area' AND id = area")
        devices, grants, erased, texts, readers = (
            _all(tx, name) for name in ("device", "area_grant", "erased", "erased_text", "page_user")
        )
        return cls(_receipt_key(tx), devices, grants, histories, units, readers, erased, texts)

    def same_server(self, tx: Transaction) -> bool:
        """Whether the backup is of this server, and not of another one that lies here."""
        return self.receipt_key == _receipt_key(tx)

    def keep_units(self, tx: Transaction, new_id: Callable[[], str]) -> int:
        """Keep units that are younger than the backup, under their ids: laptops give back what they hold of them.
        Returns how many."""
        known = {area for (area,) in tx.all("SELECT area FROM area_head")}
        commune, area, seq, updated = map(self.units.columns.index, ("commune", "area", "seq", "updated"))
        younger = [row for row in self.units.rows if row[area] not in known]
        for row in younger:
            tx.run(
                "INSERT INTO area_head (commune, area, seq, gen, digest, updated)"
                " VALUES (:commune, :area, :seq, :gen, :digest, :updated)",
                commune=row[commune],
                area=row[area],
                seq=row[seq],
                gen=new_id(),
                digest=str(row_hash("area", row[area], int(row[seq]))),
                updated=row[updated],
            )
        _put(tx, self.units, younger)
        return len(younger)

    def carry_over(self, tx: Transaction, done: Restored) -> None:
        """Keep the newer word, if this is the same server."""
        if not self.same_server(tx):
            return
        known = {ident for (ident,) in tx.all("SELECT id FROM device")}
        ident, revoked = (self.devices.columns.index(name) for name in ("id", "revoked"))
        newer = [row for row in self.devices.rows if row[ident] not in known]
        _put(tx, self.devices, newer)
        done.kept_devices = sorted(row[ident] for row in newer)
        for row in self.devices.rows:
            tx.run("DELETE FROM area_grant WHERE device = :device", device=row[ident])
            if row[revoked] and tx.run(
                "UPDATE device SET revoked = :revoked WHERE id = :id AND revoked IS NULL",
                revoked=row[revoked],
                id=row[ident],
            ):
                done.still_revoked.append(row[ident])
        _put(tx, self.grants, self.grants.rows)
        tx.run("DELETE FROM page_user")  # a name that was taken away, or a password, does not come back
        _put(tx, self.readers, self.readers.rows)


def _receipt_key(tx: Transaction) -> str:
    found = tx.one("SELECT value FROM server_state WHERE name = 'receipt_key'")
    return str(found[0]) if found else ""


def _all(tx: Transaction, table: str, where: str = "1 = 1") -> Page:
    columns = tuple(name for name, _ in tables()[table].columns)
    found = tx.all(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}")
    return Page(table, columns, [list(row) for row in found])


def _put(tx: Transaction, page: Page, rows: list[list[Any]]) -> None:
    shape, row = _shape(page.table, page.columns)
    tx.put(shape, [row(*values) for values in rows])


@cache
def _shape(table: str, columns: tuple[str, ...]) -> tuple[Bulk, type[msgspec.Struct]]:
    """How rows with these columns are written; columns the backup does not know keep their defaults."""
    whole = tables()[table]
    kinds = dict(whole.columns)
    row = msgspec.defstruct(f"_{table}", [(name, Any) for name in columns])
    return Bulk(table, tuple((name, kinds[name]) for name in columns), whole.key), row
