"""What speaks against a medicine (domain/rules.md §2.8) and who is a case (§2.11)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.rules.by_day import SETS, UNDER_261, born, reading
from tui_app.clock import VIETNAM
from tui_app.rules.definition import CaseFacts, definition
from tui_app.rules.medicines import GivenBefore, flags, items, too_long

KNOWN: dict[str, Any] = {
    "pregnant": False,
    "breastfeeding": False,
    "drug_cautions": frozenset(),
    "respiratory_rate": 22,
    "spo2": 94,
    "symptoms": ["cough"],
    "conditions": ["diabetes"],
    "first_positive_on": UNDER_261,
}


def flagged(item: str, *given: GivenBefore, **said: Any) -> set[tuple[str, str]]:
    """(rule, outcome) of what speaks against giving an item to an adult on that day."""
    found = flags(SETS, item, reading(UNDER_261, **KNOWN | said), given, UNDER_261)
    return {(one.rule, one.outcome) for one in found}


@pytest.mark.parametrize(
    ("item", "said", "flag"),
    [
        # bag B of TP.HCM [V]
        ("hcmc_b", {}, None),
        ("hcmc_b", {"pregnant": True, "sex": "female"}, ("hcmc_b_pregnant", "contraindicated")),
        ("hcmc_b", {"breastfeeding": True, "sex": "female"}, ("hcmc_b_breastfeeding", "contraindicated")),
        ("hcmc_b", {"drug_cautions": frozenset({"gastric_ulcer"})}, ("hcmc_b_ulcer", "contraindicated")),
        (
            "hcmc_b",
            {"drug_cautions": frozenset({"liver_failure"})},
            ("hcmc_b_liver_kidney", "contraindicated"),
        ),
        (
            "hcmc_b",
            {"drug_cautions": frozenset({"kidney_failure"})},
            ("hcmc_b_liver_kidney", "contraindicated"),
        ),
        (
            "hcmc_b",
            {"drug_cautions": frozenset({"bleeding_disorder"})},
            ("hcmc_b_bleeding", "contraindicated"),
        ),
        # only when RR > 20 or SpO2 < 95
        ("hcmc_b", {"respiratory_rate": 20, "spo2": 95}, ("hcmc_b_when", "not_met")),
        ("hcmc_b", {"respiratory_rate": 21, "spo2": 98}, None),
        ("hcmc_b", {"respiratory_rate": 18, "spo2": 94}, None),
        # all bags: adults from 18
        ("hcmc_a", {"birth_date": born(UNDER_261, years=18)}, None),
        ("hcmc_a", {"birth_date": born(UNDER_261, years=17, months=11)}, ("hcmc_adults", "contraindicated")),
        # molnupiravir [V]
        ("molnupiravir", {}, None),
        ("molnupiravir", {"birth_date": born(UNDER_261, years=17)}, ("moln_adults", "contraindicated")),
        ("molnupiravir", {"pregnant": True, "sex": "female"}, ("moln_pregnant", "contraindicated")),
        ("molnupiravir", {"first_positive_on": UNDER_261 - timedelta(5)}, None),
        ("molnupiravir", {"first_positive_on": UNDER_261 - timedelta(6)}, ("moln_late", "not_met")),
        ("molnupiravir", {"onset_on": UNDER_261 - timedelta(6)}, ("moln_late", "not_met")),
        ("molnupiravir", {"symptoms": [], "signs": []}, ("moln_asymptomatic", "not_met")),
        ("molnupiravir", {"conditions": []}, ("moln_no_risk", "not_met")),
        # favipiravir [M-med]
        ("favipiravir", {}, None),
        ("favipiravir", {"drug_cautions": frozenset({"gout"})}, ("favi_gout", "contraindicated")),
        *[
            ("favipiravir", {"drug_cautions": frozenset({code})}, ("favi_liver_kidney", "contraindicated"))
            for code in ("liver_failure", "kidney_failure")
        ],
        ("favipiravir", {"birth_date": born(UNDER_261, years=18)}, None),
        (
            "favipiravir",
            {"birth_date": born(UNDER_261, years=17, months=11)},
            ("favi_adults", "contraindicated"),
        ),
        ("favipiravir", {"pregnant": True, "sex": "female"}, ("favi_pregnant", "contraindicated")),
        ("favipiravir", {"breastfeeding": True, "sex": "female"}, ("favi_breastfeeding", "contraindicated")),
        ("molnupiravir", {"birth_date": born(UNDER_261, years=18)}, None),
        ("molnupiravir", {"breastfeeding": True, "sex": "female"}, ("moln_breastfeeding", "contraindicated")),
        # the bags of Hà Nội [V]: the same contraindications of B, adults from 18
        ("hanoi_a", {"pregnant": True, "sex": "female"}, None),
        *[
            (bag, {"birth_date": born(UNDER_261, years=17, months=11)}, (f"{city}_adults", "contraindicated"))
            for city in ("hanoi", "hcmc")
            for bag in (f"{city}_a", f"{city}_b", f"{city}_c")
        ],
        *[(f"hanoi_{bag}", {"birth_date": born(UNDER_261, years=18)}, None) for bag in "abc"],
        ("hanoi_b", {"pregnant": True, "sex": "female"}, ("hanoi_b_pregnant", "contraindicated")),
        ("hanoi_b", {"breastfeeding": True, "sex": "female"}, ("hanoi_b_breastfeeding", "contraindicated")),
        *[
            ("hanoi_b", {"drug_cautions": frozenset({code})}, (f"hanoi_b_{rule}", "contraindicated"))
            for code, rule in (
                ("gastric_ulcer", "ulcer"),
                ("liver_failure", "liver_kidney"),
                ("kidney_failure", "liver_kidney"),
                ("bleeding_disorder", "bleeding"),
            )
        ],
    ],
)
def test_what_the_document_says_against_it_is_flagged(
    item: str, said: dict[str, Any], flag: tuple[str, str] | None
) -> None:
    assert flagged(item, **said) == (set() if flag is None else {flag})


def test_what_nobody_asked_has_to_be_asked_and_is_no_permission() -> None:
    assert ("moln_pregnant", "ask") in flagged("molnupiravir", pregnant=None, sex="female")
    assert ("hcmc_b_ulcer", "ask") in flagged("hcmc_b", drug_cautions=None)
    assert ("hcmc_adults", "ask") in flagged("hcmc_a", birth_year=2004)  # 17 or 18
    assert flagged("molnupiravir", pregnant=None, breastfeeding=None, sex="male") == set()


@pytest.mark.parametrize(
    ("before", "twice"),
    [
        (GivenBefore("hcmc_a", UNDER_261 - timedelta(6), None), True),  # a bag A lasts 7 days by its document
        (GivenBefore("hcmc_a", UNDER_261 - timedelta(7), None), False),
        (GivenBefore("antipyretic", UNDER_261 - timedelta(2), 3), True),  # the same kind under another name
        (GivenBefore("antipyretic", UNDER_261 - timedelta(3), 3), False),
        (GivenBefore("antipyretic", UNDER_261 - timedelta(30), None), True),  # nobody said for how long
        (GivenBefore("electrolytes", UNDER_261, 3), False),
    ],
)
def test_the_same_kind_given_twice_is_seen(before: GivenBefore, twice: bool) -> None:
    assert (("given_before", "duplicate") in flagged("hcmc_a", before)) is twice


@pytest.mark.parametrize(
    ("item", "before", "warned"),
    [
        ("antipyretic", [0], []),  # fever medicine is taken again after 4–6 hours (rules §2.8)
        ("antipyretic", [1], []),  # the next day: one treatment
        ("antipyretic", [2], [2]),  # nobody said whether the last one is used up
        ("antipyretic", [3, 2, 1], []),
        ("antipyretic", [6, 5, 2], [5, 2]),  # of a treatment the last giving counts
        ("hcmc_a", [3, 2, 1], [1]),  # another thing with the same drug: the last one may not be used up
        ("oresol", [1, 0], []),  # an item no document knows
        ("oresol", [4, 4, 4], [4]),  # three times on one day are one treatment too
        ("oresol", [0, 0], []),
        ("hanoi_a", [0], [0]),  # a kit is handed over once, also where its document names no days
        ("hcmc_b", [1], [1]),
    ],
)
def test_a_drug_handed_out_day_by_day_is_one_treatment(
    item: str, before: list[int], warned: list[int]
) -> None:
    same = "antipyretic" if item == "hcmc_a" else item
    now = reading(UNDER_261, **KNOWN)
    given = tuple(
        GivenBefore(same, UNDER_261 - timedelta(days), None, now.at - timedelta(days=days, hours=4))
        for days in before
    )
    found = flags(SETS, item, now, given, UNDER_261)
    days = [one.value["on"] for one in found if one.outcome == "duplicate"]
    assert days == [(UNDER_261 - timedelta(ago)).isoformat() for ago in warned]


@pytest.mark.parametrize("item", ["antipyretic", "oresol"])
@pytest.mark.parametrize(("minutes", "warned"), [(0, True), (239, True), (240, False), (None, True)])
def test_the_same_drug_again_within_hours_was_given_twice(
    item: str, minutes: int | None, warned: bool
) -> None:
    """Fever medicine is taken again after 4 to 6 hours (HCMC CV 6002/SYT-NVY; rules §2.8): sooner, two colleagues gave
    it. When nobody knows how long ago it was, they may have."""
    now = reading(UNDER_261, **KNOWN)
    before = GivenBefore(
        item, UNDER_261, None, None if minutes is None else now.at - timedelta(minutes=minutes)
    )
    found = [one for one in flags(SETS, item, now, (before,), UNDER_261) if one.outcome == "duplicate"]
    assert [(one.rule, one.rule_set, one.limit) for one in found] == (
        [("given_twice", "house-attention", "≥ 4 h")] if warned else []
    )


def test_of_two_givings_at_one_moment_by_two_laptops_one_is_flagged_on_either_side_of_midnight() -> None:
    now = reading(UNDER_261, **KNOWN)
    yesterday = GivenBefore("antipyretic", UNDER_261 - timedelta(1), None, now.at - timedelta(hours=1))
    assert ("given_twice", "duplicate") in flagged("antipyretic", yesterday)


def test_what_was_given_for_some_days_is_not_used_up_by_the_next_giving() -> None:
    given = (GivenBefore("antipyretic", UNDER_261 - timedelta(1), 3),)
    assert ("given_before", "duplicate") in flagged("antipyretic", *given)
    given = (GivenBefore("antipyretic", UNDER_261 - timedelta(1), 1),)
    assert flagged("antipyretic", *given) == set()


def test_longer_than_the_document_allows_is_seen() -> None:
    for item, days in (("molnupiravir", 5), ("favipiravir", 7)):
        assert too_long(SETS, item, days, UNDER_261) is None
        assert too_long(SETS, item, days + 1, UNDER_261) is not None
    assert too_long(SETS, "hcmc_b", 3, UNDER_261) is None  # at most 3 days
    assert too_long(SETS, "hanoi_b", 7, UNDER_261) is None  # at most 7
    found = [too_long(SETS, "hcmc_b", 4, UNDER_261), too_long(SETS, "hanoi_b", 8, UNDER_261)]
    assert [one and one.limit for one in found] == ["≤ 3", "≤ 7"]


def test_the_kits_and_drugs_have_words_and_say_how_sure_they_are() -> None:
    known = {item.code: item for item in items(SETS, UNDER_261)}
    assert {"hcmc_a", "hanoi_b", "antipyretic", "molnupiravir", "favipiravir"} <= known.keys()
    assert known["hcmc_b"].words == {"vi": "Túi B (TP.HCM)", "en": "Bag B (TP.HCM)"}
    assert (known["molnupiravir"].verified, known["favipiravir"].verified) == (True, False)
    assert "molnupiravir" not in {item.code for item in items(SETS, date(2022, 1, 20))}


NOON = datetime(2022, 5, 1, 12, tzinfo=VIETNAM)
THREE = frozenset({"fever", "headache", "diarrhoea"})


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        # CV 1909 [V]
        (CaseFacts(pcr=((NOON, True),)), {"confirmed_pcr"}),
        (
            CaseFacts(antigen=((NOON, True),), symptoms=frozenset({"cough"}), signs=frozenset()),
            {"confirmed_symptoms_antigen"},
        ),
        (
            CaseFacts(antigen=((NOON, True),), symptoms=frozenset(), epidemiological_factor=True),
            {"confirmed_factor_antigen"},
        ),
        (
            CaseFacts(antigen=((NOON, True),), symptoms=frozenset(), epidemiological_factor=False),
            {"suspected_antigen"},
        ),
        (
            CaseFacts(symptoms=frozenset({"fever", "cough"}), epidemiological_factor=True),
            {"suspected_symptoms"},
        ),
        (CaseFacts(symptoms=THREE, epidemiological_factor=True), {"suspected_symptoms"}),
        # a cough that brings phlegm is a cough, a fever ticked as a danger sign is a fever
        (
            CaseFacts(
                symptoms=frozenset({"productive_cough"}),
                signs=frozenset({"fever_no_better_48h"}),
                epidemiological_factor=True,
            ),
            {"suspected_symptoms"},
        ),
        (CaseFacts(symptoms=THREE - {"fever"}, signs=frozenset(), epidemiological_factor=True), set()),
        # one group of the list counts once
        (
            CaseFacts(
                symptoms=frozenset({"fatigue", "chills", "muscle_ache"}),
                signs=frozenset(),
                epidemiological_factor=True,
            ),
            set(),
        ),
        (CaseFacts(symptoms=THREE, epidemiological_factor=False), set()),
        (CaseFacts(symptoms=THREE), set()),
        (CaseFacts(severe_pneumonia=True), {"suspected_pneumonia"}),
        (CaseFacts(pcr=((NOON, False),)), set()),
    ],
)
def test_who_is_a_case_under_cv_1909(facts: CaseFacts, lines: set[str]) -> None:
    found = definition(SETS.get("cv-1909"), facts)
    assert {one.rule for one in found} == lines
    assert all(one.verified and one.rule_set == "cv-1909" for one in found)


@pytest.mark.parametrize(
    ("day", "document"),
    [
        (date(2021, 12, 28), None),
        (date(2021, 12, 29), "cv-11042"),
        (date(2022, 4, 14), "cv-11042"),
        (date(2022, 4, 15), "cv-1909"),
        (date(2026, 11, 22), "cv-1909"),
    ],
)
def test_the_definition_of_the_day(day: date, document: str | None) -> None:
    one = SETS.part("case_definition", day)
    assert (one and one.id) == document


@pytest.mark.parametrize(("hours", "confirmed"), [(8, True), (8.1, False)])
def test_two_positive_antigen_tests_within_eight_hours_under_cv_11042(hours: float, confirmed: bool) -> None:
    first = datetime(2022, 1, 10, 6, tzinfo=VIETNAM)
    facts = CaseFacts(antigen=((first, True), (first + timedelta(hours=hours), True)), symptoms=frozenset())
    rules = {one.rule for one in definition(SETS.get("cv-11042"), facts)}
    assert ("confirmed_antigen_twice" in rules) is confirmed
