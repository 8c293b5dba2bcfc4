"""Laptops that edit the same few records and sync in any order over a bad wire: all end alike, and no value is lost.

Each run is named by its seed, so that a failure can be played again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from sync.client import NoLink
from sync.merge import merge
from sync.protocol import Op
from sync.record import Outcome, Record
from sync.server import routes
from tests.sync.ward import Laptop, Ward, agreed, calm
from tests.sync.wire import Fault, cut, lost, unreachable

WORLDS, RUNS = 6, 20  # 120 runs; the laptops of a world live through all its runs
FIELDS = {
    "phone": lambda random: f"+8490300{random.randrange(10_000):04d}",  # plain
    "note": lambda random: f"ghi chú {random.randrange(10_000)}",  # plain
    "birth_year": lambda random: random.randrange(1901, 2026),  # clinical
    "sex": lambda random: random.choice(["male", "female", "unknown"]),  # clinical
}


@dataclass
class Run:
    """The records of one run."""

    random: Random
    people: list[str] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)


@pytest.fixture(params=[*(f"{n}-sqlite" for n in range(WORLDS)), "0-postgresql", "1-postgresql"])
def world(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[int, Ward, list[Laptop]]]:
    monkeypatch.setattr(
        routes, "run_in_threadpool", at_once
    )  # a thread a request costs more than the request
    monkeypatch.setattr(routes, "iterate_in_threadpool", one_by_one)
    number, _, kind = request.param.partition("-")
    ward = Ward(tmp_path, request.getfixturevalue("postgres_url") if kind == "postgresql" else None)
    laptops = [ward.laptop(name, "27211/01") for name in ("lan", "minh", "tâm")[: 2 + int(number) % 2]]
    calm(*laptops)
    yield int(number), ward, laptops
    ward.close()


async def at_once(work: Callable[..., Any], *arguments: Any) -> Any:
    return work(*arguments)


async def one_by_one(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def test_all_end_alike_and_every_typed_value_is_accounted_for(world: tuple[int, Ward, list[Laptop]]) -> None:
    number, ward, laptops = world
    play_all(number, ward, laptops)


@pytest.mark.parametrize("world", ["0-sqlite"], indirect=True)
def test_a_server_where_the_last_write_wins_does_not_pass(
    world: tuple[int, Ward, list[Laptop]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.server.area.merge", last_write_wins)
    _, ward, laptops = world
    with pytest.raises(AssertionError, match="is neither current, nor replaced, nor listed"):
        play_all(0, ward, laptops)


def last_write_wins(op: Op, record: Record | None, conflicts: Any, kind: Any, **more: Any) -> Outcome:
    was = {} if record is None else {name: record.body.get(name) for name in op.set}
    blind = {name: (was.get(name, before), new) for name, (before, new) in op.set.items()}
    return merge(msgspec.structs.replace(op, set=blind), record, {}, kind, **more)


def play_all(number: int, ward: Ward, laptops: list[Laptop]) -> None:
    for seed in range(number * RUNS, number * RUNS + RUNS):
        play(seed, ward, laptops)


def play(seed: int, ward: Ward, laptops: list[Laptop]) -> None:
    run = Run(Random(seed))
    known = {laptop.user: ops_of(laptop) for laptop in laptops}
    live_through(run, laptops)
    calm(*laptops)
    try:
        agreed(ward, *laptops)
        check(ward, laptops, run, known)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error


def live_through(run: Run, laptops: list[Laptop]) -> None:
    random = run.random
    run.people = [laptops[0].create("person", full_name="Nguyễn Văn Đức", household="h1", note="cũ")]
    if random.random() < 0.5:
        calm(*laptops)
    for _ in range(random.randrange(5, 12)):
        laptop = random.choice(laptops)
        if random.random() < 0.4:
            sync_badly(laptop, random)
        else:
            edit(laptop, run)


def edit(laptop: Laptop, run: Run) -> None:
    random = run.random
    here = [ident for ident in run.people if (row := laptop.row("person", ident)) and not row.deleted]
    deed = random.random()
    if deed < 0.12 or not here:
        run.people.append(
            laptop.create("person", full_name=f"Trần Thị {random.randrange(99)}", household="h1")
        )
    elif deed < 0.24:
        run.visits.append(
            laptop.create("household_visit", household="h1", at="2026-11-22T02:00:00.000Z", outcome="absent")
        )
    elif deed < 0.32:
        laptop.delete("person", random.choice(here))
    else:
        names = random.sample(sorted(FIELDS), random.choice([1, 1, 2]))
        laptop.change("person", random.choice(here), **{name: FIELDS[name](random) for name in names})


def sync_badly(laptop: Laptop, random: Random) -> None:
    path = random.choice(["/v1/push", "/v1/push", "/v1/pull", "/v1/scope"])
    politely = path != "/v1/scope" and random.random() < 0.5  # a short body of known length is never polite
    faults: list[Fault] = [lost, unreachable, cut(random.randrange(400), politely=politely)]
    laptop.wire.encoding = random.choice(["", "identity"])
    if random.random() < 0.5:
        laptop.wire.then = [(path, random.choice(faults))]
    stopped = laptop.tried()
    assert stopped is None or isinstance(stopped, NoLink), stopped
    laptop.wire.then = []


def ops_of(laptop: Laptop) -> dict[str, tuple[Any, ...]]:
    """op id -> (record, set, state) of everything the laptop ever saved."""
    found = laptop.all('SELECT id, record, "set", state FROM outbox ORDER BY n')
    return {row[0]: row[1:] for row in found}


def check(ward: Ward, laptops: list[Laptop], run: Run, known: dict[str, dict[str, tuple[Any, ...]]]) -> None:
    made = {
        laptop.user: {k: v for k, v in ops_of(laptop).items() if k not in known[laptop.user]}
        for laptop in laptops
    }
    answered = ward.server_ops()
    for ops in made.values():
        for ident, (_, _, state) in ops.items():
            assert state == "acked", "nothing of this was against a rule, so every op must be taken"
            assert ident in answered
    listed = defaultdict(list)  # (record, field) -> values of its conflict row
    conflicts = laptops[0].all('SELECT record, field, state, "values", extra FROM conflict')
    for record, name, _, values, extra in conflicts:
        past = json.loads(extra).get("past", []) if extra else []
        listed[record, name] += [value["value"] for value in (*json.loads(values), *past)]
    changes = [
        (record, name, was, new)
        for ops in made.values()
        for record, changed, _ in ops.values()
        for name, (was, new) in json.loads(changed).items()
    ]
    seen = {(record, name, json.dumps(was)) for record, name, was, _ in changes}
    for record, name, _, new in changes:
        if name in ("deleted_reason", "household", "full_name", "at", "outcome"):
            continue
        current = now(laptops[0], record, name)
        replaced = (record, name, json.dumps(new)) in seen  # by somebody who had seen it: it was their `was`
        assert new == current or replaced or new in listed[record, name], (
            f"{name} {new!r} is neither current, nor replaced, nor listed"
        )
    for visit in run.visits:
        assert laptops[0].row("household_visit", visit) is not None


def now(laptop: Laptop, record: str, name: str) -> Any:
    for type_name in ("person", "household_visit"):
        row = laptop.row(type_name, record)
        if row is not None:
            return row.deleted if name == "deleted" else row.body.get(name)
    raise AssertionError("the record is gone")
