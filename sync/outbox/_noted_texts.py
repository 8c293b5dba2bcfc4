"""Which fields lost their words by an erasure that this laptop has heard of, and which of its ops were made before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from sync.digests import Key
from sync.outbox._tables import to_json
from sync.protocol import Unsent
from sync.texts import ALL

ERASED_TEXTS_DDL = (
    # n: of the last op that was made here before this laptop heard of it
    """CREATE TABLE erased_text (type TEXT NOT NULL, id TEXT NOT NULL, field TEXT NOT NULL, erasure TEXT NOT NULL,
    n INTEGER NOT NULL, PRIMARY KEY (type, id, field, erasure)) WITHOUT ROWID""",
)
IN_FORCE = (
    "NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.record = e.erasure AND o.state IN ('held', 'rejected'))"
)
_set = msgspec.json.Decoder(dict[str, tuple[Any, Any]])


class Noted(NamedTuple):
    """That a field lost its words. ``erasure``: "" when the server said so; ``n``: of the last op from before."""

    field: str
    erasure: str
    n: int


def noted_texts(c: Any, keys: Iterable[Key]) -> Mapping[Key, list[Noted]]:
    """What was taken out of these records (type, id)."""
    if c.execute("SELECT 1 FROM erased_text LIMIT 1").fetchone() is None:
        return {}
    found: dict[Key, list[Noted]] = defaultdict(list)
    rows = c.execute(
        "SELECT e.type, e.id, e.field, e.erasure, e.n FROM json_each(?) AS j CROSS JOIN erased_text AS e"
        f" ON e.type = j.value ->> 0 AND e.id = j.value ->> 1 WHERE {IN_FORCE}",
        (to_json(sorted(set(keys))).decode(),),
    )
    for type_name, ident, field, erasure, n in rows:
        found[type_name, ident].append(Noted(field, erasure, n))
    return found


def without_late(c: Any, ops: list[Unsent]) -> list[Unsent]:
    """Ops as they are shown: without what was said of a field before its words were erased. They go out as they are."""
    noted = noted_texts(c, {(op.type, op.record) for op in ops}) if ops else {}
    return [_rest(op, noted.get((op.type, op.record), [])) for op in ops] if noted else ops


def _rest(op: Unsent, noted: list[Noted]) -> Unsent:
    late = {one.field for one in noted if op.n <= one.n}
    if not late:
        return op
    rest = {} if ALL in late else {f: v for f, v in _set.decode(op.set).items() if f not in late}
    return msgspec.structs.replace(op, set=msgspec.Raw(to_json(rest)))


def with_knowledge(c: Any, ops: list[Unsent]) -> list[Unsent]:
    """Ops as they go out: each tells which erasures its author had heard of."""
    noted = noted_texts(c, {(op.type, op.record) for op in ops}) if ops else {}
    for op in ops if noted else ():
        known = {one.erasure for one in noted.get((op.type, op.record), ()) if one.erasure and op.n > one.n}
        op.knows = tuple(sorted(known))
    return ops
