"""How far a sweep is, by unit and by who knocks, and whom it finds: every count with the records behind it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from tui_app.records.visits import VisitOutcome
from tui_app.services.sweeps.sweep_states import SweepState
from tui_app.services.sweeps.sweep_tally import SweptHousehold, SweptPerson, Tally

DONE = frozenset(SweepState) - {SweepState.NOT_YET, SweepState.MET_PARTLY, SweepState.ABSENT}
"""States after which nobody has to come again: met whole, refused, empty, moved."""


@dataclass(frozen=True, slots=True)
class UnitProgress:
    """``states``: households by state; ``done``: how many need no other knock."""

    area: str
    name: str
    states: dict[SweepState, tuple[str, ...]]

    @property
    def households(self) -> int:
        """All of them."""
        return sum(map(len, self.states.values()))

    @property
    def done(self) -> int:
        """How many need no other knock."""
        return sum(len(self.states[state]) for state in DONE)


@dataclass(frozen=True, slots=True)
class TeamProgress:
    """What a user knocked on. ``households``: doors knocked on; ``met``: those met; ``asked``: persons answered for."""

    who: str
    units: tuple[str, ...]
    households: tuple[str, ...]
    met: tuple[str, ...]
    asked: tuple[str, ...]


def by_unit(tally: Tally) -> list[UnitProgress]:
    """A line a unit, in the sweep's order."""
    found: dict[str, dict[SweepState, list[str]]] = {
        area: {state: [] for state in SweepState} for area in tally.sweep.areas
    }
    for door in tally.households:
        found[door.area][door.standing.state].append(door.id)
    return [
        UnitProgress(unit.area, unit.name, {state: tuple(ids) for state, ids in found[unit.area].items()})
        for unit in tally.sweep.units
    ]


def by_team(tally: Tally) -> list[TeamProgress]:
    """A line a user who knocked anywhere, the busiest first."""
    doors: dict[str, dict[str, SweptHousehold]] = defaultdict(dict)
    met: dict[str, set[str]] = defaultdict(set)
    asked: dict[str, set[str]] = defaultdict(set)
    for door in tally.households:
        for knock in door.knocks:
            doors[knock.who][door.id] = door
            if knock.outcome == VisitOutcome.MET:
                met[knock.who].add(door.id)
                asked[knock.who] |= knock.asked & door.living
    teams = [
        TeamProgress(
            who,
            tuple(dict.fromkeys(door.unit for door in of.values())),
            tuple(of),
            tuple(sorted(met[who])),
            tuple(sorted(asked[who])),
        )
        for who, of in doors.items()
    ]
    return sorted(teams, key=lambda team: (-len(team.households), team.who))


def suspects(tally: Tally) -> list[SweptPerson]:
    """Persons who are a suspected or confirmed case by the definition in force, those without a case first."""
    found = [person for person in tally.persons.values() if person.findings]
    return sorted(found, key=lambda one: (one.has_case, bool(one.tests), one.full_name, one.id))
