"""Who changed a record, when, and what came of it: the ops the server keeps, newest first."""

from __future__ import annotations

from typing import Any

import msgspec

from sync.protocol import HistoryEntry
from sync.server.database import Transaction, as_json
from sync.server.problems import Refused
from sync.server.scope import Caller

MOST = 1000
_changes = msgspec.json.Decoder(dict[str, tuple[Any, Any]])


def history(tx: Transaction, who: Caller, type_name: str, record: str, now: str) -> list[HistoryEntry]:
    """The ops on a record, at most `MOST`. Raises Refused 404 for a record that is not there and for one
    whose area this laptop may not read: the same words.

    Ops made while it lived in other areas of the laptop's communes belong to it; ops that were held or
    rejected are told only when they name the area it lives in.
    """
    mine = [grant for grant in who.areas.values() if grant.may_read(now)]
    areas: dict[str, list[str]] = {}
    for grant in mine:
        areas.setdefault(grant.commune, []).append(grant.area)
    home = None
    for commune in sorted(areas):
        home = home or tx.one(
            "SELECT r.commune, r.area FROM each(:areas) AS k CROSS JOIN record AS r"
            " WHERE r.commune = :commune AND r.area = k.value->>0 AND r.type = :type AND r.id = :id"
            " AND (r.gone IS NULL OR r.gone <> 'moved')",
            areas=as_json([[area] for area in areas[commune]]),
            commune=commune,
            type=type_name,
            id=record,
        )
    if home is None:
        raise Refused(404, "not-in-scope", "no such record for this device")
    found: list[tuple[Any, ...]] = []
    for commune in sorted(areas):
        found += tx.all(
            "SELECT id, at, corrected, received, who, device, changes, result, reason, seq, n, receipt FROM op"
            " WHERE commune = :commune AND record = :id AND type = :type"
            " AND (result NOT IN ('held', 'rejected') OR (commune = :home AND area = :area))"
            " ORDER BY received DESC, seq DESC, n DESC LIMIT :most",
            commune=commune,
            id=record,
            type=type_name,
            home=home[0],
            area=home[1],
            most=MOST,
        )
    found.sort(key=lambda op: (op[3], int(op[9]), int(op[10])), reverse=True)
    return [_entry(op) for op in found[:MOST]]


def _entry(op: tuple[Any, ...]) -> HistoryEntry:
    ident, at, corrected, received, who, device, changes, result, reason, seq, _n, receipt = op
    try:
        changed = _changes.decode(changes)
    except msgspec.DecodeError:  # a rejected op that could not be read is kept as the line it came in
        changed = {}
    return HistoryEntry(
        op=ident,
        at=at,
        corrected=corrected,
        received=received,
        who=who,
        device=device,
        set=changed,
        result=result,
        reason=reason,
        seq=int(seq),
        receipt=receipt,
    )
