"""What is known of persons' vaccination, read from the records and judged for a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.rules.doses import Dose
from tui_app.rules.vaccination import status
from tui_app.rules.vaccine_day import DayRules
from tui_app.rules.vaccine_facts import DoseStatus, Infection, VaccineFacts
from tui_app.services.judging.rule_sets import rule_sets

HERE = "NOT p.deleted AND (p.died_on IS NULL OR p.died_on > ?1) AND (p.moved_on IS NULL OR p.moved_on > ?1)"
"""SQL: the persons ``p`` who count on a day, the first parameter."""
_OF = " AND {column} IN (SELECT value FROM json_each(?2))"
_PERSONS = f"""
SELECT p.id, p.birth_date, p.birth_year, p.reported_doses, p.contraindicated, p.postponed_until, p.unvaccinated_reason
FROM person AS p WHERE {HERE}"""
_DOSES = """
SELECT person, given_on, product, dose_type, number FROM vaccination_dose
WHERE NOT deleted AND (given_on IS NULL OR given_on <= ?1)"""
FIELD, DOSE = "\x1f", "\x1e"
"""What stands between the fields of a dose, and between doses, in a shape: no word has them."""
SHAPES = f"""
SELECT person, max(given_on), count(given_on) > count(DISTINCT given_on), group_concat(
    coalesce(product, '') || '{FIELD}' || coalesce(dose_type, '') || '{FIELD}' || coalesce(number, '')
    || '{FIELD}' || (given_on IS NOT NULL), '{DOSE}')
FROM (SELECT person, given_on, product, dose_type, number FROM vaccination_dose
    WHERE NOT deleted AND (given_on IS NULL OR given_on <= ?1) ORDER BY person, given_on)
GROUP BY person"""
"""SQL: person, last day, whether two records share a day, the doses in order: product, type, number, dated or not."""
_CONDITIONS = f"""
SELECT person, condition FROM person_condition WHERE NOT deleted AND ?1 = ?1
AND condition NOT IN ({", ".join(f"'{one.value}'" for one in sorted(RESTRICTED_CONDITIONS))})"""
_CASES = """
SELECT person, first_positive_on, onset_on, started_on, ended_on FROM "case"
WHERE NOT deleted AND coalesce(outcome, '') <> 'mistaken' AND started_on <= ?1"""
CONTRAINDICATED = """
SELECT record FROM conflict WHERE state = 'open' AND NOT deleted AND record_type = 'person'
AND field = 'contraindicated' AND instr("values", 'true')"""


def dose_status(c: Any, persons: Iterable[str] | None, day: date) -> dict[str, DoseStatus]:
    """How each of these persons (None: all, and then without findings) stands on a day; who died or moved away by then
    is left out.

    A restricted condition makes nobody due for an additional dose here: a list that says so would tell it.
    """
    rules = DayRules.of(rule_sets(c), day)
    explain = persons is not None
    return {
        person: status(rules, facts, explain=explain) for person, facts in facts_of(c, persons, day).items()
    }


def facts_of(c: Any, persons: Iterable[str] | None, day: date) -> dict[str, VaccineFacts]:
    """What is known of each of these persons (None: all) on a day. The caller has asked the gate."""
    wanted = None if persons is None else msgspec.json.encode(list(persons)).decode()

    def found(sql: str, column: str) -> Any:
        if wanted is None:
            return c.execute(sql, (day.isoformat(),))
        return c.execute(sql + _OF.format(column=column), (day.isoformat(), wanted))

    doses: dict[str, list[Dose]] = defaultdict(list)
    for person, given_on, product, kind, number in found(_DOSES, "person"):
        doses[person].append(Dose(_day(given_on), product, kind, number))
    conditions: dict[str, set[str]] = defaultdict(set)
    for person, code in found(_CONDITIONS, "person"):
        conditions[person].add(code)
    infections: dict[str, list[Infection]] = defaultdict(list)
    for person, positive, onset, started, ended in found(_CASES, "person"):
        infections[person].append(Infection(date.fromisoformat(positive or onset or started), _day(ended)))
    against = {record for (record,) in c.execute(CONTRAINDICATED)}
    return {
        p[0]: VaccineFacts(
            birth_date=_day(p[1]),
            birth_year=p[2],
            doses=tuple(doses[p[0]]) if p[0] in doses else (),
            reported=p[3],
            known_none=bool(p[6]),
            conditions=frozenset(conditions[p[0]]) if p[0] in conditions else frozenset(),
            infections=tuple(infections[p[0]]) if p[0] in infections else (),
            contraindicated=bool(p[4]) or p[0] in against,
            postponed_until=_day(p[5]),
        )
        for p in found(_PERSONS, "p.id")
    }


@lru_cache(65536)  # a ward has far fewer days than doses
def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
