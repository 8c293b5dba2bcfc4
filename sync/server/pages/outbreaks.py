"""Outbreaks: reported every day until they end (TT 15/2026/TT-BYT Đ26), each with its own figures by unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from sync.server.pages.figures import Period, told_of, trends, unit_table, version_of
from sync.server.pages.frame import ROOT, Visit, day_form, heading, page
from sync.server.pages.markup import Html, el
from sync.server.pages.places import Commune, bodies, unit_name
from sync.server.pages.slots import PERIODS, Slot
from sync.server.pages.standing import SlotStanding, newest_of, stands
from sync.server.pages.table import Cell, Link, Table, as_html
from sync.server.pages.words import aware, local_day, within_reach
from sync.server.problems import Refused

KIND = "outbreak"
SHOWN = timedelta(days=30)  # after its end an outbreak stays on the first page


@dataclass(frozen=True, slots=True)
class Outbreak:
    """``first``: the day it was found; ``last``: the day it ended, None while it goes on; ``commune``: that told it."""

    id: str
    name: str
    commune: Commune
    first: date
    last: date | None

    def days_until(self, day: date) -> list[Slot]:
        """The days it was to be reported, as far as is looked back; none before it was found."""
        last = min(day, self.last or day)
        count = min((last - self.first).days + 1, PERIODS)
        return [Slot(KIND, one, one) for n in range(count) for one in [last - timedelta(days=count - 1 - n)]]


class _Body(msgspec.Struct):
    name: str
    started_on: date
    identified_at: str | None = None
    declared_at: str | None = None
    ended_on: date | None = None


_body = msgspec.json.Decoder(_Body)


def outbreak_table(visit: Visit) -> Table:
    """The outbreaks of the last weeks, and how the report of the day stands."""
    words = visit.words
    rows: list[Sequence[Cell]] = []
    for one in outbreaks(visit):
        days = one.days_until(visit.on)
        if not days or (one.last and one.last + SHOWN < visit.on):
            continue
        (of_day,) = _course(visit, one, days[-1:])
        found = of_day.found[0]
        totals = found.latest.totals if found.latest else {}
        rows.append(
            (
                Link(one.name, visit.href(f"{ROOT}/outbreak/{one.id}")),
                one.commune.name,
                one.first,
                one.last or "",
                days[-1].last,
                found.state,
                found.due_at or "",
                *(totals.get(name, "") for name in ("cases", "cases_total")),
            )
        )
    columns = ("outbreak", "commune", "found_on", "ended_on", "report_of", "state", "due_at")
    head = [*map(words, columns), *map(words.part, ("cases", "cases_total"))]
    return Table("outbreaks", head, rows)


def outbreak_page(visit: Visit, ident: str) -> Html:
    """One outbreak, day by day and unit by unit. Raises Refused 404 for one that the reader does not see."""
    words, one = visit.words, _known(visit, ident)
    course = _course(visit, one, one.days_until(visit.on))
    newest, base = newest_of(course, one.commune), f"outbreak/{ident}"
    figures = []
    if newest:
        title = f"{words('figures')}, {words.day(newest.last)}"
        figures = [
            heading(visit, title, f"{base}/figures.csv"),
            told_of(visit, newest),
            trends(visit, [Period(of_day.slot.label, of_day.reports) for of_day in course], ""),
            as_html(_figures(visit, one, course), words),
        ]
    lasted = words.period(one.first, one.last) if one.last else f"{words('found_on')} {words.day(one.first)}"
    return page(
        visit,
        one.name,
        el("p", el("a", words("board"), href=visit.href(ROOT)), class_="crumb"),
        el("div", el("h1", one.name), day_form(visit), class_="title"),
        el("p", f"{one.commune.name}, {lasted}", class_="lead"),
        el("section", figures) if figures else None,
        el(
            "section",
            heading(visit, words("reports"), f"{base}/reports.csv"),
            as_html(_reports(visit, course), words),
        ),
    )


def outbreak_reports(visit: Visit, ident: str) -> Table:
    """Its reports, for a spreadsheet."""
    one = _known(visit, ident)
    return _reports(visit, _course(visit, one, one.days_until(visit.on)))


def outbreak_figures(visit: Visit, ident: str) -> Table:
    """Its latest figures, for a spreadsheet. Raises Refused 404 where none was filed."""
    one = _known(visit, ident)
    return _figures(visit, one, _course(visit, one, one.days_until(visit.on)))


def outbreaks(visit: Visit) -> list[Outbreak]:
    """Every outbreak that the reader sees, the newest first."""
    of_unit = {unit.area: commune for commune in visit.communes for unit in commune.units}
    found = []
    for area, ident, body in bodies(visit.tx, visit.communes, KIND, _body):
        # reported from when it was found on, as the laptop reckons, not from when somebody typed that in
        found_at = aware(body.identified_at or "") or aware(body.declared_at or "")
        first = local_day(found_at) if found_at else within_reach(body.started_on)
        last = within_reach(body.ended_on) if body.ended_on else None
        found.append(Outbreak(ident, body.name, of_unit[area], first, last))
    return sorted(found, key=lambda one: (one.first, one.id), reverse=True)


def _course(visit: Visit, one: Outbreak, days: Sequence[Slot]) -> list[SlotStanding]:
    return stands(visit.tx, days, lambda _day: [one.commune], visit.now, one.id) if days else []


def _figures(visit: Visit, one: Outbreak, course: Sequence[SlotStanding]) -> Table:
    newest = newest_of(course, one.commune)
    if newest is None:
        raise Refused(404, "not-found", "no such report", asked=one.id)
    return unit_table(visit, newest, {unit.area: unit_name(unit) for unit in one.commune.units})


def _reports(visit: Visit, course: Sequence[SlotStanding]) -> Table:
    words = visit.words
    rows: list[Sequence[Cell]] = []
    for of_day in reversed(course):
        one = of_day.found[0]
        rows.append(
            (
                of_day.slot.last,
                one.state,
                one.due_at or "",
                one.first.written_at if one.first else "",
                one.first.received if one.first else "",
                version_of(visit, one),
            )
        )
    columns = ("report_of", "state", "due_at", "written_at", "received_at", "version")
    return Table("outbreak-reports", [words(name) for name in columns], rows)


def _known(visit: Visit, ident: str) -> Outbreak:
    found = next((one for one in outbreaks(visit) if one.id == ident), None)
    if found is None:
        raise Refused(404, "not-in-scope", "no such outbreak for this reader", asked=ident)
    return found
