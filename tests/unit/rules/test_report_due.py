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


@pytest.mark.parametrize(
    ("kind", "last_day", "moment", "rule_set", "verified"),
    [
        # S2 §III.2: on the 15th and the 30th; no hour is named, so the day
        (
            "periodic",
            date(2022, 3, 30),
            datetime(2022, 3, 30, 23, 59, tzinfo=VIETNAM),
            "periodic-kh-152",
            True,
        ),
        # S4: Thursday; of a week that ended on Sunday 02/10/2022
        ("weekly", date(2022, 10, 2), datetime(2022, 10, 6, 23, 59, tzinfo=VIETNAM), "weekly-cv-2468", True),
        (
            "weekly_compiled",
            date(2022, 10, 2),
            datetime(2022, 10, 7, 16, tzinfo=VIETNAM),
            "weekly-cv-2468",
            True,
        ),
        # QĐ 97/QĐ-PB: before Wednesday; of a week that ended on Sunday 29/11/2026
        ("weekly", date(2026, 11, 29), datetime(2026, 12, 1, 23, 59, tzinfo=VIETNAM), "weekly-qd-97", True),
        # no document names an hour: the house's own, said to be unverified
        ("daily", date(2021, 12, 7), datetime(2021, 12, 8, 10, tzinfo=VIETNAM), "house-daily-report", False),
    ],
)
def test_reports_are_due_by_the_documents(
    kind: str, last_day: date, moment: datetime, rule_set: str, verified: bool
) -> None:
    found = due(SETS, kind, last_day, VIETNAM)
    assert found is not None
    assert (found[0], found[1].rule_set, found[1].verified) == (moment, rule_set, verified)
