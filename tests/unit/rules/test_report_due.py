"""When the report of a sweep is due (rules §1.5): S2 §II.1.5, swept on 18/08/2021, reported at 10:00 on 19/08/2021."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.unit.rules.by_day import SETS
from tui_app.clock import VIETNAM
from tui_app.rules.report_due import due


def test_the_sweep_of_the_plan_is_due_on_the_next_morning_and_names_the_plan() -> None:
    found = due(SETS, "sweep", date(2021, 8, 18), VIETNAM)
    assert found is not None
    moment, finding = found
    assert moment == datetime(2021, 8, 19, 10, 0, tzinfo=VIETNAM)
    assert (finding.rule_set, finding.rule, finding.verified) == ("sweep-due", "sweep_next_morning", True)
    assert "152/KH-UBND" in SETS.get(finding.rule_set).document


@pytest.mark.parametrize(
    ("last_day", "moment"),
    [
        (date(2021, 12, 31), datetime(2022, 1, 1, 10, tzinfo=VIETNAM)),
        (date(2024, 2, 28), datetime(2024, 2, 29, 10, tzinfo=VIETNAM)),
    ],
)
def test_the_next_day_is_the_calendars(last_day: date, moment: datetime) -> None:
    found = due(SETS, "sweep", last_day, VIETNAM)
    assert found is not None
    assert found[0] == moment


def test_of_another_report_or_another_time_nothing_is_said() -> None:
    assert due(SETS, "weekly", date(2021, 8, 18), VIETNAM) is None
    assert due(SETS, "sweep", date(2020, 8, 18), VIETNAM) is None
