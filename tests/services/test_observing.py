"""Readings: judged by the sets of their day, saved with their alert, corrected by new rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.services.care_ward import DAY, WELL, CareWard
from tui_app.clock import to_wire
from tui_app.errors import InvalidFields, NotFound
from tui_app.records.observations import alert_id
from tui_app.services.care.refusals import AmendedAlready, CaseClosed
from tui_app.services.cases import cases, observing
from tui_app.services.cases.observing import Vitals, check_vitals
from tui_app.services.people import people


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    yield made
    made.close()


def signs(row: Any) -> list[str]:
    return [found["rule"] for found in row.body.get("findings") or () if found["kind"] == "danger_sign"]


# ---- what is typed


def test_a_row_is_read_as_people_type_it() -> None:
    checked = check_vitals({"temperature_c": "38,5", "blood_pressure": "120/80", "spo2": "97", "signs": ""})
    assert checked.vitals == Vitals(temperature_c=38.5, systolic_bp=120, diastolic_bp=80, spo2=97, signs=())
    assert check_vitals({}).vitals == Vitals()


@pytest.mark.parametrize(
    ("typed", "field", "key"),
    [
        ({"spo2": "49"}, "spo2", "care.out_of_range"),
        ({"spo2": "101"}, "spo2", "care.out_of_range"),
        ({"temperature_c": "29,9"}, "temperature_c", "care.out_of_range"),
        ({"temperature_c": "45,1"}, "temperature_c", "care.out_of_range"),
        ({"respiratory_rate": "4"}, "respiratory_rate", "care.out_of_range"),
        ({"respiratory_rate": "18,5"}, "respiratory_rate", "problems.integer"),
        ({"pulse": "tám mươi"}, "pulse", "problems.integer"),
        ({"blood_pressure": "120"}, "systolic_bp", "care.blood_pressure"),
        ({"blood_pressure": "80/120"}, "systolic_bp", "care.pressures_swapped"),
        ({"spo2_repeat": "96"}, "spo2_repeat", "care.repeat_without_first"),
        ({"contacted": "fax"}, "contacted", "problems.code"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(typed: dict[str, str], field: str, key: str) -> None:
    checked = check_vitals(typed)
    assert checked.vitals is None
    assert [(problem.field, problem.key) for problem in checked.problems] == [(field, key)]


@pytest.mark.parametrize(
    "typed", [{"spo2": "50"}, {"spo2": "100"}, {"temperature_c": "30"}, {"temperature_c": "45"}]
)
def test_the_ends_of_a_range_belong_to_it(typed: dict[str, str]) -> None:
    assert check_vitals(typed).vitals is not None


def test_a_refusal_names_range_and_remedy() -> None:
    (problem,) = check_vitals({"spo2": "9"}).problems
    assert "50" in str(problem)
    assert "100" in str(problem)


# ---- saving


def test_a_normal_reading_opens_no_alert(ward: CareWard) -> None:
    saved = ward.measure(ward.case())
    assert saved.alert is None
    row = ward.row("observation", saved.observation)
    assert (row.body["slot_on"], row.body["slot"], row.body["at"]) == (
        DAY.isoformat(),
        "am",
        to_wire(ward.now),
    )
    assert signs(row) == []
    assert ward.rows("alert") == []


def test_spo2_of_96_is_a_danger_sign_under_261_and_its_alert_names_the_rule(ward: CareWard) -> None:
    saved = ward.measure(ward.case(), Vitals(spo2=96))  # QĐ 261: ≤ 96 (rules §2.5)
    row = ward.row("observation", saved.observation)
    (found,) = [one for one in row.body["findings"] if one["kind"] == "danger_sign"]
    assert (found["rule_set"], found["field"], found["value"], found["limit"]) == (
        "qd-261",
        "spo2",
        96,
        "≤ 96",
    )
    (alert,) = ward.rows("alert")
    assert alert.id == saved.alert == alert_id(saved.observation)
    assert (alert.body["rules"], alert.body["state"], alert.body["at"]) == (
        ["spo2"],
        "open",
        to_wire(ward.now),
    )
    assert alert.body["observation"] == saved.observation


def test_spo2_of_97_is_none(ward: CareWard) -> None:
    assert ward.measure(ward.case(), Vitals(spo2=97)).alert is None


def test_what_was_not_measured_is_missing_and_not_normal(ward: CareWard) -> None:
    saved = ward.measure(ward.case(), Vitals(temperature_c=37.0))
    row = ward.row("observation", saved.observation)
    assert "spo2" not in row.body
    assert {"spo2", "respiratory_rate"} <= set(row.body["missing"])


def test_reading_and_alert_are_saved_together_or_not_at_all(ward: CareWard) -> None:
    case = ward.case()
    with ward.store.write() as c:
        c.execute("CREATE TRIGGER full BEFORE INSERT ON alert BEGIN SELECT RAISE(ABORT, 'full'); END")
    with pytest.raises(Exception, match="full"):
        ward.measure(case, Vitals(spo2=90))
    assert ward.rows("observation") == []


def test_a_reading_out_of_range_saves_nothing(ward: CareWard) -> None:
    case = ward.case()
    with pytest.raises(InvalidFields) as refused:
        ward.measure(case, Vitals(spo2=20, pulse=300))
    assert [problem.field for problem in refused.value.problems] == ["pulse", "spo2"]
    assert ward.rows("observation") == []


def test_a_reading_without_a_word_is_not_one(ward: CareWard) -> None:
    with pytest.raises(InvalidFields) as refused:
        ward.measure(ward.case(), Vitals(note="gọi lại sau"))
    assert [problem.key for problem in refused.value.problems] == ["care.nothing_measured"]


def test_a_moment_to_come_is_refused(ward: CareWard) -> None:
    with pytest.raises(InvalidFields) as refused:
        ward.measure(ward.case(), at=ward.now + timedelta(minutes=1))
    assert [problem.key for problem in refused.value.problems] == ["care.moment_to_come"]


def test_a_half_day_to_come_is_refused(ward: CareWard) -> None:
    case = ward.case()
    with pytest.raises(InvalidFields) as refused:
        ward.measure(case, slot=(DAY, "pm"))
    assert [(problem.field, problem.key) for problem in refused.value.problems] == [
        ("slot", "care.moment_to_come")
    ]


def test_a_code_no_set_knows_is_refused_and_not_taken_for_no_sign(ward: CareWard) -> None:
    with pytest.raises(InvalidFields) as refused:
        ward.measure(ward.case(), Vitals(signs=("chest_pian",)))
    assert [(problem.field, problem.key) for problem in refused.value.problems] == [
        ("signs", "care.unknown_code")
    ]
    assert ward.rows("observation") == []


def test_a_paper_sheet_typed_in_the_evening_answers_its_own_half_day(ward: CareWard) -> None:
    case = ward.case()
    morning = ward.now
    ward.at(DAY, 20)
    saved = ward.measure(case, at=morning)
    assert ward.row("observation", saved.observation).body["slot"] == "am"
    late = ward.measure(case, at=morning, slot=(DAY, "pm"))  # the sheet says so
    assert ward.row("observation", late.observation).body["slot"] == "pm"


def test_a_sheet_of_a_half_day_that_passed_is_judged_by_the_rules_of_its_day(ward: CareWard) -> None:
    """QĐ 261 judged adults until 13/03/2022, QĐ 604 from the day after."""
    ward.at(date(2022, 3, 13), 8)
    case = ward.case()
    ward.at(date(2022, 3, 14), 9)
    saved = ward.measure(case, Vitals(spo2=96), slot=(date(2022, 3, 13), "pm"))
    row = ward.row("observation", saved.observation)
    assert (row.body["at"], row.body["slot_on"], row.body["slot"]) == (
        "2022-03-13T16:59:59.999Z",  # the end of that half-day: nobody said when
        "2022-03-13",
        "pm",
    )
    assert {one.rule_set for one in saved.judgement.findings if one.kind == "danger_sign"} == {"qd-261"}
    assert saved.alert is not None
    assert ward.row("alert", saved.alert).body["at"] == to_wire(ward.now)


def test_sheets_typed_days_later_stand_in_the_grid_of_their_half_day(ward: CareWard) -> None:
    case = ward.case()
    ward.at(DAY + timedelta(days=4), 9)
    for vitals in (WELL, Vitals(spo2=95)):
        ward.measure(case, vitals, slot=(DAY, "pm"))
    with ward.store.read() as c:
        (row,) = observing.grid(c, ward.now, (DAY, "pm"))
    assert row.taken is not None
    ward.measure(case, Vitals(spo2=98))
    ward.measure(case, WELL, slot=(DAY, "am"))
    assert ward.line(case).spo2[-1] == 98, "what was measured last, not what was typed last"


def test_a_reading_of_before_the_case_is_a_slip_in_the_date(ward: CareWard) -> None:
    case = ward.case(onset_on=DAY - timedelta(days=2))
    ward.measure(case, at=ward.now - timedelta(days=2))
    with pytest.raises(InvalidFields) as refused:
        ward.measure(case, at=ward.now - timedelta(days=3))
    assert [(one.field, one.key) for one in refused.value.problems] == [("at", "care.before_case")]


def test_an_ended_case_takes_no_reading(ward: CareWard) -> None:
    case = ward.case()
    cases.end_case(ward.store, ward.who, case, "moved_out", DAY)
    with pytest.raises(CaseClosed):
        ward.measure(case)


def test_of_many_rows_a_refused_one_leaves_the_others_saved(ward: CareWard) -> None:
    first, second = ward.case(), ward.case(ward.person("Phạm Văn Tí"))
    rows = [(first, WELL), (second, Vitals(spo2=20)), ("not-a-case", WELL), (second, Vitals(spo2=95))]
    answers = observing.record_many(ward.store, ward.who, rows)
    assert [type(answer).__name__ for answer in answers] == [
        "Recorded",
        "InvalidFields",
        "NotFound",
        "Recorded",
    ]
    assert len(ward.rows("observation")) == 2


def test_a_preview_saves_nothing(ward: CareWard) -> None:
    case = ward.case()
    with ward.store.read() as c:
        said = observing.preview(c, case, Vitals(spo2=96), ward.now)
    assert [found.rule for found in said.findings if found.kind == "danger_sign"] == ["spo2"]
    assert ward.rows("observation") == []


# ---- correcting


def test_a_corrected_reading_keeps_the_first_row_and_its_alert(ward: CareWard) -> None:
    case = ward.case()
    first = ward.measure(case, Vitals(spo2=90))
    moment = to_wire(ward.now)
    ward.at(DAY, 11)
    second = observing.amend_vitals(ward.store, ward.who, first.observation, Vitals(spo2=98), "gõ nhầm")
    assert (second.alert, second.waits) == (None, None), "what is right now asks nobody"
    row = ward.row("observation", second.observation)
    assert (row.body["amends"], row.body["amend_reason"], row.body["at"]) == (
        first.observation,
        "gõ nhầm",
        moment,
    )
    (alert,) = ward.rows("alert")
    assert alert.body["state"] == "open"
    assert len(ward.rows("observation")) == 2


def test_a_correction_that_finds_another_sign_opens_an_alert_of_its_own(ward: CareWard) -> None:
    first = ward.measure(ward.case(), Vitals(spo2=96))
    same = observing.amend_vitals(ward.store, ward.who, first.observation, Vitals(spo2=95), "đọc lại")
    assert same.alert is None, "the sign was named already"
    assert same.waits == first.alert, "and nobody has answered it"
    more = observing.amend_vitals(
        ward.store, ward.who, same.observation, Vitals(spo2=95, respiratory_rate=20), "đếm lại"
    )
    assert more.alert is not None
    assert ward.row("alert", more.alert).body["rules"] == ["rr_adult", "spo2"]


def test_only_the_latest_row_is_corrected(ward: CareWard) -> None:
    first = ward.measure(ward.case())
    observing.amend_vitals(ward.store, ward.who, first.observation, Vitals(spo2=97), "đọc lại")
    with pytest.raises(AmendedAlready):
        observing.amend_vitals(ward.store, ward.who, first.observation, Vitals(spo2=99), "đọc lại")


def test_a_reading_taken_back_says_nothing_and_its_alert_stays(ward: CareWard) -> None:
    case = ward.case()
    first = ward.measure(case, Vitals(spo2=90))
    row = ward.row(
        "observation", observing.withdraw_vitals(ward.store, ward.who, first.observation, "nhầm người")
    )
    assert row.body.keys().isdisjoint({"spo2", "findings", "temperature_c"})
    assert [one.body["state"] for one in ward.rows("alert")] == ["open"]
    assert ward.line(case).spo2 == ()
    back = observing.amend_vitals(ward.store, ward.who, row.id, Vitals(spo2=91), "đúng người")
    assert back.alert is None, "its alert is there already"
    assert ward.line(case).spo2 == (91,)


def test_a_correction_needs_a_reason(ward: CareWard) -> None:
    first = ward.measure(ward.case())
    for attempt in (
        lambda: observing.withdraw_vitals(ward.store, ward.who, first.observation, " "),
        lambda: observing.amend_vitals(ward.store, ward.who, first.observation, WELL, ""),
    ):
        with pytest.raises(InvalidFields):
            attempt()
    assert len(ward.rows("observation")) == 1


# ---- a birth date that was wrong


def test_a_corrected_birth_date_judges_the_readings_again_by_the_sets_of_their_day(ward: CareWard) -> None:
    # RR 25: below the limit of 5 to 12 years (≥ 30), above that of adults (≥ 20) under QĐ 261 (rules §2.5)
    person = ward.person(birth_year=2015)
    case = ward.case(person)
    changes = ward.measure(case, Vitals(respiratory_rate=25))
    stays = ward.measure(case, Vitals(spo2=98))
    assert changes.alert is None
    ward.at(DAY + timedelta(days=30), 9)  # another set judges by now: QĐ 604
    people.save_person(ward.store, "minh", {"birth_date": "1990-01-01", "birth_year": None}, person=person)
    (row,) = ward.rows("observation", "amends = ?", changes.observation)
    assert (row.body["amend_reason"], row.who, signs(row)) == ("birth_date", "minh", ["rr_adult"])
    assert [one["rule_set"] for one in row.body["findings"] if one["kind"] == "danger_sign"] == ["qd-261"]
    assert row.body["respiratory_rate"] == 25
    (alert,) = ward.rows("alert")
    assert alert.body["observation"] == row.id
    assert not [one for one in ward.rows("observation", "amends = ?", stays.observation) if signs(one)]


def test_a_corrected_birth_date_judges_the_entry_again(ward: CareWard) -> None:
    # QĐ 5525: 50–64 without a condition and fully vaccinated is medium, from 65 on high (rules §2.1)
    person = ward.person(birth_year=1962)
    facts = {"conditions_asked": True, "basic_doses": 2, "last_dose_on": date(2021, 10, 1), "pregnant": False}
    case = ward.case(person, facts=facts, vitals=WELL)
    assert ward.row("case", case).body["risk_class"] == "medium"
    ward.at(DAY, 12)
    people.save_person(ward.store, "minh", {"birth_year": 1950}, person=person)
    assert ward.row("case", case).body["risk_class"] == "high"
    (event,) = ward.rows("case_event", "event = 'risk_class' AND amends IS NOT NULL")
    assert (event.body["was"], event.body["became"], event.body["reason"]) == ("medium", "high", "birth_date")
    assert event.who == "minh"
    assert {found["rule_set"] for found in event.body["findings"]} == {"qd-5525"}


def test_a_class_somebody_took_over_stays_when_the_birth_date_is_corrected(ward: CareWard) -> None:
    person = ward.person(birth_year=1962)
    case = ward.case(
        person, facts={"conditions_asked": True, "basic_doses": 2, "last_dose_on": date(2021, 10, 1)}
    )
    ward.at(DAY, 10)
    cases.take_risk(ward.store, ward.who, case, "very_high", "bác sĩ xếp")
    people.save_person(ward.store, ward.who, {"birth_year": 1950}, person=person)
    assert ward.row("case", case).body["risk_class"] == "very_high"


def test_other_changes_of_a_person_judge_nothing_again(ward: CareWard) -> None:
    person = ward.person()
    ward.measure(ward.case(person), Vitals(spo2=96))
    people.save_person(ward.store, ward.who, {"phone": "+84903000002"}, person=person)
    assert len(ward.rows("observation")) == 1


def test_a_case_that_ended_is_not_judged_again(ward: CareWard) -> None:
    person = ward.person(birth_year=2015)
    case = ward.case(person)
    ward.measure(case, Vitals(respiratory_rate=25))
    cases.end_case(ward.store, ward.who, case, "moved_out", DAY)
    assert observing.rejudge_person(ward.store, ward.who, person) == []
    people.save_person(ward.store, ward.who, {"birth_date": "1990-01-01"}, person=person)
    assert len(ward.rows("observation")) == 1


# ---- the grid


def test_the_grid_holds_those_at_home_with_what_was_taken_in_the_half_day(ward: CareWard) -> None:
    mine = ward.case(followed_by="lan")
    other = ward.case(ward.person("Phạm Văn Tí"), followed_by="minh")
    away = ward.case(ward.person("Trần Thị Thủy"), place="hospital")
    first = ward.measure(mine)
    again = ward.measure(mine, Vitals(spo2=99))
    ward.measure(away)
    with ward.store.read() as c:
        rows = observing.grid(c, ward.now)
        yesterday = observing.grid(c, ward.now, (date(2022, 2, 19), "pm"))
        lans = observing.grid(c, ward.now, followed_by="lan")
    assert {row.line.case: row.taken and row.taken.id for row in rows} == {
        mine: again.observation,
        other: None,
    }
    assert first.observation != again.observation
    assert [row.taken for row in yesterday] == [None, None]
    assert [row.line.case for row in lans] == [mine]


def test_an_unknown_case_is_named(ward: CareWard) -> None:
    with pytest.raises(NotFound):
        ward.measure("0190-nobody")
