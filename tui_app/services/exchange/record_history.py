"""Who changed a record, when, and the receipt of each change: as the server keeps it, and what is still here.

This laptop keeps answered changes for thirty days, and only its own; the server keeps everybody's for good. What
the fields held is not told, only which they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sync.record import same
from tui_app.bootstrap import Workspace
from tui_app.errors import NotFound
from tui_app.records import BY_NAME
from tui_app.services.access import gate
from tui_app.services.exchange.link import link_of
from tui_app.services.exchange.receipts import said_result
from tui_app.services.station import facts
from tui_app.store.rows import table

if TYPE_CHECKING:
    from sync.client import Link
    from sync.protocol import HistoryEntry

Asked = Literal["asked", "no_server", "no_link", "not_there", "refused"]
UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Told:
    """One change. ``at``: when it was made; ``answered``: when it met the server, "" while it waits; ``result``: one of
    `receipts.RESULTS` or ``unsent``; ``fields``: the names of what changed; ``new``: whether it made the record."""

    op: str
    at: str
    answered: str
    who: str
    fields: tuple[str, ...]
    new: bool
    result: str
    receipt: str


@dataclass(frozen=True, slots=True)
class RecordHistory:
    """A record's changes, newest first. ``asked``: whether the server told its part, or why it did not."""

    type: str
    record: str
    changes: tuple[Told, ...]
    asked: Asked


def record_history(workspace: Workspace, record: str, *, link: Link | None = None) -> RecordHistory:
    """Ask the server for the changes of a record of this laptop; without a link what is here is told.

    Raises NotFound, NotOpened.
    """
    with workspace.store.read() as c:
        kind = _kind(c, record)
        here = _here(c, kind, record)
        server = facts.get(c, facts.SERVER)
        meeting = link or (link_of(c, workspace.clock) if server is not None else None)
    if meeting is None:
        return RecordHistory(kind, record, _ordered(here), "no_server")
    try:
        asked, entries = _ask(meeting, kind, record)
    finally:
        if link is None:
            meeting.close()
    there = [_told(entry) for entry in entries]
    known = {one.op for one in there}
    return RecordHistory(
        kind, record, _ordered([*there, *(one for one in here if one.op not in known)]), asked
    )


def _kind(c: Any, record: str) -> str:
    for kind in BY_NAME:
        row = table(kind).read(c, [record]).get(record)
        if row is not None:
            gate.check(c, row.area, kind, record)
            return kind
    raise NotFound("errors.record_not_found", kind=record)


def _ask(link: Link, kind: str, record: str) -> tuple[Asked, list[HistoryEntry]]:
    from sync.client import NoLink, NotOurServer, NotTrusted, Refused

    try:
        return "asked", link.record_history(kind, record)
    except (NoLink, NotOurServer, NotTrusted):
        return "no_link", []
    except Refused as refused:
        return "not_there" if refused.status == 404 else "refused", []


def _here(c: Any, kind: str, record: str) -> list[Told]:
    found = c.execute(
        'SELECT id, at, who, base_seq, "set", state, result, receipt, answered_at FROM outbox'
        " WHERE record = ? AND type = ? AND settled IS NULL ORDER BY n DESC",
        (record, kind),
    )
    return [
        Told(
            op["id"],
            op["at"],
            op["answered_at"] or "",
            op["who"],
            *_changed(msgspec.json.decode(op["set"]), op["base_seq"]),
            UNSENT if op["state"] in ("new", "sent") else said_result(op["state"], op["result"]),
            op["receipt"] or "",
        )
        for op in found
    ]


def _told(entry: HistoryEntry) -> Told:
    state = entry.result if entry.result in ("held", "rejected") else "acked"
    return Told(
        entry.op,
        entry.at,
        entry.received,
        entry.who,
        *_changed(entry.set, 0),
        said_result(state, entry.result),
        entry.receipt,
    )


def _changed(changes: dict[str, Any], base_seq: int) -> tuple[tuple[str, ...], bool]:
    """The names of the fields that changed, and whether that made the record."""
    fields = tuple(sorted(name for name, pair in changes.items() if not same(*pair)))
    return fields, base_seq == 0 and bool(changes) and all(was is None for was, _ in changes.values())


def _ordered(changes: list[Told]) -> tuple[Told, ...]:
    return tuple(sorted(changes, key=lambda one: (one.answered == "", one.answered, one.at), reverse=True))
