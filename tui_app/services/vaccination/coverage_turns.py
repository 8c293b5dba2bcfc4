"""Whose turn has come ("đến lịch tiêm"): who still waits for the next dose, without judging 40 000 persons one by one.

With the same doses and within the same ages, who was vaccinated later waits longer: so the first day of a last dose
that still waits is looked for once, and everybody else is compared with it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from tui_app.rules.coverage import AgeEdges
from tui_app.rules.doses import BASIC, Dose
from tui_app.rules.follow_up import months_later
from tui_app.rules.vaccination import status
from tui_app.rules.vaccine_day import DayRules
from tui_app.rules.vaccine_facts import DoseState, VaccineFacts
from tui_app.services.vaccination.dose_status import DOSE, FIELD, facts_of

Shape = str
"""The doses of a person in order, each as product, type, number, and whether the day is known; see `doses_of`."""
NEVER = "9999"
_WAITS = frozenset({DoseState.WAITING, DoseState.INFECTED})
_INFECTED = 'SELECT DISTINCT person FROM "case" WHERE NOT deleted AND started_on <= ?1'


class Turns:
    """Answers who waits; whom it cannot answer by comparing is kept in ``asked`` and judged by `ask`."""

    def __init__(self, c: Any, rules: DayRules, edges: AgeEdges) -> None:
        self._c, self._rules, self._edges = c, rules, edges
        self._since = longest_ago(rules)
        self._infected = {person for (person,) in c.execute(_INFECTED, (rules.day.isoformat(),))}
        self._first: dict[tuple[Shape, int], str] = {}
        self.asked: list[str] = []

    def waits(self, person: str, shape: Shape, last: str, passed: tuple[int, int] | None, ill: bool) -> bool:
        """Whether no dose is due yet; False as well where that is still to be judged. ``ill``: has a
        condition, which may bring an additional dose."""
        infected = person in self._infected
        if not infected and last <= self._since:
            return False
        plain = all(
            one.given_on and one.dose_type in (None, BASIC) for one in doses_of(shape, self._rules.day)
        )
        if infected or ill or not plain or passed is None or passed[0] != passed[1]:
            self.asked.append(person)
            return False
        key = (shape, passed[0])
        if key not in self._first:
            self._first[key] = self._first_day(*key)
        return last >= self._first[key]

    def ask(self) -> set[str]:
        """Who of ``asked`` waits by the schedule alone, whatever else keeps them from a dose."""
        known = facts_of(self._c, self.asked, self._rules.day)
        return {person for person, facts in known.items() if self._waits(facts)}

    def _waits(self, facts: VaccineFacts) -> bool:
        free = replace(facts, contraindicated=False, postponed_until=None)
        return status(self._rules, free, explain=False).state in _WAITS

    def _first_day(self, shape: Shape, passed: int) -> str:
        """The first day of a last dose with which somebody of that age still waits."""
        day = self._rules.day
        first = date.fromisoformat(self._since)
        days = [first + timedelta(days=one) for one in range((day - first).days + 1)]
        birth = months_later(day, -self._edges.months[passed - 1]) if passed else day
        place = bisect_left(days, True, key=lambda last: self._waiting(shape, last, birth))
        return days[place].isoformat() if place < len(days) else NEVER

    def _waiting(self, shape: Shape, last: date, birth: date) -> bool:
        return self._waits(VaccineFacts(birth_date=birth, doses=doses_of(shape, last)))


@lru_cache(4096)
def doses_of(shape: Shape, last: date) -> tuple[Dose, ...]:
    """Doses of a shape, a day apart, the last one of those with a day on ``last``."""
    read = [one.split(FIELD) for one in shape.split(DOSE)] if shape else []
    dated = sum(one[-1] == "1" for one in read)
    found, place = [], 0
    for product, kind, number, known in read:
        place += known == "1"
        on = last - timedelta(days=dated - place) if known == "1" else None
        found.append(Dose(on, product or None, kind or None, int(number) if number else None))
    return tuple(found)


def rule_ages(rules: DayRules) -> set[int]:
    """The ages in months at which what is due changes."""
    lines = [
        line
        for held in (rules.programme, rules.additional, rules.booster, rules.infection)
        for _, line in held
    ]
    return {month for one in lines for month in (one.from_months, one.below_months or 0)}


def longest_ago(rules: DayRules) -> str:
    """The day up to which a dose holds no later one back, by the longest interval there is."""
    lines = [rule for _, rule in (*rules.additional, *rules.booster)]
    days = [one.days or 0 for one in lines] + [one.basic_days or 0 for one in rules.vaccines.values()]
    months = max((one.months or 0 for one in lines), default=0)
    return (months_later(rules.day, -months) - timedelta(days=max(days, default=0))).isoformat()
