"""The digest of each area this laptop holds, kept beside its cursor.

Adding up the rows of a ward takes about a second, too long for a sync that brings nothing. So the sum is adjusted in
the transaction that changes what the server is known to have, and counted anew only where it is not known (NULL),
does not fit, or was not counted for a day: a sum that is only adjusted would not notice a row that a broken disk lost.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from typing import Any, Protocol

import msgspec

from sync.protocol import Row

DDL = (
    "ALTER TABLE cursor ADD COLUMN digest TEXT",
    "ALTER TABLE cursor ADD COLUMN counted_at TEXT",
    "ALTER TABLE cursor ADD COLUMN rest_due INTEGER NOT NULL DEFAULT 0",  # see sync.client.first_load
)
EMPTY = "0"

Key = tuple[str, str]  # type, id
Mark = tuple[str, int]  # area, counter
_MOD = 1 << 64
_row = msgspec.json.Decoder(Row)
_to_json = msgspec.json.Encoder().encode


class Marks(Protocol):
    """What digests need of the place where the laptop keeps its records."""

    def lives(self, c: Any, type_name: str, ids: Iterable[str]) -> dict[str, Mark]: ...
    def marks(self, c: Any, area: str) -> Iterator[tuple[str, str, int]]: ...


def digest(marks: Iterator[tuple[str, str, int]]) -> str:
    """The digest of an area's live rows, as the server writes it."""
    total = 0
    while part := list(islice(marks, 10_000)):
        total += hash_sum(part)
    return str(total % _MOD)


def hash_sum(marks: Iterable[tuple[str, str, int]]) -> int:
    """The sum of `protocol.row_hash` over (type, id, seq), many at once: 0.5 µs each instead of 0.8."""
    fresh = blake2b(digest_size=8).copy
    hashes = []
    for type_name, ident, seq in marks:
        one = fresh()
        one.update(f"{type_name}|{ident}|{seq}".encode())
        hashes.append(one.digest())
    return sum(struct.unpack(f">{len(hashes)}Q", b"".join(hashes)))


def all_marks(c: Any, store: Marks, area: str) -> Iterator[tuple[str, str, int]]:
    """(type, id, seq) of an area's live rows as the server knows them: what still waits does not count."""
    bases = [_row.decode(row) for (row,) in c.execute("SELECT row FROM base")]
    changed = {(row.type, row.id) for row in bases}
    for mark in store.marks(c, area):
        if not changed or mark[:2] not in changed:
            yield mark
    for row in bases:
        if row.area == area and _lives(row):
            yield row.type, row.id, row.seq


def marks_of(c: Any, store: Marks, keys: Iterable[Key]) -> dict[Key, Mark]:
    """The same for some records: those that live at the server, with their area and counter."""
    by_type: dict[str, list[str]] = defaultdict(list)
    for type_name, ident in keys:
        by_type[type_name].append(ident)
    found: dict[Key, Mark] = {}
    beneath = any_base(c)
    for type_name, ids in by_type.items():
        found |= {(type_name, ident): mark for ident, mark in store.lives(c, type_name, ids).items()}
        if not beneath:
            continue
        bases = c.execute(
            "SELECT row FROM base WHERE type = ? AND id IN (SELECT value FROM json_each(?))",
            (type_name, _to_json(ids).decode()),
        )
        for row in [_row.decode(text) for (text,) in bases.fetchall()]:
            found.pop((type_name, row.id), None)
            if _lives(row):
                found[type_name, row.id] = row.area, row.seq
    return found


def after(c: Any, store: Marks, rows: Iterable[Row]) -> dict[Key, Mark]:
    """The same once ``rows`` of the server were written."""
    rows = list(rows)
    found: dict[Key, Mark] = {(row.type, row.id): (row.area, row.seq) for row in rows if _lives(row)}
    if len(found) == len(rows):  # each lives and comes once: the usual case
        return found
    found = {}
    moved: set[Key] = set()
    for row in rows:
        key = (row.type, row.id)
        found.pop(key, None)
        if row.gone:
            moved.add(key)
        elif _lives(row):
            found[key] = row.area, row.seq
    if moved:  # its row elsewhere may have come before or after
        found = {key: mark for key, mark in found.items() if key not in moved} | marks_of(c, store, moved)
    return found


def adjust(c: Any, before: Mapping[Key, Mark], now: Mapping[Key, Mark]) -> None:
    """Note that what the server is known to have changed."""
    changed: dict[str, int] = defaultdict(int)
    for marks, other, sign in ((before, now, -1), (now, before, 1)):
        if other:
            marks = {key: mark for key, mark in marks.items() if other.get(key) != mark}
        for area in {area for area, _ in marks.values()}:
            here = ((*key, seq) for key, (of, seq) in marks.items() if of == area)
            changed[area] += sign * hash_sum(here)
    for area, by in changed.items():
        found = c.execute("SELECT digest FROM cursor WHERE area = ?", (area,)).fetchone()
        if found is not None and found[0] is not None:
            put(c, area, str((int(found[0]) + by) % _MOD))


def any_base(c: Any) -> bool:
    """Whether any record has a row of the server beneath what waits."""
    return c.execute("SELECT 1 FROM base LIMIT 1").fetchone() is not None


def put(c: Any, area: str, value: str | None) -> None:
    """Note an area's digest; None: it has to be counted."""
    c.execute("UPDATE cursor SET digest = ? WHERE area = ?", (value, area))


def of(c: Any, store: Marks, area: str) -> str:
    """An area's digest, as kept or else counted."""
    found = c.execute("SELECT digest FROM cursor WHERE area = ?", (area,)).fetchone()
    return found[0] if found is not None and found[0] is not None else counted(c, store, area)


def fits(c: Any, area: str, announced: str) -> bool:
    """Whether the digest that is kept is the announced one."""
    found = c.execute("SELECT digest FROM cursor WHERE area = ?", (area,)).fetchone()
    return found is not None and found[0] == announced


def count_stale(c: Any, store: Marks, areas: Iterable[str], now: str, before: str) -> None:
    """Count those areas anew that were not counted since the wire moment ``before``."""
    last = dict(c.execute("SELECT area, counted_at FROM cursor").fetchall())
    for area in areas:
        if last[area] is not None and last[area] < before:
            put(c, area, counted(c, store, area))
        if last[area] is None or last[area] < before:
            c.execute("UPDATE cursor SET counted_at = ? WHERE area = ?", (now, area))


def counted(c: Any, store: Marks, area: str) -> str:
    """An area's digest, counted from its rows."""
    return digest(all_marks(c, store, area))


def recount(c: Any, store: Marks) -> list[str]:
    """Count all areas and keep what was counted. Returns the areas whose kept digest had been another one."""
    wrong = []
    for area, kept in c.execute("SELECT area, digest FROM cursor").fetchall():
        found = counted(c, store, area)
        put(c, area, found)
        if kept is not None and kept != found:
            wrong.append(area)
    return wrong


def _lives(row: Row) -> bool:
    return row.seq > 0 and not (row.deleted or row.gone)
