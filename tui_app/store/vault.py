"""Who may open the workspace: users, passwords, recovery.

Light to import, for the login screen: the cryptography comes with the first use. Everything that changes keys
holds the vault's file lock. Nothing here logs, and no error carries a password or a key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tui_app.clock import Clock, system_clock
from tui_app.errors import UserError, VaultBroken, VaultBusy, VaultError
from tui_app.settings import Places
from tui_app.store import vault_file
from tui_app.store.vault_access import (
    count_failure,
    forget_failures,
    holds_records,
    locked,
    read_held,
    read_present,
    refuse_early,
    restore_waits,
    writing,
)
from tui_app.store.vault_file import Cost, Pending, Recovery, Vault
from tui_app.store.vault_rules import (
    check_may_go,
    check_may_manage,
    check_password,
    check_role,
    checked_name,
    known_slot,
)
from tui_app.text import clean

STRONG = Cost()
_NOBODY = "\0other"  # wrong passwords of names that are no user
_RECOVERY = "\0recovery"


@dataclass(frozen=True)
class Opened:
    """An unlocked workspace. ``data_key``: 32 bytes for `cipher.open_database`; never shown, never stored."""

    user: str
    role: str
    vault_id: str
    data_key: bytes = field(repr=False)


@dataclass(frozen=True)
class VaultUser:
    """A name that can be typed at the login screen. ``role``: member, chief or viewer."""

    name: str
    role: str


def exists(places: Places) -> bool:
    """Whether there is a workspace here, sound or not."""
    return places.vault.exists() or holds_records(places) or restore_waits(places)


def users(places: Places) -> list[VaultUser]:
    """The users, in the order they were added; needs no password.

    Raises VaultMissing, VaultBroken, VaultTooNew.
    """
    vault = read_present(places)
    return [VaultUser(slot.user, slot.role) for slot in vault.slots if vault.slot(slot.user)]


def check_new(places: Places, user: str, password: str) -> None:
    """Raises what `create` would, before a one-time code is spent: VaultError, VaultBroken, UserError."""
    checked_name(user)
    check_password(password)
    if places.vault.exists() or restore_waits(places):
        raise VaultError("vault.exists", folder=str(places.home))
    if holds_records(places):
        raise VaultBroken("vault.keys_missing", file=places.vault.name, copy=places.vault_copy.name)


def create(
    places: Places,
    user: str,
    password: str,
    role: str = "chief",
    clock: Clock = system_clock,
    cost: Cost | None = None,
) -> tuple[Opened, str]:
    """A new workspace: an empty encrypted database, its first user, and the recovery code to write on paper.

    ``cost`` (`STRONG` by default) is kept for all later passwords of this vault. The code is shown once and
    stored nowhere. Raises VaultError when there is a workspace already, UserError for a name or password
    that cannot be used.
    """
    from tui_app.clock import new_id
    from tui_app.store import cipher, slots
    from tui_app.store.recovery_code import new_code, read_code

    name = checked_name(user)
    check_role(role)
    check_new(places, user, password)
    places.prepare()
    with locked(places):
        check_new(places, user, password)  # again: somebody else may have been faster
        places.database.unlink(missing_ok=True)  # a set-up that was cut short; it held nothing
        data_key, vault_id, code = slots.new_data_key(), new_id(), new_code()
        cipher.open_database(places.database, data_key, create=True).close()
        recovery_public = slots.public_of(slots.code_key(read_code(code), vault_id))
        vault = Vault(
            vault_id=vault_id,
            created_at=clock(),
            serial=0,
            slots=(slots.new_slot(vault_id, name, role, password, data_key, cost or STRONG),),
            recovery=_recovery("code", recovery_public, data_key, vault_id),
            key_check=slots.key_check(data_key, vault_id),
        )
        _save(places, vault, data_key)
    return Opened(name, role, vault_id, data_key), code


def unlock(places: Places, user: str, password: str, clock: Clock = system_clock) -> Opened:
    """The data key, for the right user and password; finishes a change of keys that was cut short.

    Raises WrongPassword (``wait_seconds`` until the next try; the same for a name that is no user),
    VaultMissing, VaultBroken, VaultTooNew, VaultBusy.
    """
    with locked(places):
        return _unlock(places, user, password, clock)[0]


def add_user(places: Places, opened: Opened, user: str, password: str, role: str) -> None:
    """Give somebody an own password.

    A chief adds anyone; where no chief is, a member adds members and viewers.
    Raises UserError, and VaultBusy when the keys were changed since ``opened``.
    """
    from tui_app.store import slots

    name = checked_name(user)
    check_role(role)
    check_password(password)
    with locked(places):
        vault = _current(places, opened)
        check_may_manage(vault, opened.role, role)
        if vault.slot(name):
            raise UserError("vault.user_exists", user=name)
        cost = vault.slots[0].cost
        slot = slots.new_slot(vault.vault_id, name, role, password, opened.data_key, cost)
        _save(places, vault.with_slot(slot), opened.data_key)


def change_password(places: Places, user: str, old: str, new: str, clock: Clock = system_clock) -> None:
    """A user's own change, with a fresh key pair: who knew the old password gains nothing from later keys.

    Raises as `unlock`, and UserError for a new password that cannot be used.
    """
    check_password(new)
    with locked(places):
        opened, vault = _unlock(places, user, old, clock)
        _set_password(places, vault, opened, new)


def remove_user(places: Places, opened: Opened, user: str) -> Opened:
    """Take somebody's access away for good: database and safety copies are encrypted under a new key.

    Nobody else has to type a password. The caller closes its connections first and goes on with the result;
    a kill at any moment is repaired by the next `unlock`. Backups carried elsewhere still open with the
    passwords of their day. Raises UserError (unknown, oneself, the last chief), VaultBusy when the database
    is in use.
    """
    from tui_app.store import rekey, slots

    with locked(places):
        vault = _current(places, opened)
        slot = known_slot(vault, user)
        check_may_manage(vault, opened.role, slot.role)
        check_may_go(vault, opened.user, slot)
        new_key = slots.new_data_key()
        stay = [other for other in vault.slots if other != slot]
        pending = Pending(
            removed=slot.user,
            data_keys={
                s.user: slots.seal_to(s.public_key, new_key, vault.vault_id, s.user, s.role) for s in stay
            },
            recovery=_recovery(
                vault.recovery.kind, vault.recovery.public_key, new_key, vault.vault_id
            ).data_key,
            key_check=slots.key_check(new_key, vault.vault_id),
        )
        with writing(places):
            rekey.begin(places, replace(vault, pending=pending), opened.data_key, new_key)
    return replace(opened, data_key=new_key)


def recover(places: Places, code: str, user: str, new_password: str, clock: Clock = system_clock) -> Opened:
    """Set a new password for a user with the recovery code from paper. The code stays good.

    Raises UserError for a mistyped code or an unknown user, WrongPassword for a code of another workspace.
    """
    from tui_app.store import slots
    from tui_app.store.recovery_code import read_code

    chance = read_code(code)
    return _recover(places, lambda vault: slots.code_key(chance, vault.vault_id), user, new_password, clock)


def recover_with_station_key(
    places: Places, private_key: bytes, user: str, new_password: str, clock: Clock = system_clock
) -> Opened:
    """As `recover`, with the station's X25519 private key (32 bytes) in place of the code."""
    return _recover(places, lambda vault: private_key, user, new_password, clock)


def set_recovery_key(places: Places, opened: Opened, public_key: bytes) -> None:
    """Let the station's X25519 public key (32 bytes) take the place of the recovery code.

    Raises ValueError for bytes that are no public key.
    """
    with locked(places):
        vault = _current(places, opened)
        recovery = _recovery("station", public_key, opened.data_key, vault.vault_id)
        _save(places, replace(vault, recovery=recovery), opened.data_key)


def renew_recovery_code(places: Places, opened: Opened) -> str:
    """A new code to write on paper; the one before, or the station's key, opens nothing from then on."""
    from tui_app.store import slots
    from tui_app.store.recovery_code import new_code, read_code

    with locked(places):
        vault = _current(places, opened)
        code = new_code()
        public_key = slots.public_of(slots.code_key(read_code(code), vault.vault_id))
        recovery = _recovery("code", public_key, opened.data_key, vault.vault_id)
        _save(places, replace(vault, recovery=recovery), opened.data_key)
    return code


def recovery_kind(places: Places) -> str:
    """``code`` (on paper) or ``station``: what opens the workspace when a password is forgotten."""
    return read_present(places).recovery.kind


def _unlock(places: Places, user: str, password: str, clock: Clock) -> tuple[Opened, Vault]:
    from tui_app.store import slots

    vault = read_held(places)
    name = clean(user)
    slot = vault.slot(name)
    counted = slot.user if slot else _NOBODY
    now = clock()
    refuse_early(places, vault, counted, now)
    private = None
    if slot is None:
        slots.pay(vault.slots[0].cost)
    else:
        private = slots.private_key(slot, vault.vault_id, password)
    if slot is None or private is None:
        raise count_failure(places, vault, counted, now)
    key = slots.open_box(slot.data_key, private, vault.vault_id, slot.user, slot.role)
    next_box = vault.pending and vault.pending.data_keys.get(slot.user)
    next_key = next_box and slots.open_box(next_box, private, vault.vault_id, slot.user, slot.role)
    vault, key = _settled(places, vault, key, next_key or None)
    vault = forget_failures(places, vault, counted)
    with writing(places):
        vault_file.refresh_copy(places, vault)
    return Opened(slot.user, slot.role, vault.vault_id, key), vault


def _settled(places: Places, vault: Vault, key: bytes | None, next_key: bytes | None) -> tuple[Vault, bytes]:
    """The vault and its key in force, after finishing what was cut short."""
    from tui_app.store import rekey, slots

    if key is None:
        raise VaultBroken("vault.broken", file=places.vault.name)
    slots.verify(vault, key)
    if vault.pending is None:
        return vault, key
    if next_key is None or vault.pending.key_check != slots.key_check(next_key, vault.vault_id):
        raise VaultBroken("vault.broken", file=places.vault.name)
    with writing(places):
        return rekey.finish(places, vault, key, next_key)


def _recover(
    places: Places, private_of: Callable[[Vault], bytes], user: str, new_password: str, clock: Clock
) -> Opened:
    from tui_app.store import slots

    check_password(new_password)
    with locked(places):
        vault = read_held(places)
        slot = known_slot(vault, user)
        now = clock()
        refuse_early(places, vault, _RECOVERY, now)
        private = private_of(vault)
        if slots.public_of(private) != vault.recovery.public_key:
            raise count_failure(places, vault, _RECOVERY, now, "vault.wrong_recovery")
        key = slots.open_box(vault.recovery.data_key, private, vault.vault_id, _RECOVERY, vault.recovery.kind)
        next_box = vault.pending and vault.pending.recovery
        next_key = next_box and slots.open_box(
            next_box, private, vault.vault_id, _RECOVERY, vault.recovery.kind
        )
        vault, key = _settled(places, vault, key, next_key or None)
        vault = replace(
            vault, tries={name: t for name, t in vault.tries.items() if name not in (_RECOVERY, slot.user)}
        )
        opened = Opened(slot.user, slot.role, vault.vault_id, key)
        _set_password(places, vault, opened, new_password)
        return opened


def _set_password(places: Places, vault: Vault, opened: Opened, password: str) -> None:
    from tui_app.store import slots

    if vault.pending is not None:
        raise VaultBusy("vault.database_in_use")
    cost = known_slot(vault, opened.user).cost
    slot = slots.new_slot(vault.vault_id, opened.user, opened.role, password, opened.data_key, cost)
    _save(places, vault.with_slot(slot), opened.data_key)


def _current(places: Places, opened: Opened) -> Vault:
    """The vault, when ``opened`` still holds its key."""
    from tui_app.store import slots

    vault = read_held(places)
    if vault.vault_id != opened.vault_id or vault.key_check != slots.key_check(
        opened.data_key, vault.vault_id
    ):
        raise VaultBusy("vault.changed_meanwhile")
    slots.verify(vault, opened.data_key)
    if vault.pending is not None:
        raise VaultBusy("vault.database_in_use")
    return vault


def _save(places: Places, vault: Vault, data_key: bytes) -> None:
    from tui_app.store import rekey

    with writing(places):
        vault_file.write(places, rekey.sealed(vault, data_key))


def _recovery(kind: str, public_key: bytes, data_key: bytes, vault_id: str) -> Recovery:
    from tui_app.store import slots

    return Recovery(kind, public_key, slots.seal_to(public_key, data_key, vault_id, _RECOVERY, kind))
