"""Opening the encrypted database (SQLCipher 4, raw key). Plain text never touches the disk.

SQLCipher encrypts the main file, the write-ahead log and the rollback journal; temporary tables and
sorters stay in memory (the library is built with ``TEMP_STORE=2``, and the pragma says it again).
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from tui_app.errors import VaultBroken, VaultBusy, VaultError, VaultMissing

KEY_BYTES = 32
APPLICATION_ID = (
    0x476F4E68  # "GoNh", so that a lost file can be told from other SQLCipher files once it is open
)
BUSY_MILLISECONDS = 5000

# SQLite holds these bytes of the file while a connection is open (sqlite.org/lockingv3.html: SHARED_FIRST,
# SHARED_SIZE).
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510

Connection = Any  # sqlcipher3 has no type stubs


def open_database(path: Path, key: bytes, *, create: bool = False) -> Connection:
    """A connection to the database, in autocommit mode (write ``BEGIN`` yourself), usable from any thread.

    ``key``: 32 random bytes from the vault. Rows are tuples. Foreign keys are not enforced, because records
    that arrive by sync come in any order.
    Raises VaultMissing without a file (unless ``create``), VaultBroken when the key does not open it: the
    vault has checked the key by then, so the file is damaged; VaultBusy when another process keeps it locked.
    """
    return _open(path, key, create=create, wal=True)


def open_copy(path: Path, key: bytes) -> Connection:
    """A connection to a copy at rest, which stays one file, without a log. Raises as `open_database`."""
    return _open(path, key, create=False, wal=False)


def open_alone(path: Path, key: bytes) -> Connection:
    """A connection that nobody shares: the log is folded into the file and every other process is shut out.

    For re-keying. The file is one piece afterwards; `open_database` turns the log on again.
    Raises VaultBusy when somebody else has the database open, else as `open_database`.
    """
    import sqlcipher3

    connection = _open(path, key, create=False, wal=False, wait_milliseconds=1000)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        if mode != "delete":
            raise VaultBusy("vault.database_in_use")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")  # the lock stays, because of locking_mode
    except sqlcipher3.Error as error:
        connection.close()
        raise _told(error) from error
    except BaseException:
        connection.close()
        raise
    return connection


def rekey(connection: Connection, key: bytes) -> None:
    """Encrypt the whole file anew under ``key``, in one transaction: a kill leaves it all old or all new.

    ``connection``: from `open_alone`. Its rollback journal holds pages under the old key, so after a
    kill the old key must be tried first: that rolls the half-written file back.
    """
    import sqlcipher3

    try:
        connection.execute(f"PRAGMA rekey = \"x'{key.hex()}'\"")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlcipher3.Error as error:
        raise _told(error) from error


def key_opens(path: Path, key: bytes) -> bool:
    """Whether ``key`` is the one of this file, after any half-done change has been rolled back.

    Raises VaultMissing, VaultBusy.
    """
    try:
        open_copy(path, key).close()
    except VaultBroken:
        return False
    return True


def in_use(path: Path) -> bool:
    """Whether another process has the database open.

    Never call it while this process has it open itself: on POSIX that would drop this process's own locks.
    Windows refuses to rename an open file, which tells the same.
    """
    if os.name == "nt" or not path.exists():
        return False
    import fcntl

    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except OSError:
            return True
    return False


def copy_into(connection: Connection, path: Path) -> None:
    """A consistent copy under the same key in ``path`` (absent or empty), read back page by page.

    Writers may go on meanwhile. ``VACUUM INTO`` keeps row ids, which the search index relies on.
    Raises VaultBroken when the database or the copy is damaged, VaultBusy, VaultError (disk full).
    """
    import sqlcipher3

    try:
        connection.execute("VACUUM INTO ?", (str(path),))
        connection.execute("ATTACH ? AS written", (str(path),))  # without a KEY clause: under the same key
        try:
            wrong = connection.execute("PRAGMA written.cipher_integrity_check").fetchone()
            structure = connection.execute("PRAGMA written.quick_check(1)").fetchone()[0]
        finally:
            connection.execute("DETACH written")
    except sqlcipher3.Error as error:
        raise _told(error) from error
    if wrong is not None or structure != "ok":
        raise VaultBroken("vault.database_damaged", file="gonha.db")


def damage(connection: Connection, *, most: int = 20) -> list[str]:
    """What is wrong with the pages: authentication of each page, then the structure. Empty when all is well.

    Reads the whole file. ``most``: lines at the most.
    """
    import sqlcipher3

    try:
        lines = [str(row[0]) for row in connection.execute("PRAGMA cipher_integrity_check").fetchmany(most)]
        lines += [
            str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({most})") if row[0] != "ok"
        ]
    except sqlcipher3.DatabaseError as error:
        return [str(error)]
    return lines[:most]


def _open(
    path: Path, key: bytes, *, create: bool, wal: bool, wait_milliseconds: int = BUSY_MILLISECONDS
) -> Connection:
    import sqlcipher3

    if len(key) != KEY_BYTES:
        raise ValueError("the data key has 32 bytes")
    if not create:
        if not path.exists():
            raise VaultMissing("vault.database_missing", file=path.name)
        if path.stat().st_size == 0:  # SQLite would take it for a new, empty database and any key would do
            raise VaultBroken("vault.database_damaged", file=path.name)
    elif not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    _bind_quickly()
    try:
        connection = sqlcipher3.connect(
            str(path), isolation_level=None, check_same_thread=False, timeout=wait_milliseconds / 1000
        )
    except sqlcipher3.Error as error:
        raise _told(error) from error
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")  # before the key, or stderr breaks the screen
        connection.set_key(f"x'{key.hex()}'")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if create and connection.execute("PRAGMA application_id").fetchone()[0] == 0:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        if wal:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone stops at the disk's cache
    except sqlcipher3.Error as error:
        connection.close()
        raise _told(error) from error
    return connection


@cache
def _bind_quickly() -> None:
    """Tell the driver at once how None and a truth value are bound.

    Without an adapter it looks for ``__adapt__`` and ``__conform__`` at each: 30 of them took 22 µs a row, with one
    2.6 µs, and most columns of a record are empty.
    """
    import sqlcipher3.dbapi2 as driver

    driver.register_adapter(type(None), {None: None}.get)
    driver.register_adapter(bool, {False: 0, True: 1}.get)


def trouble(error: Exception) -> VaultError | None:
    """What a failing statement says of the disk or the file; None when it says something else."""
    import sqlcipher3

    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlcipher3.SQLITE_FULL:
        return VaultError("vault.disk_full")
    if code in (
        sqlcipher3.SQLITE_BUSY,
        sqlcipher3.SQLITE_LOCKED,
        sqlcipher3.SQLITE_READONLY,
        sqlcipher3.SQLITE_CANTOPEN,
        sqlcipher3.SQLITE_PERM,
        sqlcipher3.SQLITE_CORRUPT,
        sqlcipher3.SQLITE_NOTADB,
    ):
        return _told(error)
    if code == sqlcipher3.SQLITE_IOERR:
        return VaultError("vault.disk_failing")
    return None


def _told(error: Exception) -> VaultError:
    import sqlcipher3

    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlcipher3.SQLITE_BUSY, sqlcipher3.SQLITE_LOCKED):
        return VaultBusy("vault.database_in_use")
    if code in (
        sqlcipher3.SQLITE_FULL,
        sqlcipher3.SQLITE_READONLY,
        sqlcipher3.SQLITE_CANTOPEN,
        sqlcipher3.SQLITE_PERM,
    ):
        return VaultError("vault.database_not_writable", reason=str(error))
    return VaultBroken("vault.database_damaged", file="gonha.db")
