"""Putting a backup in the place of the workspace, all of it or none of it; what was there is kept aside.

Everything is checked and laid out in ``restore.new``; renaming that folder to ``restore.ready`` is the
decision. From then on the change only goes forward: whoever opens the workspace next finishes what a kill
cut short.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tui_app.clock import VIETNAM, Clock, system_clock
from tui_app.errors import VaultBroken, VaultBusy, VaultError
from tui_app.refusals import why
from tui_app.settings import Places, sync_folder, write_atomically
from tui_app.store import cipher, safety
from tui_app.store.filelock import file_lock

STAGING, READY, DONE, KEPT_NAME = "restore.new", "restore.ready", "restore.done", "kept.txt"


def restore(backup_path: Path, places: Places, clock: Clock = system_clock) -> Path | None:
    """Open the workspace of a backup from now on; returns the folder that keeps the one before, if any.

    The caller has no connection open. Raises as `safety.check_backup`, VaultBusy when another process uses
    the workspace, VaultError when the folder cannot be written. After a refusal the present workspace is as
    it was.
    """
    safety.check_backup(backup_path)
    places.prepare()
    with file_lock(places.vault_lock):
        finish(places)
        if cipher.in_use(places.database):
            raise VaultBusy("vault.database_in_use")
        kept = _kept_folder(places, clock)
        try:
            _lay_out(backup_path, places, kept)
            finish(places)
        except OSError as error:
            untouched = (places.home / READY / places.database.name).exists() and not kept.exists()
            if untouched:  # Windows: the database is open somewhere
                shutil.rmtree(places.home / READY)
            reason = why(error)
            raise VaultError("vault.cannot_write", folder=str(places.home), reason=reason) from error
    return kept if kept.is_dir() else None


def finish(places: Places) -> None:
    """Do what is left of a restore that has been decided; nothing when there is none.

    The vault's lock is held. Raises OSError.
    """
    ready = places.home / READY
    if not ready.is_dir():
        return
    kept = places.home / (ready / KEPT_NAME).read_text(encoding="ascii")
    database = places.database
    beside = [database.with_name(database.name + end) for end in ("-wal", "-shm", "-journal")]
    _swap(ready / database.name, [database, *beside], kept)
    _swap(ready / places.vault.name, [places.vault, places.vault_copy], kept)
    write_atomically(places.vault_copy, places.vault.read_bytes())
    os.replace(ready, _emptied(places.home / DONE))  # in one step: a half-removed folder would ask to go on
    shutil.rmtree(places.home / DONE)


def kept_workspaces(places: Places) -> list[Path]:
    """Folders with the workspaces that restores have put aside, oldest first."""
    return sorted(path for path in places.home.glob("kept-*") if path.is_dir())


def _swap(new: Path, present: list[Path], kept: Path) -> None:
    """Put ``new`` in the place of the first of ``present``, which all go to ``kept``; repeatable."""
    if not new.exists():
        return
    for path in present:
        if path.exists():
            kept.mkdir(mode=0o700, exist_ok=True)
            os.replace(path, kept / path.name)
    if kept.is_dir():
        sync_folder(kept)
    os.replace(new, present[0])


def _lay_out(backup_path: Path, places: Places, kept: Path) -> None:
    staging = _emptied(places.home / STAGING)
    staging.mkdir(mode=0o700)
    (staging / KEPT_NAME).write_text(kept.name, encoding="ascii")
    with safety.open_backup(backup_path) as archive:
        for name, target in ((safety.DATABASE_NAME, places.database), (safety.VAULT_NAME, places.vault)):
            path = staging / target.name
            with archive.open(name) as source, path.open("wb") as file:
                os.chmod(path, 0o600)
                digest, _ = safety.copy_hashing(source, file)
                file.flush()
                os.fsync(file.fileno())
            with path.open("rb") as file:  # what the disk gives back, not what was meant
                if safety.copy_hashing(file, None)[0] != digest:
                    raise VaultBroken("vault.backup_damaged", file=backup_path.name)
    sync_folder(staging)
    os.replace(staging, places.home / READY)
    sync_folder(places.home)


def _emptied(folder: Path) -> Path:
    """The same path, with nothing left there by a run that was killed."""
    if folder.exists():
        shutil.rmtree(folder)
    return folder


def _kept_folder(places: Places, clock: Clock) -> Path:
    stamp = clock().astimezone(VIETNAM).strftime("%Y%m%d-%H%M%S")
    folder, number = places.home / f"kept-{stamp}", 1
    while folder.exists():
        number += 1
        folder = places.home / f"kept-{stamp}-{number}"
    return folder
