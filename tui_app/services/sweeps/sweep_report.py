"""The report of a sweep: filed unit by unit ("báo xong") with figures that never change, who has not filed, and what
came in later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.clock import from_wire
from tui_app.errors import FieldProblem, GonhaError, InvalidFields, NotFound
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.sweeps.sweep_figures import Difference, Figure, differences, figures, kept, read_back
from tui_app.services.sweeps.sweep_tally import Tally, last_day, tally
from tui_app.services.sweeps.sweeps import KIND, Sweep, SweepUnit, sweep
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.text import clean


class NothingNew(GonhaError):
    """The report would say what was filed already."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A report as it was filed. ``known_at``: wire moment of what it counted; ``who``: who filed it."""

    id: str
    area: str
    version: int
    known_at: str
    who: str
    figures: tuple[Figure, ...]
    reason: str
    supersedes: str | None

    def figure(self, name: str) -> Figure | None:
        """One of its figures."""
        return next((one for one in self.figures if one.name == name), None)


@dataclass(frozen=True, slots=True)
class UnitReport:
    """How far a unit is. ``versions``: what was filed, the latest first; ``late``: filed after the deadline, or not
    filed and it is past; ``since``: what changed since the latest was filed."""

    unit: SweepUnit
    now: tuple[Figure, ...]
    versions: tuple[Filed, ...]
    late: bool
    since: tuple[Difference, ...]

    @property
    def filed(self) -> Filed | None:
        """The latest report."""
        return self.versions[0] if self.versions else None


def unit_report(c: Any, found: Sweep, area: str, now: datetime) -> UnitReport:
    """A unit's figures now beside what it filed. Raises NotFound, NotOpened."""
    unit = _unit(found, area)
    return _report(unit, tally(c, found, last_day(found, now), (area,)), filed(c, found.campaign, area), now)


def unit_reports(c: Any, counted: Tally, now: datetime) -> list[UnitReport]:
    """Every unit of a sweep that may be opened now, by a count of all of them. Raises NotOpened."""
    found = counted.sweep
    versions, shown = filed(c, found.campaign), gate.open_only(c, found.areas)
    return [
        _report(unit, counted.part(unit.area), [one for one in versions if one.area == unit.area], now)
        for unit in found.units
        if unit.area in shown
    ]


def filed(c: Any, campaign: str, area: str | None = None) -> list[Filed]:
    """What was filed for a sweep (of one unit), the latest version first."""
    gate.check_role(c)
    rows = table("report").where(c, "kind = ? AND subject = ?", (KIND, campaign))
    found = [_filed(row) for row in rows if area in (None, row.area)]
    return sorted(found, key=lambda one: (one.version, one.known_at, one.id), reverse=True)


def missing(c: Any, found: Sweep, now: datetime) -> list[tuple[SweepUnit, bool]]:
    """The units that have filed no report, and whether the deadline is past. Asks for no named record, so that locked
    units are told as well."""
    done = {one.area for one in filed(c, found.campaign)}
    past = found.due_at is not None and now > from_wire(found.due_at)
    return [(unit, past) for unit in found.units if unit.area not in done]


def file_report(store: Store, who: str, campaign: str, area: str, reason: str = "") -> str:
    """File the report of a unit: the figures of this moment, frozen, and with the first one that the unit is done.

    A later version needs a ``reason`` and something that changed. Returns the report's id. Raises NotFound, NotOpened,
    InvalidFields, NothingNew.
    """
    with store.work(who) as work:
        c = work.connection
        found = sweep(c, campaign)
        now = from_wire(work.at)
        state = unit_report(c, found, area, now)
        before, why = state.filed, clean(reason)
        if before is not None and not state.since:
            raise NothingNew("sweep.nothing_new", unit=state.unit.name, version=before.version)
        if before is not None and not why:
            raise InvalidFields([FieldProblem("reason", "sweep.reason_needed")])
        values, counted = kept(state.now)
        place = work.get("sweep_campaign", state.unit.row)
        report = {
            "kind": KIND,
            "subject": campaign,
            "period_from": found.started_on,
            "period_to": last_day(found, now),
            "version": before.version + 1 if before else 1,
            "figures": values,
            "counted": counted,
            "rules": _rules(c, last_day(found, now)),
            "known_at": work.at,
            "written_at": work.at,
            "supersedes": before.id if before else None,
            "reason": why or None,
        }
        if state.unit.finished_at is None:
            work.change("sweep_campaign", place.id, {"finished_at": work.at, "finished_by": who})
        return work.create("report", report, place=place)


def changes(versions: Sequence[Filed], version: int) -> tuple[Difference, ...]:
    """What a version says otherwise than the one it takes the place of; nothing for a first one. Raises NotFound."""
    by_id = {one.id: one for one in versions}
    this = next((one for one in versions if one.version == version), None)
    if this is None:
        raise NotFound("errors.record_not_found", kind="report")
    before = by_id.get(this.supersedes or "")
    return differences(before.figures, this.figures) if before else ()


def _report(unit: SweepUnit, counted: Tally, versions: Sequence[Filed], now: datetime) -> UnitReport:
    values = figures(counted)
    since = differences(versions[0].figures, values) if versions else ()
    return UnitReport(unit, values, tuple(versions), _late(counted.sweep, versions, now), since)


def _unit(found: Sweep, area: str) -> SweepUnit:
    for unit in found.units:
        if unit.area == area:
            return unit
    raise NotFound("sweep.not_in_unit")


def _late(found: Sweep, versions: Sequence[Filed], now: datetime) -> bool:
    if found.due_at is None:
        return False
    first = min((one.known_at for one in versions), default=None)
    return first > found.due_at if first else now > from_wire(found.due_at)


def _rules(c: Any, day: date) -> list[str]:
    sets = rule_sets(c)
    return [one.id for subject in ("case_definition", "report_due") for one in sets.in_force(subject, day)]


def _filed(row: Row) -> Filed:
    body = row.body
    return Filed(
        id=row.id,
        area=row.area,
        version=int(body.get("version") or 1),
        known_at=str(body["known_at"]),
        who=row.who,
        figures=read_back(body.get("figures") or (), body.get("counted") or ()),
        reason=str(body.get("reason") or ""),
        supersedes=body.get("supersedes"),
    )
