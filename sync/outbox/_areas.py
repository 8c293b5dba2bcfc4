"""The areas this laptop holds, and how far it has read each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sync import digests
from sync.outbox._tables import LOCAL, SENDABLE, SHARED, WAITING, RecordStore
from sync.protocol import Row


def rest_due(c: Any) -> set[str]:
    """Areas whose old rows are still to be loaded: usable, but no digest fits yet."""
    return {area for (area,) in c.execute("SELECT area FROM cursor WHERE rest_due")}


def set_rest_due(c: Any, area: str, due: bool) -> None:
    """Note that an area's old rows are still to be loaded, or have come."""
    c.execute("UPDATE cursor SET rest_due = ? WHERE area = ?", (int(due), area))


def cursors(c: Any) -> dict[str, tuple[str, int]]:
    """area -> (gen, seq) of every area this laptop shares with the server."""
    found = c.execute(f"SELECT area, gen, seq FROM cursor WHERE {SHARED} ORDER BY area")
    return {area: (gen, seq) for area, gen, seq in found}


def standing(c: Any) -> dict[str, tuple[str, int]]:
    """area -> (gen, seq) of every area that ever met the server, also one it does not know now."""
    found = c.execute("SELECT area, gen, seq FROM cursor WHERE mode <> ?", (LOCAL,))
    return {area: (gen, seq) for area, gen, seq in found}


def set_cursor(c: Any, area: str, gen: str, seq: int, now: str) -> None:
    """Move an area's cursor, in the transaction that wrote the rows up to it."""
    c.execute("UPDATE cursor SET gen = ?, seq = ?, refreshed_at = ? WHERE area = ?", (gen, seq, now, area))


def read_again(c: Any, row: Row) -> None:
    """Let the next pull of its area bring a row once more that the server has."""
    if row.seq:
        c.execute("UPDATE cursor SET seq = min(seq, ?) WHERE area = ?", (row.seq - 1, row.area))


def marks(c: Any, store: RecordStore, area: str) -> Iterator[tuple[str, str, int]]:
    """(type, id, seq) of an area's live rows as the server knows them: what still waits does not count."""
    return digests.all_marks(c, store, area)


def hold_area(c: Any, area: str, commune: str, mode: str, now: str | None = None) -> None:
    """Begin to hold an area (or note its new mode): the cursor starts at 0. ``now``: wire moment at which the
    server said that this laptop may use it."""
    c.execute(
        "INSERT INTO cursor (area, commune, mode, refreshed_at, digest) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (area) DO UPDATE SET mode = excluded.mode,"
        " refreshed_at = coalesce(excluded.refreshed_at, refreshed_at)",
        (area, commune, mode, now, digests.EMPTY),
    )


def held_areas(c: Any) -> dict[str, str]:
    """area -> mode of every area this laptop shares with the server."""
    return dict(c.execute(f"SELECT area, mode FROM cursor WHERE {SHARED}").fetchall())


def is_here(c: Any, area: str) -> bool:
    """Whether rows of an area may be on this laptop: shared, kept apart, or known to no server yet."""
    return c.execute("SELECT 1 FROM cursor WHERE area = ?", (area,)).fetchone() is not None


def release_area(c: Any, store: RecordStore, area: str) -> bool:
    """Let an area go once each of its ops has an answer, and each that moves a record into it. Returns False, and does
    nothing, while one waits."""
    if c.execute(f"SELECT 1 FROM outbox WHERE area = ? AND {WAITING} LIMIT 1", (area,)).fetchone():
        return False
    # One out of a unit that is being read anew cannot go out before that is done, and no pull that names this area is
    # answered: neither would ever end.
    moves = f"""SELECT 1 FROM outbox WHERE "set" ->> '$.area[1]' = ? AND {SENDABLE} LIMIT 1"""
    if c.execute(moves, (area,)).fetchone():
        return False
    store.forget_area(c, area)
    # also beneath ops that wait in another unit, to which a record was moved
    c.execute("DELETE FROM base WHERE row ->> '$.area' = ?", (area,))
    c.execute("DELETE FROM cursor WHERE area = ?", (area,))
    return True
