"""Trying again: only what another try can help, with growing waits that a person can end.

`stamina` counts the tries and says how long the next wait is; the waiting itself happens here, so that it can be
stopped, is bounded over the whole sync, and takes no time in tests.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sync.client.outcome import Cancelled, NoLink, Progress, Refused

Answer = TypeVar("Answer")

TRIES = 4
TRIES_UNREACHED = 3  # nobody has answered on this link yet: waiting longer rarely helps
LONGEST = 20.0  # seconds of waiting in one sync
_SLICE = 0.1  # seconds between two looks whether a person wants to stop
_FIRST, _JITTER = 0.4, 0.4


class Patience:
    """How often one sync tries again, and how long it waits for that altogether.

    ``tries``: of one request, else ``TRIES``; ``longest``: seconds of waiting in the whole sync; ``pause``: sleeps.
    """

    def __init__(
        self,
        *,
        tries: int | None = None,
        longest: float = LONGEST,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._tries, self._longest, self._pause = tries or TRIES, longest, pause
        self.waited = 0.0
        self.retries = 0

    def try_again(
        self,
        work: Callable[[], Answer],
        cancelled: Callable[[], bool],
        progress: Callable[[Progress], None],
    ) -> Answer:
        """Do ``work``, again when the link broke or the server asked for time. Raises what it raised last."""
        try:
            return work()
        except (NoLink, Refused) as error:
            if self._tries == 1:
                raise
            first: list[Exception] = [error]
        import stamina  # 70 ms, paid only by a sync that met trouble
        from stamina.instrumentation import set_on_retry_hooks

        set_on_retry_hooks([])  # by default it logs to stderr, which belongs to the screen
        number, growing = 1, 0.0

        def again(error: Exception) -> bool | float:
            wait = self._wait_after(error, number, growing)
            if wait is None:
                return False
            self.retries += 1
            self._sleep(wait, cancelled, progress)
            return 0.0  # the waiting is done

        for attempt in stamina.retry_context(
            on=again, attempts=self._tries, timeout=None, wait_initial=_FIRST, wait_max=self._longest
        ):
            number, growing = attempt.num, attempt.next_wait
            with attempt:
                if first:
                    raise first.pop()
                return work()
        raise AssertionError("the last try raises")

    def _wait_after(self, error: Exception, number: int, growing: float) -> float | None:
        """Seconds until the next try is worth it; None when it is not."""
        wait = growing
        if isinstance(error, NoLink):
            if number >= (self._tries if error.reached else min(self._tries, TRIES_UNREACHED)):
                return None
        elif isinstance(error, Refused) and error.busy:
            if number >= self._tries:
                return None
            wait = max(growing, error.retry_after or 0.0)
        else:
            return None
        wait += random.uniform(0, _JITTER)
        return wait if self.waited + wait <= self._longest else None

    def _sleep(
        self, seconds: float, cancelled: Callable[[], bool], progress: Callable[[Progress], None]
    ) -> None:
        progress(Progress("wait", 0, max(1, round(seconds))))
        self.waited += seconds
        while seconds > 0:
            if cancelled():
                raise Cancelled
            self._pause(min(seconds, _SLICE))
            seconds -= _SLICE
        if cancelled():
            raise Cancelled
