"""Which days and moments a report is about (rules §1.5): half months, weeks, days cut off at 16:00."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tui_app.clock import VIETNAM
from tui_app.services.reports.periods import (
    day_period,
    half_month_period,
    reporting_days,
    week_period,
)

LAST_DAY, NONE = {"short_month": "last_day"}, {"short_month": "none"}


@pytest.mark.parametrize(
    ("day", "choices", "first", "last"),
    [
        (date(2022, 3, 15), LAST_DAY, date(2022, 3, 1), date(2022, 3, 15)),
        (date(2022, 3, 16), LAST_DAY, date(2022, 3, 16), date(2022, 3, 30)),
        # months of 31 days are due on the 30th: the 31st belongs to the next report
        (date(2022, 3, 31), LAST_DAY, date(2022, 3, 31), date(2022, 4, 15)),
        (date(2022, 4, 1), LAST_DAY, date(2022, 3, 31), date(2022, 4, 15)),
        # February has no 30th: its last day, as the house has it, or no report
        (date(2022, 2, 20), LAST_DAY, date(2022, 2, 16), date(2022, 2, 28)),
        (date(2024, 2, 29), LAST_DAY, date(2024, 2, 16), date(2024, 2, 29)),
        (date(2022, 2, 20), NONE, date(2022, 2, 16), date(2022, 3, 15)),
    ],
)
def test_the_half_months_end_on_the_15th_and_the_30th(
    day: date, choices: dict[str, str], first: date, last: date
) -> None:
    period = half_month_period(day, choices)
    assert (period.first, period.last) == (first, last)


def test_a_week_is_monday_0_00_to_sunday_24_00() -> None:
    period = week_period(date(2026, 11, 25), {"cut_off": "00:00"})
    assert (period.first, period.last) == (date(2026, 11, 23), date(2026, 11, 29))
    assert period.begins == datetime(2026, 11, 23, tzinfo=VIETNAM)
    assert period.ends == datetime(2026, 11, 30, tzinfo=VIETNAM)


def test_a_day_cut_off_at_16_began_on_the_day_before() -> None:
    period = day_period(date(2021, 12, 22), {"cut_off": "16:00"})
    assert period.begins == datetime(2021, 12, 21, 16, tzinfo=VIETNAM)
    assert period.ends == datetime(2021, 12, 22, 16, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("moment", "cut_off", "day"),
    [
        ("2021-12-21T08:59:59.999Z", "16:00", "2021-12-21"),  # 15:59 in Viet Nam
        ("2021-12-21T09:00:00.000Z", "16:00", "2021-12-22"),
        ("2021-12-21T16:59:59.999Z", "16:00", "2021-12-22"),
        ("2021-12-21T17:00:00.000Z", "16:00", "2021-12-22"),  # 00:00 on 22/12
        ("2021-12-21T16:59:59.999Z", "00:00", "2021-12-21"),
        ("2021-12-21T17:00:00.000Z", "00:00", "2021-12-22"),
    ],
)
def test_a_moment_lies_in_one_reporting_day(moment: str, cut_off: str, day: str) -> None:
    assert reporting_days({"cut_off": cut_off})(moment) == day
