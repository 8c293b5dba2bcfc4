"""The numbers of an outbreak by day and unit, as the daily form has them (Mẫu 02 Phụ lục I QĐ 97/QĐ-PB): cases, deaths,
samples, positive ones. Each number is the list of its records, counted as every report counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from tui_app.clock import to_wire
from tui_app.records.cases import CaseOutcome
from tui_app.records.visits import TestOutcome
from tui_app.services.reports.cases import counted_cases
from tui_app.services.reports.kinds import Choices
from tui_app.services.reports.periods import between, reporting_days
from tui_app.services.reports.seen import tests

COUNTED = {"cases": "case", "deaths": "case", "samples": "test_result", "positives": "test_result"}
"""What is counted, and the type of its records; in the order of the form."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened in an outbreak. ``what``: of `COUNTED`; ``day``: the reporting day it belongs to."""

    what: str
    day: date
    area: str
    record: str


def entries(
    c: Any, areas: Sequence[str], first: date, last: date, as_of: datetime, choices: Choices
) -> list[Entry]:
    """All cases, deaths and tests of the reporting days ``first`` to ``last`` in the units, as known at ``as_of``. A
    death counts where its case began on ``first`` or later."""
    whole, found = between(first, last, choices), list[Entry]()
    for case in counted_cases(c, whole, as_of, choices, first.isoformat()):
        if case.area in areas:
            found.append(Entry("cases", date.fromisoformat(case.on), case.area, case.id))
            if case.outcome == CaseOutcome.DIED:
                found.append(Entry("deaths", date.fromisoformat(case.ended_on), case.area, case.id))
    begins = to_wire(whole.begins)
    made = [one for one in tests(c, whole, as_of, (), {}, choices) if one.at >= begins]
    day_of = reporting_days(choices)
    places = _areas_of(c, [one.id for one in made])
    for test in made:
        if (area := places[test.id]) in areas:
            day = date.fromisoformat(day_of(test.at))
            found.append(Entry("samples", day, area, test.id))
            if test.result == TestOutcome.POSITIVE:
                found.append(Entry("positives", day, area, test.id))
    return found


def _areas_of(c: Any, ids: Sequence[str]) -> dict[str, str]:
    rows = c.execute(
        "SELECT id, area FROM test_result WHERE id IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(ids).decode(),),
    )
    return dict(rows.fetchall())
