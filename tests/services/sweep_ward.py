"""A ward of two units for tests of sweeps, the chief's laptop, and short ways to knock on its doors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from laptop_alone import area_id, laptop

from tui_app.bootstrap import Workspace
from tui_app.clock import today
from tui_app.records.visits import Symptom, TestOutcome, VisitOutcome
from tui_app.services.people import people
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweep_figures import figures
from tui_app.services.sweeps.sweep_tally import Tally, tally
from tui_app.services.sweeps.sweeps import Plan
from tui_app.services.visits import visits
from tui_app.services.visits.visit_lines import VisitSheet

FIRST = date(2026, 11, 22)  # the day of laptop_alone's clock, 09:00 in Viet Nam
ONE, TWO = area_id(1), area_id(2)


class SweepWard:
    """A laptop with two units. ``door``: a household with persons; ``knock``: a visit now."""

    def __init__(self, folder: Path) -> None:
        self.workspace: Workspace = laptop(folder, units=("Khu phố 1", "Khu phố 2"))
        self.store = self.workspace.store
        self.clock: Any = self.workspace.clock

    def door(self, address: str, *names: str, area: str = ONE, **fields: Any) -> tuple[str, list[str]]:
        """A household that came with a list, and its persons."""
        with self.store.work("import") as work:
            household = work.create("household", {"address": address, **fields}, place=work.get("area", area))
        return household, [self.person(household, name) for name in names]

    def person(self, household: str, name: str, **fields: Any) -> str:
        return people.save_person(self.store, "lan", {"full_name": name, **fields}, household=household)

    def plan(self, **changes: Any) -> Plan:
        plan = Plan(name="Rà soát tháng 11", areas=(ONE, TWO), started_on=FIRST, ended_on=FIRST)
        return replace(plan, **changes)

    def start(self, **changes: Any) -> str:
        return sweeps.start(self.store, "lan", self.plan(**changes))

    def sheet(self, household: str) -> VisitSheet:
        with self.store.read() as c:
            return visits.visit_sheet(c, household, today(self.clock))

    def meet(
        self, household: str, *, who: str = "lan", signs: dict[int, list[Symptom]] | None = None, **line: Any
    ) -> str:
        """Everybody is well, asked together, but those with signs; ``line``: fields of the first person's line."""
        sheet = self.sheet(household)
        for place, found in (signs or {}).items():
            there = sheet.lines[place]
            for sign in found:
                there = there.toggle(sign)
            sheet = sheet.with_line(there)
        if line:
            sheet = sheet.with_line(replace(sheet.lines[0], **line))
        return visits.record_visit(self.store, who, sheet.rest_well())

    def knock(self, household: str, outcome: VisitOutcome, *, who: str = "lan") -> str:
        return visits.record_outcome(self.store, who, household, outcome)

    def tally(self, campaign: str) -> Tally:
        with self.store.read() as c:
            return tally(c, sweeps.sweep(c, campaign), today(self.clock))

    def states(self, campaign: str) -> dict[str, str]:
        """address -> state."""
        return {door.address: door.standing.state.value for door in self.tally(campaign).households}

    def values(self, campaign: str) -> dict[str, int | None]:
        """The figures that are not zero."""
        return {one.name: one.value for one in figures(self.tally(campaign)) if one.value != 0}


POSITIVE, NEGATIVE = TestOutcome.POSITIVE, TestOutcome.NEGATIVE
