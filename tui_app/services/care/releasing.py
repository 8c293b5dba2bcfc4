"""What the rules in force on a day say of the end of a case, and which day of it that is."""

from __future__ import annotations

from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM, from_wire
from tui_app.i18n import language, t
from tui_app.rules.release import DischargeAnswer, ReleaseAnswer, ReleaseFacts, TestFact, discharge, release
from tui_app.rules.rule_set import RuleSets
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import tests_of


def release_of(c: Any, case: Row, day: date, sets: RuleSets | None = None) -> ReleaseAnswer:
    """The answer for a case on a day, from its tests since the first positive one. ``sets``: other ones than those in
    use here."""
    body = case.body
    positive = _day(body.get("first_positive_on"))
    tests = [
        _fact(row) for row in reversed(tests_of(c, str(body.get("person"))))
    ]  # of a day, the last one decides
    facts = ReleaseFacts(
        first_positive_on=positive,
        basic_doses=body.get("basic_doses"),
        last_dose_on=_day(body.get("last_dose_on")),
        tests=tuple(one for one in tests if positive and one.on >= positive),
    )
    return release(sets or rule_sets(c), facts, day)


def discharge_of(c: Any, case: Row, sets: RuleSets) -> DischargeAnswer:
    """What the rules say of leaving hospital for care at home on the first day of a case."""
    tests = tuple(_fact(row) for row in reversed(tests_of(c, str(case.body.get("person")))))
    return discharge(sets, tests, date.fromisoformat(str(case.body["started_on"])))


def days_since(sets: RuleSets, positive: str | None, day: date) -> int | None:
    """The number of a day of a case as the convention in force counts it, from 0 where no set says; None when the
    first positive test is not known."""
    if not positive:
        return None
    held = sets.part("release", day)
    first = held.convention.first_day if held and held.convention else 0
    return (day - date.fromisoformat(positive)).days + first


def convention_words(sets: RuleSets, day: date) -> str:
    """How days are counted on a day, for people."""
    held = sets.part("release", day)
    if held is None or held.convention is None:
        return t("care.day_zero")
    return str(getattr(held.convention, language()))


def _fact(row: Row) -> TestFact:
    at = from_wire(str(row.body["at"])).astimezone(VIETNAM)
    supervised = True if row.body.get("supervised_by") else None  # nobody named is not nobody there
    method, result = row.body.get("method"), str(row.body["result"])
    return TestFact(at.date(), method, result, supervised, row.body.get("ct_value"))


def _day(text: Any) -> date | None:
    return date.fromisoformat(text) if text else None
