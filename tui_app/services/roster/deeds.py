"""What was done for whom since a day, as the records of each kind of task show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tui_app.services.visits.standing import standing

_VISITS = f"""
WITH wanted AS MATERIALIZED (SELECT value AS subject FROM json_each(?1)),
{standing("(SELECT * FROM household_visit WHERE at >= ?2 AND at <= ?3)")}
SELECT v.household, max(v.at) FROM standing AS v WHERE v.household IN (SELECT subject FROM wanted)
    AND v.outcome <> 'absent' GROUP BY v.household
UNION ALL
SELECT s.person, max(v.at) FROM standing AS v CROSS JOIN screening AS s ON s.visit = v.id
WHERE s.person IN (SELECT subject FROM wanted) AND NOT s.deleted AND s.wellbeing <> 'not_asked' GROUP BY s.person
UNION ALL
SELECT p.id, max(v.at) FROM standing AS v CROSS JOIN person AS p ON p.household = v.household
WHERE p.id IN (SELECT subject FROM wanted) AND v.outcome NOT IN ('absent', 'met') GROUP BY p.id
"""
_READINGS = """
SELECT k.person, max(o.at) FROM "case" AS k CROSS JOIN observation AS o ON o."case" = k.id
WHERE k.person IN (SELECT value FROM json_each(?1)) AND NOT o.deleted AND o.at >= ?2 AND o.at <= ?3 GROUP BY k.person
"""
_TESTS = """
SELECT person, max(at) FROM test_result
WHERE person IN (SELECT value FROM json_each(?1)) AND NOT deleted AND at >= ?2 AND at <= ?3 GROUP BY person
"""
_DOSES = """
SELECT person, strftime('%Y-%m-%dT%H:%M:%S.000Z', max(given_on), '-7 hours') FROM vaccination_dose
WHERE person IN (SELECT value FROM json_each(?1)) AND NOT deleted AND given_on >= date(?2, '+7 hours')
    AND given_on <= substr(?3, 1, 10) GROUP BY person
"""
_CHECKS = """
SELECT person, max(at) FROM follow_up_visit
WHERE person IN (SELECT value FROM json_each(?1)) AND NOT deleted AND at >= ?2 AND at <= ?3 GROUP BY person
"""
_HELP = """
SELECT subject, strftime('%Y-%m-%dT%H:%M:%S.000Z', max(closed_on), '-7 hours') FROM (
    SELECT coalesce(person, household) AS subject, closed_on, status FROM support_need WHERE NOT deleted)
WHERE subject IN (SELECT value FROM json_each(?1)) AND closed_on >= date(?2, '+7 hours')
    AND closed_on <= substr(?3, 1, 10) GROUP BY subject
"""
_OF_TASK = {
    "visit": _VISITS,
    "measure": _READINGS,
    "test": _TESTS,
    "dose": _DOSES,
    "follow_up": _CHECKS,
    "support": _HELP,
}


class Deeds:
    """The last deed of each kind for each of ``subjects`` (persons and households) from a wire moment to another."""

    def __init__(self, c: Any, subjects: Iterable[str], since: str, until: str) -> None:
        self._wanted = msgspec.json.encode(sorted(set(subjects))).decode()
        self._c, self._since, self._until = c, since, until
        self._found: dict[str, dict[str, str]] = {}

    def done_at(self, task: str, subject: str, said: str | None = None) -> str:
        """Wire moment of the last one; empty where there is none. ``said``: when somebody said that it is done."""
        if task not in _OF_TASK:
            return said or ""
        if task not in self._found:
            rows = self._c.execute(_OF_TASK[task], (self._wanted, self._since, self._until))
            last: dict[str, str] = {}
            for who, at in rows:
                last[who] = max(at or "", last.get(who, ""))
            self._found[task] = last
        return max(self._found[task].get(subject, ""), said or "")
