"""Ten ways a patient's week may go, worked out by hand, and the hours at which a ward is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from tui_app.clock import VIETNAM

MONDAY = date(2022, 2, 14)  # QĐ 261 and QĐ 250 judge all week (rules §2.0)
HALF_DAYS = 14
MEASURED = {
    "w": (98, 80), "h": (100, 80), "l": (97, 80), "d": (90, 80), "D": (90, 80), "p": (98, 130), "x": (None, 80),
}  # fmt: skip
"""SpO2 and pulse. w, h, l: no sign; l is lower than h by the 3 of the house set. x: the oximeter was elsewhere. d, p: a
danger sign somebody is told of within the half-day; D: one that waits until the next round. -: nobody measured."""
STANDINGS = {
    "!": "danger",
    "W": "worse",
    "O": "overdue",
    "M": "missing",
    "U": "due",
    "D": "done",
    "A": "away",
    "E": "ended",
}
TUESDAYS = datetime.combine(MONDAY + timedelta(days=1), time(11, 45), VIETNAM)
"""When those whose week begins on Tuesday become cases."""


@dataclass(frozen=True)
class Week:
    """How a patient's week goes: a letter a half-day. What is done in the round, and how the patient must stand before
    it (08:30, 14:30) and after it (11:30, 19:30), when readings are overdue. ``.``: not on the board."""

    done: str
    before: str
    after: str


WEEKS = {
    # every half-day measured
    "steady": Week("wwwwwwwwwwwwww", "UUUUUUUUUUUUUU", "DDDDDDDDDDDDDD"),
    # every afternoon left out: missing the next morning
    "mornings": Week("w-w-w-w-w-w-w-", "UUMUMUMUMUMUMU", "DODODODODODODO"),
    # never measured
    "nobody": Week("--------------", "UMMMMMMMMMMMMM", "OOOOOOOOOOOOOO"),
    # a new danger sign that was answered: worse until the next reading is normal; a day later it is new again
    "alarmed": Week("wpwpwwwwwwwwww", "UUWUWUUUUUUUUU", "DWDWDDDDDDDDDD"),
    # nobody answers until the morning
    "unheard": Week("wDwwwwwwwwwwww", "UU!UUUUUUUUUUU", "D!DDDDDDDDDDDD"),
    # SpO2 100 then 97, twice; then 100 and, after two and a half days without an oximeter, 97
    "falling": Week("hlhlhxxxxxlwww", "UUWUWUUUUUUWUU", "DWDWDDDDDDWDDD"),
    # dangerous from the first reading; the same sign again is not worse
    "ill": Week("ddwwwwwwwwwwww", "UWUUUUUUUUUUUU", "WDDDDDDDDDDDDD"),
    # hospital from Wednesday 08:00 to Friday 08:00
    "away": Week("wwww----wwwwww", "UUUUAAAAUUUUUU", "DDDDAAAADDDDDD"),
    # ended on Thursday at 14:00
    "ended": Week("wwwwwww-------", "UUUUUUUE......", "DDDDDDDE......"),
    # opened on Tuesday at 11:45, when the morning's round was over; Wednesday morning left out
    "late": Week("---w-wwwwwwwww", "...UUMUUUUUUUU", "...DODDDDDDDDD"),
}


@dataclass(frozen=True)
class Hours:
    """The moments of a half-day. ``mail``: what colleagues, hospitals and late sheets bring; ``before``: the board
    before the round; ``round``; ``after``: the board when what was not measured is overdue."""

    mail: datetime
    before: datetime
    round: datetime
    after: datetime


def hours(half: int) -> Hours:
    """Of half-day ``half`` of the week, Viet Nam time."""
    day, morning = MONDAY + timedelta(days=half // 2), half % 2 == 0
    given = [(8, 0), (8, 30), (9, 0), (11, 30)] if morning else [(14, 0), (14, 30), (15, 0), (19, 30)]
    return Hours(*(datetime.combine(day, time(*clock), VIETNAM) for clock in given))


def slot(half: int) -> tuple[date, str]:
    """Day and am or pm of a half-day of the week."""
    return MONDAY + timedelta(days=half // 2), "pm" if half % 2 else "am"
