"""The numbers of the status line: whose laptop this is, what waits, and when it last met the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tui_app.services.access import lease
from tui_app.services.access.lease import LeaseState
from tui_app.services.exchange import journals
from tui_app.services.station import drafts, facts


@dataclass(frozen=True, slots=True)
class Status:
    """A moment's counts.

    ``unsent``: saves of work without an answer (notes of access are counted in Đồng bộ only); ``stopped``: ops
    held or rejected, which a person has not settled; ``drafts``: forms typed and not saved; ``settled_conflicts``:
    fields merged by themselves whose other value is listed; ``last_sync``: wire moment and outcome of the last
    exchange, None before the first; ``locked_units``: whose lease ended; ``locks_in``: days until the next one ends,
    when it is soon; ``clock_back``: the laptop's clock stands before its last use; ``alerts``: danger signs nobody
    has answered.
    """

    commune_name: str
    units: tuple[str, ...]
    has_server: bool
    unsent: int
    stopped: int
    drafts: int
    open_conflicts: int
    settled_conflicts: int
    last_sync: tuple[str, str] | None
    locked_units: int = 0
    locks_in: int | None = None
    clock_back: bool = False
    alerts: int = 0

    @property
    def place(self) -> str:
        """The commune, and the unit when this laptop has only one of another name."""
        if len(self.units) == 1 and self.units[0] != self.commune_name:
            return f"{self.commune_name} · {self.units[0]}" if self.commune_name else self.units[0]
        return self.commune_name


def status(c: Any) -> Status:
    """Count everything the status line shows. Indexed counts only: a few milliseconds on a full laptop."""
    places = c.execute(
        "SELECT DISTINCT a.commune_name, a.unit_name FROM area AS a JOIN cursor ON cursor.area = a.id"
        " WHERE NOT a.deleted AND (a.valid_to IS NULL OR a.valid_to >= date(gonha_now(), '+7 hours'))"
        " ORDER BY a.commune_name, a.unit_code, a.unit_name"
    ).fetchall()
    met = dict(c.execute("SELECT state, count(*) FROM conflict WHERE NOT deleted GROUP BY state").fetchall())
    last = c.execute("SELECT started_at, outcome FROM sync_session ORDER BY id DESC LIMIT 1").fetchone()
    held = lease.leases(c)
    soon = [one.days_left for one in held if one.state is LeaseState.ENDING]
    communes = dict.fromkeys(commune for commune, _ in places if commune)
    return Status(
        commune_name=", ".join(communes),
        units=tuple(unit for _, unit in places if unit),
        has_server=facts.get(c, facts.SERVER) is not None,
        unsent=journals.waiting(c)[0],
        stopped=sum(journals.stopped(c).values()),
        drafts=drafts.count(c),
        open_conflicts=met.get("open", 0),
        settled_conflicts=met.get("settled", 0),
        last_sync=(last[0], last[1]) if last else None,
        locked_units=sum(one.state is LeaseState.ENDED for one in held),
        locks_in=min(soon, default=None),
        clock_back=lease.clock_set_back(c),
        alerts=c.execute("SELECT count(*) FROM alert WHERE state = 'open' AND NOT deleted").fetchone()[0],
    )
