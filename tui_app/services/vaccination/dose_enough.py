"""Who has every dose that was due by a day, for everybody at once: what `dose_status` calls ``complete``, without
judging 40 000 persons one by one.

With the same doses and within the same ages only the day of the last dose matters: up to some day the next one is due,
after it not yet. That day is looked for once for all who are alike.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta
from typing import Any

from tui_app.rules.coverage import AgeEdges
from tui_app.rules.doses import ADDITIONAL, BASIC, BOOSTER
from tui_app.rules.follow_up import months_later
from tui_app.rules.vaccination import status
from tui_app.rules.vaccine_day import DayRules
from tui_app.rules.vaccine_facts import VaccineFacts
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.vaccination.coverage_turns import NEVER, Shape, doses_of, longest_ago, rule_ages
from tui_app.services.vaccination.dose_status import HERE, SHAPES, dose_status

_PEOPLE = f"""
SELECT p.id, p.birth_date, p.birth_year, p.reported_doses, p.unvaccinated_reason IS NOT NULL
FROM person AS p WHERE {HERE}"""
_APART = """
SELECT person FROM "case" WHERE NOT deleted AND started_on <= ?1
UNION SELECT person FROM person_condition WHERE NOT deleted"""
"""Who is judged by themselves: an infection or a condition may move what is due."""
_ORDER = {None: 0, BASIC: 0, ADDITIONAL: 1, BOOSTER: 2}

Answer = bool | None


def enough_doses(c: Any, day: date) -> dict[str, Answer]:
    """Person -> whether no dose is due; None is "chưa rõ". The caller has asked the gate."""
    rules = DayRules.of(rule_sets(c), day)
    alike = _Alike(rules, AgeEdges(rule_ages(rules), day))
    on = (day.isoformat(),)
    taken = {person: (shape, last or "", twice) for person, last, twice, shape in c.execute(SHAPES, on)}
    apart = {person for (person,) in c.execute(_APART, on)}
    found: dict[str, Answer] = {}
    judged = []
    for ident, birth, year, reported, told in c.execute(_PEOPLE, on).fetchall():
        shape, last, twice = taken.get(ident, ("", "", False))
        passed = alike.edges.passed(birth, year)
        if twice or ident in apart or passed is None or passed[0] != passed[1]:
            judged.append(ident)
            continue
        first, before, after = alike.of(shape, passed[0], reported, bool(told))
        if first is None:
            judged.append(ident)
        else:
            found[ident] = after if last >= first else before
    return found | {ident: one.complete for ident, one in dose_status(c, judged, day).items()}


class _Alike:
    """The answers for those who are alike, each looked for once."""

    def __init__(self, rules: DayRules, edges: AgeEdges) -> None:
        self.rules, self.edges = rules, edges
        since = date.fromisoformat(longest_ago(rules))
        self._days = [since + timedelta(days=one) for one in range((rules.day - since).days + 1)]
        self._seen: dict[tuple[Shape, int, int | None, bool], tuple[str | None, Answer, Answer]] = {}

    def of(
        self, shape: Shape, passed: int, reported: int | None, told: bool
    ) -> tuple[str | None, Answer, Answer]:
        """The first day of a last dose that changes the answer, the answer before it and from it on. No day: the
        doses stand in an order that says nothing."""
        key = (shape, passed, reported, told)
        if key not in self._seen:
            self._seen[key] = self._looked_for(shape, passed, reported, told)
        return self._seen[key]

    def _looked_for(
        self, shape: Shape, passed: int, reported: int | None, told: bool
    ) -> tuple[str | None, Answer, Answer]:
        kinds = [_ORDER.get(one.dose_type, 0) for one in doses_of(shape, self.rules.day)]
        if kinds != sorted(kinds):
            return None, None, None
        birth = months_later(self.rules.day, -self.edges.months[passed - 1]) if passed else self.rules.day

        def answer(last: date) -> Answer:
            facts = VaccineFacts(
                birth_date=birth, doses=doses_of(shape, last), reported=reported, known_none=told
            )
            return status(self.rules, facts, explain=False).complete

        before, after = answer(self._days[0]), answer(self._days[-1])
        if before == after:
            return NEVER, before, after
        place = bisect_left(self._days, True, key=lambda last: answer(last) is after)
        return self._days[place].isoformat(), before, after
