"""What is known of a person before a vaccination is judged, and what the judgement says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tui_app.rules.doses import Dose
from tui_app.rules.findings import Finding


class DoseState(StrEnum):
    """Quá hạn, đến hạn, chưa đến hạn, không còn mũi nào đến lượt; và vì sao không tiêm hoặc chưa rõ."""

    OVERDUE = "overdue"
    DUE = "due"
    WAITING = "waiting"
    COMPLETE = "complete"
    INFECTED = "infected"
    POSTPONED = "postponed"
    CONTRAINDICATED = "contraindicated"
    NOT_IN_PROGRAMME = "not_in_programme"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Infection:
    """A case of the person. ``ended_on`` None: it goes on."""

    first_positive_on: date
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class VaccineFacts:
    """What is known of a person. ``reported``: how many doses were said; ``conditions``: codes; ``known_none``:
    somebody said why there is no dose, so none recorded means none."""

    birth_date: date | None = None
    birth_year: int | None = None
    doses: tuple[Dose, ...] = ()
    reported: int | None = None
    known_none: bool = False
    conditions: frozenset[str] = frozenset()
    infections: tuple[Infection, ...] = ()
    contraindicated: bool = False
    postponed_until: date | None = None


@dataclass(frozen=True, slots=True)
class DoseStatus:
    """How a person stands. Counts: doses recorded up to the day; ``basic_complete``, ``complete``: None is "chưa rõ";
    ``complete``: every dose that was to be given by then was. ``next_dose``, ``next_due``: the dose that comes next and
    its first day; ``overdue_since``: the day from which it is called overdue; ``unsure``: codes of what is not known;
    ``recorded``: ``none``, ``partly`` or ``whole``; ``findings``: which rule of which set said so."""

    state: DoseState
    basic_given: int = 0
    basic_needed: int | None = None
    additional: int = 0
    booster: int = 0
    basic_complete: bool | None = None
    complete: bool | None = None
    next_dose: str | None = None
    next_due: date | None = None
    overdue_since: date | None = None
    recorded: str = "none"
    last_dose_on: date | None = None
    unsure: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    @property
    def overdue(self) -> bool:
        """Whether the next dose is overdue."""
        return self.state is DoseState.OVERDUE
