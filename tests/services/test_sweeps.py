"""Sweeps over units: started by the chief, counted from the visits that stand, wherever they were written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sweep_ward import FIRST, NEGATIVE, ONE, POSITIVE, TWO, SweepWard

from tui_app.clock import today
from tui_app.errors import InvalidFields, NotOpened
from tui_app.records.visits import Asked, Symptom, VisitOutcome, Wellbeing
from tui_app.services.people import people
from tui_app.services.station import unplaced
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweep_here import of_unit, on_laptop
from tui_app.services.sweeps.sweep_progress import by_team, by_unit, suspects
from tui_app.services.sweeps.sweep_states import SweepState
from tui_app.services.visits import visits


@pytest.fixture
def ward(tmp_path: Path) -> SweepWard:
    return SweepWard(tmp_path / "one")


def column(ward: SweepWard, sql: str) -> list[object]:
    with ward.store.read() as c:
        return [value for (value,) in c.execute(sql)]


def test_the_report_is_due_at_ten_on_the_morning_after_the_last_day(ward: SweepWard) -> None:
    """S2 §II.1.5: swept on 18/08/2021, reported at 10:00 on 19/08/2021."""
    campaign = ward.start(started_on=date(2021, 8, 18), ended_on=date(2021, 8, 18))
    with ward.store.read() as c:
        assert sweeps.sweep(c, campaign).due_at == "2021-08-19T03:00:00.000Z"  # 10:00 in Viet Nam


def test_a_sweep_may_set_its_own_deadline_and_keep_none_without_a_last_day(ward: SweepWard) -> None:
    own = ward.start(due_at=datetime(2026, 11, 22, 10, 0, tzinfo=UTC))
    open_end = ward.start(ended_on=None)
    with ward.store.read() as c:
        assert sweeps.sweep(c, own).due_at == "2026-11-22T10:00:00.000Z"
        assert sweeps.sweep(c, open_end).due_at is None
        assert sweeps.sweep(c, open_end).runs_on(date(2027, 5, 1))


def test_only_the_chief_starts_changes_and_calls_off(ward: SweepWard) -> None:
    campaign = ward.start()
    ward.store.role = "member"
    for try_it in (
        ward.start,
        lambda: sweeps.change(ward.store, "minh", campaign, ward.plan(name="Khác")),
        lambda: sweeps.cancel(ward.store, "minh", campaign),
    ):
        with pytest.raises(NotOpened):
            try_it()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": "  "}, ["name"]),
        ({"areas": ()}, ["area"]),
        ({"ended_on": date(2026, 11, 21)}, ["ended_on"]),
        ({"due_at": datetime(2026, 11, 20, tzinfo=UTC)}, ["due_at"]),
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    ward: SweepWard, changes: dict[str, object], fields: list[str]
) -> None:
    with pytest.raises(InvalidFields) as refused:
        ward.start(**changes)
    assert [problem.field for problem in refused.value.problems] == fields


def test_a_visit_names_the_sweep_that_runs_at_its_door(ward: SweepWard) -> None:
    door, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    other, _ = ward.door("9 Lê Lợi", "Lê Thị Hằng", area=TWO)
    campaign = ward.start(areas=(ONE,))
    ward.meet(door)
    ward.knock(other, VisitOutcome.ABSENT)
    ward.clock.forward(days=1)
    ward.knock(door, VisitOutcome.ABSENT)
    assert column(ward, "SELECT campaign FROM household_visit ORDER BY at, id") == [campaign, None, None]


def test_a_visit_written_before_its_laptop_knew_of_the_sweep_counts_all_the_same(ward: SweepWard) -> None:
    door, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    ward.meet(door)
    campaign = ward.start()
    assert column(ward, "SELECT campaign FROM household_visit") == [None]
    assert ward.states(campaign) == {"1 Lê Lợi": "met_all"}


def test_two_sweeps_at_once_both_count_a_knock_that_names_the_one_due_first(ward: SweepWard) -> None:
    door, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    later = ward.start(ended_on=date(2026, 11, 30))
    sooner = ward.start(name="Rà soát nhanh")
    ward.knock(door, VisitOutcome.ABSENT)
    assert column(ward, "SELECT campaign FROM household_visit") == [sooner]
    assert ward.states(later) == ward.states(sooner) == {"1 Lê Lợi": "absent"}
    with ward.store.read() as c:
        assert [one.campaign for one in sweeps.beside(c, ward.plan(), sooner)] == [later]
        assert sweeps.beside(c, ward.plan(started_on=date(2026, 12, 1), ended_on=date(2026, 12, 2))) == []


def test_every_household_has_a_state_and_corrections_and_taken_back_visits_count(ward: SweepWard) -> None:
    doors = [ward.door(f"{n} Lê Lợi", "Nguyễn Văn Đức", "Trần Thị Thủy")[0] for n in range(1, 9)]
    campaign = ward.start()
    ward.meet(doors[0])
    sheet = ward.sheet(doors[1])
    visits.record_visit(ward.store, "lan", sheet.with_line(sheet.lines[0].well()))
    ward.knock(doors[2], VisitOutcome.ABSENT)
    ward.knock(doors[2], VisitOutcome.ABSENT)
    ward.knock(doors[3], VisitOutcome.REFUSED)
    ward.knock(doors[4], VisitOutcome.EMPTY)
    ward.knock(doors[5], VisitOutcome.MOVED)
    visits.withdraw_visit(ward.store, "lan", ward.meet(doors[6]))
    assert list(ward.states(campaign).values()) == [
        "met_all",
        "met_partly",
        "absent",
        "refused",
        "empty",
        "moved",
        "not_yet",
        "not_yet",
    ]
    ward.clock.forward(minutes=5)
    visits.record_visit(ward.store, "minh", ward.sheet(doors[1]).rest_well())  # corrects the partly met one
    tally = ward.tally(campaign)
    assert tally.households[1].standing.state == SweepState.MET_ALL
    assert tally.households[2].standing.absences == 2
    assert ward.values(campaign) == {
        "households": 8,
        "state_not_yet": 2,
        "state_met_all": 2,
        "state_absent": 1,
        "absent_again": 1,
        "state_refused": 1,
        "state_empty": 1,
        "state_moved": 1,
        "persons": 16,
        "asked_each": 1,
        "asked_all": 3,
        "not_asked": 12,
    }


def test_a_household_typed_in_while_it_runs_is_a_newcomer_and_one_of_a_list_is_not(ward: SweepWard) -> None:
    people.save_household(ward.store, "lan", {"address": "1 Cũ"}, area=ONE)
    ward.clock.forward(days=1)
    campaign = ward.start(started_on=date(2026, 11, 23), ended_on=date(2026, 11, 23))
    found = people.save_household(ward.store, "lan", {"address": "2 Mới"}, area=ONE)
    ward.door("3 Danh sách", "Nguyễn Văn Đức")
    tally = ward.tally(campaign)
    assert {door.id for door in tally.households if door.newcomer} == {found}
    assert ward.values(campaign)["newcomer_households"] == 1


def test_who_died_or_left_before_is_not_asked_for(ward: SweepWard) -> None:
    door, members = ward.door("1 Lê Lợi", "Nguyễn Văn Đức", "Trần Thị Thủy")
    campaign = ward.start()
    people.mark_moved(ward.store, "lan", members[1], FIRST)
    ward.meet(door)
    assert ward.states(campaign) == {"1 Lê Lợi": "met_all"}
    assert ward.values(campaign)["persons"] == 1


def test_travellers_and_newcomers_are_told_by_where_they_came_from(ward: SweepWard) -> None:
    door, members = ward.door("1 Lê Lợi", "Nguyễn Văn Đức", "Trần Thị Thủy", "Nguyễn Thị Hoa")
    campaign = ward.start(epidemic_areas=("Đà Nẵng", "Bắc Giang"))
    sheet = ward.sheet(door)
    sheet = sheet.with_line(
        replace(sheet.lines[0].well(), travel=True, travel_from="da nang", arrived_on=FIRST)
    )
    sheet = sheet.with_line(replace(sheet.lines[1].well(), travel=True, travel_from="Huế"))
    visits.record_visit(ward.store, "lan", sheet.rest_well())
    tally = ward.tally(campaign)
    told = {
        ident: (p.travel_from, p.epidemic, p.arrived_on) for ident, p in tally.persons.items() if p.travelled
    }
    assert set(told.values()) == {("da nang", True, "2026-11-22"), ("Huế", False, None)}
    values = ward.values(campaign)
    assert (values["travellers"], values["from_epidemic"], values["newcomers"]) == (2, 1, 1)
    assert set(told) < set(members)


@pytest.mark.parametrize(
    ("said", "epidemic"),
    [
        (("Đà Nẵng", "Huế"), True),  # what was found once stays found
        (("Huế", "quận Hải Châu, Đà Nẵng"), True),
        (("Nẵng",), True),
        (("N",), False),  # part of a word names no place
        (("Đà",), True),
        (("Huế", "Quảng Nam"), False),
    ],
)
def test_somebody_came_from_an_epidemic_area_once_it_was_said_at_any_meeting(
    ward: SweepWard, said: tuple[str, ...], epidemic: bool
) -> None:
    door, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    campaign = ward.start(epidemic_areas=("Đà Nẵng",))
    for place in said:
        sheet = ward.sheet(door)
        line = replace(sheet.lines[0].well(), travel=True, travel_from=place)
        visits.record_visit(ward.store, "lan", replace(sheet.with_line(line), amends=None))  # another meeting
    assert ward.values(campaign).get("from_epidemic", 0) == epidemic


def test_suspected_and_confirmed_are_told_by_cv_1909(ward: SweepWard) -> None:
    """CV 1909/BYT-DP (rules §2.11): factor with fever and cough is suspected; signs alone are not; factor with a
    positive antigen test is confirmed."""
    door, members = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    second, alone = ward.door("2 Lê Lợi", "Trần Thị Thủy")
    third, positive = ward.door("3 Lê Lợi", "Lê Thị Hằng")
    away, stranger = ward.door("4 Lê Lợi", "Phạm Văn Tí")
    campaign = ward.start(epidemic_areas=("Đà Nẵng",))
    fever = {0: [Symptom.FEVER, Symptom.COUGH]}
    ward.meet(door, signs=fever, exposure=True)
    ward.meet(second, signs=fever)
    ward.meet(third, wellbeing=Wellbeing.WELL, asked=Asked.EACH, exposure=True, test=POSITIVE)
    ward.meet(away, signs=fever, travel=True, travel_from="Huế")  # no epidemic area: no factor
    tally = ward.tally(campaign)
    found = {person.id: person.findings[0].outcome for person in suspects(tally)}
    assert found == {members[0]: "suspected", positive[0]: "confirmed"}
    assert {one.rule for one in tally.persons[positive[0]].findings} == {"confirmed_factor_antigen"}
    assert tally.persons[alone[0]].findings == tally.persons[stranger[0]].findings == ()
    values = ward.values(campaign)
    assert (values["suspected"], values["confirmed"], values["tests"], values["positive"]) == (1, 1, 1, 1)
    assert values["unwell"] == 3


def test_before_the_definition_was_in_force_nobody_is_called_suspected_or_not(ward: SweepWard) -> None:
    door, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    ward.clock.now = datetime(2021, 8, 18, 2, 0, tzinfo=UTC)  # CV 1909 holds from 15/04/2022
    campaign = ward.start(started_on=date(2021, 8, 18), ended_on=date(2021, 8, 18))
    ward.meet(door, signs={0: [Symptom.FEVER, Symptom.COUGH]}, exposure=True)
    values = ward.values(campaign)
    assert not ward.tally(campaign).judged
    assert (values["suspected"], values["confirmed"], values["unwell"]) == (None, None, 1)


def test_a_corrected_test_counts_once(ward: SweepWard) -> None:
    door, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    campaign = ward.start()
    ward.meet(door, wellbeing=Wellbeing.WELL, asked=Asked.EACH, test=POSITIVE)
    ward.clock.forward(minutes=3)
    ward.meet(door, test=NEGATIVE)
    values = ward.values(campaign)
    assert (values["tests"], values["negative"]) == (1, 1)


def test_progress_by_unit_and_by_who_knocked(ward: SweepWard) -> None:
    one, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức", "Trần Thị Thủy")
    two, _ = ward.door("2 Lê Lợi", "Lê Văn Ba")
    three, _ = ward.door("3 Hàn Hải Nguyên", "Lê Thị Hằng", area=TWO)
    campaign = ward.start()
    ward.meet(one)
    ward.knock(two, VisitOutcome.ABSENT, who="minh")
    ward.knock(three, VisitOutcome.REFUSED, who="minh")
    tally = ward.tally(campaign)
    assert [(u.name, u.done, u.households) for u in by_unit(tally)] == [
        ("Khu phố 1", 1, 2),
        ("Khu phố 2", 1, 1),
    ]
    assert [(t.who, set(t.households), t.met, len(t.asked), t.units) for t in by_team(tally)] == [
        ("minh", {two, three}, (), 0, ("Khu phố 1", "Khu phố 2")),
        ("lan", {one}, (one,), 2, ("Khu phố 1",)),
    ]


def test_how_far_the_sweep_is_on_this_laptop_and_in_a_unit(ward: SweepWard) -> None:
    """Whole meetings and a refusal need no other knock; an absence and a meeting without somebody do."""
    one, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức", "Trần Thị Thủy")
    two, _ = ward.door("2 Lê Lợi", "Lê Văn Ba")
    three, _ = ward.door("3 Lê Lợi", "Lê Thị Tư")
    four, _ = ward.door("4 Hàn Hải Nguyên", "Lê Thị Hằng", area=TWO)
    ward.door("5 Hàn Hải Nguyên", "Lê Thị Năm", area=TWO)

    def far() -> list[tuple[int | None, int | None]]:
        with ward.store.read() as c:
            day = today(ward.clock)
            found = (on_laptop(c, day), of_unit(c, one, day), of_unit(c, four, day))
        return [(here.done, here.households) for here in found if here]

    assert far() == []
    ward.start()
    ward.meet(one)
    ward.knock(two, VisitOutcome.ABSENT)
    ward.meet(three)
    ward.knock(four, VisitOutcome.REFUSED)
    assert far() == [(3, 5), (2, 3), (1, 2)]
    ward.person(one, "Nguyễn Văn Sáu")
    assert far() == [(2, 5), (1, 3), (1, 2)]


def test_changing_moves_dates_and_units_and_calling_off_stops_the_counting(ward: SweepWard) -> None:
    door, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức", area=TWO)
    campaign = ward.start(areas=(ONE,))
    assert sweeps.change(ward.store, "lan", campaign, ward.plan(areas=(TWO,), ended_on=date(2026, 11, 24)))
    assert not sweeps.change(
        ward.store, "lan", campaign, ward.plan(areas=(TWO,), ended_on=date(2026, 11, 24))
    )
    with ward.store.read() as c:
        changed = sweeps.sweep(c, campaign)
    assert (changed.areas, changed.ended_on, changed.due_at) == (
        (TWO,),
        date(2026, 11, 24),
        "2026-11-25T03:00:00.000Z",
    )
    sweeps.cancel(ward.store, "lan", campaign)
    ward.knock(door, VisitOutcome.ABSENT)
    assert column(ward, "SELECT campaign FROM household_visit") == [None]
    sweeps.cancel(ward.store, "lan", campaign, back=True)
    assert ward.states(campaign) == {"1 Lê Lợi": "absent"}


def test_households_of_a_split_unit_stay_in_the_sweep(ward: SweepWard) -> None:
    door, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    ward.door("2 Lê Lợi", "Lê Thị Hằng")
    campaign = ward.start(areas=(ONE,))
    over = ward.start(name="Đợt cũ", areas=(ONE,), started_on=date(2026, 11, 1), ended_on=date(2026, 11, 2))
    ward.knock(door, VisitOutcome.ABSENT)
    assert unplaced.place(ward.store, "lan", [door], TWO) == 1
    assert ward.states(campaign) == {"1 Lê Lợi": "absent", "2 Lê Lợi": "not_yet"}
    with ward.store.read() as c:
        assert set(sweeps.sweep(c, campaign).areas) == {ONE, TWO}
        assert sweeps.sweep(c, over).areas == (ONE,)
    ward.store.role = "member"
    with pytest.raises(NotOpened):
        unplaced.place(ward.store, "minh", [door], ONE)
