"""Moves that are cut by a crash, carried on by others, or made by many at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sync.protocol import Op
from sync.server import moves
from sync.server.app import create_app
from sync.server.database import Database, DatabaseBusy, Transaction
from tests.sync.meeting import REGISTRY, Laptop, Meeting, names
from tests.sync.moving import AN, FAR, OTHER_UNIT, UNIT, move, results, settled, two_with_an


class Cut(Exception):
    """The server's process ends here."""


class Fragile:
    """The server's database, whose process dies just before or just after a commit."""

    def __init__(self, database: Database) -> None:
        self.database, self.left, self.after, self.committed = database, -1, False, 0

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self.database.read() as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with self.database.write() as tx:
            yield tx
            if self.left == 0 and not self.after:
                raise Cut
        self.committed += 1
        if self.left == 0:
            raise Cut
        self.left -= 1

    def close(self) -> None:
        self.database.close()


@pytest.mark.parametrize("rest", [{}, {"phone": ("+84901", "+84955"), "sex": ("x", "female")}])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("carried_on_by", ["laptop", "start", "edit", "another move"])
async def test_a_crash_at_any_commit_of_a_move_loses_nothing(
    meeting: Meeting, carried_on_by: str, after: bool, rest: dict[str, Any]
) -> None:
    """The second area is in another commune; one question goes along. Three commits, each before and after."""
    for at in range(4):
        ident = f"person-{at}"
        one, two = await meeting.laptop("27211,27300"), await meeting.laptop("27211,27300")
        made = one.op(UNIT, ident, names({"full_name": "An", "phone": "+84901", "sex": "male"}))
        (result,) = (await one.push(made)).results
        await two.push(two.op(UNIT, ident, {"full_name": ("x", "Ân")}))
        op = move(one, ident, UNIT, FAR, result.seq, **rest)
        assert await _crash(meeting, one, op, at, after) == (at < 3)
        edit = two.op(UNIT, ident, {"note": (None, "ghi chú")}, base_seq=result.seq)
        if carried_on_by == "start":
            create_app(meeting.database, REGISTRY, clock=meeting.clock, new_id=meeting.new_id)
        elif carried_on_by == "edit":
            assert results(await two.push(edit))[0][0] == "applied"
        elif carried_on_by == "another move":
            other = move(two, ident, UNIT, OTHER_UNIT, result.seq)
            assert results(await two.push(other))[0] in {("held", "moved"), ("applied", "")}
        (again,) = (await one.push(op)).results
        found = await settled(meeting)
        (row,) = found[ident]
        if again.result == "held":  # the other move was there first; a person decides about this one
            assert (again.reason, row.area) == ("moved", meeting.areas[OTHER_UNIT])
            continue
        assert again.result in ("applied", "conflict", "duplicate")
        assert row.area == meeting.areas[FAR]
        assert again.row == row
        assert row.body["phone"] == ("+84955" if rest else "+84901")
        asked = [r[0] for r in found.values() if r[0].type == "conflict" and r[0].body["record"] == ident]
        assert {r.body["field"] for r in asked} == {"full_name"} | ({"sex"} if rest else set())
        assert {r.area for r in asked} == {meeting.areas[FAR]}
        if carried_on_by != "edit":
            assert results(await two.push(edit))[0][0] == "applied"
        (row,) = (await settled(meeting))[ident]
        assert row.body["note"] == "ghi chú"


async def _crash(meeting: Meeting, laptop: Laptop, op: Op, at: int, after: bool) -> bool:
    """Push ``op`` to a server that dies at its commit ``at``, from 0. Returns whether it came to that."""
    shared = meeting.http._transport.app.app.state.meeting  # type: ignore[attr-defined]
    whole = shared.database
    shared.database = fragile = Fragile(whole)
    fragile.left, fragile.after = at, after
    try:
        answer = await laptop.push(op)
        assert answer.status in (200, 500)
        return answer.status == 500
    finally:
        shared.database = whole


async def test_while_a_record_is_on_its_way_a_laptop_waits_or_goes_along_but_never_edits_the_old_row(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await two_with_an(meeting)
    carry_on = moves.carry_on

    def busy(*args: Any) -> Any:
        raise DatabaseBusy

    monkeypatch.setattr("sync.server.push.carry_on", busy)
    assert (await one.push(move(one, AN, UNIT, OTHER_UNIT, 2))).status == 503
    edit = two.op(UNIT, AN, {"phone": ("+84901", "+84908")}, base_seq=2)
    assert (await two.push(edit)).status == 503
    assert (await two.rows())[AN].body["phone"] == "+84901"
    monkeypatch.setattr("sync.server.push.carry_on", carry_on)
    assert results(await two.push(edit)) == [("applied", "")]
    (row,) = (await settled(meeting))[AN]
    assert (row.area, row.body["phone"]) == (meeting.areas[OTHER_UNIT], "+84908")


async def test_two_servers_that_finish_one_move_do_it_once(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = await two_with_an(meeting)
    await one.push(one.op(UNIT, AN, {"sex": ("x", "female")}))
    carry_on, read = moves.carry_on, moves.op_copies
    place, now = ("27211", meeting.areas[UNIT]), "2026-11-22T02:00:00.000Z"
    others: list[int] = []

    def other_first(*args: Any) -> Any:
        """After this one has read what there is to do, another process does all of it."""
        if not others:
            others.append(1)
            others.append(len(carry_on(meeting.database, REGISTRY, place, now)))
        return read(*args)

    monkeypatch.setattr(moves, "op_copies", other_first)
    assert results(await one.push(move(one, AN, UNIT, OTHER_UNIT, 2))) == [("applied", "")]
    assert others == [1, 2]
    assert carry_on(meeting.database, REGISTRY, place, now) == []
    found = await settled(meeting)
    assert len(found) == 2
    assert all(len(rows) == 1 for rows in found.values())


async def test_many_who_move_and_edit_the_same_records_at_once_lose_no_edit_and_no_record(
    meeting: Meeting,
) -> None:
    """Requests run in threads of their own, so that on PostgreSQL they truly meet."""
    everywhere = [UNIT, OTHER_UNIT, FAR]
    ids = [f"r{i}" for i in range(4)]
    laptops = [await meeting.laptop("27211,27300", user=f"u{i}") for i in range(5)]
    await laptops[0].push(*[laptops[0].op(UNIT, ident, names({"full_name": ident})) for ident in ids])
    typed: dict[str, set[str]] = {ident: set() for ident in ids}

    async def insist(laptop: Laptop, op: Op) -> tuple[str, str]:
        while True:
            answer = await laptop.push(op)
            if answer.status == 200:
                return results(answer)[0]
            assert answer.status == 503

    async def work(laptop: Laptop, number: int) -> None:
        chance = random.Random(number)
        rows = {row.id: row for row in (await laptop.pull()).rows if row.gone is None}
        for step in range(12):
            if step % 4 == 3:
                rows = {row.id: row for row in (await laptop.pull()).rows if row.gone is None}
            # A record that moved behind the reader from area to area comes with its next pull.
            row = rows[chance.choice(sorted(rows.keys() & set(ids)))]
            here = next(place for place in everywhere if meeting.areas[place] == row.area)
            if chance.random() < 0.4:
                there = chance.choice([place for place in everywhere if place != here])
                assert await insist(laptop, move(laptop, row.id, here, there, row.seq)) in {
                    ("applied", ""),
                    ("held", "moved"),
                }
            else:
                name = f"f_{number}_{step}"
                typed[row.id].add(name)
                edit = laptop.op(here, row.id, {name: (None, "x")}, base_seq=row.seq)
                assert await insist(laptop, edit) == ("applied", "")

    await asyncio.gather(*(work(laptop, number) for number, laptop in enumerate(laptops)))
    found = await settled(meeting)
    assert found.keys() == set(ids)
    for ident in ids:
        (row,) = found[ident]
        assert row.body.keys() == typed[ident] | {"full_name"}
