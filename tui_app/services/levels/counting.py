"""What the lists of this laptop say about the commune on a day: cases, deaths, persons, households."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tui_app.rules.coverage import Goal
from tui_app.rules.level_parts import LevelNeed
from tui_app.rules.rule_set import RuleSet
from tui_app.rules.vaccine_parts import Target
from tui_app.services.vaccination.coverage import Coverage, figures
from tui_app.services.vaccination.dose_status import HERE


@dataclass(frozen=True, slots=True)
class Counted:
    """``value``: a number or a share (numerator, denominator); ``kind``: type of the records behind it; ``ids``:
    theirs, empty where they are the whole list; ``first``: the first day of the time counted, None for a state of the
    day; ``share``: the figure with its lists, for a share."""

    value: Any
    kind: str
    ids: tuple[str, ...] = ()
    first: date | None = None
    share: Coverage | None = None


def week_of(day: date) -> date:
    """The Monday a week begins with (QĐ 97: Monday 00:00 to Sunday 24:00)."""
    return day - timedelta(days=day.weekday())


def active_cases(c: Any, day: date, weeks: int) -> Counted:
    """Persons under treatment at the end of the day; somebody with two open cases counts once."""
    del weeks
    return _cases(c, _ACTIVE, day, None)


def new_cases(c: Any, day: date, weeks: int) -> Counted:
    """Found in the community in the seven days (or more weeks) up to and with the day: neither transferred here nor
    discharged from elsewhere."""
    first = day - timedelta(days=7 * weeks - 1)
    return _cases(c, f"{_FIRST_BETWEEN} AND source NOT IN ('discharge', 'transfer')", day, first)


def month_cases(c: Any, day: date, weeks: int) -> Counted:
    """Fallen ill since the 1st, wherever they were found."""
    del weeks
    return _cases(c, _FIRST_BETWEEN, day, day.replace(day=1))


def week_cases(c: Any, day: date, weeks: int) -> Counted:
    """Fallen ill since Monday, wherever they were found."""
    del weeks
    return _cases(c, _FIRST_BETWEEN, day, week_of(day))


def deaths(c: Any, day: date, weeks: int) -> Counted:
    """Died as cases in the seven days up to and with the day."""
    first = day - timedelta(days=7 * weeks - 1)
    return _cases(c, "outcome = 'died' AND ended_on BETWEEN :first AND :day", day, first)


def population(c: Any, day: date, weeks: int) -> Counted | None:
    """Persons recorded here who live here on the day; None while nobody is recorded."""
    del weeks
    count = c.execute(f"SELECT count(*) FROM person AS p WHERE {HERE}", (day.isoformat(),)).fetchone()[0]
    return Counted(count, "person") if count else None


def households(c: Any, day: date, weeks: int) -> Counted | None:
    """Households recorded here; None while there are none."""
    del day, weeks
    count = c.execute("SELECT count(*) FROM household WHERE NOT deleted").fetchone()[0]
    return Counted(count, "household") if count else None


COUNTING: dict[str, Callable[[Any, date, int], Counted | None]] = {
    "active_cases": active_cases,
    "new_cases": new_cases,
    "month_cases": month_cases,
    "week_cases": week_cases,
    "deaths": deaths,
    "population": population,
    "households": households,
}
"""Inputs that the lists can tell, by name. Each takes the day and over how many weeks."""


def shares(c: Any, rules: RuleSet, needs: Iterable[LevelNeed], day: date) -> dict[str, Counted]:
    """How many of whom are vaccinated as the needs ask; a need of which there is nobody to count is left out."""
    goals = [Goal(rules, _target(need)) for need in needs]
    found = figures(c, day, goals) if goals else []
    return {
        one.goal.target.id: Counted((one.plain.numerator, one.plain.denominator), "person", share=one)
        for one in found
        if one.plain.denominator
    }


def _target(need: LevelNeed) -> Target:
    assert need.dose is not None
    return Target(
        id=need.id,
        vi=need.vi,
        en=need.en,
        dose=need.dose,
        from_months=need.from_months,
        below_months=need.below_months,
        high_risk=need.high_risk,
        risk_groups=need.risk_groups,
        op=need.op,
        percent=need.percent,
    )


_ACTIVE = "started_on <= :day AND (ended_on IS NULL OR ended_on > :day)"
_FIRST_BETWEEN = "coalesce(first_positive_on, started_on) BETWEEN :first AND :day"
_CASES = """SELECT min(id) FROM "case"
WHERE NOT deleted AND coalesce(outcome, '') <> 'mistaken' AND {condition} GROUP BY person ORDER BY 1"""


def _cases(c: Any, condition: str, day: date, first: date | None) -> Counted:
    values = {"day": day.isoformat(), "first": first.isoformat() if first else None}
    found = tuple(ident for (ident,) in c.execute(_CASES.format(condition=condition), values))
    return Counted(len(found), "case", found, first)
