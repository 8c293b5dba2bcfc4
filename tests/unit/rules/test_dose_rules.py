"""Vaccination on a day, both sides of every boundary, with the document beside each (rules §1.2, §2.11)."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as every
from hypothesis import strategies as st

from tests.unit.rules.by_day import SETS, born
from tui_app.rules.doses import Dose, given
from tui_app.rules.follow_up import months_later
from tui_app.rules.vaccination import status
from tui_app.rules.vaccine_day import DayRules
from tui_app.rules.vaccine_facts import DoseState, DoseStatus, Infection, VaccineFacts

PFIZER = "comirnaty"
S1_DAY = date(2022, 9, 14)
"""KH 207/KH-UBND; dose 3 and 4 by the text of 24/06/2022, after infection by that of 06/08/2022."""


def doses(*days: date, product: str | None = PFIZER, kind: str | None = "basic") -> tuple[Dose, ...]:
    return tuple(Dose(day, product, kind) for day in days)


def on(day: date, *, years: int = 40, birth: date | None = None, **facts: Any) -> DoseStatus:
    """The status of somebody who completes ``years`` that day, or is born on ``birth``."""
    if "birth_year" not in facts:
        facts["birth_date"] = birth or born(day, years=years)
    return status(DayRules.of(SETS, day), VaccineFacts(**facts))


BASIC = doses(date(2021, 6, 1), date(2021, 8, 31))


@pytest.mark.parametrize(
    ("day", "due", "rule_set", "state"),
    [
        # before any document about boosters the basic doses are all there is
        (date(2021, 11, 30), None, None, DoseState.COMPLETE),
        # CV 10225/BYT-DP 01/12/2021: ≥ 6 months; 31/08/2021 + 6 months = 28/02/2022
        (date(2021, 12, 1), date(2022, 2, 28), "vaccination-10225", DoseState.WAITING),
        (date(2021, 12, 16), date(2022, 2, 28), "vaccination-10225", DoseState.WAITING),
        # CV 10722/BYT-DP, 17/12/2021: ≥ 3 months; 31/08/2021 + 3 months = 30/11/2021
        (date(2021, 12, 17), date(2021, 11, 30), "vaccination-10722", DoseState.DUE),
        # overdue: more than 30 days after it was due (house-vaccination)
        (date(2021, 12, 30), date(2021, 11, 30), "vaccination-10722", DoseState.DUE),
        (date(2021, 12, 31), date(2021, 11, 30), "vaccination-10722", DoseState.OVERDUE),
        # hcdc.vn 24/06/2022: dose 3 ≥ 3 months after dose 2
        (date(2022, 6, 23), date(2021, 11, 30), "vaccination-10722", DoseState.OVERDUE),
        (date(2022, 6, 24), date(2021, 11, 30), "vaccination-2022-06", DoseState.OVERDUE),
    ],
)
def test_the_first_booster_by_the_document_of_the_day(
    day: date, due: date | None, rule_set: str | None, state: DoseState
) -> None:
    found = on(day, doses=BASIC)
    assert (found.state, found.next_due) == (state, due)
    assert found.next_dose == (None if due is None else "booster_1")
    assert [one.rule_set for one in found.findings if one.outcome == "booster_1"] == [rule_set] * (
        due is not None
    )


def test_overdue_since_is_the_day_after_the_thirtieth() -> None:
    assert on(date(2021, 12, 31), doses=BASIC).overdue_since == date(2021, 12, 31)
    assert on(date(2021, 12, 30), doses=BASIC).overdue_since is None


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (date(2022, 1, 27), DoseState.WAITING),  # CV 10225: ≥ 28 days after 31/12/2021 is 28/01/2022
        (date(2022, 1, 28), DoseState.DUE),
    ],
)
def test_an_additional_dose_for_the_immunocompromised(day: date, state: DoseState) -> None:
    basic = doses(date(2021, 12, 1), date(2021, 12, 31))
    found = on(day, doses=basic, conditions=frozenset({"transplant"}))
    assert (found.state, found.next_dose, found.next_due) == (state, "additional", date(2022, 1, 28))
    assert on(day, doses=basic).next_dose == "booster_1"
    done = (*basic, *doses(date(2022, 1, 28), kind="additional"))
    later = on(date(2022, 2, 1), doses=done, conditions=frozenset({"transplant"}))
    assert (later.next_dose, later.next_due) == ("booster_1", date(2022, 4, 28))  # CV 10722: 3 months on


@pytest.mark.parametrize(
    ("years", "dose", "due"),
    [
        (40, "booster_1", date(2022, 8, 31)),  # 3 months after 31/05/2022
        (18, "booster_1", date(2022, 8, 31)),
        (17, "booster_1", date(2022, 10, 31)),  # 12–<18: ≥ 5 months
        (12, "booster_1", date(2022, 10, 31)),
        (11, None, None),  # dose 3 of 5–<12 only when guided (S0 §IV.3.1)
        (5, None, None),
    ],
)
def test_dose_3_by_age(years: int, dose: str | None, due: date | None) -> None:
    found = on(date(2022, 7, 1), years=years, doses=doses(date(2022, 5, 1), date(2022, 5, 31)))
    assert (found.next_dose, found.next_due) == (dose, due)
    assert found.complete is True


@pytest.mark.parametrize(
    ("day", "state"), [(date(2022, 6, 27), DoseState.WAITING), (date(2022, 6, 28), DoseState.DUE)]
)
def test_dose_4_from_four_months_after_dose_3(day: date, state: DoseState) -> None:
    """hcdc.vn 24/06/2022: ≥ 4 months; 28/02/2022 + 4 months = 28/06/2022."""
    three = (*BASIC, *doses(date(2022, 2, 28), kind="booster"))
    found = on(day, doses=three)
    assert (found.state, found.next_dose, found.next_due) == (state, "booster_2", date(2022, 6, 28))
    four = (*three, *doses(date(2022, 6, 26), kind="booster"))
    assert on(day, doses=four).state is DoseState.COMPLETE
    assert on(day, years=17, doses=three).state is DoseState.COMPLETE  # dose 4 from 18 years (S0 §IV.3.1)


@pytest.mark.parametrize(
    ("months", "state"),
    [
        (3 * 12 - 1, DoseState.NOT_IN_PROGRAMME),
        (3 * 12, DoseState.NOT_IN_PROGRAMME),  # S0 §IV.3.1: from 3 years "when the Ministry guides it"
        (5 * 12 - 1, DoseState.NOT_IN_PROGRAMME),
        (5 * 12, DoseState.DUE),
        (12 * 12 - 1, DoseState.OVERDUE),
        (12 * 12, DoseState.OVERDUE),
        (18 * 12, DoseState.OVERDUE),
    ],
)
def test_who_is_in_the_programme(months: int, state: DoseState) -> None:
    found = on(S1_DAY, birth=born(S1_DAY, months=months), known_none=True)
    assert found.state is state
    guided = [one.outcome for one in found.findings] == ["when_guided"]
    assert guided == (36 <= months < 60)


def test_a_birth_year_at_an_edge_is_unsure_and_never_complete() -> None:
    """Born 2010: 11 or 12 years on 14/09/2022. With dose 2 five months ago dose 3 is due at 12 and not guided at 11."""
    two = doses(date(2022, 3, 1), date(2022, 4, 1))
    found = on(S1_DAY, birth_year=2010, doses=two)
    assert (found.state, found.unsure, found.complete) == (DoseState.UNSURE, ("age",), None)
    assert on(S1_DAY, birth_year=1960, doses=two).state is DoseState.OVERDUE  # no edge in the range
    assert on(S1_DAY, birth_year=None, doses=two).state is DoseState.UNSURE


def test_abdala_needs_three_basic_doses_and_the_others_two() -> None:
    days = (date(2022, 8, 1), date(2022, 8, 20))
    assert on(S1_DAY, doses=doses(*days, product="abdala")).basic_complete is False
    assert on(S1_DAY, doses=doses(*days, date(2022, 9, 5), product="abdala")).basic_complete is True
    assert on(S1_DAY, doses=doses(*days)).basic_complete is True
    basic = next(one for one in on(S1_DAY, doses=doses(*days)).findings if one.field == "basic_given")
    assert (basic.rule, basic.rule_set, basic.verified) == (PFIZER, "vaccination-products", False)


def test_an_unknown_product_is_complete_only_when_any_would_be() -> None:
    days = (date(2022, 3, 1), date(2022, 4, 1), date(2022, 5, 1))
    assert on(S1_DAY, doses=doses(days[0], product="lạ")).basic_complete is False
    assert on(S1_DAY, doses=doses(*days[:2], product="lạ")).basic_complete is None
    assert on(S1_DAY, doses=doses(*days, product=None)).basic_complete is True
    assert on(S1_DAY, doses=doses(*days, product=None, kind=None)).basic_complete is True
    assert on(S1_DAY, doses=doses(*days[:2], product=None, kind=None)).basic_complete is None


def test_a_third_dose_that_may_be_a_basic_one_is_no_booster_for_sure() -> None:
    """Abdala needs three basic doses: three of an unknown product and type may be those; of four one is more."""
    days = [date(2022, month, 1) for month in (3, 4, 5, 6)]
    vaccines = DayRules.of(SETS, S1_DAY).vaccines
    three, four = (given(doses(*days[:count], product=None, kind=None), S1_DAY, vaccines) for count in (3, 4))
    assert (three.has_more(1), four.has_more(1), four.has_more(2)) == (None, True, None)


@pytest.mark.parametrize(
    ("given", "unsure"),
    [
        ((Dose(date(2022, 3, 1), PFIZER, "basic"), Dose(None, PFIZER, "basic")), ("given_on",)),
        ((Dose(date(2022, 3, 1), PFIZER, "basic", 2),), ("doses",)),  # only dose 2 is recorded
        ((*BASIC, Dose(date(2022, 3, 1), PFIZER)), ("dose_type",)),  # a third one: additional or booster?
    ],
)
def test_what_is_not_known_of_a_dose_is_said_and_nothing_is_complete(
    given: tuple[Dose, ...], unsure: tuple[str, ...]
) -> None:
    found = on(S1_DAY, doses=given)
    assert (found.state, found.unsure, found.complete) == (DoseState.UNSURE, unsure, None)


def test_a_number_only_said_is_partly_recorded() -> None:
    said = on(S1_DAY, reported=3)
    assert (said.recorded, said.state, said.basic_complete) == ("partly", DoseState.UNSURE, None)
    assert on(S1_DAY).recorded == "none"
    assert on(S1_DAY).unsure == ("not_recorded",)
    none = on(S1_DAY, reported=0)
    assert (none.recorded, none.basic_complete, none.next_dose) == ("whole", False, "basic")
    assert on(S1_DAY, reported=3, doses=BASIC).recorded == "partly"
    assert on(S1_DAY, reported=2, doses=BASIC).recorded == "whole"


def test_two_records_of_one_day_are_one_dose_and_one_after_the_day_does_not_count() -> None:
    twice = (*doses(date(2022, 3, 1)), *doses(date(2022, 3, 1), product=None, kind=None))
    assert on(S1_DAY, doses=twice).basic_given == 1
    assert on(date(2021, 8, 30), doses=BASIC).basic_given == 1
    assert on(date(2021, 8, 31), doses=BASIC).basic_given == 2


def test_the_next_basic_dose_waits_for_its_product() -> None:
    found = on(date(2022, 9, 14), doses=doses(date(2022, 9, 1)))
    assert (found.next_dose, found.next_due) == ("basic", date(2022, 9, 22))  # 21 days, recalled
    assert found.complete is False


@pytest.mark.parametrize("product", [None, "lạ"])
def test_after_a_product_nobody_knows_the_next_basic_dose_waits_as_long_as_any_would(
    product: str | None,
) -> None:
    """Not on the day after the first: 28 days (AstraZeneca, Spikevax) is the longest of the products, recalled."""
    found = on(S1_DAY, doses=doses(date(2022, 9, 13), product=product))
    assert (found.state, found.next_due) == (DoseState.WAITING, date(2022, 10, 11))


@pytest.mark.parametrize(
    ("day", "years", "due", "rule_set"),
    [
        # suckhoedoisong.vn 04/04/2022: recovered, from 12 years, "3–6 tháng"; 05/03 + 3 months
        (date(2022, 4, 3), 40, date(2022, 3, 1), None),
        (date(2022, 4, 4), 40, date(2022, 6, 5), "vaccination-infection-2022-04"),
        (date(2022, 8, 5), 40, date(2022, 6, 5), "vaccination-2022-06"),
        # text of August: dose 3 from 18 years right after recovery
        (date(2022, 8, 6), 40, date(2022, 3, 5), "vaccination-infection-2022-08"),
        (date(2022, 8, 6), 17, date(2022, 6, 5), "vaccination-infection-2022-08"),
    ],
)
def test_dose_3_after_an_infection_by_the_text_of_the_day(
    day: date, years: int, due: date, rule_set: str | None
) -> None:
    two = doses(date(2021, 11, 1), date(2021, 12, 1))
    found = on(day, years=years, doses=two, infections=(Infection(date(2022, 2, 24), date(2022, 3, 5)),))
    expected = max(due, date(2022, 5, 1)) if years < 18 else due  # 5 months after dose 2 below 18
    assert found.next_due == expected
    assert [one.rule_set for one in found.findings if one.outcome == "after_infection"] == [rule_set] * bool(
        rule_set
    )


@pytest.mark.parametrize(
    ("years", "due"), [(11, date(2022, 8, 31)), (5, date(2022, 8, 31))]
)  # suckhoedoisong.vn: 5–<12 from 3 months after recovery, here 31/05/2022
def test_a_child_who_recovered_waits_three_months(years: int, due: date) -> None:
    infection = (Infection(date(2022, 5, 20), date(2022, 5, 31)),)
    found = on(date(2022, 7, 1), years=years, doses=doses(date(2022, 5, 1)), infections=infection)
    assert (found.next_due, found.state) == (due, DoseState.WAITING)


def test_dose_4_waits_three_months_after_the_infection_itself() -> None:
    """hcdc.vn: infected after dose 3, three months after the infection (30/06/2022 → 30/09/2022)."""
    three = (*BASIC, *doses(date(2022, 2, 1), kind="booster"))
    infected = (Infection(date(2022, 6, 30), date(2022, 7, 20)),)
    assert on(S1_DAY, doses=three, infections=infected).next_due == date(2022, 9, 30)
    before = (Infection(date(2022, 1, 20), date(2022, 1, 30)),)  # dose 3 came after it
    assert on(S1_DAY, doses=three, infections=before).next_due == date(2022, 6, 1)


def test_who_is_infected_now_waits_without_a_day() -> None:
    ill = (Infection(date(2022, 9, 10)),)
    found = on(S1_DAY, doses=BASIC, infections=ill)
    assert (found.state, found.next_due) == (DoseState.INFECTED, None)
    ended_later = (Infection(date(2022, 9, 10), date(2022, 9, 20)),)
    assert on(S1_DAY, doses=BASIC, infections=ended_later).state is DoseState.INFECTED


def test_contraindicated_and_postponed_go_before_due() -> None:
    assert on(S1_DAY, doses=BASIC, contraindicated=True).state is DoseState.CONTRAINDICATED
    found = on(S1_DAY, doses=BASIC, postponed_until=S1_DAY + timedelta(days=1))
    assert (found.state, found.next_due) == (DoseState.POSTPONED, S1_DAY + timedelta(days=1))
    assert on(S1_DAY, doses=BASIC, postponed_until=S1_DAY).state is DoseState.OVERDUE


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2021, 8, 31), 6, date(2022, 2, 28)),
        (date(2019, 8, 31), 6, date(2020, 2, 29)),  # a leap year
        (date(2020, 2, 29), 12, date(2021, 2, 28)),
        (date(2020, 2, 29), 48, date(2024, 2, 29)),
        (date(2021, 12, 31), 2, date(2022, 2, 28)),
    ],
)
def test_months_are_counted_to_the_same_day_or_the_months_end(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later


@every(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_month_arithmetic(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    last = calendar.monthrange(later.year, later.month)[1]
    assert later.day == (day.day if day.day <= last else last)
    assert months_later(day, months + 1) > later


@every(
    st.lists(
        st.tuples(st.dates(date(2021, 3, 8), date(2023, 1, 1)), st.sampled_from([PFIZER, "abdala", None])),
        max_size=5,
    ),
    st.dates(date(2021, 3, 8), date(2023, 6, 1)),
    st.integers(0, 90),
)
def test_whoever_is_complete_has_the_basic_doses_and_nothing_is_due(
    recorded: list[tuple[date, str | None]], day: date, years: int
) -> None:
    given = tuple(Dose(one, product, "basic") for one, product in recorded)
    found = on(day, years=years, doses=given, reported=0)
    if found.complete:
        assert found.basic_complete
        assert found.state in (DoseState.COMPLETE, DoseState.WAITING)
    if found.next_due is not None and found.state is DoseState.WAITING:
        assert found.next_due > day
    if found.state in (DoseState.DUE, DoseState.OVERDUE):
        assert found.next_due is not None
        assert found.next_due <= day
