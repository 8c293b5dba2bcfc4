from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tui_app.store.tries import Tries, delay, wait_left

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_delay_starts_at_the_fourth_failure_doubles_and_stops_at_five_minutes() -> None:
    assert [delay(n) for n in range(14)] == [0, 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert delay(10**9) == 300


def test_nobody_waits_without_failures() -> None:
    assert wait_left(Tries(), NOW) == (0, Tries())


@pytest.mark.parametrize(("passed", "left"), [(0, 8), (0.5, 8), (7.2, 1), (8, 0), (9999, 0)])
def test_the_wait_runs_down_in_whole_seconds(passed: float, left: int) -> None:
    assert wait_left(Tries(6, NOW), after(passed))[0] == left


def test_a_clock_set_back_starts_the_delay_anew_and_ends_it() -> None:
    seconds, kept = wait_left(Tries(6, NOW), after(-86_400))
    assert seconds == 8
    assert wait_left(kept, after(-86_400 + 7))[0] == 1
    assert wait_left(kept, after(-86_400 + 8))[0] == 0
