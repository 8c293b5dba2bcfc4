"""One process (or thread) at a time: a lock on a small file, released by the system when its holder dies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tui_app.errors import VaultBusy, VaultError
from tui_app.refusals import why

_PAUSE = 0.02  # seconds between two looks at a lock somebody else holds

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _give(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _give(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def file_lock(path: Path, wait_seconds: float = 10.0, busy_key: str = "vault.busy") -> Iterator[None]:
    """Hold the lock on ``path`` inside the block; the empty file stays behind.

    Not re-entrant: the same thread asking twice waits for itself. ``busy_key`` names the words of the
    refusal. Raises VaultBusy when another holder has not let go after ``wait_seconds``, VaultError when the
    folder cannot be written.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise VaultError("vault.cannot_write", folder=str(path.parent), reason=why(error)) from error
    try:
        give_up = time.monotonic() + wait_seconds
        while not _take(handle):
            if time.monotonic() >= give_up:
                raise VaultBusy(busy_key)
            time.sleep(_PAUSE)
        try:
            yield
        finally:
            _give(handle)
    finally:
        os.close(handle)
