"""How far an erasure reaches: to what its chief may write, wherever that went; not into a unit or commune of others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.framing import read_lines
from sync.server.app import create_app
from sync.server.backups import backup
from sync.server.grants import withdraw
from sync.server.held import held_ops, release
from sync.server.intake import Arrived
from sync.server.push import _Push, push
from sync.server.restoring import restore
from sync.server.scope import caller
from sync.server.scrubbing import clean_up, scrub_due
from sync.server.snapshot import Opened, Snapshots, beside
from tests.sync.meeting import REGISTRY, Laptop, Meeting, names
from tests.sync.test_server_erasing import FAR, NAME, OTHER, UNIT, erasure, files_of, held, person, results


async def go(laptop: Laptop, ident: str, place: str, to: str) -> None:
    """Take a record to another unit."""
    areas = laptop.meeting.areas
    change: dict[str, Any] = {"area": (areas[place], areas[to])}
    if place.partition("/")[0] != to.partition("/")[0]:
        change["commune"] = (place.partition("/")[0], to.partition("/")[0])
    assert results(await laptop.push(laptop.op(place, ident, change, base_seq=9))) == [("applied", "")]


@pytest.mark.parametrize("unit", [OTHER, FAR])
async def test_an_erasure_that_names_one_of_others_waits_for_the_operator(
    meeting: Meeting, unit: str
) -> None:
    """Taken in, it would reach a laptop that has both units, which would take the content away by itself."""
    chief, other = await meeting.laptop(UNIT, "chief"), await meeting.laptop(f"27211,{unit}", user="hoa")
    mine, theirs = await person(chief), await person(other, unit)
    order = erasure(chief, ("person", mine), ("person", theirs))
    assert results(await chief.push(order)) == [("held", "out-of-scope")]
    rows = await other.rows()
    assert order.record not in rows
    assert {rows[ident].body["full_name"] for ident in (mine, theirs)} == {NAME}
    noted = other.op(unit, theirs, {"note": (None, "khỏe")}, base_seq=rows[theirs].seq)
    assert results(await other.push(noted)) == [("applied", "")]
    history = await meeting.http.get(f"/v1/history/person/{theirs}", headers=other.headers)
    assert [NAME in str(entry["set"]) for entry in history.json()] == [False, True]
    assert results(await chief.push(erasure(chief, ("person", mine)))) == [("applied", "")]
    assert (await other.rows())[mine].gone == "erased"
    (done,) = release(meeting.database, REGISTRY, ops=[order.id], now=meeting.clock())
    assert done.result == "applied"
    assert (await other.rows())[theirs].gone == "erased"
    assert NAME not in held(meeting)


async def test_a_chief_of_two_communes_is_followed_into_the_other(meeting: Meeting) -> None:
    both, other = await meeting.laptop("27211,27300", "chief"), await meeting.laptop("27211", user="hoa")
    ident = await person(other)
    await both.push(erasure(both, ("person", ident), place=FAR))
    assert (await other.rows())[ident].gone == "erased"
    late = other.op(UNIT, ident, {"note": (None, NAME)}, base_seq=2)
    assert results(await other.push(late)) == [("rejected", "erased")]
    assert NAME not in held(meeting)


async def test_a_move_that_arrives_where_the_record_was_erased_leaves_nothing_behind(
    meeting: Meeting,
) -> None:
    """A server from before both: the chief's erasure comes first, then the move, by whoever may do both."""
    far, old = await meeting.laptop("27300", "chief"), await meeting.laptop(UNIT, user="hoa")
    mover = await meeting.laptop("27211,27300", user="minh")
    ident = meeting.new_id()
    await far.push(erasure(far, ("person", ident), place=FAR))
    created = old.op(UNIT, ident, names({"full_name": NAME}))
    assert results(await old.push(created)) == [("applied", "")]
    change = {"area": (meeting.areas[UNIT], meeting.areas[FAR]), "commune": ("27211", "27300")}
    moved = mover.op(UNIT, ident, {**change, "note": (None, NAME)}, base_seq=9)
    assert results(await mover.push(moved)) == [("applied", "")]
    assert NAME not in held(meeting)
    assert scrub_due(meeting.database)
    late = old.op(UNIT, ident, {"note": (None, NAME)}, base_seq=9)
    assert results(await old.push(late)) == [("rejected", "erased")]
    assert NAME not in held(meeting)


async def test_late_work_on_one_who_left_for_another_commune_is_told(meeting: Meeting) -> None:
    both, old = await meeting.laptop("27211,27300", "chief"), await meeting.laptop(UNIT, user="hoa")
    ident = await person(old)
    await go(both, ident, UNIT, FAR)
    early = old.op(UNIT, ident, {"note": (None, f"{NAME} ho")}, base_seq=2)
    assert results(await old.push(early)) == [("held", "moved")]
    await both.push(erasure(both, ("person", ident), place=FAR))
    assert held_ops(meeting.database) == []
    late = old.op(UNIT, ident, {"note": (None, f"{NAME} ốm")}, base_seq=2)
    assert results(await old.push(late, early)) == [("rejected", "erased")] * 2
    assert NAME not in held(meeting)
    assert ("person", ident) in (await old.ask_scope()).erased


async def test_one_who_had_left_for_another_commune_does_not_come_back_with_a_backup(
    meeting: Meeting, tmp_path: Path
) -> None:
    both = await meeting.laptop("27211,27300", "chief")
    ident = await person(both)
    backup(meeting.database, tmp_path / "before")
    await go(both, ident, UNIT, FAR)
    await both.push(erasure(both, ("person", ident), place=FAR))
    restore(meeting.database, tmp_path / "before", force=True, now=meeting.clock())
    assert NAME not in held(meeting)
    late = both.op(UNIT, ident, {"note": (None, NAME)}, base_seq=2)
    await both.ask_scope()
    assert results(await both.push(late)) == [("rejected", "erased")]
    assert NAME not in held(meeting)


@pytest.mark.parametrize("what", ["record", "words"])
async def test_a_first_load_that_was_being_packed_leaves_no_file(
    meeting: Meeting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    chief = await meeting.laptop("27211", "chief")
    ident = meeting.new_id()
    await chief.push(chief.op(UNIT, ident, names({"note": NAME})))
    read, erased = threading.Event(), threading.Event()
    snapshots = Snapshots(meeting.database, REGISTRY, tmp_path / "loads")
    whole = Snapshots._text

    def slow(self: Snapshots, *of: Any) -> Iterator[bytes]:
        for text in whole(self, *of):
            read.set()
            assert erased.wait(10)
            yield text

    monkeypatch.setattr(Snapshots, "_text", slow)
    loads: list[Opened] = []
    asking = threading.Thread(
        target=lambda: loads.append(
            snapshots.open("27211", meeting.areas[UNIT], "first", meeting.clock(), whole=True)
        )
    )
    asking.start()
    assert read.wait(10)
    order = erasure(chief, ("person", ident))
    if what == "words":
        text = {"type": "person", "id": ident, "field": "note"}
        order = chief.op(UNIT, meeting.new_id(), names({"person": "x", "texts": [text]}), type="erasure")
    await chief.push(order)
    erased.set()
    asking.join(10)
    sent = b"".join(read_lines(loads[0].pieces(), "zstd"))
    assert NAME.encode() not in sent
    assert b"erasure" in sent
    assert len(list((tmp_path / "loads").iterdir())) == 1, "packed once more, from what is there now"


async def test_records_that_changed_places_since_a_backup_are_all_erased_again(
    meeting: Meeting, tmp_path: Path
) -> None:
    chief = await meeting.laptop("27211", "chief")
    stayed, went, came = await person(chief), await person(chief), await person(chief, OTHER)
    backup(meeting.database, tmp_path / "before")
    await go(chief, went, UNIT, OTHER)
    await go(chief, came, OTHER, UNIT)
    keys = [("person", ident) for ident in (stayed, went, came)]
    await chief.push(erasure(chief, *keys))
    assert NAME not in held(meeting)
    restore(meeting.database, tmp_path / "before", force=True, now=meeting.clock())
    assert NAME not in held(meeting)
    assert {row.gone for row in (await chief.rows()).values() if row.type == "person"} == {"erased"}


async def test_an_erasure_that_a_command_takes_in_leaves_no_packed_first_load(meeting: Meeting) -> None:
    chief = await meeting.laptop("27211", "chief")
    ident = await person(chief)
    withdraw(meeting.database, chief.device, "27211", now=meeting.clock())
    await chief.ask_scope()
    meeting.clock.forward(hours=1)
    order = erasure(chief, ("person", ident))
    assert results(await chief.push(order)) == [("held", "out-of-scope")]
    folder = beside(meeting.database)
    if folder is not None:
        Snapshots(meeting.database, REGISTRY, folder).open(
            "27211", meeting.areas[UNIT], "first", meeting.clock(), whole=True
        ).close()
        assert len(list(folder.iterdir())) == 1
    release(meeting.database, REGISTRY, ops=[order.id], now=meeting.clock())
    clean_up(meeting.database, REGISTRY)
    assert folder is None or not list(folder.iterdir())
    assert not scrub_due(meeting.database)
    assert NAME.encode() not in files_of(meeting)


async def test_what_a_broken_off_push_erased_is_scrubbed_when_the_server_starts(meeting: Meeting) -> None:
    chief = await meeting.laptop("27211", "chief")
    ident = await person(chief)
    order = erasure(chief, ("person", ident))
    with meeting.database.read() as tx:
        who = caller(tx, f"Bearer {chief.token}")
    push(meeting.database, REGISTRY, who, [Arrived(0, order, order.at)], order.at, b"key")
    assert scrub_due(meeting.database)
    create_app(meeting.database, REGISTRY, clock=meeting.clock)
    assert not scrub_due(meeting.database)
    assert NAME.encode() not in files_of(meeting)


async def test_work_that_is_held_while_its_record_is_erased_says_nothing(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief, old = await meeting.laptop("27211", "chief"), await meeting.laptop(UNIT, user="hoa")
    ident = await person(old)
    withdraw(meeting.database, old.device, UNIT, now=meeting.clock())
    await old.ask_scope()
    meeting.clock.forward(hours=1)
    late = old.op(UNIT, ident, {"note": (None, NAME)}, base_seq=2)
    with meeting.database.read() as tx:
        who, boss = caller(tx, f"Bearer {old.token}"), caller(tx, f"Bearer {chief.token}")
    order = erasure(chief, ("person", ident))
    looked = _Push._erased

    def meanwhile(self: _Push, run: list[Arrived]) -> set[tuple[str, str, str]]:
        found = looked(self, run)
        monkeypatch.setattr(_Push, "_erased", looked)
        push(meeting.database, REGISTRY, boss, [Arrived(0, order, order.at)], order.at, b"key")
        return found

    monkeypatch.setattr(_Push, "_erased", meanwhile)
    ((result,), _marks) = push(meeting.database, REGISTRY, who, [Arrived(0, late, late.at)], late.at, b"key")
    assert (result.result, result.reason) == ("rejected", "erased")
    assert NAME not in held(meeting)
