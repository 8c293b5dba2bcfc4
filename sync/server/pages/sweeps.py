"""Sweeps: which units have reported what they found, and which have not. A sweep is reported unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import msgspec

from sync.server.pages.figures import figure_table
from sync.server.pages.filed import filed
from sync.server.pages.frame import ROOT, Visit, day_form, heading, page
from sync.server.pages.kind import report_table
from sync.server.pages.markup import Html, el
from sync.server.pages.places import Commune, bodies, unit_name
from sync.server.pages.slots import Slot
from sync.server.pages.standing import RECEIVED, SlotStanding, Standing, State, counted
from sync.server.pages.table import Cell, Link, Table, as_html
from sync.server.pages.words import aware, within_reach
from sync.server.problems import Refused

SHOWN = timedelta(days=60)  # after its last day a sweep stays on the first page


@dataclass(slots=True)
class Sweep:
    """A campaign as its units have it. ``units``: those that the reader sees, each as a place of its own."""

    campaign: str
    name: str
    first: date
    last: date
    due_at: datetime | None
    units: list[Commune] = field(default_factory=list)


class _Body(msgspec.Struct):
    campaign: str
    name: str
    started_on: date
    ended_on: date | None = None
    due_at: str | None = None
    cancelled: bool | None = None


_body = msgspec.json.Decoder(_Body)


def sweep_table(visit: Visit) -> Table:
    """The sweeps of the last weeks: how many units have reported, and which have not."""
    words = visit.words
    rows: list[Sequence[Cell]] = []
    for sweep in sweeps(visit):
        if not sweep.first <= visit.on <= sweep.last + SHOWN:
            continue
        found = stands_of(visit, sweep)
        left = [one.commune.name for one in found if one.state not in RECEIVED]
        rows.append(
            (
                Link(sweep.name, visit.href(f"{ROOT}/sweep/{sweep.campaign}")),
                words.period(sweep.first, sweep.last),
                sweep.due_at or "",
                len(found) - len(left),
                len(found),
                "; ".join(left),
            )
        )
    columns = ("sweep", "period", "due_at", "units_reported", "units", "units_missing")
    return Table("sweeps", [words(name) for name in columns], rows)


def sweep_page(visit: Visit, campaign: str) -> Html:
    """One sweep by unit. Raises Refused 404 for one that the reader has no unit of."""
    words, sweep = visit.words, _known(visit, campaign)
    found = stands_of(visit, sweep)
    counts = counted(found)
    said = ", ".join(f"{words(f'state_{state}')} {counts[state]}" for state in State if counts[state])
    received = sum(counts[state] for state in RECEIVED)
    title = f"{sweep.name}, {words.period(sweep.first, sweep.last)}"
    figures = figure_table(visit, found, "", of="unit")
    return page(
        visit,
        title,
        el("p", el("a", words("board"), href=visit.href(ROOT)), class_="crumb"),
        el("div", el("h1", title), day_form(visit), class_="title"),
        el("p", words("received_of", count=received, total=len(found)), ": ", said, class_="lead"),
        el(
            "section",
            heading(visit, words("figures_by_unit"), f"sweep/{campaign}/figures.csv"),
            as_html(figures, words),
        )
        if figures.rows
        else None,
        el(
            "section",
            heading(visit, words("reports"), f"sweep/{campaign}/reports.csv"),
            as_html(report_table(visit, found, sweep.last, head="unit"), words),
        ),
    )


def sweep_reports(visit: Visit, campaign: str) -> Table:
    """Who filed when, for a spreadsheet."""
    sweep = _known(visit, campaign)
    return report_table(visit, stands_of(visit, sweep), sweep.last, head="unit")


def sweep_figures(visit: Visit, campaign: str) -> Table:
    """Figures by unit, for a spreadsheet."""
    return figure_table(visit, stands_of(visit, _known(visit, campaign)), of="unit")


def sweeps(visit: Visit) -> list[Sweep]:
    """Every sweep in the units that the reader sees, the newest first."""
    units = {unit.area: unit for commune in visit.communes for unit in commune.units}
    of_unit = {unit.area: commune for commune in visit.communes for unit in commune.units}
    found: dict[str, Sweep] = {}
    for area, _, body in bodies(visit.tx, visit.communes, "sweep_campaign", _body):
        if body.cancelled:
            continue
        first = within_reach(body.started_on)
        last = max(within_reach(body.ended_on or first), first)
        due_at = aware(body.due_at or "")
        sweep = found.setdefault(body.campaign, Sweep(body.campaign, body.name, first, last, due_at))
        unit = units[area]
        name = f"{unit_name(unit)}, {of_unit[area].name}"
        sweep.units.append(Commune(unit.place, name, [unit]))
    for sweep in found.values():
        sweep.units.sort(key=lambda unit: unit.code)
    return sorted(found.values(), key=lambda one: (one.first, one.campaign), reverse=True)


def stands_of(visit: Visit, sweep: Sweep) -> list[Standing]:
    """How each unit stands."""
    reports = [
        one for one in filed(visit.tx, "sweep", sweep.first, date.max) if one.subject == sweep.campaign
    ]
    slot = Slot("sweep", sweep.first, sweep.last)
    return SlotStanding(slot, sweep.units, reports, sweep.due_at, visit.now).found


def _known(visit: Visit, campaign: str) -> Sweep:
    found = next((one for one in sweeps(visit) if one.campaign == campaign), None)
    if found is None:
        raise Refused(404, "not-in-scope", "no such sweep for this reader", asked=campaign)
    return found
