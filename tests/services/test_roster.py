"""The roster of a day: who stands on it, why by which rule and since when, how urgent, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync import outbox
from tests.services.care_ward import DAY, CareWard
from tests.services.laptop_alone import area_id
from tui_app.clock import to_wire
from tui_app.errors import NotOpened
from tui_app.records.visits import Symptom, TestMethod, TestOutcome, VisitOutcome
from tui_app.services.access import lease
from tui_app.services.cases import alerts, cases, contacts, follow_ups
from tui_app.services.cases.board import Standing
from tui_app.services.cases.contacts import Meeting
from tui_app.services.cases.observing import Vitals
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people import people
from tui_app.services.risk import support_needs as support
from tui_app.services.roster import giving, words
from tui_app.services.roster.lines import RosterLine
from tui_app.services.roster.roster import roster
from tui_app.services.roster.teams import known_names
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweeps import Plan
from tui_app.services.visits import testing, visits

HYPOXIC = Vitals(temperature_c=36.8, pulse=80, respiratory_rate=18, spo2=93, symptoms=(), signs=())
"""SpO2 ≤ 96 is a danger sign under QĐ 261 (rules §2.5)."""


class RosterWard(CareWard):
    """The ward of the care tests, looked at through the roster."""

    def lines(self, slot: str | None = None, day: date | None = None) -> list[RosterLine]:
        with self.store.read() as c:
            return roster(c, self.now, slot, day)

    def find(self, task: str, subject: str) -> RosterLine:
        return next(line for line in self.lines() if (line.task, line.subject) == (task, subject))

    def states(self) -> dict[str, Standing]:
        return {f"{line.task} {line.full_name}": line.state for line in self.lines()}

    def household(self, address: str, **fields: Any) -> str:
        return people.save_household(self.store, self.who, {"address": address, **fields}, area=area_id(1))

    def sweep(self, days: int = 0) -> str:
        plan = Plan(
            name="Rà soát tháng 2",
            areas=(area_id(1),),
            started_on=DAY,
            ended_on=DAY + timedelta(days=days),
        )
        return sweeps.start(self.store, self.who, plan)

    def give(self, to: str, *lines: RosterLine, **more: Any) -> giving.Changed:
        return giving.give(self.store, self.who, lines, to, **more)


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[RosterWard]:
    made = RosterWard(tmp_path)
    yield made
    made.close()


def why(line: RosterLine) -> list[tuple[str, str, str]]:
    """Code of each reason with the rule and set of its first finding."""
    return [(one.code, one.findings[0].rule, one.findings[0].rule_set) for one in line.reasons]


def test_a_reading_is_due_in_the_half_day_and_overdue_after_its_hour(ward: RosterWard) -> None:
    """House hours: a morning reading is overdue from 11:00 (assets/rule_sets/house-slots.toml)."""
    who = ward.person()
    case = ward.case(who, followed_by="minh")
    line = ward.find("measure", who)
    assert (line.state, why(line), line.since) == (
        Standing.DUE,
        [("half_day", "am", "house-slots")],
        "2022-02-19T23:00:00.000Z",  # 06:00 in Viet Nam, when the round opens
    )
    assert (line.to, line.record, line.place, line.unit) == ("minh", case, "12 Lê Lợi, hẻm 45", "Khu phố 1")
    ward.at(DAY, 11, 30)
    assert ward.find("measure", who).state is Standing.OVERDUE
    ward.measure(case)
    assert ward.find("measure", who).state is Standing.DONE
    ward.at(DAY, 14)
    assert ward.find("measure", who).state is Standing.DUE, "the afternoon begins"


def test_an_unanswered_alert_comes_first_with_its_rule_and_goes_when_it_is_answered(ward: RosterWard) -> None:
    calm, ill = ward.person("Phạm Văn Tí"), ward.person("Lê Thị Hằng")
    ward.case(calm)
    alert = ward.measure(ward.case(ill), HYPOXIC).alert
    assert alert is not None
    first, second = [line for line in ward.lines() if line.task == "measure"]
    assert (first.person, first.state, why(first)[0]) == (ill, Standing.DANGER, ("alert", "spo2", "qd-261"))
    assert (first.reasons[0].findings[0].value, first.reasons[0].findings[0].limit) == (93, "≤ 96")
    assert second.person == calm
    alerts.tell(ward.store, ward.who, alert, "BS Hòa")
    assert ward.find("measure", ill).state is not Standing.DANGER


def test_a_test_is_due_on_day_seven_until_one_is_made(ward: RosterWard) -> None:
    """QĐ 250: full 7 days and a negative rapid test; day 0 is the first positive one (rules §2.7)."""
    who = ward.person()
    ward.case(who)
    ward.at(DAY + timedelta(days=6), 8)
    assert "test Lê Thị Hằng" not in ward.states()
    ward.at(DAY + timedelta(days=7), 8)
    line = ward.find("test", who)
    assert (line.state, line.since, why(line)) == (
        Standing.DUE,
        "2022-02-27",
        [("release_test", "seven_days_and_negative", "release-250")],
    )
    ward.at(DAY + timedelta(days=8), 8)
    assert ward.find("test", who).state is Standing.OVERDUE
    testing.record_test(ward.store, ward.who, who, TestMethod.ANTIGEN, TestOutcome.NEGATIVE)
    assert ward.find("test", who).state is Standing.DONE
    ward.at(DAY + timedelta(days=9), 8)
    assert "test Lê Thị Hằng" not in ward.states()


def test_the_doors_of_a_sweep_stand_in_walking_order_until_nobody_has_to_come_again(ward: RosterWard) -> None:
    third = ward.household("3 Lê Lợi", alley="hẻm 45", walk_order=3)
    second = ward.household("30 Lê Lợi", alley="hẻm 45", walk_order=2)
    resident = ward.person()
    ward.sweep(days=1)
    assert [line.household for line in ward.lines()] == [ward.door, second, third]
    assert why(ward.lines()[0]) == [("sweep", "sweep_door", "house-roster")]
    visits.record_outcome(ward.store, ward.who, second, VisitOutcome.ABSENT)
    visits.record_outcome(ward.store, ward.who, third, VisitOutcome.REFUSED)
    with ward.store.read() as c:
        sheet = visits.visit_sheet(c, ward.door, DAY)
    visits.record_visit(ward.store, ward.who, sheet.rest_well())
    assert [(line.household, line.state) for line in ward.lines()] == [
        (second, Standing.DUE),
        (ward.door, Standing.DONE),
        (third, Standing.DONE),
    ]
    assert ward.lines()[0].reasons[0].findings[0].value == {"sweep_state": "absent", "absences": 1}
    ward.person("Trẻ mới đến")
    assert ward.find("visit", ward.door).state is Standing.DUE, "somebody nobody asked lives there now"
    assert resident
    ward.at(DAY + timedelta(days=1), 8)
    assert {line.household for line in ward.lines()} == {ward.door, second}, (
        "who refused needs no other knock"
    )
    ward.at(DAY + timedelta(days=2), 8)
    assert ward.lines() == [], "the sweep is over"


def test_a_need_is_overdue_after_three_days_and_several_of_one_person_are_one_line(ward: RosterWard) -> None:
    """House rule open_need: overdue three days after it was opened (assets/rule_sets/house-roster.toml)."""
    who = ward.person()
    food = support.open_need(ward.store, ward.who, "food", person=who)
    medicine = support.open_need(ward.store, ward.who, "medicine", person=who, followed_by="Tổ 3")
    line = ward.find("support", who)
    assert (line.state, [one.text for one in line.reasons], line.to) == (
        Standing.DUE,
        ["food", "medicine"],
        "Tổ 3",
    )
    ward.at(DAY + timedelta(days=3), 8)
    assert ward.find("support", who).state is Standing.OVERDUE
    support.meet(ward.store, ward.who, food)
    assert [one.text for one in ward.find("support", who).reasons] == ["medicine"]
    support.meet(ward.store, ward.who, medicine)
    assert ward.find("support", who).state is Standing.DONE
    ward.at(DAY + timedelta(days=4), 8)
    assert ward.lines() == []


def test_a_check_after_recovery_is_due_in_its_month_and_done_by_a_visit(ward: RosterWard) -> None:
    """Rules §1.8: within twelve months; the house has it in months 1, 3, 6 and 12, each on the roster for 14 days."""
    who = ward.person()
    case = ward.case(who)
    cases.end_case(ward.store, ward.who, case, "recovered", on=DAY, reason="khỏi")
    ward.at(date(2022, 3, 19), 8)
    assert ward.lines() == []
    ward.at(date(2022, 3, 20), 8)
    line = ward.find("follow_up", who)
    assert (line.state, line.since, why(line)) == (
        Standing.DUE,
        "2022-03-20",
        [("follow_up", "after_recovery", "house-follow-up")],
    )
    ward.at(date(2022, 3, 21), 8)
    assert ward.find("follow_up", who).state is Standing.OVERDUE
    follow_ups.record_follow_up(ward.store, ward.who, case, well=True)
    assert ward.find("follow_up", who).state is Standing.DONE
    ward.at(date(2022, 3, 22), 8)
    assert ward.lines() == []


def test_a_check_nobody_made_comes_again_at_the_next_due_date_and_says_since_when(ward: RosterWard) -> None:
    who = ward.person()
    case = ward.case(who)
    cases.end_case(ward.store, ward.who, case, "recovered", on=DAY, reason="khỏi")
    ward.at(date(2022, 4, 3), 8)
    assert ward.find("follow_up", who).state is Standing.OVERDUE
    ward.at(date(2022, 4, 4), 8)
    assert ward.lines() == []
    with ward.store.read() as c:
        assert [line.person for line in follow_ups.follow_ups_due(c, date(2022, 4, 4))] == [who], (
            "on the list"
        )
    ward.at(date(2022, 5, 20), 8)
    line = ward.find("follow_up", who)
    assert (line.state, line.since) == (Standing.OVERDUE, "2022-03-20")


def test_a_check_made_later_than_the_roster_reminds_of_it_is_done_that_day(ward: RosterWard) -> None:
    """The house reminds for 14 days from each due date (assets/rule_sets/house-roster.toml)."""
    who = ward.person()
    case = ward.case(who)
    cases.end_case(ward.store, ward.who, case, "recovered", on=DAY, reason="khỏi")
    ward.at(date(2022, 4, 10), 8)
    assert ward.lines() == []
    follow_ups.record_follow_up(ward.store, ward.who, case, well=True)
    assert ward.find("follow_up", who).state is Standing.DONE
    ward.at(date(2022, 4, 11), 8)
    assert ward.lines() == []


def test_who_cannot_travel_and_is_due_stands_there_for_a_dose(ward: RosterWard) -> None:
    """The programme for adults began on 08/03/2021; the house calls a dose overdue 30 days after it is due
    (assets/rule_sets/vaccination-programme.toml, house-vaccination.toml)."""
    who = ward.person(mobility_limited=True, unvaccinated_reason="chưa đi được")
    ward.person("Phạm Văn Tí", unvaccinated_reason="bận")
    line = ward.find("dose", who)
    assert (line.state, line.since, line.reasons[0].text) == (Standing.OVERDUE, "2021-04-08", "basic")
    assert [one.rule for one in line.reasons[0].findings] == [
        "adults",
        "any_product",
        "overdue_after_30_days",
    ]
    assert ward.find("dose", who).household == ward.door
    assert "dose Phạm Văn Tí" in ward.states(), "who lives with them is vaccinated on the same way"


def test_the_roster_of_a_half_day_that_passed_is_as_things_stood_at_its_end(ward: RosterWard) -> None:
    who = ward.person()
    case = ward.case(who)
    ward.at(DAY, 15)
    ward.measure(case)
    (morning,) = [line for line in ward.lines("am") if line.task == "measure"]
    assert (morning.state, why(morning)[-1][1]) == (Standing.OVERDUE, "am")
    (tomorrow,) = [line for line in ward.lines(day=DAY + timedelta(days=1)) if line.task == "measure"]
    assert tomorrow.state is Standing.DUE


def test_lines_are_given_to_persons_and_teams_and_go_over_to_others(ward: RosterWard) -> None:
    second = ward.household("30 Lê Lợi", alley="hẻm 45", walk_order=2)
    ward.sweep()
    first = ward.give("Tổ 1", *ward.lines())
    assert (first.count, {line.to for line in ward.lines()}) == (2, {"Tổ 1"})
    ward.give("Minh", ward.find("visit", second))
    assert {line.household: line.to for line in ward.lines()} == {ward.door: "Tổ 1", second: "Minh"}
    giving.put_back(ward.store, ward.who, first)
    assert {line.to for line in ward.lines()} == {""}
    assert len(ward.rows("assignment")) == 2, "a row a door and day, whoever it went to"


def test_what_was_not_done_is_overdue_and_carried_over_to_whom_it_was_given(ward: RosterWard) -> None:
    second = ward.household("30 Lê Lợi", alley="hẻm 45", walk_order=2)
    ward.sweep(days=2)
    ward.give("Tổ 1", *ward.lines())
    visits.record_outcome(ward.store, ward.who, second, VisitOutcome.REFUSED)
    ward.at(DAY + timedelta(days=1), 7)
    (line,) = ward.lines()
    assert (line.household, line.state, line.to, line.carried_from) == (
        ward.door,
        Standing.OVERDUE,
        "Tổ 1",
        "2022-02-20",
    )
    assert [one.code for one in line.reasons] == ["sweep", "undone"]
    assert giving.carry_over(ward.store, ward.who, ward.lines()).count == 1
    (carried,) = ward.lines()
    assert (len(carried.given), carried.undone, carried.to, carried.carried_from) == (
        1,
        (),
        "Tổ 1",
        "2022-02-20",
    )
    assert giving.carry_over(ward.store, ward.who, ward.lines()).count == 0, "once"


def test_a_word_of_the_chief_stands_there_until_somebody_says_that_it_is_done(ward: RosterWard) -> None:
    who = ward.person()
    giving.add(ward.store, ward.who, "hỏi thăm sau mưa bão", person=who, to="Tổ 2")
    line = ward.find("other", who)
    assert (line.state, line.to, line.reasons[0].text) == (Standing.DUE, "Tổ 2", "hỏi thăm sau mưa bão")
    giving.add(ward.store, ward.who, "mang khẩu trang", person=who)
    assert ward.find("other", who).reasons[0].text == "hỏi thăm sau mưa bão; mang khẩu trang"
    ward.at(DAY + timedelta(days=1), 8)
    assert ward.find("other", who).state is Standing.OVERDUE
    giving.say_done(ward.store, ward.who, ward.find("other", who))
    assert ward.find("other", who).state is Standing.DONE
    ward.at(DAY + timedelta(days=2), 8)
    assert ward.lines() == []


def test_what_the_chief_sends_back_stands_there_for_who_wrote_it_until_it_is_corrected(
    ward: RosterWard,
) -> None:
    case = ward.case()
    visit = visits.record_outcome(ward.store, "minh", ward.door, VisitOutcome.ABSENT)
    with ward.store.work(ward.who) as work:
        fields = {
            "on": DAY,
            "record_type": "household_visit",
            "record": visit,
            "decision": "returned",
            "at": work.at,
            "returned_to": "minh",
            "reason": "nhầm nhà",
        }
        work.create("review", fields, place=work.get("household", ward.door))
    line = ward.find("returned", visit)
    assert (line.state, line.to, line.household, line.reasons[0].text) == (
        Standing.DUE,
        "minh",
        ward.door,
        "nhầm nhà",
    )
    since, why_so = words.long(rule_sets(), line.reasons[0])
    assert since == "trả lại 20/02/2022 08:00: nhầm nhà", "the moment once"
    assert "Trạm trả lại để làm lại: lượt thăm" in why_so
    assert case
    ward.at(DAY, 9)
    visits.withdraw_visit(ward.store, "minh", visit)
    assert ward.find("returned", visit).state is Standing.DONE


def test_a_contact_is_tested_on_the_days_of_the_rule_it_met_the_case_under(ward: RosterWard) -> None:
    """CV 10696 of 16/12/2021, vaccinated: tests on days 1 and 7 after the last contact (rules §2.11)."""
    case, near = ward.case(ward.person()), ward.person("Phạm Văn Tí")
    contacts.add_person(ward.store, ward.who, case, near, Meeting(last_met_on=DAY, protected=True))
    assert "test Phạm Văn Tí" not in ward.states()
    ward.at(DAY + timedelta(days=1), 8)
    line = ward.find("test", near)
    assert (line.state, line.since, why(line)) == (
        Standing.DUE,
        "2022-02-21",
        [("contact_test", "protected_7", "cv-10696")],
    )
    testing.record_test(ward.store, ward.who, near, TestMethod.ANTIGEN, TestOutcome.NEGATIVE)
    assert ward.find("test", near).state is Standing.DONE
    ward.at(DAY + timedelta(days=2), 8)
    assert "test Phạm Văn Tí" not in ward.states()
    ward.at(DAY + timedelta(days=8), 8)
    assert (ward.find("test", near).state, ward.find("test", near).since) == (Standing.OVERDUE, "2022-02-27")


def test_whoever_is_suspected_at_a_door_is_to_be_tested(ward: RosterWard) -> None:
    """Suspected: an epidemiological factor with fever and cough (rules §2.11, in CV 11042 as in CV 1909)."""
    who = ward.person()
    with ward.store.read() as c:
        sheet = visits.visit_sheet(c, ward.door, DAY)
    line = replace(sheet.lines[0].toggle(Symptom.FEVER).toggle(Symptom.COUGH), exposure=True)
    visits.record_visit(ward.store, ward.who, sheet.with_line(line))
    found = ward.find("test", who)
    assert (found.state, found.reasons[0].code, found.reasons[0].findings[0].outcome) == (
        Standing.DUE,
        "suspect",
        "suspected",
    )
    assert found.reasons[0].findings[0].rule_set == "cv-11042"
    ward.at(DAY + timedelta(days=1), 8)
    assert ward.find("test", who).state is Standing.OVERDUE
    testing.record_test(ward.store, ward.who, who, TestMethod.ANTIGEN, TestOutcome.NEGATIVE)
    assert ward.find("test", who).state is Standing.DONE


def test_a_half_day_may_go_to_somebody_else(ward: RosterWard) -> None:
    who = ward.person()
    ward.case(who)
    ward.give("Lan", ward.find("measure", who), slot="am")
    ward.give("Minh", ward.find("measure", who), slot="pm")
    assert ward.find("measure", who).to == "Lan"
    assert [line.to for line in ward.lines("pm") if line.task == "measure"] == ["Minh"]
    ward.at(DAY, 14)
    assert ward.find("measure", who).to == "Minh"


def test_whoever_died_or_moved_away_is_gone_to_no_more(ward: RosterWard) -> None:
    who = ward.person()
    giving.add(ward.store, ward.who, "hỏi thăm", person=who)
    people.save_person(ward.store, ward.who, {"moved_on": DAY.isoformat()}, person=who)
    assert ward.lines() == []


def test_a_locked_unit_is_left_out_and_a_viewer_sees_nobody(ward: RosterWard) -> None:
    ward.case(ward.person())
    with ward.store.write() as c:
        outbox.hold_area(c, area_id(1), "27211", "write", to_wire(ward.now))
        lease.answered(c, 14)
    ward.at(DAY + timedelta(days=14), 8)
    assert ward.lines() == []
    ward.store.role = "viewer"
    with pytest.raises(NotOpened):
        ward.lines()


def test_teams_to_give_to_are_offered_by_their_numbers(ward: RosterWard) -> None:
    for team in ("Tổ 10", "Tổ 2", "Đội 1"):
        ward.give(team, giving_line(ward))
    with ward.store.read() as c:
        assert known_names(c, DAY) == ["Đội 1", "Tổ 2", "Tổ 10"]


def giving_line(ward: RosterWard) -> RosterLine:
    """A new person's reading."""
    who = ward.person()
    ward.case(who)
    return ward.find("measure", who)
