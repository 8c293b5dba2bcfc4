"""The server's side of files carried by hand: the same merge, the same scope, and nothing changed by a bad file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync import bundle
from sync.bundle import BundleError, BundleHeader, Want, public_text
from sync.framing import read_lines
from sync.protocol import MAX_OPS, Cursor, Op, PullLine, PushAnswerLine, Result, Row, Scope, Trailer, to_wire
from sync.server import admin, bundles
from sync.server.keys import public_keys
from tests.sync.meeting import REGISTRY, Laptop, Meeting, names


class Courier:
    """A laptop that only meets the server by file."""

    def __init__(self, laptop: Laptop) -> None:
        self.laptop, self.meeting = laptop, laptop.meeting
        self.sealing, self.signing = X25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        self.cursors: dict[str, tuple[str, int]] = {}
        with self.meeting.database.write() as tx:
            tx.run(
                "UPDATE device SET public_key = :seal, signing_key = :sign WHERE id = :id",
                seal=public_text(self.sealing),
                sign=public_text(self.signing),
                id=laptop.device,
            )
        with self.meeting.database.read() as tx:
            self.server = public_keys(tx)

    def header(self, **more: Any) -> BundleHeader:
        now = self.meeting.clock()
        given: dict[str, Any] = {
            "kind": bundle.PUSH,
            "sender": self.laptop.device,
            "receiver": bundle.server_id(self.server.sealing),
            "bundle": self.meeting.new_id(),
            "made": to_wire(now),
            "expires": to_wire(now + timedelta(days=30)),
        }
        return BundleHeader(**(given | more))

    def file(self, *bodies: bytes, signing: Ed25519PrivateKey | None = None, **header: Any) -> bytes:
        parts = [(bundle.WANT, msgspec.json.encode(Want(cursors=self.cursors)))]
        parts += [(bundle.OPS, body) for body in bodies]
        return bundle.seal(self.header(**header), parts, self.server.sealing, signing or self.signing)

    def ops(self, *ops: Op, **header: Any) -> bytes:
        return self.file(self.laptop.body(ops, epoch=-1), **header)

    def send(self, file: bytes) -> Answer:
        taken = bundles.take(
            self.meeting.database, REGISTRY, file, now=self.meeting.clock(), new_id=self.meeting.new_id
        )
        return self.opened(taken)

    def opened(self, taken: bundles.Taken) -> Answer:
        closed = bundle.check(taken.answer)
        closed.verify(self.server.signing)
        answer = Answer(taken, closed.header, closed.open(self.sealing))
        self.cursors |= {line.area: (line.gen, line.seq) for line in answer.lines("rows", Cursor)}
        return answer

    def refused(self, file: bytes) -> BundleError:
        """Why a file is refused; nothing at all may have changed."""
        before = contents(self.meeting)
        with pytest.raises(BundleError) as refused:
            self.send(file)
        assert contents(self.meeting) == before
        return refused.value


@dataclass
class Answer:
    """An answer, opened by its laptop."""

    taken: bundles.Taken
    header: BundleHeader
    parts: list[tuple[str, bytes]]

    def lines(self, part: str, kind: type[Any]) -> list[Any]:
        shape: Any = PushAnswerLine if part == bundle.RESULTS else PullLine
        found = []
        for name, body in self.parts:
            if name == part:
                found += [msgspec.json.decode(line, type=shape) for line in read_lines([body])]
        return [line for line in found if isinstance(line, kind)]

    @property
    def results(self) -> list[Result]:
        return self.lines(bundle.RESULTS, Result)

    @property
    def rows(self) -> dict[str, Row]:
        return {row.id: row for row in self.lines(bundle.ROWS, Row)}

    @property
    def scope(self) -> Scope:
        return msgspec.json.decode(dict(self.parts)[bundle.SCOPE], type=Scope)


def contents(meeting: Meeting) -> list[Any]:
    """Everything the server keeps."""
    with meeting.database.read() as tx:
        return [
            tx.all(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4")
            for table in ("area_head", "record", "op", "bundle", "device", "area_grant")
        ]


async def courier(meeting: Meeting, areas: str = "27211/01", user: str = "lan") -> Courier:
    return Courier(await meeting.laptop(areas, user=user))


async def test_ops_come_in_and_rows_go_out_in_one_round(meeting: Meeting) -> None:
    lan, minh = await courier(meeting), await courier(meeting, user="minh")
    first = lan.send(lan.ops(lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"}))))
    assert [result.result for result in first.results] == ["applied"]
    assert len(first.results[0].receipt) == 12
    assert first.rows["p1"].body == {"full_name": "Lê Thị Hằng"}
    assert first.taken.results == {"applied": 1}
    assert (first.header.kind, first.header.receiver) == ("answer", lan.laptop.device)
    assert [area.area for area in first.scope.areas] == [meeting.areas["27211/01"]]
    got = minh.send(minh.file())
    assert got.rows["p1"].body == {"full_name": "Lê Thị Hằng"}
    assert got.taken.results == {}
    assert minh.send(minh.file()).rows == {}, "the cursors of the first answer are known now"


async def test_the_same_file_twice_gives_the_same_receipts_and_changes_no_record(meeting: Meeting) -> None:
    lan = await courier(meeting)
    file = lan.ops(lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"})))
    first = lan.send(file)
    _, record, op, *_ = contents(meeting)
    meeting.clock.forward(hours=3)
    again = lan.send(file)
    assert contents(meeting)[1:3] == [record, op]
    assert again.taken.again == "2026-11-22T02:00:00.000Z"
    assert [r.result for r in again.results] == ["duplicate"]
    assert [r.receipt for r in again.results] == [r.receipt for r in first.results]
    assert again.header.in_answer_to == first.header.in_answer_to != ""
    assert again.header.bundle != first.header.bundle


async def test_network_and_file_in_any_order_are_one_op(meeting: Meeting) -> None:
    lan = await courier(meeting)
    by_net = lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"}))
    by_file = lan.laptop.op("27211/01", "p2", names({"full_name": "Lê Văn Tám"}))
    file = lan.ops(by_net, by_file)
    assert (await lan.laptop.push(by_net)).results[0].result == "applied"
    assert [r.result for r in lan.send(file).results] == ["duplicate", "applied"]
    assert (await lan.laptop.push(by_file)).results[0].result == "duplicate"
    with meeting.database.read() as tx:
        assert tx.one("SELECT count(*) FROM op WHERE device = :d", d=lan.laptop.device) == (2,)


async def test_several_bodies_in_one_file_are_taken_in_order(meeting: Meeting) -> None:
    lan = await courier(meeting)
    ops = [lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"}))]
    ops += [
        lan.laptop.op("27211/01", "p1", {"note": (None if not n else f"lần {n - 1}", f"lần {n}")})
        for n in range(MAX_OPS + 2)
    ]
    bodies = [lan.laptop.body(ops[at : at + MAX_OPS], epoch=-1) for at in range(0, len(ops), MAX_OPS)]
    answer = lan.send(lan.file(*bodies))
    assert answer.taken.results == {"applied": MAX_OPS + 3}
    assert answer.rows["p1"].body["note"] == f"lần {MAX_OPS + 1}"


async def test_what_is_out_of_scope_is_held_and_no_row_of_it_comes_back(meeting: Meeting) -> None:
    lan, other = await courier(meeting), await courier(meeting, "27300/01", user="minh")
    other.send(other.ops(other.laptop.op("27300/01", "far", names({"full_name": "Trần Văn Sáu"}))))
    lan.cursors[meeting.areas["27300/01"]] = ("", 0)
    answer = lan.send(lan.ops(lan.laptop.op("27300/01", "p1", names({"full_name": "Lê Thị Hằng"}))))
    assert [(r.result, r.reason) for r in answer.results] == [("held", "out-of-scope")]
    assert "far" not in answer.rows
    assert {row.area for row in answer.rows.values()} == {meeting.areas["27211/01"]}
    assert b"far" not in b"".join(read_lines([dict(answer.parts)[bundle.ROWS]]))


async def test_an_area_that_was_handed_over_takes_what_was_made_before_and_gives_nothing(
    meeting: Meeting,
) -> None:
    lan = await courier(meeting, "27211/01,27211/02")
    before = lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"}))
    meeting.clock.forward(hours=2)
    after = lan.laptop.op("27211/01", "p2", names({"full_name": "Lê Văn Tám"}))
    with meeting.database.write() as tx:
        tx.run(
            "UPDATE area_grant SET until = :until WHERE area = :area",
            until=to_wire(meeting.clock.now - timedelta(hours=1)),
            area=meeting.areas["27211/01"],
        )
    answer = lan.send(lan.ops(before, after))
    assert [(r.result, r.row) for r in answer.results] == [("applied", None), ("held", None)]
    assert [area.area for area in answer.scope.areas] == [meeting.areas["27211/02"]]
    assert {row.area for row in answer.rows.values()} == {meeting.areas["27211/02"]}


async def test_a_journey_of_days_is_no_wrong_clock(meeting: Meeting) -> None:
    lan = await courier(meeting)
    meeting.clock.forward(minutes=10)
    file = lan.ops(lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"})))
    meeting.clock.forward(days=6)
    answer = lan.send(file)
    assert answer.taken.clock == "ok"
    with meeting.database.read() as tx:
        assert tx.one("SELECT corrected, received FROM op WHERE record = 'p1'") == (
            "2026-11-22T02:10:00.000Z",
            "2026-11-28T02:10:00.000Z",
        )


@pytest.mark.parametrize(
    ("days", "clock"),
    [(3, "wrong"), (-3, "wrong"), (0.25, "warn")],
    ids=["ahead", "before enrolment", "hours"],
)
async def test_a_clock_that_must_be_wrong_is_said(meeting: Meeting, days: float, clock: str) -> None:
    lan = await courier(meeting)
    real = meeting.clock.now
    meeting.clock.now = real + timedelta(days=days)
    file = lan.ops(lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"})))
    meeting.clock.now = real
    assert lan.send(file).taken.clock == clock
    with meeting.database.read() as tx:
        assert tx.one("SELECT corrected FROM op WHERE record = 'p1'") == (to_wire(real),)


REFUSALS: dict[str, Callable[[Courier], bytes]] = {
    "other_receiver": lambda c: c.ops(receiver="0123456789abcdef"),
    "wrong_kind": lambda c: c.ops(kind=bundle.ANSWER),
    "unknown_sender": lambda c: c.ops(sender="01930000-0000-7000-8000-999999999999"),
    "expired": lambda c: c.ops(made="2026-10-01T00:00:00.000Z", expires="2026-10-31T00:00:00.000Z"),
    "altered": lambda c: c.file(signing=Ed25519PrivateKey.generate()),
    "unreadable": lambda c: c.file(b"\x28\xb5\x2f\xfd no body"),
    "cut": lambda c: c.ops()[:-1],
    "not_a_bundle": lambda c: b"PK\x03\x04" + bytes(400),
}


@pytest.mark.parametrize("word", REFUSALS)
async def test_each_bad_file_has_its_own_word_and_changes_nothing(meeting: Meeting, word: str) -> None:
    lan = await courier(meeting)
    lan.send(lan.ops(lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"}))))
    assert lan.refused(REFUSALS[word](lan)).word == word


async def test_a_body_that_names_another_device_or_is_cut_is_refused_whole(meeting: Meeting) -> None:
    lan, minh = await courier(meeting), await courier(meeting, user="minh")
    good = lan.laptop.body([lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"}))])
    theirs = minh.laptop.body([minh.laptop.op("27211/01", "p2", names({"full_name": "Lê Văn Tám"}))])
    assert lan.refused(lan.file(good, theirs)).word == "unreadable"
    assert lan.refused(lan.file(good, good[:-4])).word == "unreadable"


async def test_dates_that_are_none_are_refused(meeting: Meeting) -> None:
    lan = await courier(meeting)
    assert lan.refused(lan.ops(expires="mai")).word == "altered"


async def test_a_laptop_taken_out_of_service_is_told_since_when(meeting: Meeting) -> None:
    lan = await courier(meeting)
    file = lan.ops(lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"})))
    admin.revoke(meeting.database, lan.laptop.device, now=meeting.clock())
    refused = lan.refused(file)
    assert (refused.word, refused.params["at"]) == ("revoked", "2026-11-22T02:00:00.000Z")
    with pytest.raises(BundleError, match="revoked"):
        bundles.give(meeting.database, lan.laptop.device, now=meeting.clock())


async def test_a_laptop_that_never_told_its_keys_is_told_so(meeting: Meeting) -> None:
    lan = await courier(meeting)
    file = lan.ops()
    with meeting.database.write() as tx:
        tx.run("UPDATE device SET signing_key = ''")
    assert lan.refused(file).word == "no_keys"


async def test_a_file_signed_by_a_colleague_in_ones_name_is_refused(meeting: Meeting) -> None:
    lan, minh = await courier(meeting), await courier(meeting, user="minh")
    assert lan.refused(lan.file(signing=minh.signing)).word == "altered"


async def test_a_copied_disk_is_found_out_by_file_as_well(meeting: Meeting) -> None:
    lan = await courier(meeting)
    first = lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"}))
    lan.send(lan.ops(first))
    twin = lan.laptop.op("27211/01", "p2", names({"full_name": "Lê Văn Tám"}), n=first.n)
    assert lan.refused(lan.ops(twin)).word == "forked"


async def test_a_restored_server_takes_nothing_new_before_the_laptop_knows_and_gives_everything_again(
    meeting: Meeting,
) -> None:
    lan = await courier(meeting, "27211/01,27211/02")
    lan.send(lan.ops(lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"}))))
    with meeting.database.write() as tx:
        tx.run("UPDATE area_head SET gen = 'another' WHERE area = :area", area=meeting.areas["27211/01"])
    unaware = lan.laptop.op("27211/01", "p1", {"note": (None, "gọi trước")})
    other = lan.laptop.op("27211/02", "p2", names({"full_name": "Lê Văn Tám"}))
    answer = lan.send(lan.ops(unaware, other))
    assert (answer.taken.postponed, answer.taken.results) == (1, {"applied": 1})
    assert answer.rows.keys() >= {"p1"}
    assert "note" not in answer.rows["p1"].body
    assert "another" in [area.gen for area in answer.scope.areas], "so the laptop learns of it"
    assert lan.send(lan.ops(unaware)).taken.results == {"applied": 1}


async def test_a_laptop_may_be_given_everything_unasked(meeting: Meeting) -> None:
    lan = await courier(meeting)
    lan.send(lan.ops(lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng"}))))
    minh = await courier(meeting, user="minh")
    answer = minh.opened(bundles.give(meeting.database, minh.laptop.device, now=meeting.clock()))
    assert "p1" in answer.rows
    assert (answer.header.in_answer_to, answer.results) == ("", [])


async def test_many_rows_come_in_several_bodies_and_the_last_one_says_the_digest(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "ROWS_AT_ONCE", 3)
    lan = await courier(meeting)
    ops = [lan.laptop.op("27211/01", f"p{n}", names({"full_name": f"Lê Văn {n}"})) for n in range(8)]
    answer = lan.send(lan.ops(*ops))
    assert {f"p{n}" for n in range(8)} <= answer.rows.keys()
    assert sum(name == bundle.ROWS for name, _ in answer.parts) == 4
    (mark,) = [mark for trailer in answer.lines(bundle.ROWS, Trailer) for mark in trailer.areas]
    with meeting.database.read() as tx:
        assert tx.one("SELECT digest FROM area_head WHERE area = :a", a=mark.area) == (mark.digest,)
    monkeypatch.setattr(bundles, "MAX_ROW_BYTES", 1)
    lan.cursors = {}
    short = lan.send(lan.file())
    assert (short.taken.rows, short.taken.more) == (3, True)


async def test_no_name_of_a_person_or_place_can_be_read_in_either_file(meeting: Meeting) -> None:
    lan = await courier(meeting)
    file = lan.ops(
        lan.laptop.op("27211/01", "p1", names({"full_name": "Lê Thị Hằng", "phone": "+84903123456"}))
    )
    answer = lan.send(file).taken.answer
    for found in ("Hằng", "+84903123456", "903123456", "Bến Nghé", meeting.areas["27211/01"]):
        for bytes_on_the_stick in (file, answer):
            assert found.encode() not in bytes_on_the_stick
