"""The end of isolation (domain/rules.md §2.7), contacts (§2.11), follow-up (§1.8), half-days and sheets (§2.4)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.unit.rules.by_day import SETS, UNDER_261, UNDER_604, UNDER_4038
from tui_app.clock import VIETNAM
from tui_app.rules.age import Age
from tui_app.rules.follow_up import due_dates
from tui_app.rules.release import ReleaseAnswer, ReleaseFacts, TestFact, discharge, release
from tui_app.rules.sheet import sheet
from tui_app.rules.slots import SlotAt, bounds, next_slot, previous_slot, slot_at
from tui_app.rules.watch import watch

DAY_0 = date(2022, 2, 1)
FULLY = {"basic_doses": 2, "last_dose_on": date(2021, 12, 1)}


def asked(number: int, *tests: TestFact, zero: date = DAY_0, **said: object) -> ReleaseAnswer:
    """The answer on a day counted from the first positive test."""
    facts = ReleaseFacts(first_positive_on=zero, tests=tests, **said)  # type: ignore[arg-type]
    return release(SETS, facts, zero + timedelta(number))


def antigen(number: int, result: str, supervised: bool | None = True, zero: date = DAY_0) -> TestFact:
    """A rapid test on a day counted from the first positive one."""
    return TestFact(zero + timedelta(number), "antigen", result, supervised)


def test_full_seven_days_and_a_negative_rapid_test_watched_by_health_staff() -> None:
    assert asked(7, antigen(7, "negative")).may_end is True
    assert asked(6, antigen(6, "negative")).may_end is False
    assert asked(7).may_end is False
    assert asked(7, antigen(6, "negative")).may_end is False  # too early to count
    assert asked(7, antigen(7, "negative", supervised=False)).may_end is False
    assert asked(7, antigen(7, "negative", supervised=None)).may_end is None
    assert asked(7, TestFact(DAY_0 + timedelta(7), "pcr", "negative", True)).may_end is False
    assert asked(7, antigen(7, "invalid")).may_end is False


def test_days_are_counted_from_the_first_positive_test_as_day_0_and_that_is_said() -> None:
    answer = asked(7)
    assert (answer.day_number, answer.earliest) == (7, date(2022, 2, 8))
    assert answer.convention == "first_positive_is_day_0"


def test_the_supervision_clause_was_not_read_so_a_release_that_rests_on_it_says_so() -> None:
    findings = asked(7, antigen(7, "negative")).findings
    assert {one.outcome: one.verified for one in findings} == {"days_reached": True, "test_negative": False}


@pytest.mark.parametrize(
    ("number", "vaccine", "may_end"),
    [
        # still positive: full 10 days if fully vaccinated, full 14 if not [M-high]
        (9, FULLY, False),
        (10, FULLY, True),
        (13, {"basic_doses": 0}, False),
        (14, {"basic_doses": 0}, True),
        (10, {}, None),  # nobody knows about the vaccine
        (14, {}, True),
        (9, {}, False),
    ],
)
def test_still_positive_after_seven_days(
    number: int, vaccine: dict[str, object], may_end: bool | None
) -> None:
    answer = asked(number, antigen(7, "positive"), **vaccine)
    assert answer.may_end is may_end
    assert answer.earliest == DAY_0 + timedelta(10 if vaccine == FULLY else 14)


@pytest.mark.parametrize(
    ("doses", "before", "fully"),
    # "fully vaccinated": the basic doses, the last one 14 days before the positive test (rules §2.1)
    [(2, 14, True), (2, 13, False), (1, 14, False), (3, 14, True)],
)
def test_who_is_fully_vaccinated_is_still_positive_for_ten_days(doses: int, before: int, fully: bool) -> None:
    last = DAY_0 - timedelta(before)
    answer = asked(10, antigen(7, "positive"), basic_doses=doses, last_dose_on=last)
    assert answer.may_end is fully


def test_a_positive_test_before_day_seven_prolongs_nothing() -> None:
    assert asked(7, antigen(3, "positive"), antigen(7, "negative")).may_end is True


def test_a_later_negative_test_does_not_shorten_what_still_positive_made_longer() -> None:
    assert asked(8, antigen(7, "positive"), antigen(8, "negative"), **FULLY).may_end is False


def test_ten_days_and_a_negative_test_under_cv_11042() -> None:
    zero = date(2022, 1, 1)
    assert asked(10, antigen(10, "negative", zero=zero), zero=zero).may_end is True
    assert asked(9, antigen(9, "negative", zero=zero), zero=zero).may_end is False
    assert asked(10, antigen(9, "negative", zero=zero), zero=zero).may_end is False  # too early to count
    early = asked(9, antigen(9, "negative", zero=zero), zero=zero)
    assert early.earliest == zero + timedelta(10)
    assert {one.outcome for one in early.findings} == {"days_not_reached", "test_missing"}
    assert {one.verified for one in asked(10, antigen(10, "negative", zero=zero), zero=zero).findings} == {
        True
    }


@pytest.mark.parametrize(
    ("day", "rule_set"),
    [
        (date(2021, 12, 28), ""),
        (date(2021, 12, 29), "cv-11042"),
        (date(2022, 1, 27), "cv-11042"),
        (date(2022, 1, 28), "release-250"),
        (date(2026, 11, 22), "release-250"),
    ],
)
def test_the_rule_of_the_day_decides(day: date, rule_set: str) -> None:
    answer = release(SETS, ReleaseFacts(first_positive_on=day - timedelta(3)), day)
    assert answer.rule_set == rule_set
    assert (answer.may_end is None) is (rule_set == "")


def test_without_a_first_positive_day_nothing_is_counted() -> None:
    answer = release(SETS, ReleaseFacts(first_positive_on=None), UNDER_261)
    assert (answer.may_end, answer.earliest, answer.day_number) == (None, None, None)


def test_the_local_rule_of_hai_phong_decides_only_when_asked_for() -> None:
    zero = date(2022, 1, 5)
    facts = ReleaseFacts(first_positive_on=zero, tests=(antigen(10, "negative", None, zero),))
    assert release(SETS, facts, zero + timedelta(10), only="release-hai-phong").may_end is True
    assert release(SETS, facts, zero + timedelta(10)).rule_set == "cv-11042"


@pytest.mark.parametrize(
    ("number", "tests", "may_end", "earliest"),
    [
        # Hải Phòng [V]: test on day 10; positive: 7 more days, test again on the 7th
        (10, [(10, "positive")], False, 17),
        (12, [(10, "positive"), (12, "negative")], False, 17),
        (16, [(10, "positive"), (16, "negative")], False, 17),
        (17, [(10, "positive")], False, 17),
        (17, [(10, "positive"), (17, "positive")], False, 17),
        (17, [(10, "positive"), (17, "negative")], True, 17),
        (10, [(9, "positive"), (10, "negative")], True, 10),
    ],
)
def test_still_positive_on_day_10_in_hai_phong_is_tested_again_after_seven_more_days(
    number: int, tests: list[tuple[int, str]], may_end: bool, earliest: int
) -> None:
    zero = date(2022, 1, 5)
    given = tuple(antigen(day, result, None, zero) for day, result in tests)
    facts = ReleaseFacts(first_positive_on=zero, tests=given)
    answer = release(SETS, facts, zero + timedelta(number), only="release-hai-phong")
    assert answer.may_end is may_end
    assert answer.earliest == zero + timedelta(earliest)


@pytest.mark.parametrize(
    ("day", "listed"),
    [
        # from and to as far as they were found: the month of Hải Phòng, no end for TP.HCM
        (date(2021, 11, 22), set()),
        (date(2021, 11, 23), {"hcmc-8728"}),
        (date(2021, 12, 31), {"hcmc-8728"}),
        (date(2022, 1, 1), {"hcmc-8728", "release-hai-phong"}),
        (date(2022, 1, 31), {"hcmc-8728", "release-hai-phong"}),
        (date(2022, 2, 1), {"hcmc-8728"}),
    ],
)
def test_local_rules_hold_in_their_time(day: date, listed: set[str]) -> None:
    assert {held.rule_set.id for held in SETS.held if not held.rule_set.default and held.on(day)} == listed


def test_a_discharge_needs_a_negative_test_or_a_high_ct_and_seven_days_of_watching_oneself() -> None:
    def left(**said: object) -> tuple[bool | None, date | None]:
        test = TestFact(UNDER_261, "pcr", **said)  # type: ignore[arg-type]
        answer = discharge(SETS, (test,), UNDER_261)
        return answer.fits, answer.watch_until

    week = UNDER_261 + timedelta(7)
    assert left(result="negative") == (True, week)
    assert left(result="positive", ct_value=30.0) == (True, week)
    assert left(result="positive", ct_value=29.9) == (False, week)
    assert discharge(SETS, (), UNDER_261).fits is None


@pytest.mark.parametrize(
    ("met", "protected", "isolation", "own", "tests"),
    [
        # §2.11: 5599, 10696, 762
        (date(2021, 7, 14), True, 14, 14, (1, 7, 14)),
        (date(2021, 12, 15), False, 14, 14, (1, 7, 14)),
        (date(2021, 12, 16), True, 7, 7, (1, 7)),
        (date(2022, 2, 20), False, 14, 0, ()),
        (date(2022, 2, 21), True, 5, 5, (5,)),
        (date(2022, 4, 14), False, 7, 3, (7,)),
        (date(2022, 4, 14), None, 7, 3, (7,)),  # not known: the longer one until it is
    ],
)
def test_a_contact_is_watched_by_the_rule_of_the_day(
    met: date, protected: bool | None, isolation: int, own: int, tests: tuple[int, ...]
) -> None:
    found = watch(SETS, met, protected)
    assert found.isolate_until == met + timedelta(isolation)
    assert found.until == met + timedelta(isolation + own)
    assert (found.test_days, found.none_any_more) == (tests, False)


def test_before_cv_5599_no_rule_was_found() -> None:
    found = watch(SETS, date(2021, 7, 13), True)
    assert (found.until, found.none_any_more, found.finding) == (None, False, None)


def test_since_cv_1909_contacts_are_no_longer_isolated() -> None:
    found = watch(SETS, date(2022, 4, 15), None)
    assert (found.until, found.none_any_more) == (None, True)
    assert found.finding is not None
    assert found.finding.rule_set == "cv-1909"


def test_the_unread_line_of_10696_says_so() -> None:
    verified = [watch(SETS, date(2022, 1, 5), said).finding for said in (True, False)]
    assert [one.verified for one in verified if one] == [True, False]


def test_checks_after_recovery_end_within_twelve_months() -> None:
    assert due_dates(SETS, date(2022, 8, 31)) == (
        date(2022, 9, 30),  # September has no 31st
        date(2022, 11, 30),
        date(2023, 2, 28),
        date(2023, 8, 31),
    )


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def test_two_half_days_a_day() -> None:
    assert slot_at(SETS, moment("2022-02-10T00:00")) == SlotAt(date(2022, 2, 10), "am")
    assert slot_at(SETS, moment("2022-02-10T11:59")) == SlotAt(date(2022, 2, 10), "am")
    assert slot_at(SETS, moment("2022-02-10T12:00")) == SlotAt(date(2022, 2, 10), "pm")
    assert next_slot(SETS, SlotAt(date(2022, 2, 10), "pm")) == SlotAt(date(2022, 2, 11), "am")
    assert previous_slot(SETS, SlotAt(date(2022, 2, 10), "am")) == SlotAt(date(2022, 2, 9), "pm")
    opens, due, overdue = bounds(SETS, date(2022, 2, 10), "pm")
    assert moment("2022-02-10T12:00") <= opens <= due <= overdue < moment("2022-02-11T00:00")


@pytest.mark.parametrize(
    ("day", "years", "asked_for", "not_asked_for"),
    [
        # §2.4: the sheet of 261, the age groups of 604
        (UNDER_261, 40, {"fatigue", "chills", "loss_of_taste"}, {"grunting", "poor_feeding"}),
        (UNDER_261, 3, {"fatigue"}, set()),
        (
            UNDER_604,
            3,
            {"altered_spirit", "poor_feeding", "skin_colour", "digestive_upset"},
            {"loss_of_smell"},
        ),
        (UNDER_604, 10, {"poor_appetite", "abdominal_pain", "loss_of_smell", "loss_of_hearing"}, {"chills"}),
        (UNDER_604, 17, {"fatigue", "chills", "muscle_ache"}, {"abdominal_pain"}),
        (UNDER_4038, 40, {"fatigue"}, set()),
    ],
)
def test_the_sheet_asks_what_the_document_asks_of_the_age(
    day: date, years: int, asked_for: set[str], not_asked_for: set[str]
) -> None:
    found = sheet(SETS, day, Age(years * 12, years * 12))
    codes = {item.code for item in (*found.symptoms, *found.signs)}
    assert asked_for <= codes
    assert not not_asked_for & codes
    assert all(item.vi and item.en and item.vi != item.code for item in (*found.symptoms, *found.signs))


def test_an_age_that_is_not_known_is_asked_for_every_group_it_may_be_in() -> None:
    codes = {item.code for item in sheet(SETS, UNDER_604, Age(50, 62)).symptoms}
    assert {"digestive_upset", "abdominal_pain"} <= codes
