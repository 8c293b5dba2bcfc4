"""The keys of files carried by hand: this laptop's two pairs and the server's public halves, all in the encrypted file.

The pairs are made when they are first needed. Their public halves go to the server with the enrolment, or with the
next sync of a laptop that was enrolled before; a laptop that becomes a device of its own gets new ones.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tui_app.services.station import facts

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from sync.client import Link
    from tui_app.store.engine import Store


@dataclass(frozen=True, slots=True, repr=False)
class OwnKeys:
    """This laptop's pairs: what is sealed to it opens with ``sealing``, what it sends is signed with ``signing``."""

    sealing: X25519PrivateKey
    signing: Ed25519PrivateKey

    @property
    def sealing_public(self) -> str:
        """X25519, base64."""
        return _text(self.sealing.public_key().public_bytes_raw())

    @property
    def signing_public(self) -> str:
        """Ed25519, base64."""
        return _text(self.signing.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class ServerKeys:
    """What the server told of itself: X25519 and Ed25519, base64."""

    sealing: str
    signing: str


def fresh() -> OwnKeys:
    """Two new pairs."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return OwnKeys(X25519PrivateKey.generate(), Ed25519PrivateKey.generate())


def keep(c: Any, keys: OwnKeys, *, told: str = "") -> None:
    """Keep pairs. ``told``: the device id under which the server knows their public halves, "" for not yet."""
    kept = {
        "sealing": _text(keys.sealing.private_bytes_raw()),
        "signing": _text(keys.signing.private_bytes_raw()),
        "told": told,
    }
    facts.put(c, facts.BUNDLE_KEYS, kept)


def own(c: Any) -> OwnKeys | None:
    """This laptop's pairs, if the server knows them under the laptop's present name."""
    kept = facts.get(c, facts.BUNDLE_KEYS)
    if kept is None or not kept["told"] or kept["told"] != facts.get(c, facts.DEVICE):
        return None
    return _read(kept)


def ensure(c: Any) -> OwnKeys:
    """This laptop's pairs, made now if there are none; the server is told of them with the next sync. Within the
    caller's transaction. A laptop that became a device of its own gets new ones."""
    kept, device = facts.get(c, facts.BUNDLE_KEYS), facts.get(c, facts.DEVICE)
    if kept is not None and kept["told"] in ("", device):
        return _read(kept)
    keys = fresh()
    keep(c, keys)
    return keys


def learn(c: Any, sealing: str, signing: str) -> None:
    """Keep the server's public keys; an older server that has none changes nothing."""
    if sealing and signing:
        facts.put(c, facts.SERVER_KEYS, {"sealing": sealing, "signing": signing})


def server(c: Any) -> ServerKeys | None:
    """The server's public keys, if it ever told them."""
    kept = facts.get(c, facts.SERVER_KEYS)
    return None if kept is None else ServerKeys(kept["sealing"], kept["signing"])


def tell(store: Store, link: Link) -> bool:
    """Make sure the server knows this laptop's keys: one request in a laptop's life. Whether it does now; a link that
    is cut here, or an older server that keeps no keys, only means that the next sync tries again.
    """
    from sync.client import SyncError

    with store.read() as c:
        device, kept = facts.get(c, facts.DEVICE), facts.get(c, facts.BUNDLE_KEYS)
    if kept is not None and kept["told"] == device:
        return True
    # pairs that another device was known by stay with that one
    keys = _read(kept) if kept is not None and not kept["told"] else fresh()
    with store.write() as c:
        keep(c, keys)  # before they are told: the server takes no others later
    try:
        link.keys(keys.sealing_public, keys.signing_public)
    except SyncError:
        return False
    with store.write() as c:
        keep(c, keys, told=device)
    return True


def _read(kept: dict[str, str]) -> OwnKeys:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return OwnKeys(
        X25519PrivateKey.from_private_bytes(base64.b64decode(kept["sealing"])),
        Ed25519PrivateKey.from_private_bytes(base64.b64decode(kept["signing"])),
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
