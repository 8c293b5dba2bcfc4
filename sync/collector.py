"""Python's search for garbage looks neither through the rows of a lot nor, during a sync, through the whole program.

Nothing of a lot refers to itself, so there is nothing to find; measured, the search took a tenth of a pull, and one
look through a started program 50 ms.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def resting() -> Iterator[None]:
    """No search in any thread meanwhile: for a lot of rows, never while waiting for the link."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


_aside = _tidied = False
"""Whether the program is set aside, and tidied up before. Python itself counts all of it, one by one, to say so: 1 ms
of a started app."""


def set_aside() -> None:
    """Never look again through what is there now: modules live as long as the program."""
    global _aside, _tidied
    if not _tidied:
        _aside = _tidied = True
        gc.collect()
        gc.freeze()


def only_new() -> None:
    """The same without the look at what is garbage already, which a sync has no time for.

    It stays so: taking the program back after each sync would move all garbage among what is old, which is hardly ever
    looked through; a program that kept syncing grew by 26 KB each time.
    """
    global _aside
    if not _aside:
        _aside = True
        gc.freeze()
