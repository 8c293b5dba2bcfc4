"""Ops that make records nobody has are written without a look at what is there: to the same rows and answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.conflicts import conflict_id
from sync.framing import encode_body
from sync.protocol import Header, Op, Result, Trailer, to_wire
from sync.registry import Registry
from sync.server import admin, area
from sync.server.database import AlreadyThere, Database
from sync.server.fresh import new_ones
from sync.server.intake import Arrived, read_push
from sync.server.problems import Refused
from sync.server.push import push
from sync.server.scope import Caller, Grant
from sync.server.sqlite import SqliteDatabase
from tests.sync.cluster import Databases
from tests.sync.conftest import KINDS
from tests.sync.merging import AREA, PERSON, TEST

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
REGISTRY = Registry([PERSON, TEST, AREA])
UNITS = ("a1", "a2")
COMMUNE = "27211"
DEVICES = ("d1", "d2")
ORDER = {"area_head": "area", "record": "area, type, id", "op": "id", "moving": "record"}
WHO = ("lan", "minh", "100 % lan", "\\N", "lan\\t", "lan\tminh", "lan\nminh\r", 'lan "')
Told = tuple[Any, ...]


class Server:
    """A server with two units and nobody's records in them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def empty(self) -> None:
        """Back to how it began."""
        with self.database.write() as tx:
            for table in ORDER:
                tx.run(f"DELETE FROM {table}")
            for unit in UNITS:
                tx.run(
                    "INSERT INTO area_head (commune, area, seq, gen, digest, updated)"
                    " VALUES (:commune, :area, 3, 'gen', '17', '')",
                    commune=COMMUNE,
                    area=unit,
                )

    def push(self, device: str, ops: list[Op], late: timedelta, until: str | None) -> Told:
        """What comes of a push: a result each and where the areas stand, or why it was refused."""
        header = Header(kind="push", device=device, now=to_wire(NOW - late))
        lines = [header, *ops, Trailer(count=len(ops))]
        body = read_push([encode_body(map(msgspec.json.encode, lines))], "zstd", device, NOW)
        grants = {unit: Grant(COMMUNE, unit, "write", until if unit == "a2" else None) for unit in UNITS}
        caller = Caller(device, "lan", "chief", 1, grants)
        try:
            return push(self.database, REGISTRY, caller, body.arrived, to_wire(NOW), b"key")
        except Refused as refused:
            return (refused.status, refused.kind)

    def tables(self) -> dict[str, list[Told]]:
        """Everything it keeps."""
        with self.database.read() as tx:
            return {table: tx.all(f"SELECT * FROM {table} ORDER BY {by}") for table, by in ORDER.items()}


@pytest.fixture(params=KINDS)
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Two servers on the same kind of database."""
    places: list[Path | str] = [tmp_path / "one", tmp_path / "other"]
    if request.param == "postgresql":
        postgres: Databases = request.getfixturevalue("postgres")
        places = [postgres.copy(), postgres.copy()]
    databases = [admin.init(place) for place in places]
    for database in databases:
        if isinstance(database, SqliteDatabase):
            database._writer.execute("PRAGMA synchronous = OFF")
    yield Server(databases[0]), Server(databases[1])
    for database, place in zip(databases, places, strict=True):
        database.close()
        if isinstance(place, str):
            postgres.give_back(place)


values = st.sampled_from(
    [None, "", "a", 'Đặng Thị Mười \\ "Ba"\t', 0, 1, 36.5, True, [1, ["b"]], {"k": None}]
)
changed = st.tuples(st.one_of(st.none(), st.none(), st.none(), values), values)
fields = st.sampled_from(
    ["phone", "sex", "note", "result", "blood_group", "deleted_reason"] * 3
    + ["deleted", "area", "seq", "Bad Name", "a,b", "clock_wrong", "state", "chosen"]
)
deletes = st.fixed_dictionaries(
    {"deleted": st.sampled_from([(False, True), (None, True), (True, False), (0, 1)])}
)
moves = st.sampled_from([{"area": ("a1", "a2")}, {"area": ("a2", "a1"), "note": (None, "x")}])
decides = st.just({"state": ("open", "resolved"), "chosen": (None, "a")})
plain = st.sampled_from(["phone", "sex", "note", "result"])
created = st.dictionaries(plain, st.tuples(st.none(), values), min_size=1, max_size=4)
sets = st.one_of(
    *[created] * 12,
    *[st.dictionaries(fields, changed, min_size=1, max_size=4)] * 3,
    st.just({}),
    deletes,
    moves,
    decides,
)
asked = [("conflict", conflict_id("person", f"r{n}", "sex")) for n in range(3)]
kinds = st.sampled_from(["person", "person", "test_result"])
places = st.one_of(
    *[st.tuples(kinds, st.none())] * 5,  # a record nobody has
    *[st.tuples(kinds, st.integers(0, 9).map("r{}".format))] * 2,
    st.sampled_from(
        [("area", "r1"), ("unheard_of", "r1"), ("person", "bad id"), ("person", "r1,r2"), *asked]
    ),
)
ops = st.tuples(
    places,
    sets,
    st.sampled_from(["a1"] * 6 + ["a2", "a2", "elsewhere"]),
    st.sampled_from([0] * 9 + [4, 9]),  # base_seq
    st.sampled_from([None] * 12 + ["op1", "bad,id", "op\n2"]),  # its id
    st.sampled_from([0] * 30 + [-1]),  # how far its number is from the next one
    st.sampled_from(
        ["2026-11-22T01:59:00.000Z"] * 6 + ["2026-11-29T00:00:00Z", '2026-11-22"08:00:00+07:00', "?"]
    ),
)
pushes = st.tuples(
    st.sampled_from(DEVICES),
    st.lists(ops, min_size=3, max_size=10),
    st.sampled_from([timedelta(0)] * 4 + [timedelta(days=2), timedelta(seconds=-90.5)]),
    st.sampled_from([None, None, "2026-11-22T01:59:30.000Z", "2026-11-01T00:00:00.000Z"]),
    st.booleans(),  # whether the body comes again
)


def made(pushed: Any, numbers: dict[str, int]) -> list[Op]:
    """The ops of a push, numbered on from the laptop's last."""
    device, wanted, *_ = pushed
    found = []
    for (kind, record), changes, unit, base_seq, ident, back, at in wanted:
        numbers[device] += 1
        n = numbers[device]
        found.append(
            Op(
                id=ident or f"{device}-{n}",
                device=device,
                n=n + back,
                commune=COMMUNE,
                area=unit,
                type=kind,
                record=record or f"new-{device}-{n}",
                at=at,
                who=WHO[n % len(WHO)],
                set=changes,
                base_seq=base_seq,
            )
        )
    return found


def looked_new(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many ops of each area of each push seem to make new records."""
    counts: list[int] = []

    def counted(arrived: list[Arrived], registry: Registry) -> list[Arrived]:
        found = new_ones(arrived, registry)
        counts.append(len(found))
        return found

    monkeypatch.setattr(area, "new_ones", counted)
    return counts


def test_whatever_comes_both_ways_keep_and_answer_the_same(
    two: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    counts = looked_new(monkeypatch)

    @settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(pushes, min_size=2, max_size=5))
    def attempt(pushed: list[Any]) -> None:
        one.empty()
        other.empty()
        numbers = dict.fromkeys(DEVICES, 0)
        for which in pushed:
            found = made(which, numbers)
            for _ in range(1 + which[-1]):
                told = one.push(which[0], found, which[2], which[3])
                with monkeypatch.context() as patch:
                    patch.setattr(area, "new_ones", lambda arrived, registry: [])
                    assert told == other.push(which[0], found, which[2], which[3])
                assert one.tables() == other.tables()

    attempt()
    assert sum(counts) >= 30, "nearly all that was tried took the other way"


def op(ident: str, n: int, record: str = "r1", device: str = "d1", unit: str = "a1", **changes: Any) -> Op:
    return Op(
        id=ident,
        device=device,
        n=n,
        commune=COMMUNE,
        area=unit,
        type="person",
        record=record,
        at="2026-11-22T01:59:00.000Z",
        who="lan",
        set={name: (None, value) for name, value in changes.items()},
    )


def results(told: Told) -> list[tuple[str, str, int]]:
    found: list[Result] = told[0]
    return [(one.result, one.reason, one.seq) for one in found]


def test_what_seemed_new_and_is_there_goes_through_again_with_a_look(
    two: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _ = two
    server.empty()
    server.push("d1", [op("op1", 1, sex="male")], timedelta(0), None)
    counts = looked_new(monkeypatch)
    met = [op("x1", 1, "r2", "d2", sex="male"), op("x2", 2, "r1", "d2", sex="female")]
    told = server.push("d2", met, timedelta(0), None)
    assert counts == [2], "another laptop had made the second person already"
    assert results(told) == [("applied", "", 5), ("conflict", "", 6)]
    reused = [op("x3", 3, "r3", "d2", sex="male"), op("op1", 4, "r4", "d2", sex="male")]
    told = server.push("d2", reused, timedelta(0), None)
    assert counts == [2, 2], "an op of another laptop had the second one's id"
    assert results(told) == [("applied", "", 7), ("rejected", "op-id-reused", 0)]


def test_a_row_that_is_there_voids_the_transaction(two: tuple[Server, Server]) -> None:
    server, _ = two
    server.empty()
    arrived = [Arrived(0, op("op1", 1, sex="male"), "2026-11-22T01:59:00.000Z")]
    with server.database.write() as tx:
        area.AreaPush(tx, REGISTRY, COMMUNE, "a1", to_wire(NOW), b"key").take(arrived)
    before = server.tables()
    again = [Arrived(0, op("op2", 2, "r1", "d2", sex="male"), "2026-11-22T01:59:00.000Z")]
    with pytest.raises(AlreadyThere), server.database.write() as tx:
        area.AreaPush(tx, REGISTRY, COMMUNE, "a1", to_wire(NOW), b"key").take(again)
    assert server.tables() == before


def test_a_laptop_that_makes_records_in_two_units_at_once_is_not_taken_for_a_copy(
    two: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _ = two
    server.empty()
    counts = looked_new(monkeypatch)
    ops = [op(f"op{n}", n, f"r{n}", unit=UNITS[n % 2], sex="male") for n in range(1, 7)]
    told = server.push("d1", ops, timedelta(0), None)
    assert results(told) == [("applied", "", 4 + n // 2) for n in range(6)]
    assert counts == [3, 3]
