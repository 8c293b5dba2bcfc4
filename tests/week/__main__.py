"""``python -m tests.week --rows 500``: the ward's week by keys with so many patients typed in every half-day.

The suite types six of the five hundred; all of them for the whole week take some minutes. Exit 1 when anybody stood
otherwise than the charts say.
"""

from __future__ import annotations

import argparse
import sys

import pytest

from tests.week.by_hand import HALF_DAYS
from tests.week.plan import PATIENTS

TEST = "tests/screens/test_ward_week_by_keys.py"


class Figures:
    """What the run says of itself."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print what was typed, and how long that took."""
        said = dict(report.user_properties)
        if report.when == "call" and "rows" in said:
            per_row = 1000 * float(said["seconds"]) / max(1, int(said["rows"]))
            print(f"rows {said['rows']}  seconds {said['seconds']}  ms a row {per_row:.0f}")


def main(arguments: list[str] | None = None) -> int:
    """Parse, type, print. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.week", description=__doc__)
    parser.add_argument("--rows", type=int, default=PATIENTS, help="patients who are typed in each half-day")
    parser.add_argument("--half-days", type=int, default=HALF_DAYS)
    given = parser.parse_args(arguments)
    asked = [TEST, "-s", f"--week-rows={given.rows}", f"--week-half-days={given.half_days}"]
    return int(pytest.main(asked, plugins=[Figures()]))


if __name__ == "__main__":
    sys.exit(main())
