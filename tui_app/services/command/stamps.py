"""A stamp of what a record says, the same on every laptop and before and after a sync: another one means that it was
changed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

_encode = msgspec.json.Encoder(order="deterministic").encode
_REFERENCES = frozenset({"person", "household", "case"})
"""Which records are meant: what is shown of them changes when two are merged, and what was done does not."""


def stamp(said: Mapping[str, Any], doubts: Iterable[str] = ()) -> str:
    """The stamp of a record's fields. ``doubts``: its questions that wait for a decision."""
    fields = {name: value for name, value in said.items() if name not in _REFERENCES and value is not None}
    return hashlib.blake2b(_encode([fields, sorted(doubts)]), digest_size=12).hexdigest()


def doubts(c: Any, records: Iterable[str], until: str) -> dict[str, list[str]]:
    """record -> ids of its conflicts that wait for a decision and of which a value was given before a wire moment."""
    found: dict[str, list[str]] = defaultdict(list)
    for ident, record, values in c.execute(_OPEN, (msgspec.json.encode(list(records)).decode(),)):
        if any(str(one.get("at", "")) < until for one in msgspec.json.decode(values or "[]")):
            found[record].append(ident)
    return found


_OPEN = """
SELECT id, record, "values" FROM conflict
WHERE state = 'open' AND NOT deleted AND record IN (SELECT value FROM json_each(?))
"""
