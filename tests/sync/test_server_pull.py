"""Pulls, and the promises they rest on: counter order, digests, cut streams, no row missed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sync.framing import CutBody, read_lines
from sync.protocol import AreaMark, Cursor, Op, Row, row_hash, to_wire
from sync.server.admin import init
from sync.server.area import AreaPush
from sync.server.intake import Arrived
from tests.sync.meeting import REGISTRY, Laptop, Meeting

UNIT, OTHER_UNIT = "27211/01", "27211/02"
AN = "01930000-0000-7000-9000-0000000000aa"


async def fill(laptop: Laptop, count: int, place: str = UNIT) -> None:
    """Push ``count`` small persons."""
    ops = [
        laptop.op(place, f"p{place[-1]}-{i:05d}", {"birth_year": (None, 1900 + i % 100)})
        for i in range(count)
    ]
    for start in range(0, count, 2000):
        answer = await laptop.push(*ops[start : start + 2000])
        assert {r.result for r in answer.results} == {"applied"}


def digest(rows: list[Row]) -> str:
    live = [row for row in rows if not row.deleted and row.gone is None]
    return str(sum(row_hash(row.type, row.id, row.seq) for row in live) % 2**64)


async def test_rows_come_in_counter_order_with_a_cursor_every_500_and_the_digest_at_the_end(
    meeting: Meeting,
) -> None:
    one = await meeting.laptop(UNIT)
    await fill(one, 1200)
    answer = await one.pull()
    area = meeting.areas[UNIT]
    assert [row.seq for row in answer.rows] == list(range(1, 1202))
    cursors = [line for line in answer.lines if isinstance(line, Cursor)]
    gen = one.scope.areas[0].gen
    assert cursors == [Cursor(area=area, gen=gen, seq=seq) for seq in (500, 1000, 1201)]
    places = [answer.lines.index(cursor) for cursor in cursors]
    assert places == [501, 1002, 1204]  # after the header and the rows before it
    assert answer.trailer.count == 1201
    assert not answer.trailer.more
    assert answer.trailer.areas == [AreaMark(area=area, gen=gen, seq=1201, digest=digest(answer.rows))]


async def test_from_its_cursor_a_laptop_gets_only_what_is_new(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT)
    await fill(one, 5)
    area, gen = meeting.areas[UNIT], one.scope.areas[0].gen
    nothing = await two.pull({area: (gen, 6)})
    assert nothing.rows == []
    assert [line for line in nothing.lines if isinstance(line, Cursor)] == []
    assert nothing.trailer.areas[0].seq == 6
    await one.push(one.op(UNIT, "p1-00002", {"birth_year": (1902, 1903)}, base_seq=4))
    (row,) = (await two.pull({area: (gen, 6)})).rows
    assert (row.id, row.seq, row.body) == ("p1-00002", 7, {"birth_year": 1903})


async def test_the_limit_ends_an_answer_and_the_next_goes_on_from_the_cursor(meeting: Meeting) -> None:
    chief = await meeting.laptop("27211", role="chief")
    await fill(chief, 700)
    await fill(chief, 700, OTHER_UNIT)
    cursors = {area.area: ("", 0) for area in chief.scope.areas}
    rows: list[Row] = []
    for _ in range(10):
        answer = await chief.pull(cursors, limit=600)
        assert len(answer.rows) <= 600
        rows += answer.rows
        cursors |= {line.area: (line.gen, line.seq) for line in answer.lines if isinstance(line, Cursor)}
        if not answer.trailer.more:
            break
    assert len(rows) == 1402
    assert len({row.id for row in rows}) == 1402


async def test_a_deleted_row_is_sent_as_deleted_and_leaves_the_digest(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    await fill(one, 3)
    deletion = {"deleted": (False, True), "deleted_reason": (None, "entered twice")}
    await one.push(one.op(UNIT, "p1-00001", deletion, base_seq=3))
    answer = await one.pull()
    (gone,) = [row for row in answer.rows if row.deleted]
    assert (gone.id, gone.body["deleted_reason"]) == ("p1-00001", "entered twice")
    assert answer.trailer.areas[0].digest == digest(answer.rows)
    await one.push(one.op(UNIT, "p1-00001", {"deleted": (True, False)}, base_seq=5))
    answer = await one.pull()
    assert not any(row.deleted for row in answer.rows)
    assert answer.trailer.areas[0].digest == digest(answer.rows)


async def test_a_cut_stream_gives_whole_lines_up_to_the_cut_and_no_success(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    await fill(one, 1200)
    body = b'{"cursors":{"%s":["",0]}}' % meeting.areas[UNIT].encode()
    headers = one.headers | {"Content-Encoding": "identity"}
    async with meeting.http.stream("POST", "/v1/pull", content=body, headers=headers) as response:
        packed = b"".join([chunk async for chunk in response.aiter_raw()])
    lines: list[bytes] = []

    def read(part: bytes) -> None:
        for line in read_lines([part]):
            lines.append(line)

    with pytest.raises(CutBody):
        read(packed[: len(packed) * 2 // 3])
    assert sum(line.startswith(b'{"line":"cursor"') for line in lines) >= 1


async def test_another_history_is_410_and_names_the_area(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    area, gen = meeting.areas[UNIT], one.scope.areas[0].gen
    for cursor in (("another", 1), (gen, 99), ("", 1)):
        refused = await one.pull({area: cursor})
        assert (refused.status, refused.problem) == (410, "generation-changed")
        assert refused.response.json()["area"] == area


async def test_a_broken_pull_request_is_400(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    plain = {"Content-Encoding": "identity"}
    for body in (b"", b"{}", b'{"cursors":{"a":[1]}}', b'{"cursors":{"a":["g","1"]}}', b"\xff"):
        refused = await one.post("/v1/pull", body, **plain)
        assert (refused.status, refused.problem) == (400, "bad-body")


async def test_a_polling_reader_beside_eight_writers_misses_no_row(meeting: Meeting) -> None:
    """Writers in threads on one database, each its own pushes; the reader moves its cursor as a laptop would."""
    area = meeting.areas[UNIT]
    database = meeting.database
    writers, pushes, each = 8, 12, 5
    seen: list[tuple[str, int]] = []
    running = True

    def write(writer: int) -> None:
        for push in range(pushes):
            ops = [
                Op(
                    id=f"op{writer}-{push}-{i}",
                    device=f"d{writer}",
                    n=push * each + i,
                    commune="27211",
                    area=area,
                    type="person",
                    record=f"r{writer}-{push}-{i}",
                    at=to_wire(meeting.clock()),
                    who="lan",
                    set={"note": (None, "x")},
                )
                for i in range(each)
            ]
            with database.write() as tx:
                work = AreaPush(tx, REGISTRY, "27211", area, to_wire(meeting.clock()), b"k")
                work.take([Arrived(place, op, op.at) for place, op in enumerate(ops)])

    def poll() -> None:
        cursor, last = 0, False
        while True:
            with database.read() as tx:
                rows = tx.all(
                    "SELECT id, seq FROM record WHERE commune = '27211' AND area = :area AND seq > :cursor"
                    " ORDER BY seq LIMIT 7",
                    area=area,
                    cursor=cursor,
                )
            seen.extend(rows)
            cursor = rows[-1][1] if rows else cursor
            if last and not rows:
                return
            last = not running

    reader = asyncio.create_task(asyncio.to_thread(poll))
    await asyncio.gather(*(asyncio.to_thread(write, writer) for writer in range(writers)))
    running = False
    await reader
    made = {f"r{w}-{p}-{i}" for w in range(writers) for p in range(pushes) for i in range(each)}
    assert {ident for ident, _ in seen} == made | {area}
    assert [seq for _, seq in seen] == list(range(1, len(made) + 2))


def test_sqlite_reads_pages_and_looks_up_ops_by_the_index_that_was_made_for_it(tmp_path: Path) -> None:
    database = init(tmp_path / "server")
    plans = {}
    with database.read() as tx:
        for name, statement in {
            "page": "SELECT id FROM record WHERE commune = :c AND area = :a AND seq > 1 ORDER BY seq LIMIT 500",
            "records": "SELECT r.seq FROM each(:k) AS k CROSS JOIN record AS r WHERE r.commune = :c AND r.area = :a"
            " AND r.type = k.value->>0 AND r.id = k.value->>1",
            "forks": "SELECT o.id FROM each(:k) AS k CROSS JOIN op AS o WHERE o.commune = :c"
            " AND o.device = k.value->>0 AND o.n = CAST(k.value->>1 AS BIGINT)",
        }.items():
            plan = tx.all("EXPLAIN QUERY PLAN " + statement, c="27211", a="a1", k="[]")
            plans[name] = str(plan[-1][3])
    database.close()
    assert "record_seq (area=? AND seq>?)" in plans["page"]
    assert "(commune=? AND area=? AND type=? AND id=?)" in plans["records"]
    assert "op_device (device=? AND n=?)" in plans["forks"]
