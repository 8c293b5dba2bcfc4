"""What the sweep's screen shows, read at once in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tui_app.clock import VIETNAM
from tui_app.rules.rule_set import RuleSets
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.sweeps.sweep_figures import Figure, together
from tui_app.services.sweeps.sweep_progress import TeamProgress, UnitProgress, by_team, by_unit, suspects
from tui_app.services.sweeps.sweep_report import UnitReport, unit_reports
from tui_app.services.sweeps.sweep_tally import SweptPerson, Tally, last_day, tally
from tui_app.services.sweeps.sweeps import Sweep, sweep, sweeps


@dataclass(frozen=True)
class SweepPlace:
    """``every``: all sweeps; the rest is of one of them, None when there is none."""

    every: list[Sweep]
    tally: Tally | None = None
    units: tuple[UnitProgress, ...] = ()
    teams: tuple[TeamProgress, ...] = ()
    suspects: tuple[SweptPerson, ...] = ()
    reports: tuple[UnitReport, ...] = ()
    sets: RuleSets | None = None

    @property
    def sweep(self) -> Sweep | None:
        """The sweep that is shown."""
        return self.tally.sweep if self.tally else None

    def report(self, area: str) -> UnitReport | None:
        """A unit's."""
        return next((one for one in self.reports if one.unit.area == area), None)

    def counts(self, area: str) -> dict[str, int]:
        """How many units, households, persons, teams and suspected cases there are, of one unit when given; nobody is
        counted as suspected where no definition judges."""
        if self.tally is None:
            return {}
        found = {
            "units": len(self.units),
            "doors": sum(area in ("", door.area) for door in self.tally.households),
            "people": sum(area in ("", person.area) for person in self.tally.persons.values()),
            "teams": len(self.teams),
        }
        if self.tally.judged:
            found["suspects"] = sum(area in ("", person.area) for person in self.suspects)
        return found

    def figures(self, area: str) -> tuple[Figure, ...]:
        """Of a unit, or of all."""
        return together(one.now for one in self.reports if area in ("", one.unit.area))

    def filed(self, area: str) -> tuple[dict[str, Figure], list[int]]:
        """What was filed of a unit, or of all units that filed; and which versions that is."""
        filed = [one.filed for one in self.reports if one.filed and area in ("", one.unit.area)]
        figures = together(one.figures for one in filed)
        return {figure.name: figure for figure in figures}, [one.version for one in filed]


def read_place(c: Any, campaign: str, now: datetime) -> SweepPlace:
    """Read it all. ``campaign``: "" for the sweep that runs, else the latest that was not called off."""
    every = sweeps(c)
    day = now.astimezone(VIETNAM).date()
    chosen = campaign or next(
        (one.campaign for one in sorted(every, key=lambda one: not one.runs_on(day)) if not one.cancelled), ""
    )
    if not chosen:
        return SweepPlace(every)
    found = sweep(c, chosen)
    counted = tally(c, found, last_day(found, now))
    return SweepPlace(
        every,
        counted,
        tuple(by_unit(counted)),
        tuple(by_team(counted)),
        tuple(suspects(counted)),
        tuple(unit_reports(c, counted, now)),
        rule_sets(c),
    )
