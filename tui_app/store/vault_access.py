"""Getting at the key file: one process at a time, unfinished restores finished, wrong passwords counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tui_app.errors import VaultBroken, VaultError, VaultMissing, WrongPassword
from tui_app.refusals import why
from tui_app.settings import Places
from tui_app.store import vault_file
from tui_app.store.filelock import file_lock
from tui_app.store.tries import Tries, delay, wait_left
from tui_app.store.vault_file import Vault

_FIRST_PAGE = 4096  # bytes


def read_present(places: Places) -> Vault:
    """The vault, for looking only. Raises VaultMissing, VaultBroken, VaultTooNew."""
    if restore_waits(places):
        with locked(places):
            return read_held(places)
    if not places.vault.exists() and holds_records(places):
        raise VaultBroken("vault.keys_missing", file=places.vault.name, copy=places.vault_copy.name)
    return vault_file.read(places.vault)


def read_held(places: Places) -> Vault:
    """The vault, inside `locked`, after finishing a restore that was cut short. Raises as `read_present`."""
    if restore_waits(places):
        from tui_app.store import restore

        with writing(places):
            restore.finish(places)
    return read_present(places)


@contextmanager
def locked(places: Places) -> Iterator[None]:
    """Nobody else reads or changes keys inside the block. Raises VaultMissing without a folder, VaultBusy."""
    if not places.home.is_dir():
        raise VaultMissing("vault.missing", folder=str(places.home))
    with file_lock(places.vault_lock):
        yield


@contextmanager
def writing(places: Places) -> Iterator[None]:
    """A full disk or a missing right inside the block becomes a VaultError with words for people."""
    try:
        yield
    except OSError as error:
        reason = why(error)
        raise VaultError("vault.cannot_write", folder=str(places.home), reason=reason) from error


def restore_waits(places: Places) -> bool:
    """Whether a restore has been decided and is not finished."""
    return (places.home / "restore.ready").is_dir()


def holds_records(places: Places) -> bool:
    """A database of more than its first page, which is all that a set-up cut short leaves behind."""
    return (
        _size(places.database) > _FIRST_PAGE
        or _size(places.database.with_name(places.database.name + "-wal")) > 0
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def refuse_early(places: Places, vault: Vault, counted: str, now: datetime) -> None:
    """Raises WrongPassword without looking at the password while the delay of ``counted`` runs."""
    before = vault.tries.get(counted, Tries())
    seconds, kept = wait_left(before, now)
    if kept != before:
        _save_tries(places, vault, counted, kept)
    if seconds:
        raise WrongPassword("vault.wait", wait_seconds=seconds)


def count_failure(
    places: Places, vault: Vault, counted: str, now: datetime, key: str = "vault.wrong_password"
) -> WrongPassword:
    """One more failure, on the disk before the answer: the error to raise."""
    tries = vault.tries.get(counted, Tries()).failed(now)
    _save_tries(places, vault, counted, tries)
    seconds = delay(tries.failures)
    return WrongPassword(f"{key}_wait" if seconds else key, wait_seconds=seconds)


def forget_failures(places: Places, vault: Vault, counted: str) -> Vault:
    """The vault without the failures of ``counted``."""
    if counted not in vault.tries:
        return vault
    vault = replace(vault, tries={name: tries for name, tries in vault.tries.items() if name != counted})
    with writing(places):
        vault_file.write_tries(places, vault)
    return vault


def _save_tries(places: Places, vault: Vault, counted: str, tries: Tries) -> None:
    with writing(places):
        vault_file.write_tries(places, replace(vault, tries={**vault.tries, counted: tries}))
