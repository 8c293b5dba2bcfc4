"""What waits for nobody is listed and taken in; what a lost laptop held is counted; and the numbers of a server."""

from __future__ import annotations

from dataclasses import asdict

import msgspec
import pytest

from sync.server.admin import invite, revoke
from sync.server.grants import grant, withdraw
from sync.server.held import held_ops, release
from sync.server.lost import held_by
from sync.server.problems import AdminError
from sync.server.stats import stats
from tests.sync.meeting import REGISTRY, Laptop, Meeting, names

NAME = "Trần Thị Không Lộ"


async def person(laptop: Laptop, place: str = "27211/01", name: str = NAME) -> str:
    """A person sent by a laptop; their id."""
    ident = laptop.meeting.new_id()
    answer = await laptop.push(laptop.op(place, ident, names({"full_name": name})))
    assert [r.result for r in answer.results] == ["applied"]
    return ident


# ---- held ops


async def late_work(meeting: Meeting) -> tuple[Laptop, Laptop, str, str]:
    """The old team edits a telephone after its unit went to the new one; the record and the op."""
    old, new = await meeting.laptop("27211/01"), await meeting.laptop("27211/01", user="minh")
    ident = await person(old)
    withdraw(meeting.database, old.device, "27211/01", now=meeting.clock())
    await old.ask_scope()
    meeting.clock.forward(hours=1)
    op = old.op("27211/01", ident, {"phone": (None, "0901"), "note": (None, "x")}, base_seq=2)
    assert [r.result for r in (await old.push(op)).results] == ["held"]
    return old, new, ident, op.id


async def test_late_work_is_listed_without_what_it_says(meeting: Meeting) -> None:
    old, _new, ident, op = await late_work(meeting)
    (held,) = held_ops(meeting.database)
    assert asdict(held) == {
        "op": op,
        "device": old.device,
        "user": "lan",
        "at": "2026-11-22T03:00:00.000Z",
        "received": "2026-11-22T03:00:00.000Z",
        "type": "person",
        "record": ident,
        "place": "27211/01",
        "reason": "out-of-scope",
        "fields": ["note", "phone"],
    }


async def test_late_work_that_is_released_reaches_the_new_team(meeting: Meeting) -> None:
    old, new, ident, op = await late_work(meeting)
    (done,) = release(meeting.database, REGISTRY, areas=["27211/01"], now=meeting.clock())
    assert (done.op, done.result, bool(done.receipt)) == (op, "applied", True)
    assert (await new.rows())[ident].body["phone"] == "0901"
    assert held_ops(meeting.database) == []
    with meeting.database.read() as tx:
        assert tx.one("SELECT device, who FROM op WHERE id = :id", id=op) == (old.device, "lan")


async def test_a_released_edit_that_clashes_waits_for_a_person(meeting: Meeting) -> None:
    old, new = await meeting.laptop("27211/01"), await meeting.laptop("27211/01")
    ident = await person(old)
    withdraw(meeting.database, old.device, "27211/01", now=meeting.clock())
    await old.ask_scope()
    meeting.clock.forward(hours=1)
    await new.push(new.op("27211/01", ident, {"full_name": (NAME, "Trần Thị Mới")}))
    late = old.op("27211/01", ident, {"full_name": (NAME, "Trần Thị Cũ")})
    await old.push(late)
    (done,) = release(meeting.database, REGISTRY, ops=[late.id], now=meeting.clock())
    assert done.result == "conflict"
    assert (await new.rows())[ident].body["full_name"] == "Trần Thị Mới"
    (area, *_) = [a for a in stats(meeting.database).areas if a.place == "27211/01"]
    assert (area.open_conflicts, area.held) == (1, 0)


async def test_what_is_not_held_cannot_be_released(meeting: Meeting) -> None:
    *_, op = await late_work(meeting)
    for given in ({"ops": [op, "nothing"]}, {"areas": ["27211/02"]}):
        with pytest.raises(AdminError) as refused:
            release(meeting.database, REGISTRY, **given)
        assert refused.value.code == "nothing_held"
    assert len(held_ops(meeting.database)) == 1


# ---- what a lost laptop held


async def test_a_lost_laptop_held_the_persons_of_its_units_when_it_was_last_here(meeting: Meeting) -> None:
    lost, other = await meeting.laptop("27211/01"), await meeting.laptop("27211,27300")
    mine = await person(lost)
    theirs = await person(other)
    await person(other, "27211/02")
    await person(other, "27300/01")
    meeting.clock.forward(hours=1)
    await lost.ask_scope()
    meeting.clock.forward(hours=2)
    await person(other, name="Đến sau")
    held = held_by(meeting.database, lost.device)
    assert {p.id for p in held.persons} == {mine, theirs}
    assert {(p.place, p.name) for p in held.persons} == {("27211/01", "")}
    assert (held.places, held.later, held.seen) == (["27211/01"], 1, "2026-11-22T03:00:00.000Z")
    assert NAME not in msgspec.json.encode(held).decode()
    assert {p.name for p in held_by(meeting.database, lost.device, names=True).persons} == {NAME}


async def test_an_edit_after_the_loss_does_not_hide_a_person(meeting: Meeting) -> None:
    lost, other = await meeting.laptop("27211/01"), await meeting.laptop("27211/01")
    ident = await person(other)
    await lost.ask_scope()
    meeting.clock.forward(days=3)
    await other.push(other.op("27211/01", ident, {"phone": (None, "0902")}))
    assert [p.id for p in held_by(meeting.database, lost.device).persons] == [ident]


async def test_what_the_laptop_sent_itself_it_held_however_late(meeting: Meeting) -> None:
    lost = await meeting.laptop("27211/01")
    meeting.clock.forward(days=3)
    ident = await person(lost)  # pushed without asking for its scope again
    held = held_by(meeting.database, lost.device)
    assert ([p.id for p in held.persons], held.later) == ([ident], 0)


async def test_a_unit_handed_over_counts_until_the_laptop_has_been_told(meeting: Meeting) -> None:
    lost, other = await meeting.laptop("27211"), await meeting.laptop("27211")
    one, two = await person(other), await person(other, "27211/02")
    meeting.clock.forward(hours=1)
    await lost.ask_scope()
    meeting.clock.forward(hours=1)
    withdraw(meeting.database, lost.device, "27211/02", now=meeting.clock())
    assert {p.id for p in held_by(meeting.database, lost.device).persons} == {one, two}
    meeting.clock.forward(hours=1)
    await lost.ask_scope()
    held = held_by(meeting.database, lost.device)
    assert ({p.id for p in held.persons}, held.places) == ({one}, ["27211/01"])
    grant(meeting.database, lost.device, "27211/02", now=meeting.clock())
    assert {p.id for p in held_by(meeting.database, lost.device).persons} == {one, two}


async def test_a_record_that_moved_away_counts_only_if_it_moved_after_the_loss(meeting: Meeting) -> None:
    lost, other = await meeting.laptop("27211/01"), await meeting.laptop("27211")
    early, late = await person(other), await person(other)

    def move_away(ident: str) -> None:
        with meeting.database.write() as tx:
            tx.run(
                'UPDATE record SET gone = \'moved\', body = \'{"moved_to":["27211","x"]}\', updated = :now'
                " WHERE id = :id",
                id=ident,
                now=meeting.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            )

    meeting.clock.forward(hours=1)
    move_away(early)
    meeting.clock.forward(hours=1)
    await lost.ask_scope()
    meeting.clock.forward(hours=3)
    move_away(late)
    assert [p.id for p in held_by(meeting.database, lost.device).persons] == [late]


async def test_copies_of_the_disk_are_named_and_a_viewer_holds_nobody(meeting: Meeting) -> None:
    lost, copy = await meeting.laptop("27211/01"), await meeting.laptop("27211/01")
    viewer = await meeting.laptop("27211", role="viewer")
    await person(copy)
    with meeting.database.write() as tx:
        tx.run("UPDATE device SET parent = :p WHERE id = :c", p=lost.device, c=copy.device)
    revoke(meeting.database, lost.device, now=meeting.clock())
    held = held_by(meeting.database, lost.device)
    assert (held.forks, held.revoked) == ([copy.device], "2026-11-22T02:00:00.000Z")
    assert held_by(meeting.database, viewer.device).persons == []
    with pytest.raises(AdminError):
        held_by(meeting.database, "nobody")


# ---- numbers


async def test_the_numbers_of_a_server_name_nobody(meeting: Meeting) -> None:
    old, _new, _ident, _op = await late_work(meeting)
    meeting.clock.forward(days=2)
    fresh = await meeting.laptop("27300")
    await person(fresh, "27300/01")
    gone = await meeting.laptop("27300")
    revoke(meeting.database, gone.device, now=meeting.clock())
    invite(meeting.database, "hoa", "member", "27211", now=meeting.clock())
    await fresh.push(fresh.op("99999/01", meeting.new_id(), names({"full_name": NAME}), commune="99999"))
    told = stats(meeting.database, now=meeting.clock())
    assert [(a.place, a.records, a.held) for a in told.areas] == [
        ("27211/01", {"area": 1, "person": 1}, 1),
        ("27211/02", {"area": 1}, 0),
        ("27300/01", {"area": 1, "person": 1}, 0),
    ]
    # two persons and three units applied; the late edit and the unknown unit's person held
    assert (told.ops, told.held_elsewhere) == ({"applied": 5, "held": 2}, 1)
    assert told.devices == {"day": 1, "week": 2, "month": 0, "longer": 0, "revoked": 1}
    assert (told.open_invites, told.bytes > 50_000) == (1, True)
    text = msgspec.json.encode(told).decode()
    assert not [word for word in (NAME, "lan", "minh", "hoa", old.device) if f'"{word}' in text]
