"""``vault.json``: how it looks on the disk, and the checks of its envelope. No key is handled here.

The envelope (``format``, ``version``, ``checksum`` over everything else) stays the same in every version, so
an older program can tell a file from a newer version from a damaged one. All bytes are Base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tui_app.clock import from_wire, to_wire
from tui_app.errors import VaultBroken, VaultError, VaultMissing, VaultTooNew
from tui_app.refusals import why
from tui_app.settings import Places, write_atomically
from tui_app.store.tries import Tries

FORMAT = "gonha-vault"
VERSION = 1
ROLES = ("member", "chief", "viewer")
LARGEST = 1_000_000  # bytes; a vault of a hundred users has about 70 000


@dataclass(frozen=True)
class Cost:
    """What one guess of a password costs: Argon2id passes, KiB of memory, lanes."""

    passes: int = 3
    memory_kib: int = 65_536
    lanes: int = 4

    def is_sane(self) -> bool:
        """False for numbers that would stall the laptop or that Argon2 refuses."""
        return (
            1 <= self.passes <= 16
            and 1 <= self.lanes <= 16
            and 8 * self.lanes <= self.memory_kib <= 1_048_576
        )


@dataclass(frozen=True)
class Slot:
    """One user's way in. ``private_key``: wrapped by the password; ``data_key``: sealed to ``public_key``."""

    user: str
    role: str
    cost: Cost
    salt: bytes
    public_key: bytes
    nonce: bytes
    private_key: bytes
    data_key: bytes


@dataclass(frozen=True)
class Recovery:
    """The way in without a password. ``kind``: ``code`` (on paper) or ``station`` (the server's key pair)."""

    kind: str
    public_key: bytes
    data_key: bytes


@dataclass(frozen=True)
class Pending:
    """A change of the data key that has begun: the next key, sealed to everyone who stays."""

    removed: str
    data_keys: dict[str, bytes]
    recovery: bytes
    key_check: bytes


@dataclass(frozen=True)
class Vault:
    """Everything in the file.

    ``serial`` counts changes; ``seal`` proves that a holder of the data key made the last one.
    ``tries`` are outside the seal: they are counted while nobody has the key.
    """

    vault_id: str
    created_at: datetime
    serial: int
    slots: tuple[Slot, ...]
    recovery: Recovery
    key_check: bytes
    pending: Pending | None = None
    seal: bytes = b""
    tries: dict[str, Tries] = field(default_factory=dict)

    def slot(self, user: str) -> Slot | None:
        """The slot of a user, whatever the case of the letters; none for one who is being removed."""
        folded = user.casefold()
        for slot in self.slots:
            if slot.user.casefold() == folded and not (self.pending and self.pending.removed == slot.user):
                return slot
        return None

    def with_slot(self, new: Slot) -> Vault:
        """With this user's slot replaced, or added at the end."""
        slots = [new if slot.user == new.user else slot for slot in self.slots]
        return replace(self, slots=tuple(slots if new in slots else [*slots, new]))


def read(path: Path) -> Vault:
    """The vault in ``path``. Raises VaultMissing, VaultTooNew, VaultBroken."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise VaultMissing("vault.missing", folder=str(path.parent)) from error
    except OSError as error:
        raise VaultBroken("vault.unreadable", file=path.name, reason=why(error)) from error
    return parse(raw, path.name)


def parse(raw: bytes, name: str = "vault.json") -> Vault:
    """The vault in these bytes. Raises VaultTooNew, VaultBroken."""
    broken = VaultBroken("vault.broken", file=name)
    try:
        body = json.loads(raw.decode("utf-8")) if len(raw) <= LARGEST else None
    except (ValueError, RecursionError) as error:
        raise broken from error
    if not isinstance(body, dict) or body.get("format") != FORMAT or body.get("checksum") != _checksum(body):
        raise broken
    if isinstance(body.get("version"), int) and body["version"] > VERSION:
        raise VaultTooNew("vault.too_new", file=name, version=body["version"], known=VERSION)
    try:
        return _load(body)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise broken from error


def write(places: Places, vault: Vault) -> None:
    """Replace the file, then its copy. Raises OSError; the old file then still stands."""
    content = dump(vault)
    write_atomically(places.vault, content)
    write_atomically(places.vault_copy, content)


def write_tries(places: Places, vault: Vault) -> None:
    """Replace the file only: the copy needs no count of wrong passwords."""
    write_atomically(places.vault, dump(vault))


def refresh_copy(places: Places, vault: Vault) -> None:
    """Bring the copy up to ``vault`` after a crash between the two writes, a restore, or damage. Raises
    OSError.
    """
    try:
        copy = read(places.vault_copy)
        current = (copy.vault_id, copy.serial) == (vault.vault_id, vault.serial)
    except VaultError:
        current = False
    if not current:
        write_atomically(places.vault_copy, dump(vault))


def dump(vault: Vault) -> bytes:
    """The bytes of the file."""
    body = {"format": FORMAT, "version": VERSION, **sealed_part(vault)}
    body["seal"] = _text(vault.seal)
    body["tries"] = {
        name: {"failures": tries.failures, "last_at": to_wire(tries.last_at) if tries.last_at else None}
        for name, tries in vault.tries.items()
    }
    body["checksum"] = _checksum(body)
    return json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n"


def sealed_part(vault: Vault) -> dict[str, Any]:
    """What the seal covers, as it is written."""
    pending = vault.pending
    return {
        "vault_id": vault.vault_id,
        "created_at": to_wire(vault.created_at),
        "serial": vault.serial,
        "slots": [
            {
                "user": slot.user,
                "role": slot.role,
                "kdf": {
                    "name": "argon2id",
                    "passes": slot.cost.passes,
                    "memory_kib": slot.cost.memory_kib,
                    "lanes": slot.cost.lanes,
                    "salt": _text(slot.salt),
                },
                "public_key": _text(slot.public_key),
                "nonce": _text(slot.nonce),
                "private_key": _text(slot.private_key),
                "data_key": _text(slot.data_key),
            }
            for slot in vault.slots
        ],
        "recovery": {
            "kind": vault.recovery.kind,
            "public_key": _text(vault.recovery.public_key),
            "data_key": _text(vault.recovery.data_key),
        },
        "key_check": _text(vault.key_check),
        "pending": pending
        and {
            "removed": pending.removed,
            "data_keys": {user: _text(box) for user, box in pending.data_keys.items()},
            "recovery": _text(pending.recovery),
            "key_check": _text(pending.key_check),
        },
    }


def canonical(value: Any) -> bytes:
    """One spelling of a JSON value, for checksums and seals."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _checksum(body: dict[str, Any]) -> str:
    rest = {key: value for key, value in body.items() if key != "checksum"}
    return hashlib.sha256(canonical(rest)).hexdigest()


def _load(body: dict[str, Any]) -> Vault:
    slots = tuple(_load_slot(slot) for slot in body["slots"])
    if not slots or len({slot.user.casefold() for slot in slots}) != len(slots):
        raise ValueError("users")
    recovery = body["recovery"]
    pending = body["pending"]
    return Vault(
        vault_id=str(body["vault_id"]),
        created_at=from_wire(body["created_at"]),
        serial=int(body["serial"]),
        slots=slots,
        recovery=Recovery(str(recovery["kind"]), _raw(recovery["public_key"]), _raw(recovery["data_key"])),
        key_check=_raw(body["key_check"]),
        pending=pending
        and Pending(
            removed=str(pending["removed"]),
            data_keys={user: _raw(box) for user, box in pending["data_keys"].items()},
            recovery=_raw(pending["recovery"]),
            key_check=_raw(pending["key_check"]),
        ),
        seal=_raw(body["seal"]),
        tries={
            name: Tries(int(tries["failures"]), from_wire(tries["last_at"]) if tries["last_at"] else None)
            for name, tries in body["tries"].items()
        },
    )


def _load_slot(body: dict[str, Any]) -> Slot:
    kdf = body["kdf"]
    cost = Cost(int(kdf["passes"]), int(kdf["memory_kib"]), int(kdf["lanes"]))
    salt = _raw(kdf["salt"])
    if (
        kdf["name"] != "argon2id"
        or not cost.is_sane()
        or not 16 <= len(salt) <= 64
        or body["role"] not in ROLES
    ):
        raise ValueError("slot")
    return Slot(
        user=str(body["user"]),
        role=str(body["role"]),
        cost=cost,
        salt=salt,
        public_key=_raw(body["public_key"]),
        nonce=_raw(body["nonce"]),
        private_key=_raw(body["private_key"]),
        data_key=_raw(body["data_key"]),
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
