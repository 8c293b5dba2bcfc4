"""Six numbers a chief looks at first, each with yesterday's and a line of fourteen days, and the records behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tui_app.clock import VIETNAM, from_wire
from tui_app.records.cases import CaseOutcome
from tui_app.services.access import gate
from tui_app.services.command import laptops
from tui_app.services.command.days import ReportingDay, day_at, reporting_day
from tui_app.services.command.doors_given import GivenDoors, given_doors
from tui_app.services.command.followed import Followed, Look, followed, looks
from tui_app.services.command.laptops import Fleet
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.reports.periods import reporting_days
from tui_app.services.station.station_values import CUT_OFF, choice

DAYS = 14
NEW, FOLLOWED, DANGER, OVERDUE = "new", "followed", "danger", "overdue"
HOUSEHOLDS, UNSENT = "households", "unsent"


@dataclass(frozen=True, slots=True)
class Number:
    """``value``: of the day, None where it cannot be worked out; ``of``: how many there are in all, where it is a part
    of something; ``line``: of the last `DAYS` days, the day itself last; ``ids``: the records of ``kind`` behind it, of
    households those that are left."""

    name: str
    value: int | None
    line: tuple[int | None, ...]
    kind: str = "case"
    ids: tuple[str, ...] = ()
    of: int | None = None
    of_yesterday: int | None = None

    @property
    def yesterday(self) -> int | None:
        """Of the day before."""
        return self.line[-2]


@dataclass(frozen=True, slots=True)
class Overview:
    """What F8 shows of a reporting day. ``moment``: as of when, the day's end or now; ``look``, ``cases``: who is
    followed; ``doors``: what was given out for its calendar day."""

    day: ReportingDay
    moment: datetime
    numbers: tuple[Number, ...]
    look: Look
    cases: tuple[Followed, ...]
    doors: GivenDoors
    fleet: Fleet

    def number(self, name: str) -> Number:
        """One of the numbers."""
        return next(one for one in self.numbers if one.name == name)


def overview(c: Any, now: datetime, on: date | None = None) -> Overview:
    """The numbers of a reporting day, the one that runs when not given. Raises NotOpened for anybody but the chief.

    New: cases by the reporting day of their positive test, as the daily report counts them. Followed at home, with a
    danger sign nobody answered, with a half-day late: at the end of each day, today now. Households: given out for the
    calendar day and gone to on it. Unsent: as the laptops told at their last sync.
    """
    gate.check_chief(c)
    shut, today = gate.closed(c), day_at(c, now)
    on = min(on or today, today)
    days = [on - timedelta(days=back) for back in reversed(range(DAYS))]
    moments = [min(from_wire(reporting_day(c, day).ends), now) for day in days]
    cases = followed(c, reporting_day(c, days[0]).begins, shut)
    seen = looks(c, cases, moments, now, rule_sets(c), shut)
    given = given_doors(c, days[0], on, shut)
    fleet = laptops.fleet(c)
    return Overview(
        day=reporting_day(c, on),
        moment=moments[-1],
        numbers=(
            _new(c, days, shut),
            _stock(FOLLOWED, [look.home for look in seen]),
            _stock(DANGER, [look.danger for look in seen]),
            _stock(OVERDUE, [look.late for look in seen]),
            _households([given.get(day) for day in days]),
            _unsent(fleet, days, on == today),
        ),
        look=seen[-1],
        cases=tuple(cases),
        doors=given.get(on) or GivenDoors({}, frozenset()),
        fleet=fleet,
    )


def _new(c: Any, days: list[date], shut: Collection[str]) -> Number:
    """By the reporting day of the test a case began with, where that was made on its first day, else by that day."""
    day_of = reporting_days({CUT_OFF: choice(c, CUT_OFF, days[-1]).value})
    found: dict[str, list[str]] = defaultdict(list)
    first, last = ((day + timedelta(days=by)).isoformat() for day, by in ((days[0], -1), (days[-1], 0)))
    for ident, area, began, tested in c.execute(_BEGAN, (first, last)):
        on = began
        if tested and from_wire(tested).astimezone(VIETNAM).date().isoformat() == began:
            on = day_of(tested)
        if area not in shut:
            found[on].append(ident)
    line = tuple(len(found[day.isoformat()]) for day in days)
    return Number(NEW, line[-1], line, ids=tuple(found[days[-1].isoformat()]))


def _stock(name: str, ids: list[tuple[str, ...]]) -> Number:
    return Number(name, len(ids[-1]), tuple(map(len, ids)), ids=ids[-1])


def _households(given: list[GivenDoors | None]) -> Number:
    """None on a day on which nothing was given out."""
    done = tuple(None if one is None else len(one.done) for one in given)
    of = [None if one is None else len(one.given) for one in given]
    left = () if given[-1] is None else tuple(sorted(given[-1].given.keys() - given[-1].done))
    return Number(HOUSEHOLDS, done[-1], done, "household", left, of[-1], of[-2])


def _unsent(fleet: Fleet, days: list[date], is_today: bool) -> Number:
    told = [fleet.by_day.get(day.isoformat()) for day in days]
    value = fleet.unsent if is_today else told[-1]
    return Number(UNSENT, value, (*told[:-1], value), kind="device")


_BEGAN = f"""
SELECT k.id, k.area, coalesce(k.first_positive_on, k.started_on) AS began, (
    SELECT t.at FROM case_event AS e JOIN test_result AS t ON t.id = e.test AND NOT t.deleted
    WHERE e."case" = k.id AND e.event = 'opened' AND NOT e.deleted LIMIT 1)
FROM "case" AS k
WHERE NOT k.deleted AND k.outcome IS NOT '{CaseOutcome.MISTAKEN}' AND began BETWEEN ? AND ? ORDER BY began, k.id
"""
