"""Meeting the server: one sync with an honest record of what happened, and what still waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from sync import outbox
from tui_app.bootstrap import Workspace
from tui_app.clock import to_wire
from tui_app.records import JOURNALS
from tui_app.services.access import lease
from tui_app.services.access.lease import Lease
from tui_app.services.exchange import bundle_keys, journals
from tui_app.services.exchange.journals import Apart
from tui_app.services.exchange.link import identity, in_words, link_of
from tui_app.services.station import facts
from tui_app.store.filelock import file_lock

if TYPE_CHECKING:
    from sync.client import Link, Patience, Progress, Summary


@dataclass(frozen=True)
class Session:
    """One sync as it went. ``outcome``: done, waiting (something needs a person), no_link, refused or stopped;
    ``figures``: the numbers of its summary."""

    at: str
    outcome: str
    figures: dict[str, Any]


@dataclass(frozen=True)
class SyncState:
    """Everything Đồng bộ shows. ``waiting_by_type``: saves of work; ``waiting_notes``: of the journal of access."""

    server: str | None
    waiting_by_type: dict[str, int]
    waiting_notes: int
    counts: dict[str, int]
    sessions: list[Session]
    open_conflicts: int
    leases: list[Lease]


@dataclass(frozen=True)
class Synced:
    """A sync that came to its end: the client's summary and how long it took, in seconds."""

    summary: Summary
    seconds: float
    open_conflicts: int

    @property
    def waits_for_person(self) -> bool:
        """Whether something is left that a person has to look at."""
        return bool(
            self.open_conflicts or self.summary.held or self.summary.rejected or self.summary.mismatched
        )


def sync_now(
    workspace: Workspace,
    progress: Callable[[Progress], None] = lambda p: None,
    cancelled: Callable[[], bool] = lambda: False,
    *,
    link: Link | None = None,
    patience: Patience | None = None,
) -> Synced:
    """One sync, one at a time on this laptop. What happened is recorded whatever its end.

    ``patience``: how often and how long it tries again when the link breaks.

    Raises NoLink, SyncRefused, VaultBusy (another sync runs); answered ops and received rows are kept in each case.
    """
    from sync.client import NoLink, OneSync, Refused, SyncError

    store = workspace.store
    with file_lock(workspace.places.sync_lock, 1.0, "link.already_running"):
        with store.read() as c:
            meeting = link or link_of(c, workspace.clock)
        apart = Apart(store)
        began, clock = to_wire(workspace.clock()), time.monotonic()
        try:
            summary = OneSync(
                meeting,
                store,
                apart.rows,
                progress=progress,
                cancelled=cancelled,
                identity=identity(),
                patience=patience,
            ).run()
            bundle_keys.tell(store, meeting)
        except SyncError as error:
            error.summary = apart.without(error.summary)
            outcome = (
                "no_link"
                if isinstance(error, NoLink)
                else "refused"
                if isinstance(error, Refused)
                else "stopped"
            )
            record_session(workspace, began, outcome, error.summary)
            raise in_words(error) from error
        finally:
            if link is None:
                meeting.close()
        summary = apart.without(summary)
        with store.write() as c:
            _prune(c, workspace.clock())
            waiting = open_conflicts(c)
        synced = Synced(summary, time.monotonic() - clock, waiting)
        record_session(workspace, began, "waiting" if synced.waits_for_person else "done", summary)
        return synced


def _prune(c: Any, now: datetime) -> None:
    """Let old answered ops go, once a day: looking through all of them takes longer than a sync without news."""
    if facts.get(c, facts.PRUNED, "") < to_wire(now - timedelta(days=1)):
        outbox.prune(c, to_wire(now - timedelta(days=outbox.KEEP_DAYS)))
        facts.put(c, facts.PRUNED, to_wire(now))


def sync_state(c: Any) -> SyncState:
    """What waits, what happened lately, and what needs a person."""
    sessions = c.execute("SELECT started_at, outcome, summary FROM sync_session ORDER BY id DESC LIMIT 30")
    kinds = outbox.waiting_by_type(c)
    return SyncState(
        server=facts.get(c, facts.SERVER),
        waiting_by_type={kind: count for kind, count in kinds.items() if kind not in JOURNALS},
        waiting_notes=sum(count for kind, count in kinds.items() if kind in JOURNALS),
        counts=outbox.counts(c) | journals.stopped(c),
        sessions=[Session(at, outcome, msgspec.json.decode(figures)) for at, outcome, figures in sessions],
        open_conflicts=open_conflicts(c),
        leases=lease.leases(c),
    )


def open_conflicts(c: Any) -> int:
    """How many fields wait for a person's choice."""
    return int(c.execute("SELECT count(*) FROM conflict WHERE state = 'open' AND NOT deleted").fetchone()[0])


def record_session(workspace: Workspace, began: str, outcome: str, summary: Summary) -> None:
    """Note a sync that ended, whatever its way."""
    figures = {name: value for name, value in asdict(summary).items() if name != "areas"}
    with workspace.store.write() as c:
        c.execute(
            "INSERT INTO sync_session (started_at, outcome, summary) VALUES (?, ?, ?)",
            (began, outcome, msgspec.json.encode(figures).decode()),
        )
        c.execute("DELETE FROM sync_session WHERE id <= (SELECT max(id) FROM sync_session) - 500")
