"""Levels of a commune: what is counted, typed in, missing; levels set and their history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.services.care_ward import CareWard
from tui_app.errors import InvalidFields, NotFound, NotOpened
from tui_app.services.cases import cases
from tui_app.services.judging import rule_offers
from tui_app.services.judging.rule_sets import text_of
from tui_app.services.levels.baselines import Baseline, baselines, keep_baselines, read_baselines
from tui_app.services.levels.history import history, kept_level
from tui_app.services.levels.inputs import Origin
from tui_app.services.levels.judging import Judged, judge, judge_all
from tui_app.services.levels.keeping import NoHistory, keep_level, publish_level
from tui_app.services.levels.kept_words import kept_json, kept_value
from tui_app.services.levels.typed import keep_input
from tui_app.services.levels.words import finding_words, judged_json, lines
from tui_app.store.engine import CHIEF

AUTUMN = date(2021, 12, 1)
"""QĐ 4800 holds; of the old, those from 50 years are asked for."""
TODAY = date(2026, 11, 18)
"""A Wednesday of ISO week 47; TT 15/2026 holds."""


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    made.store.role = CHIEF
    yield made
    made.close()


def found(ward: CareWard, scale: str, day: date | None = None, **more: Any) -> Judged:
    with ward.store.read() as c:
        return judge(c, day or ward.now.date(), scale, **more)


def value(judged: Judged, name: str) -> Any:
    return next(one.value for one in judged.inputs if one.name == name)


def tell(ward: CareWard, name: str, text: str, as_of: date | None = None) -> str:
    return keep_input(ward.store, ward.who, name, text, as_of, "Công văn 12")


def test_active_cases_are_those_of_the_end_of_the_day_each_person_once(ward: CareWard) -> None:
    ward.at(AUTUMN - timedelta(days=1), 8)
    ended, still = ward.case(), ward.case()
    ward.at(AUTUMN, 8)
    new = ward.case()
    cases.end_case(ward.store, ward.who, ended, "moved_out", on=AUTUMN, reason="Về quê")
    today, yesterday = (
        found(ward, "response_scenario", AUTUMN),
        found(ward, "response_scenario", AUTUMN - timedelta(days=1)),
    )
    assert (today.level, value(today, "active_cases")) == ("scenario_1", 2)
    counted = today.inputs[0].counted
    assert counted is not None
    assert set(counted.ids) == {still, new}
    assert value(yesterday, "active_cases") == 2


def test_a_district_is_counted_by_nobody_here_and_an_old_count_is_none(ward: CareWard) -> None:
    ward.at(TODAY, 8)
    ward.case()
    keep_input(ward.store, ward.who, "scenario_unit", "district", TODAY - timedelta(days=30))
    unknown = found(ward, "response_scenario")
    assert (unknown.level, unknown.missing, unknown.subject) == (None, ("district_active_cases",), "district")
    tell(ward, "district_active_cases", "501", TODAY - timedelta(days=7))
    old = found(ward, "response_scenario")
    assert (old.level, old.inputs[0].origin, old.inputs[0].as_of) == (
        None,
        Origin.STALE,
        TODAY - timedelta(days=7),
    )
    tell(ward, "district_active_cases", "500", TODAY - timedelta(days=6))
    assert found(ward, "response_scenario").level == "scenario_2"
    keep_input(ward.store, ward.who, "level_rhythm", "daily", TODAY)
    assert found(ward, "response_scenario").level is None


def test_a_typed_count_of_what_the_lists_count_holds_for_its_day_only(ward: CareWard) -> None:
    ward.at(TODAY, 8)
    ward.case()
    tell(ward, "active_cases", "120")
    today = found(ward, "response_scenario")
    assert (today.level, today.inputs[0].origin) == ("scenario_2", Origin.TYPED)
    assert today.inputs[0].counted is not None
    assert today.inputs[0].counted.value == 1  # told beside it
    ward.at(TODAY + timedelta(days=1), 8)
    assert found(ward, "response_scenario").level == "scenario_1"


def test_linked_cases_of_last_week_are_not_those_of_this(ward: CareWard) -> None:
    sunday = TODAY - timedelta(days=3)
    ward.at(TODAY, 8)
    for _ in range(5):
        ward.case()
    keep_input(ward.store, ward.who, "endemic", "không", sunday, "Sổ A6")
    tell(ward, "linked_week", "3", sunday)
    tell(ward, "linked_month", "4", sunday)
    assert found(ward, "epidemic_threshold").missing == ("linked_week",)
    tell(ward, "linked_week", "3")
    assert found(ward, "epidemic_threshold").level == "warning"


def test_4800_of_a_ward_of_twelve_thousand(ward: CareWard) -> None:
    """Five new cases in two weeks of 12 400 people: 5 × 100 000 / 12 400 / 2 = 20,16 a week, level 2 where fewer than
    70 % have a dose; 79,9 % of the old fully vaccinated raise it to 3."""
    for days in (0, 3, 7, 13, 13):
        ward.at(AUTUMN - timedelta(days=days), 8)
        ward.case()
    ward.at(AUTUMN - timedelta(days=14), 8)
    ward.case()
    ward.at(AUTUMN, 8)
    ward.case(source="discharge")
    for name, text in (("population", "12.400"), ("adults_one_dose", "69,9"), ("from_50_full", "79,9")):
        tell(ward, name, text)
    without = found(ward, "epidemic_level")
    assert (without.level, without.missing) == (None, ("treatment_capacity",))
    tell(ward, "treatment_capacity", "có")
    judged = found(ward, "epidemic_level")
    assert (judged.level, value(judged, "new_cases")) == ("3", 5)
    said = [(finding.rule, finding.outcome) for finding in judged.findings]
    assert said == [
        ("new_cases_2", "2"),
        ("adults_one_dose", "not_met"),
        ("from_50_full", "not_met"),
        ("treatment_capacity", "met"),
        ("not_covered", "2"),
        ("raise_one", "3"),
    ]
    assert not judged.verified  # the matrix was recalled


def test_persons_vaccinated_are_counted_where_nobody_typed_a_share(ward: CareWard) -> None:
    ward.at(AUTUMN, 8)
    for number in range(3):
        person = ward.person()
        if number:
            ward._create(
                "vaccination_dose",
                person=person,
                given_on="2021-10-01",
                dose_type="basic",
                product="astrazeneca",
            )
    judged = found(ward, "epidemic_level")
    assert value(judged, "adults_one_dose") == (2, 3)
    assert value(judged, "population") == 3
    assert "from_50_full" in judged.missing  # nobody of 50 is recorded, which is not 0 %


def test_a_level_is_not_lowered_below_the_one_in_force_without_capacity(ward: CareWard) -> None:
    ward.at(AUTUMN, 8)
    for name, text in (("population", "12400"), ("adults_one_dose", "90"), ("from_50_full", "90")):
        tell(ward, name, text)
    tell(ward, "treatment_capacity", "không")
    assert found(ward, "epidemic_level").level == "1"
    publish_level(
        ward.store, ward.who, "epidemic_level", "3", "Quyết định 12/QĐ-UBND", AUTUMN - timedelta(days=7)
    )
    held = found(ward, "epidemic_level")
    assert (held.level, held.before and held.before.source) == ("3", "Quyết định 12/QĐ-UBND")
    tell(ward, "treatment_capacity", "có")
    assert found(ward, "epidemic_level").level == "1"


def test_an_epidemic_level_is_set_again_within_a_week_or_a_day(ward: CareWard) -> None:
    """At least once a week (S0 §I.2c), every day (S3 §4)."""
    ward.at(AUTUMN, 8)
    publish_level(ward.store, ward.who, "epidemic_level", "2", "UBND", AUTUMN - timedelta(days=3))
    assert found(ward, "epidemic_level").due_on == AUTUMN + timedelta(days=4)
    keep_input(ward.store, ward.who, "level_rhythm", "daily", AUTUMN)
    late = found(ward, "epidemic_level")
    assert late.due_on == AUTUMN - timedelta(days=2)
    assert "quá hạn đánh giá từ 29/11/2021" in lines(late)[-2]
    assert found(ward, "response_scenario").due_on is None


def test_a_station_fills_in_the_cut_points_of_218_and_installs_the_file(ward: CareWard) -> None:
    """Cut points made up for the test: 8 patients on oxygen and 2 deaths are the second step."""
    with ward.store.read() as c:
        text = text_of(c, "level-218")
    for name, cut in (("oxygen_cases", 8), ("deaths", 2)):
        band = text[text.index(f'[[transmission]]\nid = "{name}"') :].split("\n\n")[0]
        first = band.replace('outcome = ""', f'outcome = "1"\nbelow = {cut}')
        second = band.replace('outcome = ""', f'outcome = "2"\nat_least = {cut}')
        second = second.replace(f'id = "{name}"', f'id = "{name}_2"')
        text = text.replace(band, f"{first}\n\n{second}")
    ward.at(date(2022, 3, 1), 8)
    rule_offers.install(ward.store, ward.who, text, "level-218.toml")
    given = {"population": "100000", "oxygen_cases": "8", "population_full": "75", "risk_group_full": "90"}
    answers = {"ward_care": "có", "empty_beds": "có", "icu_beds": "có"}
    for name, said in (given | answers).items():
        tell(ward, name, said)
    judged = found(ward, "epidemic_level")
    assert (judged.level, judged.missing, judged.verified) == ("1", (), False)
    tell(ward, "icu_beds", "không")
    assert found(ward, "epidemic_level").level == "2"  # step 2 in the row of the middle grade: 1, 2, 3, 4


def test_the_colour_is_the_provinces_and_a_border_commune_is_raised(ward: CareWard) -> None:
    day = date(2021, 9, 1)
    ward.at(day, 8)
    tell(ward, "border", "có")
    assert found(ward, "commune_risk_colour").missing == ("published",)
    publish_level(ward.store, ward.who, "commune_risk_colour", "risk", "UBND tỉnh", day)
    assert found(ward, "commune_risk_colour").level == "risk"
    tell(ward, "border_raise", "2")
    assert found(ward, "commune_risk_colour").level == "very_high_risk"
    with pytest.raises(InvalidFields):
        keep_level(ward.store, ward.who, "commune_risk_colour")
    keep_level(ward.store, ward.who, "commune_risk_colour", reason="Giáp biên, có ca nhập cảnh")
    assert (
        found(ward, "commune_risk_colour").level == "very_high_risk"
    )  # raised from what was published, once


def test_thresholds_count_from_the_first_and_from_monday_with_the_stations_deviation(ward: CareWard) -> None:
    """November of five years 4, 6, 8, 10, 12: 8 + 2 × 3,16 = 14,32 by the sample, 8 + 2 × 2,83 = 13,66 by all."""
    monday = TODAY - timedelta(days=2)
    for day, number in (
        (date(2026, 10, 31), 1),
        (date(2026, 11, 1), 12),
        (monday - timedelta(days=1), 1),
        (monday, 1),
    ):
        ward.at(day, 8)
        for _ in range(number):
            ward.case()
    ward.at(TODAY, 8)
    tell(ward, "endemic", "có")
    assert found(ward, "epidemic_threshold").missing == ("baseline_month", "baseline_week")
    years = range(2021, 2026)
    months = [
        Baseline(year, "month", 11, cases, source="Sổ")
        for year, cases in zip(years, (4, 6, 8, 10, 12), strict=True)
    ]
    weeks = [Baseline(year, "week", 47, 2, source="Sổ") for year in years]
    assert keep_baselines(ward.store, ward.who, [*months, *weeks]) == 10
    judged = found(ward, "epidemic_threshold")
    assert (value(judged, "month_cases"), value(judged, "week_cases"), judged.level) == (14, 1, "below")
    keep_input(ward.store, ward.who, "standard_deviation", "population", TODAY)
    judged = found(ward, "epidemic_threshold")
    assert (judged.level, judged.choices[0].value, judged.verified) == ("epidemic", "population", True)


def test_deaths_of_seven_days_beside_their_rate(ward: CareWard) -> None:
    day = date(2022, 10, 10)
    ward.at(day - timedelta(days=7), 8)
    before, within = ward.case(), ward.case()
    for case, on in ((before, day - timedelta(days=7)), (within, day - timedelta(days=6))):
        ward.at(on, 20)
        cases.end_case(ward.store, ward.who, case, "died", on=on, reason="Tử vong")
    ward.at(day, 8)
    tell(ward, "population", "12400")
    judged = found(ward, "death_target")
    assert judged.level == "not_met"
    assert judged.findings[0].value == {"deaths": 1, "population": 12_400, "rate": 8.06}
    assert "tỷ lệ 8,06" in finding_words(judged.findings[0], judged.rules)
    quiet = found(ward, "death_target", day + timedelta(days=7))
    assert "ca tử vong 7 ngày 0, dân số 12.400, tỷ lệ 0,00" in finding_words(quiet.findings[0], quiet.rules)


def test_a_share_that_was_typed_in_stays_a_percentage_in_the_history(ward: CareWard) -> None:
    ward.at(AUTUMN, 8)
    tell(ward, "adults_one_dose", "83,5")
    ident = keep_level(ward.store, ward.who, "epidemic_level")
    with ward.store.read() as c:
        kept = kept_level(c, ident)
    told = {given["name"]: kept_value(kept, given) for given in kept.inputs}
    assert (told["adults_one_dose"], told["treatment_capacity"]) == ("83,5 %", "–")


def test_a_level_kept_says_later_what_it_came_from(ward: CareWard) -> None:
    ward.at(TODAY, 8)
    case = ward.case()
    ident = keep_level(ward.store, ward.who, "response_scenario")
    row = ward.row("level_assessment", ident)
    assert (row.body["level"], row.body["origin"], row.body["rules"]) == (
        "scenario_1",
        "computed",
        ["scenario-kh-152"],
    )
    given = row.body["inputs"][0]
    assert (given["name"], given["value"], given["ids"]) == ("active_cases", 1, [case])
    assert row.body["inputs"][1] == {"name": "scenario_unit", "value": "commune", "source": ""}
    publish_level(
        ward.store, ward.who, "response_scenario", "scenario_2", "BCĐ huyện", TODAY, "Nâng vì lễ hội"
    )
    with ward.store.read() as c:
        last, first = history(c, "response_scenario")
        whole = kept_level(c, ident)
    assert (last.was, last.kept.level, last.changed, last.kept.reason) == (
        "scenario_1",
        "scenario_2",
        True,
        "Nâng vì lễ hội",
    )
    assert (first.was, first.changed) == (None, False)
    assert whole.inputs[0]["ids"] == [case]
    assert case not in str(kept_json(whole))  # the answer for programs names no record


def test_a_level_that_cannot_be_told_is_kept_as_such(ward: CareWard) -> None:
    ward.at(TODAY, 8)
    keep_level(ward.store, ward.who, "epidemic_level")
    with ward.store.read() as c:
        assert history(c)[0].kept.level is None
    with pytest.raises(NoHistory):
        keep_level(ward.store, ward.who, "death_target")


def test_every_scale_says_what_it_lacks_on_an_empty_laptop(ward: CareWard) -> None:
    ward.at(TODAY, 8)
    with ward.store.read() as c:
        levels = {one.scale: one for one in judge_all(c, TODAY)}
    assert levels["response_scenario"].level == "scenario_1"  # 0 cases were counted, which is known
    assert {name: one.missing for name, one in levels.items() if one.level is None} == {
        "epidemic_level": ("rule_set",),
        "commune_risk_colour": ("rule_set",),
        "epidemic_threshold": ("endemic",),
        "care_capacity": ("care_capacity",),
        "death_target": ("population",),
    }
    asked = found(ward, "epidemic_level", asked="level-218")
    assert asked.rules is not None
    assert asked.rules.id == "level-218"
    assert judged_json(asked)["verified"] is False
    with pytest.raises(NotFound):
        found(ward, "death_target", asked="level-218")


@pytest.mark.parametrize(
    ("name", "text", "source"),
    [
        ("population", "-1", "x"),
        ("population", "12 người", "x"),
        ("population", "12.5", "x"),
        ("population", "1.2400", "x"),
        ("population", "12400", ""),
        ("adults_one_dose", "100,01", "x"),
        ("endemic", "có lẽ", "x"),
    ],
)
def test_what_is_no_such_value_or_has_no_source_is_refused(
    ward: CareWard, name: str, text: str, source: str
) -> None:
    with pytest.raises(InvalidFields):
        keep_input(ward.store, ward.who, name, text, None, source)


def test_an_unknown_input_names_those_there_are(ward: CareWard) -> None:
    with pytest.raises(NotFound, match="care_capacity"):
        keep_input(ward.store, ward.who, "nonsense", "1", None, "x")


def test_only_the_chiefs_laptop_holds_the_commune(ward: CareWard) -> None:
    ward.store.role = "member"
    for call in (
        lambda: found(ward, "response_scenario"),
        lambda: keep_level(ward.store, ward.who, "response_scenario"),
        lambda: publish_level(ward.store, ward.who, "epidemic_level", "2", "x"),
        lambda: keep_baselines(ward.store, ward.who, [Baseline(2020, "month", 1, 3, source="x")]),
    ):
        with pytest.raises(NotOpened):
            call()


def test_baselines_come_from_a_file_and_a_line_takes_the_place_of_its_month(ward: CareWard) -> None:
    ward.at(TODAY, 8)
    text = "\ufeffyear;period;number;cases;epidemic;source\n2024;month;11;9;x;\n2023;week;47;2;;Sổ A6\n"
    assert keep_baselines(ward.store, ward.who, read_baselines(text, "Trạm")) == 2
    keep_baselines(ward.store, ward.who, [Baseline(2024, "month", 11, 10, source="Sửa")])
    with ward.store.read() as c:
        assert baselines(c) == [
            Baseline(2024, "month", 11, 10, False, "Sửa"),
            Baseline(2023, "week", 47, 2, False, "Sổ A6"),
        ]


@pytest.mark.parametrize(
    "line",
    [
        "2026,month,1,3,,x",
        "2024,day,1,3,,x",
        "2024,month,13,3,,x",
        "2024,week,54,3,,x",
        "2024,month,1,-1,,x",
        "2024,month,1,3,,",
        "2024,month,1,ba,,x",
    ],
)
def test_a_wrong_line_of_a_file_is_refused_whole(ward: CareWard, line: str) -> None:
    ward.at(TODAY, 8)
    with pytest.raises(InvalidFields):
        keep_baselines(
            ward.store,
            ward.who,
            read_baselines(f"year,period,number,cases,epidemic,source\n2024,month,2,3,,x\n{line}\n"),
        )
    with ward.store.read() as c:
        assert baselines(c) == []
