"""What must hold of every reading, whatever the rule sets say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.rules.by_day import SETS
from tui_app.clock import VIETNAM
from tui_app.rules.findings import Finding, Judgement, Reading
from tui_app.rules.judging import judge

VITALS = {
    "respiratory_rate": st.integers(5, 100),
    "spo2": st.integers(50, 100),
    "pulse": st.integers(20, 250),
    "systolic_bp": st.integers(40, 300),
    "diastolic_bp": st.integers(20, 200),
    "temperature_c": st.floats(30, 45),
}
SIGNS = ["dyspnoea", "chest_pain", "drowsy", "cyanosis", "diarrhoea", "cough_fits", "not_feeding", "mis_c"]
days = st.dates(date(2021, 8, 21), date(2026, 11, 22))
codes = st.frozensets(st.sampled_from(SIGNS))


@st.composite
def readings(draw: st.DrawFn, **fixed: Any) -> Reading:
    day = draw(days)
    said = {name: draw(st.none() | values) for name, values in VITALS.items()}
    return Reading(
        at=datetime(day.year, day.month, day.day, 8, tzinfo=VIETNAM),
        birth_date=fixed.get("birth_date", day - timedelta(draw(st.integers(0, 36500)))),
        birth_year=None,
        symptoms=draw(st.none() | codes),
        signs=draw(st.none() | codes),
        **said,
    )


def danger(judgement: Judgement) -> set[tuple[str, str, str]]:
    return {(f.rule_set, f.rule, f.field) for f in judgement.findings if f.kind == "danger_sign"}


@settings(max_examples=150, deadline=None)
@given(readings(), st.sampled_from(sorted(VITALS)), st.data())
def test_a_measurement_more_never_takes_a_danger_sign_away(
    reading: Reading, name: str, data: st.DataObject
) -> None:
    without = replace(reading, **{name: None})
    more = replace(reading, **{name: data.draw(VITALS[name])})
    assert danger(judge(without, SETS)) <= danger(judge(more, SETS))


@settings(max_examples=100, deadline=None)
@given(readings(), codes)
def test_a_sign_more_never_takes_a_danger_sign_away(reading: Reading, more: frozenset[str]) -> None:
    ticked = replace(reading, signs=(reading.signs or frozenset()) | more)
    assert danger(judge(reading, SETS)) <= danger(judge(ticked, SETS))


@settings(max_examples=100, deadline=None)
@given(readings(), st.integers(50, 100), st.integers(0, 120))
def test_a_second_spo2_changes_nothing_without_saying_so(reading: Reading, second: int, after: int) -> None:
    again = replace(reading, spo2_repeat=second, spo2_repeat_after=after)
    before, now = judge(reading, SETS), judge(again, SETS)
    assert any(finding.kind == "measurement" for finding in now.findings)
    others = {sign for sign in danger(before) if not sign[2].startswith("spo2")}
    assert others <= danger(now)
    if not 30 <= after <= 60:  # rules §2.4
        assert danger(before) == danger(now)


@settings(max_examples=150, deadline=None)
@given(readings(), st.data())
def test_what_is_said_of_a_birth_year_holds_for_every_birthday_in_it(
    reading: Reading, data: st.DataObject
) -> None:
    year = data.draw(st.integers(reading.at.year - 20, reading.at.year - 1))
    by_year = judge(replace(reading, birth_date=None, birth_year=year), SETS)
    birth = date(year, 1, 1) + timedelta(data.draw(st.integers(0, 364)))
    exact = judge(replace(reading, birth_date=birth), SETS)
    said = {(finding.kind, finding.outcome, inputs(finding)) for finding in by_year.findings}
    assert said <= {(finding.kind, finding.outcome, inputs(finding)) for finding in exact.findings}
    unsure = set(by_year.unsure)
    for finding in exact.findings:
        if finding.kind == "danger_sign":
            name = f"{finding.rule_set}/{finding.rule}"
            assert name in unsure or (finding.kind, "", inputs(finding)) in said


def inputs(finding: Finding) -> str:
    """What a danger sign rests on; of a grade only that it was given."""
    return finding.field if finding.kind == "danger_sign" else ""


@settings(max_examples=60, deadline=None)
@given(readings())
def test_the_same_reading_is_judged_alike_twice_and_kept_as_it_was_found(reading: Reading) -> None:
    first, second = judge(reading, SETS), judge(reading, SETS)
    assert first == second
    assert [Finding.of(finding.kept()) for finding in first.findings] == list(first.findings)
