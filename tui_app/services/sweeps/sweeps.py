"""Sweeps "đi từng ngõ, gõ từng nhà, rà từng người": started over units, changed, cancelled; which run at a door.

A sweep is a row a unit; the rows share ``campaign``. A knock in its units within its dates counts for every sweep that
runs there, whether or not its laptop had heard of it; the visit itself names the one whose report is due first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM, to_wire
from tui_app.errors import FieldProblem, InvalidFields, NotFound
from tui_app.i18n import language
from tui_app.records.campaigns import campaign_row_id
from tui_app.rules.report_due import due
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import clean, natural_key

KIND = "sweep"
"""The kind of a sweep's report, in rule sets and reports."""


@dataclass(frozen=True, slots=True)
class SweepUnit:
    """A unit of a sweep. ``row``: its record; ``finished_at``: wire moment when its team said it is done."""

    row: str
    area: str
    name: str
    finished_at: str | None = None
    finished_by: str = ""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep with the units this laptop holds. ``ended_on``: the last day, None while none is set; ``due_at``: wire
    moment of the deadline."""

    campaign: str
    name: str
    started_on: date
    ended_on: date | None
    due_at: str | None
    epidemic_areas: tuple[str, ...]
    cancelled: bool
    note: str
    units: tuple[SweepUnit, ...]

    @property
    def areas(self) -> tuple[str, ...]:
        """Ids of its units."""
        return tuple(unit.area for unit in self.units)

    def runs_on(self, day: date) -> bool:
        """Whether a knock on that day counts for it."""
        return (
            not self.cancelled and self.started_on <= day and (self.ended_on is None or day <= self.ended_on)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a sweep is started with. ``areas``: ids of units; ``due_at``: aware, None for what the rule says of its
    last day."""

    name: str
    areas: Sequence[str]
    started_on: date
    ended_on: date | None
    due_at: datetime | None = None
    epidemic_areas: Sequence[str] = field(default=())
    note: str = ""


def sweeps(c: Any) -> list[Sweep]:
    """All sweeps, the latest first, those that were cancelled too."""
    gate.check_role(c)
    names = dict(c.execute("SELECT id, unit_name FROM area").fetchall())
    rows: dict[str, list[Row]] = {}
    for row in table("sweep_campaign").where(c):
        rows.setdefault(str(row.body["campaign"]), []).append(row)
    found = [_sweep(campaign, of, names) for campaign, of in rows.items()]
    return sorted(found, key=lambda one: (one.started_on, one.campaign), reverse=True)


def sweep(c: Any, campaign: str) -> Sweep:
    """One sweep. Raises NotFound, NotOpened."""
    for one in sweeps(c):
        if one.campaign == campaign:
            return one
    raise NotFound("errors.record_not_found", kind="sweep_campaign")


_RUNNING = """
SELECT campaign FROM sweep_campaign
WHERE area = ?1 AND NOT deleted AND NOT coalesce(cancelled, 0)
    AND started_on <= ?2 AND (ended_on IS NULL OR ended_on >= ?2)
ORDER BY due_at IS NULL, due_at, campaign
"""


def running(c: Any, area: str, day: date) -> list[str]:
    """The sweeps that run in a unit on a day, by their deadline: a visit names the first."""
    return [campaign for (campaign,) in c.execute(_RUNNING, (area, day.isoformat()))]


def beside(c: Any, plan: Plan, campaign: str = "") -> list[Sweep]:
    """The other sweeps that run in one of the plan's units on one of its days: a knock then counts for both."""
    last = plan.ended_on or date.max
    return [
        one
        for one in sweeps(c)
        if one.campaign != campaign
        and not one.cancelled
        and set(one.areas) & set(plan.areas)
        and one.started_on <= last
        and (one.ended_on or date.max) >= plan.started_on
    ]


def rule_due(c: Any, last_day: date) -> datetime | None:
    """When the report of a sweep that ends on a day is due by the rule set in force; None when none says."""
    found = due(rule_sets(c), KIND, last_day, VIETNAM)
    return None if found is None else found[0]


def rule_words(c: Any, last_day: date) -> str:
    """What the rule set in force says of the deadline, with its document; empty when none does."""
    sets = rule_sets(c)
    found = due(sets, KIND, last_day, VIETNAM)
    if found is None:
        return ""
    one = sets.get(found[1].rule_set)
    line = next(rule for rule in one.report_due if rule.id == found[1].rule)
    return f"{getattr(line, language())} ({one.document})"


def start(store: Store, who: str, plan: Plan) -> str:
    """Start a sweep; returns its key. Raises NotOpened for anybody but the chief, InvalidFields, NotFound."""
    with store.work(who) as work:
        gate.check_chief(work.connection)
        _refuse(plan)
        campaign = work.ids()
        fields = _fields(work.connection, plan)
        for area in dict.fromkeys(plan.areas):
            _put(work, campaign, area, fields)
        return campaign


def change(store: Store, who: str, campaign: str, plan: Plan) -> bool:
    """Set a sweep to what the plan says, its units too; a unit left out is no longer part of it.

    Returns whether anything changed. Raises as `start`.
    """
    with store.work(who) as work:
        c = work.connection
        gate.check_chief(c)
        _refuse(plan)
        now = sweep(c, campaign)
        fields = _fields(c, plan)
        changed = [
            work.change("sweep_campaign", unit.row, fields) for unit in now.units if unit.area in plan.areas
        ]
        for unit in now.units:
            if unit.area not in plan.areas:
                changed.append(work.delete("sweep_campaign", unit.row, "withdrawn"))
        for area in dict.fromkeys(plan.areas):
            if area not in now.areas:
                _put(work, campaign, area, fields)
                changed.append(True)
        return any(changed)


def cancel(store: Store, who: str, campaign: str, *, back: bool = False) -> bool:
    """Call a sweep off, or (``back``) go on with it after all; its visits stay. Returns whether that changed anything.

    Raises as `start`.
    """
    with store.work(who) as work:
        gate.check_chief(work.connection)
        found = sweep(work.connection, campaign)
        changed = [work.change("sweep_campaign", unit.row, {"cancelled": not back}) for unit in found.units]
        return any(changed)


def go_along(work: Work, areas: Iterable[str], place: Row, day: date) -> None:
    """Let the sweeps that are not over in units whose households go to another one take place there too: no household
    falls out of a sweep because its unit was split."""
    for area in sorted(set(areas) - {place.area}):
        for row in list(table("sweep_campaign").where(work.connection, "area = ?", (area,))):
            over = str(row.body.get("ended_on") or "9999") < day.isoformat()
            ident = campaign_row_id(str(row.body["campaign"]), place.area)
            if not over and not row.body.get("cancelled") and work.find("sweep_campaign", ident) is None:
                fields = {name: value for name, value in row.body.items() if not name.startswith("finished_")}
                work.create("sweep_campaign", fields, place=place, ident=ident)


def plan_of(found: Sweep) -> Plan:
    """A sweep as the plan it follows, to be changed."""
    return Plan(
        name=found.name,
        areas=found.areas,
        started_on=found.started_on,
        ended_on=found.ended_on,
        due_at=datetime.fromisoformat(found.due_at) if found.due_at else None,
        epidemic_areas=found.epidemic_areas,
        note=found.note,
    )


def _sweep(campaign: str, rows: list[Row], names: dict[str, str]) -> Sweep:
    """The sweep as the row that was changed last tells it: a change goes to the rows of all units."""
    fields = max(rows, key=lambda row: (row.at, row.id)).body
    units = [
        SweepUnit(
            row.id,
            row.area,
            names.get(row.area) or "",
            row.body.get("finished_at"),
            str(row.body.get("finished_by") or ""),
        )
        for row in rows
    ]
    ended = fields.get("ended_on")
    return Sweep(
        campaign=campaign,
        name=str(fields.get("name") or ""),
        started_on=date.fromisoformat(str(fields["started_on"])),
        ended_on=date.fromisoformat(ended) if ended else None,
        due_at=fields.get("due_at"),
        epidemic_areas=tuple(fields.get("epidemic_areas") or ()),
        cancelled=bool(fields.get("cancelled")),
        note=str(fields.get("note") or ""),
        units=tuple(sorted(units, key=lambda unit: (natural_key(unit.name), unit.area))),
    )


def _refuse(plan: Plan) -> None:
    problems = []
    if not clean(plan.name):
        problems.append(FieldProblem("name", "problems.missing"))
    if not plan.areas:
        problems.append(FieldProblem("area", "problems.missing"))
    if plan.ended_on is not None and plan.ended_on < plan.started_on:
        problems.append(FieldProblem("ended_on", "sweep.ends_before_start"))
    if plan.due_at is not None and plan.due_at.astimezone(VIETNAM).date() < plan.started_on:
        problems.append(FieldProblem("due_at", "sweep.due_before_start"))
    if problems:
        raise InvalidFields(problems)


def _fields(c: Any, plan: Plan) -> dict[str, Any]:
    moment = plan.due_at or (rule_due(c, plan.ended_on) if plan.ended_on else None)
    places = list(dict.fromkeys(filter(None, map(clean, plan.epidemic_areas))))
    return {
        "name": clean(plan.name),
        "started_on": plan.started_on,
        "ended_on": plan.ended_on,
        "due_at": to_wire(moment) if moment else None,
        "epidemic_areas": places or None,
        "note": clean(plan.note) or None,
    }


def _put(work: Work, campaign: str, area: str, fields: dict[str, Any]) -> None:
    place = work.get("area", area)
    work.ensure(
        "sweep_campaign", campaign_row_id(campaign, area), {"campaign": campaign, **fields}, place=place
    )
