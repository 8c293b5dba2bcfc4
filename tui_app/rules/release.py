"""When an isolation at home may end, by the rule in force on the day it is asked (domain/rules.md §2.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tui_app.rules.condition import answer
from tui_app.rules.findings import Finding, Reading
from tui_app.rules.readings import VIETNAM, ReadingInputs
from tui_app.rules.rule_set import RuleSet, RuleSets
from tui_app.rules.set_parts import ReleaseRule

FULLY_VACCINATED = "fully_vaccinated"


@dataclass(frozen=True, slots=True)
class TestFact:
    """A test of the patient. ``method``: antigen or pcr; ``result``: positive, negative or invalid; ``supervised``:
    done or watched by health staff, None when nobody said; ``ct_value``: of a PCR."""

    __test__ = False

    on: date
    method: str | None
    result: str
    supervised: bool | None = None
    ct_value: float | None = None


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What decides about the end. ``basic_doses``, ``last_dose_on``: of vaccine, before the infection."""

    first_positive_on: date | None
    basic_doses: int | None = None
    last_dose_on: date | None = None
    tests: tuple[TestFact, ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseAnswer:
    """``may_end``: None when something that decides is not known, or no rule speaks about the day; ``earliest``: the
    first day on which it may end as far as days decide, whatever is not known; ``day_number``: of ``day``;
    ``convention``: code of how days are counted, whose words its set has; ``rule_set``: whose rule it is."""

    findings: tuple[Finding, ...]
    may_end: bool | None
    earliest: date | None
    day_number: int | None
    convention: str
    rule_set: str = ""


def release(sets: RuleSets, facts: ReleaseFacts, day: date, *, only: str | None = None) -> ReleaseAnswer:
    """Whether an isolation may end on ``day``. ``only``: the set of a place that asked for its own rule."""
    one = sets.get(only) if only else sets.part("release", day)
    if one is None or not one.release or one.convention is None:
        return ReleaseAnswer((), None, None, None, "")
    rule, first = one.release[0], one.convention.first_day
    if facts.first_positive_on is None:
        missing = _finding(one, rule, rule.id, "first_positive_on", None, f"≥ {rule.days}", "missing")
        return ReleaseAnswer((missing,), None, None, None, one.convention.id, one.id)
    number = (day - facts.first_positive_on).days + first
    needed = _days_needed(one, rule, facts, day, first)
    reached = number >= needed.days
    findings = (*needed.findings, _day(one, rule, number, needed.days, reached))
    if needed.tested and not needed.again:
        perhaps = needed.fewest is not None and number >= needed.fewest
        may_end = True if reached else None if perhaps else False
    else:
        since = needed.days if needed.again else rule.test_from_day
        test, negative = _test(one, rule, facts, day, first, since)
        findings, may_end = (*findings, test), _both(reached, negative)
    earliest = facts.first_positive_on + timedelta(days=needed.days - first)
    return ReleaseAnswer(findings, may_end, earliest, number, one.convention.id, one.id)


def test_due(sets: RuleSets, facts: ReleaseFacts, day: date) -> tuple[date, Finding] | None:
    """Since when a test is due that may end an isolation, and why; None while none is, or where days alone end it."""
    one = sets.part("release", day)
    if one is None or not one.release or one.convention is None or facts.first_positive_on is None:
        return None
    rule, first = one.release[0], one.convention.first_day
    needed = _days_needed(one, rule, facts, day, first)
    if needed.tested and not needed.again:
        return None
    since = needed.days if needed.again else rule.test_from_day
    due_on = facts.first_positive_on + timedelta(days=since - first)
    finding, _ = _test(one, rule, facts, day, first, since)
    wanted = finding.outcome in ("test_missing", "not_supervised")
    return (due_on, finding) if wanted and due_on <= day else None


@dataclass(frozen=True, slots=True)
class _Needed:
    """How many full days are needed. ``tested``: the days alone decide, because a test was still positive, unless
    ``again``: another test is needed then; ``fewest``: how many it might be if what is not known turned out well."""

    days: int
    tested: bool
    again: bool = False
    findings: tuple[Finding, ...] = ()
    fewest: int | None = None


def _days_needed(one: RuleSet, rule: ReleaseRule, facts: ReleaseFacts, day: date, first: int) -> _Needed:
    longer, positive = rule.still_positive, _still_positive(rule, facts, day, first)
    if longer is None or positive is None:
        return _Needed(rule.days, tested=False)
    vaccinated = _fully_vaccinated(one, facts, day)
    days = longer.vaccinated_days if vaccinated else longer.other_days
    finding = Finding(
        kind="release",
        rule=longer.id,
        rule_set=one.id,
        field="tests, basic_doses" if vaccinated is None else "tests",
        value={"tests": positive.isoformat(), FULLY_VACCINATED: vaccinated},
        limit=f"{longer.vaccinated_days} / {longer.other_days}",
        verified=one.sure(longer),
        outcome="continue",
    )
    fewest = longer.vaccinated_days if vaccinated is None else None
    return _Needed(days, True, longer.tested_again, (finding,), fewest)


def _still_positive(rule: ReleaseRule, facts: ReleaseFacts, day: date, first: int) -> date | None:
    """The first day on which a test that counts was still positive, unless a later negative one ends it."""
    counted = _counted(facts, day, first, rule.test_from_day)
    positive = next((test.on for test in counted if test.result == "positive"), None)
    longer = rule.still_positive
    if positive is None or longer is None:
        return None
    if longer.later_negative_ends and counted[-1].result == "negative":
        return None
    return positive


def _counted(facts: ReleaseFacts, day: date, first: int, from_day: int) -> list[TestFact]:
    """Tests up to ``day`` that were not before the day of that number, oldest first."""
    assert facts.first_positive_on is not None
    since = facts.first_positive_on + timedelta(days=from_day - first)
    return sorted((test for test in facts.tests if since <= test.on <= day), key=lambda test: test.on)


def _test(
    one: RuleSet, rule: ReleaseRule, facts: ReleaseFacts, day: date, first: int, from_day: int
) -> tuple[Finding, bool | None]:
    counted = [test for test in _counted(facts, day, first, from_day) if test.method in rule.methods]
    decided = [test for test in counted if test.result in ("negative", "positive")]
    if not decided:
        limit = f"≥ {from_day}"
        return _finding(one, rule, rule.id, "tests", None, limit, "test_missing"), False
    last = decided[-1]
    value = {"on": last.on.isoformat(), "result": last.result, "supervised": last.supervised}
    limit = f"≥ {from_day}, " + ", ".join(rule.methods)
    if last.result == "positive":
        return _finding(one, rule, rule.id, "tests", value, limit, "test_positive"), False
    if rule.supervised and last.supervised is not True:
        found = Finding(
            kind="release",
            rule=rule.id,
            rule_set=one.id,
            field="supervised_by",
            value=value,
            limit=limit,
            verified=rule.supervised_verified,
            outcome="supervision_unknown" if last.supervised is None else "not_supervised",
        )
        return found, None if last.supervised is None else False
    verified = one.sure(rule) and (rule.supervised_verified or not rule.supervised)
    found = Finding(
        kind="release",
        rule=rule.id,
        rule_set=one.id,
        field="tests",
        value=value,
        limit=limit,
        verified=verified,
        outcome="test_negative",
    )
    return found, True


def _day(one: RuleSet, rule: ReleaseRule, number: int, days: int, reached: bool) -> Finding:
    return _finding(
        one,
        rule,
        rule.id,
        "day_number",
        number,
        f"≥ {days}",
        "days_reached" if reached else "days_not_reached",
    )


def _finding(
    one: RuleSet, rule: ReleaseRule, name: str, field: str, value: object, limit: str, outcome: str
) -> Finding:
    return Finding(
        kind="release",
        rule=name,
        rule_set=one.id,
        field=field,
        value=value,
        limit=limit,
        verified=one.sure(rule),
        outcome=outcome,
    )


def _both(days: bool, test: bool | None) -> bool | None:
    if not days or test is False:
        return False
    return test


def _fully_vaccinated(one: RuleSet, facts: ReleaseFacts, day: date) -> bool | None:
    condition = one.facts.get(FULLY_VACCINATED)
    if condition is None:
        return None
    reading = Reading(
        at=datetime(day.year, day.month, day.day, tzinfo=VIETNAM),
        basic_doses=facts.basic_doses,
        last_dose_on=facts.last_dose_on,
        first_positive_on=facts.first_positive_on,
    )
    return answer(condition, ReadingInputs(reading, 0, day, ("spo2", None)), one.facts).holds


@dataclass(frozen=True, slots=True)
class DischargeAnswer:
    """Whether somebody fit the rule for leaving hospital, and how long they watch themselves then."""

    fits: bool | None
    watch_until: date | None
    finding: Finding | None


def discharge(sets: RuleSets, tests: tuple[TestFact, ...], left_on: date) -> DischargeAnswer:
    """What the rule in force says of a discharge on a day. No test that says anything: not known."""
    one = sets.part("discharge", left_on)
    if one is None:
        return DischargeAnswer(None, None, None)
    rule = one.discharge[0]
    known = sorted((test for test in tests if test.on <= left_on), key=lambda test: test.on)
    last = next((test for test in reversed(known) if test.result in ("negative", "positive")), None)
    if last is None:
        return DischargeAnswer(None, left_on + timedelta(days=rule.watch_days), None)
    negative = last.result == "negative" and last.method in rule.negative
    high_ct = last.ct_value is not None and last.ct_value >= rule.ct_from
    finding = Finding(
        kind="release",
        rule=rule.id,
        rule_set=one.id,
        field="ct_value" if high_ct and not negative else "tests",
        value=last.ct_value if high_ct and not negative else last.result,
        limit=f"≥ {rule.ct_from:g}",
        verified=one.sure(rule),
        outcome="fits" if negative or high_ct else "does_not_fit",
    )
    return DischargeAnswer(negative or high_ct, left_on + timedelta(days=rule.watch_days), finding)
