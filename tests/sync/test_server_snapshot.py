"""First loads as files: what is in them, that they resume by the byte, and that nothing falls between them."""

from __future__ import annotations

import os
import random
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from sync.framing import CutBody, read_lines
from sync.protocol import AreaMark, Cursor, Header, PullLine, Row, Trailer, to_wire
from sync.server import pull as pulling
from sync.server import reads, snapshot
from sync.server.admin import open_database
from sync.server.sqlite import SqliteDatabase
from tests.sync.meeting import REGISTRY, Laptop, Meeting, names

UNIT, OTHER_UNIT, FAR = "27211/01", "27211/02", "27300/01"


async def ask(
    laptop: Laptop, place: str, part: str = "first", query: str = "", **headers: str
) -> httpx.Response:
    """The answer with its bytes as they were on the wire."""
    url = f"/v1/snapshot/{laptop.meeting.areas.get(place, place)}?part={part}{query}"
    given = {k: v for k, v in laptop.headers.items() if k != "Content-Encoding"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    async with laptop.meeting.http.stream("GET", url, headers=given) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    answer._content = raw
    return answer


def lines(raw: bytes, encoding: str = "zstd") -> list[Any]:
    return [msgspec.json.decode(line, type=PullLine) for line in read_lines([raw], encoding, 1 << 30)]


def rows(raw: bytes) -> dict[str, Row]:
    return {line.id: line for line in lines(raw) if isinstance(line, Row)}


async def fill(laptop: Laptop, count: int, place: str = UNIT) -> None:
    ops = [laptop.op(place, f"p{i:05d}", {"birth_year": (None, 1900 + i % 100)}) for i in range(count)]
    for start in range(0, count, 2000):
        assert {r.result for r in (await laptop.push(*ops[start : start + 2000])).results} == {"applied"}


def result_of(laptop: Laptop, name: str, days_ago: float, place: str = UNIT) -> Any:
    at = to_wire(laptop.meeting.clock() - timedelta(days=days_ago))
    return laptop.op(place, name, names({"at": at, "result": "negative"}), "test_result", at=at)


async def test_the_first_part_leaves_out_old_observations_and_the_rest_is_just_those(
    meeting: Meeting,
) -> None:
    one = await meeting.laptop(UNIT)
    old_person = one.op(
        UNIT, "an", names({"full_name": "An"}), at=to_wire(meeting.clock() - timedelta(days=90))
    )
    gone = one.op(UNIT, "bo", names({"full_name": "Bo"}))
    await one.push(old_person, gone, result_of(one, "t-old", 30), result_of(one, "t-new", 2))
    await one.push(one.op(UNIT, "bo", {"deleted": (False, True)}, base_seq=3))
    first, rest = await ask(one, UNIT), await ask(one, UNIT, "rest")
    area, gen = meeting.areas[UNIT], one.scope.areas[0].gen
    assert rows(first.content).keys() == {area, "an", "t-new"}
    assert rows(rest.content).keys() == {"t-old"}
    head, *_, cursor, trailer = lines(first.content)
    assert head == Header(kind="snapshot", epoch=-1, now="2026-11-22T02:00:00.000Z")
    assert cursor == Cursor(area=area, gen=gen, seq=6)
    assert trailer == Trailer(count=3, areas=[AreaMark(area=area, gen=gen, seq=6)])
    assert first.headers["content-type"] == "application/x-ndjson"
    assert first.headers["scope-epoch"] == "1"


async def test_an_observation_of_six_and_a_half_days_ago_is_in_both_parts_so_none_falls_between(
    meeting: Meeting,
) -> None:
    one = await meeting.laptop(UNIT)
    await one.push(result_of(one, "t", 6.5))
    for part in ("first", "rest"):
        assert "t" in rows((await ask(one, UNIT, part)).content)


async def test_a_snapshot_and_the_pull_from_its_cursor_are_the_whole_area(meeting: Meeting) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT)
    await fill(one, 30)
    await one.push(*[result_of(one, f"t{i}", i) for i in range(15)])
    got = lines((await ask(two, UNIT)).content)
    held = {line.id: line for line in got if isinstance(line, Row)}
    cursor = got[-2]
    await one.push(
        one.op(UNIT, "p00003", {"birth_year": (1903, 1999)}, base_seq=5), result_of(one, "later", 20)
    )
    held |= rows((await ask(two, UNIT, "rest")).content)
    held |= {row.id: row for row in (await two.pull({cursor.area: (cursor.gen, cursor.seq)})).rows}
    assert held == await two.rows()


@pytest.mark.parametrize("size", [1, 7, 2000])
async def test_what_changes_while_the_file_is_made_comes_with_the_pull(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    one, two = await meeting.laptop(UNIT), await meeting.laptop(UNIT)
    await fill(one, 20)
    monkeypatch.setattr(snapshot, "PAGE", size)
    read, waiting = pulling.rows_after, ["p00001", "p00011", "p00019"]

    def and_then(*args: Any, **values: Any) -> Any:
        found = read(*args, **values)
        if waiting:  # behind the back of the maker, as another process would
            other = open_database(meeting.place)
            with other.write() as tx:
                head = tx.one("UPDATE area_head SET seq = seq + 1 WHERE area = :a RETURNING seq", a=args[2])
                assert head is not None
                body, ident = '{"birth_year":2001}', waiting.pop()
                tx.run("UPDATE record SET seq = :s, body = :b WHERE id = :i", s=head[0], b=body, i=ident)
            other.close()
        return found

    monkeypatch.setattr(snapshot, "rows_after", and_then)
    got = lines((await ask(two, UNIT)).content)
    held, cursor = {line.id: line for line in got if isinstance(line, Row)}, got[-2]
    assert cursor.seq == 21
    assert all(row.seq <= 21 for row in held.values())
    held |= {row.id: row for row in (await two.pull({cursor.area: (cursor.gen, cursor.seq)})).rows}
    assert held == await two.rows()
    assert held["p00019"].body == {"birth_year": 2001}


async def test_a_cut_load_goes_on_where_it_stopped_and_the_bytes_fit_together(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    await fill(one, 1000)
    whole = await ask(one, UNIT)
    tag, size = whole.headers["etag"], len(whole.content)
    assert whole.headers["accept-ranges"] == "bytes"
    kept = await ask(one, UNIT)  # the first answer began before all of it was packed
    assert (kept.headers["content-length"], kept.content) == (str(size), whole.content)
    source = random.Random(7)
    for _ in range(20):
        at = source.randrange(1, size)
        with pytest.raises(CutBody):
            lines(whole.content[:at])
        more = await ask(one, UNIT, Range=f"bytes={at}-", If_Range=tag)
        assert (more.status_code, more.headers["content-range"]) == (206, f"bytes {at}-{size - 1}/{size}")
        assert whole.content[:at] + more.content == whole.content


async def test_a_load_that_was_cut_is_finished_from_its_own_file_even_when_the_area_went_on(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await meeting.laptop(UNIT)
    await fill(one, 500)
    whole = await ask(one, UNIT)
    monkeypatch.setattr(snapshot, "BEHIND", 0)  # every push makes the file too old for a new load
    await one.push(one.op(UNIT, "new", names({"full_name": "Mới"})))
    more = await ask(one, UNIT, Range="bytes=100-", If_Range=whole.headers["etag"])
    assert (more.status_code, whole.content[:100] + more.content) == (206, whole.content)
    fresh = await ask(one, UNIT)
    assert "new" in rows(fresh.content)
    assert fresh.headers["etag"] != whole.headers["etag"]


async def test_a_file_that_is_gone_means_the_whole_new_one_not_a_splice(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    await fill(one, 50)
    before = (await ask(one, UNIT)).headers["etag"]
    for file in cache(meeting).iterdir():
        file.unlink()
    await one.push(one.op(UNIT, "new", names({"full_name": "Mới"})))
    answer = await ask(one, UNIT, Range="bytes=10-", If_Range=before)
    assert answer.status_code == 200
    assert "content-range" not in answer.headers
    assert "new" in rows(answer.content)


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("bytes=0-9", 206, "bytes 0-9/{size}"),
        ("bytes=-10", 206, "bytes {last}-{end}/{size}"),
        ("bytes=5-999999999", 206, "bytes 5-{end}/{size}"),
        ("bytes=999999999-", 416, "bytes */{size}"),
        ("bytes=-0", 416, "bytes */{size}"),
        ("bytes=9-5", 200, None),
        ("bytes=-", 200, None),
        ("bytes=0-1,4-5", 200, None),
        ("lines=0-1", 200, None),
    ],
)
async def test_ranges(meeting: Meeting, asked: str, status: int, said: str | None) -> None:
    one = await meeting.laptop(UNIT)
    whole = await ask(one, UNIT)
    size = len(whole.content)
    answer = await ask(one, UNIT, Range=asked)
    assert answer.status_code == status
    wanted = said and said.format(size=size, last=size - 10, end=size - 1)
    assert answer.headers.get("content-range") == wanted
    if status == 200:
        assert answer.content == whole.content


async def test_who_has_the_file_already_is_told_so_without_it(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    tag = (await ask(one, UNIT)).headers["etag"]
    for named in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        same = await ask(one, UNIT, If_None_Match=named)
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert (await ask(one, UNIT, If_None_Match='"other"')).status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
async def test_a_laptop_without_zstd_gets_the_same_lines_but_no_parts_of_them(
    meeting: Meeting, encoding: str
) -> None:
    one = await meeting.laptop(UNIT)
    await fill(one, 1200)
    usual = await ask(one, UNIT)
    answer = await ask(one, UNIT, Accept_Encoding=encoding, Range="bytes=5-")
    assert answer.status_code == 200
    assert lines(answer.content, encoding) == lines(usual.content)
    assert (answer.headers["accept-ranges"], answer.headers["etag"]) == ("none", f"W/{usual.headers['etag']}")


async def test_unknown_and_forbidden_areas_get_one_answer_and_leave_no_file(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    viewer = await meeting.laptop(UNIT, "viewer")
    answers = [await ask(one, OTHER_UNIT), await ask(one, FAR), await ask(one, "no-such-area")]
    answers.append(await ask(viewer, UNIT))
    assert {(a.status_code, a.content, tuple(sorted(k for k in a.headers))) for a in answers} == {
        (404, answers[0].content, tuple(sorted(k for k in answers[0].headers)))
    }
    assert list(cache(meeting).glob("*")) == []
    assert (await ask(one, UNIT, "all")).json()["type"] == "bad-body"
    assert (await ask(one, UNIT, "rest", "&seq=x")).json()["type"] == "bad-body"


async def test_the_folder_is_for_the_server_alone_and_names_no_area(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    await ask(one, UNIT)
    folder = cache(meeting)
    (file,) = folder.iterdir()
    assert meeting.areas[UNIT] not in file.name
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_file_serves_many_laptops_for_half_a_day_and_the_old_ones_go(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    tags = {(await ask(one, UNIT)).headers["etag"] for _ in range(3)}
    assert len(tags) == 1
    assert len(list(cache(meeting).iterdir())) == 1
    for _ in range(5):
        meeting.clock.forward(hours=13)
        await one.push(one.op(UNIT, meeting.new_id(), names({"full_name": "X"})))
        answer = await ask(one, UNIT)
        assert answer.headers["etag"] not in tags
        tags.add(answer.headers["etag"])
    assert len(list(cache(meeting).iterdir())) <= 2


async def test_all_files_together_stay_below_the_limit(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await meeting.laptop("27211")
    monkeypatch.setattr(snapshot, "MAX_BYTES", 1)
    await ask(one, UNIT)
    meeting.clock.forward(seconds=1)
    assert (await ask(one, OTHER_UNIT)).status_code == 200
    assert len(list(cache(meeting).iterdir())) == 1


async def test_the_rest_is_never_older_than_what_the_laptop_has_pulled(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    await one.push(result_of(one, "t1", 30))
    await ask(one, UNIT, "rest")
    await one.push(result_of(one, "t2", 30))
    assert rows((await ask(one, UNIT, "rest", "&seq=2")).content).keys() == {"t1"}
    assert rows((await ask(one, UNIT, "rest", "&seq=3")).content).keys() == {"t1", "t2"}
    await one.push(result_of(one, "t3", 30))
    assert rows((await ask(one, UNIT, "rest")).content).keys() == {"t1", "t2", "t3"}  # it did not say


async def test_a_restore_while_the_file_is_made_ends_in_try_later(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await meeting.laptop(UNIT)
    read = pulling.head_of
    seen: list[int] = []

    def other_history(*args: Any) -> Any:
        seen.append(1)
        head = read(*args)
        return head if len(seen) == 1 else (head[0], "another", head[2])

    monkeypatch.setattr(snapshot, "head_of", other_history)
    answer = await ask(one, UNIT)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert list(cache(meeting).iterdir()) == []


async def test_too_old_to_read_may_not_load_or_pull_but_may_still_push(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await meeting.laptop(UNIT)
    monkeypatch.setattr(reads, "OLDEST_PULL_SCHEMA", 2)
    monkeypatch.setattr("sync.server.routes.OLDEST_PULL_SCHEMA", 2)
    assert (await meeting.http.get("/v1/hello")).json()["oldest_pull"] == 2
    for answer in (await ask(one, UNIT), (await one.pull()).response, (await one.pull(schema=1)).response):
        assert (answer.status_code, answer.json()["type"]) == (426, "too-old")
    pushed = await one.push(one.op(UNIT, "an", names({"full_name": "An"})))
    assert [r.result for r in pushed.results] == ["applied"]
    assert (await one.pull(schema=2)).rows != []
    assert (await ask(one, UNIT, query="&schema=2")).status_code == 200


def test_without_a_folder_the_files_end_with_the_server(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "x.db")
    made = snapshot.Snapshots(database, REGISTRY, None)
    folder = made._folder
    assert folder == made._folder
    if os.name == "posix":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    del made
    database.close()


def cache(meeting: Meeting) -> Path:
    made: snapshot.Snapshots = meeting.app.app.state.meeting.snapshots  # type: ignore[attr-defined]
    return made._folder
