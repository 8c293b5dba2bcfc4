"""Changing the data key so that a kill at any moment leaves a workspace that opens.

1. Nobody else has the database open (`cipher.open_alone`).
2. The vault is written with the next key beside the one in force, sealed to everyone who stays. From here on
   the removed user is refused, and the change can only go forward.
3. The database is encrypted anew in one transaction; then the safety copies, one by one.
4. The vault is written with the next key alone.

After a kill between 2 and 4 the next unlock finds the vault of step 2 and does 3 and 4 with whichever key
the database has.
"""

from __future__ import annotations

from dataclasses import replace

from tui_app.errors import VaultBroken, VaultBusy
from tui_app.settings import Places
from tui_app.store import cipher, safety, slots, vault_file
from tui_app.store.vault_file import Vault


def sealed(vault: Vault, data_key: bytes) -> Vault:
    """The next vault to write: one more in the count, authenticated under ``data_key``."""
    vault = replace(vault, serial=vault.serial + 1)
    return replace(vault, seal=slots.seal(vault, data_key))


def begin(places: Places, vault: Vault, old_key: bytes, new_key: bytes) -> Vault:
    """Steps 1 to 4 for a vault with a pending change.

    Raises VaultBusy before anything is changed, OSError.
    """
    connection = cipher.open_alone(places.database, old_key)
    try:
        pending = sealed(vault, old_key)
        vault_file.write(places, pending)
        cipher.rekey(connection, new_key)
    finally:
        connection.close()
    return _conclude(places, pending, old_key, new_key)


def finish(places: Places, vault: Vault, old_key: bytes, new_key: bytes) -> tuple[Vault, bytes]:
    """Steps 3 and 4 of a change that was cut short: the vault and the key in force from now on.

    While another process still uses the database under the old key, that key stays in force until the next
    time.
    """
    if cipher.key_opens(places.database, old_key):  # first: this rolls a half-done encryption back
        try:
            connection = cipher.open_alone(places.database, old_key)
        except VaultBusy:
            return vault, old_key
        try:
            cipher.rekey(connection, new_key)
        finally:
            connection.close()
    return _conclude(places, vault, old_key, new_key), new_key


def _conclude(places: Places, vault: Vault, old_key: bytes, new_key: bytes) -> Vault:
    pending = vault.pending
    if pending is None:
        raise ValueError("no change has begun")
    connection = cipher.open_copy(places.database, new_key)
    try:
        if cipher.damage(connection):
            raise VaultBroken("vault.database_damaged", file=places.database.name)
    finally:
        connection.close()
    done = replace(
        vault,
        slots=tuple(
            replace(slot, data_key=pending.data_keys[slot.user])
            for slot in vault.slots
            if slot.user != pending.removed
        ),
        recovery=replace(vault.recovery, data_key=pending.recovery),
        key_check=pending.key_check,
        pending=None,
        tries={name: tries for name, tries in vault.tries.items() if name != pending.removed},
    )
    done = sealed(done, new_key)
    safety.rekey_copies(places, done, old_key, new_key)
    vault_file.write(places, done)
    return done
