"""A line of the roster: what is to be done for whom, how urgent it is, why, and who does it. Plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tui_app.rules.findings import Finding
from tui_app.services.access.access import masked
from tui_app.services.cases.board import Standing
from tui_app.text import fold, place_words

RETURNED = "returned"
"""The task of a record that the chief sent back to who wrote it."""
TASKS = ("measure", "visit", "test", "dose", "follow_up", "support", "other", RETURNED)
"""In the order in which they are done at a door."""
STATES = (
    Standing.DANGER,
    Standing.WORSE,
    Standing.OVERDUE,
    Standing.MISSING,
    Standing.DUE,
    Standing.DONE,
)
"""How a line stands, the most urgent first."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something stands on the roster. ``code``: alert, worse, half_day, release_test, contact_test, suspect, sweep,
    dose, follow_up, need, given, undone or returned; ``since``: ISO day or wire moment; ``findings``: rule, set and
    inputs; ``text``: a code or words somebody wrote (kind of need, name of the sweep, who asked for it and why)."""

    code: str
    since: str
    findings: tuple[Finding, ...] = ()
    text: str = ""


@dataclass(slots=True)
class RosterLine:
    """One thing to do. ``subject``: the person, or the household where it is for all of it, or the record that was sent
    back; ``record``: the case, need or contact it comes from; ``full_name``: of the person (of a household it is empty
    until `name_heads`); ``given``: ids of the day's assignments, ``undone``: of those of the days before;
    ``assigned_to``: to whom it is given out; ``followed_by``: who follows the case or need anyhow; ``slot``: am or pm
    where it is given out for half a day; ``late``: an alert on it is; ``walk``: its place on the way."""

    task: str
    subject: str
    state: Standing
    reasons: list[Reason]
    person: str = ""
    household: str = ""
    record: str = ""
    area: str = ""
    full_name: str = ""
    code: str = ""
    address: str = ""
    alley: str = ""
    unit: str = ""
    number: str | None = None
    assigned_to: str = ""
    followed_by: str = ""
    slot: str = ""
    carried_from: str = ""
    late: bool = False
    given: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()
    walk: tuple[Any, ...] = ()
    _folded: str = field(default="", init=False, repr=False, compare=False)

    @property
    def key(self) -> str:
        """What makes it this line and no other."""
        return f"{self.task}:{self.subject}"

    @property
    def to(self) -> str:
        """Who goes there: to whom it is given out, else who follows it; empty while nobody does."""
        return self.assigned_to or self.followed_by

    @property
    def since(self) -> str:
        """Since when it stands here: the earliest of its reasons, ISO day or wire moment."""
        return min((reason.since for reason in self.reasons if reason.since), default="")

    @property
    def place(self) -> str:
        """Number, street and alley."""
        return place_words(self.address, self.alley)

    @property
    def phone(self) -> str:
        """The person's or household's telephone, masked but for its tail."""
        return masked(self.number) if self.number else ""

    @property
    def done(self) -> bool:
        """Whether nobody has to go there any more."""
        return self.state is Standing.DONE

    def matches(self, folded_words: list[str]) -> bool:
        """Whether every word begins a word of name, place, unit or who goes there (folded)."""
        if not self._folded:  # 7 000 lines: 33 ms the first time, 3 ms for each key after it
            said = (self.full_name, self.code, self.address, self.alley, self.unit, self.to)
            self._folded = " " + fold(" ".join(filter(None, said)))
        return all(f" {needle}" in self._folded for needle in folded_words)


def worse_of(one: Standing, other: Standing) -> Standing:
    """The more urgent of two."""
    return min(one, other, key=_URGENCY.__getitem__)


def by_urgency(lines: Iterable[RosterLine]) -> list[RosterLine]:
    """The most urgent first, alerts that are late before others, then in walking order."""
    return sorted(lines, key=lambda line: (_URGENCY[line.state], not line.late, *line.walk))


def by_walk(lines: Iterable[RosterLine]) -> list[RosterLine]:
    """In walking order, all there is to do at a door together."""
    return sorted(lines, key=lambda line: line.walk)


def walk_of(door: tuple[Any, ...], line: RosterLine) -> tuple[Any, ...]:
    """The place of a line on the way. ``door``: of its household (`tui_app.services.people.doors.walking_order`)."""
    return (*door, _TASK.get(line.task, len(TASKS)), line.full_name, line.subject)


_URGENCY = {state: place for place, state in enumerate(STATES)}
_TASK = {task: place for place, task in enumerate(TASKS)}
