"""Who is in a risk group (domain/rules.md §1.1 lists A–D, §1.2 ages): each row of a table says why by its source."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rules.by_day import SETS
from tui_app.rules.age import AgeEdge, age_on, in_band
from tui_app.rules.carers import carers_named
from tui_app.rules.risk import DayRules, Facts, counts_on
from tui_app.rules.rule_set import load
from tui_app.rules.set_text import BadRuleSet
from tui_app.settings import asset

DAY = date(2022, 9, 14)  # KH 207/KH-UBND is of this day


def groups(day: date = DAY, **said: object) -> tuple[set[str], set[str]]:
    """The groups a person is in, and those that cannot be known."""
    rules = DayRules.on(SETS, day)
    found, unsure = rules.groups(Facts(**said))  # type: ignore[arg-type]
    return set(rules.codes(found)), set(rules.codes(unsure & ~found))


# ---- ages: from 50 (S1 §II.2.1), 60 (Luật Người cao tuổi 2009), 65 (campaign of HCMC, §5.1): three flags


@pytest.mark.parametrize(
    ("birth", "reached"),
    [
        ("1972-09-15", set()),  # 49, 50 tomorrow
        ("1972-09-14", {"age_50"}),  # 50 today
        ("1962-09-15", {"age_50"}),  # 59
        ("1962-09-14", {"age_50", "age_60", "elderly"}),  # 60 today: old by law
        ("1957-09-15", {"age_50", "age_60", "elderly"}),
        ("1957-09-14", {"age_50", "age_60", "age_65", "elderly"}),  # 65 today
    ],
)
def test_age_flags_are_three_and_old_is_sixty_by_law(birth: str, reached: set[str]) -> None:
    assert groups(birth_date=birth) == (reached, set())


@pytest.mark.parametrize(
    ("year", "reached", "unsure"),
    [
        (1971, {"age_50"}, set()),  # 50 or 51
        (1972, set(), {"age_50"}),  # 49 or 50
        (1973, set(), set()),
        (1962, {"age_50"}, {"age_60", "elderly"}),  # 59 or 60
        (1957, {"age_50", "age_60", "elderly"}, {"age_65"}),  # 64 or 65
        (None, set(), {"age_50", "age_60", "age_65", "elderly"}),  # no birth at all
    ],
)
def test_a_year_at_an_edge_is_unsure_and_neither_in_nor_out(
    year: int | None, reached: set[str], unsure: set[str]
) -> None:
    assert groups(birth_year=year) == (reached, unsure)


def test_a_birth_on_29_february_completes_its_years_on_1_march() -> None:
    # completed years on the as-of date (§1.2): no 29/02/2021, so 65 from 01/03/2021 on
    assert "age_65" not in groups(date(2021, 2, 28), birth_date="1956-02-29")[0]
    assert "age_65" in groups(date(2021, 3, 1), birth_date="1956-02-29")[0]
    # on 29/02/2024 somebody born 28/02/1959 is 65, somebody born 01/03/1959 is not
    assert "age_65" in groups(date(2024, 2, 29), birth_date="1959-02-28")[0]
    assert "age_65" not in groups(date(2024, 2, 29), birth_date="1959-03-01")[0]


@given(
    st.dates(date(2021, 1, 1), date(2027, 12, 31)),
    st.one_of(st.none(), st.dates(date(1925, 1, 1), date(2027, 12, 31))),
    st.one_of(st.none(), st.integers(1925, 2027)),
    st.sampled_from([5, 12, 18, 50, 60, 65]),
)
def test_an_edge_says_what_the_age_says(day: date, born: date | None, year: int | None, years: int) -> None:
    edge = AgeEdge.of(years, day)
    said = edge.reached(born.isoformat() if born else None, year)
    assert said is in_band(age_on(day, born, year), years, None)


# ---- rows with days


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [
        (None, None, True),  # a list that gave no days
        ("2022-09-14", None, True),  # from today
        ("2022-09-15", None, False),  # from tomorrow
        ("2022-03-01", "2022-09-15", True),  # expected until tomorrow
        ("2022-03-01", "2022-09-14", False),  # the day it ends does not count
        ("2021-11-17", None, True),  # 301 days ago: 43 weeks
        ("2021-11-16", None, None),  # longer than any pregnancy without an end: to be asked
    ],
)
def test_a_pregnancy_counts_inside_its_days_only(
    start: str | None, end: str | None, counts: bool | None
) -> None:
    assert counts_on(DAY, start, end, 301) is counts
    assert counts_on(DAY, start, end, 301, written_on="2022-09-14") is counts
    assert DayRules.on(SETS, DAY).max_days() == {"pregnant": 301}


@pytest.mark.parametrize(("written", "counts"), [("2021-11-17", True), ("2021-11-16", None)])
def test_a_pregnancy_of_a_list_without_days_is_asked_again_by_the_day_it_was_written(
    written: str, counts: bool | None
) -> None:
    assert counts_on(DAY, None, None, 301, written_on=written) is counts


# ---- ethnic code, conditions, mobility, migrants


@pytest.mark.parametrize(
    ("code", "minority"),
    [("01", False), ("02", True), ("54", True), ("55", False), ("99", False), (None, False)],
)
def test_every_ethnic_code_but_kinh_is_a_minority(code: str | None, minority: bool) -> None:
    """§1.1: code ≠ 01 (Kinh). 55 is "người nước ngoài" and 99 "không rõ" (§3.6): no group of the country."""
    assert ("ethnic_minority" in groups(ethnicity=code)[0]) is minority


def test_a_condition_and_limited_mobility_are_groups() -> None:
    young = "1990-01-01"
    assert groups(birth_date=young, conditions=frozenset({"asthma"}))[0] == {"underlying_condition"}
    assert groups(birth_date=young, mobility_limited=True)[0] == {"mobility_limited"}  # S1 §III.11
    assert groups(birth_date=young, mobility_limited=False)[0] == set()


@pytest.mark.parametrize(("doses", "holds"), [(0, True), (1, False), (None, None)])
def test_the_narrower_migrant_is_not_vaccinated_as_s3_says(doses: int | None, holds: bool | None) -> None:
    """TB 492 §2: "lao động di cư ngoại tỉnh … chưa được tiêm vắc xin"; doses not known leave it open."""
    found, unsure = groups(birth_date="1990-01-01", doses=doses, groups=frozenset({"migrant_worker"}))
    assert ("migrant_unvaccinated" in found) is (holds is True)
    assert ("migrant_unvaccinated" in unsure) is (holds is None)
    assert groups(birth_date="1990-01-01", doses=0) == (set(), set()), "no migrant"


# ---- doses enough for an age (KH 207 §I.2.1, §II.2.1)


@pytest.mark.parametrize(
    ("birth", "doses"),
    [
        ("2017-09-15", None),  # 4: no document
        ("2017-09-14", 2),  # 5
        ("2010-09-14", 2),  # 12
        ("2004-09-15", 2),  # 17
        ("2004-09-14", 3),  # 18
        ("1930-01-01", 3),
    ],
)
def test_how_many_doses_are_enough(birth: str, doses: int | None) -> None:
    assert DayRules.on(SETS, DAY).aged(birth, None).doses == doses


def test_doses_are_open_where_the_year_crosses_eighteen() -> None:
    rules = DayRules.on(SETS, DAY)
    assert rules.aged(None, 2004).doses is None  # 17 or 18
    assert rules.aged(None, 2003).doses == 3
    assert rules.aged(None, None).doses is None


# ---- carers (S1 §III.11)

HOME = [("a", "nguyen thi hoa"), ("b", "nguyen van ba"), ("c", "tran thi hoa lan"), ("d", "le van minh")]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("chi hoa", ["a"]),  # the only one called Hoa: of the others it is a middle name
        ("le van minh", ["d"]),
        ("con gai hoa, sn 1990", ["a"]),
        ("nguyen thi hoa va le van minh", ["a", "d"]),
        ("con gai", []),  # names nobody
        ("ba", []),  # father, not Ba
        ("nguyen van ba", ["b"]),
        ("chau hung", []),  # nobody of the household
        ("", []),
    ],
)
def test_a_carer_is_somebody_the_words_name(words: str, named: list[str]) -> None:
    assert carers_named(words, HOME) == named


def test_a_given_name_two_have_names_nobody() -> None:
    assert carers_named("chi hoa", [("a", "nguyen thi hoa"), ("b", "tran thi hoa")]) == []


# ---- the rule set


def test_each_reason_names_rule_set_input_limit_and_whether_it_was_read() -> None:
    rules = DayRules.on(SETS, DAY)
    found = {why.rule: (holds, why) for _, holds, why in rules.findings(Facts("1957-01-01", None, "05"))}
    assert {rule: (holds, why.verified) for rule, (holds, why) in found.items()} == {
        "age_50": (True, True),  # SEED S1
        "age_60": (True, False),  # recalled: [M-high]
        "age_65": (True, False),  # read in part
        "ethnic_code": (True, True),
    }
    why = found["age_65"][1]
    assert (why.rule_set, why.field, why.value, why.limit) == (
        "risk-groups",
        "birth_date",
        "1957-01-01",
        "≥ 65",
    )


def test_a_place_adds_its_own_groups_by_a_rule_set() -> None:
    own = load(_own(by="membership"), "own")
    rules = DayRules.on(type(SETS).of([*SETS.sets.values(), own]), DAY)
    assert rules.codes(rules.core & rules.bit("market_trader")) == ("market_trader",)


@pytest.mark.parametrize(
    ("by", "says"), [("age", "from_years"), ("unvaccinated", "of_group"), ("ethnicity", "without")]
)
def test_a_rule_that_does_not_say_what_it_needs_is_refused(by: str, says: str) -> None:
    with pytest.raises(BadRuleSet, match=says):
        load(_own(by=by), "own")


def _own(by: str) -> str:
    """A set of a place with one group of its own."""
    text = asset("rule_sets", "risk-groups.toml").read_text(encoding="utf-8")
    head = text[: text.index("[[conflict]]")].replace('id = "risk-groups"', 'id = "own-groups"')
    head = head.replace('[[covers]]\nsubject = "enough_doses"\n', "")
    return head + (
        f'[[risk_rule]]\nid = "trader"\ngroup = "market_trader"\nby = "{by}"\n'
        'vi = "Tiểu thương chợ"\nen = "Market traders"\n'
    )


def test_a_year_of_days_never_takes_a_birthday_back() -> None:
    """Who has reached an age keeps it from day to day."""
    days = [DAY + timedelta(days=n) for n in range(366)]
    reached = ["age_60" in groups(day, birth_date="1963-02-28")[0] for day in days]
    assert reached == sorted(reached)
    assert days[reached.index(True)] == date(2023, 2, 28)
