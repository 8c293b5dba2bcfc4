"""The danger signs of domain/rules.md §2.5, each limit on both sides, by the document of the day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.rules.by_day import (
    SETS,
    UNDER_261,
    UNDER_528,
    UNDER_604,
    UNDER_4038,
    born,
    found,
    judged,
    signs,
)
from tui_app.rules.age import Age
from tui_app.rules.sheet import sheet

M = 1  # months
Y = 12

# day, age in completed months, field, a value that is no sign, the first one that is, the rule that says so
LIMITS = [
    # QĐ 261 [V]: RR adult ≥ 20, 5–<12 ≥ 30, 1–<5 ≥ 40; 12–16 fall under the adult's
    (UNDER_261, 40 * Y, "respiratory_rate", 19, 20, "qd-261/rr_adult"),
    (UNDER_261, 12 * Y, "respiratory_rate", 19, 20, "qd-261/rr_adult"),
    (UNDER_261, 12 * Y - M, "respiratory_rate", 29, 30, "qd-261/rr_5_to_12_years"),
    (UNDER_261, 5 * Y, "respiratory_rate", 29, 30, "qd-261/rr_5_to_12_years"),
    (UNDER_261, 5 * Y - M, "respiratory_rate", 39, 40, "qd-261/rr_1_to_5_years"),
    (UNDER_261, 1 * Y, "respiratory_rate", 39, 40, "qd-261/rr_1_to_5_years"),
    # 261 prints nothing for babies: WHO's limits (§2.13), marked as such
    (UNDER_261, 11, "respiratory_rate", 49, 50, "qd-261/rr_2_to_12_months"),
    (UNDER_261, 2, "respiratory_rate", 49, 50, "qd-261/rr_2_to_12_months"),
    (UNDER_261, 1, "respiratory_rate", 59, 60, "qd-261/rr_under_2_months"),
    # QĐ 261 [V]: SpO2 ≤ 96; pulse > 120 or < 50; SBP < 90; DBP < 60
    (UNDER_261, 40 * Y, "spo2", 97, 96, "qd-261/spo2"),
    (UNDER_261, 3 * Y, "spo2", 97, 96, "qd-261/spo2"),
    (UNDER_261, 40 * Y, "pulse", 120, 121, "qd-261/pulse_fast"),
    (UNDER_261, 40 * Y, "pulse", 50, 49, "qd-261/pulse_slow"),
    (UNDER_261, 40 * Y, "systolic_bp", 90, 89, "qd-261/systolic_low"),
    (UNDER_261, 40 * Y, "diastolic_bp", 60, 59, "qd-261/diastolic_low"),
    # QĐ 528 [V]: < 2 months ≥ 60, 2–<12 months ≥ 50, 12 months–<5 years ≥ 40, SpO2 < 96; [M-med] 30 and 20
    (UNDER_528, 1, "respiratory_rate", 59, 60, "qd-528/rr_under_2_months"),
    (UNDER_528, 2, "respiratory_rate", 49, 50, "qd-528/rr_2_to_12_months"),
    (UNDER_528, 11, "respiratory_rate", 49, 50, "qd-528/rr_2_to_12_months"),
    (UNDER_528, 12, "respiratory_rate", 39, 40, "qd-528/rr_1_to_5_years"),
    (UNDER_528, 59, "respiratory_rate", 39, 40, "qd-528/rr_1_to_5_years"),
    (UNDER_528, 60, "respiratory_rate", 29, 30, "qd-528/rr_5_to_12_years"),
    (UNDER_528, 16 * Y, "respiratory_rate", 19, 20, "qd-528/rr_12_to_17_years"),
    (UNDER_528, 8 * Y, "spo2", 96, 95, "qd-528/child_spo2"),
    (UNDER_528, 17 * Y, "spo2", 97, 96, "qd-261/spo2"),  # beside it, on the same day, an adult
    # QĐ 604 [V]: children as 528
    (UNDER_604, 1, "respiratory_rate", 59, 60, "qd-604/rr_under_2_months"),
    (UNDER_604, 11, "respiratory_rate", 49, 50, "qd-604/rr_2_to_12_months"),
    (UNDER_604, 59, "respiratory_rate", 39, 40, "qd-604/rr_1_to_5_years"),
    (UNDER_604, 12 * Y - M, "respiratory_rate", 29, 30, "qd-604/rr_5_to_12_years"),
    (UNDER_604, 17 * Y - M, "respiratory_rate", 19, 20, "qd-604/rr_12_to_17_years"),
    (UNDER_604, 17 * Y - M, "spo2", 96, 95, "qd-604/child_spo2"),
    # QĐ 604 from 17 years: numbers not found, 261's stricter ones stand in
    (UNDER_604, 17 * Y, "respiratory_rate", 19, 20, "qd-604/rr_adult"),
    (UNDER_604, 17 * Y, "spo2", 97, 96, "qd-604/spo2"),
    (UNDER_604, 70 * Y, "pulse", 120, 121, "qd-604/pulse_fast"),
    (UNDER_604, 70 * Y, "pulse", 50, 49, "qd-604/pulse_slow"),
    (UNDER_604, 70 * Y, "systolic_bp", 90, 89, "qd-604/systolic_low"),
    (UNDER_604, 70 * Y, "diastolic_bp", 60, 59, "qd-604/diastolic_low"),
    # QĐ 4038 [M-high]: RR ≥ 21, SpO2 ≤ 95
    (UNDER_4038, 40 * Y, "respiratory_rate", 20, 21, "qd-4038/rr_adult"),
    (UNDER_4038, 40 * Y, "spo2", 96, 95, "qd-4038/spo2"),
    # of 4038 nothing more was found: 261's and WHO's lines stand in, marked as such
    (UNDER_4038, 12 * Y, "respiratory_rate", 20, 21, "qd-4038/rr_adult"),
    (UNDER_4038, 12 * Y - M, "respiratory_rate", 29, 30, "qd-4038/rr_5_to_12_years"),
    (UNDER_4038, 5 * Y, "respiratory_rate", 29, 30, "qd-4038/rr_5_to_12_years"),
    (UNDER_4038, 5 * Y - M, "respiratory_rate", 39, 40, "qd-4038/rr_1_to_5_years"),
    (UNDER_4038, 12, "respiratory_rate", 39, 40, "qd-4038/rr_1_to_5_years"),
    (UNDER_4038, 11, "respiratory_rate", 49, 50, "qd-4038/rr_2_to_12_months"),
    (UNDER_4038, 2, "respiratory_rate", 49, 50, "qd-4038/rr_2_to_12_months"),
    (UNDER_4038, 1, "respiratory_rate", 59, 60, "qd-4038/rr_under_2_months"),
    (UNDER_4038, 40 * Y, "pulse", 120, 121, "qd-4038/pulse_fast"),
    (UNDER_4038, 40 * Y, "pulse", 50, 49, "qd-4038/pulse_slow"),
    (UNDER_4038, 40 * Y, "systolic_bp", 90, 89, "qd-4038/systolic_low"),
    (UNDER_4038, 40 * Y, "diastolic_bp", 60, 59, "qd-4038/diastolic_low"),
    # the other side of each age of 528 and 604
    (UNDER_528, 12 * Y - M, "respiratory_rate", 29, 30, "qd-528/rr_5_to_12_years"),
    (UNDER_528, 12 * Y, "respiratory_rate", 19, 20, "qd-528/rr_12_to_17_years"),
    (UNDER_528, 17 * Y - M, "respiratory_rate", 19, 20, "qd-528/rr_12_to_17_years"),
    (UNDER_528, 17 * Y, "respiratory_rate", 19, 20, "qd-261/rr_adult"),
    (UNDER_528, 17 * Y - M, "spo2", 96, 95, "qd-528/child_spo2"),
    (UNDER_604, 2, "respiratory_rate", 49, 50, "qd-604/rr_2_to_12_months"),
    (UNDER_604, 12, "respiratory_rate", 39, 40, "qd-604/rr_1_to_5_years"),
    (UNDER_604, 60, "respiratory_rate", 29, 30, "qd-604/rr_5_to_12_years"),
    (UNDER_604, 12 * Y, "respiratory_rate", 19, 20, "qd-604/rr_12_to_17_years"),
]


@pytest.mark.parametrize(("day", "months", "field", "normal", "sign", "rule"), LIMITS)
def test_a_limit_of_the_document_on_both_sides(
    day: date, months: int, field: str, normal: int, sign: int, rule: str
) -> None:
    birth = born(day, months=months)
    assert signs(day, birth_date=birth, **{field: normal}) == set()
    assert signs(day, birth_date=birth, **{field: sign}) == {rule}


@pytest.mark.parametrize(
    ("day", "months", "code", "rule"),
    [
        # QĐ 261 [V], rows 1, 6–11
        *[
            (UNDER_261, 40 * Y, code, "qd-261/breathing")
            for code in ("dyspnoea", "grunting", "stridor", "wheeze")
        ],
        *[(UNDER_261, 3 * Y, code, "qd-261/breathing") for code in ("chest_indrawing", "nasal_flaring")],
        (UNDER_261, 40 * Y, "chest_pain", "qd-261/chest_pain"),
        *[
            (UNDER_261, 40 * Y, code, "qd-261/consciousness")
            for code in ("confusion", "sleepy", "drowsy", "exhausted", "irritable", "lethargic", "convulsion")
        ],
        *[(UNDER_261, 40 * Y, code, "qd-261/cyanosis") for code in ("cyanosis", "pale_cold")],
        *[
            (UNDER_261, 40 * Y, code, "qd-261/drinking")
            for code in ("cannot_drink", "poor_feeding", "not_feeding")
        ],
        *[
            (UNDER_261, 3 * Y, code, "qd-261/child_vomits")
            for code in ("vomiting", "nausea_vomiting", "vomits_everything")
        ],
        (UNDER_261, 3 * Y, "mis_c", "qd-261/mis_c"),
        (UNDER_261, 40 * Y, "other_acute_disease", "qd-261/other_disease"),
        (UNDER_261, 40 * Y, "worrying", "qd-261/worrying"),
        # QĐ 528 [V]
        (UNDER_528, 3 * Y, "retraction", "qd-528/child_breathing"),
        (UNDER_528, 5 * Y, "chest_pain", "qd-528/child_chest_pain"),
        (UNDER_528, 3 * Y, "lethargic", "qd-528/child_consciousness"),
        (UNDER_528, 3 * Y, "cyanosis", "qd-528/child_cyanosis"),
        *[
            (UNDER_528, 3 * Y, code, "qd-528/child_feeding")
            for code in ("not_feeding", "vomits_everything", "dehydration")
        ],
        (UNDER_528, 5 * Y - M, "fever_over_39_persistent", "qd-528/child_fever_under_5"),
        (UNDER_528, 5 * Y, "high_fever_not_falling", "qd-528/child_fever_from_5"),
        (UNDER_528, 5 * Y, "fever_no_better_48h", "qd-528/child_fever_from_5"),
        *[
            (UNDER_528, 5 * Y, code, "qd-528/child_from_5")
            for code in ("cough_fits", "diarrhoea", "too_tired_to_play")
        ],
        # QĐ 604 [V] for children; from 17 years the signs of 261 stand in
        *[
            (UNDER_604, 3 * Y, code, "qd-604/child_breathing")
            for code in (
                "dyspnoea",
                "grunting",
                "chest_indrawing",
                "retraction",
                "nasal_flaring",
                "wheeze",
                "stridor",
            )
        ],
        *[
            (UNDER_604, months, code, f"qd-604/{rule}")
            for months, rule in ((3 * Y, "child_consciousness"), (40 * Y, "consciousness"))
            for code in ("confusion", "sleepy", "drowsy", "exhausted", "irritable", "lethargic", "convulsion")
        ],
        *[
            (UNDER_604, 3 * Y, code, "qd-604/child_feeding")
            for code in ("not_feeding", "cannot_drink", "vomits_everything", "dehydration")
        ],
        *[
            (UNDER_604, months, code, f"qd-604/child_fever_{rule}")
            for months, rule in ((5 * Y - M, "under_5"), (5 * Y, "from_5"))
            for code in ("fever_over_39_persistent", "high_fever_not_falling", "fever_no_better_48h")
        ],
        *[
            (UNDER_604, 5 * Y, code, "qd-604/child_from_5")
            for code in ("cough_fits", "diarrhoea", "too_tired_to_play")
        ],
        *[
            (UNDER_604, 40 * Y, code, "qd-604/breathing")
            for code in ("dyspnoea", "grunting", "chest_indrawing", "nasal_flaring", "wheeze", "stridor")
        ],
        *[(UNDER_604, 40 * Y, code, "qd-604/cyanosis") for code in ("cyanosis", "pale_cold")],
        *[
            (UNDER_604, 40 * Y, code, "qd-604/drinking")
            for code in ("cannot_drink", "poor_feeding", "not_feeding")
        ],
        (UNDER_604, 16 * Y, "diarrhoea", "qd-604/child_from_5"),
        (UNDER_604, 30 * Y, "chest_pain", "qd-604/chest_pain"),
        # the sheet's severe symptoms, of which no row of the table speaks
        (UNDER_4038, 30 * Y, "haemoptysis", "qd-4038/coughing_blood"),
        (UNDER_261, 30 * Y, "haemoptysis", "qd-261/coughing_blood"),
        (UNDER_604, 17 * Y, "haemoptysis", "qd-604/coughing_blood"),
    ],
)
def test_a_sign_that_was_ticked_is_found_wherever_it_was_ticked(
    day: date, months: int, code: str, rule: str
) -> None:
    birth = born(day, months=months)
    assert signs(day, birth_date=birth, signs=[code]) == {rule}
    assert signs(day, birth_date=birth, symptoms=[code]) == {rule}


@pytest.mark.parametrize("day", [UNDER_4038, UNDER_261, UNDER_528, UNDER_604])
@pytest.mark.parametrize("field", ["respiratory_rate", "spo2"])
def test_every_age_has_one_limit(day: date, field: str) -> None:
    worst = {"respiratory_rate": 100, "spo2": 50}[field]
    for months in range(0, 20 * Y):
        assert len(signs(day, birth_date=born(day, months=months), **{field: worst})) == 1, months


@pytest.mark.parametrize("day", [UNDER_4038, UNDER_261, UNDER_528, UNDER_604, date(2026, 11, 22)])
@pytest.mark.parametrize("months", [1, 11, 12, 59, 60, 17 * Y - M, 17 * Y, 70 * Y])
def test_no_sign_that_a_sheet_asks_for_is_left_unjudged(day: date, months: int) -> None:
    asked = {item.code for item in sheet(SETS, day, Age(months, months)).signs}
    assert asked
    birth = born(day, months=months)
    assert {code for code in asked if not signs(day, birth_date=birth, signs=[code])} == set()


@pytest.mark.parametrize(
    ("day", "months", "code"),
    [
        (UNDER_528, 5 * Y - M, "chest_pain"),  # row 6: from 5 years on
        (UNDER_528, 5 * Y - M, "diarrhoea"),  # row D: from 5 years on
        (UNDER_528, 3 * Y, "mis_c"),  # the row of 261 alone
        (UNDER_261, 40 * Y, "vomiting"),  # of a child
        (UNDER_261, 40 * Y, "diarrhoea"),
        (UNDER_604, 30 * Y, "cough_fits"),
    ],
)
def test_a_sign_of_another_age_or_document_is_none(day: date, months: int, code: str) -> None:
    assert signs(day, birth_date=born(day, months=months), signs=[code]) == set()


@pytest.mark.parametrize(
    ("day", "documents"),
    [
        (date(2021, 8, 20), set()),  # before 4038
        (date(2021, 8, 21), {"qd-4038"}),
        (date(2022, 1, 30), {"qd-4038"}),
        (date(2022, 1, 31), {"qd-261"}),
        (date(2022, 3, 13), {"qd-261"}),
        (date(2022, 3, 14), {"qd-604"}),
        (date(2026, 11, 22), {"qd-604"}),  # no end was found
    ],
)
def test_the_document_in_force_on_the_day_judges_an_adult(day: date, documents: set[str]) -> None:
    assert {sign.split("/")[0] for sign in signs(day, respiratory_rate=30)} == documents


@pytest.mark.parametrize(
    ("day", "document"),
    [
        (date(2022, 3, 2), "qd-261"),
        (date(2022, 3, 3), "qd-528"),
        (date(2022, 3, 13), "qd-528"),
        (date(2022, 3, 14), "qd-604"),
    ],
)
def test_children_have_a_document_of_their_own_beside_that_of_adults(day: date, document: str) -> None:
    assert {s.split("/")[0] for s in signs(day, birth_date=born(day, years=8), spo2=90)} == {document}


@pytest.mark.parametrize(
    ("after", "counts"), [(29, False), (30, True), (60, True), (61, False), (None, False)]
)
def test_a_second_spo2_counts_between_half_a_minute_and_a_minute(after: int | None, counts: bool) -> None:
    better = judged(UNDER_261, spo2=94, spo2_repeat=98, spo2_repeat_after=after)
    assert bool(found(better, "danger_sign")) is not counts
    worse = judged(UNDER_261, spo2=98, spo2_repeat=94, spo2_repeat_after=after)
    assert bool(found(worse, "danger_sign")) is counts
    for judgement in (better, worse):  # both values are told, whichever counts
        (told,) = found(judgement, "measurement")
        assert {told.value["spo2"], told.value["spo2_repeat"]} == {94, 98}
        assert told.outcome == ("repeat_counts" if counts else "repeat_does_not_count")


def test_several_signs_are_each_found_with_their_input_and_limit() -> None:
    several = found(
        judged(UNDER_261, spo2=93, respiratory_rate=28, pulse=130, signs=["chest_pain", "confusion"]),
        "danger_sign",
    )
    assert {(one.rule, one.field, str(one.value), one.limit) for one in several} == {
        ("rr_adult", "respiratory_rate", "28", "≥ 20"),
        ("spo2", "spo2", "93", "≤ 96"),
        ("pulse_fast", "pulse", "130", "> 120"),
        ("chest_pain", "signs", "['chest_pain']", "≥ 1"),
        ("consciousness", "signs", "['confusion']", "≥ 1"),
    }
    assert {one.rule_set for one in several} == {"qd-261"}
    assert all(one.verified for one in several)


def test_what_was_not_measured_or_asked_is_missing_and_no_sign() -> None:
    silent = judged(UNDER_261, symptoms=None, signs=None, conditions=None)
    assert found(silent, "danger_sign") == []
    asked = {"respiratory_rate", "spo2", "pulse", "systolic_bp", "diastolic_bp", "signs", "conditions"}
    assert asked <= set(silent.missing)
    assert not {one.outcome for one in silent.findings} & {"eligible", "mild", "asymptomatic", "low"}


@pytest.mark.parametrize(
    ("day", "said", "verified"),
    [
        (UNDER_261, {"respiratory_rate": 20}, True),
        (UNDER_4038, {"respiratory_rate": 21}, False),
        (UNDER_604, {"respiratory_rate": 20}, False),
        (UNDER_604, {"birth_date": born(UNDER_604, years=8), "spo2": 95}, True),
        (UNDER_604, {"birth_date": born(UNDER_604, years=8), "respiratory_rate": 30}, False),
        (UNDER_261, {"birth_date": born(UNDER_261, months=3), "respiratory_rate": 50}, False),
    ],
)
def test_a_finding_says_whether_its_line_was_read_in_the_document(
    day: date, said: dict[str, Any], verified: bool
) -> None:
    (one,) = found(judged(day, **said), "danger_sign")
    assert one.verified is verified


@pytest.mark.parametrize(
    ("birth", "rule"),
    [
        (date(2017, 2, 10), "qd-261/rr_5_to_12_years"),  # five years old that day
        (date(2017, 2, 11), None),  # the day before the fifth birthday: 40 is the limit
        (date(2021, 2, 10), None),  # one year old: 40
        (date(2021, 12, 10), None),  # two months: 50
    ],
)
def test_an_age_is_that_of_the_day(birth: date, rule: str | None) -> None:
    assert signs(UNDER_261, birth_date=birth, respiratory_rate=35) == ({rule} if rule else set())


def test_a_birth_year_that_crosses_an_edge_is_unsure_and_never_guessed() -> None:
    # born 2017: four or five years old on 10/02/2022, so 35 is a sign or none
    crossing = judged(UNDER_261, birth_year=2017, respiratory_rate=35)
    assert found(crossing, "danger_sign") == []
    assert "qd-261/rr_5_to_12_years" in crossing.unsure
    assert (crossing.age.low_months, crossing.age.high_months) == (49, 61) if crossing.age else False


def test_a_birth_year_that_crosses_an_edge_does_not_hide_what_is_a_sign_at_every_age() -> None:
    # 45 is above the limit of both ages
    assert signs(UNDER_261, birth_year=2017, respiratory_rate=45) == {
        "qd-261/rr_1_to_5_years",
        "qd-261/rr_5_to_12_years",
    }
    assert signs(UNDER_261, birth_year=2017, spo2=96) == {"qd-261/spo2"}
    assert judged(UNDER_261, birth_year=2000, respiratory_rate=25).unsure == ()


def test_a_birth_year_between_two_documents_of_one_day_is_unsure_where_they_differ() -> None:
    # born 2005: 16 (528) or 17 (261) on 05/03/2022; SpO2 96 is a sign under 261 only
    differing = judged(UNDER_528, birth_year=2005, spo2=96)
    assert found(differing, "danger_sign") == []
    assert "qd-261/spo2" in differing.unsure
    assert signs(UNDER_528, birth_year=2005, spo2=95) == {"qd-261/spo2", "qd-528/child_spo2"}


def test_an_unknown_birth_asks_for_it_and_still_finds_what_holds_at_every_age() -> None:
    unknown = judged(UNDER_261, birth_date=None, spo2=90, respiratory_rate=35)
    assert [one.rule for one in found(unknown, "danger_sign")] == ["spo2"]
    assert "birth_date" in unknown.missing
    assert {"qd-261/rr_adult", "qd-261/rr_5_to_12_years"} <= set(unknown.unsure)


def test_one_set_alone_judges_when_it_is_named() -> None:
    assert signs(UNDER_604, only="qd-4038", respiratory_rate=20) == set()
    assert signs(UNDER_604, only="qd-4038", respiratory_rate=21) == {"qd-4038/rr_adult"}


@pytest.mark.parametrize(
    ("day", "only", "years", "kinds"),
    [
        (date(2021, 8, 20), None, 40, {"danger_sign", "eligibility", "severity"}),  # before 4038 and 4689
        (date(2021, 10, 10), None, 8, {"severity"}),  # a child before 5155
        (UNDER_261, None, 40, set()),
        (UNDER_528, "qd-528", 40, {"danger_sign", "eligibility", "severity", "risk_class"}),  # children only
    ],
)
def test_that_no_document_speaks_is_not_the_same_as_finding_nothing(
    day: date, only: str | None, years: int, kinds: set[str]
) -> None:
    assert set(judged(day, only=only, birth_date=born(day, years=years), spo2=80).not_judged) == kinds
