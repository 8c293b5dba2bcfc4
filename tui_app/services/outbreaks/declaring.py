"""An outbreak is declared, changed, ended, taken up again: by the station chief alone (TT 15/2026/TT-BYT, Đ26).

Saving an outbreak is making out its form: `declared_at` and `end_declared_at` are the moments from which it is judged
whether the 24 hours were kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM, from_wire, to_wire, today
from tui_app.errors import FieldProblem, InvalidFields, NotFound
from tui_app.rules.findings import Finding
from tui_app.rules.outbreak import quiet
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.outbreaks.daily import entries
from tui_app.services.reports.choices import choices
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import clean, fold

TYPE = "outbreak"
COVID = "COVID-19"
"""The disease whose cases are kept here; of another one only what is typed in is known."""


@dataclass(frozen=True, slots=True)
class Outbreak:
    """An outbreak as it stands. ``units``: (area, name); moments are wire moments, None where there is none."""

    id: str
    area: str
    disease: str
    name: str
    place: str
    units: tuple[tuple[str, str], ...]
    started_on: date
    identified_at: str | None
    declared_at: str | None
    ended_on: date | None
    over_at: str | None
    end_declared_at: str | None
    recommendation: str
    end_recommendation: str
    note: str

    @property
    def areas(self) -> tuple[str, ...]:
        """Ids of its units."""
        return tuple(area for area, _ in self.units)

    @property
    def counted(self) -> bool:
        """Whether its cases are among those kept here."""
        return fold(self.disease).replace(" ", "").startswith("covid")

    @property
    def found_on(self) -> date:
        """The day it was found, from which it is reported daily."""
        moment = self.identified_at or self.declared_at
        return from_wire(moment).astimezone(VIETNAM).date() if moment else self.started_on

    def reported_on(self, day: date) -> bool:
        """Whether it is to be reported for a day: from when it was found until it ends."""
        return self.found_on <= day and (self.ended_on is None or day <= self.ended_on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an outbreak is declared with. ``areas``: ids of units; ``identified_at``: aware, None for now."""

    name: str
    areas: Sequence[str]
    started_on: date
    place: str = ""
    disease: str = COVID
    identified_at: datetime | None = None
    recommendation: str = ""
    note: str = ""


def outbreaks(c: Any) -> list[Outbreak]:
    """All outbreaks, those that go on first, the latest first. Raises NotOpened for a viewer."""
    gate.check_role(c)
    names = dict(c.execute("SELECT id, unit_name FROM area").fetchall())
    found = [_outbreak(row, names) for row in table(TYPE).where(c)]
    latest = sorted(found, key=lambda one: (one.started_on, one.id), reverse=True)
    return sorted(latest, key=lambda one: one.ended_on is not None)


def outbreak(c: Any, ident: str) -> Outbreak:
    """One outbreak. Raises NotFound, NotOpened."""
    for one in outbreaks(c):
        if one.id == ident:
            return one
    raise NotFound("errors.record_not_found", kind=TYPE)


def declare(store: Store, who: str, plan: Plan) -> str:
    """Declare an outbreak; returns its id. Raises NotOpened for anybody but the chief, InvalidFields, NotFound."""
    with store.work(who) as work:
        gate.check_chief(work.connection)
        fields = _fields(work, plan)
        place = work.get("area", plan.areas[0])
        return work.create(TYPE, fields | {"declared_at": work.at}, place=place)


def change(store: Store, who: str, ident: str, plan: Plan) -> bool:
    """Correct what was declared; it stays declared when it was. Returns whether anything changed. Raises as
    `declare`."""
    with store.work(who) as work:
        gate.check_chief(work.connection)
        before = outbreak(work.connection, ident)
        if plan.identified_at is None and before.identified_at:
            plan = replace(plan, identified_at=from_wire(before.identified_at))
        return work.change(TYPE, ident, _fields(work, plan))


def end(
    store: Store,
    who: str,
    ident: str,
    on: date,
    *,
    over_at: datetime | None = None,
    recommendation: str = "",
    reason: str = "",
) -> None:
    """Declare that an outbreak is over since a day. ``over_at``: when that was found, None for now; ``reason``: needed
    where the rule in force asks for more days without a new case, and kept in its note.

    Raises NotOpened for anybody but the chief, InvalidFields, NotFound.
    """
    with store.work(who) as work:
        gate.check_chief(work.connection)
        found, now, why = outbreak(work.connection, ident), from_wire(work.at), clean(reason)
        day, moment, problems = today(store.clock), over_at or now, list[FieldProblem]()
        if found.ended_on is not None:
            problems.append(FieldProblem("ended_on", "outbreak.is_over"))
        elif on > day:
            problems.append(FieldProblem("ended_on", "problems.day_to_come"))
        elif on < found.started_on:
            problems.append(FieldProblem("ended_on", "outbreak.ends_before_start"))
        if moment > now:
            problems.append(FieldProblem("over_at", "problems.day_to_come"))
        if not problems and not why:
            problems += _too_soon(work.connection, found, on, now)
        if problems:
            raise InvalidFields(problems)
        fields = {
            "ended_on": on.isoformat(),
            "over_at": to_wire(moment),
            "end_declared_at": work.at,
            "end_recommendation": clean(recommendation) or None,
            "note": "; ".join(filter(None, (found.note, why))) or None,
        }
        work.change(TYPE, ident, fields)


def reopen(store: Store, who: str, ident: str) -> None:
    """Let an outbreak go on that was ended; its daily reports are due again. Raises NotOpened, NotFound, InvalidFields
    when it goes on already."""
    with store.work(who) as work:
        gate.check_chief(work.connection)
        if outbreak(work.connection, ident).ended_on is None:
            raise InvalidFields([FieldProblem("ended_on", "outbreak.goes_on")])
        fields = dict.fromkeys(("ended_on", "over_at", "end_declared_at", "end_recommendation"))
        work.change(TYPE, ident, fields)


def withdraw(store: Store, who: str, ident: str) -> None:
    """Take back an outbreak that was declared by mistake. Raises NotOpened, NotFound."""
    with store.work(who) as work:
        gate.check_chief(work.connection)
        work.delete(TYPE, ident, "withdrawn")


def plan_of(found: Outbreak) -> Plan:
    """An outbreak as the plan it was declared with, to be changed."""
    return Plan(
        name=found.name,
        areas=found.areas,
        started_on=found.started_on,
        place=found.place,
        disease=found.disease,
        identified_at=from_wire(found.identified_at) if found.identified_at else None,
        recommendation=found.recommendation,
        note=found.note,
    )


def quiet_on(c: Any, found: Outbreak, day: date, now: datetime) -> tuple[bool, Finding] | None:
    """Whether enough days went by without a new case for it to be over on a day, and why; None where nothing asks, or
    its cases are not counted here."""
    if not found.counted:
        return None
    every = entries(c, found.areas, found.started_on, day, now, choices(c, day))
    latest = max((one.day for one in every if one.what == "cases"), default=None)
    return quiet(rule_sets(c), latest, found.started_on, day)


def _too_soon(c: Any, found: Outbreak, on: date, now: datetime) -> list[FieldProblem]:
    judged = quiet_on(c, found, on, now)
    if judged is None or judged[0]:
        return []
    return [FieldProblem("reason", "outbreak.too_soon", days=judged[1].value, limit=judged[1].limit)]


def _fields(work: Work, plan: Plan) -> dict[str, Any]:
    now = from_wire(work.at)
    moment = plan.identified_at or now
    problems = []
    for name in ("name", "disease"):
        if not clean(getattr(plan, name)):
            problems.append(FieldProblem(name, "problems.missing"))
    if not plan.areas:
        problems.append(FieldProblem("units", "problems.missing"))
    if moment > now:
        problems.append(FieldProblem("identified_at", "problems.day_to_come"))
    elif plan.started_on > moment.astimezone(VIETNAM).date():
        problems.append(FieldProblem("started_on", "outbreak.starts_after_found"))
    if problems:
        raise InvalidFields(problems)
    return {
        "disease": clean(plan.disease),
        "name": clean(plan.name),
        "place": clean(plan.place) or None,
        "units": list(dict.fromkeys(plan.areas)),
        "started_on": plan.started_on.isoformat(),
        "identified_at": to_wire(moment),
        "recommendation": clean(plan.recommendation) or None,
        "note": clean(plan.note) or None,
    }


def _outbreak(row: Row, names: dict[str, str]) -> Outbreak:
    body = row.body
    ended = body.get("ended_on")
    return Outbreak(
        id=row.id,
        area=row.area,
        disease=str(body.get("disease") or ""),
        name=str(body.get("name") or ""),
        place=str(body.get("place") or ""),
        units=tuple((area, names.get(area) or area) for area in body.get("units") or ()),
        started_on=date.fromisoformat(str(body["started_on"])),
        identified_at=body.get("identified_at"),
        declared_at=body.get("declared_at"),
        ended_on=date.fromisoformat(ended) if ended else None,
        over_at=body.get("over_at"),
        end_declared_at=body.get("end_declared_at"),
        recommendation=str(body.get("recommendation") or ""),
        end_recommendation=str(body.get("end_recommendation") or ""),
        note=str(body.get("note") or ""),
    )
