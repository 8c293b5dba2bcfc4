"""What the merge rule promises whatever is typed in whatever order; a bad rule fails the same test."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.merge import merge
from sync.protocol import Op
from sync.record import Mark, Outcome, Record, same
from tests.sync.merging import PERSON, Table

FIELDS = ["phone", "sex", "note", "blood_group"]  # plain, clinical, plain, unknown here
PLAIN = {"phone", "note"}
values = st.sampled_from([None, "", "a", "b", "c", 0, 1, True, [1], {"k": 1}])
changes = st.dictionaries(st.sampled_from(FIELDS), values, min_size=1, max_size=3)


def last_write_wins(op: Op, record: Record | None, *_: Any, at: str, seq: int) -> Outcome:
    """The rule we do not use: the later time takes the field, the other value is gone."""
    body = dict(record.body) if record else {}
    marks = dict(record.marks) if record else {}
    for name, (_was, new) in op.set.items():
        if name not in marks or at >= marks[name].at:
            body[name], marks[name] = new, Mark(at, op.who, op.device, op.id, seq)
    return Outcome(
        result="applied",
        record=Record(type="person", id=op.record, body=body, marks={"": Mark(at, "", "", "", 0)} | marks),
    )


@dataclass
class View:
    """What a laptop shows: the server's record as last pulled with its own waiting ops on top."""

    device: str
    body: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
    waiting: list[Op] = field(default_factory=list)

    def type(self, table: Table, count: int, minute: int, wanted: dict[str, Any]) -> None:
        edits = {name: (self.body.get(name), value) for name, value in wanted.items()}
        edits = {name: pair for name, pair in edits.items() if not same(*pair)}
        if not edits:
            return
        op = table.op(self.device, f"{minute:04d}", self.seq, edits, "person", "r1")
        self.waiting.append(msgspec.structs.replace(op, id=f"op{count:04d}"))
        self.show(edits)

    def show(self, edits: dict[str, tuple[Any, Any]]) -> None:
        for name, (_, new) in edits.items():
            self.body[name] = new

    def pull(self, table: Table) -> None:
        assert table.record is not None
        self.body, self.seq = dict(table.record.body), table.seq
        for op in self.waiting:
            self.show(op.set)


step = st.tuples(
    st.integers(0, 2), st.sampled_from(["type", "type", "push", "pull"]), st.integers(0, 9), changes
)


def play(steps: list[Any], rule: Any) -> tuple[Table, list[Op]]:
    """Three laptops type, push in their own order and pull, then all push what is left."""
    table = Table(PERSON, rule)
    table.do("d9", "0000", 0, phone=(None, "a"), sex=(None, "a"))
    laptops = [View(f"d{i}") for i in range(3)]
    for laptop in laptops:
        laptop.pull(table)
    delivered: list[Op] = []
    for count, (who, what, minute, wanted) in enumerate(steps):
        laptop = laptops[who]
        if what == "type":
            laptop.type(table, count, minute, wanted)
        elif what == "pull":
            laptop.pull(table)
        elif laptop.waiting:
            delivered.append(laptop.waiting.pop(0))
            table.take(delivered[-1])
    for laptop in laptops:
        for op in laptop.waiting:
            delivered.append(op)
            table.take(op)
    return table, delivered


def check_nothing_dropped(table: Table, delivered: list[Op]) -> None:
    """Every value is in the row, was replaced by an op that had seen it, or is listed in a conflict row."""
    for op in delivered:
        for name, (_, new) in op.set.items():
            conflict = table.conflicts.get(name)
            listed = [*conflict.body["values"], *conflict.body.get("past", [])] if conflict else []
            replaced = any(
                name in other.set and same(other.set[name][0], new) for other in delivered if other is not op
            )
            kept = same(table.body.get(name), new) or any(same(v["value"], new) for v in listed)
            assert kept or replaced, (op.id, name, new)


@settings(max_examples=200)
@given(st.lists(step, max_size=30))
def test_nothing_typed_is_ever_dropped(steps: list[Any]) -> None:
    table, delivered = play(steps, merge)
    check_nothing_dropped(table, delivered)


def test_the_test_above_catches_last_write_wins() -> None:
    @settings(max_examples=500, database=None)
    @given(st.lists(step, max_size=30))
    def attempt(steps: list[Any]) -> None:
        check_nothing_dropped(*play(steps, last_write_wins))

    with pytest.raises(AssertionError):
        attempt()


def start() -> Table:
    table = Table()
    table.do("d9", "0000", 0, phone=(None, "a"), sex=(None, "a"), note=(None, "n"))
    return table


concurrent = st.lists(st.tuples(st.integers(0, 9), changes), min_size=2, max_size=3)


def apart(table: Table, edits: list[tuple[int, dict[str, Any]]]) -> list[Op]:
    """Ops of as many laptops, none of which has seen another."""
    ops = []
    for place, (minute, wanted) in enumerate(edits):
        pairs = {name: (table.body.get(name), value) for name, value in wanted.items()}
        op = table.op(f"d{place}", f"{minute:04d}", table.seq, pairs, "person", "r1")
        ops.append(msgspec.structs.replace(op, id=f"op{place}"))
    return ops


def listed(table: Table, name: str) -> list[str]:
    return sorted(repr(value) for value in table.listed(name)) if name in table.conflicts else []


@settings(max_examples=60)
@given(concurrent)
def test_plain_fields_end_the_same_in_every_order_of_arrival(edits: list[Any]) -> None:
    edits = [(m, {k: v for k, v in wanted.items() if k in PLAIN}) for m, wanted in edits]
    edits = [edit for edit in edits if edit[1]]
    ends = set()
    for order in permutations(range(len(edits))):
        table = start()
        ops = apart(table, edits)
        for place in order:
            table.take(ops[place])
        shown = {name: repr(table.body.get(name)) for name in PLAIN}
        ends.add(repr([(name, shown[name], listed(table, name)) for name in sorted(PLAIN)]))
    assert len(ends) <= 1


@settings(max_examples=60)
@given(concurrent)
def test_clinical_fields_ask_about_the_same_values_in_every_order(edits: list[Any]) -> None:
    edits = [(m, {"sex": wanted["sex"]}) for m, wanted in edits if "sex" in wanted]
    ends = set()
    for order in permutations(range(len(edits))):
        table = start()
        ops = apart(table, edits)
        for place in order:
            table.take(ops[place])
        state = table.state("sex") if "sex" in table.conflicts else ""
        asked = listed(table, "sex") or [repr(table.body.get("sex"))]
        ends.add(repr((state, asked)))
    assert len(ends) <= 1


@given(st.permutations(FIELDS), st.data())
def test_ops_on_different_fields_commute(order: list[str], data: Any) -> None:
    table = start()
    for place, name in enumerate(order):
        value = data.draw(values)
        pair = (table.body.get(name), value)
        op = table.op(f"d{place}", "0005", 1, {name: pair}, "person", "r1")
        before = {other: table.body.get(other) for other in FIELDS if other != name}
        assert table.take(op).result == "applied"
        assert same(table.body.get(name), value)
        assert {other: table.body.get(other) for other in FIELDS if other != name} == before
    assert table.conflicts == {}


@settings(max_examples=60)
@given(st.lists(step, max_size=20), changes, st.integers(0, 9), st.integers(0, 5))
def test_the_same_op_twice_in_a_row_is_the_same_as_once(
    steps: list[Any], wanted: dict[str, Any], minute: int, seen: int
) -> None:
    table, _ = play(steps, merge)
    op = table.op(
        "d8", f"{minute:04d}", seen, {k: ("never seen", v) for k, v in wanted.items()}, "person", "r1"
    )
    table.take(op)
    body, asked = dict(table.body), {name: table.conflicts[name].body for name in table.conflicts}
    table.take(op)
    assert same(table.body, body)
    assert {name: table.conflicts[name].body for name in table.conflicts} == asked
