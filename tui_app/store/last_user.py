"""Who unlocked this laptop last, so that the login proposes them.

Kept as a mark of their public key, which stands in the vault beside their name: the file names nobody by itself.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from tui_app.errors import VaultError
from tui_app.settings import Places, write_atomically
from tui_app.store import vault_file
from tui_app.store.vault_file import Slot


def note(places: Places, user: str) -> None:
    """Remember that ``user`` unlocked it."""
    with suppress(OSError, VaultError):  # on a disk that fails the login proposes somebody else, no more
        slot = vault_file.read(places.vault).slot(user)
        if slot is not None and _kept(places) != _mark(slot):
            write_atomically(places.last_user, _mark(slot) + b"\n")


def last(places: Places) -> str | None:
    """Whom to propose, None when it is not known. Raises VaultError for a vault that cannot be read."""
    kept = _kept(places)
    slots = vault_file.read(places.vault).slots if kept else ()
    return next((slot.user for slot in slots if _mark(slot) == kept), None)


def _mark(slot: Slot) -> bytes:
    return hashlib.sha256(slot.public_key).hexdigest()[:16].encode()


def _kept(places: Places) -> bytes:
    try:
        return places.last_user.read_bytes().strip()
    except OSError:
        return b""
