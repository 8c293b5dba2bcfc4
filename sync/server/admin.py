"""What an operator does to a server: prepare it, invite and revoke laptops."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sync.protocol import to_wire
from sync.server.areas import area_records
from sync.server.database import Database, SqliteDatabase, Transaction, migrate
from sync.server.keys import make_keys
from sync.server.problems import AdminError
from sync.server.scope import code_hash, new_code
from sync.server.tables import WHOLE_COMMUNE

FILE_NAME = "gonha-server.db"
ROLES = ("member", "chief", "viewer")
CODE_DAYS = 7


def open_database(place: Path | str) -> Database:
    """The database in a folder or at a URL (``sqlite:///file``). Raises AdminError for another kind of
    URL.
    """
    text = str(place)
    if text.startswith("sqlite:///"):
        return SqliteDatabase(text.removeprefix("sqlite:///"))
    if "://" in text:
        raise AdminError("unknown_database", kind=text.partition("://")[0])
    return SqliteDatabase(Path(place) / FILE_NAME)


def init(place: Path | str, now: datetime | None = None) -> Database:
    """Prepare a server in a folder (made when missing) or at a URL; an existing one is brought up to date,
    no more.
    """
    if "://" not in str(place):
        Path(place).mkdir(parents=True, exist_ok=True, mode=0o700)
    database = open_database(place)
    prepare(database, now)
    return database


def prepare(database: Database, now: datetime | None = None) -> None:
    """Tables, the key of the receipts and the server's key pairs, where they are missing."""
    migrate(database, _wire(now))
    with database.write() as tx:
        tx.run(
            "INSERT INTO server_state (name, value) VALUES ('receipt_key', :key) ON CONFLICT (name)"
            " DO NOTHING",
            key=secrets.token_hex(32),
        )
        make_keys(tx)


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
    places = [place.strip() for place in areas.split(",") if place.strip()]
    if not places:
        raise AdminError("no_areas")
    moment = now or datetime.now(UTC)
    code = new_code()
    expires = to_wire(moment + timedelta(days=days))
    with database.write() as tx:
        granted = sorted({_place(tx, place) for place in places})
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


def _place(tx: Transaction, place: str) -> str:
    commune, _, unit = place.partition("/")
    records = area_records(tx, commune)
    if not records:
        raise AdminError("unknown_place", place=place)
    if not unit:
        return commune
    for area, body, _seq in records:
        if body.get("unit_code") == unit:
            return f"{commune}/{area}"
    raise AdminError("unknown_place", place=place)


@dataclass(frozen=True, slots=True)
class Device:
    """A laptop as the operator sees it. ``revoked``: wire moment or None."""

    id: str
    user: str
    role: str
    label: str
    created: str
    seen: str
    revoked: str | None
    areas: int


def devices(database: Database) -> list[Device]:
    """Every laptop that was ever enrolled, the latest first."""
    with database.read() as tx:
        found = tx.all(
            "SELECT d.id, d.user_name, d.role, d.label, d.created, d.seen, d.revoked,"
            " (SELECT count(*) FROM area_grant AS g JOIN area_head AS h ON h.commune = g.commune"
            "   AND (g.area = h.area OR g.area = :whole) WHERE g.device = d.id)"
            " FROM device AS d ORDER BY d.created DESC, d.id",
            whole=WHOLE_COMMUNE,
        )
    return [Device(*row) for row in found]


def revoke(database: Database, device: str, *, now: datetime | None = None) -> None:
    """Take a laptop out of service: its token opens nothing from now on. Raises AdminError when there is
    none.
    """
    with database.write() as tx:
        changed = tx.run(
            "UPDATE device SET revoked = :now WHERE id = :device AND revoked IS NULL",
            now=_wire(now),
            device=device,
        )
        if not changed and not tx.one("SELECT 1 FROM device WHERE id = :device", device=device):
            raise AdminError("unknown_device", device=device)


def _wire(now: datetime | None) -> str:
    return to_wire(now or datetime.now(UTC))
