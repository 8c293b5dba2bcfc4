"""How much one laptop, one address and everybody together may ask of a server.

The defaults are far above what honest teams do - twenty laptops behind one address, each sending batch after
batch - and low enough that a broken or hostile client leaves room for the others.
"""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MAX_KEYS = 20_000  # laptops and addresses remembered; the ones not seen for longest go first
NAME_LONGEST = 60.0  # seconds: whoever guesses at a name must not keep its owner out
GLOBAL_FREE, GLOBAL_DECAY, GLOBAL_LONGEST = 100, 10.0, 30.0  # failed tries, seconds to forget one, seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates are requests a second after a burst of ``…_burst``; a laptop has its own, everybody without a
    known token shares that of the address. ``max_requests``: under way at once, ``max_each`` of one laptop or
    address. ``free_tries``: wrong codes of an address before it has to wait, at most ``longest_wait`` seconds.
    ``body_seconds``: to begin with and between two pieces of a body, which must come at ``body_rate`` bytes a
    second on the whole. ``head_seconds``: for the head of a request; ``stall_seconds``: for a laptop that
    takes nothing of its answer; ``max_connections``: open at once.
    """

    device_rate: float = 20.0
    device_burst: int = 400
    address_rate: float = 10.0
    address_burst: int = 300
    max_requests: int = 128
    max_each: int = 32
    free_tries: int = 30
    longest_wait: float = 900.0
    body_seconds: float = 30.0
    body_rate: float = 512.0
    head_seconds: float = 15.0
    stall_seconds: float = 60.0
    max_connections: int = 800


class Buckets:
    """A token bucket a key. ``rate``: tokens a second, up to ``burst``."""

    def __init__(self, rate: float, burst: int, ticks: Callable[[], float]) -> None:
        self._rate, self._burst, self._ticks = rate, burst, ticks
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> float:
        """0 when one more is allowed now, otherwise the seconds until it is."""
        now = self._ticks()
        left, at = self._left.pop(key, (float(self._burst), now))
        left = min(self._burst, left + (now - at) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._left[key] = (left if wait else left - 1, now)
        if len(self._left) > MAX_KEYS:
            self._left.popitem(last=False)
        return wait


class Tries:
    """Tries of a secret by who tries: an address, or of the pages' passwords the name that is tried. Each counts as
    failed until it turns out well, so that many at once gain nothing. ``longest``: seconds to wait at
    most, ``longest_wait`` when not given; ``together``: everybody waits when too many fail altogether, for codes are
    short."""

    def __init__(
        self,
        limits: Limits,
        ticks: Callable[[], float],
        *,
        longest: float | None = None,
        together: bool = True,
    ) -> None:
        self._limits, self._ticks, self._together = limits, ticks, together
        self._longest = limits.longest_wait if longest is None else longest
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._everywhere, self._last = 0.0, ticks()

    def begin(self, who: str) -> float:
        """0 when a try may go on (it is counted), otherwise the seconds until one may."""
        now = self._ticks()
        wait = max(self._wait(who, now), self._wait_for_all(now) if self._together else 0.0)
        if wait <= 0:
            count, _ = self._failed.pop(who, (0, now))
            self._failed[who] = (count + 1, now)
            self._everywhere += 1
            self._last = now
            if len(self._failed) > MAX_KEYS:
                self._failed.popitem(last=False)
        return max(wait, 0.0)

    def good(self, who: str) -> None:
        """The secret was right: they start afresh."""
        count, _ = self._failed.pop(who, (0, 0.0))
        self._everywhere = max(0.0, self._everywhere - count)

    def void(self, who: str) -> None:
        """The try said nothing about a secret: the server was busy, or the link was cut."""
        count, at = self._failed.pop(who, (0, 0.0))
        if count > 1:
            self._failed[who] = (count - 1, at)
        self._everywhere = max(0.0, self._everywhere - (count > 0))

    def _wait(self, who: str, now: float) -> float:
        count, at = self._failed.get(who, (0, now))
        if now - at > self._limits.longest_wait:
            self._failed.pop(who, None)
            return 0.0
        over = count - self._limits.free_tries
        return at + min(2.0 ** min(over, 30), self._longest) - now if over >= 0 else 0.0

    def _wait_for_all(self, now: float) -> float:
        self._everywhere = max(0.0, self._everywhere - (now - self._last) / GLOBAL_DECAY)
        over = self._everywhere - GLOBAL_FREE
        wait = self._last + min(2.0 ** min(over / 10, 10), GLOBAL_LONGEST) - now if over >= 0 else 0.0
        if wait <= 0:
            self._last = now
        return wait


class Gate:
    """Decides about one request at a time, for `Guard`. ``enrols``, ``sign_ins``: tries by address; ``names``: tries of
    the pages' passwords by name, however many addresses they come from. ``ticks``: seconds, only ever forward."""

    def __init__(self, limits: Limits, ticks: Callable[[], float]) -> None:
        self.limits = limits
        self._devices = Buckets(limits.device_rate, limits.device_burst, ticks)
        self._addresses = Buckets(limits.address_rate, limits.address_burst, ticks)
        self.enrols = Tries(limits, ticks)
        self.sign_ins = Tries(limits, ticks, together=False)
        self.names = Tries(limits, ticks, longest=NAME_LONGEST, together=False)
        self._under_way: dict[str, int] = {}
        self._known: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()

    def enter(self, key: str) -> tuple[str, float]:
        """Why a request must wait, and how many seconds; ("", 0) lets it in, and `leave` has to follow."""
        with self._lock:
            buckets = self._devices if key.startswith("device ") else self._addresses
            wait = buckets.take(key)
            if wait:
                return "too-fast", wait
            if self._under_way.get(key, 0) >= self.limits.max_each:
                return "too-many", 1.0
            self._under_way[key] = self._under_way.get(key, 0) + 1
            return "", 0.0

    def leave(self, key: str) -> None:
        """A request that was let in has ended."""
        with self._lock:
            left = self._under_way[key] - 1
            if left:
                self._under_way[key] = left
            else:
                del self._under_way[key]

    def learn(self, token: bytes, device: str) -> None:
        """A token was good: from now on its laptop has a bucket of its own. ``token``: its hash."""
        with self._lock:
            self._known.pop(token, None)
            self._known[token] = device
            if len(self._known) > MAX_KEYS:
                self._known.popitem(last=False)

    def key_of(self, token: bytes, address: str) -> str:
        """Whose bucket pays."""
        device = self._known.get(token)
        return f"device {device}" if device else f"address {address}"


def network_of(address: str) -> str:
    """What counts as one address: IPv4 as it is, of IPv6 the half that a subscriber gets."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(read, ipaddress.IPv6Address):
        if read.ipv4_mapped:
            return str(read.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(read) >> 64 << 64, 64)))
    return str(read)


def retry_after(seconds: float) -> int:
    """Whole seconds for a header, at least one."""
    return max(1, math.ceil(seconds))
