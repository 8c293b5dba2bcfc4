"""What the server refused, kept for the operator: who asked, on which route, for which area - never a body,
a token or a record.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import uuid_utils

from sync.server.database import Database, Transaction

KEPT = 20_000  # of a commune; older ones go
_TRIM_EVERY = 256
_STRANGER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal, as the operator reads it. ``at``: wire moment; ``device``: empty for a stranger; ``area``: as it
    was asked for.
    """

    at: str
    device: str
    route: str
    kind: str
    commune: str
    area: str


def latest(database: Database, limit: int = 100) -> list[Refusal]:
    """The last refusals, the newest first."""
    with database.read() as tx:
        found = tx.all(
            "SELECT at, device, route, kind, commune, area FROM refusal ORDER BY at DESC, id DESC LIMIT :limit",
            limit=limit,
        )
    return [Refusal(*row) for row in found]


class Refusals:
    """Writes refusals into table `refusal`, each in a short transaction of its own.

    Strangers (no valid token) get at most one line a second, so that knocking costs the disk nothing; the
    log names every one of them.
    """

    def __init__(self, database: Database, ticks: Callable[[], float] = time.monotonic) -> None:
        self._database, self._ticks = database, ticks
        self._lock = threading.Lock()
        self._stranger_at = float("-inf")
        self._written = 0

    def note(self, at: str, device: str, route: str, kind: str, *, commune: str = "", area: str = "") -> None:
        """Keep one. ``at``: wire moment; ``area``: as asked, whether it exists or not."""
        with self._lock:
            if not device:
                moment = self._ticks()
                if moment - self._stranger_at < _STRANGER_SECONDS:
                    return
                self._stranger_at = moment
            self._written += 1
            trim = self._written % _TRIM_EVERY == 0
        with self._database.write() as tx:
            tx.run(
                "INSERT INTO refusal (commune, id, at, device, route, kind, area)"
                " VALUES (:commune, :id, :at, :device, :route, :kind, :area)",
                commune=commune,
                id=str(uuid_utils.uuid7()),
                at=at,
                device=device,
                route=route[:100],
                kind=kind[:40],
                area=area[:64].replace("\0", ""),
            )
            if trim:
                _trim(tx, commune)


def _trim(tx: Transaction, commune: str) -> None:
    last = tx.one(
        "SELECT at FROM refusal WHERE commune = :commune ORDER BY at DESC LIMIT 1 OFFSET :kept",
        commune=commune,
        kept=KEPT,
    )
    if last is not None:
        tx.run("DELETE FROM refusal WHERE commune = :commune AND at <= :at", commune=commune, at=last[0])
