"""Coverage of a small ward by the targets of rules §1.3: counted by hand beside each person."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.services.care_ward import CareWard
from tui_app.errors import InvalidFields, NotOpened
from tui_app.rules.vaccination import status
from tui_app.rules.vaccine_day import DayRules
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people import people
from tui_app.services.vaccination import denominators, vaccination
from tui_app.services.vaccination.coverage import Coverage, Ids, coverage
from tui_app.services.vaccination.dose_enough import enough_doses
from tui_app.services.vaccination.dose_status import facts_of
from tui_app.services.vaccination.vaccination import dose_status

DAY = date(2022, 9, 28)
FULL = (("2021-06-01", "basic"), ("2021-07-01", "basic"), ("2022-01-01", "booster"))
OLD, ADULT = "coverage-kh-207/from_50_or_high_risk", "coverage-kh-207/from_18_to_49"
TEEN = "coverage-kh-207/from_12_below_18"
DUE = "coverage-kh-207/complete_from_18"


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    made.at(DAY, 8)
    yield made
    made.close()


def born(ward: CareWard, name: str, birth: str, doses: Any = (), **fields: Any) -> str:
    who = ward._create("person", full_name=name, household=ward.door, birth_date=birth, **fields)
    for day, kind in doses:
        dose = {"given_on": day, "dose_type": kind, "product": "comirnaty"}
        vaccination.add_dose(ward.store, ward.who, who, dose)
    return who


def figure(ward: CareWard, key: str, day: date = DAY, **more: Any) -> Coverage:
    with ward.store.read() as c:
        return next(one for one in coverage(c, day, **more).figures if one.goal.key == key)


def names(ward: CareWard, ids: Ids) -> set[str]:
    return {ward.row("person", one).body["full_name"] for one in ids}


def test_somebody_over_50_and_at_risk_counts_once(ward: CareWard) -> None:
    both = born(ward, "Cả Hai", "1950-01-01", FULL)
    young = born(ward, "Trẻ Có Bệnh", "1990-01-01", FULL[:2])
    for who in (both, young):
        people.save_person(ward.store, ward.who, {}, person=who, conditions=frozenset({"diabetes"}))
    born(ward, "Đúng 50", "1972-09-28", FULL)
    born(ward, "Chưa 50", "1972-09-29", FULL)
    born(ward, "Dân Tộc", "1990-01-01", FULL, ethnicity="02")
    born(ward, "Người Nước Ngoài", "1990-01-01", FULL, ethnicity="55")  # §3.6: no ethnic group of Việt Nam
    born(ward, "Không Rõ Dân Tộc", "1990-01-01", FULL, ethnicity="99")
    found = figure(ward, OLD)
    assert (found.plain.numerator, found.plain.denominator) == (3, 4)
    assert names(ward, found.ids["lack"]) == {"Trẻ Có Bệnh"}
    assert (found.plain.percent, found.met) == ("75,0 %", False)


@pytest.mark.parametrize(
    ("started", "at_risk"),
    [
        ("2021-12-01", 1),
        ("2021-11-30", 0),
        (None, 1),
    ],  # 301 days before 28/09/2022, and one more; written today
)
def test_a_pregnancy_nobody_ended_is_no_risk_for_ever(
    ward: CareWard, started: str | None, at_risk: int
) -> None:
    who = born(ward, "Mang Thai", "1990-01-01", FULL)
    ward._create("risk_membership", person=who, risk_group="pregnant", started_on=started)
    assert figure(ward, OLD).plain.denominator == at_risk
    assert figure(ward, OLD, DAY + timedelta(days=302)).plain.denominator == 0


def test_a_restricted_condition_puts_nobody_on_the_list_of_a_figure(ward: CareWard) -> None:
    who = born(ward, "Kín", "1990-01-01", FULL)
    people.save_person(ward.store, ward.who, {}, person=who, conditions=frozenset({"hiv"}), restricted=True)
    assert figure(ward, OLD).plain.denominator == 0


@pytest.mark.parametrize(
    ("doses", "has"),
    [
        (FULL, True),
        ((*FULL[:2], ("2022-01-01", "additional")), True),  # "1 mũi nhắc hoặc 1 mũi bổ sung" (S1 §II.2.1)
        ((*FULL[:2], ("2022-01-01", None)), True),
        (FULL[:2], False),
        ((FULL[0], FULL[2]), False),  # a booster without the basic doses
        ((*FULL[:2], ("2022-09-28", "booster")), True),
    ],
)
def test_two_basic_doses_and_one_booster_or_additional(ward: CareWard, doses: Any, has: bool) -> None:
    born(ward, "Một Người", "1990-01-01", doses)
    assert figure(ward, ADULT).plain.numerator == has
    before = figure(ward, ADULT, DAY - timedelta(days=1)).plain.numerator
    assert before == (has and doses[-1][0] != "2022-09-28"), "the figure is as of the day"


def test_the_contraindicated_are_shown_both_ways(ward: CareWard) -> None:
    born(ward, "Đủ", "1990-01-01", FULL)
    born(ward, "Thiếu", "1990-01-01", FULL[:2], contraindicated=True)
    plain = figure(ward, ADULT)
    assert (plain.plain.numerator, plain.plain.denominator) == (1, 2)
    assert (plain.without.numerator, plain.without.denominator) == (1, 1)
    assert plain.judged == plain.plain  # the ≥ 75 % target does not mention the exclusion
    assert plain.met is False
    complete = figure(ward, DUE)
    assert complete.judged == complete.without  # "trừ các đối tượng chống chỉ định tiêm" (S1 §I.2.1)
    assert complete.met is True
    assert names(ward, complete.ids["contraindicated"]) == {"Thiếu"}


def test_who_is_not_due_yet_is_no_gap_where_the_plan_says_den_lich(ward: CareWard) -> None:
    born(ward, "Mới Tiêm", "1990-01-01", (("2022-06-01", "basic"), ("2022-06-29", "basic")))  # due 29/09/2022
    born(ward, "Đến Lịch", "1990-01-01", (("2022-06-01", "basic"), ("2022-06-28", "basic")))  # due 28/09/2022
    born(ward, "Chưa Tiêm", "1990-01-01", reported_doses=0)
    found = figure(ward, DUE)
    assert names(ward, found.ids["not_due"]) == {"Mới Tiêm"}
    assert names(ward, found.ids["lack"]) == {"Đến Lịch", "Chưa Tiêm"}
    assert figure(ward, ADULT).plain.denominator == 3


def test_the_postponed_are_left_out_where_the_plan_says_so(ward: CareWard) -> None:
    """S0 §IV.3.1: trừ các đối tượng chống chỉ định tiêm hoặc hoãn tiêm."""
    born(ward, "Hoãn", "1990-01-01", FULL[:2], postponed_until="2022-10-01")
    assert figure(ward, "coverage-kh-85/dose_3_from_18").without.denominator == 0
    assert figure(ward, DUE).without.denominator == 1


def test_an_unknown_age_band_is_shown_apart(ward: CareWard) -> None:
    ward._create("person", full_name="Sinh 2010", household=ward.door, birth_year=2010)  # 11 or 12
    ward._create("person", full_name="Không Rõ", household=ward.door)
    found = figure(ward, TEEN)
    assert (found.plain.denominator, found.met) == (0, None)
    assert names(ward, found.ids["unknown_age"]) == {"Sinh 2010", "Không Rõ"}


def test_what_is_not_known_of_doses_is_neither_in_nor_left_out(ward: CareWard) -> None:
    born(ward, "Chỉ Nói", "1990-01-01", reported_doses=3)
    found = figure(ward, ADULT)
    assert (found.plain.numerator, found.plain.denominator) == (0, 1)
    assert names(ward, found.ids["unsure"]) == {"Chỉ Nói"}


def test_managed_is_who_is_recorded_whole(ward: CareWard) -> None:
    born(ward, "Ghi Đủ", "1990-01-01", FULL)
    born(ward, "Chưa Tiêm", "1990-01-01", reported_doses=0)
    born(ward, "Chưa Ghi", "1990-01-01")
    born(ward, "Ghi Thiếu", "1990-01-01", FULL[:1], reported_doses=3)
    found = figure(ward, "coverage-kh-207/managed")
    assert (found.plain.numerator, found.plain.denominator) == (2, 4)


def test_a_denominator_from_the_population_database_is_judged_with_its_source(ward: CareWard) -> None:
    for number in range(3):
        born(ward, f"Người {number}", "1990-01-01", FULL)
    denominators.type_in(ward.store, ward.who, ADULT, 5, "CSDL quốc gia về dân cư", date(2022, 9, 1))
    found = figure(ward, ADULT)
    assert found.denominator is not None
    assert (found.denominator.source, found.denominator.as_of) == (
        "CSDL quốc gia về dân cư",
        date(2022, 9, 1),
    )
    assert (found.judged.percent, found.met) == ("60,0 %", False)
    assert found.plain.percent == "100,0 %"
    assert denominators.take_away(ward.store, ADULT)
    assert figure(ward, ADULT).met is True
    for count, source, day in ((0, "x", DAY), (5, " ", DAY), (5, "x", DAY + timedelta(days=1))):
        with pytest.raises(InvalidFields):
            denominators.type_in(ward.store, ward.who, ADULT, count, source, day)
    with pytest.raises(InvalidFields):
        denominators.type_in(ward.store, ward.who, "coverage-kh-207/none", 5, "x", DAY)


def test_units_add_up_to_the_whole(ward: CareWard) -> None:
    born(ward, "Một", "1990-01-01", FULL)
    born(ward, "Hai", "1990-01-01")
    found = figure(ward, ADULT, by_unit=True)
    assert {area: one.plain.denominator for area, one in found.areas.items()} == {"area-01": 2}


def test_a_viewer_gets_no_lists(ward: CareWard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_app.services.access.gate.is_viewer", lambda c: True)
    with ward.store.read() as c, pytest.raises(NotOpened):
        coverage(c, DAY)


def test_the_figures_agree_with_the_status_of_each_person(ward: CareWard) -> None:
    """Figures are counted over groups; here each person is judged by themselves and the two are compared."""
    chance = random.Random(8)
    for number in range(150):
        birth = date(1940, 1, 1) + timedelta(days=chance.randrange(29000))
        fields: dict[str, Any] = {"reported_doses": chance.choice((None, None, 0, 2, 3))}
        if chance.random() < 0.2:
            fields["postponed_until"] = "2022-10-05"
        who = born(ward, f"Người {number}", birth.isoformat(), **fields)
        day = date(2021, 6, 1) + timedelta(days=chance.randrange(460))
        for place in range(chance.randrange(5)):
            if day > DAY:
                break
            kind = "basic" if place < 2 else chance.choice(("booster", "additional", None))
            product = chance.choice(("comirnaty", "abdala", "astrazeneca"))
            dose: dict[str, Any] = {"dose_type": kind, "product": product, "given_on": day.isoformat()}
            if chance.random() < 0.05:
                dose |= {"given_on": None, "number": place + 1}
            vaccination.add_dose(ward.store, ward.who, who, dose)
            day += timedelta(days=chance.randrange(20, 140))
        if chance.random() < 0.1:
            people.save_person(ward.store, ward.who, {}, person=who, conditions=frozenset({"transplant"}))
    with ward.store.read() as c:
        statuses = dose_status(c, None, DAY)
        found = next(
            one for one in coverage(c, DAY).figures if one.goal.key == "coverage-kh-85/dose_3_from_18"
        )
        free = {who: replace(facts, postponed_until=None) for who, facts in facts_of(c, None, DAY).items()}
        rules = DayRules.of(rule_sets(c), DAY)
        assert enough_doses(c, DAY) == {who: one.complete for who, one in statuses.items()}
    waiting = {who for who, facts in free.items() if status(rules, facts).state in ("waiting", "infected")}
    basic = {who for who, one in statuses.items() if one.basic_complete}
    more = {who for who, one in statuses.items() if one.additional + one.booster > 0}
    have, lack = set(found.ids["have"]), set(found.ids["lack"])
    not_due = set(found.ids["not_due"])
    assert have <= basic
    assert basic & more & (have | lack | not_due) <= have
    assert not_due <= waiting
    assert lack & waiting == set()
    assert len(not_due) > 3
    assert len(have) > 10
