"""Readings of a patient: judged by the rule sets of their day, saved with their judgement and alert at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.clock import VIETNAM, day_bounds, from_wire, show_date
from tui_app.errors import FieldProblem, GonhaError, InvalidFields
from tui_app.rules import slots
from tui_app.rules.findings import Judgement
from tui_app.services.care import recording, rejudging
from tui_app.services.care.half_days import last_moment
from tui_app.services.care.patient import patient
from tui_app.services.care.recording import Recorded
from tui_app.services.care.refusals import CaseClosed
from tui_app.services.care.vitals import CheckedVitals, Vitals, check_vitals
from tui_app.services.cases.board import BoardLine, Standing, board
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work

__all__ = [
    "CheckedVitals",
    "GridRow",
    "Recorded",
    "Vitals",
    "amend_vitals",
    "check_vitals",
    "grid",
    "moment_of",
    "preview",
    "record_many",
    "record_vitals",
    "rejudge_person",
    "withdraw_vitals",
]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One patient of the grid. ``taken``: the observation that stands in the slot, the latest of several."""

    line: BoardLine
    taken: Row | None


def preview(c: Any, case: str, vitals: Vitals, at: datetime) -> Judgement:
    """What would be said of a reading; nothing is saved. Raises NotFound, NotOpened."""
    return recording.judged(patient(c, live_row(c, "case", case)), vitals, at, rule_sets(c))


def record_vitals(
    store: Store,
    who: str,
    case: str,
    vitals: Vitals,
    *,
    at: datetime | None = None,
    slot: tuple[date, str] | None = None,
) -> Recorded:
    """Save a reading with its judgement and, for a danger sign, its alert, in one transaction.

    ``at``: when it was measured, see `moment_of` when not given; ``slot``: the half-day it answers, else the one ``at``
    lies in. Raises NotFound, CaseClosed, InvalidFields for values out of range, a moment to come or before the case, or
    when nothing was measured or asked.
    """
    with store.work(who) as work:
        row = work.get("case", case)
        if row.body.get("ended_on"):
            raise CaseClosed("care.case_closed")
        c = work.connection
        moment = at or moment_of(c, slot, from_wire(work.at))
        _refuse_before_case(row, moment)
        return recording.record(work, patient(c, row), vitals, moment, rule_sets(c), slot)


def moment_of(c: Any, slot: tuple[date, str] | None, now: datetime) -> datetime:
    """When a reading counts as measured if nobody says: now, or the last moment of a half-day that has passed, whose
    rules judge a sheet that is typed later."""
    return now if slot is None else min(now, last_moment(c, *slot, now))


def record_many(
    store: Store,
    who: str,
    rows: Sequence[tuple[str, Vitals]],
    *,
    at: datetime | None = None,
    slot: tuple[date, str] | None = None,
) -> list[Recorded | GonhaError]:
    """Save readings of several patients, each by itself: one that is refused leaves the others saved."""
    answers: list[Recorded | GonhaError] = []
    for case, vitals in rows:
        try:
            answers.append(record_vitals(store, who, case, vitals, at=at, slot=slot))
        except GonhaError as refused:
            answers.append(refused)
    return answers


def amend_vitals(store: Store, who: str, observation: str, vitals: Vitals, reason: str) -> Recorded:
    """Correct a reading by a new row, judged by the sets of the same day. The alert of the first row stays; a danger
    sign that no alert of it named opens one. Raises NotFound, AmendedAlready, InvalidFields."""
    with store.work(who) as work:
        old = _standing(work, observation)
        c = work.connection
        one = patient(c, work.get("case", str(old.body["case"])))
        return recording.amend(work, one, old, vitals, reason, rule_sets(c))


def withdraw_vitals(store: Store, who: str, observation: str, reason: str) -> str:
    """Take a reading back by a correcting row without values; its alert stays. Returns the new row's id.

    Raises NotFound, AmendedAlready, InvalidFields without a reason.
    """
    with store.work(who) as work:
        old = _standing(work, observation)
        return work.create("observation", recording.correcting(old, reason), place=old)


def rejudge_person(store: Store, who: str, person: str, reason: str = "birth_date") -> list[Recorded]:
    """Judge the readings of a person's open case again, each by the sets of its day, after birth date, sex or
    conditions were corrected. Where the judgement changes, a row amends the old one and says why and who."""
    with store.work(who) as work:
        return rejudging.rejudge(work, person, reason)


def grid(
    c: Any, now: datetime, slot: tuple[date, str] | None = None, *, followed_by: str | None = None
) -> list[GridRow]:
    """Open cases cared for at home, in the board's order, with what was taken in the slot (the present one when not
    given). ``followed_by``: only this follower's."""
    if slot is None:
        here = slots.slot_at(rule_sets(c), now)
        slot = (here.day, here.slot)
    lines = [
        line
        for line in board(c, now)
        if line.place == "home"
        and line.standing != Standing.ENDED
        and (followed_by is None or line.followed_by == followed_by)
    ]
    wanted = msgspec.json.encode([line.case for line in lines]).decode()
    # the index knows when, not for which half-day: sheets are typed late, but not by days
    around = (day_bounds(slot[0] - timedelta(days=1))[0], day_bounds(slot[0] + timedelta(days=1))[1])
    found = table("observation").where(c, _TAKEN, (wanted, *around, slot[0].isoformat(), slot[1]))
    taken = {str(row.body["case"]): row for row in found}
    return [GridRow(line, taken.get(line.case)) for line in lines]


def _refuse_before_case(case: Row, moment: datetime) -> None:
    """Raises InvalidFields for a reading of before anything of the case began: a slip in the date."""
    known = (case.body.get(name) for name in ("started_on", "first_positive_on", "onset_on"))
    began = date.fromisoformat(min(day for day in known if day))
    if moment.astimezone(VIETNAM).date() < began:
        raise InvalidFields([FieldProblem("at", "care.before_case", day=show_date(began))])


_TAKEN = """"case" IN (SELECT value FROM json_each(?)) AND at >= ? AND at < ? AND slot_on = ? AND slot = ?
AND coalesce(temperature_c, pulse, respiratory_rate, spo2, spo2_repeat, systolic_bp, diastolic_bp, symptoms, signs)
    IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM observation AS later WHERE later.amends = observation.id AND NOT later.deleted)
ORDER BY at, id"""


def _standing(work: Work, observation: str) -> Row:
    old = work.get("observation", observation)
    recording.refuse_amended(work.connection, observation)
    return old
