"""What came of a sync: its figures, how far it is, and the ways it can stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class SyncError(Exception):
    """A sync stopped; everything answered before stays. ``summary``: what had happened until then."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.summary = Summary()


class NoLink(SyncError):
    """The server was not reached, or the link was cut. ``reached``: whether anything had answered on this link;
    ``slow``: it was a time-out."""

    def __init__(self, detail: str = "", *, reached: bool = False, slow: bool = False) -> None:
        super().__init__(detail)
        self.reached, self.slow = reached, slow


class NotOurServer(SyncError):
    """Something answered that is not a Gõ Nhà server: a login page of a network, a proxy, another program."""


class NotTrusted(NotOurServer):
    """The server could not prove who it is: its certificate is unknown, expired or of another name."""


class Refused(SyncError):
    """The server answered and refused. ``status``: HTTP; ``problem``: its word for why (``bad-code`` …);
    ``area``: the one it is about; ``retry_after``: seconds it asks to wait, None when it names none."""

    def __init__(
        self,
        status: int,
        problem: str,
        detail: str = "",
        *,
        area: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(detail or problem)
        self.status, self.problem, self.area, self.retry_after = status, problem, area, retry_after

    @property
    def busy(self) -> bool:
        """Whether the server only asks for a little time."""
        return self.status in (429, 503)


class Cancelled(SyncError):
    """A person stopped it."""


@dataclass(frozen=True)
class AreaState:
    """Where an area stands after a sync."""

    area: str
    seq: int
    digest: str


@dataclass(frozen=True)
class Summary:
    """What one sync did.

    ``pending``: ops still without an answer; ``mismatched``: areas whose digest differs even after a second look,
    ``repaired``: those fetched once more. ``retries``: requests made again. ``clock_offset``: seconds this laptop's
    clock is behind the server's, and what the server thinks of it in ``clock``. ``healed``: areas whose server had
    been restored from a backup, ``resent`` and ``offered``: what this laptop gave back to it. ``forked``: this
    laptop got an identity of its own, because its disk had been copied.
    """

    pushed: int = 0
    applied: int = 0
    merged: int = 0
    conflicts: int = 0
    held: int = 0
    rejected: int = 0
    pulled: int = 0
    pending: int = 0
    areas: tuple[AreaState, ...] = ()
    mismatched: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    clock_offset: float = 0.0
    clock: Literal["ok", "warn", "wrong"] = "ok"
    bytes_up: int = 0
    bytes_down: int = 0
    refreshed: bool = False
    retries: int = 0
    healed: tuple[str, ...] = ()
    resent: int = 0
    offered: int = 0
    forked: bool = False


@dataclass(frozen=True)
class Progress:
    """Where a running sync is; ``done`` of ``total`` (0 when it is not known).

    ``step``: scope, push, pull or check; ``first`` and ``rest`` while an area is loaded for the first time (in
    kilobytes), ``usable`` once its people and today's work are here; ``wait`` before another try (in seconds);
    ``heal`` while a restored server gets back what it lost.
    """

    step: str
    done: int = 0
    total: int = 0
