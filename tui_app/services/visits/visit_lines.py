"""The sheet of a household visit while it is being written: plain values, no database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from tui_app.records.visits import Asked, Symptom, TestOutcome, Wellbeing
from tui_app.rules.age import Age
from tui_app.services.sweeps.sweep_states import SweepHere


@dataclass(frozen=True, slots=True)
class Before:
    """What was last found of a person before this visit. ``at``: wire moment."""

    at: str
    wellbeing: Wellbeing
    symptoms: tuple[Symptom, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One person of the sheet. ``wellbeing`` None: not asked yet. ``test``: of an antigen test done now.

    ``reported_doses``: vaccine doses the list says, None when unknown; ``alerts`` are codes of risk groups
    and conditions that anyone at the door should know (restricted ones are left out); ``before``: the last
    answer; ``travel_from``, ``arrived_on``: where a traveller or newcomer came from, and since when they are here.
    """

    person: str
    full_name: str
    age: Age | None
    relation: str
    reported_doses: int | None
    alerts: tuple[str, ...] = ()
    wellbeing: Wellbeing | None = None
    asked: Asked | None = None
    symptoms: tuple[Symptom, ...] = ()
    exposure: bool | None = None
    travel: bool | None = None
    travel_from: str = ""
    arrived_on: date | None = None
    test: TestOutcome | None = None
    note: str = ""
    before: Before | None = None

    @property
    def answered(self) -> bool:
        """Whether anything was found of this person."""
        return self.wellbeing is not None

    def well(self, asked: Asked = Asked.EACH) -> VisitLine:
        """This person is well, asked in person or by one who spoke for all."""
        return replace(self, wellbeing=Wellbeing.WELL, asked=asked, symptoms=())

    def unwell(self) -> VisitLine:
        """This person is unwell, with the signs noted so far or none of the list."""
        return replace(self, wellbeing=Wellbeing.UNWELL, asked=Asked.EACH)

    def cleared(self) -> VisitLine:
        """Nothing was found of this person: not asked, not tested. The note stays."""
        return replace(
            self,
            wellbeing=None,
            asked=None,
            symptoms=(),
            exposure=None,
            travel=None,
            travel_from="",
            arrived_on=None,
            test=None,
        )

    def travelled(self, travel_from: str, arrived_on: date | None) -> VisitLine:
        """This person came from somewhere; saying neither where nor when takes it back."""
        travel = True if travel_from or arrived_on else None
        return replace(self, travel=travel, travel_from=travel_from, arrived_on=arrived_on)

    def asked_next(self, field: Literal["exposure", "travel"]) -> VisitLine:
        """Go round not asked, yes, no for a question."""
        if field == "exposure":
            return replace(self, exposure=_following(self.exposure))
        answer = _following(self.travel)
        if answer:
            return replace(self, travel=answer)
        return replace(self, travel=answer, travel_from="", arrived_on=None)

    def toggle(self, symptom: Symptom) -> VisitLine:
        """Add or take away a sign. With no sign left the line is unanswered again, not well."""
        there = set(self.symptoms) ^ {symptom}
        signs = tuple(s for s in Symptom if s in there)
        return replace(
            self,
            symptoms=signs,
            wellbeing=Wellbeing.UNWELL if signs else None,
            asked=Asked.EACH if signs else None,
        )


def _following(answer: bool | None) -> bool | None:
    return {None: True, True: False, False: None}[answer]


@dataclass(frozen=True, slots=True)
class VisitSheet:
    """A household's visit while it is being written. ``drafted_at``: wire moment when it comes from a draft.

    ``amends``: today's visit that this sheet goes on with; saving makes a row that takes its place; ``sweep``: what
    the visit is written down under.
    """

    household: str
    code: str
    address: str
    head_name: str
    lines: tuple[VisitLine, ...]
    note: str = ""
    drafted_at: str | None = None
    amends: str | None = None
    sweep: SweepHere | None = None

    @property
    def answered(self) -> int:
        """How many persons have an answer."""
        return sum(line.answered for line in self.lines)

    def with_line(self, line: VisitLine) -> VisitSheet:
        """The sheet with this person's line put in the place of the old one."""
        return replace(self, lines=tuple(line if line.person == old.person else old for old in self.lines))

    def rest_well(self) -> VisitSheet:
        """Everybody without an answer is well, asked together ("hỏi chung")."""
        return replace(
            self, lines=tuple(line if line.answered else line.well(Asked.ALL) for line in self.lines)
        )
