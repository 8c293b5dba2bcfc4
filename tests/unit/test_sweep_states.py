"""Where a household stands in a sweep, by the knocks that count."""

from __future__ import annotations

import pytest

from tui_app.services.sweeps.sweep_states import Knock, SweepState, household_state

TWO = frozenset({"đức", "thủy"})


def knock(day: int, outcome: str, *asked: str, who: str = "lan") -> Knock:
    return Knock(f"v{day}", f"2021-08-{day}T02:00:00.000Z", outcome, who, frozenset(asked))


@pytest.mark.parametrize(
    ("knocks", "state", "absences"),
    [
        ([], SweepState.NOT_YET, 0),
        ([knock(18, "absent")], SweepState.ABSENT, 1),
        ([knock(18, "absent"), knock(19, "absent")], SweepState.ABSENT, 2),
        ([knock(18, "absent"), knock(19, "refused")], SweepState.REFUSED, 1),
        ([knock(19, "refused"), knock(18, "absent")], SweepState.REFUSED, 1),
        ([knock(18, "empty")], SweepState.EMPTY, 0),
        ([knock(18, "absent"), knock(19, "moved")], SweepState.MOVED, 1),
        ([knock(18, "met", "đức", "thủy")], SweepState.MET_ALL, 0),
        ([knock(18, "met", "đức")], SweepState.MET_PARTLY, 0),
        ([knock(18, "met", "đức"), knock(19, "met", "thủy")], SweepState.MET_ALL, 0),
        ([knock(18, "met", "đức", "thủy"), knock(19, "absent")], SweepState.MET_ALL, 1),
        ([knock(18, "met")], SweepState.MET_PARTLY, 0),
    ],
)
def test_a_meeting_outranks_and_then_the_latest_knock_counts(
    knocks: list[Knock], state: SweepState, absences: int
) -> None:
    found = household_state(knocks, TWO)
    assert (found.state, found.absences) == (state, absences)


def test_whoever_saved_the_knock_that_decides_is_named() -> None:
    assert household_state([knock(18, "met", "đức", who="minh"), knock(19, "absent")], TWO).by == "minh"
    assert household_state([knock(18, "absent"), knock(19, "absent", who="hoa")], TWO).by == "hoa"
    assert household_state([], TWO).by == ""


def test_somebody_who_no_longer_lives_there_need_not_be_asked() -> None:
    assert household_state([knock(18, "met", "đức")], frozenset({"đức"})).state == SweepState.MET_ALL
