"""A week of a ward with 500 open cases by keys; tests/e2e/test_ward_week_by_commands.py is the same by commands.

One team types its patients down the grid, answers what is dangerous, refers, releases and opens again; what the others
measure comes as their laptops would bring it. The board is compared with the charts before and after every round.
``python -m tests.week`` types all 500.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from tests.screens.conftest import USER
from tests.screens.hands import Hands
from tests.screens.street import at_work, household, person
from tests.screens.week_by_keys import TeamAtKeys
from tests.week import plan as planned
from tests.week.by_hand import MONDAY, TUESDAYS, hours, slot
from tests.week.plan import Patient, Plan, Sheet
from tui_app.bootstrap import Workspace
from tui_app.screens.frame.unhurried import UnhurriedScreen
from tui_app.services.care import recording
from tui_app.services.care.patient import patient
from tui_app.services.care.vitals import Vitals
from tui_app.services.cases import alerts, cases, observing
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.settings import Places
from tui_app.store.engine import Store

COLLEAGUE = "minh"
POSITIVE = MONDAY - timedelta(days=4)  # so that Thursday is day 7 (QĐ 250, rules §2.7)
ENDS = ("recovered", "moved_out", "mistaken", "release")


@pytest.fixture(autouse=True)
def short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UnhurriedScreen, "SLICE", 0.03)


@pytest.fixture
def clock() -> Hands:
    return Hands(hours(0).mail - timedelta(hours=1))


@pytest.fixture
def plan() -> Plan:
    return Plan()


@pytest.fixture
def team(plan: Plan, request: pytest.FixtureRequest) -> list[Patient]:
    """Those the keys are for."""
    return plan.team(request.config.getoption("--week-rows"))


@pytest.fixture
def fill(plan: Plan, team: list[Patient]) -> Callable[[Workspace], None]:
    """The ward on Monday morning: 500 open cases."""
    mine = set(map(id, team))

    def made(workspace: Workspace) -> None:
        for place, one in enumerate([*plan.patients, *plan.latecomers]):
            if place % 4 == 0:
                door = household(workspace, f"{place // 4 + 1} Lê Lợi", walk_order=place)
            one.person = person(workspace, door, one.name, birth_date="1980-05-01", sex="female")
        for one in plan.patients:
            opened(workspace.store, one, USER if id(one) in mine else COLLEAGUE)

    return made


def opened(store: Store, one: Patient, followed_by: str) -> None:
    """A new case."""
    days = {"started_on": MONDAY, "first_positive_on": POSITIVE}
    made = cases.open_case(store, COLLEAGUE, one.person, source="screening", followed_by=followed_by, **days)
    one.case = made.case


class Colleagues:
    """What other laptops bring."""

    def __init__(self, keys: TeamAtKeys) -> None:
        self.keys, self.plan, self.mine = keys, keys.plan, set(map(id, keys.team))

    @property
    def store(self) -> Store:
        return self.keys.app.open_workspace.store

    def theirs(self, one: Patient) -> bool:
        return id(one) not in self.mine

    def do(self, deed: str, one: Patient) -> None:
        """What is done with a patient besides measuring."""
        on = self.keys.now.date()
        if deed in ENDS:
            outcome = "recovered" if deed == "release" else deed
            cases.end_case(self.store, COLLEAGUE, one.case, outcome, on, "theo dõi đủ")
        elif deed == "reopen":
            cases.reopen(self.store, COLLEAGUE, one.case, "chưa đi")
        else:
            place = "home" if deed == "home" else "hospital"
            cases.set_place(self.store, COLLEAGUE, one.case, place, on)
        planned.done(deed, one, self.keys.now)

    def measure(self, rows: Sequence[tuple[Patient, int, Sheet]], *, late: bool = False) -> None:
        """Readings, with the answers to what is asked, as one sync brings them."""
        now, heard = self.keys.now, list[str]()
        with self.store.work(COLLEAGUE) as work:
            sets = rule_sets(work.connection)
            for one, half, sheet in rows:
                at, of = (planned.end_of(half), slot(half)) if late else (now, None)
                vitals = Vitals(
                    spo2=sheet.spo2, respiratory_rate=sheet.breaths, pulse=sheet.pulse, symptoms=(), signs=()
                )
                ill = patient(work.connection, work.get("case", one.case))
                kept = recording.record(work, ill, vitals, at, sets, of)
                reading = planned.measured(one, half, sheet, at, now)
                one.observations[reading] = kept.observation
                if kept.alert and sheet.heard:
                    heard.append(kept.alert)
                    reading.told = now
        for alert in heard:
            alerts.tell(self.store, COLLEAGUE, alert, "trạm")

    def answer(self) -> None:
        """Tell somebody of what still waits."""
        with self.store.read() as c:
            waiting = alerts.open_alerts(c, self.keys.now)
        for line in waiting:
            alerts.tell(self.store, COLLEAGUE, line.id, "trạm")
        for _, reading in self.plan.unheard(self.keys.now):
            reading.told = self.keys.now

    def take_back(self, slip: planned.Correction) -> None:
        """A reading of somebody else."""
        old = slip.patient.observations[slip.wrong]
        observing.withdraw_vitals(self.store, COLLEAGUE, old, "nhầm người")
        planned.corrected(slip, self.keys.now)


async def test_a_week_of_500_cases_by_keys(
    ward: Places,
    clock: Hands,
    plan: Plan,
    team: list[Patient],
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    known = []
    async with at_work(ward, clock) as (app, pilot):
        keys = TeamAtKeys(app, pilot, clock, plan, team)
        others = Colleagues(keys)
        for half in range(request.config.getoption("--week-half-days")):
            now = hours(half)
            keys.at(now.mail)
            if half and half % 2 == 0:
                await keys.unlock()
            for deed, one in plan.deeds(half):
                if others.theirs(one):
                    others.do(deed, one)
                else:
                    await keys.do(deed, one)
            await mail(half, keys, others)
            keys.at(now.before)
            await keys.minute()
            await keys.look(f"half-day {half}, before")
            if half % 4 == 2:
                await keys.as_it_was_known(*known[half - 2])  # yesterday morning
            keys.at(now.round)
            if half % 3 == 2 and any(plan.unheard(now.round)):
                await keys.answer_first()
            others.answer()
            others.measure([(one, half, sheet) for one, sheet in plan.round(half) if others.theirs(one)])
            began = time.perf_counter()
            await keys.measure(half, [pair for pair in plan.round(half) if not others.theirs(pair[0])])
            keys.seconds += time.perf_counter() - began
            keys.at(now.after)
            await keys.minute()
            known.append((now.after, await keys.look(f"half-day {half}, after")))
            if half == 2:
                keys.at(TUESDAYS)
                for one in plan.latecomers:
                    one.chart.since = TUESDAYS
                    opened(others.store, one, COLLEAGUE)
                await keys.hear()
                await keys.look("Tuesday at noon")
            if half % 2:
                await keys.lock()  # for the night
        if half % 2:
            await keys.unlock()
        for moment, board in known[::9]:
            await keys.as_it_was_known(moment, board)
    record_property("rows", keys.typed)
    record_property("seconds", round(keys.seconds, 1))


async def mail(half: int, keys: TeamAtKeys, others: Colleagues) -> None:
    """Late sheets, the half-days before the last one first, and a slip."""
    late = keys.plan.late(half)
    others.measure([row for row in late if others.theirs(row[0])], late=True)
    for back in (3, 1):
        mine = [(one, sheet) for one, of, sheet in late if half - of == back and not others.theirs(one)]
        await keys.measure(half - back, mine, back)
    others.answer()
    if half // 2 % 3 != 2:
        for slip in keys.plan.corrections(half, keys.team):
            await keys.correct(slip)
    elif theirs := [one for one in keys.plan.patients if others.theirs(one)]:  # it was somebody else's
        for slip in keys.plan.corrections(half, theirs):
            others.take_back(slip)
