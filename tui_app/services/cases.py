"""Cases: opened, handed on, ended, opened again. What changed and why stays as events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.rules.age import Age
from tui_app.rules.findings import Finding, Judgement
from tui_app.services.care.vitals import Vitals
from tui_app.store.engine import Store

FACTS = (
    "pregnant",
    "delivered_on",
    "basic_doses",
    "last_dose_on",
    "self_care",
    "can_report",
    "carer_able",
)
"""What is asked at entry (rules §2.1–2.3), as fields of `tui_app.records.cases.Case`."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new case. ``judgement``: eligibility for care at home, severity and risk class, as kept with it; ``alert``: of
    the entry's reading."""

    case: str
    judgement: Judgement
    alert: str | None = None


@dataclass(frozen=True, slots=True)
class CaseHead:
    """One case of a person, for a list. ``day``: of an open case; wire dates."""

    id: str
    started_on: str
    first_positive_on: str | None
    place: str
    outcome: str | None
    ended_on: str | None
    day: int | None
    alerts: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A person with a positive test and no case since. ``on``: day of the test."""

    person: str
    full_name: str
    household: str
    address: str
    test: str
    on: date
    method: str


@dataclass(frozen=True, slots=True)
class CaseLook:
    """One observation of the case. ``row``: as it is kept; ``findings``: of it; ``stands``: nothing amends it;
    ``taken_back``: it takes another one back and holds no values."""

    row: Row
    findings: tuple[Finding, ...]
    stands: bool
    taken_back: bool


@dataclass(frozen=True, slots=True)
class CaseCard:
    """All a case shows. ``fields``: the case, the more severe value where two wait for a decision; ``person``: the
    person's fields, numbers masked; ``events``, ``observations``, ``tests``, ``dispenses``, ``referrals``,
    ``contacts``, ``follow_ups``: newest first; ``release``: what the rules in force say today; ``follow_up_on``: due
    dates after recovery; ``day``, ``convention``: the day number and how it is counted; ``conflicts``: fields that wait
    for a person."""

    id: str
    area: str
    unit: str
    fields: Mapping[str, Any]
    person_id: str
    person: Mapping[str, Any]
    household: Mapping[str, Any]
    age: Age | None
    day: int | None
    convention: str
    events: tuple[Row, ...]
    observations: tuple[CaseLook, ...]
    alerts: tuple[Any, ...]
    tests: tuple[Row, ...]
    dispenses: tuple[Row, ...]
    referrals: tuple[Row, ...]
    contacts: tuple[Row, ...]
    follow_ups: tuple[Row, ...]
    release: Any
    follow_up_on: tuple[date, ...] = ()
    conflicts: tuple[str, ...] = field(default=())


def open_case(
    store: Store,
    who: str,
    person: str,
    *,
    source: str,
    started_on: date,
    first_positive_on: date | None = None,
    onset_on: date | None = None,
    place: str = "home",
    managed_by: str = "",
    followed_by: str = "",
    facts: Mapping[str, Any] | None = None,
    note: str = "",
    vitals: Vitals | None = None,
) -> Opened:
    """Open a case and keep with it what the rule sets of ``started_on`` say of it, in one transaction.

    ``facts``: values for `FACTS`, None or absent when not asked; ``vitals``: the entry's reading, saved as the first
    observation. Raises NotFound, CaseOpen when the person has an open case, InvalidFields.
    """
    raise NotImplementedError


def case_card(c: Any, case: str, now: datetime) -> CaseCard:
    """Everything about a case. Raises NotFound, NotOpened."""
    raise NotImplementedError


def cases_of(c: Any, person: str, now: datetime) -> list[CaseHead]:
    """A person's cases, the open one first, then the newest. Raises NotFound, NotOpened."""
    raise NotImplementedError


def suggested(c: Any, day: date) -> list[Suggestion]:
    """Persons whose last positive test no case followed, newest test first."""
    raise NotImplementedError


def set_place(store: Store, who: str, case: str, place: str, on: date, reason: str = "") -> str:
    """Care goes on at another place from a day. Returns the event's id. Raises NotFound, CaseClosed, InvalidFields."""
    raise NotImplementedError


def hand_over(store: Store, who: str, case: str, managed_by: str, on: date, reason: str = "") -> str:
    """Another unit manages the case from a day. Returns the event's id. Raises as `set_place`."""
    raise NotImplementedError


def set_follower(store: Store, who: str, case: str, followed_by: str, reason: str = "") -> str:
    """Another team or user follows the patient. Returns the event's id. Raises as `set_place`."""
    raise NotImplementedError


def take_severity(store: Store, who: str, case: str, grade: str, reason: str = "") -> str:
    """A person takes a severity grade over, with the findings of the last reading. Returns the event's id."""
    raise NotImplementedError


def take_risk(store: Store, who: str, case: str, risk_class: str, reason: str = "") -> str:
    """A person takes a risk class over, with what the rules say today. Returns the event's id."""
    raise NotImplementedError


def note_no_answer(store: Store, who: str, case: str, note: str = "") -> str:
    """Note a call nobody answered, in the present half-day. Returns the event's id."""
    raise NotImplementedError


def undo(store: Store, who: str, event: str, reason: str = "") -> str:
    """Take a change of place, manager, follower, grade or class back by a correcting event. Returns its id.

    Raises NotFound, CannotUndo when the case was changed again since or the event is of another kind.
    """
    raise NotImplementedError


def end_case(
    store: Store, who: str, case: str, outcome: str, on: date, reason: str = "", test: str | None = None
) -> str:
    """End a case; alerts nobody has answered stay listed. ``test``: the test result it rests on; what the rules of
    the day say of the release is kept with the event, whose id is returned.

    Raises NotFound, CaseClosed, InvalidFields (a day to come or before the start; a reason is needed for ``mistaken``
    and for a recovery the rules do not give).
    """
    raise NotImplementedError


def reopen(store: Store, who: str, case: str, reason: str) -> str:
    """Open an ended case again. Returns the event's id. Raises NotFound, CaseOpen, InvalidFields without a reason."""
    raise NotImplementedError
