"""One commune: what it filed lately, and the latest figures of the whole and of its units."""

from __future__ import annotations

from collections.abc import Sequence

from sync.server.pages.figures import Period, blocks_of, told_of, trends, unit_table, unit_tables, version_of
from sync.server.pages.filed import FiledReport
from sync.server.pages.frame import ROOT, Visit, day_form, heading, page
from sync.server.pages.markup import Html, el
from sync.server.pages.places import Commune, unit_name
from sync.server.pages.slots import OCCASIONAL, PERIODS, regular, slots_until
from sync.server.pages.standing import SlotStanding, newest_of, stands
from sync.server.pages.table import Cell, Table, as_html
from sync.server.pages.words import local_day
from sync.server.problems import Refused

SHOWN = {"daily": PERIODS}  # periods in the list; of the others a few go further back
OTHERS_SHOWN = 4


def commune_page(visit: Visit, code: str) -> Html:
    """The page. Raises Refused 404 for a commune that is not theirs, as for one that there is not."""
    words, commune = visit.words, _known(visit, code)
    found = _course(visit, commune)
    names = {unit.area: unit_name(unit) for unit in commune.units}
    sections = []
    for course in found.values():
        newest = newest_of(course, commune)
        if newest:
            sections.append(_figures(visit, commune, newest, names, course))
    table = report_table(visit, commune, found)
    return page(
        visit,
        commune.name,
        el("p", el("a", words("board"), href=visit.href(ROOT)), class_="crumb"),
        el(
            "div",
            el("h1", commune.name, " ", el("span", code, class_="under")),
            day_form(visit),
            class_="title",
        ),
        None if commune.whole else el("p", words("partly"), class_="under"),
        sections,
        el(
            "section",
            heading(visit, words("reports"), f"commune/{code}/reports.csv"),
            as_html(table, words),
        ),
    )


def commune_reports(visit: Visit, code: str) -> Table:
    """The list of reports, for a spreadsheet."""
    commune = _known(visit, code)
    return report_table(visit, commune, _course(visit, commune))


def commune_figures(visit: Visit, code: str, kind: str) -> Table:
    """The latest figures of a kind, for a spreadsheet. Raises Refused 404 where none was filed."""
    commune = _known(visit, code)
    newest = newest_of(_course(visit, commune).get(kind, []), commune)
    if newest is None:
        raise Refused(404, "not-found", "no such report", asked=kind)
    return unit_table(visit, newest, {unit.area: unit_name(unit) for unit in commune.units})


def report_table(visit: Visit, commune: Commune, found: dict[str, list[SlotStanding]]) -> Table:
    """Kinds and periods, the newest first, and how each stands."""
    words = visit.words
    columns = ("kind", "period", "state", "due_at", "written_at", "received_at", "version")
    rows: list[Sequence[Cell]] = []
    for kind, course in found.items():
        for of_slot in course[::-1][: SHOWN.get(kind, OTHERS_SHOWN)]:
            slot, one = of_slot.slot, of_slot.of(commune)
            rows.append(
                (
                    words(f"kind_{kind}"),
                    words.period(slot.first, slot.last),
                    one.state,
                    one.due_at or "",
                    one.first.written_at if one.first else "",
                    one.first.received if one.first else "",
                    version_of(visit, one),
                )
            )
    return Table("commune-reports", [words(name) for name in columns], rows)


def _figures(
    visit: Visit,
    commune: Commune,
    newest: FiledReport,
    names: dict[str, str],
    course: Sequence[SlotStanding],
) -> Html:
    words, kind = visit.words, newest.kind
    title = f"{words(f'kind_{kind}')}, {words.period(newest.first, newest.last)}"
    periods = [Period(one.slot.label, one.reports_of(commune)) for one in course]
    tables = unit_tables(visit, newest, names)
    blocks = blocks_of(visit, newest.totals)
    return el(
        "section",
        heading(visit, title, f"commune/{commune.code}/{kind}.csv"),
        told_of(visit, newest),
        trends(visit, periods, blocks[0]) if blocks else None,
        el("div", [as_html(table, words) for table in tables if len(table.head) == 2], class_="blocks"),
        [as_html(table, words) for table in tables if len(table.head) > 2],
    )


def _known(visit: Visit, code: str) -> Commune:
    named = visit.places.named
    found = named(code, visit.on) or named(code, local_day(visit.now))  # before it was made, as it is now
    if found is None:
        raise Refused(404, "not-in-scope", "no such commune for this reader", asked=code)
    return found


def _course(visit: Visit, commune: Commune) -> dict[str, list[SlotStanding]]:
    """Kind -> how the commune stood, period by period, the oldest first."""
    return {
        kind: stands(
            visit.tx, slots_until(kind, visit.on), lambda day: visit.places.then(commune, day), visit.now
        )
        for kind in (*regular(), *OCCASIONAL)
    }
