"""Rows out: in counter order from the laptop's cursors, page by page, passed through as the text they are
kept in.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from sync.protocol import AreaMark, Cursor, Header, Line, PullRequest, Trailer
from sync.server.database import Database, Transaction
from sync.server.problems import Refused, not_in_scope
from sync.server.scope import Caller

PAGE = 500
MAX_ROWS = 50_000
_encoder = msgspec.json.Encoder()


class RowOut(Line, kw_only=True, tag="row"):
    """`Row` with its body as text."""

    type: str
    id: str
    commune: str
    area: str
    seq: int
    deleted: bool = False
    gone: str | None = None
    body: msgspec.Raw
    at: str = ""
    who: str = ""
    device: str = ""


def check_cursors(tx: Transaction, caller: Caller, request: PullRequest, now: str) -> None:
    """Refuse a pull before its first byte. Raises Refused 404 and 410."""
    for area, (gen, seq) in request.cursors.items():
        grant = caller.areas.get(area)
        if grant is None or not grant.may_read(now):
            raise not_in_scope(area)
        head = head_of(tx, grant.commune, area)
        if head is None:
            raise not_in_scope(area)
        if (gen and gen != head[1]) or seq > head[0] or (seq and not gen):
            raise Refused(410, "generation-changed", "this server has another history", area=area)


def pieces(
    database: Database,
    caller: Caller,
    request: PullRequest,
    header: Header,
    notes: dict[str, Any] | None = None,
) -> Iterator[bytes]:
    """The answer as pieces of whole lines, one a page; each page is a short transaction of its own.

    A row that moves up between two pages is met again further on, so nothing is missed. ``notes``: gets
    ``rows``, how many have been read so far.
    """
    yield _encoder.encode(header) + b"\n"
    left = max(1, min(request.limit, MAX_ROWS))
    count, more = 0, False
    marks: list[AreaMark] = []
    for area in sorted(request.cursors):
        gen, seq = request.cursors[area]
        commune = caller.areas[area].commune
        done = False
        while not done:
            if left <= 0:
                more = True
                break
            wanted = min(PAGE, left)
            with database.read() as tx:
                head = head_of(tx, commune, area)
                rows = rows_after(tx, commune, area, seq, wanted)
            if head is None or (gen and head[1] != gen):
                return  # restored while we were reading: without a trailer the laptop asks again
            done = len(rows) < wanted
            reached = head[0] if done else rows[-1].seq
            if rows or reached != seq or not gen:
                gen, seq = head[1], reached
                yield _encoder.encode_lines([*rows, Cursor(area=area, gen=gen, seq=seq)])
            count += len(rows)
            left -= len(rows)
            if notes is not None:
                notes["rows"] = count
            if done:
                marks.append(AreaMark(area=area, gen=head[1], seq=head[0], digest=head[2]))
    yield _encoder.encode(Trailer(count=count, more=more, areas=marks)) + b"\n"


def head_of(tx: Transaction, commune: str, area: str) -> tuple[int, str, str] | None:
    """Counter, history and digest of an area, None without such an area."""
    found = tx.one(
        "SELECT seq, gen, digest FROM area_head WHERE commune = :commune AND area = :area",
        commune=commune,
        area=area,
    )
    return (int(found[0]), found[1], found[2]) if found else None


def rows_after(
    tx: Transaction, commune: str, area: str, seq: int, limit: int, only: str = "", **values: str | int
) -> list[RowOut]:
    """The next rows of an area above a counter. ``only``: a further condition, with its ``values``."""
    condition = f" AND {only}" if only else ""
    found = tx.all(
        "SELECT type, id, seq, deleted, gone, body, at, who, device FROM record"
        f" WHERE commune = :commune AND area = :area AND seq > :seq{condition} ORDER BY seq LIMIT :limit",
        commune=commune,
        area=area,
        seq=seq,
        limit=limit,
        **values,
    )
    return [
        RowOut(
            type=type_name,
            id=ident,
            commune=commune,
            area=area,
            seq=row_seq,
            deleted=bool(deleted),
            gone=gone,
            body=msgspec.Raw(body),
            at=at,
            who=who,
            device=device,
        )
        for type_name, ident, row_seq, deleted, gone, body, at, who, device in found
    ]
