"""Two laptops at one patient: readings stay apart, alerts wait for people, and one case is one case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.services.test_resolving import Two, all_questions, desk
from tests.sync.ward import Laptop, agreed, calm
from tui_app.clock import VIETNAM, new_id
from tui_app.records.cases import case_id
from tui_app.services.cases import alerts, board, cases, observing
from tui_app.services.cases.board import BoardLine
from tui_app.services.cases.case_facts import correct_days
from tui_app.services.cases.observing import Recorded, Vitals
from tui_app.services.exchange import resolving
from tui_app.services.people import people

DAY = date(2022, 2, 20)  # QĐ 261 judges
MORNING = datetime(2022, 2, 20, 8, tzinfo=VIETNAM)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.ward.close()


def opened(laptop: Laptop, person: str, **more: Any) -> str:
    given = {"source": "screening", "started_on": DAY, "first_positive_on": DAY, **more}
    return cases.open_case(laptop.store, laptop.user, person, **given).case


def measured(laptop: Laptop, case: str, **vitals: Any) -> Recorded:
    return observing.record_vitals(laptop.store, laptop.user, case, Vitals(**vitals), at=MORNING)


def line(laptop: Laptop) -> BoardLine:
    with laptop.store.read() as c:
        (found,) = board.board(c, laptop.clock())
    return found


def states(laptop: Laptop) -> list[tuple[str, str]]:
    with laptop.store.read() as c:
        return [(one.id, one.state) for one in alerts.open_alerts(c, laptop.clock(), answered=True)]


def answer(laptop: Laptop, alert: str | None, to: str) -> None:
    assert alert is not None
    alerts.tell(laptop.store, laptop.user, alert, to)


def test_the_same_patient_in_the_same_half_day_has_both_readings_and_an_alert_each(two: Two) -> None:
    case = opened(two.lan, two.who)
    calm(two.lan, two.minh)
    first, second = measured(two.lan, case, spo2=90), measured(two.minh, case, spo2=92)
    calm(two.lan, two.minh)
    for laptop in (two.lan, two.minh):
        rows = laptop.all('SELECT id, spo2, slot_on, slot FROM observation WHERE "case" = ?', case)
        assert {row[:2] for row in rows} == {(first.observation, 90), (second.observation, 92)}
        assert {row[2:] for row in rows} == {("2022-02-20", "am")}
        assert {ident for ident, _ in states(laptop)} == {first.alert, second.alert}
        assert all_questions(laptop) == []
    agreed(two.ward, two.lan, two.minh)


def test_a_normal_reading_of_the_other_laptop_closes_no_alert(two: Two) -> None:
    case = opened(two.lan, two.who)
    calm(two.lan, two.minh)
    alert = measured(two.lan, case, spo2=90).alert
    assert measured(two.minh, case, spo2=99).alert is None
    calm(two.lan, two.minh)
    assert states(two.minh) == [(alert, "open")]


def test_one_laptops_answer_is_the_others_too(two: Two) -> None:
    case = opened(two.lan, two.who)
    alert = measured(two.lan, case, spo2=90).alert
    calm(two.lan, two.minh)
    answer(two.minh, alert, "BS. Đức")
    calm(two.lan, two.minh)
    assert states(two.lan) == [(alert, "told")]
    assert all_questions(two.lan) == []


def test_two_answers_to_one_alert_are_a_question_and_the_more_open_one_shows(two: Two) -> None:
    case = opened(two.lan, two.who)
    alert = measured(two.lan, case, spo2=90).alert
    calm(two.lan, two.minh)
    assert alert is not None
    alerts.close(two.lan.store, "lan", alert, "đã khám")
    answer(two.minh, alert, "BS. Đức")
    calm(two.lan, two.minh)
    (asked,) = [one for one in all_questions(two.lan) if one.state == "open"]
    assert (asked.type, asked.field, {one.value for one in asked.choices}) == (
        "alert",
        "state",
        {"closed", "told"},
    )
    assert states(two.lan) == [(alert, "told")]
    place = next(number for number, one in enumerate(asked.choices) if one.value == "closed")
    resolving.take(desk(two.lan), asked.id, place)
    assert states(two.lan) == []
    two.everyone()


def test_told_to_two_people_is_a_question(two: Two) -> None:
    case = opened(two.lan, two.who)
    alert = measured(two.lan, case, spo2=90).alert
    calm(two.lan, two.minh)
    answer(two.lan, alert, "trạm")
    answer(two.minh, alert, "BS. Đức")
    calm(two.lan, two.minh)
    fields = [one.field for one in all_questions(two.lan) if one.state == "open"]
    assert fields == ["told_to"]
    assert states(two.lan) == [(alert, "told")]


def test_an_answer_taken_back_here_and_given_there_leaves_it_open_until_decided(two: Two) -> None:
    case = opened(two.lan, two.who)
    alert = measured(two.lan, case, spo2=90).alert
    answer(two.lan, alert, "trạm")
    calm(two.lan, two.minh)
    assert alert is not None
    alerts.close(two.minh.store, "minh", alert, "ổn")
    alerts.take_back(two.lan.store, "lan", alert)
    calm(two.lan, two.minh)
    assert (alert, "open") in states(two.minh)
    assert line(two.minh).alert == alert


def test_two_laptops_that_open_the_same_case_have_one_case(two: Two) -> None:
    first = opened(two.lan, two.who, followed_by="lan", place="home")
    second = opened(two.minh, two.who, followed_by="lan", place="hospital")
    assert first == second == case_id(two.who, 0)
    here, there = measured(two.lan, first, spo2=98), measured(two.minh, second, spo2=97)
    calm(two.lan, two.minh)
    for laptop in (two.lan, two.minh):
        assert laptop.all('SELECT count(*) FROM "case"') == [(1,)]
        ids = {ident for (ident,) in laptop.all("SELECT id FROM observation")}
        assert ids == {here.observation, there.observation}
        assert line(laptop).place == "hospital", "the more severe place shows until somebody decides"
    (asked,) = [one for one in all_questions(two.lan) if one.state == "open"]
    assert (asked.type, asked.field) == ("case", "place")
    place = next(number for number, one in enumerate(asked.choices) if one.value == "home")
    then = two.lan.clock()
    two.ward.clock.now += timedelta(days=1)
    resolving.take(desk(two.lan), asked.id, place)
    assert line(two.lan).place == "home"
    with two.lan.store.read() as c:
        (before,) = board.board(c, two.lan.clock(), as_of=then)
    assert before.place == "hospital", "as it was shown before somebody decided"
    two.everyone()


def test_a_birth_date_that_is_decided_judges_the_readings_again(two: Two) -> None:
    people.save_person(two.lan.store, "lan", {"birth_year": 2015}, person=two.who)
    case = opened(two.lan, two.who)
    calm(two.lan, two.minh)
    # RR 25 of a child of 6 is no sign, of an adult it is (QĐ 261, rules §2.5)
    assert measured(two.lan, case, respiratory_rate=25).alert is None
    asked = two.differ("person", two.who, "birth_year", 2014, 1990)
    place = next(number for number, one in enumerate(asked.choices) if one.value == 1990)
    resolving.take(desk(two.lan), asked.id, place)
    (state,) = states(two.lan)
    assert state[1] == "open"
    assert two.lan.all("SELECT amend_reason FROM observation WHERE amends IS NOT NULL") == [("birth_date",)]
    two.everyone()
    assert states(two.minh) == [state]


def test_while_two_values_of_one_reading_wait_the_more_severe_one_shows(two: Two) -> None:
    case = opened(two.lan, two.who)
    calm(two.lan, two.minh)
    row = {"case": case, "person": two.who, "at": MORNING, "slot_on": DAY, "slot": "am", "findings": []}
    ident = new_id()
    for laptop, spo2, temperature in ((two.lan, 98, 38.5), (two.minh, 92, 36.9)):
        laptop.create("observation", ident=ident, spo2=spo2, temperature_c=temperature, **row)
    calm(two.lan, two.minh)
    for laptop in (two.lan, two.minh):
        assert {one.field for one in all_questions(laptop)} >= {"spo2", "temperature_c"}
        assert (line(laptop).spo2, line(laptop).temperature_c) == ((92,), 38.5)


def differing(two: Two, case: str, mine: int, theirs: int) -> None:
    """One row of a sheet taken in on both laptops with another SpO2: Lan's arrives first."""
    row = {"case": case, "person": two.who, "at": MORNING, "slot_on": DAY, "slot": "am", "findings": []}
    ident = new_id()
    two.lan.create("observation", ident=ident, spo2=mine, pulse=80, **row)
    two.minh.create("observation", ident=ident, spo2=theirs, pulse=90, **row)
    calm(two.lan, two.minh)


def decide(two: Two, field: str, value: int) -> None:
    (asked,) = [one for one in all_questions(two.lan) if one.field == field]
    place = next(number for number, one in enumerate(asked.choices) if one.value == value)
    resolving.take(desk(two.lan), asked.id, place)


def test_a_reading_that_is_decided_the_day_after_stays_on_the_board_of_the_day_before(two: Two) -> None:
    case = opened(two.lan, two.who)
    calm(two.lan, two.minh)
    differing(two, case, 98, 92)
    then = two.lan.clock()
    known = line(two.lan)
    assert known.spo2 == (92,)
    two.ward.clock.now += timedelta(days=1)
    decide(two, "spo2", 98)
    decide(two, "pulse", 90)
    calm(two.lan, two.minh)
    for laptop in (two.lan, two.minh):
        now = laptop.clock()
        with laptop.store.read() as c:
            (before,) = board.board(c, now, as_of=then)
            (after,) = board.board(c, now)
        assert (before.spo2, before.pulse, before.last_at) == ((92,), 80, known.last_at), (
            "as it was known then"
        )
        assert (after.spo2, after.pulse) == ((98,), 90)
    two.everyone()


def test_a_value_that_came_later_is_not_on_the_board_of_before(two: Two) -> None:
    case = opened(two.lan, two.who)
    calm(two.lan, two.minh)
    row = {"case": case, "person": two.who, "at": MORNING, "slot_on": DAY, "slot": "am", "findings": []}
    ident = new_id()
    two.lan.create("observation", ident=ident, spo2=98, **row)
    two.lan.sync()
    then = two.lan.clock()
    two.ward.clock.now += timedelta(days=1)
    two.minh.create("observation", ident=ident, spo2=92, **row)
    calm(two.lan, two.minh)
    with two.lan.store.read() as c:
        assert board.board(c, two.lan.clock())[0].spo2 == (92,)
        assert board.board(c, two.lan.clock(), as_of=then)[0].spo2 == (98,)


def test_a_reading_that_is_decided_is_judged_again(two: Two) -> None:
    """QĐ 261: SpO2 ≤ 96 is a danger sign (rules §2.5)."""
    case = opened(two.lan, two.who)
    calm(two.lan, two.minh)
    differing(two, case, 98, 92)
    assert states(two.lan) == []
    decide(two, "spo2", 92)
    (state,) = states(two.lan)
    assert state[1] == "open"
    assert two.lan.all("SELECT amend_reason FROM observation WHERE amends IS NOT NULL") == [("reading",)]
    two.everyone()
    assert states(two.minh) == [state]


def test_two_first_positive_days_are_asked_and_the_decision_judges_the_case_again(two: Two) -> None:
    """QĐ 5525: fully vaccinated is two doses, the last 14 days before the positive test (rules §2.1, recalled)."""
    facts = {"basic_doses": 2, "last_dose_on": date(2022, 2, 6), "conditions_asked": True}
    case = opened(two.lan, two.who, facts=facts)  # born 1955
    calm(two.lan, two.minh)
    assert line(two.lan).risk_class == "high", "14 days"
    for laptop, day in ((two.lan, date(2022, 2, 21)), (two.minh, date(2022, 2, 18))):
        correct_days(laptop.store, laptop.user, case, {"first_positive_on": day}, "xem phiếu")
    calm(two.lan, two.minh)
    for laptop in (two.lan, two.minh):
        assert "first_positive_on" in {one.field for one in all_questions(laptop) if one.state == "open"}
    (asked,) = [one for one in all_questions(two.lan) if one.field == "first_positive_on"]
    place = next(n for n, one in enumerate(asked.choices) if one.value == "2022-02-18")
    resolving.take(desk(two.lan), asked.id, place)
    (kept,) = two.lan.all('SELECT first_positive_on FROM "case"')
    assert kept == ("2022-02-18",)
    last = two.lan.all("SELECT became FROM case_event WHERE event = 'risk_class' ORDER BY at, id")[-1]
    assert last == ("very_high",), "12 days: not fully vaccinated"
    two.everyone()


def doubled(two: Two) -> tuple[str, str]:
    """Lan opened the ended case again while Minh opened the next one: both are open."""
    first = opened(two.lan, two.who)
    cases.end_case(two.lan.store, "lan", first, "moved_out", DAY, "đã đi")
    calm(two.lan, two.minh)
    cases.reopen(two.lan.store, "lan", first, "chưa đi")
    second = opened(two.minh, two.who)
    assert (first, second) == (case_id(two.who, 0), case_id(two.who, 1))
    calm(two.lan, two.minh)
    return first, second


def test_two_open_cases_of_one_person_are_said_on_both_laptops(two: Two) -> None:
    both = set(doubled(two))
    for laptop in (two.lan, two.minh):
        with laptop.store.read() as c:
            shown = {one.case: one.open_cases for one in board.board(c, laptop.clock())}
            heads = {one.id: one.open_cases for one in cases.all_cases(c, laptop.clock())}
        assert shown == heads == dict.fromkeys(both, 2)
    agreed(two.ward, two.lan, two.minh)


def test_one_of_them_ended_as_mistaken_leaves_one_and_the_board_of_before_had_two(two: Two) -> None:
    first, second = doubled(two)
    then = two.minh.clock()
    two.ward.clock.now += timedelta(hours=1)
    cases.end_case(two.minh.store, "minh", second, "mistaken", DAY, "trùng với ca trước")
    calm(two.lan, two.minh)
    for laptop in (two.lan, two.minh):
        now = laptop.clock()
        with laptop.store.read() as c:
            after = {one.case: one.open_cases for one in board.board(c, now)}
            before = {one.case: one.open_cases for one in board.board(c, now, as_of=then)}
        assert after[first] == 1
        assert before == {first: 2, second: 2}
    two.everyone()
