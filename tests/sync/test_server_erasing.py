"""What the server does with an erasure, on each kind of database: contents go, answers stay, nothing comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from sync.protocol import Op
from sync.server.grants import withdraw
from sync.server.held import held_ops, release
from sync.server.scrubbing import scrub, scrub_due
from sync.server.sqlite import SqliteDatabase
from tests.sync.meeting import REGISTRY, Answer, Laptop, Meeting, names

NAME = "Trịnh Quỳnh Như"
UNIT, OTHER, FAR = "27211/01", "27211/02", "27300/01"


async def person(laptop: Laptop, place: str = UNIT) -> str:
    """Như, known to the server."""
    ident = laptop.meeting.new_id()
    answer = await laptop.push(laptop.op(place, ident, names({"full_name": NAME, "phone": "0901"})))
    assert results(answer) == [("applied", "")]
    return ident


def erasure(laptop: Laptop, *keys: tuple[str, str], place: str = UNIT) -> Op:
    """The chief's op that erases these records."""
    listed = [{"type": kind, "id": ident} for kind, ident in keys]
    return laptop.op(
        place, laptop.meeting.new_id(), names({"person": keys[0][1], "records": listed}), type="erasure"
    )


def results(answer: Answer) -> list[tuple[str, str]]:
    return [(r.result, r.reason) for r in answer.results]


def held(meeting: Meeting) -> str:
    """All text the server's tables hold."""
    with meeting.database.read() as tx:
        return repr([tx.all(f"SELECT * FROM {table}") for table in ("record", "op", "erased", "refusal")])


async def test_contents_go_and_ids_stay(meeting: Meeting) -> None:
    chief, other = await meeting.laptop("27211", "chief"), await meeting.laptop("27211", user="hoa")
    ident = await person(chief)
    await chief.push(chief.op(UNIT, ident, {"sex": (None, "female")}, base_seq=2))
    await other.push(other.op(UNIT, ident, {"sex": (None, "male"), "note": (None, f"{NAME}?")}, base_seq=2))
    assert NAME in held(meeting)
    answer = await chief.push(erasure(chief, ("person", ident)))
    assert results(answer) == [("applied", "")]
    assert NAME not in held(meeting)
    assert "female" not in held(meeting)
    rows = await other.rows()
    assert (rows[ident].gone, rows[ident].deleted, rows[ident].body) == ("erased", True, {})
    assert {row.gone for row in rows.values() if row.type == "conflict"} == {"erased"}
    history = await other.meeting.http.get(f"/v1/history/person/{ident}", headers=other.headers)
    assert [entry["set"] for entry in history.json()] == [{}, {}, {}]
    assert not scrub_due(meeting.database), "done once the push was answered"


async def test_a_late_op_is_answered_and_kept_without_what_it_says(meeting: Meeting) -> None:
    chief, other = await meeting.laptop("27211", "chief"), await meeting.laptop("27211", user="hoa")
    ident = await person(chief)
    create = chief.op(UNIT, ident, names({"full_name": NAME}))
    await chief.push(erasure(chief, ("person", ident)))
    late = [
        other.op(UNIT, ident, {"note": (None, f"{NAME} ốm")}, base_seq=2),
        other.op(OTHER, ident, names({"full_name": NAME})),
        other.op(UNIT, ident, {"area": (meeting.areas[UNIT], meeting.areas[OTHER])}, base_seq=2),
        other.op(UNIT, ident, {"deleted": (True, False)}, base_seq=9),
    ]
    assert set(results(await other.push(*late))) == {("rejected", "erased")}
    assert set(results(await other.push(*late))) == {("rejected", "erased")}, "the same again"
    assert results(await chief.push(create)) == [("rejected", "erased")]
    assert NAME not in held(meeting)
    with meeting.database.read() as tx:
        kept = tx.all("SELECT changes FROM op WHERE device = :d", d=other.device)
    assert kept == [("{}",)] * 4


async def test_an_op_whose_answer_was_lost_is_known_although_its_content_is_gone(meeting: Meeting) -> None:
    chief = await meeting.laptop("27211", "chief")
    ident = meeting.new_id()
    create = chief.op(UNIT, ident, names({"full_name": NAME}))
    await chief.push(create)
    order = erasure(chief, ("person", ident))
    await chief.push(order)
    assert results(await chief.push(create, order)) == [("duplicate", "applied"), ("duplicate", "applied")]
    assert NAME not in held(meeting)


@pytest.mark.parametrize("role", ["member", "viewer"])
async def test_only_a_chief_erases(meeting: Meeting, role: str) -> None:
    chief, other = await meeting.laptop("27211", "chief"), await meeting.laptop("27211", role)
    ident = await person(chief)
    (answer,) = results(await other.push(erasure(other, ("person", ident))))
    assert answer in (("rejected", "chief-only"), ("held", "read-only"))
    assert (await chief.rows())[ident].body["full_name"] == NAME


async def test_what_lies_in_another_commune_and_what_the_server_writes_stays(meeting: Meeting) -> None:
    chief, far = await meeting.laptop("27211", "chief"), await meeting.laptop("27300", "chief", user="xa")
    ident = await person(far, FAR)
    order = erasure(chief, ("area", meeting.areas[UNIT]))
    first, foreign = erasure(chief, ("erasure", order.record)), erasure(chief, ("person", ident))
    assert results(await chief.push(order, first, foreign)) == [
        ("applied", ""),
        ("applied", ""),
        ("held", "out-of-scope"),
    ]
    assert (await far.rows())[ident].body["full_name"] == NAME
    assert results(await far.push(far.op(FAR, ident, {"note": (None, "khỏe")}, base_seq=2))) == [
        ("applied", "")
    ]
    rows = await chief.rows()
    assert rows[meeting.areas[UNIT]].body["unit_code"] == "01"
    assert rows[order.record].gone is None


async def test_a_record_named_where_it_no_longer_lives_is_followed(meeting: Meeting) -> None:
    chief = await meeting.laptop("27211,27300", "chief")
    ident = await person(chief)
    for place, to in ((UNIT, OTHER), (OTHER, FAR)):
        change: dict[str, Any] = {"area": (meeting.areas[place], meeting.areas[to])}
        if to == FAR:
            change["commune"] = ("27211", "27300")
        await chief.push(chief.op(place, ident, change, base_seq=2))
    await chief.push(erasure(chief, ("person", ident)))
    assert NAME not in held(meeting)
    with meeting.database.read() as tx:
        found = tx.all("SELECT area, gone FROM record WHERE id = :id", id=ident)
    named = {area: place for place, area in meeting.areas.items()}
    assert {named[area]: gone for area, gone in found} == {UNIT: "moved", OTHER: "moved", FAR: "erased"}
    late = chief.op(UNIT, ident, {"note": (None, NAME)}, base_seq=2)
    assert results(await chief.push(late)) == [("rejected", "erased")]
    assert NAME not in held(meeting)


async def test_work_that_was_held_is_no_longer_offered(meeting: Meeting) -> None:
    old, chief = await meeting.laptop(UNIT), await meeting.laptop("27211", "chief", user="hoa")
    ident = await person(old)
    withdraw(meeting.database, old.device, UNIT, now=meeting.clock())
    await old.ask_scope()
    meeting.clock.forward(hours=1)
    late = old.op(UNIT, ident, {"note": (None, NAME)}, base_seq=2)
    assert results(await old.push(late)) == [("held", "out-of-scope")]
    await chief.push(erasure(chief, ("person", ident)))
    assert held_ops(meeting.database) == []
    assert NAME not in held(meeting)
    assert results(await old.push(late)) == [("rejected", "erased")]


async def test_an_erasure_that_was_held_erases_when_it_is_released(meeting: Meeting) -> None:
    chief, other = await meeting.laptop("27211", "chief"), await meeting.laptop("27211", user="hoa")
    ident = await person(other)
    withdraw(meeting.database, chief.device, "27211", now=meeting.clock())
    await chief.ask_scope()
    meeting.clock.forward(hours=1)
    order = erasure(chief, ("person", ident))
    assert results(await chief.push(order)) == [("held", "out-of-scope")]
    (done,) = release(meeting.database, REGISTRY, ops=[order.id], now=meeting.clock())
    assert done.result == "applied"
    assert NAME not in held(meeting)
    assert scrub_due(meeting.database)
    assert scrub(meeting.database)
    assert not scrub_due(meeting.database)


async def test_a_packed_first_load_from_before_is_let_go(meeting: Meeting) -> None:
    chief = await meeting.laptop("27211", "chief")
    ident = await person(chief)
    area = meeting.areas[UNIT]
    load = f"/v1/snapshot/{area}"
    before = await meeting.http.get(load, headers=chief.headers)
    assert before.status_code == 200
    await chief.push(erasure(chief, ("person", ident)))
    after = await meeting.http.get(load, headers=chief.headers | {"If-Range": before.headers["etag"]})
    assert after.headers["etag"] != before.headers["etag"]
    folder = meeting.app.app.state.meeting.snapshots._folder  # type: ignore[attr-defined]
    assert before.headers["etag"].strip('"').rpartition("-")[2] not in " ".join(
        p.name for p in folder.iterdir()
    )


async def test_no_page_of_the_database_holds_the_name(meeting: Meeting) -> None:
    chief = await meeting.laptop("27211", "chief")
    ident = await person(chief)
    for number in range(30):  # older versions of the row, and neighbours
        note = {"note": (f"{NAME} {number}", f"{NAME} {number + 1}")}
        await chief.push(chief.op(UNIT, ident, note, base_seq=99))
        await chief.push(chief.op(UNIT, meeting.new_id(), names({"full_name": f"Người {number}"})))
    sampled(meeting)
    assert NAME.encode() in files_of(meeting)
    await chief.push(erasure(chief, ("person", ident)))
    assert NAME.encode() not in files_of(meeting)
    assert "Người 29".encode() in files_of(meeting)


def sampled(meeting: Meeting) -> None:
    """Let PostgreSQL look at samples of its tables, as it does by itself: it keeps values of them for its planner."""
    if not isinstance(meeting.database, SqliteDatabase):
        with psycopg.connect(str(meeting.place), autocommit=True) as c:
            c.execute("ANALYZE record, op")
            kept = c.execute(
                "SELECT string_agg(histogram_bounds::text, '') FROM pg_stats WHERE tablename = 'record'"
            )
            assert "Người 29" in str(kept.fetchone())


def files_of(meeting: Meeting) -> bytes:
    """Every byte of the server's own files; of PostgreSQL those of the two tables with content and of what its planner
    keeps of them, indexes left out."""
    if isinstance(meeting.database, SqliteDatabase):
        folder = meeting.database.path.parent
        return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    with psycopg.connect(str(meeting.place), autocommit=True) as c:
        c.execute("CHECKPOINT")
        found = c.execute(
            "SELECT current_setting('data_directory'), pg_relation_filepath(oid) FROM pg_class WHERE relname IN"
            " ('record', 'op', 'pg_statistic') OR oid IN (SELECT reltoastrelid FROM pg_class WHERE relname IN"
            " ('record', 'op', 'pg_statistic'))"
        ).fetchall()
    held = b""
    for folder, file in found:
        path = Path(folder) / file
        if not path.exists():
            pytest.skip("PostgreSQL runs elsewhere")
        held += path.read_bytes()
    return held
