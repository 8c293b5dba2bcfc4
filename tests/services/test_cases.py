"""Cases: opened once a person, handed on, ended, opened again; what changed stays as events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.services.care_ward import DAY, WELL, CareWard
from tui_app.errors import InvalidFields, NotFound
from tui_app.records.cases import case_id
from tui_app.services.care.refusals import AmendedAlready, CannotUndo, CaseClosed, CaseOpen
from tui_app.services.cases import cases, follow_ups
from tui_app.services.cases.case_card import CaseCard
from tui_app.services.cases.observing import Vitals
from tui_app.services.people import moving, people


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    yield made
    made.close()


def card(ward: CareWard, case: str) -> CaseCard:
    with ward.store.read() as c:
        return cases.case_card(c, case, ward.now)


def keys(refused: pytest.ExceptionInfo[InvalidFields]) -> list[tuple[str, str]]:
    return [(problem.field, problem.key) for problem in refused.value.problems]


# ---- opening


def test_a_case_begins_with_the_first_positive_test_of_the_illness(ward: CareWard) -> None:
    """The day of the first positive result is day 0 (rules §2.7)."""
    person = ward.person()
    ward.test(person, "positive", date(2021, 8, 1))  # another illness
    test = ward.test(person, "positive", date(2022, 2, 17))
    ward.test(person, "positive", date(2022, 2, 19), method="pcr")
    ward.test(person, "negative", DAY)
    case = ward.case(person, source="positive_test", first_positive_on=None)
    assert ward.row("case", case).body["first_positive_on"] == "2022-02-17"
    (opened,) = ward.rows("case_event", "event = 'opened'")
    assert (opened.body["test"], opened.body["became"], opened.body["on"]) == (test, "home", "2022-02-20")


def test_a_positive_test_of_a_case_that_ended_is_not_the_first_of_the_next(ward: CareWard) -> None:
    person = ward.person()
    ward.test(person, "positive", date(2022, 2, 10))
    first = ward.case(person, source="positive_test", first_positive_on=None)
    cases.end_case(ward.store, ward.who, first, "recovered", DAY, "khỏi")
    ward.at(DAY + timedelta(days=9), 8)
    ward.test(person, "positive", DAY + timedelta(days=8))
    second = ward.case(person, source="positive_test", first_positive_on=None)
    assert ward.row("case", second).body["first_positive_on"] == "2022-02-28"


@pytest.mark.parametrize("source", ["screening", "discharge", "transfer"])
def test_a_case_begins_in_other_ways_too(ward: CareWard, source: str) -> None:
    case = ward.case(source=source, first_positive_on=date(2022, 2, 10))
    assert ward.row("case", case).body["source"] == source


def test_the_entry_is_judged_and_kept_with_its_findings(ward: CareWard) -> None:
    facts = {"conditions_asked": True, "basic_doses": 2, "last_dose_on": date(2021, 10, 1)}
    case = ward.case(facts=facts, vitals=WELL)
    # QĐ 261: RR < 20, SpO2 > 96, nothing abnormal, no condition (rules §2.3); QĐ 250: no symptom (rules §2.6)
    assert ("eligibility", None, "eligible") in ward.events(case)
    assert ("severity", None, "asymptomatic") in ward.events(case)
    assert ward.row("case", case).body["severity_grade"] == "asymptomatic"
    (eligible,) = ward.rows("case_event", "event = 'eligibility'")
    assert {found["rule_set"] for found in eligible.body["findings"]} == {"qd-261"}
    (first,) = ward.rows("observation")
    assert first.body["spo2"] == 98


def test_spo2_of_96_is_not_eligible_at_home_and_the_reason_is_kept(ward: CareWard) -> None:
    case = ward.case(
        facts={"conditions_asked": True}, vitals=Vitals(respiratory_rate=18, spo2=96, signs=(), symptoms=())
    )
    assert ("eligibility", None, "not_eligible") in ward.events(case)
    (event,) = ward.rows("case_event", "event = 'eligibility'")
    reasons = [(found["field"], found["value"]) for found in event.body["findings"]]
    assert ("spo2", 96) in reasons
    assert len(ward.rows("alert")) == 1, "and it is a danger sign"


def test_an_entry_without_measurements_is_unsure_not_eligible(ward: CareWard) -> None:
    assert ("eligibility", None, "unsure") in ward.events(ward.case())


def test_a_person_has_one_open_case(ward: CareWard) -> None:
    person = ward.person()
    first = ward.case(person)
    with pytest.raises(CaseOpen) as refused:
        ward.case(person)
    assert refused.value.params["case"] == first
    cases.end_case(ward.store, ward.who, first, "moved_out", DAY)
    second = ward.case(person)
    assert (first, second) == (case_id(person, 0), case_id(person, 1))
    with pytest.raises(CaseOpen):
        cases.reopen(ward.store, ward.who, first, "nhầm")
    with ward.store.read() as c:
        heads = cases.cases_of(c, person, ward.now)
    assert [head.id for head in heads] == [second, first]


def test_days_to_come_and_dead_persons_are_refused(ward: CareWard) -> None:
    with pytest.raises(InvalidFields) as refused:
        ward.case(started_on=DAY + timedelta(days=1))
    assert keys(refused) == [("started_on", "problems.day_to_come")]
    gone = ward.person()
    people.mark_died(ward.store, ward.who, gone, DAY)
    with pytest.raises(InvalidFields) as refused:
        ward.case(gone)
    assert keys(refused) == [("person", "care.person_died")]
    assert ward.rows("case") == []


# ---- changing


def test_place_manager_and_follower_change_by_events(ward: CareWard) -> None:
    case = ward.case(managed_by="Trạm Hòa Bình", followed_by="lan")
    cases.set_place(ward.store, ward.who, case, "hospital", DAY, "SpO2 giảm")
    cases.hand_over(ward.store, ward.who, case, "BV Quận 11", DAY)
    cases.set_follower(ward.store, ward.who, case, "minh")
    body = ward.row("case", case).body
    assert (body["place"], body["managed_by"], body["followed_by"]) == ("hospital", "BV Quận 11", "minh")
    assert ward.events(case)[-3:] == [
        ("place", "home", "hospital"),
        ("hand_over", "Trạm Hòa Bình", "BV Quận 11"),
        ("follower", "lan", "minh"),
    ]


def test_what_stays_the_same_is_not_written(ward: CareWard) -> None:
    with pytest.raises(InvalidFields) as refused:
        cases.set_place(ward.store, ward.who, ward.case(), "home", DAY)
    assert keys(refused) == [("place", "care.no_change")]


def test_a_code_that_does_not_exist_is_refused(ward: CareWard) -> None:
    case = ward.case()
    with pytest.raises(InvalidFields):
        cases.set_place(ward.store, ward.who, case, "hotel", DAY)
    with pytest.raises(InvalidFields):
        cases.end_case(ward.store, ward.who, case, "vanished", DAY)
    assert ward.row("case", case).body["place"] == "home"


def test_a_grade_is_taken_over_with_the_findings_of_the_last_reading(ward: CareWard) -> None:
    case = ward.case(vitals=WELL)
    ward.measure(case, Vitals(respiratory_rate=22, spo2=95, symptoms=("cough",), signs=()))
    cases.take_severity(ward.store, ward.who, case, "moderate", "khám trực tiếp")
    (event,) = ward.rows("case_event", "event = 'severity' AND became = 'moderate'")
    # QĐ 250, adult: RR 20–25, SpO2 94–96 is moderate (rules §2.6)
    assert "moderate" in {found["outcome"] for found in event.body["findings"]}
    assert ward.row("case", case).body["severity_grade"] == "moderate"


def test_undo_is_a_correcting_event(ward: CareWard) -> None:
    case = ward.case(followed_by="lan")
    event = cases.set_place(ward.store, ward.who, case, "hospital", DAY)
    back = cases.undo(ward.store, ward.who, event, "nhầm người")
    assert ward.row("case", case).body["place"] == "home"
    row = ward.row("case_event", back)
    assert (row.body["amends"], row.body["was"], row.body["became"]) == (event, "hospital", "home")
    with pytest.raises(CannotUndo):
        cases.undo(ward.store, ward.who, event)


def test_what_was_changed_again_since_is_not_undone(ward: CareWard) -> None:
    case = ward.case(followed_by="lan")
    first = cases.set_follower(ward.store, ward.who, case, "minh")
    cases.set_follower(ward.store, ward.who, case, "hoa")
    with pytest.raises(CannotUndo):
        cases.undo(ward.store, ward.who, first)
    assert ward.row("case", case).body["followed_by"] == "hoa"


def test_a_call_without_answer_is_counted_in_its_half_day_and_can_be_taken_back(ward: CareWard) -> None:
    case = ward.case()
    cases.note_no_answer(ward.store, ward.who, case)
    event = cases.note_no_answer(ward.store, ward.who, case)
    assert ward.line(case).no_answer == 2
    cases.undo(ward.store, ward.who, event)
    assert ward.line(case).no_answer == 1
    ward.at(DAY, 15)
    assert ward.line(case).no_answer == 0


def test_a_call_is_taken_back_once_and_stays_so(ward: CareWard) -> None:
    case = ward.case()
    called = ward.at(DAY, 8, 10)
    event = cases.note_no_answer(ward.store, ward.who, case)
    ward.at(DAY, 8, 20)
    back = cases.undo(ward.store, ward.who, event, "bấm nhầm")
    assert ward.line(case).no_answer == 0
    assert ward.line(case, as_of=called + timedelta(minutes=1)).no_answer == 1, "as it was known then"
    for again in (event, back):
        with pytest.raises(CannotUndo):
            cases.undo(ward.store, ward.who, again)
    assert ward.line(case).no_answer == 0


# ---- ending


def test_a_recovery_the_rules_give_rests_on_its_test(ward: CareWard) -> None:
    # QĐ 250: full 7 days from day 0 and a negative rapid test watched by health staff (rules §2.7)
    person = ward.person()
    case = ward.case(person, facts={"basic_doses": 2, "last_dose_on": date(2021, 10, 1)})
    day7 = DAY + timedelta(days=7)
    ward.at(day7, 10)
    test = ward.test(person, "negative", day7, supervised_by="lan")
    assert card(ward, case).day == 7
    assert card(ward, case).release.may_end is True
    event = cases.end_case(ward.store, ward.who, case, "recovered", day7, test=test)
    body = ward.row("case", case).body
    assert (body["outcome"], body["ended_on"]) == ("recovered", "2022-02-27")
    assert ward.row("case_event", event).body["test"] == test


def test_of_two_tests_of_a_day_the_later_one_decides(ward: CareWard) -> None:
    # CV 11042: 10 days and a negative rapid test (rules §2.7)
    zero = date(2022, 1, 10)
    ward.at(zero, 8)
    person = ward.person()
    case = ward.case(person)
    day10 = zero + timedelta(days=10)
    ward.at(day10, 18)
    for hour, result in ((8, "positive"), (16, "negative")):
        at = ward.at(day10, hour)
        with ward.store.work(ward.who) as work:
            said = {"person": person, "result": result, "at": at, "method": "antigen", "supervised_by": "lan"}
            work.create("test_result", said, place=work.get("case", case))
    ward.at(day10, 18)
    assert card(ward, case).release.may_end is True


@pytest.mark.parametrize(("days", "supervised"), [(6, "lan"), (7, None)])
def test_another_recovery_needs_a_reason(ward: CareWard, days: int, supervised: str | None) -> None:
    person = ward.person()
    case = ward.case(person)
    day = DAY + timedelta(days=days)
    ward.at(day, 10)
    ward.test(person, "negative", day, supervised_by=supervised)
    assert card(ward, case).release.may_end is not True
    with pytest.raises(InvalidFields) as refused:
        cases.end_case(ward.store, ward.who, case, "recovered", day)
    assert keys(refused) == [("reason", "care.end_needs_reason")]
    cases.end_case(ward.store, ward.who, case, "recovered", day, "giấy của bệnh viện")
    assert ward.row("case", case).body["outcome"] == "recovered"


@pytest.mark.parametrize(("doses", "days"), [(2, 10), (0, 14)])
def test_still_positive_goes_on_to_ten_or_fourteen_days_and_says_so(
    ward: CareWard, doses: int, days: int
) -> None:
    # QĐ 250: positive after 7 days: full 10 days if fully vaccinated, full 14 days if not (rules §2.7)
    person = ward.person()
    last = date(2021, 10, 1) if doses else None
    case = ward.case(person, facts={"basic_doses": doses, "last_dose_on": last})
    ward.at(DAY + timedelta(days=7), 10)
    ward.test(person, "positive", DAY + timedelta(days=7), supervised_by="lan")
    for day, may_end in ((days - 1, False), (days, True)):
        ward.at(DAY + timedelta(days=day), 10)
        release = card(ward, case).release
        assert (release.may_end, release.earliest) == (may_end, DAY + timedelta(days=days))
        assert "continue" in {found.outcome for found in release.findings}
        assert not any(found.verified for found in release.findings if found.outcome == "continue")


def test_a_discharge_is_judged_by_its_test(ward: CareWard) -> None:
    # QĐ 250: PCR or Ag negative, or Ct ≥ 30 (rules §2.7)
    person = ward.person()
    ward.test(person, "negative", date(2022, 2, 19))
    case = ward.case(person, source="discharge", first_positive_on=date(2022, 2, 5))
    assert ("release", None, "fits") in ward.events(case)


def test_a_case_opened_by_mistake_ends_with_a_reason(ward: CareWard) -> None:
    case = ward.case()
    with pytest.raises(InvalidFields):
        cases.end_case(ward.store, ward.who, case, "mistaken", DAY)
    cases.end_case(ward.store, ward.who, case, "mistaken", DAY, "nhầm người")
    assert ward.events(case)[-1] == ("ended", None, "mistaken")


def test_a_death_is_noted_with_the_person_when_asked(ward: CareWard) -> None:
    person = ward.person()
    cases.end_case(ward.store, ward.who, ward.case(person), "died", DAY, person_too=True)
    assert ward.row("person", person).body["died_on"] == "2022-02-20"


def test_somebody_who_is_followed_elsewhere_may_stay_in_the_household(ward: CareWard) -> None:
    person = ward.person()
    cases.end_case(ward.store, ward.who, ward.case(person), "moved_out", DAY)
    assert "moved_on" not in ward.row("person", person).body


def test_the_end_lies_between_the_first_day_and_today(ward: CareWard) -> None:
    case = ward.case()
    for day, key in (
        (DAY - timedelta(days=1), "care.ends_before_start"),
        (DAY + timedelta(days=1), "problems.day_to_come"),
    ):
        with pytest.raises(InvalidFields) as refused:
            cases.end_case(ward.store, ward.who, case, "hospital", day)
        assert keys(refused) == [("ended_on", key)]


def test_anothers_test_ends_no_case(ward: CareWard) -> None:
    test = ward.test(ward.person("Phạm Văn Tí"), "negative", DAY)
    with pytest.raises(NotFound):
        cases.end_case(ward.store, ward.who, ward.case(), "recovered", DAY, "khỏi", test=test)


def test_an_ended_case_is_opened_again_with_a_reason(ward: CareWard) -> None:
    case = ward.case()
    cases.end_case(ward.store, ward.who, case, "moved_out", DAY)
    with pytest.raises(CaseClosed):
        cases.set_follower(ward.store, ward.who, case, "minh")
    with pytest.raises(InvalidFields):
        cases.reopen(ward.store, ward.who, case, "")
    cases.reopen(ward.store, ward.who, case, "chưa đi")
    assert ward.row("case", case).body.keys().isdisjoint({"outcome", "ended_on"})
    assert ward.events(case)[-1] == ("reopened", "moved_out", None)


def test_a_death_noted_by_mistake_is_taken_back_with_the_end(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    cases.end_case(ward.store, ward.who, case, "died", DAY, person_too=True)
    with pytest.raises(InvalidFields) as refused:
        cases.reopen(ward.store, ward.who, case, "nhầm người")
    assert keys(refused) == [("person", "care.person_died")]
    assert ward.row("case", case).body["outcome"] == "died"
    cases.reopen(ward.store, ward.who, case, "nhầm người", person_too=True)
    assert "died_on" not in ward.row("person", person).body
    assert ward.line(case).standing == "due"


def test_a_moving_away_that_was_not_noted_by_the_end_stays(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    people.mark_moved(ward.store, ward.who, person, DAY - timedelta(days=1))
    cases.end_case(ward.store, ward.who, case, "moved_out", DAY)
    cases.reopen(ward.store, ward.who, case, "còn ở lại", person_too=True)
    assert ward.row("person", person).body["moved_on"] == "2022-02-19"


def test_the_days_of_an_ended_case_stop_with_it(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    ended = DAY + timedelta(days=7)
    ward.at(ended, 10)
    ward.test(person, "negative", ended, supervised_by="lan")
    cases.end_case(ward.store, ward.who, case, "recovered", ended)
    ward.at(DAY + timedelta(days=40), 10)
    shown = card(ward, case)
    assert (shown.day, shown.release.day_number, shown.release.may_end) == (7, 7, True)


# ---- what a card says


def test_the_card_holds_all_of_a_case(ward: CareWard) -> None:
    person = ward.person(national_id="001180000123")
    case = ward.case(person, vitals=WELL)
    ward.measure(case, Vitals(spo2=90))
    ward.test(person, "positive", DAY)
    shown = card(ward, case)
    assert shown.person["full_name"] == "Lê Thị Hằng"
    assert shown.person["national_id"] == "•••••••••123"
    assert [look.row.body["spo2"] for look in shown.observations] == [90, 98]
    assert len(shown.alerts) == len(shown.tests) == 1
    assert shown.day == 0
    assert shown.convention


def test_restricted_conditions_are_in_no_finding(ward: CareWard) -> None:
    person = ward.person()
    people.save_person(
        ward.store, ward.who, {}, person=person, conditions=frozenset({"hiv"}), restricted=True
    )
    ward.case(person, vitals=WELL)
    kept = [row.body.get("findings") for row in ward.rows("case_event")]
    assert any(kept)
    assert "hiv" not in str(kept)


# ---- who should have a case


def test_a_positive_test_without_a_case_suggests_one(ward: CareWard) -> None:
    person, followed, old = ward.person(), ward.person("Phạm Văn Tí"), ward.person("Trần Thị Thủy")
    test = ward.test(person, "positive", date(2022, 2, 19))
    ward.test(followed, "positive", date(2022, 2, 19))
    ward.test(old, "positive", date(2021, 8, 1))
    ward.case(followed)

    def suggested() -> list[tuple[str, Any]]:
        with ward.store.read() as c:
            return [(one.person, one.test) for one in cases.suggested(c, DAY)]

    assert suggested() == [(person, test)]
    case = ward.case(person)
    cases.end_case(ward.store, ward.who, case, "mistaken", DAY, "nhầm")
    assert suggested() == []


# ---- after a recovery


def test_twelve_months_of_visits_follow_a_recovery(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person)
    cases.end_case(ward.store, ward.who, case, "recovered", DAY, "khỏi")
    dates = card(ward, case).follow_up_on
    assert dates
    assert DAY < dates[0] < dates[-1] <= date(2023, 2, 20)

    def due(day: date) -> list[date]:
        with ward.store.read() as c:
            return [line.due_on for line in follow_ups.follow_ups_due(c, day, within_days=0)]

    assert due(dates[0] - timedelta(days=1)) == []
    assert due(dates[0]) == [dates[0]]
    ward.at(dates[0], 9)
    visit = follow_ups.record_follow_up(ward.store, ward.who, case, well=True)
    assert ward.row("follow_up_visit", visit).body["due_on"] == dates[0].isoformat()
    assert due(dates[1] - timedelta(days=1)) == []
    assert due(dates[1]) == [dates[1]]


def test_nothing_is_due_after_another_end(ward: CareWard) -> None:
    case = ward.case()
    cases.end_case(ward.store, ward.who, case, "hospital", DAY)
    with pytest.raises(InvalidFields):
        follow_ups.record_follow_up(ward.store, ward.who, case, well=True)


def recovered(ward: CareWard) -> tuple[str, tuple[date, ...]]:
    case = ward.case()
    cases.end_case(ward.store, ward.who, case, "recovered", DAY, "khỏi")
    return case, card(ward, case).follow_up_on


def due(ward: CareWard, day: date) -> list[date]:
    with ward.store.read() as c:
        return [line.due_on for line in follow_ups.follow_ups_due(c, day, within_days=0)]


def test_a_visit_taken_back_leaves_its_due_date_waiting(ward: CareWard) -> None:
    case, dates = recovered(ward)
    ward.at(dates[0], 9)
    visit = follow_ups.record_follow_up(ward.store, ward.who, case, well=True)
    assert due(ward, dates[0]) == []
    back = follow_ups.withdraw_follow_up(ward.store, ward.who, visit, "nhầm người")
    kept = ward.row("follow_up_visit", back).body
    assert (kept["amends"], kept["note"]) == (visit, "nhầm người")
    assert kept.keys().isdisjoint({"well", "symptoms", "needs"})
    assert due(ward, dates[0]) == [dates[0]]
    assert card(ward, case).follow_ups == ()
    with pytest.raises(AmendedAlready):
        follow_ups.withdraw_follow_up(ward.store, ward.who, visit, "nhầm")


def test_a_visit_is_corrected_by_a_row_for_the_same_due_date(ward: CareWard) -> None:
    case, dates = recovered(ward)
    ward.at(dates[0], 9)
    visit = follow_ups.record_follow_up(ward.store, ward.who, case, well=True, symptoms=[])
    ward.at(dates[0], 10)
    better = follow_ups.amend_follow_up(
        ward.store, ward.who, visit, "nghe nhầm", well=False, symptoms=["cough", "fatigue"], note="gọi lại"
    )
    (stands,) = card(ward, case).follow_ups
    assert stands.id == better
    assert stands.body["at"] == ward.row("follow_up_visit", visit).body["at"]
    said = {name: stands.body[name] for name in ("due_on", "well", "symptoms", "note")}
    assert said == {
        "due_on": dates[0].isoformat(),
        "well": False,
        "symptoms": ["cough", "fatigue"],
        "note": "gọi lại; nghe nhầm",
    }
    assert due(ward, dates[0]) == []
    follow_ups.withdraw_follow_up(ward.store, ward.who, better, "nhầm người")
    assert due(ward, dates[0]) == [dates[0]]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"symptoms": ["no_such_code"]}, ("symptoms", "care.unknown_code")),
        ({"well": True, "due_on": date(2022, 2, 28)}, ("due_on", "care.not_a_due_date")),
        ({"note": "gọi"}, ("well", "care.nothing_measured")),
    ],
)
def test_a_visit_that_cannot_be_is_refused(
    ward: CareWard, said: dict[str, Any], problem: tuple[str, str]
) -> None:
    case, dates = recovered(ward)
    ward.at(dates[0], 9)
    with pytest.raises(InvalidFields) as refused:
        follow_ups.record_follow_up(ward.store, ward.who, case, **said)
    assert keys(refused) == [problem]
    assert ward.rows("follow_up_visit") == []


def test_taking_a_visit_back_needs_a_reason(ward: CareWard) -> None:
    case, dates = recovered(ward)
    ward.at(dates[0], 9)
    visit = follow_ups.record_follow_up(ward.store, ward.who, case, well=True)
    with pytest.raises(InvalidFields):
        follow_ups.withdraw_follow_up(ward.store, ward.who, visit, " ")
    with pytest.raises(InvalidFields):
        follow_ups.amend_follow_up(ward.store, ward.who, visit, " ", well=False)
    assert [row.id for row in card(ward, case).follow_ups] == [visit]


# ---- going along


def test_a_case_goes_with_its_person_to_another_unit(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person, vitals=Vitals(spo2=90))
    with ward.store.work(ward.who) as work:
        other = work.create("household", {"address": "9 Lê Lợi"}, place=work.get("area", "area-02"))
        place = work.get("case", case)
        named = {"case": case, "full_name": "Bà Sáu", "level": 1, "met": "physical", "last_met_on": DAY}
        contact = work.create("contact", named, place=place)
        work.create("contact_check", {"contact": contact, "at": ward.now, "on": DAY}, place=place)
    moving.move_person(ward.store, ward.who, person, other)
    for kind in ("case", "case_event", "observation", "alert", "contact", "contact_check"):
        assert {row.area for row in ward.rows(kind)} == {"area-02"}, kind
    assert ward.line(case).unit == "Khu phố 2"
