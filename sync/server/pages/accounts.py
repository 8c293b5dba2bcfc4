"""Who may read the pages: names with a password, a role and the communes whose reports they see."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import uuid_utils
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from sync.protocol import to_wire
from sync.server.database import Database, Transaction
from sync.server.grants import place_list, resolved
from sync.server.problems import AdminError
from sync.server.scope import new_code
from sync.server.units import KnownUnit, all_units

ROLES = ("viewer", "chief")
PASSES, MEMORY_KIB, LANES = 3, 64 << 10, 4  # Argon2id, as on the laptop
SHORTEST_PASSWORD, LONGEST_PASSWORD, LONGEST_NAME = 12, 1024, 64


@dataclass(frozen=True, slots=True)
class PageUser:
    """Somebody who reads pages. ``places``: homes and ``home/area id`` as granted, see `sync.server.grants`."""

    id: str
    name: str
    role: str
    places: frozenset[str]
    created: str
    changed: str

    def may_see(self, unit: KnownUnit) -> bool:
        """Whether reports of a unit are shown to them."""
        return unit.home in self.places or f"{unit.home}/{unit.area}" in self.places

    def named_places(self, units: Iterable[KnownUnit]) -> list[str]:
        """``27211`` and ``27211/01``, as these units are called now."""
        return sorted(
            {unit.code if unit.home in self.places else unit.place for unit in units if self.may_see(unit)}
        )


@dataclass(frozen=True, slots=True)
class NewPassword:
    """An account as it was just made or given a new password. ``password``: shown only now, empty when chosen."""

    user: str
    role: str
    areas: list[str]
    password: str


def add(
    database: Database,
    name: str,
    role: str,
    areas: str,
    *,
    password: str | None = None,
    now: datetime | None = None,
) -> NewPassword:
    """A new reader of the pages. ``areas``: as `grants.grant` takes them; ``password``: made up when not given.

    Raises AdminError for a name that is taken or none, an unknown role or place, and a password that is too short.
    """
    user = _name(name)
    if role not in ROLES:
        raise AdminError("unknown_role", role=role, roles=", ".join(ROLES))
    places, moment = place_list(areas), _wire(now)
    made, salt, kept = _secret(password)
    with database.write() as tx:
        if tx.one("SELECT 1 FROM page_user WHERE name = :name", name=user):
            raise AdminError("page_user_exists", user=user)
        granted = sorted({one for place in places for one in resolved(tx, place)})
        tx.run(
            "INSERT INTO page_user (id, name, role, areas, salt, password_hash, created, changed)"
            " VALUES (:id, :name, :role, :areas, :salt, :kept, :now, :now)",
            id=str(uuid_utils.uuid7()),
            name=user,
            role=role,
            areas=",".join(granted),
            salt=salt,
            kept=kept,
            now=moment,
        )
    return NewPassword(user, role, places, made)


def new_password(
    database: Database, name: str, *, password: str | None = None, now: datetime | None = None
) -> NewPassword:
    """Another password; who is signed in with the old one is signed out. Raises AdminError."""
    made, salt, kept = _secret(password)
    with database.write() as tx:
        user = _known(tx, name)
        tx.run(
            "UPDATE page_user SET salt = :salt, password_hash = :kept, changed = :now WHERE id = :id",
            salt=salt,
            kept=kept,
            now=_wire(now),
            id=user.id,
        )
        tx.run("DELETE FROM page_session WHERE page_user = :id", id=user.id)
        units = all_units(tx)
    return NewPassword(user.name, user.role, user.named_places(units), made)


def remove(database: Database, name: str) -> None:
    """Take an account away, with its open sessions. Raises AdminError when there is none of this name."""
    with database.write() as tx:
        user = _known(tx, name)
        tx.run("DELETE FROM page_session WHERE page_user = :id", id=user.id)
        tx.run("DELETE FROM page_user WHERE id = :id", id=user.id)


def page_users(database: Database) -> list[tuple[PageUser, list[str]]]:
    """Every account by name, with what it sees as operators write it now."""
    with database.read() as tx:
        found = tx.all("SELECT id, name, role, areas, created, changed FROM page_user ORDER BY name")
        units = all_units(tx)
    return [(user, user.named_places(units)) for user in (_user(*row) for row in found)]


def page_user(tx: Transaction, ident: str) -> PageUser | None:
    """An account by its id."""
    found = tx.one("SELECT id, name, role, areas, created, changed FROM page_user WHERE id = :id", id=ident)
    return _user(*found) if found else None


def checked(database: Database, name: str, password: str) -> PageUser | None:
    """The account that this name and password open, or None. Takes as long for a name that there is not."""
    with database.read() as tx:
        found = tx.one(
            "SELECT id, name, role, areas, created, changed, salt, password_hash FROM page_user"
            " WHERE name = :name",
            name=clean(name),
        )
    *about, salt, kept = found or ("",) * 6 + ("00" * 16, "")
    good = hmac.compare_digest(_hash(password[:LONGEST_PASSWORD], salt), str(kept))
    return _user(*about) if found and good else None


def _known(tx: Transaction, name: str) -> PageUser:
    found = tx.one(
        "SELECT id, name, role, areas, created, changed FROM page_user WHERE name = :name", name=clean(name)
    )
    if found is None:
        raise AdminError("unknown_page_user", user=clean(name))
    return _user(*found)


def _user(ident: str, name: str, role: str, areas: str, created: str, changed: str) -> PageUser:
    return PageUser(ident, name, role, frozenset(areas.split(",")), created, changed)


def _name(text: str) -> str:
    name = clean(text)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise AdminError("no_user")
    return name


def clean(text: str) -> str:
    """A name as it is kept, however it was typed."""
    return unicodedata.normalize("NFC", " ".join(text[: 4 * LONGEST_NAME].replace("\0", "").split()))


def _secret(password: str | None) -> tuple[str, str, str]:
    """What to show, the salt and what is kept."""
    made = ""
    if password is None:
        password = made = new_code()
    length = len(unicodedata.normalize("NFC", password))
    if not SHORTEST_PASSWORD <= length <= LONGEST_PASSWORD:
        raise AdminError("page_password", shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)
    salt = secrets.token_hex(16)
    return made, salt, _hash(password, salt)


def _hash(password: str, salt: str) -> str:
    secret = unicodedata.normalize("NFC", password).encode()
    derive = Argon2id(
        salt=bytes.fromhex(salt), length=32, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB
    )
    return hashlib.sha256(derive.derive(secret)).hexdigest()


def _wire(now: datetime | None) -> str:
    return to_wire(now or datetime.now(UTC))
