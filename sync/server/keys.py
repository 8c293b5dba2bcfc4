"""The server's own key pairs: files carried by hand are sealed to the one and answers signed with the other.

They are made once, when a server is prepared, and live in ``server_state`` as base64 of the 32 raw bytes. A
backup carries them along, so that a file sealed before a restore still opens after it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync.server.database import Transaction

SEALING_PRIVATE, SEALING_PUBLIC = "sealing_private", "sealing_public"
SIGNING_PRIVATE, SIGNING_PUBLIC = "signing_private", "signing_public"


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """What laptops are told: ``sealing`` (X25519) and ``signing`` (Ed25519), base64 of 32 raw bytes."""

    sealing: str
    signing: str


@dataclass(frozen=True, slots=True, repr=False)
class ServerKeys:
    """Both pairs, for sealing and signing. Its ``repr`` shows nothing, so that no log can."""

    sealing: X25519PrivateKey
    signing: Ed25519PrivateKey


def make_keys(tx: Transaction) -> None:
    """Make the pairs where they are missing; pairs that are there stay."""
    sealing, signing = X25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    for name, value in (
        (SEALING_PRIVATE, sealing.private_bytes_raw()),
        (SEALING_PUBLIC, _public(sealing)),
        (SIGNING_PRIVATE, signing.private_bytes_raw()),
        (SIGNING_PUBLIC, _public(signing)),
    ):
        tx.run(
            "INSERT INTO server_state (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING",
            name=name,
            value=base64.b64encode(value).decode(),
        )


def public_keys(tx: Transaction) -> PublicKeys:
    """The public halves. Raises LookupError when the database was never prepared."""
    return PublicKeys(_value(tx, SEALING_PUBLIC), _value(tx, SIGNING_PUBLIC))


def server_keys(tx: Transaction) -> ServerKeys:
    """The private halves. Raises LookupError when the database was never prepared."""
    return ServerKeys(
        X25519PrivateKey.from_private_bytes(base64.b64decode(_value(tx, SEALING_PRIVATE))),
        Ed25519PrivateKey.from_private_bytes(base64.b64decode(_value(tx, SIGNING_PRIVATE))),
    )


def _public(key: X25519PrivateKey | Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _value(tx: Transaction, name: str) -> str:
    found = tx.one("SELECT value FROM server_state WHERE name = :name", name=name)
    if found is None:
        raise LookupError(name)
    return str(found[0])
