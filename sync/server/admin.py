"""What an operator does to a server: prepare it, invite and revoke laptops."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sync.protocol import to_wire
from sync.server.citus import distribute, follow
from sync.server.database import Database, migrate
from sync.server.grants import Granted, descendants, granted_places, place_list, resolved, usable_areas
from sync.server.keys import make_keys
from sync.server.problems import AdminError
from sync.server.scope import code_hash, new_code
from sync.server.sqlite import SqliteDatabase

FILE_NAME = "gonha-server.db"
ROLES = ("member", "chief", "viewer")
CODE_DAYS = 7


def open_database(place: Path | str) -> Database:
    """The database in a folder or at a URL (``sqlite:///file``, ``postgresql://user@host/name``). Raises
    AdminError for another kind of URL and for a database that cannot be used.
    """
    text = str(place)
    if text.startswith("sqlite:///"):
        return SqliteDatabase(text.removeprefix("sqlite:///"))
    if text.startswith(("postgresql://", "postgres://")):
        from sync.server.postgres import open_postgres  # a station needs no driver

        return open_postgres(text)
    if "://" in text:
        raise AdminError("unknown_database", kind=text.partition("://")[0])
    return SqliteDatabase(Path(place) / FILE_NAME)


def open_prepared(place: Path | str, now: datetime | None = None) -> Database:
    """A server that is there already, brought up to date. Raises AdminError where there is none, instead of
    making one in a folder that was mistyped.
    """
    text = str(place)
    file = Path(text.removeprefix("sqlite:///")) if "://" in text else Path(place) / FILE_NAME
    if ("://" not in text or text.startswith("sqlite:///")) and not file.is_file():
        raise AdminError("not_prepared", place=text)
    return init(place, now)


def init(place: Path | str, now: datetime | None = None, *, citus: bool = False) -> Database:
    """Prepare a server in a folder (made when missing) or at a URL; an existing one is brought up to date,
    no more.

    ``citus``: spread the tables over the machines of a Citus cluster. Raises AdminError when the database
    cannot do that.
    """
    if "://" not in str(place):
        Path(place).mkdir(parents=True, exist_ok=True, mode=0o700)
    database = open_database(place)
    try:
        prepare(database, now)
        if citus:
            distribute(database)
    except BaseException:
        database.close()
        raise
    return database


def prepare(database: Database, now: datetime | None = None) -> None:
    """Tables, the key of the receipts, the name of this history and the server's key pairs, where they are missing."""
    migrate(database, _wire(now))
    with database.write() as tx:
        tx.run(
            "INSERT INTO server_state (name, value) VALUES ('receipt_key', :key) ON CONFLICT (name)"
            " DO NOTHING",
            key=secrets.token_hex(32),
        )
        tx.run(
            "INSERT INTO server_state (name, value) VALUES ('history', :id) ON CONFLICT (name) DO NOTHING",
            id=secrets.token_hex(8),
        )
        make_keys(tx)
    follow(database)


@dataclass(frozen=True, slots=True)
class Invite:
    """A one-time code, shown only now."""

    code: str
    user: str
    role: str
    areas: list[str]
    expires: str


def invite(
    database: Database,
    user: str,
    role: str,
    areas: str,
    *,
    now: datetime | None = None,
    days: int = CODE_DAYS,
) -> Invite:
    """A code that makes one laptop a member of the team.

    ``areas``: ``27211`` (a whole commune) or ``27211/01,27211/02`` (units, by their codes). ``days``:
    until it expires. Raises AdminError for an unknown role, place or an empty name.
    """
    user = " ".join(user.split())
    if not user:
        raise AdminError("no_user")
    if role not in ROLES:
        raise AdminError("unknown_role", role=role, roles=", ".join(ROLES))
    places = place_list(areas)
    moment = now or datetime.now(UTC)
    code = new_code()
    expires = to_wire(moment + timedelta(days=days))
    with database.write() as tx:
        granted = sorted({one for place in places for one in resolved(tx, place)})
        tx.run(
            "INSERT INTO invite (code_hash, user_name, role, areas, created, expires, used, device)"
            " VALUES (:hash, :user, :role, :areas, :now, :expires, NULL, NULL)",
            hash=code_hash(code),
            user=user,
            role=role,
            areas=",".join(granted),
            now=to_wire(moment),
            expires=expires,
        )
    return Invite(code, user, role, places, expires)


@dataclass(frozen=True, slots=True)
class Device:
    """A laptop as the operator sees it. ``areas``: how many it may use now; ``places``: what it was
    granted; ``parent``: the laptop it was copied from, None for most; ``revoked``: wire moment or None.
    """

    id: str
    user: str
    role: str
    label: str
    created: str
    seen: str
    revoked: str | None
    parent: str | None
    areas: int
    places: list[Granted]


def devices(database: Database, *, now: datetime | None = None) -> list[Device]:
    """Every laptop that was ever enrolled, the latest first."""
    with database.read() as tx:
        found = tx.all(
            "SELECT id, user_name, role, label, created, seen, revoked, parent FROM device"
            " ORDER BY created DESC, id"
        )
        usable = usable_areas(tx, _wire(now))
        places = granted_places(tx)
    return [Device(*(*row, len(usable.get(row[0], ())), places.get(row[0], []))) for row in found]


def revoke(database: Database, device: str, *, now: datetime | None = None) -> list[str]:
    """Take a laptop out of service, and every laptop that was enrolled from a copy of its disk: their tokens
    open nothing from now on. Returns the ids that were in service until now. Raises AdminError when there is
    none of this id.
    """
    with database.write() as tx:
        if not tx.one("SELECT 1 FROM device WHERE id = :device", device=device):
            raise AdminError("unknown_device", device=device)
        meant = [device, *descendants(tx, device)]
        return [
            one
            for one in meant
            if tx.run(
                "UPDATE device SET revoked = :now WHERE id = :device AND revoked IS NULL",
                now=_wire(now),
                device=one,
            )
        ]


def _wire(now: datetime | None) -> str:
    return to_wire(now or datetime.now(UTC))
