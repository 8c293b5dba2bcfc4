"""The numbers of an outbreak by day and unit, as the daily form has them (Mẫu 02 Phụ lục I QĐ 97/QĐ-PB): cases, deaths,
samples, positive ones. Each number is the list of its records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from tui_app.clock import from_wire, to_wire
from tui_app.services.reports.kinds import Choices
from tui_app.services.reports.periods import between, reporting_day

COUNTED = {"cases": "case", "deaths": "case", "samples": "test_result", "positives": "test_result"}
"""What is counted, and the type of its records; in the order of the form."""

_DAY = "coalesce(first_positive_on, started_on)"
"""When a case began to be one: of its first positive test, else when it was taken up."""
_CASES = f"""
SELECT id, area, {_DAY} AS day, outcome, ended_on FROM "case"
WHERE NOT deleted AND outcome IS NOT 'mistaken' AND area IN (SELECT value FROM json_each(?1))
    AND {_DAY} >= ?2 AND {_DAY} <= ?3 ORDER BY day, id
"""
_TESTS = """
SELECT t.id, t.area, t.at, t.result FROM test_result AS t
WHERE NOT t.deleted AND t.area IN (SELECT value FROM json_each(?1)) AND t.at >= ?2 AND t.at < ?3
    AND NOT EXISTS (SELECT 1 FROM test_result AS later WHERE later.amends = t.id AND NOT later.deleted)
ORDER BY t.at, t.id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened in an outbreak. ``what``: of `COUNTED`; ``day``: the reporting day it belongs to."""

    what: str
    day: date
    area: str
    record: str


def entries(c: Any, areas: Sequence[str], first: date, last: date, choices: Choices) -> list[Entry]:
    """All cases, deaths and tests of the reporting days ``first`` to ``last`` in the units. A death counts where its
    case began on ``first`` or later."""
    units = msgspec.json.encode(list(areas)).decode()
    found = []
    for ident, area, day, outcome, ended in c.execute(_CASES, (units, first.isoformat(), last.isoformat())):
        found.append(Entry("cases", date.fromisoformat(day), area, ident))
        if outcome == "died" and ended and ended <= last.isoformat():
            found.append(Entry("deaths", date.fromisoformat(ended), area, ident))
    whole = between(first, last, choices)
    for ident, area, at, result in c.execute(_TESTS, (units, to_wire(whole.begins), to_wire(whole.ends))):
        day = reporting_day(from_wire(at), choices)
        found.append(Entry("samples", day, area, ident))
        if result == "positive":
            found.append(Entry("positives", day, area, ident))
    return found


def last_case(c: Any, areas: Sequence[str], first: date, last: date) -> date | None:
    """The day of the latest case of the units in those days; None without any."""
    units = msgspec.json.encode(list(areas)).decode()
    days = [row[2] for row in c.execute(_CASES, (units, first.isoformat(), last.isoformat()))]
    return date.fromisoformat(days[-1]) if days else None
