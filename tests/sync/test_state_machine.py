"""Hypothesis looks for an order of edits, faults and changes of scope in which something is lost; it must find none.

The deeds, the wire and the accounting are those of `tests.faults`; the client and server code is the real one. The
same machine must find what is lost when the merge, the counters or the op ids are taken away.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.faults.broken import BROKEN
from tests.faults.deeds import TYPED, Deeds
from tests.faults.wire import Fault, Trouble
from tests.faults.world import UNITS, World

laptops = st.integers(0, 2)
people = st.integers(0, 2)
units = st.sampled_from(UNITS)
fields = st.lists(st.sampled_from(TYPED), min_size=1, max_size=3, unique=True)
faults = st.lists(
    st.builds(
        Fault,
        st.sampled_from(list(Trouble)),
        st.sampled_from(["/v1/push", "/v1/pull", "/v1/scope"]),
        st.integers(0, 4000),
    ),
    max_size=2,
)
shifts = st.sampled_from([-3 * 86400, -7200, -60, 0, 60, 7200, 3 * 86400])

_worlds: list[World] = []  # one is prepared and put back to its beginning for each example


@contextmanager
def world() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        _worlds.append(World(Path(folder)))
        try:
            yield
        finally:
            _worlds.pop().close()


class Meeting(RuleBasedStateMachine):
    """Three laptops, two units, one server."""

    def __init__(self) -> None:
        super().__init__()
        self.world = _worlds[-1]
        self.world.begin()
        self.deeds = Deeds(self.world)
        self.deeds.person(self.world.laptops[0], "01")
        self.quiet()

    @rule(who=laptops, unit=units)
    def new_person(self, who: int, unit: str) -> None:
        self.deeds.person(self.world.laptops[who], unit)

    @rule(who=laptops, unit=units)
    def new_visit(self, who: int, unit: str) -> None:
        self.deeds.visit(self.world.laptops[who], unit)

    @rule(who=laptops, person=people, names=fields)
    def edit(self, who: int, person: int, names: list[str]) -> None:
        self.deeds.edit(self.world.laptops[who], person, names)

    @rule(who=laptops, other=laptops, names=fields)
    def edit_unaware_of_each_other(self, who: int, other: int, names: list[str]) -> None:
        self.deeds.edit(self.world.laptops[who], 0, names)
        self.deeds.edit(self.world.laptops[other], 0, names)

    @rule(who=laptops, person=people)
    def delete(self, who: int, person: int) -> None:
        self.deeds.delete(self.world.laptops[who], person)

    @rule(which=st.integers(0, 5), anew=st.booleans())
    def words_are_taken_out(self, which: int, anew: bool) -> None:
        self.deeds.take_out(self.world.laptops[0], which, anew=anew)

    @rule(who=laptops, person=people)
    def revive(self, who: int, person: int) -> None:
        self.deeds.revive(self.world.laptops[who], person)

    @rule(who=laptops, which=st.integers(0, 3), choice=st.integers(0, 3))
    def resolve(self, who: int, which: int, choice: int) -> None:
        self.deeds.resolve(self.world.laptops[who], which, choice)

    @rule(who=laptops, met=faults)
    def sync(self, who: int, met: list[Fault]) -> None:
        self.deeds.sync(self.world.laptops[who], met)

    @rule(who=laptops, unit=units, given=st.booleans())
    def sync_while_the_scope_changes(self, who: int, unit: str, given: bool) -> None:
        laptop = self.world.laptops[who]
        self.deeds.sync(laptop, [], lambda: (self.deeds.give if given else self.deeds.withdraw)(laptop, unit))

    @rule(who=laptops, names=fields)
    def somebody_types_into_what_is_taken_away(self, who: int, names: list[str]) -> None:
        self.deeds.too_late(self.world.laptops[who], 0, names)

    @rule(who=laptops)
    def a_laptop_is_backed_up(self, who: int) -> None:
        self.deeds.copy(self.world.laptops[who])

    @rule(who=laptops, which=st.integers(0, 3))
    def a_laptop_goes_on_from_its_backup(self, who: int, which: int) -> None:
        self.deeds.restore_laptop(self.world.laptops[who], which)

    @rule()
    def the_server_is_backed_up(self) -> None:
        self.world.back_up()

    @precondition(lambda self: self.world.backups)
    @rule(which=st.integers(0, 3))
    def the_server_goes_on_from_a_backup(self, which: int) -> None:
        self.deeds.restore_server(which)

    @rule(who=laptops, person=people, unit=units)
    def a_person_moves(self, who: int, person: int, unit: str) -> None:
        self.deeds.move(self.world.laptops[who], person, unit)

    @rule(who=laptops, tries=st.sampled_from([1, 3]))
    def its_patience(self, who: int, tries: int) -> None:
        self.world.laptops[who].tries = tries

    @rule(who=laptops, which=st.integers(0, 7))
    def an_old_push_arrives_again(self, who: int, which: int) -> None:
        self.deeds.again(self.world.laptops[who], which)

    @rule(who=laptops, other=laptops, names=fields)
    def an_answer_is_lost_and_somebody_goes_on(self, who: int, other: int, names: list[str]) -> None:
        self.deeds.answer_lost(self.world.laptops[who], self.world.laptops[other], 0, names)

    @rule(who=laptops, seconds=shifts)
    def the_clock_jumps(self, who: int, seconds: int) -> None:
        self.world.laptops[who].clock.off = timedelta(seconds=seconds)

    @rule(who=laptops, unit=units)
    def a_unit_is_taken_away(self, who: int, unit: str) -> None:
        self.deeds.withdraw(self.world.laptops[who], unit)

    @precondition(lambda self: self.world.rescoped)
    @rule(who=laptops, unit=units)
    def a_unit_is_given(self, who: int, unit: str) -> None:
        self.deeds.give(self.world.laptops[who], unit)

    @rule()
    def quiet(self) -> None:
        assert self.world.settle() == []

    def teardown(self) -> None:
        self.quiet()


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Meeting,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=True,
            report_multiple_bugs=False,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_nothing_is_lost_whatever_happens() -> None:
    with world():
        run(examples=20, steps=15)


@pytest.mark.parametrize("missing", BROKEN)
def test_the_machine_notices_what_is_missing(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with world():
        BROKEN[missing](monkeypatch)
        with pytest.raises((AssertionError, BaseExceptionGroup)):  # a group when a replay goes another way
            run(examples=1000, steps=20)  # it ends with the first that fails, mostly among the first 80
