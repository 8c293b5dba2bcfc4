"""What became of a household in a sweep, from the knocks that stand: plain values, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tui_app.records.visits import VisitOutcome


class SweepState(StrEnum):
    """Where a household stands in a sweep. Met partly: somebody who lives there was not asked."""

    NOT_YET = "not_yet"
    MET_PARTLY = "met_partly"
    MET_ALL = "met_all"
    ABSENT = "absent"
    REFUSED = "refused"
    EMPTY = "empty"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Knock:
    """A visit that stands. ``at``: wire moment; ``who``: the user who saved it; ``asked``: the persons somebody
    answered for."""

    visit: str
    at: str
    outcome: str
    who: str = ""
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HouseholdState:
    """``absences``: how many knocks found nobody; ``by``: who saved the knock that decides."""

    state: SweepState
    absences: int = 0
    by: str = ""


WITHOUT_ANSWERS = {
    VisitOutcome.ABSENT: SweepState.ABSENT,
    VisitOutcome.REFUSED: SweepState.REFUSED,
    VisitOutcome.EMPTY: SweepState.EMPTY,
    VisitOutcome.MOVED: SweepState.MOVED,
}


def household_state(knocks: Sequence[Knock], living: frozenset[str]) -> HouseholdState:
    """The state of a household by the knocks of a sweep. ``living``: who lives there.

    A meeting outranks a knock at which nobody was asked, then the latest counts. Answers of several meetings add up:
    a household is met whole once everybody was asked at one of them.
    """
    ordered = sorted(knocks, key=lambda knock: (knock.at, knock.visit))
    absences = sum(knock.outcome == VisitOutcome.ABSENT for knock in ordered)
    met = [knock for knock in ordered if knock.outcome == VisitOutcome.MET]
    if met:
        asked = frozenset[str]().union(*(knock.asked for knock in met))
        state = SweepState.MET_ALL if living <= asked else SweepState.MET_PARTLY
        return HouseholdState(state, absences, met[-1].who)
    known = [knock for knock in ordered if knock.outcome in WITHOUT_ANSWERS]
    if not known:
        return HouseholdState(SweepState.NOT_YET)
    return HouseholdState(WITHOUT_ANSWERS[VisitOutcome(known[-1].outcome)], absences, known[-1].who)


@dataclass(frozen=True, slots=True)
class SweepHere:
    """The sweep at a door or on a laptop today. ``done``, ``households``: of the unit or of all units, None while
    nobody counted; ``others``: how many more sweeps run there today."""

    campaign: str
    name: str
    epidemic_areas: tuple[str, ...]
    done: int | None = None
    households: int | None = None
    others: int = 0
