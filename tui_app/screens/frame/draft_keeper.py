"""Keeps what is being typed, in order: writes run in threads, and only the newest state is ever written."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

S = TypeVar("S")


class DraftKeeper(Generic[S]):
    """Hands states to ``write``, which puts one on disk. A state that came later is never overwritten by an earlier.

    `put` notes a state and answers the job to run in a thread. `close` is called by a save, in its own thread:
    it waits for a write that is under way and lets none follow, so that a saved form leaves no draft behind.
    """

    def __init__(self, write: Callable[[S], None]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._newest = 0
        self._written = 0
        self._closed = False
        self._state: S | None = None

    def put(self, state: S) -> Callable[[], None]:
        """Note ``state`` as the newest; the answer writes it unless a newer one came meanwhile."""
        self._newest += 1
        self._state = state
        number = self._newest

        def job() -> None:
            with self._lock:
                if number == self._newest and number > self._written and not self._closed:
                    self._write(state)
                    self._written = number

        return job

    def flush(self) -> None:
        """Write the newest state if it is not on disk yet. Blocks: call it in a thread, or when locking."""
        with self._lock:
            if self._state is not None and self._written < self._newest and not self._closed:
                self._write(self._state)
                self._written = self._newest

    def close(self) -> None:
        """Let nothing be written any more."""
        with self._lock:
            self._closed = True

    def reopen(self) -> None:
        """Go on after a save that was refused; what was put since is written by the next `put` or `flush`."""
        with self._lock:
            self._closed = False
