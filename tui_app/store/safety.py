"""Copies of the workspace in one file: backups people ask for, safety copies the program makes by itself.

A copy is a zip archive (nothing compressed: it is all cipher text) of ``vault.json``, the encrypted database
and a manifest with their SHA-256. It opens with the passwords of the day it was made. No plain text is ever
written: the database is copied by SQLCipher's own ``VACUUM INTO``, which encrypts under the same key and
keeps row ids.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from tui_app.clock import Clock, from_wire, system_clock, to_wire
from tui_app.errors import BadFile, NotFound, VaultBroken, VaultError, VaultTooNew
from tui_app.refusals import why
from tui_app.settings import Places, sync_folder
from tui_app.store import cipher, vault_file
from tui_app.store.filelock import file_lock
from tui_app.store.vault_file import Vault

FORMAT = "gonha-backup"
VERSION = 1
SUFFIX = ".gonha"
KEEP = 5  # safety copies
VAULT_NAME, DATABASE_NAME, MANIFEST_NAME = "vault.json", "gonha.db", "manifest.json"
_UNFINISHED = ".gonha-"
_BLOCK = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class BackupInfo:
    """What a sound backup holds. ``made_at``: aware; ``users``: the names that open it."""

    made_at: datetime
    vault_id: str
    users: tuple[str, ...]
    database_bytes: int


def backup(places: Places, data_key: bytes, out_path: Path, clock: Clock = system_clock) -> BackupInfo:
    """Write the whole workspace, encrypted, to ``out_path``; people may go on working meanwhile.

    The copy is read back page by page before the file gets its name. Raises BadFile when ``out_path`` exists,
    VaultBroken when the database is damaged, VaultError when the file cannot be written.
    """
    if out_path.exists():
        raise BadFile("vault.backup_exists", file=out_path.name)
    with file_lock(places.vault_lock):
        vault = vault_file.read(places.vault)
        connection = cipher.open_database(places.database, data_key)
        try:
            _write_copy(connection, vault, out_path, clock())
        finally:
            connection.close()
    return check_backup(out_path)


def safety_copy(
    places: Places, connection: cipher.Connection, name: str, clock: Clock = system_clock
) -> Path:
    """A copy under ``backups/`` before something that cannot be undone; the newest five are kept.

    ``connection``: open, outside a transaction. ``name``: a-z, 0-9 and dashes, part of the file name.
    Raises VaultError when it cannot be written: then the change it guards must not begin.
    """
    if not re.fullmatch(r"[a-z0-9-]{1,40}", name):
        raise ValueError(name)
    with file_lock(places.vault_lock):
        vault = vault_file.read(places.vault)
        now = clock()
        stamp = re.sub(r"[-:.]", "", to_wire(now))
        path = places.backups / f"safety-{stamp}-{name}{SUFFIX}"
        with _told_writing(places.backups):
            places.backups.mkdir(mode=0o700, exist_ok=True)
            _sweep(places.backups)
        _write_copy(connection, vault, path, now)
        for old in safety_copies(places)[KEEP:]:
            old.unlink(missing_ok=True)
    return path


def safety_copies(places: Places) -> list[Path]:
    """The safety copies, newest first."""
    return sorted(places.backups.glob(f"safety-*{SUFFIX}"), key=lambda path: path.name, reverse=True)


def renew_copies(places: Places, connection: cipher.Connection, clock: Clock = system_clock) -> None:
    """One safety copy of the workspace as it is now in the place of all there are: those may hold what was erased.

    Nothing when there is none. Raises as `safety_copy`; then the older ones are still there.
    """
    older = safety_copies(places)
    if older:
        made = safety_copy(places, connection, "erased", clock)
        for old in older:
            if old != made:
                old.unlink(missing_ok=True)


def check_backup(path: Path) -> BackupInfo:
    """Read every byte of a backup against its manifest.

    Raises NotFound, BadFile (not a backup at all), VaultTooNew, VaultBroken (a sum differs, or the vault is
    damaged).
    """
    with open_backup(path) as archive:
        return _checked(archive, path.name)


@contextmanager
def open_backup(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, for reading; damage met inside the block becomes VaultBroken. Raises NotFound, BadFile."""
    if not path.is_file():
        raise NotFound("vault.backup_missing", file=path.name)
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise BadFile("vault.backup_not_one", file=path.name) from error
    except OSError as error:
        reason = why(error)
        raise BadFile("vault.backup_unreadable", file=path.name, reason=reason) from error
    with archive:
        try:
            yield archive
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EIO):  # a place outside the file, a bad sector
                raise
            raise VaultBroken("vault.backup_damaged", file=path.name) from error
        except _DAMAGED as error:
            raise VaultBroken("vault.backup_damaged", file=path.name) from error


def copy_hashing(source: IO[bytes], target: IO[bytes] | None) -> tuple[str, int]:
    """Copy a stream (or only read it): the SHA-256 in hex and the number of bytes."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(_BLOCK):
        digest.update(block)
        size += len(block)
        if target is not None:
            target.write(block)
    return digest.hexdigest(), size


def rekey_copies(places: Places, vault: Vault, old_key: bytes, new_key: bytes) -> None:
    """Encrypt the safety copies anew and put ``vault`` into them, so that a removed user opens none of them.

    Can be repeated after a kill: each copy is replaced in one step. A copy that ``old_key`` does not open
    (done already, damaged, or of another workspace) stays as it is.
    """
    _sweep(places.backups)
    for path in safety_copies(places):
        with tempfile.TemporaryDirectory(dir=places.backups, prefix=_UNFINISHED) as folder:
            database = Path(folder) / DATABASE_NAME
            try:
                with open_backup(path) as archive:
                    info = _checked(archive, path.name)
                    with archive.open(DATABASE_NAME) as source, database.open("wb") as target:
                        copy_hashing(source, target)
            except (BadFile, VaultBroken, VaultTooNew):
                continue
            if not cipher.key_opens(database, old_key):
                continue
            connection = cipher.open_alone(database, old_key)
            try:
                cipher.rekey(connection, new_key)
            finally:
                connection.close()
            _pack(path, vault, database, info.made_at)


def _write_copy(connection: cipher.Connection, vault: Vault, path: Path, now: datetime) -> None:
    with (
        _told_writing(path.parent),
        tempfile.TemporaryDirectory(dir=path.parent, prefix=_UNFINISHED) as folder,
    ):
        database = Path(folder) / DATABASE_NAME
        os.close(os.open(database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        cipher.copy_into(connection, database)
        _pack(path, vault, database, now)


def _sweep(folder: Path) -> None:
    """Remove what a killed copy left behind; the vault's lock is held, so nobody else is making one."""
    for left in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left)


def _pack(path: Path, vault: Vault, database: Path, made_at: datetime) -> None:
    handle, temporary = tempfile.mkstemp(dir=database.parent, suffix=".tmp")
    files = {}
    with os.fdopen(handle, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            content = vault_file.dump(vault)
            archive.writestr(_entry(VAULT_NAME, made_at), content)
            files[VAULT_NAME] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            with (
                database.open("rb") as source,
                archive.open(_entry(DATABASE_NAME, made_at), "w", force_zip64=True) as target,
            ):
                digest, size = copy_hashing(source, target)
            files[DATABASE_NAME] = {"sha256": digest, "bytes": size}
            manifest = {
                "format": FORMAT,
                "version": VERSION,
                "made_at": to_wire(made_at),
                "vault_id": vault.vault_id,
                "files": files,
            }
            archive.writestr(_entry(MANIFEST_NAME, made_at), json.dumps(manifest, indent=1))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def _entry(name: str, made_at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
    entry.external_attr = 0o600 << 16
    return entry


def _checked(archive: zipfile.ZipFile, name: str) -> BackupInfo:
    if MANIFEST_NAME not in archive.namelist():
        raise BadFile("vault.backup_not_one", file=name)
    manifest = json.loads(archive.read(MANIFEST_NAME))
    if manifest["format"] != FORMAT:
        raise BadFile("vault.backup_not_one", file=name)
    if manifest["version"] > VERSION:
        raise VaultTooNew("vault.backup_too_new", file=name)
    for inner in (VAULT_NAME, DATABASE_NAME):
        with archive.open(inner) as source:
            digest, size = copy_hashing(source, None)
        if manifest["files"][inner] != {"sha256": digest, "bytes": size}:
            raise VaultBroken("vault.backup_damaged", file=name)
    vault = vault_file.parse(archive.read(VAULT_NAME), name)
    if vault.vault_id != manifest["vault_id"]:
        raise VaultBroken("vault.backup_damaged", file=name)
    users = tuple(slot.user for slot in vault.slots if vault.slot(slot.user))
    return BackupInfo(from_wire(manifest["made_at"]), vault.vault_id, users, size)


@contextmanager
def _told_writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = why(error)
        raise VaultError("vault.cannot_write", folder=str(folder), reason=reason) from error
