"""The F0 board: every patient followed at home, worst first, as it stands now or as it was known at another moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tui_app.rules.age import Age
from tui_app.rules.findings import Finding


class Standing(StrEnum):
    """How a patient stands in the half-day, worst first.

    ``danger``: an alert nobody has answered; ``worse``: the last reading against the one before; ``overdue``: not
    measured in this half-day and late; ``missing``: the half-day before passed without a reading; ``due``: to be
    measured now; ``done``: measured in this half-day; ``away``: not cared for at home, nothing is due here;
    ``ended``: the case ended today.
    """

    DANGER = "danger"
    WORSE = "worse"
    OVERDUE = "overdue"
    MISSING = "missing"
    DUE = "due"
    DONE = "done"
    AWAY = "away"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One patient.

    ``phone``: masked but for its tail; ``day``: since the first positive test (day 0), None when that is not known;
    ``why``: what makes it danger or worse; ``alert``: id of the oldest unanswered alert, opened at ``alert_at`` (wire
    moment), ``alert_late``: unanswered for as long as the house allows;
    ``spo2``: of the last five readings, oldest first, None where it was not measured; ``temperature_c``,
    ``respiratory_rate``, ``pulse``: last measured values; ``measured``: field -> wire moment of that value;
    ``last_at``: wire moment of the last reading, ``last_slot``: its day and half-day; ``no_answer``: calls without
    answer in this half-day; ``words``: what a filter looks at, folded.
    """

    case: str
    person: str
    household: str
    full_name: str
    age: Age | None
    sex: str
    phone: str
    address: str
    unit: str
    day: int | None
    place: str
    followed_by: str
    managed_by: str
    severity_grade: str
    risk_class: str
    standing: Standing
    why: tuple[Finding, ...]
    alert: str | None
    alert_at: str | None
    alert_late: bool
    spo2: tuple[int | None, ...]
    temperature_c: float | None
    respiratory_rate: int | None
    pulse: int | None
    measured: Mapping[str, str]
    last_at: str | None
    last_slot: tuple[date, str] | None
    no_answer: int
    words: tuple[str, ...] = ()

    def matches(self, folded_words: list[str]) -> bool:
        """Whether every word begins a word of the name, address, unit or follower (folded)."""
        return all(any(word.startswith(needle) for word in self.words) for needle in folded_words)


def board(c: Any, now: datetime, *, as_of: datetime | None = None) -> list[BoardLine]:
    """Every open case this laptop may open now, and those that ended on the day or left an alert unanswered.

    Sorted: late alerts, alerts, worse, overdue, missing, due, done, away, ended; within each in walking order.
    ``as_of``: only what was written at or before that moment counts, and the half-day is the one of that moment.
    """
    raise NotImplementedError


def counts(lines: Iterable[BoardLine]) -> Counter[Standing]:
    """How many patients stand in each state."""
    return Counter(line.standing for line in lines)
