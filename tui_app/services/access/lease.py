"""The lease of a unit: two weeks after the server last answered for it, its people are locked on this laptop.

Nothing is deleted: what was typed stays and is sent, and the next sync or bundle opens everything again. A workspace
that never met a server has no lease. The clock that counts is the latest this laptop has seen, so that setting it
back opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING, Any

from sync import outbox
from sync.protocol import LEASE_DAYS
from tui_app.clock import from_wire, is_rehearsal, to_wire
from tui_app.i18n import t
from tui_app.services.station import facts

if TYPE_CHECKING:
    from tui_app.store.engine import Store

WARN_DAYS = 3
NOTE_EVERY = timedelta(hours=1)
"""How far time must have gone on before the latest moment is written down again."""
CLOCK_SLACK = timedelta(minutes=10)


class LeaseState(StrEnum):
    """Where a unit's lease stands. ``ending``: three days or less are left."""

    FINE = "fine"
    ENDING = "ending"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Lease:
    """One unit's lease. ``days_left``: whole days begun, 0 once it ended; ``refreshed_at``: wire moment of the last
    answer."""

    area: str
    name: str
    state: LeaseState
    days_left: int
    refreshed_at: str

    def words(self) -> str:
        """For people: which unit, how long, what to do."""
        key = {LeaseState.FINE: "fine", LeaseState.ENDING: "ending", LeaseState.ENDED: "locked"}[self.state]
        return t(f"gate.lease_{key}", unit=self.name, days=self.days_left)


def leases(c: Any) -> list[Lease]:
    """The lease of every unit that this laptop shares with a server, by the unit's name and id."""
    now, length = moment(c), timedelta(days=facts.get(c, facts.LEASE_DAYS, LEASE_DAYS))
    found = c.execute(
        "SELECT cursor.area, coalesce(a.unit_name, cursor.area), refreshed_at FROM cursor"
        " LEFT JOIN area AS a ON a.id = cursor.area WHERE mode <> ? AND refreshed_at IS NOT NULL ORDER BY 2, 1",
        (outbox.LOCAL,),
    ).fetchall()
    return [_lease(area, name, at, now, length) for area, name, at in found]


def ended(c: Any) -> frozenset[str]:
    """The units whose people are locked now."""
    return frozenset(lease.area for lease in leases(c) if lease.state is LeaseState.ENDED)


def moment(c: Any) -> datetime:
    """Now, or the latest moment this laptop has seen when its clock stands before it."""
    now = _now(c)
    seen = facts.get(c, facts.LATEST_SEEN)
    return max(now, from_wire(seen)) if seen else now


def clock_set_back(c: Any) -> bool:
    """Whether the laptop's clock stands before a moment it has already seen."""
    return moment(c) - _now(c) > CLOCK_SLACK


def note_time(store: Store) -> None:
    """Remember how late it is, so that a clock set back later is noticed. A rehearsal leaves no trace."""
    if is_rehearsal():
        return
    now = store.clock()
    with store.read() as c:
        seen = facts.get(c, facts.LATEST_SEEN)
    if seen is None or now - from_wire(seen) >= NOTE_EVERY:
        with store.write() as c:
            facts.put(c, facts.LATEST_SEEN, to_wire(now))


def answered(c: Any, lease_days: int, now: str = "") -> None:
    """Keep how long leases are, and that the server was met at ``now`` (wire moment; empty for now).

    The latest moment seen begins anew with it, so that a clock that once stood too far ahead locks nobody out for
    ever. The units' own moments stand with their cursors (`sync.outbox.hold_area`).
    """
    facts.put(c, facts.LEASE_DAYS, lease_days)
    facts.put(c, facts.LATEST_SEEN, now or to_wire(_now(c)))


def _now(c: Any) -> datetime:
    return from_wire(c.execute("SELECT gonha_now()").fetchone()[0])


def _lease(area: str, name: str, refreshed_at: str, now: datetime, length: timedelta) -> Lease:
    left = from_wire(refreshed_at) + length - now
    if left <= timedelta():
        return Lease(area, name, LeaseState.ENDED, 0, refreshed_at)
    days = ceil(left / timedelta(days=1))
    state = LeaseState.ENDING if days <= WARN_DAYS else LeaseState.FINE
    return Lease(area, name, state, days, refreshed_at)
