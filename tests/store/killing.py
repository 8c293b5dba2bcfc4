"""Kill a piece of work at every moment at which it touches the disk, and look at what is left each time."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TOUCHES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "open", "sqlite3.connect"}


def killed_at_every_touch(
    fresh: Callable[[int], Any], work: Callable[[Any], object]
) -> Iterator[tuple[int, Any]]:
    """Yield ``(moment, subject)`` for each moment a kill -9 hit ``work``, until it gets through.

    ``fresh(moment)`` makes the subject of one run. ``work`` runs in a forked process killed just before
    its n-th touch of a file.
    """
    for moment in range(1, 1000):
        subject = fresh(moment)
        child = os.fork()
        if child == 0:
            _die_at(moment)
            try:
                work(subject)
            finally:
                os._exit(0 if sys.exc_info()[0] is None else 3)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
            return
        assert os.WTERMSIG(status) == signal.SIGKILL
        yield moment, subject
    raise AssertionError("the work never ended")


def die() -> None:
    """What a flat battery does."""
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at(moment: int) -> None:
    from tui_app.store import cipher

    count = 0

    def touch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event not in TOUCHES or (event == "open" and not _writes(arguments)):
            return
        count += 1
        if count == moment:
            die()

    rekey = cipher.rekey

    def counted_rekey(*arguments: Any) -> None:
        touch("os.rename", ())
        rekey(*arguments)
        touch("os.rename", ())

    cipher.rekey = counted_rekey
    sys.addaudithook(touch)


def _writes(arguments: tuple[Any, ...]) -> bool:
    path, _, flags = arguments
    return isinstance(path, str | Path) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
