"""A line that tells of a case too: the end of isolation (domain/rules.md §2.7) and the case definition (§2.11)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.unit.rules.by_day import SETS
from tui_app.rules.findings import Judgement
from tui_app.rules.line_judging import judge_line
from tui_app.rules.reading_lines import read_line
from tui_app.rules.release import ReleaseAnswer

FULLY = {"vaccination": {"basic_doses": 2, "last_dose_on": "2021-10-01"}}


def line(*, only: str | None = None, **said: Any) -> tuple[Judgement, ReleaseAnswer | None]:
    said = {"at": "2022-02-27T10:00", "birth_date": "1980-05-01", "sex": "female"} | said
    read = read_line(msgspec.json.encode(said), SETS.words)
    assert read.reading is not None, [str(one) for one in read.problems]
    assert read.ignored == ()
    return judge_line(read.reading, read.case, SETS, only=only)


def rapid(day: int, result: str, supervised: bool | None = True) -> dict[str, Any]:
    return {"on": f"2022-02-{day:02d}", "method": "antigen", "result": result, "supervised": supervised}


def said(judgement: Judgement, kind: str) -> set[tuple[str, str, str]]:
    return {(one.rule_set, one.rule, one.outcome) for one in judgement.findings if one.kind == kind}


# ---- the end of isolation; the first positive day is 20/02/2022, so full 7 days are reached on 27/02


@pytest.mark.parametrize(
    ("at", "tests", "may_end"),
    [
        # QĐ 250: full 7 days and a negative rapid test watched by health staff
        ("2022-02-26T10:00", [rapid(26, "negative")], False),
        ("2022-02-27T10:00", [rapid(27, "negative")], True),
        ("2022-02-27T10:00", [rapid(26, "negative")], False),
        ("2022-02-27T10:00", [rapid(27, "negative", supervised=False)], False),
        ("2022-02-27T10:00", [rapid(27, "negative", supervised=None)], None),
        ("2022-02-27T10:00", [], False),
        # still positive: full 10 days if fully vaccinated [M-high]
        ("2022-03-01T10:00", [rapid(27, "positive")], False),
        ("2022-03-02T10:00", [rapid(27, "positive")], True),
    ],
)
def test_a_line_with_the_first_positive_day_and_tests_says_whether_isolation_may_end(
    at: str, tests: list[dict[str, Any]], may_end: bool | None
) -> None:
    judgement, ending = line(at=at, first_positive_on="2022-02-20", tests=tests, **FULLY)
    assert ending is not None
    assert ending.may_end is may_end
    assert {rule_set for rule_set, _, _ in said(judgement, "release")} == {"release-250"}


def test_of_two_tests_of_a_day_the_later_one_decides() -> None:
    both = [
        {"at": f"2022-01-11T{hour}:00", "method": "antigen", "result": result, "supervised": True}
        for hour, result in (("16", "negative"), ("08", "positive"))
    ]
    # CV 11042: 10 days and a negative test, whatever came before
    _, ending = line(at="2022-01-11T18:00", first_positive_on="2022-01-01", tests=both)
    assert ending is not None
    assert (ending.rule_set, ending.may_end) == ("cv-11042", True)


def test_without_tests_or_first_positive_day_nothing_is_said_of_the_end() -> None:
    for told in ({"first_positive_on": "2022-02-20"}, {"tests": [rapid(27, "negative")]}):
        judgement, ending = line(**told)
        assert ending is None
        assert said(judgement, "release") == set()
        assert "release" not in judgement.not_judged


def test_a_day_for_which_no_rule_was_found_says_so() -> None:
    judgement, ending = line(at="2021-12-28T10:00", first_positive_on="2021-12-10", tests=[])
    assert ending is None
    assert "release" in judgement.not_judged


def test_a_local_rule_decides_when_it_is_asked_for() -> None:
    test = {"on": "2022-01-15", "method": "antigen", "result": "negative"}
    _, ending = line(
        only="release-hai-phong", at="2022-01-15T10:00", first_positive_on="2022-01-05", tests=[test]
    )
    assert ending is not None
    assert (ending.rule_set, ending.may_end) == ("release-hai-phong", True)
    judgement, _ = line(only="qd-261", at="2022-01-15T10:00", first_positive_on="2022-01-05", tests=[test])
    assert "release" in judgement.not_judged, "that set says nothing of it"


# ---- the case definition


@pytest.mark.parametrize(
    ("told", "found"),
    [
        # CV 1909 [V], from 15/04/2022
        ({"pcr": "positive"}, {("cv-1909", "confirmed_pcr", "confirmed")}),
        (
            {"antigen": "positive", "symptoms": ["ho"]},
            {("cv-1909", "confirmed_symptoms_antigen", "confirmed")},
        ),
        (
            {"antigen": True, "symptoms": [], "epidemiological_factor": True},
            {("cv-1909", "confirmed_factor_antigen", "confirmed")},
        ),
        (
            {"antigen": "positive", "symptoms": [], "epidemiological_factor": False},
            {("cv-1909", "suspected_antigen", "suspected")},
        ),
        (
            {"epidemiological_factor": True, "symptoms": ["sốt", "ho"]},
            {("cv-1909", "suspected_symptoms", "suspected")},
        ),
        ({"severe_pneumonia": True}, {("cv-1909", "suspected_pneumonia", "suspected")}),
        ({"antigen": "invalid"}, set()),
    ],
)
def test_a_line_with_a_test_or_a_contact_says_what_kind_of_case_it_is(
    told: dict[str, Any], found: set[tuple[str, str, str]]
) -> None:
    judgement, _ = line(at="2022-05-01T10:00", **told)
    assert said(judgement, "case_definition") == found


def test_what_could_make_somebody_more_of_a_case_is_missing_not_denied() -> None:
    judgement, _ = line(at="2022-05-01T10:00", antigen="positive", symptoms=[])
    assert said(judgement, "case_definition") == {("cv-1909", "suspected_antigen", "suspected")}
    assert {"epidemiological_factor", "pcr_positive"} <= set(judgement.missing)
    judgement, _ = line(at="2022-05-01T10:00", pcr="positive")
    assert "epidemiological_factor" not in judgement.missing, "confirmed is the most there is"


@pytest.mark.parametrize(("minutes", "confirmed"), [("16:00", True), ("16:01", False)])
def test_two_positive_rapid_tests_within_eight_hours(minutes: str, confirmed: bool) -> None:
    # CV 11042 [M-med], until 14/04/2022
    tests = [
        {"at": f"2022-02-20T{at}", "method": "antigen", "result": "positive"} for at in ("08:00", minutes)
    ]
    judgement, _ = line(at="2022-02-20T17:00", tests=tests, symptoms=[], epidemiological_factor=False)
    rules = {rule for _, rule, _ in said(judgement, "case_definition")}
    assert ("confirmed_antigen_twice" in rules) is confirmed


def test_two_tests_of_which_only_the_day_is_known_are_not_within_eight_hours() -> None:
    tests = [rapid(20, "positive"), rapid(20, "positive")]
    judgement, _ = line(at="2022-02-20T17:00", tests=tests, symptoms=[], epidemiological_factor=False)
    assert {rule for _, rule, _ in said(judgement, "case_definition")} == {"suspected_antigen"}


def test_a_test_after_the_reading_defines_nothing() -> None:
    judgement, _ = line(
        at="2022-05-01T10:00", tests=[{"on": "2022-05-02", "method": "pcr", "result": "positive"}]
    )
    assert said(judgement, "case_definition") == set()


# ---- what is refused


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"tests": "âm tính"}, "tests"),
        ({"tests": ["âm tính"]}, "tests"),
        ({"tests": [{"method": "antigen", "result": "negative"}]}, "tests"),
        ({"tests": [{"on": "27/02/2022", "method": "antigen", "result": "negative"}]}, "tests"),
        ({"tests": [{"on": "2022-02-27", "method": "elisa", "result": "negative"}]}, "tests.method"),
        ({"tests": [{"on": "2022-02-27", "method": "pcr", "result": "weak"}]}, "tests.result"),
        ({"tests": [rapid(27, "negative") | {"supervised": "lan"}]}, "tests.supervised"),
        ({"tests": [rapid(27, "negative") | {"ct_value": 900}]}, "tests.ct_value"),
        ({"antigen": "weak"}, "antigen"),
        ({"epidemiological_factor": "yes"}, "epidemiological_factor"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(told: dict[str, Any], name: str) -> None:
    read = read_line(msgspec.json.encode({"at": "2022-02-27T10:00"} | told), SETS.words)
    assert read.reading is None
    assert [problem.name for problem in read.problems] == [name]
