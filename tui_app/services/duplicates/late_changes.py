"""Merged records that say more than they said when they were merged: by whom it may have been typed meanwhile.

A decision keeps what the merged record said (``carried``). Where it says something else now, or was joined to the
record shown only over others, a person has to look at the two again; nothing of it is lost or taken over by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sync.record import same
from tui_app.records import BY_NAME
from tui_app.records.base import own_columns
from tui_app.records.identity import MergeVerdict
from tui_app.services.access import gate
from tui_app.services.duplicates.comparing import entries_of, standing_decisions
from tui_app.store import merged
from tui_app.store.rows import table

_PLACES = frozenset({"household", "head", "walk_order", "given_name"})
"""Fields that say where a record stood rather than anything of whom it is about."""


def changed_since(c: Any, subject: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """(hidden record, the one shown, fields) where the hidden one says something that neither the record shown says
    nor anybody saw when they were merged, or where it was put into another unit (``area``) since."""
    pairs = c.execute(
        f'SELECT m.id, m.kept FROM merged_into AS m JOIN "{subject}" AS t ON t.id = m.id'
        f" WHERE t.deleted = {merged.HIDDEN} ORDER BY m.id"
    ).fetchall()
    if not pairs:
        return []
    rows = table(subject).said(c, [ident for pair in pairs for ident in pair])
    seen = _seen(c, subject)
    shut = gate.closed(c)
    found = []
    for hidden, shown in pairs:
        if hidden not in rows or shown not in rows or rows[shown].area in shut:
            continue
        body, kept = rows[hidden].body, rows[shown].body
        fields = tuple(
            field
            for field in own_columns(BY_NAME[subject])
            if field not in _PLACES
            and body.get(field) is not None
            and not same(body.get(field), kept.get(field))
            and not any(same(body.get(field), one.get(field)) for one in seen.get(hidden, ()))
        )
        if rows[hidden].area != rows[shown].area:
            fields = (*fields, "area")
        if fields:
            found.append((hidden, shown, fields))
    return found


def _seen(c: Any, subject: str) -> dict[str, list[Mapping[str, Any]]]:
    """Merged record -> what it said each time somebody merged it."""
    stand = {one.id for one in standing_decisions(c, subject) if one.verdict == MergeVerdict.SAME}
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in table(merged.DECISION).read(c, stand).values():
        for one in entries_of(row, "carried", "type", "id", "was"):
            if one["type"] == subject and one["id"] == row.body["merged"] and isinstance(one["was"], dict):
                found[str(one["id"])].append(one["was"])
    return found
