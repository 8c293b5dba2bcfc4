"""Files carried by hand on this machine's disks: read with a limit, written whole or not at all, refused in words."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from tui_app.clock import from_wire, show_moment
from tui_app.errors import BadFile, BundleRefused
from tui_app.refusals import why
from tui_app.settings import sync_folder

SUFFIX = ".gonha"


def read(path: Path) -> bytes:
    """The bytes of a file. Raises BadFile when it cannot be read, BundleRefused when it is larger than any of ours."""
    from sync.bundle import MAX_FILE

    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise BadFile("bundle.cannot_read", file=str(path), reason=why(error)) from error
    if len(content) > MAX_FILE:
        raise BundleRefused("bundle.too_large", limit=MAX_FILE >> 20)
    return content


def target(path: Path, name: str) -> Path:
    """Where a file would be written: ``path``, or in it as ``name`` when it is a folder.

    An older file of this kind may be replaced, any other file is left alone. Raises BadFile.
    """
    if path.is_dir():
        path = path / name
    _check_replaceable(path)
    return path


def write(path: Path, content: bytes, side: str = "laptop") -> None:
    """Write a file that is there whole or not at all, on the stick before this returns. ``path``: from `target`;
    ``side``: who writes, ``laptop`` or ``server``. Raises BadFile.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise BadFile(f"bundle.cannot_write_{side}", file=str(path), reason=why(error)) from error
    finally:
        part.unlink(missing_ok=True)


def refused(error: Exception, side: str) -> BundleRefused:
    """A `sync.bundle.BundleError` in words. ``side``: who looked at the file, ``laptop`` or ``server``."""
    from sync.bundle import BundleError

    assert isinstance(error, BundleError)
    params = dict(error.params)
    for name in ("made", "expires", "now", "at"):
        if name in params:
            params[name] = show_moment(str(params[name]))
    key = error.word
    if key in ("wrong_kind", "other_receiver", "unknown_sender", "cannot_open", "no_keys"):
        key = f"{key}_{side}"
    return BundleRefused(f"bundle.{key}", **params)


def clock_differs(made: str, now: str, minutes: int = 5) -> bool:
    """Whether a file was made later than now: one of the two clocks is wrong."""
    return from_wire(made) > from_wire(now) + timedelta(minutes=minutes)


def _check_replaceable(path: Path) -> None:
    from sync.bundle import MAGIC

    try:
        with path.open("rb") as stream:
            start = stream.read(len(MAGIC))
    except FileNotFoundError:
        return
    except OSError as error:
        raise BadFile("bundle.cannot_write_laptop", file=str(path), reason=why(error)) from error
    if start and start != MAGIC:
        raise BadFile("bundle.not_overwritten", file=str(path))
