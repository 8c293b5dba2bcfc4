"""Wrong passwords: how many, and how long to wait before the next try. Pure: the clock is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

FREE_TRIES = 3  # people mistype; only the fourth one waits
LONGEST_WAIT = 300  # seconds


@dataclass(frozen=True)
class Tries:
    """Failures in a row of one user, and when the last one was."""

    failures: int = 0
    last_at: datetime | None = None

    def failed(self, now: datetime) -> Tries:
        """One more wrong password."""
        return Tries(self.failures + 1, now)


def delay(failures: int) -> int:
    """Seconds to wait after that many wrong passwords: 0, 0, 0, 2, 4, 8 … 300.

    >>> [delay(n) for n in (1, 3, 4, 5, 6, 11, 12, 500)]
    [0, 0, 2, 4, 8, 256, 300, 300]
    """
    if failures <= FREE_TRIES:
        return 0
    return min(LONGEST_WAIT, 2 ** min(failures - FREE_TRIES, 20))


def wait_left(tries: Tries, now: datetime) -> tuple[int, Tries]:
    """Whole seconds until the next try is allowed, and the tries to keep from now on.

    A clock set back gives no early try and no endless wait: the delay starts anew from the time it shows now.
    """
    seconds = delay(tries.failures)
    if tries.last_at is None or seconds == 0:
        return 0, tries
    if now < tries.last_at:
        return seconds, Tries(tries.failures, now)
    left = tries.last_at + timedelta(seconds=seconds) - now
    return max(0, ceil(left.total_seconds())), tries
