"""What came of a sync: its figures, how far it is, and the ways it can stop."""

from __future__ import annotations

from dataclasses import dataclass


class SyncError(Exception):
    """A sync stopped; everything answered before stays. ``summary``: what had happened until then."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.summary = Summary()


class NoLink(SyncError):
    """The server was not reached, or the link was cut."""


class NotOurServer(SyncError):
    """Something answered that is not a Gõ Nhà server: a login page of a network, a proxy, another program."""


class Refused(SyncError):
    """The server answered and refused. ``status``: HTTP; ``problem``: its word for why (``bad-code`` …)."""

    def __init__(self, status: int, problem: str, detail: str = "") -> None:
        super().__init__(detail or problem)
        self.status = status
        self.problem = problem


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
    """What one sync did. ``pending``: ops still without an answer; ``mismatched``: areas whose digest differs even
    after a second look."""

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
    clock_offset: float = 0.0
    bytes_up: int = 0
    bytes_down: int = 0
    refreshed: bool = False


@dataclass(frozen=True)
class Progress:
    """Where a running sync is: ``step`` scope, push, pull or check; ``done`` of ``total`` (0 when it is not known)."""

    step: str
    done: int = 0
    total: int = 0
