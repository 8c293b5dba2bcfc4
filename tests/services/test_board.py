"""The board: who is worse, late, due or done at a moment, and yesterday's as it was known then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.services.care_ward import DAY, WELL, CareWard
from tui_app.services.cases import alerts, board, cases, observing
from tui_app.services.cases.board import Standing
from tui_app.services.cases.observing import Vitals
from tui_app.store.engine import VIEWER

# the house set of half-days: the morning lasts from 00:00, is overdue after 11:00; the afternoon from 12:00, 19:00
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    yield made
    made.close()


def spo2(value: int) -> Vitals:
    return replace(WELL, spo2=value)


# ---- half-days


def test_a_patient_is_due_until_measured_then_done_until_the_next_half_day(ward: CareWard) -> None:
    case = ward.case()
    assert ward.line(case).standing == Standing.DUE
    ward.measure(case)
    assert ward.line(case).standing == Standing.DONE
    ward.at(DAY, 12)
    assert ward.line(case).standing == Standing.DUE


def test_late_in_a_half_day_it_is_overdue(ward: CareWard) -> None:
    case = ward.case()
    ward.at(DAY, 10, 59)
    assert ward.line(case).standing == Standing.DUE
    ward.at(DAY, 11)
    assert ward.line(case).standing == Standing.OVERDUE
    ward.measure(case)
    assert ward.line(case).standing == Standing.DONE


def test_a_half_day_that_passed_without_a_reading_is_missing_until_the_next_is_measured_or_late(
    ward: CareWard,
) -> None:
    case = ward.case()
    ward.at(DAY, 13)
    assert ward.line(case).standing == Standing.MISSING
    ward.at(DAY, 19)
    assert ward.line(case).standing == Standing.OVERDUE
    ward.measure(case)
    assert ward.line(case).standing == Standing.DONE
    ward.at(NEXT, 8)
    assert ward.line(case).standing == Standing.DUE


@pytest.mark.parametrize("measured", [False, True])
@pytest.mark.parametrize(
    ("days", "clock", "without", "with_morning"),
    [
        # the evening before was measured; the afternoon begins at 12:00; overdue from 11:00 and from 19:00
        (1, "00:00", "due", "due"),
        (1, "06:00", "due", "due"),
        (1, "07:59", "due", "due"),
        (1, "08:00", "due", "done"),
        (1, "10:59", "due", "done"),
        (1, "11:00", "overdue", "done"),
        (1, "11:59", "overdue", "done"),
        (1, "12:00", "missing", "due"),
        (1, "13:00", "missing", "due"),
        (1, "18:59", "missing", "due"),
        (1, "19:00", "overdue", "overdue"),
        (1, "23:59", "overdue", "overdue"),
        (2, "00:00", "missing", "missing"),
        (2, "10:59", "missing", "missing"),
        (2, "11:00", "overdue", "overdue"),
    ],
)
def test_the_state_of_a_half_day_to_the_minute(
    ward: CareWard, measured: bool, days: int, clock: str, without: str, with_morning: str
) -> None:
    case = ward.case()
    ward.at(DAY, 20)
    ward.measure(case)
    hour, minute = map(int, clock.split(":"))
    if measured and (days, hour) >= (1, 8):
        ward.at(NEXT, 8)
        ward.measure(case)
    asked = ward.at(DAY + timedelta(days=days), hour, minute)
    standing = with_morning if measured else without
    assert ward.line(case).standing == standing
    ward.at(DAY + timedelta(days=5), 9)
    assert ward.line(case, as_of=asked).standing == standing, "and as it was known then"


def test_nothing_was_due_before_the_case_was_opened(ward: CareWard) -> None:
    ward.at(DAY, 11, 30)
    case = ward.case()
    assert ward.line(case).standing == Standing.DUE, "opened after the morning round was over"
    ward.at(DAY, 13)
    assert ward.line(case).standing == Standing.DUE


def test_who_is_not_at_home_is_not_due_and_comes_back_without_arrears(ward: CareWard) -> None:
    case = ward.case()
    ward.measure(case)
    cases.set_place(ward.store, ward.who, case, "hospital", DAY)
    ward.at(NEXT, 13)
    assert ward.line(case).standing == Standing.AWAY
    cases.set_place(ward.store, ward.who, case, "home", NEXT)
    assert ward.line(case).standing == Standing.DUE


def test_an_ended_case_stands_on_the_board_for_its_day(ward: CareWard) -> None:
    case = ward.case()
    cases.end_case(ward.store, ward.who, case, "moved_out", DAY)
    assert ward.line(case).standing == Standing.ENDED
    ward.at(NEXT, 8)
    assert ward.board() == []


def test_an_unanswered_alert_keeps_an_ended_case_on_the_board(ward: CareWard) -> None:
    case = ward.case()
    alert = ward.measure(case, Vitals(spo2=90)).alert
    cases.end_case(ward.store, ward.who, case, "hospital", DAY)
    ward.at(NEXT, 8)
    line = ward.line(case)
    assert (line.standing, line.alert, line.alert_late) == (Standing.DANGER, alert, True)


# ---- worse


def test_an_unanswered_alert_is_danger_and_says_why(ward: CareWard) -> None:
    case = ward.case()
    alert = ward.measure(case, spo2(96)).alert
    line = ward.line(case)
    assert (line.standing, line.alert, line.alert_late) == (Standing.DANGER, alert, False)
    assert [(why.rule_set, why.rule, why.limit) for why in line.why] == [("qd-261", "spo2", "≤ 96")]
    ward.at(DAY, 8, 30)
    assert ward.line(case).alert_late


def test_a_sign_that_was_ticked_is_danger_too_and_said_once(ward: CareWard) -> None:
    case = ward.case()
    ward.measure(case, Vitals(signs=("drowsy", "chest_pain")))
    ward.measure(case, Vitals(signs=("drowsy",), spo2=93))
    line = ward.line(case)
    assert line.standing == Standing.DANGER
    assert sorted((why.rule, why.value) for why in line.why) == [
        ("chest_pain", ["chest_pain"]),
        ("consciousness", ["drowsy"]),
        ("spo2", 93),
    ]


def answered(ward: CareWard, alert: str | None) -> None:
    assert alert is not None
    alerts.tell(ward.store, ward.who, alert, "trạm")


def test_a_danger_sign_that_was_not_there_before_is_worse_once_answered(ward: CareWard) -> None:
    case = ward.case()
    ward.measure(case, spo2(97))
    ward.at(DAY, 15)
    answered(ward, ward.measure(case, spo2(96)).alert)
    line = ward.line(case)
    assert line.standing == Standing.WORSE
    assert "spo2" in [why.rule for why in line.why]
    ward.at(NEXT, 8)
    answered(ward, ward.measure(case, spo2(96)).alert)
    assert ward.line(case).standing == Standing.DONE, "the same sign as the time before"


def test_who_is_worse_or_in_danger_is_still_due_in_the_round(ward: CareWard) -> None:
    case = ward.case()
    answered(ward, ward.measure(case, spo2(96)).alert)
    other = ward.case(ward.person("Phạm Văn Tí"))
    ward.measure(other, spo2(96))
    assert [(line.standing, line.round) for line in ward.board()] == [
        (Standing.DANGER, Standing.DONE),
        (Standing.WORSE, Standing.DONE),
    ]
    ward.at(DAY, 19)
    assert [(line.standing, line.round) for line in ward.board()] == [
        (Standing.DANGER, Standing.OVERDUE),
        (Standing.WORSE, Standing.OVERDUE),
    ]


def test_a_graver_grade_is_worse(ward: CareWard) -> None:
    # QĐ 250, adult: SpO2 94–96 moderate, < 94 severe (rules §2.6); both are danger signs of QĐ 261
    case = ward.case()
    answered(ward, ward.measure(case, spo2(94)).alert)
    ward.at(DAY, 15)
    answered(ward, ward.measure(case, spo2(93)).alert)
    line = ward.line(case)
    assert line.standing == Standing.WORSE
    assert [(why.kind, why.outcome) for why in line.why] == [("severity", "severe")]
    assert line.severity_grade == "severe", "the last reading's, while nobody took one over"


@pytest.mark.parametrize(("last", "standing"), [(98, Standing.DONE), (97, Standing.WORSE)])
def test_spo2_lower_by_what_the_house_says_is_worse(ward: CareWard, last: int, standing: Standing) -> None:
    case = ward.case()
    ward.measure(case, spo2(100))
    ward.at(DAY, 15)
    ward.measure(case, spo2(last))
    line = ward.line(case)
    assert line.standing == standing
    if standing == Standing.WORSE:
        assert [(why.rule_set, why.rule, why.value, why.verified) for why in line.why] == [
            ("house-attention", "spo2_fall", 97, False)
        ]


def test_of_an_spo2_measured_twice_the_one_that_counts_is_compared(ward: CareWard) -> None:
    # the house set: measured again after 30–60 s, the second one counts (rules §2.4)
    case = ward.case()
    ward.measure(case, spo2(100))
    ward.at(DAY, 15)
    twice = ward.measure(case, replace(WELL, spo2=96, spo2_repeat=99, spo2_repeat_after=45))
    assert twice.alert is None
    assert (ward.line(case).spo2, ward.line(case).standing) == ((100, 99), Standing.DONE)


def test_what_was_not_measured_is_compared_with_nothing(ward: CareWard) -> None:
    case = ward.case()
    ward.measure(case, spo2(100))
    ward.at(DAY, 15)
    ward.measure(case, replace(WELL, spo2=None))
    assert ward.line(case).standing == Standing.DONE
    ward.at(NEXT, 8)
    ward.measure(case, spo2(97))
    assert ward.line(case).standing == Standing.WORSE, "against the last one that was measured"


# one oximeter for several homes: more readings without SpO2, so without a grade, in between than a line shows


def without_oximeter(ward: CareWard, case: str, days: range) -> None:
    for day in days:
        ward.at(DAY + timedelta(days=day), 8)
        ward.measure(case, replace(WELL, spo2=None))
        assert ward.line(case).standing == Standing.DONE


@pytest.mark.parametrize(("last", "standing"), [(98, Standing.DONE), (97, Standing.WORSE)])
def test_the_last_spo2_that_was_measured_may_be_a_week_ago(
    ward: CareWard, last: int, standing: Standing
) -> None:
    case = ward.case()
    ward.measure(case, spo2(100))
    without_oximeter(ward, case, range(1, 8))
    then = ward.at(DAY + timedelta(days=8), 8)
    ward.measure(case, spo2(last))
    assert ward.line(case).standing == standing
    ward.at(DAY + timedelta(days=9), 8)
    assert ward.line(case, as_of=then).standing == standing


def test_the_last_grade_may_be_a_week_ago(ward: CareWard) -> None:
    # QĐ 250, adult: more than 25 breaths severe, 20–25 moderate; 24 and 28 are the same danger sign of QĐ 261
    case = ward.case()
    answered(ward, ward.measure(case, replace(WELL, respiratory_rate=24)).alert)
    for day in range(1, 8):
        ward.at(DAY + timedelta(days=day), 8)
        ward.measure(case, Vitals(temperature_c=36.8, pulse=80))
    ward.at(DAY + timedelta(days=8), 8)
    answered(ward, ward.measure(case, replace(WELL, respiratory_rate=28)).alert)
    assert [why.kind for why in ward.line(case).why] == ["danger_sign", "severity"]


# ---- what a line shows


def test_a_line_shows_the_last_five_readings_and_the_last_measured_values(ward: CareWard) -> None:
    case = ward.case(ward.person(phone="+84903123456"), followed_by="lan", managed_by="Trạm")
    ward.measure(case, Vitals(spo2=99, temperature_c=38.2, pulse=90))
    first = "2022-02-20T01:00:00.000Z"
    for minute, value in enumerate([98, None, 97, 98, 98], 1):
        ward.at(DAY, 8, minute)
        ward.measure(case, Vitals(spo2=value, respiratory_rate=17))
    line = ward.line(case)
    assert line.spo2 == (98, None, 97, 98, 98)
    assert (line.temperature_c, line.pulse, line.respiratory_rate) == (38.2, 90, 17)
    assert (line.measured["temperature_c"], line.measured["pulse"]) == (first, first)
    assert line.measured["respiratory_rate"] == line.last_at == "2022-02-20T01:05:00.000Z"
    assert line.last_slot == (DAY, "am")
    assert (line.full_name, line.phone, line.unit) == ("Lê Thị Hằng", "•••••••••456", "Khu phố 1")
    assert (line.day, line.place, line.followed_by, line.managed_by) == (0, "home", "lan", "Trạm")
    assert line.age is not None
    assert line.age.low == 41
    assert line.matches(["hang"])
    assert line.matches(["loi", "lan"])
    assert not line.matches(["duc"])


def test_nobody_measured_shows_nothing(ward: CareWard) -> None:
    line = ward.line(ward.case(first_positive_on=None, source="transfer"))
    assert (line.spo2, line.temperature_c, line.last_at, line.last_slot, line.day) == (
        (),
        None,
        None,
        None,
        None,
    )


def test_a_corrected_reading_shows_its_correction(ward: CareWard) -> None:
    case = ward.case()
    first = ward.measure(case, spo2(89))
    observing.amend_vitals(ward.store, ward.who, first.observation, spo2(98), "gõ nhầm")
    assert ward.line(case).spo2 == (98,)


def test_worst_comes_first_then_the_way_one_walks(ward: CareWard) -> None:
    names = ("late", "alert", "worse", "overdue", "done")
    made = {name: ward.case(ward.person(name)) for name in names}
    made["away"] = ward.case(ward.person("away"), place="facility")
    ward.measure(made["worse"], spo2(100))
    ward.measure(made["done"])
    ward.at(DAY, 18)
    ward.measure(made["late"], spo2(90))
    ward.at(DAY, 19)
    ward.measure(made["alert"], spo2(90))
    ward.measure(made["worse"], spo2(97))
    ward.measure(made["done"])
    lines = ward.board()
    assert [line.full_name for line in lines] == ["late", "alert", "worse", "overdue", "done", "away"]
    counted = board.counts(lines)
    assert counted[Standing.DANGER] == 2
    assert counted[Standing.OVERDUE] == 1


def test_units_that_are_shut_and_viewers_see_nobody(ward: CareWard) -> None:
    ward.case()
    ward.store.role = VIEWER
    assert ward.board() == []


# ---- as it was known


def test_yesterdays_board_is_the_one_that_was_known_then(ward: CareWard) -> None:
    case = ward.case(followed_by="lan", vitals=WELL)
    ward.at(DAY, 15)
    alert = ward.measure(case, spo2(95)).alert
    then = ward.at(DAY, 17)
    known = ward.board()
    # afterwards: answered, corrected, handed on, sent to hospital, ended, and a late sheet of the same afternoon
    ward.at(DAY, 19)
    ward.measure(case, Vitals(spo2=94), at=then - timedelta(minutes=30))
    answered(ward, alert)
    ward.at(NEXT, 8)
    (row,) = ward.rows("observation", "spo2 = 95")
    observing.amend_vitals(ward.store, ward.who, row.id, spo2(97), "gõ nhầm")
    cases.set_follower(ward.store, ward.who, case, "minh")
    cases.set_place(ward.store, ward.who, case, "hospital", NEXT)
    cases.end_case(ward.store, ward.who, case, "hospital", DAY, "ghi muộn")
    assert ward.board(as_of=then) == known
    assert known[0].standing == Standing.DANGER
    ward.at(NEXT + timedelta(days=3), 8)
    assert ward.board(as_of=then) == known


def test_a_case_opened_since_is_not_on_yesterdays_board(ward: CareWard) -> None:
    then = ward.now - timedelta(hours=12)
    ward.case(started_on=date(2022, 2, 18), first_positive_on=date(2022, 2, 18))
    assert ward.board(as_of=then) == []
    assert len(ward.board()) == 1


def test_a_case_opened_again_was_ended_in_between(ward: CareWard) -> None:
    case = ward.case()
    ended = ward.at(DAY, 9)
    cases.end_case(ward.store, ward.who, case, "moved_out", DAY)
    ward.at(NEXT, 9)
    cases.reopen(ward.store, ward.who, case, "chưa đi")
    assert ward.line(case).standing == Standing.DUE
    assert ward.line(case, as_of=ended + timedelta(minutes=1)).standing == Standing.ENDED
    assert ward.board(as_of=ended + timedelta(days=1) - timedelta(minutes=1)) == []
    assert ward.line(case, as_of=ended - timedelta(minutes=1)).standing == Standing.DUE
