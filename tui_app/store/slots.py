"""The cryptography of the vault, all by the ``cryptography`` package.

A password gives a key-encryption key (Argon2id, RFC 9106); that key wraps the user's X25519 private key
(AES-256-GCM); the data key of the database is sealed to the public key (HPKE base mode, RFC 9180: X25519,
HKDF-SHA256, AES-256-GCM). So the data key can be changed for everybody without anybody's password. Each box
is bound to vault, user and role.
"""

from __future__ import annotations

import hmac
import os
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tui_app.errors import VaultBroken
from tui_app.store.vault_file import Cost, Slot, Vault, canonical, sealed_part

KEY_BYTES = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_data_key() -> bytes:
    """32 random bytes."""
    return os.urandom(KEY_BYTES)


def new_slot(vault_id: str, user: str, role: str, password: str, data_key: bytes, cost: Cost) -> Slot:
    """A slot with a fresh key pair, opened by ``password``. Takes as long as ``cost`` says."""
    pair = X25519PrivateKey.generate()
    salt, nonce = os.urandom(16), os.urandom(12)
    bound = _bound("private key", vault_id, user, role, cost)
    wrapped = AESGCM(_password_key(password, salt, cost)).encrypt(nonce, pair.private_bytes_raw(), bound)
    public = pair.public_key().public_bytes_raw()
    return Slot(
        user, role, cost, salt, public, nonce, wrapped, seal_to(public, data_key, vault_id, user, role)
    )


def private_key(slot: Slot, vault_id: str, password: str) -> bytes | None:
    """The user's X25519 private key, or none when the password is not theirs. Takes what the slot costs."""
    bound = _bound("private key", vault_id, slot.user, slot.role, slot.cost)
    try:
        return AESGCM(_password_key(password, slot.salt, slot.cost)).decrypt(
            slot.nonce, slot.private_key, bound
        )
    except InvalidTag:
        return None


def pay(cost: Cost) -> None:
    """Spend the time of one guess, so that an unknown user answers no faster than a known one."""
    _password_key("", bytes(16), cost)


def seal_to(public_key: bytes, data_key: bytes, vault_id: str, user: str, role: str) -> bytes:
    """The data key in a box that only the holder of the private key opens."""
    key = X25519PublicKey.from_public_bytes(public_key)
    return _SUITE.encrypt(data_key, key, info=_bound("data key", vault_id, user, role))


def open_box(box: bytes, private: bytes, vault_id: str, user: str, role: str) -> bytes | None:
    """The data key in ``box``, or none when the box is not for this key, user, role and vault."""
    try:
        key = X25519PrivateKey.from_private_bytes(private)
        return _SUITE.decrypt(box, key, info=_bound("data key", vault_id, user, role))
    except InvalidTag:
        return None


def code_key(chance: str, vault_id: str) -> bytes:
    """The X25519 private key that a recovery code stands for. 128 bits of chance need no slow derivation."""
    return _derived(chance.encode(), vault_id, "recovery code")


def public_of(private: bytes) -> bytes:
    """The public half of an X25519 private key."""
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def key_check(data_key: bytes, vault_id: str) -> bytes:
    """A value that says whether a data key is the right one, and nothing else about it."""
    return _derived(data_key, vault_id, "key check")


def seal(vault: Vault, data_key: bytes) -> bytes:
    """The authentication of everything in the vault but the counted tries.

    Without it somebody who can write the file could plant a public key and wait for the next change of the
    data key.
    """
    key = _derived(data_key, vault.vault_id, "seal")
    return hmac.digest(key, canonical(sealed_part(vault)), "sha256")


def verify(vault: Vault, data_key: bytes) -> None:
    """Raises VaultBroken when ``data_key`` is not the vault's, or the vault was changed without it."""
    if not hmac.compare_digest(vault.key_check, key_check(data_key, vault.vault_id)):
        raise VaultBroken("vault.broken", file="vault.json")
    if not hmac.compare_digest(vault.seal, seal(vault, data_key)):
        raise VaultBroken("vault.forged", file="vault.json")


def _password_key(password: str, salt: bytes, cost: Cost) -> bytes:
    composed = unicodedata.normalize("NFC", password)
    derivation = Argon2id(
        salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
    )
    return derivation.derive(composed.encode("utf-8", "surrogatepass"))


def _derived(secret: bytes, vault_id: str, purpose: str) -> bytes:
    info = f"gonha {purpose}".encode()
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=vault_id.encode(), info=info).derive(secret)


def _bound(purpose: str, vault_id: str, user: str, role: str, cost: Cost | None = None) -> bytes:
    parts: list[object] = [f"gonha {purpose}", vault_id, user, role]
    return canonical(parts + ([cost.passes, cost.memory_kib, cost.lanes] if cost else []))
