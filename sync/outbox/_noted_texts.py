"""Which fields lost their words by an erasure that this laptop has heard of, and which of its ops were made before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from sync.digests import Key
from sync.outbox._tables import Change, RecordStore, row_decoder, to_json
from sync.protocol import FINAL, Result, Unsent
from sync.record import same
from sync.texts import ALL

ERASED_TEXTS_DDL = (
    """CREATE TABLE erased_text (type TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, erasure TEXT NOT NULL,
    told INTEGER NOT NULL, PRIMARY KEY (type, id, field, erasure)) WITHOUT ROWID""",  # told: by the server itself
    "ALTER TABLE outbox ADD COLUMN knows TEXT",  # `sync.protocol.Op.knows`; NULL for none
)
IN_FORCE = (
    "NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.record = e.erasure AND o.state IN ('held', 'rejected'))"
)
TEXT_IN_FORCE = f"(e.told OR {IN_FORCE})"  # what the server tells of was taken, whatever its own answer was
_set = msgspec.json.Decoder(dict[str, tuple[Any, Any]])


class Noted(NamedTuple):
    """That a field lost its words by an erasure."""

    field: str
    erasure: str


def noted_texts(c: Any, keys: Iterable[Key]) -> Mapping[Key, list[Noted]]:
    """What was taken out of these records (type, id)."""
    if c.execute("SELECT 1 FROM erased_text LIMIT 1").fetchone() is None:
        return {}
    found: dict[Key, list[Noted]] = defaultdict(list)
    rows = c.execute(
        "SELECT e.type, e.id, e.field, e.erasure FROM json_each(?) AS j CROSS JOIN erased_text AS e"
        f" ON e.type = j.value ->> 0 AND e.id = j.value ->> 1 WHERE {TEXT_IN_FORCE}",
        (to_json(sorted(set(keys))).decode(),),
    )
    for type_name, ident, field, erasure in rows:
        found[type_name, ident].append(Noted(field, erasure))
    return found


def late_fields(noted: Iterable[Noted], knows: Collection[str]) -> set[str]:
    """The fields whose words an op has no part in that knows of these erasures only."""
    return {one.field for one in noted if one.erasure not in knows}


def without_late(c: Any, ops: list[Unsent]) -> list[Unsent]:
    """Ops as they are shown: without what was said of a field before its words were erased. They go out as they are."""
    noted = noted_texts(c, {(op.type, op.record) for op in ops}) if ops else {}
    return [_rest(op, noted.get((op.type, op.record), [])) for op in ops] if noted else ops


def as_answered(c: Any, store: RecordStore, pairs: Collection[tuple[Unsent, Result]]) -> list[Unsent]:
    """The same as `without_late` for ops that were answered now. What was said of a field that had lost its words
    already, by somebody who saw that without having heard why, is no longer late once the server took it."""
    noted = noted_texts(c, {(op.type, op.record) for op, _ in pairs})
    if not noted:
        return [op for op, _ in pairs]
    mine = _made_here(c, {one.erasure for several in noted.values() for one in several})
    seen: dict[Key, dict[str, Any]] = {}
    shown = []
    for op, result in pairs:
        key = op.type, op.record
        late = late_fields(noted.get(key, ()), op.knows)
        if late:
            before = {one.field for one in noted[key] if mine.get(one.erasure, 0) > op.n}
            lost = before | {field for field, _ in result.erased}
            values = seen[key] if key in seen else seen.setdefault(key, _beneath(c, store, key))
            changes = _set.decode(op.set)
            fit = {name for name, (was, _) in changes.items() if same(values.get(name), was)}
            kept = set() if result.result not in FINAL or ALL in late else (late & fit) - lost
            rest = {} if ALL in late else {f: v for f, v in changes.items() if f not in late - kept}
            values |= {name: new for name, (_, new) in rest.items()}
            op = msgspec.structs.replace(op, set=msgspec.Raw(to_json(rest)))
        shown.append(op)
    return shown


def _made_here(c: Any, erasures: Collection[str]) -> dict[str, int]:
    """Erasure -> the number of the op that made it, of those that this laptop made."""
    found = c.execute(
        "SELECT record, min(n) FROM outbox WHERE record IN (SELECT value FROM json_each(?)) GROUP BY record",
        (to_json(sorted(erasures)).decode(),),
    )
    return dict(found.fetchall())


def _beneath(c: Any, store: RecordStore, key: Key) -> dict[str, Any]:
    """What a record says beneath what waits."""
    found = c.execute("SELECT row FROM base WHERE type = ? AND id = ?", key).fetchone()
    row = row_decoder.decode(found[0]) if found else store.read(c, key[0], [key[1]]).get(key[1])
    return {} if row is None else {**row.body, "deleted": row.deleted}


def _rest(op: Unsent, noted: list[Noted]) -> Unsent:
    late = late_fields(noted, op.knows)
    if not late:
        return op
    rest = {} if ALL in late else {f: v for f, v in _set.decode(op.set).items() if f not in late}
    return msgspec.structs.replace(op, set=msgspec.Raw(to_json(rest)))


def known_to(c: Any, changes: Collection[Change]) -> Mapping[Key, str]:
    """What the author of ops that are made now has heard of, as the outbox keeps it."""
    noted = noted_texts(c, {(change.type, change.record) for change in changes}) if changes else {}
    return {key: to_json(sorted({one.erasure for one in several})).decode() for key, several in noted.items()}
