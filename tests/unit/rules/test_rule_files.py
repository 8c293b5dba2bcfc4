"""A rule set that is wrong is refused with the line that is wrong; the shipped ones are right."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from pathlib import Path

import pytest

from tests.unit.rules.by_day import SETS, reading
from tui_app.i18n import catalogue, set_language
from tui_app.rules.findings import Finding
from tui_app.rules.judging import judge
from tui_app.rules.rule_set import RuleSets, load
from tui_app.rules.set_checks import LINES, RISK_CLASS, SEVERITY
from tui_app.rules.set_text import BadRuleSet
from tui_app.services.judging.rule_sets import own_sets, rule_words, shared_words
from tui_app.settings import asset

ROOT = Path(__file__).resolve().parents[3]
GOOD = """id = "qd-x"
document = "Quyết định X"
vi = "Thử"
en = "A try"
effective_from = 2030-01-01
effective_to = 2030-12-31
profile = ["2026"]
verified = true
mark = "V"
source = ["somewhere"]

[[covers]]
subject = "danger_sign"

[[danger_sign]]
id = "spo2"
vi = "SpO2 thấp"
en = "Low SpO2"
when = { field = "spo2", op = "≤", limit = 96 }
"""


@pytest.fixture(autouse=True)
def vietnamese() -> None:
    set_language("vi")


def test_a_good_set_is_taken() -> None:
    assert load(GOOD, "x.toml").id == "qd-x"


@pytest.mark.parametrize(
    ("was", "becomes", "line", "says"),
    [
        ('id = "qd-x"\n', "", 1, "thiếu “id”"),
        ('en = "A try"', 'en = " "', 4, "thiếu lời"),
        ("effective_to = 2030-12-31", "effective_to = 2029-12-31", 6, "trước ngày bắt đầu"),
        ("effective_to = 2030-12-31", 'effective_to = "mai"', 6, "date"),
        ('profile = ["2026"]', 'profile = ["2031"]', 7, "2031"),
        ('mark = "V"', 'mark = "M-low"', 15, "không khớp"),
        ('mark = "V"', 'mark = "sure"', 9, "sure"),
        ('source = ["somewhere"]', "source = []", 10, "thiếu “source”"),
        ('subject = "danger_sign"', 'subject = "weather"', 13, "weather"),
        ('subject = "danger_sign"', 'subject = "severity"', 13, "không có dòng nào"),
        ('id = "spo2"', 'id = "spo2"\nlimits = 96', 17, "không biết “limits”"),
        ('vi = "SpO2 thấp"', "vi = 3", 17, "phải là str"),
        ('op = "≤"', 'op = "<="', 19, "<="),
        ("limit = 96", "limit = 960", 19, "nằm ngoài khoảng 50–100"),
        ('field = "spo2", op', 'field = "spo3", op', 19, "không có thông tin “spo3”"),
        (', op = "≤", limit = 96', "", 19, "một dạng"),
        (
            '{ field = "spo2", op = "≤", limit = 96 }',
            '{ field = "signs", any_of = ["hum"] }',
            19,
            "“hum” chưa có lời",
        ),
        ('{ field = "spo2", op = "≤", limit = 96 }', '{ fact = "vaccinated" }', 19, "vaccinated"),
        ("effective_from = 2030-01-01", "effective_from = ", 5, "không phải TOML"),
        ('id = "spo2"', 'id = "spo2"\nfrom_months = 12\nbelow_months = 12', 18, "khoảng tuổi trống"),
        ('vi = "SpO2 thấp"', f'vi = "{unicodedata.normalize("NFD", "SpO2 thấp")}"', 17, "NFC"),
        ("[[covers]]\n", '[[covers]]\nsubject = "danger_sign"\n\n[[covers]]\n', 15, "trùng ngày"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(was: str, becomes: str, line: int, says: str) -> None:
    assert was in GOOD
    with pytest.raises(BadRuleSet) as refused:
        load(GOOD.replace(was, becomes, 1), "x.toml")
    words = str(refused.value)
    assert "x.toml" in words
    assert re.search(rf"dòng {line}: .*{re.escape(says)}", words), words


def test_all_that_is_wrong_is_said_at_once() -> None:
    twice = GOOD + GOOD[GOOD.index("[[danger_sign]]") :].replace("96", "960")
    with pytest.raises(BadRuleSet) as refused:
        load(twice, "x.toml")
    assert [problem.line for problem in refused.value.problems] == [21, 24]


def test_a_worse_grade_comes_before_a_milder_one() -> None:
    lines = GOOD[: GOOD.index("[[covers]]")] + '[[covers]]\nsubject = "severity"\n'
    for number, outcome in enumerate(("mild", "severe")):
        lines += (
            f'\n[[severity]]\nid = "s{number}"\noutcome = "{outcome}"\nvi = "a"\nen = "b"\n'
            'when = { field = "spo2", op = "<", limit = 94 }\n'
        )
    with pytest.raises(BadRuleSet, match="nặng nhất"):
        load(lines, "x.toml")


def test_two_sets_may_not_judge_one_person_on_one_day() -> None:
    first, second = load(GOOD, "x"), load(GOOD.replace("qd-x", "qd-y"), "y")
    with pytest.raises(BadRuleSet, match="qd-x"):
        RuleSets.of([first, second])
    with pytest.raises(BadRuleSet, match="hai lần"):
        RuleSets.of([first, first])
    later = (
        GOOD.replace("qd-x", "qd-y").replace("2030-01-01", "2031-01-01").replace("2030-12-31", "2031-12-31")
    )
    assert len(RuleSets.of([first, load(later, "y")]).sets) == 2


def test_a_set_that_replaces_another_ends_it_the_day_before() -> None:
    newer = GOOD.replace("qd-x", "qd-y").replace("2030-01-01", "2030-06-01")
    newer = newer.replace('source = ["somewhere"]', 'source = ["somewhere"]\nreplaces = ["qd-x"]')
    both = RuleSets.of([load(GOOD, "x"), load(newer, "y")])
    judging = [both.in_force("danger_sign", day)[0].id for day in (date(2030, 5, 31), date(2030, 6, 1))]
    assert judging == ["qd-x", "qd-y"]


def test_every_shipped_set_is_dated_sourced_and_speaks_both_languages() -> None:
    texts = [path.read_text(encoding="utf-8") for path in asset("rule_sets").glob("*.toml")]
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)
    ids = {one.id for one in own_sets()}
    documents = "4038 261 528 604 4689 250 2671 5155 3646 5525 4109"
    assert {f"qd-{number}" for number in documents.split()} <= ids
    assert {"cv-11042", "cv-1909", "cv-5599", "cv-10696", "cv-762", "hcmc-8728", "release-250"} <= ids
    assert not any(
        one.verified for one in own_sets() if one.id in ("qd-5525", "qd-604", "qd-250", "favipiravir")
    )
    assert {one.id for one in own_sets() if not one.default} == {"hcmc-8728", "release-hai-phong"}


def test_whatever_is_not_read_in_a_document_carries_its_mark() -> None:
    for one in own_sets():
        for kind in ("danger_sign", "eligibility", "severity", "risk_class", "case_definition"):
            for line in one.lines(kind):
                assert one.sure(line) is (one.mark_of(line) in ("V", "SEED")), f"{one.id}/{line.id}"


def test_an_unsettled_conflict_is_told_with_the_finding_it_is_about() -> None:
    (rate,) = [
        f
        for f in judge(reading(date(2022, 2, 10), respiratory_rate=20), SETS).findings
        if f.kind == "danger_sign"
    ]
    words = rule_words(SETS, rate, "vi")
    assert "≥ 21" in words
    assert "261/QĐ-BYT" in words


@pytest.mark.parametrize(("language", "mark"), [("vi", "chưa đối chiếu văn bản gốc"), ("en", "not checked")])
def test_a_finding_in_words_names_sign_value_limit_document_and_that_it_was_not_read(
    language: str, mark: str
) -> None:
    (sign,) = [f for f in judge(reading(date(2022, 6, 1), spo2=96), SETS).findings if f.kind == "danger_sign"]
    words = rule_words(SETS, sign, language)
    assert "96 (≤ 96)" in words
    assert mark in words
    assert "261" in words  # whose value stands in


def test_a_finding_of_a_set_that_is_gone_still_has_words() -> None:
    gone = Finding(
        kind="danger_sign", rule="old", rule_set="qd-0", field="spo2", value=90, limit="< 94", verified=True
    )
    assert "90 (< 94)" in rule_words(SETS, gone, "vi")


def test_words_of_codes_are_shared_and_complete() -> None:
    assert all(words.vi.strip() and words.en.strip() for words in shared_words().values())


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_kind_and_outcome_a_rule_can_give_has_words(language: str) -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tui_app" / "rules").glob("*.py"))
    words = catalogue(language, "rules")
    kinds = set(re.findall(r'kind="(\w+)"', code)) | set(LINES)
    assert {f"kind_{kind}" for kind in kinds} <= words.keys()
    given = set(re.findall(r'outcome="(\w+)"', code)) | {"contraindicated", "not_met", "ask", "too_long"}
    graded = {*SEVERITY, *RISK_CLASS}
    assert {f"outcome_{outcome}" for outcome in given - graded} <= words.keys()
