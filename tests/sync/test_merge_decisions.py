"""People decide between values that met, on several laptops at once and in any order: no value and no choice is
lost, and nothing counts as decided by somebody who had not seen all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.conflicts import CONFLICT, CONFLICT_TYPE
from sync.merge import merge
from sync.protocol import Op
from sync.record import Mark, Outcome, Record, same
from tests.sync.merging import PERSON, Table

FIELDS = ["phone", "sex"]  # plain, clinical
VALUES = ["a", "b", "c", "d", None]
Rule = Callable[..., Outcome]


@dataclass
class Decision:
    """A person's choice: what was on the screen, and when the server took it."""

    op: Op
    field: str
    chosen: Any
    undo: bool
    seen: list[Any]
    seen_seq: int
    taken_seq: int = 0
    result: str = ""


@dataclass
class View:
    """A laptop: the record and its conflict rows as last pulled, with its own waiting ops on top."""

    device: str
    body: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
    asked: dict[str, Record] = field(default_factory=dict)
    waiting: list[Op] = field(default_factory=list)

    def pull(self, world: World) -> None:
        table = world.table
        assert table.record is not None
        self.body, self.seq = dict(table.record.body), table.record.seq
        self.asked = {
            name: msgspec.structs.replace(row, body=dict(row.body)) for name, row in table.conflicts.items()
        }
        for op in self.waiting:
            target = self.body if op.type == "person" else self.asked[world.field_of[op.record]].body
            for name, (_, new) in op.set.items():
                target.pop(name, None) if new is None else target.update({name: new})

    def type(self, world: World, name: str, value: Any) -> None:
        if same(self.body.get(name), value):
            return
        self.waiting.append(
            world.op(self.device, self.seq, "person", "r1", {name: (self.body.get(name), value)})
        )
        self.body[name] = value

    def decide(self, world: World, name: str, value: Any, undo: bool) -> None:
        row = self.asked.get(name)
        if row is None or (row.body["state"] == "resolved") != undo:
            return
        state = row.body["state"]
        new_state, chosen = ("open", None) if undo else ("resolved", value)
        changes = {"state": (state, new_state), "chosen": (row.body.get("chosen"), chosen)}
        changes = {key: pair for key, pair in changes.items() if not same(*pair)}
        op = world.op(self.device, row.seq, CONFLICT, row.id, changes)
        seen = [one["value"] for one in row.body["values"]]
        world.decisions.append(Decision(op, name, chosen, undo, seen, row.seq))
        self.waiting.append(op)
        row.body["state"] = new_state
        row.body.pop("chosen", None)
        if chosen is not None:
            row.body["chosen"] = chosen
        if not undo:
            self.type(world, name, value)


class World:
    """The server's record and the laptops around it."""

    def __init__(self, rule: Rule = merge) -> None:
        self.table, self.rule, self.count = Table(PERSON, rule), rule, 0
        self.field_of: dict[str, str] = {}
        self.delivered: list[Op] = []
        self.decisions: list[Decision] = []
        self.table.do("d9", "0000", 0, phone=(None, "a"), sex=(None, "a"))
        self.laptops = [View(f"d{i}") for i in range(3)]
        for laptop in self.laptops:
            laptop.pull(self)

    def op(self, device: str, base: int, kind: str, record: str, changes: dict[str, Any]) -> Op:
        self.count += 1
        made = self.table.op(device, f"{self.count:04d}", base, changes, kind, record)
        return msgspec.structs.replace(made, id=f"op{self.count:04d}")

    def push(self, laptop: View) -> None:
        if laptop.waiting:
            self.take(laptop.waiting.pop(0))

    def take(self, op: Op) -> None:
        self.delivered.append(op)
        table = self.table
        if op.type != CONFLICT:
            table.take(op)
            self.field_of |= {row.id: name for name, row in table.conflicts.items()}
            return
        name = self.field_of[op.record]
        out = self.rule(op, table.conflicts[name], {}, CONFLICT_TYPE, at=op.at, seq=table.seq + 1)
        if out.record is not None:
            table.seq += 1
            out.record.seq = table.seq
            table.conflicts[name] = out.record
        for decision in self.decisions:
            if decision.op is op:
                decision.taken_seq, decision.result = table.seq, out.result

    def finish(self, order: list[int] | None = None) -> None:
        for place in order or range(len(self.laptops)):
            while self.laptops[place].waiting:
                self.push(self.laptops[place])


def check(world: World) -> None:
    """The four rules, said as what people may rely on."""
    table = world.table
    for op in world.delivered:
        for name, (_, new) in op.set.items():
            if op.type == CONFLICT:
                if name == "state":
                    continue
                conflict = table.conflicts[world.field_of[op.record]]
                shown = conflict.body.get("chosen")
            else:
                conflict, shown = table.conflicts.get(name), table.body.get(name)
            listed = [*conflict.body["values"], *conflict.body.get("past", [])] if conflict else []
            kept = same(shown, new) or any(same(value["value"], new) for value in listed)
            about = world.field_of.get(op.record, name)
            replaced = any(
                other is not op and about in other.set and same(other.set[about][0], new)
                for other in world.delivered
                if other.type != CONFLICT
            ) or any(
                other is not op and other.record == op.record and same(other.set.get(name, ("", 0))[0], new)
                for other in world.delivered
                if op.type == other.type == CONFLICT
            )
            assert kept or replaced or (op.type == CONFLICT and new is None), (op.id, name, new)
    for name, conflict in table.conflicts.items():
        if conflict.body["state"] == "resolved":
            _check_decided(world, name, conflict)


def _check_decided(world: World, name: str, conflict: Record) -> None:
    taken = [d for d in world.decisions if d.field == name and d.result]
    undone = [d for d in taken if d.undo and d.result == "applied"]
    taken = [d for d in taken if not d.undo and not any(_undid(u, d) for u in undone)]
    mine = [d for d in taken if d.result == "applied" and same(d.chosen, conflict.body.get("chosen"))]
    listed = [one["value"] for one in conflict.body["values"]]
    knew = [
        d
        for d in mine
        if all(any(same(value, seen) for seen in [*d.seen, d.chosen]) for value in listed)
        # everybody else who chose otherwise was known to this decider, or came later having seen a state of their own
        and all(
            e.taken_seq <= d.seen_seq
            for e in taken
            if e.op.device != d.op.device and not same(e.chosen, d.chosen)
        )
    ]
    assert knew, (name, conflict.body, taken)


def _undid(undo: Decision, decision: Decision) -> bool:
    was = undo.op.set.get("chosen", (None, None))[0]
    return undo.taken_seq > decision.taken_seq and same(was, decision.chosen)


step = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["type", "type", "push", "push", "pull", "decide", "decide", "undo"]),
    st.sampled_from(FIELDS),
    st.sampled_from(VALUES),
)


def play(world: World, steps: list[Any]) -> None:
    for who, what, name, value in steps:
        laptop = world.laptops[who]
        if what == "type":
            laptop.type(world, name, value)
        elif what == "push":
            world.push(laptop)
        elif what == "pull":
            laptop.pull(world)
        else:
            laptop.decide(world, name, value, what == "undo")
    world.finish()


# Values meet before the steps begin, so that there is something to decide.
def met() -> World:
    world = World()
    for laptop, value in zip(world.laptops, "bcd", strict=True):
        for name in FIELDS:
            laptop.type(world, name, value)
    world.finish()
    for laptop in world.laptops:
        laptop.pull(world)
    return world


@settings(max_examples=300, deadline=None)
@given(st.lists(step, max_size=30))
def test_no_value_and_no_choice_is_lost_and_nothing_is_decided_unseen(steps: list[Any]) -> None:
    world = met()
    play(world, steps)
    check(world)


@settings(max_examples=150, deadline=None)
@given(st.lists(step, max_size=40))
def test_the_same_from_the_first_edit_on(steps: list[Any]) -> None:
    world = World()
    play(world, steps)
    check(world)


def heedless(op: Op, record: Record | None, *args: Any, **values: Any) -> Outcome:
    """The rule we do not use: the latest decision counts, whatever it had seen."""
    if op.type != CONFLICT:
        return merge(op, record, *args, **values)
    assert record is not None
    body = {**record.body, **{name: new for name, (_, new) in op.set.items()}}
    mark = Mark(values["at"], op.who, op.device, op.id, values["seq"])
    return Outcome(
        result="applied",
        record=msgspec.structs.replace(record, body=body, marks={**record.marks, "chosen": mark}),
    )


def test_the_tests_above_catch_a_rule_that_lets_the_latest_decision_win() -> None:
    @settings(max_examples=500, deadline=None, database=None)
    @given(st.lists(step, max_size=30))
    def attempt(steps: list[Any]) -> None:
        world = met()
        world.rule = heedless
        play(world, steps)
        check(world)

    with pytest.raises(AssertionError):
        attempt()


def deciders(choices: list[Any]) -> World:
    """As many laptops as choices; each decides about ``sex`` (b, c, d given, b shown) and knows of no other."""
    world = met()
    for laptop, choice in zip(world.laptops, choices, strict=False):
        laptop.decide(world, "sex", choice, undo=False)
    return world


@pytest.mark.parametrize(
    ("choices", "listed"),
    [
        (["b", "c"], {"b", "c", "d"}),
        (["c", "d"], {"b", "c", "d"}),
        (["b", "a"], {"a", "b", "c", "d"}),  # one gives a value nobody had given
        (["b", None], {"b", "c", "d", None}),  # one decides that it is not known
        (["b", "c", "d"], {"b", "c", "d"}),
        (["b", "b", "c"], {"b", "c", "d"}),
        ([None, "a", "b"], {"a", "b", "c", "d", None}),
    ],
)
def test_who_decide_differently_at_once_ask_again_with_every_choice_listed_in_every_order(
    choices: list[Any], listed: set[Any]
) -> None:
    for order in permutations(range(3)):
        world = deciders(choices)
        world.finish(list(order))
        assert world.table.state("sex") == "open", order
        assert set(world.table.listed("sex")) == listed, order
        check(world)


@pytest.mark.parametrize("choice", ["b", "c", "a", None])
def test_who_decide_alike_at_once_are_done_in_every_order(choice: Any) -> None:
    for order in permutations(range(3)):
        world = deciders([choice] * 3)
        world.finish(list(order))
        assert world.table.state("sex") == "resolved", order
        assert world.table.conflicts["sex"].body.get("chosen") == choice
        assert world.table.body.get("sex") == choice
        assert {d.result for d in world.decisions} == {"applied"}


def test_a_decision_ages_when_the_list_grew_and_is_made_anew_with_all_of_it() -> None:
    world = met()
    one, two, three = world.laptops
    one.decide(world, "sex", "c", undo=False)
    stale = View("d7", {"sex": "a"}, seq=1)
    stale.type(world, "sex", "e")
    world.take(stale.waiting.pop())  # somebody who had seen none of it
    world.finish()
    assert world.table.state("sex") == "open"
    assert set(world.table.listed("sex")) == {"b", "c", "d", "e"}
    assert world.table.body["sex"] == "c"  # the decision's edit counts; that it was asked again does too
    two.pull(world)
    two.decide(world, "sex", "e", undo=False)
    world.finish()
    assert world.table.state("sex") == "resolved"
    three.pull(world)
    three.decide(world, "sex", None, undo=True)
    world.finish()
    assert world.table.state("sex") == "open"
    check(world)


def test_earlier_rounds_stay_on_record_with_their_values() -> None:
    world = met()
    one = world.laptops[0]
    for round_, value in enumerate(["c", "d"]):
        one.pull(world)
        one.decide(world, "sex", value, undo=False)
        world.finish()
        late = View("d7", {"sex": "x"}, seq=1)
        late.type(world, "sex", f"new {round_}")
        world.take(late.waiting.pop())
    body = world.table.conflicts["sex"].body
    assert body["state"] == "open"
    assert [one["value"] for one in body["past"]] == ["b", "c", "d", "c", "new 0"]
    assert [one["value"] for one in body["values"]] == ["d", "new 1"]
    assert all(one["who"] and one["at"] and one["op"] for one in [*body["past"], *body["values"]])


def test_what_the_row_shows_is_always_among_the_values_that_are_asked_about() -> None:
    table = Table(PERSON)
    table.do("d0", "0000", 0, phone=(None, "a"))
    table.do("d1", "0002", 1, phone=("a", "b"))
    table.do("d2", "0003", 1, phone=("a", "c"))  # listed: b, c; shown: c
    table.do("d3", "0005", 3, phone=("c", None))  # seen and emptied
    table.do("d4", "0007", 2, phone=("b", "d"))  # goes on from b and has not seen the emptying
    assert table.body.get("phone") == "d"
    assert None in table.listed("phone")


def test_asking_again_is_heard_even_when_the_list_grew_meanwhile() -> None:
    world = deciders(["c"])
    one, two, _ = world.laptops
    world.finish()
    one.pull(world)
    late = View("d7", {"sex": "a"}, seq=1)
    late.type(world, "sex", "e")
    world.take(late.waiting.pop())
    two.pull(world)
    two.decide(world, "sex", "c", undo=False)
    world.finish()
    assert world.table.state("sex") == "resolved"
    one.decide(world, "sex", None, undo=True)
    world.finish()
    assert world.table.state("sex") == "open"
    check(world)
